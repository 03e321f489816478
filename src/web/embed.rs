//! One laboratory alone, for a frame in a page of others: `?embed=a-current-step` before the `#` of an address. The frame
//! tells the page around it its height, so that it need not scroll inside. Under each laboratory a button copies the
//! lines that put it into a page, with the settings that it shows.

use super::dom;
use super::state::Address;
use js_sys::{Object, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// The parameter of the address that names a laboratory.
const PARAMETER: &str = "?embed=";
/// The laboratories of a lesson.
pub(super) const LABS: &str = ":scope > .lab";

/// The laboratory that the page's address asks for alone; `None` where it asks for the whole page.
fn asked() -> Option<String> {
    let search = dom::window().location().search().ok()?;
    Some(search.strip_prefix(PARAMETER)?.split('&').next()?.to_owned())
        .filter(|name| !name.is_empty())
}

/// Whether a laboratory is shown alone, in a frame.
pub(super) fn is_on() -> bool {
    asked().is_some()
}

/// Where a laboratory is asked for alone, hides all around the lessons, and tells the page around the frame the height.
pub(super) fn start() {
    if asked().is_none() {
        return;
    }
    let body = dom::body();
    body.class_list().add_2("alone", "embed").ok();
    tell_height();
    dom::on_resize([body.as_ref()], tell_height);
}

/// Tells the page around the frame how high the page is, CSS pixels, as soon as it shows anything.
fn tell_height() {
    if dom::find::<Element>(&dom::body(), ".embedded, .told:not([hidden])").is_none() {
        return;
    }
    let Ok(Some(parent)) = dom::window().parent() else { return };
    let height = dom::body().get_bounding_client_rect().height().ceil();
    let (message, inner) = (Object::new(), Object::new());
    Reflect::set(&inner, &"height".into(), &height.into()).ok();
    Reflect::set(&message, &"ballstick".into(), &inner).ok();
    // any page may have the frame, and a height is no secret
    parent.post_message(&message, "*").ok();
}

/// Prepares a lesson that is shown: where a laboratory is asked for alone, shows no other part of the lesson; else gives
/// each laboratory its button. Returns what is to be said where the lesson has no such laboratory.
pub(super) fn prepare(section: &Element) -> Option<String> {
    let labs: Vec<HtmlElement> = dom::all(section, LABS);
    let Some(name) = asked() else {
        labs.iter().for_each(offer);
        return None;
    };
    let asked = labs.iter().position(|lab| slug(&title(lab)) == name);
    show_alone(&labs, asked);
    asked.inspect(|at| lead_on(&labs[*at]));
    tell_height();
    asked.is_none().then(|| format!("This lesson has no laboratory “{name}”."))
}

/// Of a lesson's laboratories, shows this one and no other, where the body has the class `alone`.
pub(super) fn show_alone(labs: &[HtmlElement], shown: Option<usize>) {
    for (at, lab) in labs.iter().enumerate() {
        lab.class_list().toggle_with_force("embedded", shown == Some(at)).ok();
    }
}

/// Gives a laboratory the button that copies the lines which put it into a page of others; one whose markup has
/// `data-with-others`, which shows nothing without the other laboratories of its lesson, gets no button.
fn offer(lab: &HtmlElement) {
    let is_there = dom::find::<Element>(lab, ":scope > .frame").is_some();
    if is_there || lab.has_attribute("data-with-others") {
        return;
    }
    let line: Element = dom::element("p", "frame");
    let button: Element = dom::element("button", "");
    button.set_attribute("type", "button").ok();
    button.set_attribute("data-copy", "frame").ok();
    button.set_text_content(Some("copy for a page of your own"));
    line.append_child(&button).ok();
    lab.append_child(&line).ok();
}

/// Ends a laboratory that stands alone with a link to its whole lesson.
fn lead_on(lab: &HtmlElement) {
    let link = dom::find::<Element>(lab, ":scope > .frame > a").unwrap_or_else(|| {
        let line: Element = dom::element("p", "frame");
        let link: Element = dom::element("a", "");
        link.set_attribute("href", "").ok();
        link.set_text_content(Some("the whole lesson"));
        line.append_child(&link).ok();
        lab.append_child(&line).ok();
        // the address follows the controls
        for event in ["pointerdown", "focus"] {
            let of = link.clone();
            dom::on(&link, event, move |_: Event| lead_to(&of));
        }
        link
    });
    lead_to(&link);
    // and no other link fills the frame
    for link in dom::all::<Element>(lab, "a[href]:not([download])") {
        link.set_attribute("target", "_blank").ok();
        link.set_attribute("rel", "noopener").ok();
        if let Some(hash) = link.get_attribute("href").filter(|href| href.starts_with('#')) {
            let path = dom::window().location().pathname().unwrap_or_default();
            link.set_attribute("href", &(path + &hash)).ok();
        }
    }
}

/// Lets a link lead to the page as it is, not alone.
fn lead_to(link: &Element) {
    link.set_attribute("href", &whole_page()).ok();
}

/// The address of what is shown, without what shows a laboratory alone.
pub(super) fn whole_page() -> String {
    let location = dom::window().location();
    location.pathname().unwrap_or_default() + &location.hash().unwrap_or_default()
}

/// The lines that put the laboratory around a button into another page: a frame of its present height, and a script by
/// which the frame follows its content.
pub(super) fn snippet(button: &Element) -> Option<String> {
    let lab: HtmlElement = button.closest(".lab").ok()??.dyn_into().ok()?;
    let key = lab.closest("[data-lesson]").ok()??.get_attribute("data-lesson")?;
    let location = dom::window().location();
    let page = location.href().ok()?;
    let page = page.split(['?', '#']).next().unwrap_or_default();
    let shown = Address::parse(&location.hash().unwrap_or_default());
    // an address that says nothing of the lesson's controls is that of their defaults
    let values = if shown.lesson == key { shown.values } else { Default::default() };
    let hash = Address::of(&key, values).to_hash();
    let title = title(&lab);
    let height = lab.offset_height() + 40;
    Some(format!(
        "<iframe src=\"{page}{PARAMETER}{}{}\" title=\"{} · ballstick\" style=\"width:100%;height:{height}px;border:0\" allow=\"clipboard-write\" loading=\"lazy\"></iframe>\n\
         <script>addEventListener(\"message\",e=>{{for(const f of document.querySelectorAll(\"iframe\"))if(f.contentWindow===e.source&&e.data?.ballstick)f.style.height=e.data.ballstick.height+\"px\"}})</script>\n",
        slug(&title),
        attribute(&hash),
        attribute(&title),
    ))
}

/// A text as the value of an attribute.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

/// A laboratory's title; a laboratory without one is called “live”.
pub(super) fn title(lab: &Element) -> String {
    dom::find::<Element>(lab, "h2").and_then(|h| h.text_content()).unwrap_or_else(|| "live".into())
}

/// A laboratory's name in an address: its title in lower case, with hyphens in place of all that is neither letter nor
/// digit of ASCII.
pub fn slug(title: &str) -> String {
    let words = title.to_lowercase();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_of_letters_and_digits() {
        assert_eq!(slug("A current step"), "a-current-step");
        assert_eq!(slug("  What is in it?\n"), "what-is-in-it");
        assert_eq!(slug("SK_E2 from 0 to 1"), "sk-e2-from-0-to-1");
    }

    #[test]
    fn an_attribute_holds_any_text() {
        assert_eq!(attribute("a\"b&c<d"), "a&quot;b&amp;c&lt;d");
    }
}
