//! The AUC that a training reaches after a number of steps, from recorded runs: `recorded/reach.json`.

use crate::twin::forecast;
use crate::twin::schedule::Recipe;
use crate::web::dom;
use serde::Deserialize;
use std::cmp::Ordering;

/// The table's file, relative to the twins' page.
const ADDRESS: &str = "../recorded/reach.json";

/// Data sets whose numbers of simulations differ by less than this, by the logarithm, count as one size.
const SAME_SIZE: f64 = 0.3;

/// The AUC that a recorded run had reached after a number of steps.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct RecordedReach {
    /// The neuron's short name, or its key among the recorded ones.
    neuron: String,
    /// A letter of the class assignment, or the original's short name of the twin.
    config: String,
    /// Training steps.
    steps: f64,
    /// AUC of spikes on the test set.
    auc: f64,
    /// Lower end of the AUC's 95% interval.
    low: f64,
    /// Upper end of the AUC's 95% interval.
    high: f64,
    /// Windows in a batch.
    #[serde(default = "published_batch")]
    batch: f64,
    /// Length of a window, ms.
    #[serde(default = "published_window")]
    window: f64,
    /// Number of train simulations.
    #[serde(default = "published_simulations")]
    simulations: f64,
}

fn published_simulations() -> f64 {
    7132.0
}

fn published_batch() -> f64 {
    16.0
}

fn published_window() -> f64 {
    2048.0
}

impl RecordedReach {
    /// Milliseconds of simulation that the run has trained on.
    fn seen_ms(&self) -> f64 {
        self.steps * self.batch * self.window
    }
}

/// The AUC that a training is expected to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    /// AUC of spikes on a test set.
    pub(super) auc: f64,
    /// The AUC's 95% interval.
    pub(super) interval: (f64, f64),
    /// Whether the training is shorter (`Less`) or longer (`Greater`) than all recorded runs; the nearest row then
    /// stands for it.
    pub(super) beyond: Ordering,
}

/// Reads the table; empty where the page has none that can be read.
pub(super) async fn read() -> Vec<RecordedReach> {
    let text = dom::fetch_text(ADDRESS).await;
    text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// What `steps` of a recipe over this many train simulations reach on one of the recorded neurons, interpolated between
/// the row that has seen a little less and the one that has seen a little more, by the logarithm of what they have
/// seen. Only rows of data sets of about that size count; `None` where there is no row.
pub(super) fn reach(
    rows: &[RecordedReach],
    neuron: [&str; 2],
    config: &str,
    recipe: &Recipe,
    steps: u64,
    simulations: usize,
) -> Option<Reach> {
    let away = |row: &RecordedReach| (row.simulations / simulations.max(1) as f64).ln().abs();
    let mut of: Vec<&RecordedReach> = rows
        .iter()
        .filter(|row| neuron.contains(&row.neuron.as_str()) && row.config == config)
        .filter(|row| row.seen_ms() > 0.0 && row.auc.is_finite())
        .collect();
    let nearest = of.iter().map(|row| away(row)).fold(f64::INFINITY, f64::min);
    of.retain(|row| away(row) <= nearest + SAME_SIZE);
    of.sort_by(|a, b| a.seen_ms().total_cmp(&b.seen_ms()));
    let seen = steps as f64 * forecast::step_ms(recipe);
    let (first, last) = (of.first()?, of.last()?);
    let exactly =
        |row: &RecordedReach, beyond| Reach { auc: row.auc, interval: (row.low, row.high), beyond };
    if seen <= first.seen_ms() {
        let much = seen < 0.8 * first.seen_ms();
        return Some(exactly(first, if much { Ordering::Less } else { Ordering::Equal }));
    }
    let Some(at) = of.iter().position(|row| row.seen_ms() >= seen) else {
        let much = seen > 1.25 * last.seen_ms();
        return Some(exactly(last, if much { Ordering::Greater } else { Ordering::Equal }));
    };
    let (a, b) = (of[at - 1], of[at]);
    let part = (seen / a.seen_ms()).ln() / (b.seen_ms() / a.seen_ms()).ln();
    let mix = |x: f64, y: f64| x + (y - x) * part.clamp(0.0, 1.0);
    let interval = (mix(a.low, b.low), mix(a.high, b.high));
    Some(Reach { auc: mix(a.auc, b.auc), interval, beyond: Ordering::Equal })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<RecordedReach> {
        serde_json::from_str(
            r#"[{"neuron": "point", "config": "A", "steps": 100, "auc": 0.8, "low": 0.7, "high": 0.9},
                {"neuron": "point", "config": "A", "steps": 10000, "auc": 0.9, "low": 0.8, "high": 1.0},
                {"neuron": "point", "config": "C", "steps": 10, "auc": 0.5, "low": 0.4, "high": 0.6,
                 "batch": 8, "window": 512},
                {"neuron": "point", "config": "S", "steps": 100, "auc": 0.6, "low": 0.5, "high": 0.7,
                 "simulations": 24},
                {"neuron": "point", "config": "S", "steps": 100, "auc": 0.9, "low": 0.8, "high": 1.0,
                 "simulations": 400}]"#,
        )
        .unwrap()
    }

    fn found(config: &str, steps: u64) -> Option<Reach> {
        reach(&rows(), ["x", "point"], config, &Recipe::default(), steps, 7000)
    }

    #[test]
    fn half_way_by_ratio_is_half_way() {
        let half = found("A", 1000).unwrap();
        assert!((half.auc - 0.85).abs() < 1e-9 && half.beyond.is_eq());
        assert!((half.interval.0 - 0.75).abs() < 1e-9);
    }

    #[test]
    fn beyond_the_table_the_nearest_run_stands_and_says_so() {
        let few = found("A", 3).unwrap();
        assert_eq!((few.auc, few.beyond), (0.8, Ordering::Less));
        let many = found("A", 100_000).unwrap();
        assert_eq!((many.auc, many.beyond), (0.9, Ordering::Greater));
        assert!(found("B", 3).is_none());
        // ten steps of 8 · 512 ms are what was recorded
        let small =
            Recipe { train_batch_size: 8, train_time_window_size: 512, ..Recipe::default() };
        let cable = reach(&rows(), ["x", "cable"], "A", &small, 10, 7000);
        assert_eq!(cable, None);
        assert!(reach(&rows(), ["x", "point"], "C", &small, 10, 7000).unwrap().beyond.is_eq());
    }

    #[test]
    fn a_small_set_is_foretold_from_small_sets() {
        let recipe = Recipe::default();
        let of = |simulations| reach(&rows(), ["x", "point"], "S", &recipe, 100, simulations);
        assert_eq!(of(28).map(|found| found.auc), Some(0.6));
        assert_eq!(of(500).map(|found| found.auc), Some(0.9));
    }
}
