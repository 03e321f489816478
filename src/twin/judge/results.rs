//! The result of a twin in one row: its training, its metrics and its cost.
//!
//! `ballstick sweep` writes rows as `row.json` and `table.csv`; the page shows and reads both.

use serde::{Deserialize, Serialize};

pub use super::test_set::TestSet;
use crate::twin::train::schedule::Recipe;
use crate::{table, text};

/// First-layer kernels of a twin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernels {
    /// Numbers of kernels, input channels, segments and ms.
    pub dims: [usize; 4],
    /// The weights in the order of `dims`, the last axis fastest; the last ms is the present.
    pub values: Vec<f64>,
}

/// The result of one twin. A value that is not known is null in JSON and empty in CSV.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// A preset's name or a neuron's short name.
    pub neuron: String,
    /// `A` to `E`, or `elm`, `resnet_tcn`, `transformer`, `tcn`.
    #[serde(alias = "label")]
    pub config: String,
    /// The original's name for the twin.
    pub short_name: String,
    /// Number of parameters.
    #[serde(with = "whole")]
    pub parameters: Option<u64>,
    /// Receptive field, ms; `None` where it is unbounded or not known.
    #[serde(with = "whole")]
    pub receptive_field_ms: Option<u64>,
    /// Area under the spikes' ROC curve on the test set.
    pub auc: Option<f64>,
    /// Lower end of the AUC's 95% interval.
    pub auc_low: Option<f64>,
    /// Upper end of the AUC's 95% interval.
    pub auc_high: Option<f64>,
    /// True-positive rate at the false-positive rate nearest 0.002.
    pub tpr: Option<f64>,
    /// Area under the near spikes' ROC curve.
    pub near_auc: Option<f64>,
    /// Explained variance of the soma voltage, %.
    pub soma_explained_percent: Option<f64>,
    /// Explained variance of the rate, %.
    pub rate_explained_percent: Option<f64>,
    /// Explained variance of the dendritic voltages, %.
    pub dend_explained_percent: Option<f64>,
    /// Number of simulations that the twin learned from.
    #[serde(with = "whole")]
    pub train_simulations: Option<u64>,
    /// Training steps taken.
    #[serde(with = "whole")]
    pub steps: Option<u64>,
    /// Epochs of the recipe.
    #[serde(with = "whole")]
    pub epochs: Option<u64>,
    /// Number of windows in a training step.
    #[serde(with = "whole")]
    pub batch_size: Option<u64>,
    /// Greatest length of a training window, ms.
    #[serde(with = "whole")]
    pub window_ms: Option<u64>,
    /// Highest learning rate.
    pub learning_rate: Option<f64>,
    /// Seed of the training.
    #[serde(with = "whole")]
    pub seed: Option<u64>,
    /// Seconds spent training.
    pub train_seconds: Option<f64>,
    /// Time that predicting one simulation takes, ms.
    pub inference_ms: Option<f64>,
    /// Size of the parameters in single precision, KiB.
    pub weights_kib: Option<f64>,
    /// Most memory that predicting one simulation takes, MiB.
    pub memory_mib: Option<f64>,
    /// Number of simulations that the twin was judged on.
    #[serde(with = "whole")]
    pub test_simulations: Option<u64>,
    /// The set of these simulations, as [`TestSet`] writes it; empty where it is not known.
    pub test_set: String,
    /// The kernels of the first layer; `None` where it is no convolution, or was not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_layer: Option<Kernels>,
}

/// The number if it is finite; otherwise `None`, for a metric that is not defined.
#[must_use]
pub fn defined(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

/// The count that a number of a file stands for; `None` where the number is no count.
fn whole_of(x: f64) -> Option<u64> {
    (x >= 0.0 && x < u64::MAX as f64 && x.fract() == 0.0).then_some(x as u64)
}

/// The serialised form of counts: with a decimal point, such as `16.0`, like the other numbers of the file.
mod whole {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(count: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
        count.map(|count| count as f64).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
        let Some(x) = Option::<f64>::deserialize(from)? else { return Ok(None) };
        let count = super::whole_of(x);
        count.map(Some).ok_or_else(|| D::Error::custom(format!("{x} is no number of things")))
    }
}

/// A column of the table, by the field that it shows.
enum Column {
    Whole(fn(&mut Row) -> &mut Option<u64>),
    Real(fn(&mut Row) -> &mut Option<f64>),
}

impl Column {
    /// The table's text of the column for a row.
    fn text(&self, row: &mut Row) -> String {
        match self {
            Self::Whole(of) => of(row).map(|count| count.to_string()),
            Self::Real(of) => of(row).map(digits),
        }
        .unwrap_or_default()
    }

    /// Sets a row's field from the table's text; text that is no number makes it unknown.
    fn read(&self, row: &mut Row, text: &str) {
        let number = text.parse::<f64>().ok().filter(|x| !x.is_nan());
        match self {
            Self::Whole(of) => *of(row) = text.parse().ok().or(number.and_then(whole_of)),
            Self::Real(of) => *of(row) = number,
        }
    }
}

use Column::{Real, Whole};

/// The table's numeric columns by name; the columns `neuron,config,twin,receptive_field_ms` precede them.
const COLUMNS: [(&str, Column); 21] = [
    ("parameters", Whole(|row| &mut row.parameters)),
    ("auc", Real(|row| &mut row.auc)),
    ("auc_low", Real(|row| &mut row.auc_low)),
    ("auc_high", Real(|row| &mut row.auc_high)),
    ("tpr_at_fpr_0.002", Real(|row| &mut row.tpr)),
    ("near_spike_auc", Real(|row| &mut row.near_auc)),
    ("soma_explained_percent", Real(|row| &mut row.soma_explained_percent)),
    ("rate_explained_percent", Real(|row| &mut row.rate_explained_percent)),
    ("dend_explained_percent", Real(|row| &mut row.dend_explained_percent)),
    ("train_simulations", Whole(|row| &mut row.train_simulations)),
    ("steps", Whole(|row| &mut row.steps)),
    ("epochs", Whole(|row| &mut row.epochs)),
    ("batch_size", Whole(|row| &mut row.batch_size)),
    ("window_ms", Whole(|row| &mut row.window_ms)),
    ("learning_rate", Real(|row| &mut row.learning_rate)),
    ("seed", Whole(|row| &mut row.seed)),
    ("train_seconds", Real(|row| &mut row.train_seconds)),
    ("inference_ms", Real(|row| &mut row.inference_ms)),
    ("weights_kib", Real(|row| &mut row.weights_kib)),
    ("memory_mib", Real(|row| &mut row.memory_mib)),
    ("test_simulations", Whole(|row| &mut row.test_simulations)),
];

impl Row {
    /// Takes over the settings of the training.
    #[must_use]
    pub fn trained_by(mut self, recipe: &Recipe) -> Self {
        self.epochs = Some(recipe.num_epochs as u64);
        self.batch_size = Some(recipe.train_batch_size as u64);
        self.window_ms = Some(recipe.train_time_window_size as u64);
        self.learning_rate = Some(recipe.learning_rate);
        self.seed = Some(recipe.seed);
        self
    }

    /// Number of passes over the train simulations that were made, at most the recipe's epochs; `None` where it is not
    /// known.
    #[must_use]
    pub fn epochs_done(&self) -> Option<f64> {
        let per_epoch = self.train_simulations?.div_ceil(self.batch_size.filter(|n| *n > 0)?);
        let done = self.steps? as f64 / Some(per_epoch).filter(|n| *n > 0)? as f64;
        Some(self.epochs.map_or(done, |all| done.min(all as f64)))
    }

    /// Takes over the test set.
    #[must_use]
    pub fn judged_on(mut self, set: &TestSet) -> Self {
        self.test_simulations = Some(set.simulations as u64);
        self.test_set = set.to_string();
        self
    }

    /// Takes over an [`Evaluation`](super::evaluate::Evaluation) in JSON, and the 95% interval of its AUC.
    #[must_use]
    pub fn judged_by(mut self, metrics: &serde_json::Value, interval: (f64, f64)) -> Self {
        let number = |key: &str| metrics[key].as_f64();
        self.auc = number("AUC_score");
        (self.auc_low, self.auc_high) = (defined(interval.0), defined(interval.1));
        self.tpr = number("true_positive_at_FP");
        self.near_auc = number("near_spike_AUC_score");
        self.soma_explained_percent = number("soma_explained_variance_percent");
        self.rate_explained_percent = number("inst_rate_explained_variance_percent");
        self.dend_explained_percent = number("dend_v_explained_variance_percent");
        self
    }

    /// The rows of a JSON text: an array of rows, or the single row of a `row.json`.
    ///
    /// # Errors
    /// A message in words with the fault of the text.
    pub fn from_json(text: &str) -> Result<Vec<Self>, String> {
        let wrong = |e: String| format!("this is no row of a sweep: {e}");
        let rows = match text::without_bom(text).trim_start().starts_with('[') {
            true => text::from_json(text).map_err(wrong)?,
            false => vec![text::from_json(text).map_err(wrong)?],
        };
        checked(rows)
    }

    /// The rows of a `table.csv`; the fields of columns that it lacks stay unknown.
    ///
    /// # Errors
    /// A message in words with the fault of the text and its line.
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
                receptive_field_ms: cell("receptive_field_ms").parse().ok().and_then(whole_of),
                test_set: cell("test_set").to_owned(),
                ..Self::default()
            };
            for (name, column) in COLUMNS {
                column.read(&mut row, cell(name));
            }
            row
        };
        checked(rows.iter().map(row).collect())
    }

    /// The table of rows: counts and seeds as integers, other numbers with seven digits; empty where a value is not
    /// known.
    #[must_use]
    pub fn to_csv(rows: &[Self]) -> String {
        let names = ["neuron", "config", "twin", "receptive_field_ms"];
        let names = names.into_iter().chain(COLUMNS.map(|(name, _)| name)).chain(["test_set"]);
        let cells = rows.iter().map(|row| {
            let field = row.receptive_field_ms.map(|ms| digits(ms as f64));
            let field = field.unwrap_or_else(|| "unbounded".to_owned());
            let mut row = row.clone();
            let numbers = COLUMNS.map(|(_, column)| column.text(&mut row));
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
    // on a test set without spikes no AUC is defined
    match rows.iter().find(|row| row.auc.is_some_and(|auc| !(0.0..=1.0).contains(&auc))) {
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
        // a seed that single precision and seven digits would round
        let recipe = Recipe { seed: 123_456_789, learning_rate: 1.5e-4, ..Recipe::default() };
        let row = Row {
            neuron: "nmda-cable".into(),
            config: "C".into(),
            short_name: "TCN_x".into(),
            parameters: Some(189_644),
            receptive_field_ms: Some(201),
            ..Row::default()
        };
        let set = TestSet { seed: Some(5), simulations: 8, made: Some(12), duration_ms: 2048 };
        let row = row.trained_by(&recipe).judged_by(&metrics, (f64::NAN, 0.99)).judged_on(&set);
        let unbounded = Row { receptive_field_ms: None, ..row.clone() };
        let text = Row::to_csv(&[row.clone(), unbounded]);
        let again = Row::from_csv(&text).unwrap();
        assert_eq!((again[0].auc, again[0].auc_high), (Some(0.987_654_3), Some(0.99)));
        assert_eq!((again[0].auc_low, again[0].near_auc), (None, None));
        assert_eq!((again[0].learning_rate, again[0].seed), (Some(1.5e-4), Some(123_456_789)));
        assert_eq!((again[0].epochs, again[0].batch_size), (Some(100), Some(16)));
        assert_eq!(again[0].parameters, Some(189_644));
        assert_eq!((again[0].receptive_field_ms, again[1].receptive_field_ms), (Some(201), None));
        assert_eq!(again[0].test_set, "8 of 12 simulations of 2048 ms; seed 5");
        assert_eq!(again[0].test_simulations, Some(8));
        assert!(text.contains(",unbounded,189644,0.9876543,,0.99,0.5,"), "{text}");
        let json = serde_json::to_string(&row).unwrap();
        let again = &Row::from_json(&json).unwrap()[0];
        assert_eq!((again.auc, again.tpr, again.auc_low), (row.auc, Some(0.5), None));
    }

    #[test]
    fn a_name_with_a_comma_stays_one_cell() {
        let (neuron, config) = ("a, \"b\"".into(), "C".into());
        let row = Row { neuron, config, auc: Some(0.9), ..Row::default() };
        let again = Row::from_csv(&Row::to_csv(std::slice::from_ref(&row))).unwrap();
        assert_eq!((&again[0].neuron, &again[0].config), (&row.neuron, &row.config));
        assert_eq!(again[0].auc, Some(0.9));
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
        assert_eq!((rows[0].parameters, rows[0].steps), (Some(6000), None));
        assert_eq!(rows[1].auc_low, None);
        let json = r#"{"neuron":"nmda-cable","label":"C","auc":0.9,"auc_low":null,"steps":12}"#;
        let row = &Row::from_json(json).unwrap()[0];
        assert_eq!((row.config.as_str(), row.steps), ("C", Some(12)));
        assert_eq!((row.auc_low, row.seed), (None, None));
        let half = json.replace("12", "12.5");
        assert!(Row::from_json(&half).unwrap_err().contains("12.5 is no number of things"));
    }

    /// The files of a sweep from the time when a row had NaN for unknown values: null and empty, and integers with a
    /// decimal point in JSON.
    #[test]
    fn the_files_keep_their_bytes() {
        let file = |name: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/results");
            std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
        };
        for name in ["row.json", "row_unknown.json"] {
            let row = &Row::from_json(&file(name)).unwrap()[0];
            assert_eq!(serde_json::to_string_pretty(row).unwrap() + "\n", file(name), "{name}");
        }
        for name in ["table.csv", "baselines.csv"] {
            assert_eq!(Row::to_csv(&Row::from_csv(&file(name)).unwrap()), file(name), "{name}");
        }
    }

    #[test]
    fn a_run_that_was_stopped_has_fewer_epochs_than_its_recipe() {
        let row = |steps, train| Row {
            steps,
            train_simulations: Some(train),
            batch_size: Some(8),
            epochs: Some(30),
            ..Row::default()
        };
        // 24 simulations in batches of 8: three steps a pass
        assert_eq!(row(Some(30), 24).epochs_done(), Some(10.0));
        assert_eq!(row(Some(90), 24).epochs_done(), Some(30.0));
        assert_eq!(row(Some(10), 25).epochs_done(), Some(2.5));
        assert_eq!(row(None, 24).epochs_done(), None);
        assert_eq!(row(Some(0), 0).epochs_done(), None);
    }

    #[test]
    fn what_is_no_table_is_told_apart() {
        assert!(Row::from_csv("a,b\n1,2\n").unwrap_err().contains("neuron"));
        assert!(Row::from_csv("neuron,config,auc\nx,A\n").unwrap_err().contains("line 2"));
        assert!(Row::from_csv("neuron,config,auc\nx,A,1.7\n").unwrap_err().contains("AUC"));
        assert!(Row::from_json("{}").unwrap_err().contains("names no neuron"));
        // the result of a test set without spikes can be read back
        let silent = Row { neuron: "n".into(), config: "A".into(), ..Row::default() };
        let json = serde_json::to_string(&silent).unwrap();
        for rows in [Row::from_json(&json), Row::from_csv(&Row::to_csv(&[silent]))] {
            assert_eq!(rows.unwrap()[0].auc, None);
        }
    }
}
