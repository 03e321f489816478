//! Reads a lesson's markup: its controls with the values that they allow, its marked numbers, and its prose. The markup
//! is ours: well-formed, attributes in double quotes.

use std::collections::BTreeMap;

type Attributes = BTreeMap<String, String>;

/// An element that is open around a text.
#[derive(Clone, Debug)]
pub struct Element {
    pub tag: String,
    pub attributes: Attributes,
}

impl Element {
    fn has_class(&self, name: &str) -> bool {
        self.get("class").is_some_and(|classes| classes.split(' ').any(|class| class == name))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// A piece of text, and the elements around it, the outermost first.
#[derive(Clone, Debug)]
pub struct Text {
    pub text: String,
    pub within: Vec<Element>,
}

/// A control as the markup has it.
#[derive(Clone, Debug, Default)]
struct Control {
    default: String,
    /// The values of a choice; empty where the control is a number or a text.
    choices: Vec<String>,
    /// Least and greatest value of a number; `None` where the control has no bounds.
    range: Option<(f64, f64)>,
}

/// A lesson's markup.
pub struct Markup {
    pub texts: Vec<Text>,
    pub elements: Vec<Element>,
    controls: BTreeMap<String, Control>,
}

const VOID: [&str; 4] = ["input", "br", "link", "meta"];

impl Markup {
    pub fn read(html: &str) -> Self {
        let mut markup =
            Self { texts: Vec::new(), elements: Vec::new(), controls: BTreeMap::new() };
        let mut open: Vec<Element> = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, tag_on) = rest.split_at(at);
            markup.text(text, &open);
            let end = tag_end(tag_on);
            let (tag, after) = (&tag_on[1..end], &tag_on[end + 1..]);
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                let closed = open.pop().map(|element| element.tag);
                assert_eq!(closed.as_deref(), Some(name), "in {}", &after[..after.len().min(80)]);
            } else if !tag.starts_with('!') {
                let element = element(tag);
                markup.control(&element, &open);
                markup.elements.push(element.clone());
                if !VOID.contains(&element.tag.as_str()) {
                    open.push(element);
                }
            }
        }
        assert!(open.is_empty(), "not closed: {open:?}");
        markup
    }

    fn text(&mut self, text: &str, open: &[Element]) {
        // an option without a `value` has its text for a value
        if let [.., select, option] = open
            && option.tag == "option"
            && option.get("value").is_none()
            && let Some(key) = select_of(open).or(select.get("data-key"))
        {
            let control = self.controls.entry(key.to_owned()).or_default();
            if control.choices.is_empty() || option.get("selected").is_some() {
                text.clone_into(&mut control.default);
            }
            control.choices.push(text.to_owned());
        }
        if !text.trim().is_empty() {
            self.texts.push(Text { text: decoded(text), within: open.to_vec() });
        }
    }

    fn control(&mut self, element: &Element, open: &[Element]) {
        let value = element.get("value").unwrap_or_default().to_owned();
        let kind = element.get("type").unwrap_or_default();
        if let Some(key) = element.get("data-key") {
            let number = |name| element.get(name).and_then(|text| text.parse().ok());
            let control = self.controls.entry(key.to_owned()).or_default();
            match kind {
                "checkbox" => {
                    control.choices = vec!["0".into(), "1".into()];
                    control.default = u8::from(element.get("checked").is_some()).to_string();
                }
                "range" | "number" => {
                    control.range = Some(number("min").zip(number("max")).expect("min and max"));
                    control.default = value;
                }
                _ => control.default = value,
            }
            return;
        }
        let key = match element.tag.as_str() {
            "input" if kind == "radio" => open.iter().rev().find_map(|e| e.get("data-key")),
            "option" if element.get("value").is_some() => select_of(open),
            _ => None,
        };
        let Some(key) = key else { return };
        let control = self.controls.entry(key.to_owned()).or_default();
        let chosen = element.get("checked").or(element.get("selected")).is_some();
        if chosen || (element.tag == "option" && control.choices.is_empty()) {
            control.default.clone_from(&value);
        }
        control.choices.push(value);
    }

    /// Whether the control with this key is a `number`, a `switch` or a `choice`, as `kind` says; `None` where no
    /// control has this key. A choice among numbers is both.
    pub fn has_control(&self, key: &str, kind: &str) -> Option<bool> {
        self.controls.get(key).map(|Control { choices, range, .. }| {
            let switch = *choices == ["0", "1"];
            let numbers = !choices.is_empty() && choices.iter().all(|c| c.parse::<f64>().is_ok());
            match kind {
                "number" => range.is_some() || numbers && !switch,
                "switch" => switch,
                _ => range.is_none() && !switch,
            }
        })
    }

    /// The controls at their defaults, but for those that `changes` names: `key=value`, separated by `;` or, as in a
    /// button's `data-set`, by `&`.
    ///
    /// # Errors
    /// A key that no control has, or a value that its control does not allow.
    pub fn set(&self, changes: &str) -> Result<Set, String> {
        let mut values: BTreeMap<String, String> =
            self.controls.iter().map(|(key, c)| (key.clone(), c.default.clone())).collect();
        for change in changes.split([';', '&']).filter(|change| !change.is_empty()) {
            let (key, value) = change.split_once('=').ok_or(format!("{change}: no key=value"))?;
            let control = self.controls.get(key).ok_or(format!("no control is called {key}"))?;
            let within = |(least, most): (f64, f64)| {
                value.parse::<f64>().is_ok_and(|value| (least..=most).contains(&value))
            };
            let allowed = match control.range {
                Some(range) => within(range),
                None => control.choices.is_empty() || control.choices.iter().any(|c| c == value),
            };
            if !allowed {
                return Err(format!("{key} cannot be {value}"));
            }
            values.insert(key.to_owned(), value.to_owned());
        }
        Ok(Set(values))
    }
}

/// Controls with their values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Set(BTreeMap<String, String>);

impl Set {
    /// The value of a control.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }
}

impl Text {
    /// Whether the text says something of its own: not a control, not a number that the page writes, not a formula, a
    /// command, a reference, or an answer that may be wrong.
    pub fn is_prose(&self) -> bool {
        const OTHER: [&str; 11] = [
            "button", "code", "pre", "output", "select", "svg", "cite", "thead", "script",
            "summary", "style",
        ];
        const CLASSES: [&str; 7] =
            ["controls", "sliders", "equation", "formula", "kicker", "next", "own"];
        let answer = self.within.iter().any(|e| e.tag == "label");
        // the explanations of targets stand among the controls
        let explains = self.within.iter().any(|e| e.has_class("explain"));
        !answer
            && self.within.iter().all(|element| {
                !OTHER.contains(&element.tag.as_str())
                    && !CLASSES.iter().any(|class| element.has_class(class) && !explains)
                    && element.get("data-stat").is_none()
            })
    }

    /// The name under which a test of the command line checks the text; `None` where none does.
    pub fn told_elsewhere(&self) -> Option<&str> {
        self.within.iter().find_map(|element| element.get("data-told"))
    }

    /// The expression that the text is marked with; `None` where it is not marked.
    pub fn marked(&self) -> Option<&str> {
        self.within.iter().rev().find(|e| e.tag == "data").and_then(|e| e.get("value"))
    }
}

fn select_of(open: &[Element]) -> Option<&str> {
    open.iter().rev().find(|e| e.tag == "select").and_then(|e| e.get("data-key"))
}

/// Where a tag ends: the first `>` outside quotes.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    tag.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })
    .expect("a tag that ends")
}

fn element(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    let mut attributes = Attributes::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (text, after) = quoted.split_once('"').expect("a quote that ends");
            (value, rest) = (decoded(text), after);
        }
        attributes.insert(key, value);
    }
    Element { tag: name.to_owned(), attributes }
}

fn decoded(text: &str) -> String {
    [("&thinsp;", " "), ("&ensp;", " "), ("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        .replace("&amp;", "&")
}

#[test]
fn markup_is_read_as_a_browser_reads_it() {
    let markup = Markup::read(
        "<p title=\"a > b\">One <data value=\"a &lt; b\">two</data>\nthree<br> four</p>\
         <input type=\"range\" data-key=\"w\" min=\"1\" max=\"4\" value=\"2\">\
         <input type=\"checkbox\" data-key=\"on\" checked>\
         <fieldset data-key=\"rec\"><label><input type=\"radio\" value=\"ampa\"><span>none</span></label>\
         <label><input type=\"radio\" value=\"human\" checked></label></fieldset>\
         <select data-key=\"look\"><optgroup><option>Im</option><option>Ih</option></optgroup></select>",
    );
    let set = markup.set("").unwrap();
    assert_eq!(
        ["w", "on", "rec", "look", "x"].map(|key| set.value(key)),
        [Some("2"), Some("1"), Some("human"), Some("Im"), None]
    );
    let set = markup.set("w=3.5;rec=ampa&look=Ih").unwrap();
    assert_eq!(["w", "rec", "look"].map(|key| set.value(key).unwrap()), ["3.5", "ampa", "Ih"]);
    for wrong in ["w=5", "v=1", "rec=rat", "on=2", "w"] {
        assert!(markup.set(wrong).is_err(), "{wrong}");
    }
    let marked: Vec<_> = markup.texts.iter().map(|t| (t.text.as_str(), t.marked())).collect();
    assert_eq!(marked[..3], [("One ", None), ("two", Some("a < b")), ("\nthree", None)]);
    assert!(markup.texts[0].is_prose() && !markup.texts[4].is_prose());
}
