//! Lesson 2's experiments: what is simulated for which controls, and the numbers that are read off them.

use crate::experiment::{Experiment, Outcome, SynapticEvent};
use crate::sim::NeuronParams;
use crate::web::lesson::stimulus::{SWEEP_MS, Shape, burst, cable, segment_at, sweep};
use crate::web::names::Stat;
use crate::web::settings::{Reading, Settings, highest, rise};

/// How long the effects of a burst are simulated, ms.
pub(in crate::web::lesson) const DRAG_MS: usize = 250;
/// The axis of voltages with spikes, mV.
pub(in crate::web::lesson) const VOLTAGE: (f64, f64) = (-90.0, 55.0);
/// The upper end of the axis where no voltage rises above the synapses' reversal potential, mV: small voltages can then
/// be seen.
const WITHOUT_SPIKE_MV: f64 = 0.0;
/// When the burst begins, ms.
pub(super) const DRAG_START_MS: usize = 40;
/// The two cells, as the lesson's markup names them.
pub(in crate::web::lesson) const SHAPES: [(&str, Shape); 2] =
    [("long", Shape::LongThin), ("short", Shape::ShortThick)];

/// The number of segments into which the cables are cut, 8 or 64.
pub(super) fn segments(settings: &impl Settings) -> usize {
    if settings.choice(choice!("seg")) == "64" { 64 } else { 8 }
}

/// The segment that the input reaches, from 0.
pub(super) fn place(settings: &impl Settings) -> usize {
    segment_at(settings.number(number!("at")) / 100.0, segments(settings))
}

/// The experiment with the burst on one of the two cells.
pub(in crate::web::lesson) fn dragged(settings: &impl Settings, shape: Shape) -> Experiment {
    let params = cable(shape, &settings.choice(choice!("rec")), segments(settings));
    dragged_on(params, settings.number(number!("at")) / 100.0, settings.number(number!("w")))
}

/// The experiment with a burst of inputs of this weight at a fraction of a cable, 0 at the soma and 1 at the tip.
pub(in crate::web::lesson) fn dragged_on(params: NeuronParams, at: f64, weight: f64) -> Experiment {
    let segments = params.num_segments;
    let events = burst(at, weight, DRAG_START_MS, segments);
    let watch = vec![segment_at(at, segments)];
    Experiment { watch, ..Experiment::of_events(params, DRAG_MS, events) }
}

/// The events of the sweep, at the interval and with the weight that the sliders say.
pub(super) fn sweep_events(settings: &impl Settings) -> Vec<SynapticEvent> {
    sweep(segments(settings), settings.number(number!("every")), settings.number(number!("sw")))
}

/// The neuron of the sweep.
pub(super) fn swept_neuron(settings: &impl Settings) -> NeuronParams {
    let cell = settings.choice(choice!("cell"));
    let shape = if cell == "short" { Shape::ShortThick } else { Shape::LongThin };
    cable(shape, &settings.choice(choice!("rec")), segments(settings))
}

/// The experiment with the sweep there and back.
pub(in crate::web::lesson) fn swept(settings: &impl Settings) -> Experiment {
    Experiment::of_events(swept_neuron(settings), SWEEP_MS, sweep_events(settings))
}

/// The voltage where the input arrives, at every step, mV.
pub(in crate::web::lesson) fn at_the_input(outcome: &Outcome) -> &[f64] {
    outcome.watched_mv.first().map_or(&[], |(_, mv)| mv)
}

/// The numbers of one cell in the table under the plot.
pub(in crate::web::lesson) fn of_drag(name: &str, outcome: &Outcome) -> [Reading; 3] {
    let names = [stat!("local-{}", name), stat!("soma-{}", name), stat!("fired-{}", name)];
    rises(names, outcome)
}

/// How far the voltages at synapse and soma rise above those before the burst, and the number of spikes.
pub(in crate::web::lesson) fn rises(
    [local, soma, fired]: [Stat; 3],
    outcome: &Outcome,
) -> [Reading; 3] {
    let start = (DRAG_START_MS as f64 / outcome.dt_ms) as usize;
    [
        Reading::new(local, rise(at_the_input(outcome), start), 1),
        Reading::new(soma, rise(&outcome.soma_mv, start), 1),
        Reading::new(fired, outcome.spikes_ms.len() as f64, 0),
    ]
}

/// The highest voltage of the soma and of each segment outwards from the burst on, mV.
pub(in crate::web::lesson) fn profile(outcome: &Outcome) -> Vec<f64> {
    let start = (DRAG_START_MS as f64 / outcome.dt_ms) as usize;
    let soma = highest(outcome.soma_mv.get(start..).unwrap_or_default());
    std::iter::once(soma).chain(outcome.dend_peaks_mv.iter().copied()).collect()
}

/// The axis of voltages for some outcomes, mV: it reaches as far as spikes only where a voltage rises above the
/// reversal.
pub(super) fn axis<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> (f64, f64) {
    let most = outcomes.into_iter().flat_map(profile).fold(f64::NEG_INFINITY, f64::max);
    (VOLTAGE.0, if most > WITHOUT_SPIKE_MV { VOLTAGE.1 } else { WITHOUT_SPIKE_MV })
}

/// The numbers under the sweep.
pub(in crate::web::lesson) fn of_sweep(outcome: &Outcome) -> Vec<Reading> {
    // the input is beyond two thirds of the cable in the middle third of the time
    let third = SWEEP_MS as f64 / 3.0;
    let far = outcome.spikes_ms.iter().filter(|t| (third..2.0 * third).contains(*t)).count();
    vec![
        Reading::new(stat!("sweep-spikes"), outcome.spikes_ms.len() as f64, 0),
        Reading::new(stat!("sweep-far"), far as f64, 0),
    ]
}
