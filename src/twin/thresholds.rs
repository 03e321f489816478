//! What each threshold on a probability finds, thinned out for drawing.

/// Everything at or above a threshold is called positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatingPoint {
    /// The threshold.
    pub threshold: f32,
    /// False-positive rate.
    pub fpr: f64,
    /// True-positive rate, which is the recall.
    pub tpr: f64,
    /// Share of true among found.
    pub precision: f64,
}

/// At most `count` (at least 8) of the operating points at distinct scores, by falling threshold, the last included.
/// They lie close where the curve bends: neighbours differ in the true-positive rate or in the root of the
/// false-positive rate. None without both positives and negatives.
pub fn operating_points(labels: &[bool], scores: &[f32], count: usize) -> Vec<OperatingPoint> {
    let mut pairs: Vec<(f32, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let positives = labels.iter().filter(|label| **label).count() as f64;
    let negatives = labels.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return Vec::new();
    }
    // each of the two coordinates makes at most count / 2 - 2 such steps from 0 to 1
    let step = 1.0 / (count.max(8) / 2 - 2) as f64;
    let (mut fp, mut tp) = (0.0, 0.0);
    let mut points: Vec<OperatingPoint> = Vec::new();
    let mut before = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut equal = pairs.chunk_by(|a, b| a.0 == b.0).peekable();
    while let Some(group) = equal.next() {
        let found = group.iter().filter(|(_, label)| *label).count() as f64;
        tp += found;
        fp += group.len() as f64 - found;
        let (fpr, tpr) = (fp / negatives, tp / positives);
        let far = tpr - before.1 >= step || fpr.sqrt() - before.0 >= step;
        if far || equal.peek().is_none() {
            before = (fpr.sqrt(), tpr);
            points.push(OperatingPoint {
                threshold: group[0].0,
                fpr,
                tpr,
                precision: tp / (tp + fp),
            });
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_counts_what_its_threshold_finds() {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let pairs = (0..5000).map(|_| {
            let label = next() % 20 == 0;
            (label, (next() % 900 + if label { 300 } else { 0 }) as f32 / 1200.0)
        });
        let (labels, scores): (Vec<bool>, Vec<f32>) = pairs.unzip();
        let points = operating_points(&labels, &scores, 60);
        assert!((20..=60).contains(&points.len()), "{}", points.len());
        let count = |of: bool, least: f32| {
            let both = labels.iter().zip(&scores);
            both.filter(|(label, score)| **label == of && **score >= least).count() as f64
        };
        let all = |of| count(of, f32::NEG_INFINITY);
        for p in &points {
            let (tp, fp) = (count(true, p.threshold), count(false, p.threshold));
            assert_eq!((p.tpr, p.fpr), (tp / all(true), fp / all(false)));
            assert_eq!(p.precision, tp / (tp + fp));
        }
        assert_eq!(points.last().map(|p| (p.fpr, p.tpr)), Some((1.0, 1.0)));
        assert!(points.is_sorted_by(|a, b| a.threshold > b.threshold));
        assert_eq!(operating_points(&[true; 3], &[0.1, 0.2, 0.3], 60), []);
    }
}
