//! Rows of results: those that ship with the page, and those of the command line's `sweep`.

use crate::sim::NeuronParams;
use crate::web::dom;
use serde::{Deserialize, Deserializer, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Where the recorded rows lie, from the twins' page.
const RECORDED: &str = "../recorded/assignment.json";

/// The assignment's two neurons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::web::lesson) enum Neuron {
    /// Short and thick, AMPA only.
    Point,
    /// Long and thin, with NMDA.
    Cable,
}

impl Neuron {
    /// Both.
    pub(in crate::web::lesson) const ALL: [Self; 2] = [Self::Point, Self::Cable];

    /// The name of its preset.
    pub(in crate::web::lesson) fn preset(self) -> &'static str {
        match self {
            Self::Point => "ampa-point",
            Self::Cable => "nmda-cable",
        }
    }

    /// For the learner.
    pub(in crate::web::lesson) fn words(self) -> &'static str {
        match self {
            Self::Point => "AMPA point",
            Self::Cable => "NMDA cable",
        }
    }

    /// Its parameters.
    pub(in crate::web::lesson) fn params(self) -> NeuronParams {
        NeuronParams::preset(self.preset()).unwrap_or_default()
    }

    /// Which of the two a preset, a short name or a data set's title means.
    pub(in crate::web::lesson) fn named(text: &str) -> Option<Self> {
        if text == "nmda-cable-rodent" {
            return None;
        }
        Self::ALL
            .into_iter()
            .find(|neuron| text == neuron.preset() || text.contains(&neuron.params().short_name()))
    }

    /// The recorded data set of this neuron.
    pub(in crate::web::lesson) fn recorded_data(self) -> &'static str {
        match self {
            Self::Point => "ampa_point_small",
            Self::Cable => "nmda_cable_small",
        }
    }

    /// The recorded twin of this neuron, of configuration C.
    pub(in crate::web::lesson) fn recorded_twin(self) -> &'static str {
        match self {
            Self::Point => "twin_point_C",
            Self::Cable => "twin_cable_C",
        }
    }
}

/// First-layer kernels as a row holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::web::lesson) struct Kernels {
    /// Kernels, input channels, segments, ms.
    pub(in crate::web::lesson) dims: [usize; 4],
    /// In that order; the last ms is the present.
    pub(in crate::web::lesson) values: Vec<f64>,
}

/// What is known of one twin's result. Numbers that are missing are NaN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::web::lesson) struct Row {
    /// A preset's name or a neuron's short name.
    pub(in crate::web::lesson) neuron: String,
    /// `A` to `E`, or `elm`, `resnet_tcn`, `transformer`, `tcn`.
    #[serde(alias = "label")]
    pub(in crate::web::lesson) config: String,
    /// The original's name for the twin.
    pub(in crate::web::lesson) short_name: String,
    /// Parameters.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) parameters: f64,
    /// ms of input that one output can depend on; none where unbounded.
    pub(in crate::web::lesson) receptive_field_ms: Option<f64>,
    /// Area under the spikes' ROC curve.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) auc: f64,
    /// Lower end of its 95% interval.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) auc_low: f64,
    /// Upper end.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) auc_high: f64,
    /// True-positive rate at a false-positive rate of 0.002.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) tpr: f64,
    /// Explained variance of the soma voltage, %.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) soma_explained_percent: f64,
    /// Training steps.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) steps: f64,
    /// Simulations that it learned from.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) train_simulations: f64,
    /// Seconds spent training.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) train_seconds: f64,
    /// ms that one simulation takes it.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) inference_ms: f64,
    /// Its weights, KiB.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) weights_kib: f64,
    /// Of the training.
    #[serde(deserialize_with = "or_nan")]
    pub(in crate::web::lesson) seed: f64,
    /// Its first layer, where it is a convolution and was kept.
    pub(in crate::web::lesson) first_layer: Option<Kernels>,
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
            soma_explained_percent: nan,
            steps: nan,
            train_simulations: nan,
            train_seconds: nan,
            inference_ms: nan,
            weights_kib: nan,
            seed: nan,
            first_layer: None,
        }
    }
}

impl Row {
    /// Which of the assignment's neurons it is of.
    pub(in crate::web::lesson) fn of(&self) -> Option<Neuron> {
        Neuron::named(&self.neuron)
    }
}

/// JSON has no NaN: it is null there.
fn or_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

/// Rows of a JSON text: an array of them, or the one of a sweep's `row.json`.
///
/// # Errors
/// What is wrong with it, for the learner.
pub(in crate::web::lesson) fn from_json(text: &str) -> Result<Vec<Row>, String> {
    let one = |e: serde_json::Error| format!("this is no row of a sweep: {e}");
    let rows = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(text).map_err(one)?,
        false => vec![serde_json::from_str(text).map_err(one)?],
    };
    checked(rows)
}

/// Rows of a sweep's `table.csv`.
///
/// # Errors
/// What is wrong with it, for the learner.
pub(in crate::web::lesson) fn from_csv(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    for needed in ["neuron", "config", "auc"] {
        if !head.contains(&needed) {
            return Err(format!("this is no table.csv of a sweep: it has no column \"{needed}\""));
        }
    }
    let row = |(number, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells.len() != head.len() {
            let (has, want) = (cells.len(), head.len());
            return Err(format!("line {} has {has} fields in place of {want}", number + 2));
        }
        let text = |name: &str| {
            head.iter().position(|h| *h == name).map_or(String::new(), |at| cells[at].to_owned())
        };
        let number = |name: &str| text(name).parse().unwrap_or(f64::NAN);
        Ok(Row {
            neuron: text("neuron"),
            config: text("config"),
            short_name: text("twin"),
            parameters: number("parameters"),
            receptive_field_ms: text("receptive_field_ms").parse().ok(),
            auc: number("auc"),
            auc_low: number("auc_low"),
            auc_high: number("auc_high"),
            tpr: number("tpr_at_fpr_0.002"),
            soma_explained_percent: number("soma_explained_percent"),
            train_seconds: number("train_seconds"),
            inference_ms: number("inference_ms"),
            weights_kib: number("weights_kib"),
            ..Row::default()
        })
    };
    checked(lines.enumerate().map(row).collect::<Result<_, _>>()?)
}

fn checked(rows: Vec<Row>) -> Result<Vec<Row>, String> {
    match rows.iter().find(|row| !(0.0..=1.0).contains(&row.auc)) {
        Some(row) => Err(format!("{} {} has no AUC between 0 and 1", row.neuron, row.config)),
        None => Ok(rows),
    }
}

/// The recorded rows.
///
/// # Errors
/// A file that is not there or not as expected, for the learner.
pub(in crate::web::lesson) async fn recorded() -> Result<Vec<Row>, String> {
    let missing =
        |why: String| format!("The recorded results ({RECORDED}) could not be read: {why}.");
    let text = async {
        let response: Response = JsFuture::from(dom::window().fetch_with_str(RECORDED))
            .await
            .map_err(|_| "this page has no such file at hand".to_owned())?
            .unchecked_into();
        if !response.ok() {
            return Err(format!("the server answered {}", response.status()));
        }
        let text = response.text().map_err(|_| "it is no text".to_owned())?;
        let text = JsFuture::from(text).await.map_err(|_| "it broke off".to_owned())?;
        text.as_string().ok_or_else(|| "it is no text".to_owned())
    };
    from_json(&text.await.map_err(missing)?).map_err(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweeps_table_and_row_are_read() {
        let name = Neuron::Point.params().short_name();
        let csv = format!(
            "neuron,config,twin,parameters,receptive_field_ms,auc,auc_low,auc_high,tpr_at_fpr_0.002,\
             soma_explained_percent,train_seconds,inference_ms,weights_kib\n\
             {name},A,TCN_x,6000,181,0.98000,0.97000,0.99000,0.5000,80.000,12.0,3.000,24.0\n\
             {name},elm,ELM_x,6000,unbounded,0.98000,NaN,NaN,0.5000,80.000,12.0,3.000,24.0\n"
        );
        let rows = from_csv(&csv).unwrap();
        assert_eq!(rows[0].of(), Some(Neuron::Point));
        assert_eq!((rows[0].receptive_field_ms, rows[1].receptive_field_ms), (Some(181.0), None));
        assert_eq!((rows[0].tpr, rows[0].soma_explained_percent), (0.5, 80.0));
        assert!(rows[1].auc_low.is_nan());
        // what `sweep` writes beside each run
        let json = r#"{"neuron":"nmda-cable","label":"C","auc":0.9,"auc_low":null,"steps":12}"#;
        let row = &from_json(json).unwrap()[0];
        assert_eq!((row.config.as_str(), row.of(), row.steps), ("C", Some(Neuron::Cable), 12.0));
        assert!(row.auc_low.is_nan() && row.seed.is_nan());
        let again = from_json(&serde_json::to_string(row).unwrap()).unwrap();
        assert_eq!((again[0].auc, again[0].tpr.is_nan()), (0.9, true));
    }

    #[test]
    fn what_is_no_table_is_told_apart() {
        assert!(from_csv("a,b\n1,2\n").unwrap_err().contains("neuron"));
        assert!(from_csv("neuron,config,auc\nx,A\n").unwrap_err().contains("line 2"));
        assert!(from_csv("neuron,config,auc\nx,A,1.7\n").unwrap_err().contains("AUC"));
        assert!(from_json("{}").is_err());
        assert_eq!(Neuron::named("nmda-cable-rodent"), None);
    }
}
