//! The page's colours, which `style.css` has as custom properties: light and dark differ.

use crate::plot::palette::{Colour, Palette, hex};
use crate::web::dom;
use plotters::style::RGBColor;
use std::cell::RefCell;

thread_local! {
    static NOW: RefCell<Option<Palette>> = const { RefCell::new(None) };
}

/// The page's colours as last read.
pub(super) fn now() -> Palette {
    NOW.with_borrow_mut(|now| now.get_or_insert_with(of_page).clone())
}

/// Forgets the page's colours, so that they are read anew when they are next drawn with.
pub(super) fn forget() {
    NOW.set(None);
}

/// Reads the page's colours from its custom properties; a colour that cannot be read is grey.
fn of_page() -> Palette {
    let style = dom::document()
        .document_element()
        .and_then(|root| dom::window().get_computed_style(&root).ok()?);
    Palette(Colour::ALL.map(|colour| {
        style
            .as_ref()
            .and_then(|s| s.get_property_value(colour.property()).ok())
            .and_then(|text| hex(text.trim()))
            .unwrap_or(RGBColor(128, 128, 128))
    }))
}
