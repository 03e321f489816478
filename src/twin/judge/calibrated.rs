//! Calibration for several numbers of bins, so that a reader can change the number without another judgement.

use super::metrics::{CALIBRATION_BINS, Calibration};
use serde::{Deserialize, Serialize};

/// A curve of points, few enough to draw.
pub type Points = Vec<(f64, f64)>;

/// The numbers of bins in a simulation that a reader can choose. Among them is [`CALIBRATION_BINS`], that of the
/// published numbers.
pub const CHOICES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// The calibration of a twin for one number of bins. Metrics that are not defined are NaN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibrated {
    /// Number of bins in a simulation.
    pub bins: usize,
    /// Mean predicted and mean actual rate of each bin (Hz), few enough to draw.
    pub points: Points,
    /// Pearson's correlation of predicted and actual rates over all bins.
    pub correlation: f64,
    /// Share of the actual rates' variance that the predicted rates explain, percent.
    pub explained_variance_percent: f64,
}

impl Calibrated {
    /// The correlation and explained variance of a calibration, with the points of those bins whose indices `drawn`
    /// chooses, given the number of bins.
    pub fn new<I: Iterator<Item = usize>>(
        bins: usize,
        of: &Calibration,
        drawn: impl FnOnce(usize) -> I,
    ) -> Self {
        let hz = 1000.0;
        Self {
            bins,
            points: drawn(of.actual.len())
                .map(|at| (hz * of.predicted[at], hz * of.actual[at]))
                .collect(),
            correlation: of.correlation,
            explained_variance_percent: of.explained_variance_percent,
        }
    }

    /// The calibration with `bins` bins, or else the one with [`CALIBRATION_BINS`]; `None` where there is neither.
    #[must_use]
    pub fn with(all: &[Self], bins: usize) -> Option<&Self> {
        let of = |bins| all.iter().find(|one| one.bins == bins);
        of(bins).or_else(|| of(CALIBRATION_BINS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::judge::metrics::calibration;

    #[test]
    fn each_choice_is_what_the_command_line_computes() {
        assert!(CHOICES.contains(&CALIBRATION_BINS));
        let spikes: Vec<bool> = (0..640).map(|t| t % 7 == 0 && t < 400).collect();
        let said: Vec<f32> = (0..640).map(|t| if t < 320 { 0.2 } else { 0.05 }).collect();
        let all = CHOICES.map(|bins| {
            let of = calibration(std::iter::once((&spikes[..], &said[..])), bins);
            assert_eq!(of.actual.len(), bins);
            Calibrated::new(bins, &of, |count| 0..count)
        });
        let two = Calibrated::with(&all, 2).unwrap();
        // actual spikes: 46 in the first 320 ms, then 12 in 320 ms
        assert_eq!(two.points.len(), 2);
        assert!((two.points[0].1 - 143.75).abs() < 1e-9, "{:?}", two.points);
        assert!((two.points[1].0 - 50.0).abs() < 1e-4, "{:?}", two.points);
        assert!((two.correlation - 1.0).abs() < 1e-12, "two points lie on a line");
        assert!(Calibrated::with(&all, 1).unwrap().explained_variance_percent.is_nan());
        assert_eq!(Calibrated::with(&all, 3).unwrap().bins, CALIBRATION_BINS);
        assert_eq!(Calibrated::with(&[], 8), None);
    }
}
