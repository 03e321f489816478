//! The judging of a twin on a whole set of simulations.

use std::borrow::Borrow;

use super::evaluate::{Judged, judge};
use crate::data::sample::Sample;
use crate::twin::job::Job;
use crate::twin::ops::backend::TrainBackend;
use crate::twin::train::TrainError;
use crate::twin::weights::{Checkpoint, StateError};

/// The judging of a twin on `count` simulations, one after the other.
#[derive(Debug)]
pub struct JudgeSet<'a, F, C> {
    /// The twin to be judged.
    pub checkpoint: &'a Checkpoint,
    /// Number of simulations.
    pub count: usize,
    /// Fetches a simulation by its number. A front reports the progress in it; an error ends the judging.
    pub fetch: F,
    /// Returns the seconds of any clock.
    pub seconds: C,
}

/// The error of a set that cannot be judged.
#[derive(Debug)]
pub enum JudgeError<E> {
    /// The checkpoint's weights do not fit its configuration.
    Twin(StateError),
    /// A simulation does not fit the twin, or the device fails.
    Judge(TrainError),
    /// A simulation cannot be fetched.
    Fetch(E),
}

impl<F, C, S, E> Job for JudgeSet<'_, F, C>
where
    F: AsyncFnMut(usize) -> Result<S, E>,
    S: Borrow<Sample>,
    C: Fn() -> f64,
{
    /// The truth and prediction of every simulation, and the time that predicting took, s.
    type Output = Result<(Vec<Judged>, f64), JudgeError<E>>;

    async fn run<B: TrainBackend>(mut self, device: &B::Device) -> Self::Output {
        let twin = self.checkpoint.twin::<B::InnerBackend>(device).map_err(JudgeError::Twin)?;
        let header = &self.checkpoint.header;
        let segments = header.config.ports().in_spatial_dim;
        let (mut judged, mut predicting) = (Vec::with_capacity(self.count), 0.0);
        for index in 0..self.count {
            let sample = (self.fetch)(index).await.map_err(JudgeError::Fetch)?;
            let start = (self.seconds)();
            let one = judge(&twin, sample.borrow(), index, segments, &header.scaling, device).await;
            judged.push(one.map_err(JudgeError::Judge)?);
            predicting += (self.seconds)() - start;
        }
        Ok((judged, predicting))
    }
}
