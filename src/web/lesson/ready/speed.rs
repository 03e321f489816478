//! How fast a device trains one of the assignment's twins, and how far that goes.

use crate::text::{self, noun};
use crate::twin::config::{TcnConfig, TwinConfig, TwinKind};
use crate::twin::forecast::{self, Budget};
use crate::web::plot::scale;
use crate::web::trainer::protocol::Device;
use std::collections::BTreeMap;

/// Measured training steps a second, by device and configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Speeds(pub(super) BTreeMap<(Device, char), f64>);

impl Speeds {
    /// Milliseconds of simulation that are trained on in a second; `None` where the speed was not measured.
    pub(super) fn of(&self, device: Device, letter: char) -> Option<f64> {
        let recipe = Budget::Two.recipe(TwinKind::Tcn);
        self.0.get(&(device, letter)).map(|steps| steps * forecast::step_ms(&recipe))
    }
}

/// Numbers of train and validation simulations that the table of budgets supposes.
pub(in crate::web::lesson) const SUPPOSED: [usize; 2] = [96, 8];

/// How long the neuron is simulated for its speed, ms.
pub(in crate::web::lesson) const SIMULATED_MS: usize = 8192;

/// How many training steps two minutes are, validations included, as the table of budgets says it.
pub(super) fn two_minutes(speed: f64) -> String {
    let plan = forecast::plan(Budget::Two, TwinKind::Tcn, SUPPOSED, Some(speed));
    format!("{} {}", text::grouped(plan.steps), noun(plan.steps, "step"))
}

/// Steps a second in words, with two decimals below 10.
pub(super) fn rate(steps: f64) -> String {
    scale::fixed(steps, if steps < 10.0 { 2 } else { 0 })
}

/// The configuration of one of the assignment's twins, on eight segments.
pub(super) fn twin(letter: char) -> TwinConfig {
    TwinConfig::Tcn(TcnConfig::assignment(letter, 8).unwrap_or_default())
}
