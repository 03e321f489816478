//! The neurons and inputs of the first lessons.

use crate::data::input;
use crate::experiment::{SynapticEvent, events};
use crate::sim::{Channel, NeuronParams};

/// The neuron of the lesson on the soma: a short thick dendrite of one segment, and the channels
/// that `on` names.
pub(super) fn soma(on: impl Fn(Channel) -> bool) -> NeuronParams {
    let mut params = NeuronParams {
        num_segments: 1,
        dend_length_um: 128.0,
        dend_diam_um: 4.0,
        g_max_nmda: 0.0,
        gamma_nmda: 0.062,
        ..NeuronParams::default()
    };
    for channel in Channel::ALL {
        if channel == Channel::SkE2 {
            // off in the data sets of SelfishGene/tutorial_NEURON_pytorch, whose factor of its own scales it
            params.sk_e2_factor = if on(channel) { 1.0 } else { 0.0 };
        } else if !on(channel) {
            params.channel_factors.insert(channel, 0.0);
        }
    }
    params
}

/// The channels that are on in the parameter set of SelfishGene/tutorial_NEURON_pytorch and its data sets.
pub(super) fn by_default(channel: Channel) -> bool {
    channel != Channel::SkE2
}

/// The two shapes of the lesson on the dendrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// 2048 × 1 µm, 3.55 length constants.
    LongThin,
    /// 128 × 4 µm, 0.11 length constants.
    ShortThick,
}

/// A shape with the synapses that a choice of the lesson names: `ampa`, `rodent` or `human`.
pub(super) fn cable(shape: Shape, receptors: &str, num_segments: usize) -> NeuronParams {
    let (dend_length_um, dend_diam_um) = match shape {
        Shape::LongThin => (2048.0, 1.0),
        Shape::ShortThick => (128.0, 4.0),
    };
    let (g_max_nmda, gamma_nmda) = match receptors {
        "ampa" => (0.0, 0.062),
        "rodent" => (0.0004, 0.062),
        _ => (0.0008, 0.08),
    };
    let base = NeuronParams::default();
    NeuronParams { num_segments, dend_length_um, dend_diam_um, g_max_nmda, gamma_nmda, ..base }
}

/// A burst of three excitatory events 4 ms apart at a fraction of the cable.
pub(super) fn burst(at: f64, weight: f64, start_ms: usize, segments: usize) -> Vec<SynapticEvent> {
    let segment = segment_at(at, segments);
    (0..3).map(|n| SynapticEvent::excitatory(segment, start_ms + 4 * n, weight)).collect()
}

/// The segment that a fraction of the cable (0 at the soma, 1 at the tip) is in, from 0.
pub(super) fn segment_at(at: f64, segments: usize) -> usize {
    ((at.clamp(0.0, 1.0) * segments as f64) as usize).min(segments - 1)
}

/// How long a sweep takes there and back, ms.
pub(super) const SWEEP_MS: usize = 1024;

/// The events of the command line's input `sweep:EVERY_MS,WEIGHT`.
pub(super) fn sweep(segments: usize, every_ms: f64, weight: f64) -> Vec<SynapticEvent> {
    events(&input::sweep(segments, SWEEP_MS, every_ms, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_has_as_many_events_with_64_segments() {
        let (eight, many) = (sweep(8, 16.0, 1.0), sweep(64, 16.0, 1.0));
        assert_eq!(eight.len(), many.len());
        assert!(many.iter().any(|e| e.segment == 63));
        let mut places: Vec<_> = many.iter().map(|e| (e.segment / 8, e.t_ms)).collect();
        places.sort_unstable();
        assert!(eight.iter().map(|e| (e.segment, e.t_ms)).eq(places));
    }
}
