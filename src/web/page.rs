//! The page's shell: which lesson is shown, what the address says, light or dark.

use super::controls::Controls;
use super::lesson::registry::LESSONS;
use super::lesson::{Lesson, Workers, mount_quizzes, restore_quizzes, tasks};
use super::plot::view::{draw_for_paper, redraw_all};
use super::state::Address;
use super::{again, contents, copy, dom, embed, keep, layout, left, present};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlElement};

const WRITE_AFTER_MS: i32 = 250;

/// A lesson that was opened: its controls, and the code that shows it.
struct Open {
    controls: Controls,
    lesson: Rc<dyn Lesson>,
}

struct Page {
    workers: Workers,
    open: RefCell<BTreeMap<String, Open>>,
    /// The settings that wait to be written into the address and kept: browsers allow only so many changes of the
    /// address in a while.
    to_write: RefCell<Option<Address>>,
}

pub(super) fn start() {
    let page = Rc::new(Page {
        workers: Workers::default(),
        open: RefCell::default(),
        to_write: RefCell::default(),
    });
    start_theme();
    start_strip();
    copy::start();
    start_printing();
    layout::start();
    embed::start();
    present::start();
    let of = page.clone();
    dom::on(&dom::window(), "pagehide", move |_: Event| of.write_now());
    left::start_anew_when_back();
    let of = page.clone();
    dom::on(&dom::window(), "hashchange", move |_: Event| of.follow_address());
    // the browser draws the text first
    dom::after_ms(0, move || page.follow_address());
}

impl Page {
    /// Shows the lesson that the address names.
    fn follow_address(self: &Rc<Self>) {
        let hash = dom::window().location().hash().unwrap_or_default();
        self.write_now();
        let address = Address::parse(&hash);
        let sections: Vec<HtmlElement> = all("[data-lesson]");
        let named = |key: &str| {
            sections
                .iter()
                .find(|s| s.get_attribute("data-lesson").as_deref() == Some(key))
                .cloned()
        };
        // a link to a heading stays where the browser took it
        let Some(section) = named(&address.lesson).or_else(|| {
            let inside = dom::document().get_element_by_id(&address.lesson);
            if inside.is_some() || go_elsewhere(&address.lesson, &hash) {
                return None;
            }
            let first = |s: &&HtmlElement| s.has_attribute("data-first");
            sections.iter().find(first).or(sections.first()).cloned()
        }) else {
            return;
        };
        tell(&match named(&address.lesson).is_some() || address.lesson.is_empty() {
            true => String::new(),
            false => format!("There is no lesson “{}” here.", address.lesson),
        });
        let key = section.get_attribute("data-lesson").unwrap_or_default();
        for other in &sections {
            dom::show(other, *other == section);
        }
        for link in all::<Element>("nav a[href^='#']") {
            let here = link.get_attribute("href").is_some_and(|h| h[1..] == key);
            match here {
                true => link.set_attribute("aria-current", "page").ok(),
                false => link.remove_attribute("aria-current").ok(),
            };
        }
        show_in_strip();
        dom::window().scroll_to_with_x_and_y(0.0, 0.0);
        if let Some(title) = dom::find::<Element>(&section, "h1").and_then(|h| h.text_content()) {
            dom::document().set_title(&format!("{} · ballstick", title.trim()));
        }
        self.open(&key, &section, &address);
        if present::is_on() {
            present::open(&section);
        } else if let Some(missing) = embed::prepare(&section) {
            tell(&missing);
        }
        again::offer(&key, &section, {
            let page = self.clone();
            move |saved| page.put_back(saved)
        });
        contents::mark(&section);
        contents::tick();
        layout::reach_scrolling(&section);
    }

    /// Starts a lesson on its first visit and sets its controls: as the address says, else as they were left.
    fn open(self: &Rc<Self>, key: &str, section: &Element, address: &Address) {
        let values = match address.explicit {
            true => address.values.clone(),
            false => keep::lesson(key).settings,
        };
        if !address.explicit && !values.is_empty() {
            // before the lesson is made: some lessons read from the address what they are to show
            replace_address(&Address::of(key, values.clone()));
        }
        if !self.open.borrow().contains_key(key) {
            let Some(of) = LESSONS.iter().find(|lesson| lesson.key == key) else { return };
            mount_quizzes(section);
            let lesson = (of.mount)(section, &self.workers);
            let (page, name, of) = (self.clone(), key.to_owned(), lesson.clone());
            let controls = Controls::new(section.clone(), move |controls| {
                page.write_address(&name, controls);
                of.update(controls);
            });
            let (page, name) = (self.clone(), key.to_owned());
            dom::on(section, "click", move |event: Event| page.clicked(&name, &event));
            tasks::mount(key, section, &controls);
            self.open.borrow_mut().insert(key.to_owned(), Open { controls, lesson });
        }
        let open = self.open.borrow();
        let Some(Open { controls, lesson }) = open.get(key) else { return };
        let before = controls.changed();
        let unused = controls.set(&values);
        if controls.changed() != before {
            tasks::hold(key, true);
        }
        if address.explicit {
            keep::settings(key, &controls.changed());
            if !unused.is_empty() {
                tell(&format!("Not used from this address: {}.", unused.join(", ")));
            }
        }
        let (controls, lesson) = (controls.clone(), lesson.clone());
        let key = key.to_owned();
        dom::after_ms(0, move || {
            tasks::hold(&key, false);
            lesson.update(&controls);
        });
    }

    /// Follows a click on a lesson's button whose `data-set` holds control values, as an address holds them.
    fn clicked(self: &Rc<Self>, key: &str, event: &Event) {
        let button = dom::around(event, "[data-set]");
        let Some(values) = button.and_then(|b| b.get_attribute("data-set")) else { return };
        let open = self.open.borrow();
        let Some(Open { controls, lesson }) = open.get(key) else { return };
        let mut all = controls.changed();
        let given = Address::parse(&format!("?{values}")).values;
        if given.is_empty() {
            all.clear();
        }
        all.extend(given);
        controls.set(&all);
        self.write_address(key, controls);
        lesson.update(controls);
    }

    /// Writes the controls' values into the address and keeps them, [`WRITE_AFTER_MS`] later: of several changes within
    /// that time only the last is written.
    fn write_address(self: &Rc<Self>, key: &str, controls: &Controls) {
        let address = Address::of(key, controls.changed());
        if self.to_write.replace(Some(address)).is_some() {
            return;
        }
        let page = self.clone();
        dom::after_ms(WRITE_AFTER_MS, move || page.write_now());
    }

    fn write_now(&self) {
        let Some(address) = self.to_write.take() else { return };
        keep::settings(&address.lesson, &address.values);
        // the reader may have opened another lesson meanwhile
        let here = Address::parse(&dom::window().location().hash().unwrap_or_default()).lesson;
        let shown = dom::find::<HtmlElement>(
            &dom::body(),
            &format!("[data-lesson={}]:not([hidden])", address.lesson),
        );
        if here == address.lesson || (here.is_empty() && shown.is_some()) {
            replace_address(&address);
        }
    }

    /// Shows lessons as they are kept now, after they were started again or that was undone.
    fn put_back(&self, keys: &[String]) {
        self.to_write.take();
        let open = self.open.borrow();
        for key in keys {
            let Some(Open { controls, lesson }) = open.get(key) else { continue };
            let saved = keep::lesson(key);
            controls.set(&saved.settings);
            let Some(section) = dom::find::<Element>(&dom::body(), &format!("[data-lesson={key}]"))
            else {
                continue;
            };
            restore_quizzes(&section, &saved.answers);
            tasks::restore(key, &saved.tasks);
            lesson.update(controls);
            if !section.has_attribute("hidden") {
                replace_address(&Address::of(key, saved.settings));
            }
        }
    }
}

/// Replaces the page's address by that of what the page shows; the browser's history gets no new entry.
fn replace_address(address: &Address) {
    let replaced = dom::window().history().and_then(|history| {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&address.to_hash()))
    });
    if let Err(error) = replaced {
        web_sys::console::warn_1(&error);
    }
}

/// Says above the lesson what of the address could not be followed; the words stay until the address changes.
fn tell(text: &str) {
    let Some(main) = dom::find::<HtmlElement>(&dom::body(), "main") else { return };
    let line = dom::find::<HtmlElement>(&main, ":scope > .told").unwrap_or_else(|| {
        let line: HtmlElement = dom::element("p", "problem told");
        line.set_attribute("role", "alert").ok();
        main.prepend_with_node_1(&line).ok();
        line
    });
    dom::set_text(&line, text);
    dom::show(&line, !text.is_empty());
}

/// Goes to the page of this site that has the lesson; false where no other page has it.
fn go_elsewhere(lesson: &str, hash: &str) -> bool {
    let place = |link: Element| -> Option<String> {
        let href = link.get_attribute("href")?;
        let (page, key) = href.split_once('#')?;
        let search = dom::window().location().search().unwrap_or_default();
        (!page.is_empty() && key == lesson).then(|| format!("{page}{search}{hash}"))
    };
    let Some(elsewhere) = all::<Element>("nav a").into_iter().find_map(place) else { return false };
    dom::window().location().replace(&elsewhere).is_ok()
}

fn all<T: JsCast>(selector: &str) -> Vec<T> {
    dom::document().document_element().map_or_else(Vec::new, |root| dom::all(&root, selector))
}

/// Lets the edges of the strip of lessons' names fade where more names lie beyond them: the strip scrolls sideways
/// where it does not fit.
fn start_strip() {
    let Some(strip) = all::<HtmlElement>(".top nav").pop() else { return };
    let fade = |strip: &HtmlElement| {
        let (from, room) = (strip.scroll_left(), strip.scroll_width() - strip.client_width());
        strip.class_list().toggle_with_force("less", from > 1).ok();
        strip.class_list().toggle_with_force("more", from < room - 1).ok();
    };
    let of = strip.clone();
    dom::on(&strip, "scroll", move |_: Event| fade(&of));
    let of = strip.clone();
    dom::on(&dom::window(), "resize", move |_: Event| fade(&of));
    fade(&strip);
}

/// Scrolls the strip of lessons' names to the lesson that is shown.
fn show_in_strip() {
    let Some(strip) = all::<HtmlElement>(".top nav").pop() else { return };
    if let Some(here) = dom::find::<HtmlElement>(&strip, "[aria-current]") {
        let (strip_at, at) = (strip.get_bounding_client_rect(), here.get_bounding_client_rect());
        let middle = 0.5 * (strip_at.width() - at.width());
        let by = at.left() - strip_at.left() - middle;
        strip.set_scroll_left(strip.scroll_left() + by as i32);
    }
}

/// Sets the theme to the one kept, else leaves it to the system; the button switches between light and dark and keeps
/// the choice.
fn start_theme() {
    let Some(root) = dom::document().document_element() else { return };
    if let Some(saved) = keep::of_page("theme") {
        root.set_attribute("data-theme", &saved).ok();
    }
    if let Some(button) = dom::find::<HtmlElement>(&root, "#theme") {
        dom::on(&button, "click", move |_: Event| {
            let dark = is_dark();
            let next = if dark { "light" } else { "dark" };
            root.set_attribute("data-theme", next).ok();
            keep::page("theme", next);
            redraw_all();
        });
    }
    if let Ok(Some(query)) = dom::window().match_media("(prefers-color-scheme: dark)") {
        dom::on(&query, "change", |_: Event| redraw_all());
    }
}

/// Draws the page in light colours for printing, and in its own again afterwards.
fn start_printing() {
    let Some(root) = dom::document().document_element() else { return };
    let theme: Rc<RefCell<Option<String>>> = Rc::default();
    let (of, saved) = (root.clone(), theme.clone());
    dom::on(&dom::window(), "beforeprint", move |_: Event| {
        saved.replace(of.get_attribute("data-theme"));
        of.set_attribute("data-theme", "light").ok();
        draw_for_paper();
    });
    dom::on(&dom::window(), "afterprint", move |_: Event| {
        match theme.take() {
            Some(theme) => root.set_attribute("data-theme", &theme).ok(),
            None => root.remove_attribute("data-theme").ok(),
        };
        redraw_all();
    });
}

fn is_dark() -> bool {
    let chosen = dom::document().document_element().and_then(|r| r.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => dom::matches_media("(prefers-color-scheme: dark)"),
    }
}
