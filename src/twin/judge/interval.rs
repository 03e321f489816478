//! The uncertainty of an AUC and of a true-positive rate, by resampling whole simulations (Efron 1979, Annals of
//! Statistics 7:1). The intervals cover the choice of the test simulations, and not the seed of the training.

use super::metrics::WANTED_FPR;
use super::predict::Judged;

/// Number of resamplings of the test set.
pub const RESAMPLES: usize = 200;

/// One ms of a simulation: its score, the simulation's number, and whether the neuron has a spike in it.
struct Point {
    score: f32,
    simulation: usize,
    spike: bool,
}

/// 95% intervals of two metrics.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Interval of the area under the spikes' ROC curve.
    pub auc: (f64, f64),
    /// Interval of the true-positive rate at the false-positive rate nearest [`WANTED_FPR`], whose threshold is chosen
    /// anew in each resampling.
    pub tpr: (f64, f64),
}

/// The 95% interval of the spikes' AUC by resampling whole simulations; NaN where no resampling has both spikes and
/// silence.
pub fn auc_interval(judged: &[Judged]) -> (f64, f64) {
    intervals(judged).auc
}

/// The 95% intervals by resampling whole simulations; NaN where no resampling has both spikes and silence.
pub fn intervals(judged: &[Judged]) -> Intervals {
    let points = points(judged);
    let (areas, rates) =
        draws(judged.len()).map(|times| (area(&points, &times), rate(&points, &times))).unzip();
    Intervals { auc: middle(areas), tpr: middle(rates) }
}

/// The AUC of each of the [`RESAMPLES`] resamplings, NaN where one lacks spikes or silence. The simulations in a
/// resampling depend on their number alone, so that two twins judged on the same simulations can be compared resampling
/// by resampling.
pub fn resampled_aucs(judged: &[Judged]) -> Vec<f64> {
    let points = points(judged);
    draws(judged.len()).map(|times| area(&points, &times)).collect()
}

/// For each resampling the number of times that it holds each of `n` simulations.
fn draws(n: usize) -> impl Iterator<Item = Vec<u64>> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = move |n: usize| {
        // xorshift64* (Vigna 2016)
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        ((state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % n
    };
    (0..RESAMPLES).map(move |_| {
        let mut times = vec![0u64; n];
        (0..n).for_each(|_| times[next(n)] += 1);
        times
    })
}

/// The range of the finite values without the lowest and the highest fortieth; NaN without such values.
pub(super) fn middle(mut values: Vec<f64>) -> (f64, f64) {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => (f64::NAN, f64::NAN),
        some => (some[some.len() * 25 / 1000], some[some.len() * 975 / 1000]),
    }
}

/// All ms by falling score. Of large sets it keeps every ms with a spike and of the others every `step`-th one, which
/// suffices for an interval.
fn points(judged: &[Judged]) -> Vec<Point> {
    let total: usize = judged.iter().map(|j| j.spikes.len()).sum();
    let step = (total / 400_000).max(1);
    let of = |(simulation, j): (usize, &Judged)| -> Vec<Point> {
        let kept = (0..j.spikes.len()).filter(|&i| j.spikes[i] || i.is_multiple_of(step));
        let point = |i| Point { score: j.spikes_predicted[i], simulation, spike: j.spikes[i] };
        kept.map(point).collect()
    };
    let mut points: Vec<Point> = judged.iter().enumerate().flat_map(of).collect();
    points.sort_unstable_by(|a, b| b.score.total_cmp(&a.score));
    points
}

/// The area under the ROC curve in which each simulation counts `times` times; NaN unless there are positives and
/// negatives.
fn area(points: &[Point], times: &[u64]) -> f64 {
    let (mut fp, mut tp, mut twice) = (0u64, 0u64, 0u64);
    for equal in points.chunk_by(|a, b| a.score == b.score) {
        let (mut negatives, mut positives) = (0, 0);
        for point in equal {
            let times = times[point.simulation];
            *(if point.spike { &mut positives } else { &mut negatives }) += times;
        }
        twice += negatives * (2 * tp + positives);
        fp += negatives;
        tp += positives;
    }
    twice as f64 / 2.0 / (fp as f64 * tp as f64)
}

/// The true-positive rate at the false-positive rate nearest [`WANTED_FPR`], where each simulation counts `times`
/// times; NaN unless there are positives and negatives.
fn rate(points: &[Point], times: &[u64]) -> f64 {
    let total = |of: bool| -> u64 {
        let these = points.iter().filter(|point| point.spike == of);
        these.map(|point| times[point.simulation]).sum()
    };
    let (positives, negatives) = (total(true) as f64, total(false) as f64);
    let mut best = (f64::INFINITY, f64::NAN);
    // of collinear points only the first and the last are points of the curve, as in `roc`
    let (mut last, mut step): (Option<[u64; 2]>, Option<[u64; 2]>) = (None, None);
    let mut offer = |[fp, tp]: [u64; 2]| {
        let fpr = fp as f64 / negatives;
        // of equally near points the first
        if (fpr - WANTED_FPR).abs() < best.0 {
            best = ((fpr - WANTED_FPR).abs(), tp as f64 / positives);
        }
        fpr < 2.0 * WANTED_FPR
    };
    let mut at = [0u64; 2];
    for equal in points.chunk_by(|a, b| a.score == b.score) {
        let before = at;
        for point in equal {
            at[usize::from(point.spike)] += times[point.simulation];
        }
        if at == before {
            continue;
        }
        let this = [at[0] - before[0], at[1] - before[1]];
        let bends = step.is_none_or(|step| step != this);
        if let Some(last) = last
            && bends
            && !offer(last)
        {
            return best.1;
        }
        step = last.map(|_| this);
        last = Some(at);
    }
    last.inspect(|last| {
        offer(*last);
    });
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::judge::metrics::roc;

    fn judged(seed: u32) -> Judged {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let pairs = (0..300).map(|_| {
            let spike = next() % 10 == 0;
            (spike, ((next() % 64) + if spike { 30 } else { 0 }) as f32 / 94.0)
        });
        let (spikes, spikes_predicted) = pairs.unzip();
        Judged { spikes, spikes_predicted, ..Judged::default() }
    }

    /// With ties: compared with the curve of the simulations repeated as often as they count.
    #[test]
    fn the_area_is_that_of_the_curve() {
        let judged: Vec<Judged> = (1..5).map(judged).collect();
        let points = points(&judged);
        for times in [[1, 1, 1, 1], [3, 0, 1, 0], [0, 0, 4, 0]] {
            let (mut labels, mut scores) = (Vec::new(), Vec::new());
            for (j, &n) in judged.iter().zip(&times) {
                for _ in 0..n {
                    labels.extend_from_slice(&j.spikes);
                    scores.extend_from_slice(&j.spikes_predicted);
                }
            }
            // both are sums of 1200 rounded terms
            let curve = roc(&labels, &scores);
            assert!((area(&points, &times) - curve.auc).abs() < 1e-12);
            assert!((rate(&points, &times) - curve.at_fpr(WANTED_FPR).1).abs() < 1e-12);
        }
    }

    #[test]
    fn the_interval_holds_the_area() {
        let judged: Vec<Judged> = (1..9).map(judged).collect();
        let (low, high) = auc_interval(&judged);
        let whole = area(&points(&judged), &[1; 8]);
        assert!(low < whole && whole < high && high - low < 0.1, "{low} {whole} {high}");
        let (low, high) = intervals(&judged).tpr;
        let whole = rate(&points(&judged), &[1; 8]);
        assert!(low <= whole && whole <= high && low < high, "{low} {whole} {high}");
        let silent =
            Judged { spikes: vec![false; 9], spikes_predicted: vec![0.5; 9], ..Judged::default() };
        assert!(auc_interval(&[silent]).0.is_nan() && auc_interval(&[]).1.is_nan());
    }
}
