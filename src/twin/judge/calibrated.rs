//! Calibration for several numbers of bins, so that another number needs no other judgement.

use super::metrics::{CALIBRATION_BINS, Calibration};
use serde::{Deserialize, Serialize};

/// A curve of points, few enough to draw.
pub type Points = Vec<(f64, f64)>;

/// Bins of a simulation that a reader can choose. The published numbers have [`CALIBRATION_BINS`], which is among them.
pub const CHOICES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// The calibration of a twin for one number of bins. Metrics that are not defined are NaN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibrated {
    /// Bins of a simulation.
    pub bins: usize,
    /// Mean predicted and mean actual rate of each bin (Hz), few enough to draw.
    pub points: Points,
    /// Pearson's correlation of the two over all bins.
    pub correlation: f64,
    /// The actual rates' variance that the predicted ones explain, percent.
    pub explained_variance_percent: f64,
}

impl Calibrated {
    /// The part of a calibration that is drawn; `drawn` chooses the bins of the points, of as many as it is told.
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

    /// The calibration with this many bins; the one with the published numbers' bins where there is none with these.
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
        // 46 of the first 320 ms, then 12 of 320
        assert_eq!(two.points.len(), 2);
        assert!((two.points[0].1 - 143.75).abs() < 1e-9, "{:?}", two.points);
        assert!((two.points[1].0 - 50.0).abs() < 1e-4, "{:?}", two.points);
        assert!((two.correlation - 1.0).abs() < 1e-12, "two points lie on a line");
        assert!(Calibrated::with(&all, 1).unwrap().explained_variance_percent.is_nan());
        assert_eq!(Calibrated::with(&all, 3).unwrap().bins, CALIBRATION_BINS);
        assert_eq!(Calibrated::with(&[], 8), None);
    }
}
