//! Metrics of a twin, by scikit-learn's definitions.

use serde::Serialize;

use super::thresholds::{OperatingPoint, Thresholds};

/// The false-positive rate at which the true-positive rate is given.
pub const WANTED_FPR: f64 = 0.002;

/// The points of a receiver operating characteristic (ROC), by falling threshold; at the first, above all scores,
/// nothing is predicted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roc {
    /// False-positive rate of each point.
    pub fpr: Vec<f64>,
    /// True-positive rate of each point.
    pub tpr: Vec<f64>,
    /// Threshold and counts of each point.
    pub points: Vec<OperatingPoint>,
    /// Area under the curve; NaN unless there are positives and negatives.
    pub auc: f64,
}

/// The ROC of `sklearn.metrics.roc_curve` and `auc`; interior points of straight lines are left out, as in
/// scikit-learn.
pub fn roc(labels: &[bool], scores: &[f32]) -> Roc {
    roc_of(&Thresholds::new(labels, scores))
}

/// [`roc`] of counts at every threshold.
pub fn roc_of(all: &Thresholds) -> Roc {
    let n = all.len();
    let found = |i: usize| {
        let point = all.point(i);
        [point.false_alarms, point.hits]
    };
    let bends = |i: usize, k: usize| found(i + 1)[k] - found(i)[k] != found(i)[k] - found(i - 1)[k];
    let keep = |i: &usize| *i == 0 || *i + 1 >= n || bends(*i, 0) || bends(*i, 1);
    let kept = (0..n).filter(keep).map(|i| all.point(i));
    let points: Vec<OperatingPoint> = std::iter::once(all.nothing()).chain(kept).collect();
    let rates = |rate: fn(&OperatingPoint) -> f64| -> Vec<f64> {
        // the rates of the first point are 0 even where there are no positives or negatives
        std::iter::once(0.0).chain(points[1..].iter().map(rate)).collect()
    };
    let (fpr, tpr) = (rates(OperatingPoint::fpr), rates(OperatingPoint::tpr));
    let auc = area(&fpr, &tpr);
    Roc { fpr, tpr, points, auc }
}

/// Area under a curve by the trapezoidal rule.
fn area(x: &[f64], y: &[f64]) -> f64 {
    (1..x.len()).map(|i| (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2.0).sum()
}

impl Roc {
    /// The point nearest to a false-positive rate, but not the first, at which nothing is predicted; `None` for an
    /// empty curve.
    pub fn point_at_fpr(&self, wanted: f64) -> Option<OperatingPoint> {
        let off = |i: usize| (self.fpr[i] - wanted).abs();
        // of equally near points the first, as numpy's argmin; the origin takes part in the search
        let best = (1..self.fpr.len()).fold(0, |best, i| if off(i) < off(best) { i } else { best });
        self.points.get(best.max(1)).copied()
    }

    /// The rates (fpr, tpr) of [`point_at_fpr`](Self::point_at_fpr); NaN for an empty curve.
    pub fn at_fpr(&self, wanted: f64) -> (f64, f64) {
        self.point_at_fpr(wanted).map_or((f64::NAN, f64::NAN), |p| (p.fpr(), p.tpr()))
    }
}

/// Points of a precision-recall curve, by falling threshold.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PrecisionRecall {
    /// Recall of each point: the fraction of the positives that is predicted.
    pub recall: Vec<f64>,
    /// Precision of each point: the fraction of the predicted ms that is positive.
    pub precision: Vec<f64>,
    /// `sklearn.metrics.average_precision_score`.
    pub average_precision: f64,
}

/// The curve of `sklearn.metrics.precision_recall_curve`.
pub fn precision_recall(labels: &[bool], scores: &[f32]) -> PrecisionRecall {
    precision_recall_of(&Thresholds::new(labels, scores))
}

/// [`precision_recall`] of counts at every threshold.
pub fn precision_recall_of(all: &Thresholds) -> PrecisionRecall {
    let mut curve =
        PrecisionRecall { recall: vec![0.0], precision: vec![1.0], average_precision: 0.0 };
    let mut before = 0.0;
    for point in (0..all.len()).map(|i| all.point(i)) {
        let (recall, precision) = (point.tpr(), point.precision());
        curve.average_precision += (recall - before) * precision;
        before = recall;
        curve.recall.push(recall);
        curve.precision.push(precision);
    }
    curve
}

/// The accuracy of a quantity's prediction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Regression {
    /// 100 · (1 - var(error) / var(truth)); NaN for a constant truth.
    pub explained_variance_percent: f64,
    /// Root mean squared error, in the quantity's unit.
    pub rmse: f64,
    /// Mean absolute error, in the quantity's unit.
    pub mae: f64,
    /// 1 - mean(error²) / var(truth); NaN for a constant truth.
    pub r2: f64,
}

/// `explained_variance_score`, root of `mean_squared_error`, `mean_absolute_error` and `r2_score` of
/// `sklearn.metrics`.
pub fn regression(truth: &[f32], prediction: &[f32]) -> Regression {
    let n = truth.len() as f64;
    let error = || truth.iter().zip(prediction).map(|(&t, &p)| f64::from(t) - f64::from(p));
    let variance = |values: &mut dyn Iterator<Item = f64>, mean: f64| {
        values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n
    };
    let error_mean = error().sum::<f64>() / n;
    let truth_mean = truth.iter().map(|&t| f64::from(t)).sum::<f64>() / n;
    let unexplained = variance(&mut error(), error_mean);
    let total = variance(&mut truth.iter().map(|&t| f64::from(t)), truth_mean);
    let explained = if total > 0.0 { 1.0 - unexplained / total } else { f64::NAN };
    let squared = error().map(|e| e * e).sum::<f64>() / n;
    Regression {
        explained_variance_percent: 100.0 * explained,
        rmse: squared.sqrt(),
        mae: error().map(f64::abs).sum::<f64>() / n,
        r2: if total > 0.0 { 1.0 - squared / total } else { f64::NAN },
    }
}

/// Calibration: mean predicted against mean actual rate over bins of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Mean of the truth in each bin.
    pub actual: Vec<f64>,
    /// Mean of the prediction in each bin.
    pub predicted: Vec<f64>,
    /// Pearson's correlation of both; NaN where one is constant.
    pub correlation: f64,
    /// 1 - var(actual - predicted) / var(actual), percent; NaN for a constant truth.
    pub explained_variance_percent: f64,
}

/// Number of bins of a simulation in [`calibration`] for the published numbers.
pub const CALIBRATION_BINS: usize = 8;

/// The calibration over `bins` bins of equal length in each simulation; a remainder at its end is left out.
pub fn calibration<'a>(
    simulations: impl Iterator<Item = (&'a [bool], &'a [f32])>,
    bins: usize,
) -> Calibration {
    let (mut actual, mut predicted) = (Vec::new(), Vec::new());
    for (spikes, probability) in simulations {
        let size = (spikes.len() / bins.max(1)).max(1);
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / size as f64;
        let parts = spikes.chunks_exact(size).zip(probability.chunks_exact(size));
        for (s, p) in parts.take(bins.max(1)) {
            actual.push(mean(&mut s.iter().map(|&b| f64::from(u8::from(b)))));
            predicted.push(mean(&mut p.iter().map(|&v| f64::from(v))));
        }
    }
    let n = actual.len() as f64;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (a, p) = (mean(&actual), mean(&predicted));
    let moment = |f: &dyn Fn(f64, f64) -> f64| {
        actual.iter().zip(&predicted).map(|(&x, &y)| f(x - a, y - p)).sum::<f64>() / n
    };
    let (var_a, var_p) = (moment(&|x, _| x * x), moment(&|_, y| y * y));
    let unexplained = moment(&|x, y| (x - y) * (x - y));
    Calibration {
        correlation: moment(&|x, y| x * y) / (var_a * var_p).sqrt(),
        explained_variance_percent: match var_a > 0.0 {
            true => 100.0 * (1.0 - unexplained / var_a),
            // a constant truth has no variance to explain
            false => f64::NAN,
        },
        actual,
        predicted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels and scores with ties, from a small linear congruence.
    fn data() -> (Vec<bool>, Vec<f32>) {
        let mut state = 12_345u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let pairs = (0..200).map(|_| {
            let label = next() % 10 < 3;
            let noise = (next() % 60) as f32;
            (label, (noise + if label { 25.0 } else { 0.0 }) / 64.0)
        });
        pairs.unzip()
    }

    // numbers computed with scikit-learn 1.9.1 and SciPy 1.17.1 on the same data; see
    // tests/metrics/README.md
    #[test]
    fn as_scikit_learn() {
        let (labels, scores) = data();
        let roc = roc(&labels, &scores);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        let expected: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/metrics/expected.json")).unwrap();
        let number = |key: &str| expected[key].as_f64().unwrap();
        close(roc.auc, number("auc"));
        assert_eq!(roc.fpr.len() as f64, number("points"));
        let (fpr, tpr) = roc.at_fpr(0.1);
        close(fpr, number("fpr"));
        close(tpr, number("tpr"));
        close(precision_recall(&labels, &scores).average_precision, number("average_precision"));
        let truth: Vec<f32> = scores.iter().map(|s| s * s).collect();
        let fit = regression(&truth, &scores);
        close(fit.explained_variance_percent, number("explained_variance_percent"));
        close(fit.rmse, number("rmse"));
        close(fit.mae, number("mae"));
        close(fit.r2, number("r2"));
        let halves = [(&labels[..96], &scores[..96]), (&labels[96..192], &scores[96..192])];
        let calibration = calibration(halves.into_iter(), 16);
        close(calibration.correlation, number("correlation"));
        close(calibration.explained_variance_percent, number("calibration_percent"));
    }

    #[test]
    fn degenerate_input_gives_no_panic() {
        assert!(roc(&[], &[]).auc.abs() < 1e-12);
        assert!(roc(&[true, true], &[0.5, 0.5]).auc.is_nan());
        assert!(roc(&[false], &[0.5]).at_fpr(0.002).1.is_nan());
        assert!(regression(&[1.0, 1.0], &[0.0, 1.0]).explained_variance_percent.is_nan());
    }
}
