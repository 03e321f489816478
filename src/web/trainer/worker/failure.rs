//! What ends a training before its end.

use crate::twin::train::TrainError;
use crate::twin::weights::StateError;
use crate::web::port::PortError;

/// Why a training ended before its end.
pub(super) enum Failure {
    /// A fault that a learner can mend; the text says how.
    Fault(String),
    /// The graphics device failed, and the text says how: the training can go on elsewhere.
    Device(String),
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Device(_) => Self::Device(format!("The graphics device failed: {error}.")),
            other => Self::Fault(format!("{other}.")),
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Read(..) => Self::Device(format!("The graphics device failed: {error}.")),
            other => Self::Fault(other.to_string()),
        }
    }
}
