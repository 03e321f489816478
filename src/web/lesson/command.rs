//! The command line that does what the page shows.

use crate::data::GeneratorConfig;
#[cfg(feature = "data-lessons")]
use crate::data::prune::Criteria;
use crate::experiment::SynapticEvent;
use crate::sim::NeuronParams;
use crate::web::dom;
use crate::web::names::{Cli, Named};
use serde_json::{Map, Value};
use web_sys::Element;

/// Writes a command into the lesson's place for it. Each word is an element, so that a line breaks
/// between words and not within an option.
pub(super) fn show(root: &Element, name: Cli, command: &str) {
    let place: Element = dom::must(root, &format!("{} code", name.selector()));
    if place.text_content().as_deref() == Some(command) {
        return;
    }
    place.set_inner_html("");
    for word in command.split_inclusive([' ', '\n']) {
        let span: Element = dom::element("span", "");
        span.set_text_content(Some(word));
        place.append_child(&span).ok();
    }
}

/// The commands that write the neuron's file, and the option that names the neuron: a preset needs no file.
pub(super) fn neuron(params: &NeuronParams) -> (String, String) {
    let preset = NeuronParams::PRESETS
        .into_iter()
        .find(|name| NeuronParams::preset(name).is_ok_and(|preset| preset == *params));
    match preset {
        Some(name) => (String::new(), format!("--preset {name}")),
        None => {
            let json = Value::Object(differences(params));
            (format!("echo '{json}' > neuron.json\n"), "--neuron neuron.json".into())
        }
    }
}

/// The neuron as a file of the command line: the keys that are not at their defaults.
pub(super) fn json(params: &NeuronParams) -> String {
    serde_json::to_string_pretty(&Value::Object(differences(params))).unwrap_or_default()
}

/// Events as options of the command line, four per line.
pub(super) fn events(events: impl Iterator<Item = SynapticEvent>) -> String {
    let each = |(at, event): (usize, SynapticEvent)| {
        let line = if at % 4 == 0 { " \\\n   " } else { "" };
        let kind = if event.excitatory { "" } else { ",inh" };
        format!("{line} --event {},{},{}{kind}", event.segment, event.t_ms, event.weight)
    };
    events.enumerate().map(each).collect()
}

/// The command that writes into `config.json` what inputs are drawn from.
pub(super) fn config(generator: &GeneratorConfig) -> String {
    let json = Value::Object(changed(generator, &GeneratorConfig::default()));
    format!("echo '{json}' > config.json\n")
}

/// The command that writes the file of a filter's criteria, and the option that names the file; both are empty where
/// all criteria are at their defaults.
#[cfg(feature = "data-lessons")]
pub(super) fn ranges(criteria: &Criteria) -> (String, &'static str) {
    let changed = changed(criteria, &Criteria::default());
    if changed.is_empty() {
        return (String::new(), "");
    }
    (format!("echo '{}' > ranges.json\n", Value::Object(changed)), " --ranges ranges.json")
}

/// The keys whose values in `now` differ from those in `before`, with the values in `now`.
fn changed<T: serde::Serialize>(now: &T, before: &T) -> Map<String, Value> {
    let object = |of: &T| match serde_json::to_value(of) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    };
    let before = object(before);
    object(now).into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect()
}

/// The neuron's parameters that are not at their defaults.
fn differences(params: &NeuronParams) -> Map<String, Value> {
    changed(params, &NeuronParams::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_is_named_and_another_neuron_is_written_out() {
        let cable = NeuronParams::default();
        assert_eq!(neuron(&cable), (String::new(), "--preset nmda-cable".into()));
        let other = NeuronParams { num_segments: 64, ..cable };
        let (file, option) = neuron(&other);
        assert_eq!(file, "echo '{\"num_segments\":64}' > neuron.json\n");
        assert_eq!(option, "--neuron neuron.json");
        let json = file.split('\'').nth(1).unwrap_or_default();
        assert_eq!(NeuronParams::from_json(json), Ok(other));
    }

    #[test]
    fn events_are_options() {
        assert_eq!(events(std::iter::empty()), "");
        let many = (0..5).map(|segment| SynapticEvent {
            segment,
            t_ms: 20,
            excitatory: segment != 4,
            weight: 0.3,
        });
        let text = events(many);
        assert_eq!(text.matches(" \\\n").count(), 2);
        assert!(text.starts_with(" \\\n    --event 0,20,0.3 --event 1,20,0.3 "), "{text}");
        assert!(text.ends_with(" --event 4,20,0.3,inh"), "{text}");
    }

    #[test]
    fn what_differs_from_the_recipe_is_written_out_and_reads_back() {
        let generator =
            GeneratorConfig { modulation_probability: 1.0, ..GeneratorConfig::default() };
        let file = config(&generator);
        let json = file.split('\'').nth(1).unwrap_or_default();
        assert_eq!(json, "{\"modulation_probability\":1.0}");
        assert_eq!(GeneratorConfig::from_json(json), Ok(generator));
        assert_eq!(ranges(&Criteria::default()), (String::new(), ""));
        let criteria = Criteria { firing_rate_hz_range: [1.0, 8.0], ..Criteria::default() };
        let (file, option) = ranges(&criteria);
        assert_eq!(file, "echo '{\"firing_rate_hz_range\":[1.0,8.0]}' > ranges.json\n");
        assert_eq!(option, " --ranges ranges.json");
    }
}
