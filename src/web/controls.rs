//! A lesson's controls: sliders, boxes, switches and choices in its markup, each with a `data-key`. Ranges and defaults
//! stand in the markup alone; [`Controls`] reads the values, writes those that differ from their defaults into the
//! address, and sets them from an address. A value that the lesson itself writes (places clicked, an edited tree) is in
//! a hidden input.

use super::boxes::NumberBox;
use super::dom;
use super::names::{Choice, Named};
use crate::text::grouped;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The controls of one lesson.
#[derive(Clone)]
pub(super) struct Controls(Rc<Inner>);

struct Inner {
    root: Element,
    controls: BTreeMap<String, Control>,
    defaults: BTreeMap<String, String>,
}

#[derive(Clone)]
enum Control {
    Slider(HtmlInputElement),
    /// A box into which a number is typed.
    Box(NumberBox),
    Switch(HtmlInputElement),
    /// A hidden input, whose text the lesson writes and checks.
    Text(HtmlInputElement),
    Select(HtmlSelectElement),
    Radios(Vec<HtmlInputElement>),
}

impl Control {
    fn of(element: &Element) -> Self {
        if let Some(select) = element.dyn_ref::<HtmlSelectElement>() {
            return Self::Select(select.clone());
        }
        match element.dyn_ref::<HtmlInputElement>() {
            Some(input) if input.type_() == "checkbox" => Self::Switch(input.clone()),
            Some(input) if input.type_() == "hidden" => Self::Text(input.clone()),
            Some(input) if input.type_() == "number" => Self::Box(NumberBox::new(input.clone())),
            Some(input) => Self::Slider(input.clone()),
            None => Self::Radios(dom::all(element, "input[type=radio]")),
        }
    }

    /// An element of the control, whose events bubble up to the lesson's section.
    fn target(&self) -> Option<web_sys::EventTarget> {
        match self {
            Self::Slider(input) | Self::Switch(input) | Self::Text(input) => {
                Some(input.clone().into())
            }
            Self::Box(number) => Some(number.input().clone().into()),
            Self::Select(select) => Some(select.clone().into()),
            Self::Radios(radios) => radios.first().map(|radio| radio.clone().into()),
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Slider(input) | Self::Text(input) => input.value(),
            Self::Box(number) => number.value(),
            Self::Switch(input) => if input.checked() { "1" } else { "0" }.into(),
            Self::Select(select) => select.value(),
            Self::Radios(radios) => {
                radios.iter().find(|r| r.checked()).map_or(String::new(), |r| r.value())
            }
        }
    }

    /// Sets the control's value; false where the value could not be set as given. A slider then goes to the nearest
    /// value of its range (at a text that is no number it stays), a switch goes off, and every other control keeps its
    /// value.
    fn set(&self, value: &str) -> bool {
        match self {
            Self::Slider(input) => {
                let Some(wanted) = value.parse::<f64>().ok().filter(|v| v.is_finite()) else {
                    return false;
                };
                input.set_value(value);
                // the browser moves a slider to the nearest of its steps
                let step = input.step().parse().unwrap_or(1.0);
                input.value().parse::<f64>().is_ok_and(|now| (now - wanted).abs() <= 0.51 * step)
            }
            Self::Box(number) => number.set(value),
            Self::Text(input) => {
                input.set_value(value);
                true
            }
            Self::Switch(input) => {
                input.set_checked(value == "1");
                value == "1" || value == "0"
            }
            Self::Select(select) => {
                let before = select.value();
                select.set_value(value);
                let known = select.selected_index() >= 0;
                if !known {
                    select.set_value(&before);
                }
                // a list that the lesson fills later may not have the option yet
                known || select.has_attribute("data-models")
            }
            Self::Radios(radios) => {
                let wanted = radios.iter().find(|radio| radio.value() == value);
                wanted.inspect(|radio| radio.set_checked(true)).is_some()
            }
        }
    }

    /// Takes over what the learner has typed into a box; any other control holds its value already.
    fn take_over(&self) {
        if let Self::Box(number) = self {
            number.take_over();
        }
    }
}

impl Controls {
    /// Finds the controls of a lesson and calls `changed` whenever the learner moves one.
    pub(super) fn new(root: Element, changed: impl Fn(&Controls) + 'static) -> Self {
        let found: Vec<Element> = dom::all(&root, "[data-key]");
        let controls: BTreeMap<String, Control> = found
            .iter()
            .filter_map(|e| Some((e.get_attribute("data-key")?, Control::of(e))))
            .collect();
        let defaults = controls.iter().map(|(key, c)| (key.clone(), c.value())).collect();
        let this = Self(Rc::new(Inner { root: root.clone(), controls, defaults }));
        let controls = this.clone();
        dom::on(&root, "input", move |event: Event| {
            if let Some(ours) = dom::around(&event, "[data-key]") {
                let key = ours.get_attribute("data-key").unwrap_or_default();
                controls.0.controls.get(&key).inspect(|control| control.take_over());
                controls.write_outputs();
                changed(&controls);
            }
        });
        this.write_outputs();
        this
    }

    /// The value of the control with this key; `None` where the lesson has no control of this key.
    pub(super) fn value(&self, key: &str) -> Option<String> {
        self.0.controls.get(key).map(Control::value)
    }

    /// Sets controls as if the learner had: address and lesson follow once, for all of them.
    pub(super) fn write(&self, values: &[(Choice, &str)]) {
        let mut moved: Option<web_sys::EventTarget> = None;
        for (key, value) in values {
            let Some(control) = self.0.controls.get(key.name()) else { continue };
            control.set(value);
            moved = moved.or_else(|| control.target());
        }
        moved.inspect(dom::moved);
    }

    /// The values that are not at their defaults, for the address.
    pub(super) fn changed(&self) -> BTreeMap<String, String> {
        self.0
            .controls
            .iter()
            .map(|(key, control)| (key.clone(), control.value()))
            .filter(|(key, value)| self.0.defaults.get(key) != Some(value))
            .collect()
    }

    /// Sets every control: to the value given, or to its default. Returns, as `key=value`, the values that could not be
    /// set as given, and those whose key no control has.
    pub(super) fn set(&self, values: &BTreeMap<String, String>) -> Vec<String> {
        let mut unused: Vec<String> = Vec::new();
        for (key, control) in &self.0.controls {
            if let Some(default) = self.0.defaults.get(key) {
                control.set(default);
            }
            if let Some(value) = values.get(key)
                && !control.set(value)
            {
                unused.push(format!("{key}={value}"));
            }
        }
        let unknown = values.iter().filter(|(key, _)| !self.0.controls.contains_key(*key));
        unused.extend(unknown.map(|(key, value)| format!("{key}={value}")));
        self.write_outputs();
        unused
    }

    /// Writes each slider's value beside it, in the place marked `data-of`, and into the custom
    /// property `--value` of pictures that follow it, marked `data-var`.
    fn write_outputs(&self) {
        for picture in dom::all::<HtmlElement>(&self.0.root, "[data-var]") {
            let value = picture.get_attribute("data-var").and_then(|key| self.value(&key));
            picture.style().set_property("--value", &value.unwrap_or_default()).ok();
        }
        for output in dom::all::<Element>(&self.0.root, "[data-of]") {
            let Some(key) = output.get_attribute("data-of") else { continue };
            let unit = output.get_attribute("data-unit").unwrap_or_default();
            let value = grouped(self.value(&key).unwrap_or_default());
            let text = format!("{value}\u{202f}{unit}");
            dom::set_text(&output, text.trim_end());
            if let Some(Control::Slider(input)) = self.0.controls.get(&key) {
                input.set_attribute("aria-valuetext", text.trim_end()).ok();
            }
        }
    }
}
