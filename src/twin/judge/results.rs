//! What became of a twin, in one row: how it was trained, what it reached, what it costs.
//!
//! `ballstick sweep` writes rows as `row.json` and `table.csv`; the page shows and reads both.

use serde::{Deserialize, Deserializer, Serialize};

pub use super::test_set::TestSet;
use crate::twin::train::schedule::Recipe;
use crate::{table, text};

/// First-layer kernels as a row holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    /// Kernels, input channels, segments, ms.
    pub dims: [usize; 4],
    /// In that order; the last ms is the present.
    pub values: Vec<f64>,
}

/// One twin's result. Numbers that are not known are NaN, and null in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// A preset's name or a neuron's short name.
    pub neuron: String,
    /// `A` to `E`, or `elm`, `resnet_tcn`, `transformer`, `tcn`.
    #[serde(alias = "label")]
    pub config: String,
    /// The original's name for the twin.
    pub short_name: String,
    /// Parameters.
    #[serde(deserialize_with = "or_nan")]
    pub parameters: f64,
    /// ms of input that one output can depend on; `None` where that is unbounded.
    pub receptive_field_ms: Option<f64>,
    /// Area under the spikes' ROC curve on the test set.
    #[serde(deserialize_with = "or_nan")]
    pub auc: f64,
    /// Lower end of its 95% interval.
    #[serde(deserialize_with = "or_nan")]
    pub auc_low: f64,
    /// Upper end.
    #[serde(deserialize_with = "or_nan")]
    pub auc_high: f64,
    /// True-positive rate at the false-positive rate nearest 0.002.
    #[serde(deserialize_with = "or_nan")]
    pub tpr: f64,
    /// Area under the near spikes' ROC curve.
    #[serde(deserialize_with = "or_nan")]
    pub near_auc: f64,
    /// Explained variance of the soma voltage, %.
    #[serde(deserialize_with = "or_nan")]
    pub soma_explained_percent: f64,
    /// Explained variance of the rate, %.
    #[serde(deserialize_with = "or_nan")]
    pub rate_explained_percent: f64,
    /// Explained variance of the dendritic voltages, %.
    #[serde(deserialize_with = "or_nan")]
    pub dend_explained_percent: f64,
    /// Simulations that it learned from.
    #[serde(deserialize_with = "or_nan")]
    pub train_simulations: f64,
    /// Training steps taken.
    #[serde(deserialize_with = "or_nan")]
    pub steps: f64,
    /// Epochs of the recipe.
    #[serde(deserialize_with = "or_nan")]
    pub epochs: f64,
    /// Windows in a step.
    #[serde(deserialize_with = "or_nan")]
    pub batch_size: f64,
    /// Their length, ms.
    #[serde(deserialize_with = "or_nan")]
    pub window_ms: f64,
    /// Highest learning rate.
    #[serde(deserialize_with = "or_nan")]
    pub learning_rate: f64,
    /// The seed of the training.
    #[serde(deserialize_with = "or_nan")]
    pub seed: f64,
    /// Seconds spent training.
    #[serde(deserialize_with = "or_nan")]
    pub train_seconds: f64,
    /// ms that one simulation takes it.
    #[serde(deserialize_with = "or_nan")]
    pub inference_ms: f64,
    /// Its parameters in single precision, KiB.
    #[serde(deserialize_with = "or_nan")]
    pub weights_kib: f64,
    /// Most memory that predicting one simulation takes, MiB.
    #[serde(deserialize_with = "or_nan")]
    pub memory_mib: f64,
    /// Simulations that it was judged on.
    #[serde(deserialize_with = "or_nan")]
    pub test_simulations: f64,
    /// Which they are, as a [`TestSet`] says it; empty where it is not known.
    pub test_set: String,
    /// Its first layer, where it is a convolution and was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_layer: Option<Kernels>,
}

impl Default for Row {
    fn default() -> Self {
        let nan = f64::NAN;
        Self {
            neuron: String::new(),
            config: String::new(),
            short_name: String::new(),
            parameters: nan,
            receptive_field_ms: None,
            auc: nan,
            auc_low: nan,
            auc_high: nan,
            tpr: nan,
            near_auc: nan,
            soma_explained_percent: nan,
            rate_explained_percent: nan,
            dend_explained_percent: nan,
            train_simulations: nan,
            steps: nan,
            epochs: nan,
            batch_size: nan,
            window_ms: nan,
            learning_rate: nan,
            seed: nan,
            train_seconds: nan,
            inference_ms: nan,
            weights_kib: nan,
            memory_mib: nan,
            test_simulations: nan,
            test_set: String::new(),
            first_layer: None,
        }
    }
}

/// JSON has no NaN: it is null there.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// A column of the table: its name and the number in it.
type Column = (&'static str, fn(&mut Row) -> &mut f64);

/// The table's numbers; before them stand `neuron,config,twin,receptive_field_ms`.
const COLUMNS: [Column; 21] = [
    ("parameters", |row| &mut row.parameters),
    ("auc", |row| &mut row.auc),
    ("auc_low", |row| &mut row.auc_low),
    ("auc_high", |row| &mut row.auc_high),
    ("tpr_at_fpr_0.002", |row| &mut row.tpr),
    ("near_spike_auc", |row| &mut row.near_auc),
    ("soma_explained_percent", |row| &mut row.soma_explained_percent),
    ("rate_explained_percent", |row| &mut row.rate_explained_percent),
    ("dend_explained_percent", |row| &mut row.dend_explained_percent),
    ("train_simulations", |row| &mut row.train_simulations),
    ("steps", |row| &mut row.steps),
    ("epochs", |row| &mut row.epochs),
    ("batch_size", |row| &mut row.batch_size),
    ("window_ms", |row| &mut row.window_ms),
    ("learning_rate", |row| &mut row.learning_rate),
    ("seed", |row| &mut row.seed),
    ("train_seconds", |row| &mut row.train_seconds),
    ("inference_ms", |row| &mut row.inference_ms),
    ("weights_kib", |row| &mut row.weights_kib),
    ("memory_mib", |row| &mut row.memory_mib),
    ("test_simulations", |row| &mut row.test_simulations),
];

impl Row {
    /// Takes over how it was trained.
    #[must_use]
    pub fn trained_by(mut self, recipe: &Recipe) -> Self {
        self.epochs = recipe.num_epochs as f64;
        self.batch_size = recipe.train_batch_size as f64;
        self.window_ms = recipe.train_time_window_size as f64;
        self.learning_rate = recipe.learning_rate;
        self.seed = recipe.seed as f64;
        self
    }

    /// Passes over the train simulations that were made, of those that the recipe has; NaN where that is not known.
    #[must_use]
    pub fn epochs_done(&self) -> f64 {
        let per_epoch = (self.train_simulations / self.batch_size).ceil();
        let done = self.steps / per_epoch;
        if done > self.epochs { self.epochs } else { done }
    }

    /// Takes over on what it was judged.
    #[must_use]
    pub fn judged_on(mut self, set: &TestSet) -> Self {
        self.test_simulations = set.simulations as f64;
        self.test_set = set.to_string();
        self
    }

    /// Takes over an [`Evaluation`](super::evaluate::Evaluation) as JSON, and the interval of its AUC.
    #[must_use]
    pub fn judged_by(mut self, metrics: &serde_json::Value, interval: (f64, f64)) -> Self {
        let number = |key: &str| metrics[key].as_f64().unwrap_or(f64::NAN);
        self.auc = number("AUC_score");
        (self.auc_low, self.auc_high) = interval;
        self.tpr = number("true_positive_at_FP");
        self.near_auc = number("near_spike_AUC_score");
        self.soma_explained_percent = number("soma_explained_variance_percent");
        self.rate_explained_percent = number("inst_rate_explained_variance_percent");
        self.dend_explained_percent = number("dend_v_explained_variance_percent");
        self
    }

    /// Rows of a JSON text: an array of them, or the one of a `row.json`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(text: &str) -> Result<Vec<Self>, String> {
        let wrong = |e: String| format!("this is no row of a sweep: {e}");
        let rows = match text::without_bom(text).trim_start().starts_with('[') {
            true => text::from_json(text).map_err(wrong)?,
            false => vec![text::from_json(text).map_err(wrong)?],
        };
        checked(rows)
    }

    /// Rows of a `table.csv`; columns that it does not have stay unknown.
    ///
    /// # Errors
    /// What is wrong with it, and in which line.
    pub fn from_csv(text: &str) -> Result<Vec<Self>, String> {
        let (head, rows) = table::from_csv(text)?;
        let column = |name: &str| head.iter().position(|h| h == name);
        for needed in ["neuron", "config", "auc"] {
            if column(needed).is_none() {
                return Err(format!(
                    "this is no table.csv of a sweep: it has no column \"{needed}\""
                ));
            }
        }
        let row = |cells: &csv::StringRecord| {
            let cell = |name: &str| column(name).and_then(|at| cells.get(at)).unwrap_or_default();
            let mut row = Self {
                neuron: cell("neuron").to_owned(),
                config: cell("config").to_owned(),
                short_name: cell("twin").to_owned(),
                receptive_field_ms: cell("receptive_field_ms").parse().ok(),
                test_set: cell("test_set").to_owned(),
                ..Self::default()
            };
            for (name, field) in COLUMNS {
                *field(&mut row) = cell(name).parse().unwrap_or(f64::NAN);
            }
            row
        };
        checked(rows.iter().map(row).collect())
    }

    /// The table of rows, seven digits each; empty where a number is not known.
    #[must_use]
    pub fn to_csv(rows: &[Self]) -> String {
        let names = ["neuron", "config", "twin", "receptive_field_ms"];
        let names = names.into_iter().chain(COLUMNS.map(|(name, _)| name)).chain(["test_set"]);
        let cells = rows.iter().map(|row| {
            let field = row.receptive_field_ms.map_or("unbounded".to_owned(), digits);
            let mut row = row.clone();
            let numbers = COLUMNS.map(|(_, field)| digits(*field(&mut row)));
            let head = [row.neuron, row.config, row.short_name, field];
            head.into_iter().chain(numbers).chain([row.test_set])
        });
        table::to_csv(&names.collect::<Vec<_>>(), cells)
    }
}

fn digits(x: f64) -> String {
    match x.is_finite() {
        true => format!("{x:.6e}").parse::<f64>().unwrap_or(x).to_string(),
        false => String::new(),
    }
}

fn checked(rows: Vec<Row>) -> Result<Vec<Row>, String> {
    if rows.iter().any(|row| row.neuron.is_empty() || row.config.is_empty()) {
        return Err("this is no row of a sweep: it names no neuron and config".to_owned());
    }
    // a test set without spikes defines no AUC
    match rows.iter().find(|row| !(row.auc.is_nan() || (0.0..=1.0).contains(&row.auc))) {
        Some(row) => Err(format!("{} {} has no AUC between 0 and 1", row.neuron, row.config)),
        None => Ok(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_what_is_known() {
        let metrics = serde_json::json!({"AUC_score": 0.987_654_321, "true_positive_at_FP": 0.5});
        let recipe = Recipe { seed: 7, learning_rate: 1.5e-4, ..Recipe::default() };
        let row = Row {
            neuron: "nmda-cable".into(),
            config: "C".into(),
            short_name: "TCN_x".into(),
            parameters: 189_644.0,
            receptive_field_ms: Some(201.0),
            ..Row::default()
        };
        let set = TestSet { seed: Some(5), simulations: 8, made: Some(12), duration_ms: 2048 };
        let row = row.trained_by(&recipe).judged_by(&metrics, (f64::NAN, 0.99)).judged_on(&set);
        let unbounded = Row { receptive_field_ms: None, ..row.clone() };
        let text = Row::to_csv(&[row.clone(), unbounded]);
        let again = Row::from_csv(&text).unwrap();
        assert_eq!((again[0].auc, again[0].auc_high), (0.987_654_3, 0.99));
        assert!(again[0].auc_low.is_nan() && again[0].near_auc.is_nan());
        assert_eq!((again[0].learning_rate, again[0].seed, again[0].epochs), (1.5e-4, 7.0, 100.0));
        assert_eq!((again[0].parameters, again[0].batch_size), (189_644.0, 16.0));
        assert_eq!((again[0].receptive_field_ms, again[1].receptive_field_ms), (Some(201.0), None));
        assert_eq!(again[0].test_set, "8 of 12 simulations of 2048 ms; seed 5");
        assert_eq!(again[0].test_simulations, 8.0);
        assert!(text.contains(",unbounded,189644,0.9876543,,0.99,0.5,"), "{text}");
        let json = serde_json::to_string(&row).unwrap();
        let again = &Row::from_json(&json).unwrap()[0];
        assert_eq!((again.auc, again.tpr, again.auc_low.is_nan()), (row.auc, 0.5, true));
    }

    #[test]
    fn a_name_with_a_comma_stays_one_cell() {
        let row = Row { neuron: "a, \"b\"".into(), config: "C".into(), auc: 0.9, ..Row::default() };
        let again = Row::from_csv(&Row::to_csv(std::slice::from_ref(&row))).unwrap();
        assert_eq!((&again[0].neuron, &again[0].config), (&row.neuron, &row.config));
        assert_eq!(again[0].auc, 0.9);
    }

    #[test]
    fn earlier_tables_and_rows_are_read() {
        let csv = "neuron,config,twin,parameters,receptive_field_ms,auc,auc_low\n\
                   p,A,TCN_x,6000,181,0.98000,0.97000\np,elm,ELM_x,6000,unbounded,0.98000,NaN\n";
        let rows = Row::from_csv(csv).unwrap();
        for end in ["\r\n", "\r"] {
            let other = format!("\u{feff}{}", csv.replace('\n', end));
            assert_eq!(Row::to_csv(&Row::from_csv(&other).unwrap()), Row::to_csv(&rows), "{end:?}");
        }
        assert_eq!((rows[0].parameters, rows[0].steps.is_nan()), (6000.0, true));
        assert!(rows[1].auc_low.is_nan());
        let json = r#"{"neuron":"nmda-cable","label":"C","auc":0.9,"auc_low":null,"steps":12}"#;
        let row = &Row::from_json(json).unwrap()[0];
        assert_eq!((row.config.as_str(), row.steps), ("C", 12.0));
        assert!(row.auc_low.is_nan() && row.seed.is_nan());
    }

    #[test]
    fn a_run_that_was_stopped_has_fewer_epochs_than_its_recipe() {
        let row = |steps, train| Row {
            steps,
            train_simulations: train,
            batch_size: 8.0,
            epochs: 30.0,
            ..Row::default()
        };
        // 24 simulations in batches of 8: three steps a pass
        assert_eq!(row(30.0, 24.0).epochs_done(), 10.0);
        assert_eq!(row(90.0, 24.0).epochs_done(), 30.0);
        assert_eq!(row(10.0, 25.0).epochs_done(), 2.5);
        assert!(row(f64::NAN, 24.0).epochs_done().is_nan());
    }

    #[test]
    fn what_is_no_table_is_told_apart() {
        assert!(Row::from_csv("a,b\n1,2\n").unwrap_err().contains("neuron"));
        assert!(Row::from_csv("neuron,config,auc\nx,A\n").unwrap_err().contains("line 2"));
        assert!(Row::from_csv("neuron,config,auc\nx,A,1.7\n").unwrap_err().contains("AUC"));
        assert!(Row::from_json("{}").unwrap_err().contains("names no neuron"));
        // what a test set without spikes leaves is read back
        let silent =
            Row { neuron: "n".into(), config: "A".into(), auc: f64::NAN, ..Row::default() };
        let json = serde_json::to_string(&silent).unwrap();
        for rows in [Row::from_json(&json), Row::from_csv(&Row::to_csv(&[silent]))] {
            assert!(rows.unwrap()[0].auc.is_nan());
        }
    }
}
