//! A run's title in a list: short, with the neuron and when the run was begun.

use super::recorded::Neuron;
use crate::web::dom;
use crate::web::plot::scale::short;
use crate::web::trainer::protocol::{Device, RunRecord};
use js_sys::Date;
use wasm_bindgen::JsValue;
use web_sys::Element;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A neuron in a word.
fn neuron_word(name: &str) -> &'static str {
    match Neuron::named(name) {
        Some(Neuron::Point) => "point",
        Some(Neuron::Cable) => "cable",
        None => "own neuron",
    }
}

/// A run's label, its neuron and when it was begun: "my TCN 2×16, cable, 25 Nov 18:40".
pub(in crate::web::lesson) fn title(record: &RunRecord) -> String {
    let date = Date::new(&JsValue::from_f64(record.started_ms));
    let when = [date.get_date(), date.get_month(), date.get_hours(), date.get_minutes()];
    composed(&record.plan.label, &record.neuron, when)
}

/// A title from a run's label, its neuron's short name, and day, month (from 0), hour and minute.
fn composed(label: &str, neuron: &str, [day, month, hour, minute]: [u32; 4]) -> String {
    let month = MONTHS.get(month as usize).copied().unwrap_or_default();
    format!("{label}, {}, {day} {month} {hour:02}:{minute:02}", neuron_word(neuron))
}

/// What a run's title leaves out: twin, neuron, parameters and steps.
pub(in crate::web::lesson) fn tooltip(record: &RunRecord) -> String {
    format!(
        "{} of {}, {} parameters, step {} of {}",
        record.short_name,
        record.neuron,
        short(record.parameters as f64),
        record.step,
        record.steps
    )
}

/// What a training does before its first step here, where that takes long enough to be told: on a graphics device the
/// browser compiles every kernel first. `None` on the processor.
pub(in crate::web::lesson) fn preparing(record: &RunRecord) -> Option<&'static str> {
    (record.device == Device::WebGpu).then_some(
        "Preparing the kernels: the graphics device compiles them before the first step …",
    )
}

/// A run as an option of a select; `more` follows the run's title.
pub(in crate::web::lesson) fn option(value: &str, record: &RunRecord, more: &str) -> Element {
    let option = dom::option(value, &format!("{}{more}", title(record)));
    option.set_attribute("title", &tooltip(record)).ok();
    option
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_short_and_tells_the_neuron_and_the_day() {
        let cable = Neuron::Cable.params().short_name();
        let name = composed("my TCN 2×16", &cable, [5, 10, 8, 4]);
        assert_eq!(name, "my TCN 2×16, cable, 5 Nov 08:04");
        assert_eq!(composed("x", "ff-nmda", [31, 11, 23, 59]), "x, own neuron, 31 Dec 23:59");
    }
}
