//! The counts at each threshold of a probability: a ms with a score at or above the threshold is predicted positive.
//! All numbers that depend on a threshold have this one definition, and exact counts.

use serde::{Deserialize, Serialize};

/// The counts at one threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatingPoint {
    /// The threshold; infinite for the point above every score, at which nothing is predicted.
    pub threshold: f64,
    /// Positives with a score at or above the threshold.
    pub hits: u64,
    /// Negatives with a score at or above the threshold.
    pub false_alarms: u64,
    /// Number of all positives.
    pub positives: u64,
    /// Number of all negatives.
    pub negatives: u64,
}

impl OperatingPoint {
    /// True-positive rate, which is the recall; NaN without positives.
    #[must_use]
    pub fn tpr(&self) -> f64 {
        self.hits as f64 / self.positives as f64
    }

    /// False-positive rate; NaN without negatives.
    #[must_use]
    pub fn fpr(&self) -> f64 {
        self.false_alarms as f64 / self.negatives as f64
    }

    /// Precision: the fraction of hits among the ms in which a spike is predicted; NaN where no spike is predicted.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.hits as f64 / (self.hits + self.false_alarms) as f64
    }
}

/// The counts at every distinct score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thresholds {
    /// The distinct scores, falling, each with the hits and the false alarms at this threshold.
    found: Vec<(f32, u64, u64)>,
    positives: u64,
    negatives: u64,
}

impl Thresholds {
    /// Counts the positives and negatives among `labels` by their `scores`; `labels[i]` belongs to `scores[i]`.
    #[must_use]
    pub fn new(labels: &[bool], scores: &[f32]) -> Self {
        let mut pairs: Vec<(f32, bool)> =
            scores.iter().copied().zip(labels.iter().copied()).collect();
        pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut this = Self::default();
        for (i, &(score, label)) in pairs.iter().enumerate() {
            this.positives += u64::from(label);
            this.negatives += u64::from(!label);
            if pairs.get(i + 1).is_none_or(|next| next.0 != score) {
                this.found.push((score, this.positives, this.negatives));
            }
        }
        this
    }

    /// Number of distinct scores.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are no scores.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The counts at the `i`-th distinct score, from the highest on.
    ///
    /// # Panics
    /// Where there are no more than `i` distinct scores.
    #[must_use]
    pub fn point(&self, i: usize) -> OperatingPoint {
        let (threshold, hits, false_alarms) = self.found[i];
        OperatingPoint {
            threshold: f64::from(threshold),
            hits,
            false_alarms,
            positives: self.positives,
            negatives: self.negatives,
        }
    }

    /// The counts above every score.
    #[must_use]
    pub fn nothing(&self) -> OperatingPoint {
        OperatingPoint {
            threshold: f64::INFINITY,
            hits: 0,
            false_alarms: 0,
            positives: self.positives,
            negatives: self.negatives,
        }
    }

    /// The counts at any threshold.
    #[must_use]
    pub fn at(&self, threshold: f64) -> OperatingPoint {
        let above = self.found.partition_point(|(score, ..)| f64::from(*score) >= threshold);
        let found = if above == 0 { self.nothing() } else { self.point(above - 1) };
        OperatingPoint { threshold, ..found }
    }

    /// At most `count` (at least 8) points by falling threshold; at the first nothing is predicted, at the last
    /// everything. They are dense where the curve bends: neighbours differ in the true-positive rate or in the root of
    /// the false-positive rate. Empty without both positives and negatives.
    #[must_use]
    pub fn thinned(&self, count: usize) -> Vec<OperatingPoint> {
        if self.positives == 0 || self.negatives == 0 {
            return Vec::new();
        }
        // each of the two coordinates takes at most count / 2 - 2 such steps from 0 to 1
        let step = 1.0 / (count.max(8) / 2 - 2) as f64;
        let mut points = vec![self.nothing()];
        let mut before = (0.0, 0.0);
        for i in 0..self.len() {
            let point = self.point(i);
            let (x, y) = (point.fpr().sqrt(), point.tpr());
            if i + 1 == self.len() || y - before.1 >= step || x - before.0 >= step {
                before = (x, y);
                points.push(point);
            }
        }
        points
    }
}

/// The thresholds that a learner can choose, in equal steps of their logit ln(p / (1 - p)).
pub mod scale {
    /// Lowest logit.
    pub const LOW: f64 = -10.0;
    /// Highest logit.
    pub const HIGH: f64 = 6.0;
    /// Difference of neighbouring logits.
    pub const STEP: f64 = 0.05;

    /// Number of thresholds.
    #[must_use]
    pub fn len() -> usize {
        ((HIGH - LOW) / STEP).round() as usize + 1
    }

    /// The number of the threshold nearest to a logit; a logit beyond the ends counts as the end.
    #[must_use]
    pub fn nearest(logit: f64) -> usize {
        let at = ((logit - LOW) / STEP).round().max(0.0) as usize;
        at.min(len() - 1)
    }

    /// The logit of threshold number `at`.
    #[must_use]
    pub fn logit(at: usize) -> f64 {
        LOW + STEP * at as f64
    }

    /// The probability of threshold number `at`.
    #[must_use]
    pub fn threshold(at: usize) -> f64 {
        1.0 / (1.0 + libm::exp(-logit(at)))
    }

    /// The logit of a probability, which is first limited to 1e-9..1 - 1e-9.
    #[must_use]
    pub fn logit_of(p: f64) -> f64 {
        let p = p.clamp(1e-9, 1.0 - 1e-9);
        libm::log(p / (1.0 - p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> (Vec<bool>, Vec<f32>) {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let pairs = (0..5000).map(|_| {
            let label = next() % 20 == 0;
            (label, (next() % 900 + if label { 300 } else { 0 }) as f32 / 1200.0)
        });
        pairs.unzip()
    }

    #[test]
    fn each_threshold_counts_what_it_finds() {
        let (labels, scores) = drawn();
        let all = Thresholds::new(&labels, &scores);
        let count = |of: bool, least: f64| {
            let both = labels.iter().zip(&scores);
            both.filter(|(label, score)| **label == of && f64::from(**score) >= least).count()
                as u64
        };
        let between = (0..200).map(|k| f64::from(k) / 150.0 - 0.1);
        let own = (0..all.len()).map(|i| all.point(i).threshold);
        for threshold in between.chain(own).chain([0.0, 0.5, 1.0, f64::INFINITY]) {
            let p = all.at(threshold);
            assert_eq!((p.hits, p.false_alarms), (count(true, threshold), count(false, threshold)));
            assert_eq!((p.positives, p.negatives), (count(true, -1.0), count(false, -1.0)));
        }
    }

    #[test]
    fn nothing_found_is_no_false_alarm_and_no_precision() {
        let (labels, scores) = drawn();
        let all = Thresholds::new(&labels, &scores);
        // the highest score is below 1
        for point in [all.at(1.1), all.nothing(), all.thinned(60)[0]] {
            assert_eq!((point.hits, point.false_alarms), (0, 0));
            assert!(point.precision().is_nan());
            assert_eq!((point.tpr(), point.fpr()), (0.0, 0.0));
        }
    }

    #[test]
    fn few_points_hold_both_ends() {
        let (labels, scores) = drawn();
        let all = Thresholds::new(&labels, &scores);
        let points = all.thinned(60);
        assert!((20..=60).contains(&points.len()), "{}", points.len());
        for p in &points[1..] {
            assert_eq!(*p, all.at(p.threshold));
        }
        assert_eq!(points.last().map(|p| (p.fpr(), p.tpr())), Some((1.0, 1.0)));
        assert!(points.is_sorted_by(|a, b| a.threshold > b.threshold));
        assert_eq!(Thresholds::new(&[true; 3], &[0.1, 0.2, 0.3]).thinned(60), []);
        assert!(Thresholds::new(&[], &[]).thinned(60).is_empty());
    }

    #[test]
    fn the_scale_leads_back() {
        assert_eq!(scale::len(), 321);
        for at in 0..scale::len() {
            assert_eq!(scale::nearest(scale::logit(at)), at);
            assert!((scale::logit_of(scale::threshold(at)) - scale::logit(at)).abs() < 1e-9);
        }
        assert_eq!((scale::nearest(-50.0), scale::nearest(50.0)), (0, 320));
        assert!((scale::threshold(200) - 0.5).abs() < 1e-12);
    }
}
