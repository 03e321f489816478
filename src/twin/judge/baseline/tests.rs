use ::half::f16;
use ndarray::{Array1, Array2, Array3};

use super::*;
use crate::data::target::Targets;

/// A simulation of random inputs whose spikes follow their sum through a filter of 30 ms, so that they are predictable.
fn sample(seed: u32, segments: usize, ms: usize) -> Sample {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1u32 << 24)
    };
    let mut inputs = Array3::from_elem((segments, ms, 2), f16::ZERO);
    for value in &mut inputs {
        if next() < 0.05 {
            *value = f16::from_f64(4.0 * next());
        }
    }
    let mut drive = 0.0;
    let spikes: Array1<bool> = (0..ms)
        .map(|t| {
            let sum =
                |kind: usize| (0..segments).map(|s| inputs[(s, t, kind)].to_f64()).sum::<f64>();
            drive = drive * libm::exp(-1.0 / 30.0) + sum(0) - sum(1);
            next() < 1.0 / (1.0 + libm::exp(4.0 - drive))
        })
        .collect();
    let targets = Targets {
        spikes,
        soma_v: Array1::zeros(ms),
        near_spike: Array1::from_elem(ms, false),
        inst_rate: Array1::zeros(ms),
        dend_v: Array2::from_elem((segments, ms), f16::ZERO),
    };
    Sample { inputs, targets }
}

fn learnt(simulations: u32) -> Logistic {
    let mut learner = Learner::new(2);
    for seed in 0..simulations {
        learner.add(&sample(seed, 2, 600), seed as usize).unwrap();
    }
    learner.fit().unwrap()
}

#[test]
fn the_filter_is_the_sum_of_faded_inputs() {
    let sample = sample(3, 2, 80);
    let (from, length) = (20, 50);
    for (k, score) in filter_scores(&sample, from, length).iter().enumerate() {
        let mut want = 0.0;
        for t in from..=from + k {
            let faded = libm::exp(-((from + k - t) as f64) / TAU_MS);
            for s in 0..2 {
                want +=
                    faded * (sample.inputs[(s, t, 0)].to_f64() - sample.inputs[(s, t, 1)].to_f64());
            }
        }
        // single precision keeps seven digits of a few tens
        assert!((f64::from(*score) - want).abs() < 1e-5, "{k}: {score} {want}");
    }
}

#[test]
fn the_regression_is_where_its_gradient_vanishes() {
    let logistic = learnt(6);
    let mut learner = Learner::new(2);
    for seed in 0..6 {
        learner.add(&sample(seed, 2, 600), 0).unwrap();
    }
    // the penalty is on standardised inputs, so that the fit's slopes are first standardised again
    let (mean, deviation) = learner.standardise();
    let mut weights = logistic.weights.clone();
    let columns = mean.len();
    for column in 0..columns {
        weights[columns] += weights[column] * mean[column];
        weights[column] *= deviation[column];
    }
    let (gradient, _) = learner.slope(&weights);
    // the sum of 3,600 ms, each of which adds at most 1
    assert!(gradient.iter().all(|g| g.abs() < 1e-3), "{gradient:?}");
    assert_eq!(logistic, learnt(6), "the same simulations give the same regression");
}

#[test]
fn what_can_be_foretold_is_foretold() {
    let logistic = learnt(12);
    let mut both: [Vec<Judged>; 2] = Default::default();
    for seed in 100..112 {
        let sample = sample(seed, 2, 600);
        let judged = judge(&sample, 0, Some(&logistic)).unwrap();
        assert_eq!((judged[0].from_ms, judged[0].spikes.len()), (16, 568));
        for (all, one) in both.iter_mut().zip(judged) {
            all.push(one);
        }
    }
    let [filter, regression] =
        [Kind::Filter, Kind::Logistic].map(|kind| Baseline::new(kind, 2, 12, &both[kind as usize]));
    assert!(filter.auc > 0.7 && regression.auc > filter.auc, "{} {}", filter.auc, regression.auc);
    assert_eq!((filter.parameters, regression.parameters), (0, 17));
    let row = regression.row("n");
    assert_eq!((row.config.as_str(), row.train_simulations), ("logistic", Some(12)));
    // calibrated probabilities: their mean is the rate of spikes within a tenth
    let sums = |of: &dyn Fn(&Judged) -> f64| both[1].iter().map(of).sum::<f64>();
    let predicted = sums(&|j| j.spikes_predicted.iter().map(|&p| f64::from(p)).sum());
    let actual = sums(&|j| j.spikes.iter().filter(|s| **s).count() as f64);
    assert!((predicted / actual - 1.0).abs() < 0.1, "{predicted} {actual}");
}

#[test]
fn what_cannot_be_learnt_is_said() {
    let mut silent = sample(1, 2, 100);
    silent.targets.spikes.fill(false);
    let mut learner = Learner::new(2);
    learner.add(&silent, 0).unwrap();
    assert!(learner.clone().fit().unwrap_err().contains("spikes"));
    assert!(learner.add(&sample(1, 3, 100), 4).unwrap_err().to_string().contains("simulation 4"));
    assert!(Learner::new(2).fit().is_err());
    assert_eq!(learns_from(3).collect::<Vec<_>>(), [0, 1, 2]);
    let many: Vec<usize> = learns_from(1000).collect();
    assert_eq!((many.len(), many[0], many[199]), (LEARNS_FROM, 0, 995));
    assert_eq!(learns_from(0).count(), 0);
}
