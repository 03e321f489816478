//! Lesson 1's current step: what is simulated for which controls, and the numbers that are read off it.

use crate::experiment::{CloseUp, Experiment, Outcome, RateCurve};
use crate::sim::{Channel, CurrentClamp, NeuronParams};
use crate::web::lesson::stimulus;
use crate::web::settings::{Reading, Settings, highest, lowest};

/// How much is simulated, ms.
pub(in crate::web::lesson) const DURATION_MS: usize = 1024;
/// When the step begins, ms.
pub(in crate::web::lesson) const START_MS: f64 = 100.0;
/// The voltages that a cell stays within, mV: the axis, unless the voltage leaves it.
pub(in crate::web::lesson) const VOLTAGE: (f64, f64) = (-100.0, 60.0);
/// From rest to where the neuron with its default channels fires at 50 Hz: lowest, highest (nA), how many.
const AMPLITUDES_NA: (f64, f64, usize) = (0.0, 0.5, 26);

/// The neuron with the channels that are switched on.
pub(in crate::web::lesson) fn params(settings: &impl Settings) -> NeuronParams {
    stimulus::soma(|channel: Channel| settings.on(switch!("{}", channel.name())))
}

/// The step of current that the controls ask for.
pub(in crate::web::lesson) fn clamp(settings: &impl Settings) -> CurrentClamp {
    CurrentClamp {
        start_ms: START_MS,
        duration_ms: settings.number(number!("dur")),
        amplitude_na: settings.number(number!("amp")),
    }
}

/// The window that is opened around the spike that the controls name.
fn close_up(settings: &impl Settings) -> CloseUp {
    CloseUp {
        spike: settings.whole(number!("spike")).saturating_sub(1),
        without_spike_ms: START_MS + 5.0,
        before_ms: 3.0,
        after_ms: settings.number(number!("window")) - 3.0,
    }
}

/// The experiment: the step into a neuron; `opened` also records every channel around the chosen spike.
pub(in crate::web::lesson) fn experiment(
    settings: &impl Settings,
    params: NeuronParams,
    opened: bool,
) -> Experiment {
    Experiment {
        params,
        duration_ms: DURATION_MS,
        clamp: Some(clamp(settings)),
        events: Vec::new(),
        close_up: opened.then(|| close_up(settings)),
        watch: Vec::new(),
    }
}

/// The rate curve of a neuron.
pub(in crate::web::lesson) fn curve(params: NeuronParams) -> RateCurve {
    let (low, high, count) = AMPLITUDES_NA;
    let step = (high - low) / (count - 1) as f64;
    let amplitudes_na = (0..count).map(|k| low + k as f64 * step).collect();
    RateCurve { params, amplitudes_na, duration_ms: 1000 }
}

/// The numbers under the plot, read off the outcome of the step.
pub(in crate::web::lesson) fn readings(outcome: &Outcome, clamp: CurrentClamp) -> Vec<Reading> {
    let at = |t_ms: f64| outcome.soma_mv.get((t_ms / outcome.dt_ms) as usize).copied();
    let end_ms = clamp.start_ms + clamp.duration_ms;
    let during = outcome.spikes_ms.iter().filter(|t| (clamp.start_ms..=end_ms).contains(*t));
    let intervals: Vec<f64> = outcome.spikes_ms.windows(2).map(|w| w[1] - w[0]).collect();
    let mean_interval = intervals.iter().sum::<f64>() / intervals.len() as f64;
    let latency = outcome.spikes_ms.first().map_or(f64::NAN, |t| t - clamp.start_ms);
    vec![
        Reading::new(stat!("spikes"), outcome.spikes_ms.len() as f64, 0),
        Reading::new(stat!("rate"), 1000.0 * during.count() as f64 / clamp.duration_ms, 1),
        Reading::new(stat!("latency"), latency, 2),
        Reading::new(stat!("interval"), mean_interval, 2),
        Reading::new(stat!("rest"), at(clamp.start_ms - 1.0).unwrap_or(f64::NAN), 2),
        Reading::new(stat!("peak"), highest(&outcome.soma_mv), 2),
        Reading::new(stat!("low"), lowest(&outcome.soma_mv), 2),
    ]
}

/// Whether the soma's voltage stays within [`VOLTAGE`], where a cell can live.
pub(in crate::web::lesson) fn is_a_cell(outcome: &Outcome) -> bool {
    lowest(&outcome.soma_mv) >= VOLTAGE.0 && highest(&outcome.soma_mv) <= VOLTAGE.1
}

/// The axis of voltages: a cell's, and further where the voltage goes further.
pub(super) fn axis<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> (f64, f64) {
    outcomes.into_iter().fold(VOLTAGE, |(low, high), outcome| {
        let down = (lowest(&outcome.soma_mv) / 20.0).floor() * 20.0;
        let up = (highest(&outcome.soma_mv) / 20.0).ceil() * 20.0;
        (low.min(down), high.max(up))
    })
}
