//! What stays in sight while the page scrolls, and what is reached without a pointer.
//!
//! A figure above its controls, and controls beside a figure, stick only where enough is left of
//! the window to see and reach everything else: on a small screen, or one that is magnified, what
//! sticks would lie over the controls.

use super::dom;
use web_sys::{Element, Event, HtmlElement};

/// The largest share of the window's height that may stick, the bar at the top included.
const MOST: f64 = 0.45;
/// The media query of a window in which a figure stands above its controls.
pub(super) const ONE_COLUMN: &str = "(max-width: 56rem)";
/// The elements that may stick below the bar: controls, and the figure of a stage that may be pinned.
const STICKERS: &str = ".controls, .pin .stage:not(.wide) > [data-figure]";
/// The elements that scroll by themselves where their content is too wide or too high.
const SCROLLERS: &str = ".cli code, pre, .scroll, .equation";

/// Watches the size of the window, of what may stick and of what may scroll.
pub(super) fn start() {
    dom::on_resize(stickers().iter().map(AsRef::as_ref), judge);
    // a table scrolls only once it has its rows
    let tables: Vec<Element> = dom::all(&dom::body(), ".scroll, .scroll > *");
    dom::on_resize(tables.iter(), || reach_scrolling(&dom::body()));
    dom::on(&dom::window(), "resize", |_: Event| {
        judge();
        reach_scrolling(&dom::body());
    });
}

fn stickers() -> Vec<HtmlElement> {
    dom::all(&dom::body(), STICKERS)
}

/// Lets those elements stick that leave enough of the window. The class changes no size, so no resize follows from it.
fn judge() {
    let room = room_to_stick();
    for element in stickers() {
        let height = f64::from(element.offset_height());
        let fits = height > 0.0 && height <= room;
        element.class_list().toggle_with_force("sticks", fits).ok();
    }
}

/// The height that may stick below the bar, CSS pixels.
pub(super) fn room_to_stick() -> f64 {
    let window = dom::window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(0.0);
    let bar = dom::find::<HtmlElement>(&dom::body(), ".top").map_or(0, |bar| bar.offset_height());
    room(window, f64::from(bar))
}

fn room(window: f64, bar: f64) -> f64 {
    (MOST * window - bar).max(0.0)
}

/// Lets the keyboard reach the elements that scroll by themselves: the browser scrolls the one that has the focus.
pub(super) fn reach_scrolling(root: &Element) {
    for element in dom::all::<HtmlElement>(root, SCROLLERS) {
        let code = element.tag_name() == "CODE" || element.tag_name() == "PRE";
        let hidden = |inner: i32, outer: i32| inner > outer + 1;
        let scrolls = hidden(element.scroll_width(), element.client_width())
            || hidden(element.scroll_height(), element.client_height());
        // a command's length changes with the controls: code is always within the keyboard's reach
        if code || scrolls {
            element.set_tab_index(0);
            // a group has a name as a region has, and is no landmark, of which a page should have few
            element.set_attribute("role", "group").ok();
            let name = if code { "code" } else { "scrolls sideways" };
            if !element.has_attribute("aria-label") {
                element.set_attribute("aria-label", name).ok();
            }
        } else {
            element.remove_attribute("tabindex").ok();
            element.remove_attribute("role").ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sticks_leaves_most_of_a_window() {
        // a plot of 290 px under a bar of 46 px: on a tall phone, on a short one, and on a phone on its side
        let fits = |window| 290.0 <= room(window, 46.0);
        assert_eq!([844.0, 664.0, 390.0].map(fits), [true, false, false]);
        assert_eq!(room(60.0, 46.0), 0.0);
        // bar and plot together take at most half of every window that is higher than two bars
        for window in [390.0, 450.0, 664.0, 844.0, 900.0, 1440.0] {
            assert!(room(window, 46.0) + 46.0 <= (0.5 * window).max(46.0), "{window}");
        }
    }
}
