//! The neurons and inputs of the first lessons.

use crate::data::input;
use crate::sim::{Channel, NeuronParams};
use crate::web::experiment::{SynapticEvent, events};

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
        match channel {
            // off in the published data sets, where a factor of its own scales it
            Channel::SkE2 => params.sk_e2_factor = if on(channel) { 1.0 } else { 0.0 },
            _ if !on(channel) => {
                params.channel_factors.insert(channel, 0.0);
            }
            _ => {}
        }
    }
    params
}

/// The channels as the published data sets have them.
pub(super) fn published(channel: Channel) -> bool {
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
    (0..3)
        .map(|n| SynapticEvent { segment, t_ms: start_ms + 4 * n, excitatory: true, weight })
        .collect()
}

/// Which segment a fraction of the cable is in.
pub(super) fn segment_at(at: f64, segments: usize) -> usize {
    ((at.clamp(0.0, 1.0) * segments as f64) as usize).min(segments - 1)
}

/// How long a sweep takes there and back, ms.
pub(super) const SWEEP_MS: usize = 1024;

/// The command line's `sweep:EVERY_MS,WEIGHT`, as events.
pub(super) fn sweep(segments: usize, every_ms: f64, weight: f64) -> Vec<SynapticEvent> {
    events(&input::sweep(segments, SWEEP_MS, every_ms, weight))
}

#[cfg(test)]
mod tests {
    //! What the lessons' text says happens, happens.

    use super::*;
    use crate::sim::CurrentClamp;
    use crate::web::experiment::{Experiment, Outcome, RateCurve};

    fn stepped(params: NeuronParams, amplitude_na: f64) -> Outcome {
        let clamp = CurrentClamp { start_ms: 100.0, duration_ms: 400.0, amplitude_na };
        let clamp = Some(clamp);
        let experiment =
            Experiment { params, duration_ms: 600, clamp, events: vec![], close_up: None };
        experiment.run().expect("a valid experiment")
    }

    fn without(channel: Channel) -> NeuronParams {
        soma(|c| published(c) && c != channel)
    }

    fn at_ms(outcome: &Outcome, t_ms: f64) -> f64 {
        outcome.soma_mv[(t_ms / outcome.dt_ms) as usize]
    }

    #[test]
    fn the_soma_does_what_lesson_1_says() {
        let spikes = |params| stepped(params, 0.15).spikes_ms.len();
        assert_eq!(spikes(soma(published)), 14);
        assert_eq!(spikes(soma(|_| true)), 4, "SK_E2");
        assert_eq!(spikes(without(Channel::NaTa)), 13, "one fast sodium is enough");
        assert_eq!(spikes(without(Channel::NaTs2)), 14);
        let sodium = [Channel::NaTa, Channel::NaTs2];
        assert_eq!(spikes(soma(|c| published(c) && !sodium.contains(&c))), 0, "none is not");
        assert_eq!(spikes(without(Channel::KPst)), 31, "the brake");
        assert_eq!(spikes(without(Channel::KTst)), 14);
        let stuck = stepped(without(Channel::Skv31), 0.15);
        assert_eq!(stuck.spikes_ms.len(), 1);
        assert!((at_ms(&stuck, 400.0) + 20.0).abs() < 5.0, "{}", at_ms(&stuck, 400.0));
        let rest = at_ms(&stepped(soma(published), 0.0), 95.0);
        assert!((rest + 82.6).abs() < 0.1, "{rest}");
        let rest = at_ms(&stepped(without(Channel::Ih), 0.0), 95.0);
        assert!((rest + 85.0).abs() < 0.1, "{rest}");
    }

    #[test]
    fn the_rate_curve_bends_as_lesson_1_says() {
        let rate = |on: fn(Channel) -> bool, amplitude| {
            let curve = RateCurve { params: soma(on), amplitudes_na: vec![], duration_ms: 1000 };
            curve.rate_hz(amplitude).expect("a valid experiment")
        };
        assert_eq!([0.02, 0.1, 0.2].map(|amplitude| rate(published, amplitude)), [0.0, 29.0, 39.0]);
        assert!(
            (3.5..5.0).contains(&(rate(published, 0.2) / rate(|_| true, 0.2))),
            "about a quarter"
        );
    }

    fn swept(shape: Shape, receptors: &str) -> Outcome {
        let params = cable(shape, receptors, 8);
        let events = sweep(8, 16.0, 15.0);
        Experiment { params, duration_ms: 1024, clamp: None, events, close_up: None }
            .run()
            .expect("a valid experiment")
    }

    #[test]
    fn the_dendrites_do_what_lesson_2_says() {
        let long = swept(Shape::LongThin, "human");
        let short = swept(Shape::ShortThick, "human");
        assert!(long.spikes_ms.iter().all(|t| !(400.0..800.0).contains(t)), "silent while far");
        assert!(short.spikes_ms.iter().any(|t| (400.0..800.0).contains(t)));
        let tip = |shape| {
            let events = burst(1.0, 2.5, 40, 8);
            let params = cable(shape, "human", 8);
            let tip = Experiment { params, duration_ms: 100, clamp: None, events, close_up: None };
            let outcome = tip.run().expect("a valid experiment");
            assert!(outcome.spikes_ms.is_empty());
            outcome.dend_mv[7 * 101..].iter().copied().fold(f64::NEG_INFINITY, f64::max)
        };
        assert!(tip(Shape::LongThin) > tip(Shape::ShortThick) + 10.0, "the thin tip goes higher");
        let reach = |receptors| swept(Shape::LongThin, receptors).spikes_ms.len();
        assert!(reach("human") > reach("ampa"), "human NMDA reaches further");
    }

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
