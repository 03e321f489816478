//! Taylor consistency: pairs of simulations, and the losses of a response.

use ballstick::data::manifest::{Counts, Partners};
use ballstick::data::perturb::PerturbParams;
use ballstick::data::{GeneratorConfig, Manifest, Sample, Split};
use ballstick::sim::NeuronParams;
use ballstick::sim::batch::Method;
use ballstick::twin::batch::{Batch, epoch_plan};
use ballstick::twin::config::TwinConfig;
use ballstick::twin::heads::Outputs;
use ballstick::twin::loss::losses;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::taylor::{TaylorForm, finite_losses, forward};
use burn::backend::Flex;
use burn::prelude::*;

use crate::recorded::difference::max_abs_difference;

const DURATION: usize = 600;

fn plan() -> Manifest {
    let neuron = NeuronParams::preset("ampa-point").unwrap().into();
    let counts = Counts { train: 12, valid: 0, test: 0 };
    Manifest::plan(&neuron, &GeneratorConfig::default(), 4, Method::Exact, DURATION, counts)
}

/// A simulation and its partner.
fn pair(index: u64) -> [Sample; 2] {
    let base = plan();
    let partner = base.perturbed(0, &PerturbParams::default());
    [base, partner].map(|plan| {
        let inputs = plan.inputs(Split::Train, index).unwrap();
        let targets = plan.neuron.simulate(&inputs).unwrap();
        Sample::new(&inputs, targets)
    })
}

#[test]
fn partners_differ_only_within_a_short_stretch_and_answer_only_after_it() {
    let params = PerturbParams::default();
    for index in 0..12 {
        let [base, partner] = pair(index);
        let perturbed = base.perturbed_ms(&partner, 0).unwrap();
        assert!(perturbed.len() <= params.window_ms, "{perturbed:?}");
        let first = (0..DURATION).find(|&t| {
            base.targets.dend_v.column(t) != partner.targets.dend_v.column(t)
                || base.targets.soma_v[t] != partner.targets.soma_v[t]
        });
        assert!(first.is_none_or(|t| t >= perturbed.start), "{first:?} {perturbed:?}");
    }
    let again = plan().perturbed(0, &params);
    assert_eq!(again.partners, Some(Partners { k: 0, params: params.clone() }));
    assert_eq!(Manifest::from_json(&again.to_json()).unwrap(), again);
    let other = plan().perturbed(1, &params).inputs(Split::Train, 3).unwrap();
    assert_ne!(again.inputs(Split::Train, 3).unwrap(), other);
    assert!(!plan().to_json().contains("partners"), "a plain data set is as it was");
}

#[test]
fn a_batch_of_pairs_holds_every_perturbation() {
    let pairs: Vec<[Sample; 2]> = (0..12).map(pair).collect();
    for epoch in 0..4 {
        for windows in epoch_plan(7, epoch, 12, 4, 200) {
            let samples: Vec<_> = windows.iter().map(|&w| (w, pairs[w.index].each_ref())).collect();
            let batch = Batch::pairs(&samples, &Scaling::default(), 8).unwrap();
            let partner = batch.partner.as_ref().unwrap();
            assert_eq!(partner.y.len(), batch.y.len());
            let one = batch.x.len() / batch.size;
            for (i, window) in windows.iter().enumerate() {
                let part = i * one..(i + 1) * one;
                let (x, y) = (&batch.x[part.clone()], &partner.x[part]);
                let [base, other] = &pairs[window.index];
                let all = base.inputs.iter().zip(&other.inputs).filter(|(a, b)| a != b).count();
                assert_eq!(x.iter().zip(y).filter(|(a, b)| a != b).count(), all);
            }
        }
    }
    let same = [(windows(0), [&pairs[0][0], &pairs[0][0]])];
    let error = Batch::pairs(&same, &Scaling::default(), 8).unwrap_err().to_string();
    assert!(error.contains("partner of simulation 0"), "{error}");
}

fn windows(index: usize) -> ballstick::twin::batch::Window {
    ballstick::twin::batch::Window::centred(index, 100)
}

fn random(seed: u64, dims: [usize; 3]) -> (Outputs<Flex>, Vec<f64>) {
    let mut state = seed;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let values: Vec<f32> = (0..dims.iter().product()).map(|_| next()).collect();
    let wide = values.iter().map(|&v| f64::from(v)).collect();
    (Outputs { all: Tensor::from_data(TensorData::new(values, dims), &Default::default()) }, wide)
}

/// Against the definition, in double precision; a sum of 60 single-precision numbers is good to 1e-5.
#[test]
fn the_losses_of_a_finite_response_are_as_defined() {
    let [batch, channels, time] = [2, 6, 5];
    let made: Vec<_> = (1..5).map(|seed| random(seed, [batch, channels, time])).collect();
    let [(f, a), (g, b), (y, c), (z, d)] = &made[..] else { unreachable!() };
    let found = finite_losses([f, g], [y, z]).into_data().into_vec::<f32>().unwrap();
    let sigma = |x: f64| 1.0 / (1.0 + (-x).exp());
    for (head, range) in [0..1, 1..2, 2..3, 3..4, 4..channels].into_iter().enumerate() {
        let (mut sum, mut n) = (0.0, 0.0);
        for i in 0..batch {
            for channel in range.clone() {
                for t in 0..time {
                    let at = (i * channels + channel) * time + t;
                    let truth = d[at] - c[at];
                    sum += match head {
                        0 | 2 => (sigma(b[at]) - sigma(a[at]) - truth).powi(2),
                        3 => (b[at] - a[at] - truth).powi(2),
                        _ => (b[at] - a[at] - truth).abs(),
                    };
                    n += 1.0;
                }
            }
        }
        assert!((f64::from(found[head]) - sum / n).abs() < 1e-5, "{head}: {found:?} {}", sum / n);
    }
}

/// Without a perturbation the twin is asked for its ordinary answer; and for a small one, the derivative predicts the
/// twin's answer to x+δ: the two forms judge the same response.
#[test]
fn the_directional_form_extends_the_ordinary_losses() {
    let device = Default::default();
    let config = TwinConfig::default_of("elm".parse().unwrap()).with_segments(4);
    let twin = config.init::<Flex>(3, &device);
    let input = |seed| random(seed, [2, 8, 50]).0.all.reshape([2, 2, 4, 50]);
    let x: Tensor<Flex, 4> = input(9);
    let targets = random(11, [2, 8, 50]).0;
    let close = |a: &Tensor<Flex, 1>, b: &Tensor<Flex, 1>| {
        let [a, b] = [a, b].map(|t| t.to_data().into_vec::<f32>().unwrap());
        // off by the response's curvature, and by rounding over 2h = 0.2
        assert!(max_abs_difference(&a, &b) < 1e-3, "{a:?} {b:?}");
    };
    let both = [&targets, &targets];
    let (outputs, same) = forward(&twin, [x.clone(), x.clone()], both, TaylorForm::Directional);
    close(&same, &losses(&outputs, &targets));
    let near = x.clone() + (input(10) - 0.5) * 0.01;
    let (_, extended) = forward(&twin, [x, near.clone()], both, TaylorForm::Directional);
    close(&extended, &losses(&twin.forward(near), &targets));
}
