//! The assignment's two neurons, and the results that ship with the page.

use crate::sim::NeuronParams;
use crate::twin::results::Row;
use crate::web::dom;
use crate::web::plot::scale::fixed;
use crate::web::trainer::protocol::DataRef;

/// The file of the recorded rows, relative to the twins' page.
const RECORDED: &str = "../recorded/assignment.json";

/// The recorded twin of the active cable: the NMDA cable with the channels of Hay et al.'s apical dendrite in its own
/// (`www/recorded/active_cable.json`). It has configuration C, the recipe and the inputs of the recorded twin of the
/// cable.
pub(in crate::web::lesson) const ACTIVE_TWIN: &str = "twin_active_C";
/// The active cable's parameters, which ship with the page as `active_cable.json`.
pub(in crate::web::lesson) const ACTIVE_NEURON: &str =
    include_str!("../../../../www/recorded/active_cable.json");
/// The recorded data set of the active cable.
pub(in crate::web::lesson) const ACTIVE_DATA: &str = "active_cable_small";
/// The active cable's name for the learner.
pub(in crate::web::lesson) const ACTIVE_LABEL: &str = "active cable";

/// The assignment's two neurons; what no neuron is known of is shown with the cable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::web::lesson) enum Neuron {
    /// Short and thick, AMPA only.
    Point,
    /// Long and thin, with NMDA.
    #[default]
    Cable,
}

impl Neuron {
    /// The two neurons.
    pub(in crate::web::lesson) const ALL: [Self; 2] = [Self::Point, Self::Cable];

    /// The neuron that a control's value names: `point`, and for any other value the cable.
    pub(in crate::web::lesson) fn of_key(key: &str) -> Self {
        if key == "point" { Self::Point } else { Self::Cable }
    }

    /// The neuron's name in an address.
    pub(in crate::web::lesson) fn key(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Cable => "cable",
        }
    }

    /// The neuron's shape, in words for the learner.
    pub(in crate::web::lesson) fn looks(self) -> &'static str {
        match self {
            Self::Point => "the short thick neuron",
            Self::Cable => "the long thin neuron",
        }
    }

    /// The name of the neuron's preset.
    pub(in crate::web::lesson) fn preset(self) -> &'static str {
        match self {
            Self::Point => "ampa-point",
            Self::Cable => "nmda-cable",
        }
    }

    /// The neuron's name for the learner.
    pub(in crate::web::lesson) fn label(self) -> &'static str {
        match self {
            Self::Point => "AMPA point",
            Self::Cable => "NMDA cable",
        }
    }

    /// The neuron's parameters.
    pub(in crate::web::lesson) fn params(self) -> NeuronParams {
        NeuronParams::preset(self.preset()).unwrap_or_default()
    }

    /// The neuron's parameters, and the option by which a command takes them.
    pub(in crate::web::lesson) fn with_option(self) -> (NeuronParams, String) {
        (self.params(), format!("--preset {}", self.preset()))
    }

    /// Which of the two neurons a preset's name, a short name or a data set's title means; `None` for any other neuron.
    pub(in crate::web::lesson) fn named(text: &str) -> Option<Self> {
        if text == "nmda-cable-rodent" || NeuronParams::names_regions(text) {
            return None;
        }
        Self::ALL
            .into_iter()
            .find(|neuron| text == neuron.preset() || text.contains(&neuron.params().short_name()))
    }

    /// The recorded data set of this neuron.
    pub(in crate::web::lesson) fn recorded_data(self) -> DataRef {
        DataRef::Recorded(format!("{}_small", self.preset().replace('-', "_")))
    }

    /// The name of the recorded twin of this neuron, of configuration C.
    pub(in crate::web::lesson) fn recorded_twin(self) -> String {
        format!("twin_{}_C", self.key())
    }
}

/// The interval of a row's AUC; `None` where it is not known.
pub(in crate::web::lesson) fn interval(row: &Row, digits: usize) -> Option<String> {
    Some(format!("{}–{}", fixed(row.auc_low?, digits), or_dash(row.auc_high, digits)))
}

/// A number with `digits` decimals, or a dash where it is not known.
pub(in crate::web::lesson) fn or_dash(value: Option<f64>, digits: usize) -> String {
    value.map_or("–".to_owned(), |value| fixed(value, digits))
}

/// Fetches the recorded rows.
///
/// # Errors
/// A file that does not load or is not as expected, in words for the learner.
pub(in crate::web::lesson) async fn recorded() -> Result<Vec<Row>, String> {
    let missing =
        |why: String| format!("The recorded results ({RECORDED}) could not be read: {why}.");
    Row::from_json(&dom::fetch_text(RECORDED).await.map_err(missing)?).map_err(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_and_short_names_name_a_neuron() {
        for neuron in Neuron::ALL {
            assert_eq!(Neuron::named(neuron.preset()), Some(neuron));
            assert_eq!(Neuron::of_key(neuron.key()), neuron);
            let title = format!("{}_x", neuron.params().short_name());
            assert_eq!(Neuron::named(&title), Some(neuron));
        }
        assert_eq!(Neuron::named("nmda-cable-rodent"), None);
    }

    #[test]
    fn a_cable_with_channels_is_neither() {
        let active = NeuronParams::from_json(ACTIVE_NEURON).unwrap();
        let cable = NeuronParams { regions: Default::default(), ..active.clone() };
        assert_eq!(cable, Neuron::Cable.params());
        assert_eq!(Neuron::named(&active.short_name()), None);
    }
}
