//! What a training of so many steps reaches, from recorded runs: `recorded/reach.json`.

use crate::twin::schedule::Recipe;
use crate::web::dom;
use crate::web::lesson::budget;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Where the table lies, from the twins' page.
const ADDRESS: &str = "../recorded/reach.json";

/// What one recorded run had reached after so many steps.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Row {
    /// The neuron's short name, or its key among the recorded ones.
    neuron: String,
    /// A letter of the class assignment, or the original's short name of the twin.
    config: String,
    /// Steps.
    steps: f64,
    /// AUC of spikes on the test set.
    auc: f64,
    /// Lower end of its 95% interval.
    low: f64,
    /// Upper end.
    high: f64,
    /// Simulations in a step.
    #[serde(default = "published_batch")]
    batch: f64,
    /// Their windows, ms.
    #[serde(default = "published_window")]
    window: f64,
}

fn published_batch() -> f64 {
    16.0
}

fn published_window() -> f64 {
    2048.0
}

impl Row {
    /// ms of simulation trained on.
    fn seen_ms(&self) -> f64 {
        self.steps * self.batch * self.window
    }
}

/// What is expected of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reach {
    /// AUC of spikes on a test set.
    pub(super) auc: f64,
    /// Its 95% interval.
    pub(super) interval: (f64, f64),
    /// Whether the training is longer or shorter than all recorded ones, which the nearest then stands for.
    pub(super) beyond: bool,
}

/// Reads the table; empty where the page has none.
pub(super) async fn read() -> Vec<Row> {
    let text = async {
        let response = JsFuture::from(dom::window().fetch_with_str(ADDRESS)).await.ok()?;
        let response: web_sys::Response = response.dyn_into().ok()?;
        if !response.ok() {
            return None;
        }
        JsFuture::from(response.text().ok()?).await.ok()?.as_string()
    };
    let rows: Option<Vec<Row>> = text.await.and_then(|text| serde_json::from_str(&text).ok());
    rows.unwrap_or_default()
}

/// What `steps` of a recipe reach on one of the recorded neurons, between the two recorded runs that trained on a
/// little less and a little more, by the logarithm of what they saw.
pub(super) fn reach(
    rows: &[Row],
    neuron: [&str; 2],
    config: &str,
    recipe: &Recipe,
    steps: u64,
) -> Option<Reach> {
    let mut of: Vec<&Row> = rows
        .iter()
        .filter(|row| neuron.contains(&row.neuron.as_str()) && row.config == config)
        .filter(|row| row.seen_ms() > 0.0 && row.auc.is_finite())
        .collect();
    of.sort_by(|a, b| a.seen_ms().total_cmp(&b.seen_ms()));
    let seen = steps as f64 * budget::step_ms(recipe);
    let (first, last) = (of.first()?, of.last()?);
    let exactly = |row: &Row, beyond| Reach { auc: row.auc, interval: (row.low, row.high), beyond };
    if seen <= first.seen_ms() {
        return Some(exactly(first, seen < 0.8 * first.seen_ms()));
    }
    let Some(at) = of.iter().position(|row| row.seen_ms() >= seen) else {
        return Some(exactly(last, seen > 1.25 * last.seen_ms()));
    };
    let (a, b) = (of[at - 1], of[at]);
    let part = (seen / a.seen_ms()).ln() / (b.seen_ms() / a.seen_ms()).ln();
    let mix = |x: f64, y: f64| x + (y - x) * part.clamp(0.0, 1.0);
    let interval = (mix(a.low, b.low), mix(a.high, b.high));
    Some(Reach { auc: mix(a.auc, b.auc), interval, beyond: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        serde_json::from_str(
            r#"[{"neuron": "point", "config": "A", "steps": 100, "auc": 0.8, "low": 0.7, "high": 0.9},
                {"neuron": "point", "config": "A", "steps": 10000, "auc": 0.9, "low": 0.8, "high": 1.0},
                {"neuron": "point", "config": "C", "steps": 10, "auc": 0.5, "low": 0.4, "high": 0.6,
                 "batch": 8, "window": 512}]"#,
        )
        .unwrap()
    }

    #[test]
    fn half_way_by_ratio_is_half_way() {
        let recipe = Recipe::default();
        let found = reach(&rows(), ["x", "point"], "A", &recipe, 1000).unwrap();
        assert!((found.auc - 0.85).abs() < 1e-9 && !found.beyond);
        assert!((found.interval.0 - 0.75).abs() < 1e-9);
    }

    #[test]
    fn beyond_the_table_the_nearest_run_stands_and_says_so() {
        let recipe = Recipe::default();
        let few = reach(&rows(), ["x", "point"], "A", &recipe, 3).unwrap();
        assert_eq!((few.auc, few.beyond), (0.8, true));
        assert!(reach(&rows(), ["x", "point"], "B", &recipe, 3).is_none());
        assert!(reach(&rows(), ["x", "cable"], "A", &recipe, 3).is_none());
        // ten steps of 8 · 512 ms are what was recorded
        let small = Recipe { train_batch_size: 8, train_time_window_size: 512, ..recipe };
        assert!(!reach(&rows(), ["x", "point"], "C", &small, 10).unwrap().beyond);
    }
}
