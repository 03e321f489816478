//! A figure's panels, legends and cursor, as they are drawn at its place on the page.

use super::colours;
use super::panel::PanelView;
use crate::plot::{Content, Figure, Geometry, cursor};
use crate::web::{dom, layout};
use std::cell::Cell;
use web_sys::{HtmlElement, PointerEvent};

thread_local! {
    /// The size of labels relative to a desktop's, once it is asked for and until a figure changes its size.
    static TEXT: Cell<Option<f64>> = const { Cell::new(None) };
}

/// The size of labels relative to a desktop's, at least 1; it is kept, since asking the browser makes it lay the page
/// out.
fn text_size() -> f64 {
    if let Some(size) = TEXT.get() {
        return size;
    }
    let size = (dom::rem_px().unwrap_or(DESKTOP_REM_PX) / DESKTOP_REM_PX).max(1.0);
    TEXT.set(Some(size));
    size
}

/// Forgets the size of labels: where the window has another size, labels may have another one.
pub(super) fn forget_text_size() {
    TEXT.set(None);
}

/// CSS pixels per rem on a desktop, where labels have their own size; larger screens have larger labels.
const DESKTOP_REM_PX: f64 = 18.5;

/// The height of a legend of one or two lines, CSS pixels.
const LEGEND: f64 = 28.0;

/// The least height at which a panel can still be read, relative to its height on a desktop.
const LOWEST: f64 = 0.4;

/// The width below which a plot is narrow, CSS pixels.
const NARROW: f64 = 340.0;

/// A figure's place on the page, and what is drawn there.
pub(super) struct Drawing {
    pub(super) root: HtmlElement,
    panels: Vec<PanelView>,
    /// The line that shows the cursor's position; `spoken` has it for screen readers.
    readout: HtmlElement,
    spoken: HtmlElement,
    pub(super) figure: Option<Figure>,
    pub(super) width: f64,
    pub(super) cursor: Option<f64>,
    row: usize,
    /// Whether the figure waits in [`line`](super::line).
    pub(super) scheduled: bool,
    /// Whether a part of the figure is in the window.
    pub(super) in_sight: bool,
    /// Whether the figure or its size is new, so that all panels are to be gone through.
    pub(super) stale: bool,
    /// How many panels were gone through since then.
    drawn: usize,
}

impl Drawing {
    /// A drawing without a figure. `readout` shows the cursor's position, `spoken` has it for screen readers.
    pub(super) fn new(root: HtmlElement, readout: HtmlElement, spoken: HtmlElement) -> Self {
        Self {
            root,
            panels: Vec::new(),
            readout,
            spoken,
            figure: None,
            width: 0.0,
            cursor: None,
            row: 0,
            scheduled: false,
            in_sight: false,
            stale: false,
            drawn: 0,
        }
    }

    /// Takes a figure in place of the one before; panels that are the same in both need not be drawn again.
    pub(super) fn replace(&mut self, figure: Figure) {
        let before = self.figure.as_ref().filter(|before| before.x == figure.x);
        for (at, view) in self.panels.iter_mut().enumerate() {
            let [before, now] = [before, Some(&figure)].map(|of| of.and_then(|f| f.panels.get(at)));
            view.current &= before == now;
        }
        self.figure = Some(figure);
    }

    /// Marks every panel as out of date.
    pub(super) fn forget(&mut self) {
        self.panels.iter_mut().for_each(|view| view.current = false);
    }

    /// Goes through one panel and draws it where it is out of date, or draws the cursor after the last panel; true once
    /// all is drawn.
    pub(super) fn draw_next(&mut self) -> bool {
        if self.width == 0.0 {
            self.width = f64::from(self.root.client_width());
        }
        // a hidden figure has no width: it is drawn at the resize that comes when its lesson is shown
        if self.width > 0.0 {
            if std::mem::take(&mut self.stale) {
                self.start_drawing();
            }
            if self.drawn < self.panels.len() {
                self.draw_panel();
                return false;
            }
            self.draw_cursor();
        }
        self.scheduled = false;
        true
    }

    pub(super) fn draw_for_paper(&mut self) {
        if self.width == 0.0 {
            return;
        }
        self.start_drawing();
        let Some(figure) = &self.figure else { return };
        let palette = colours::now();
        for (panel, view) in figure.panels.iter().zip(&mut self.panels) {
            if let Err(error) = view.draw_for_paper(&figure.x, panel, &palette) {
                web_sys::console::error_1(&error.to_string().into());
            }
        }
    }

    fn start_drawing(&mut self) {
        let Some(figure) = self.figure.take() else { return };
        self.fit_panels(&figure);
        self.figure = Some(figure);
        self.drawn = 0;
    }

    fn draw_panel(&mut self) {
        let at = self.drawn;
        self.drawn += 1;
        let (Some(figure), Some(view)) = (&self.figure, self.panels.get_mut(at)) else { return };
        let Some(panel) = figure.panels.get(at) else { return };
        if !view.current
            && let Err(error) = view.draw(&figure.x, panel, &colours::now())
        {
            // a plot that cannot be drawn must not stop the page
            web_sys::console::error_1(&error.to_string().into());
        }
        if self.drawn == self.panels.len() {
            let count = self.root.get_attribute("data-drawn").and_then(|n| n.parse::<u32>().ok());
            self.root.set_attribute("data-drawn", &(count.unwrap_or(0) + 1).to_string()).ok();
        }
    }

    /// Makes as many panels as the figure has, each with its legend and its size.
    fn fit_panels(&mut self, figure: &Figure) {
        while self.panels.len() > figure.panels.len() {
            if let Some(panel) = self.panels.pop() {
                panel.remove();
            }
        }
        while self.panels.len() < figure.panels.len() {
            self.panels.push(PanelView::new(&self.root, &self.readout));
        }
        let scale = dom::window().device_pixel_ratio();
        let text = text_size();
        let narrow: f64 = if self.width < 520.0 { 0.8 } else { 1.0 };
        let narrow = self.pinned(figure, text).map_or(narrow, |fits| narrow.min(fits));
        let last = figure.panels.len().saturating_sub(1);
        for (n, (panel, view)) in figure.panels.iter().zip(&mut self.panels).enumerate() {
            let axis = n == last;
            let height = Geometry::outer_height(panel.height * narrow * text, text, axis);
            view.resize(Geometry {
                width: self.width,
                height,
                scale,
                text,
                axis,
                ..Geometry::default()
            });
            view.label(panel);
        }
    }

    /// The share of their height that panels keep so that a figure above its controls may stay in sight while these are
    /// moved; `None` where the figure is not above its controls, or would be too low to read.
    fn pinned(&self, figure: &Figure, text: f64) -> Option<f64> {
        // in a frame as high as the page nothing scrolls, and the height would follow from itself
        let above =
            self.root.closest("body:not(.embed) .pin .stage:not(.wide)").ok().flatten().is_some()
                && dom::window().match_media(layout::ONE_COLUMN).ok()??.matches();
        // asking how much room there is makes the browser lay the page out
        if !above {
            return None;
        }
        let inner: f64 = figure.panels.iter().map(|panel| panel.height * text).sum();
        let last = figure.panels.len().saturating_sub(1);
        let around = figure.panels.iter().enumerate().map(|(n, panel)| {
            let height = panel.height * text;
            LEGEND * text + Geometry::outer_height(height, text, n == last) - height
        });
        let fits = (layout::room_to_stick() - around.sum::<f64>()) / inner;
        (fits >= LOWEST).then_some(fits)
    }

    fn draw_cursor(&mut self) {
        let Some(figure) = &self.figure else { return };
        let palette = colours::now();
        for (panel, view) in figure.panels.iter().zip(&self.panels) {
            view.draw_cursor(figure, panel, self.cursor, self.row, &palette);
        }
        let text = self.cursor.map_or(String::new(), |x| {
            let digits = figure.panels.first().map_or(2, |panel| cursor::digits(panel, &figure.x));
            let value = format!("{} {}", figure.x.ruler.read(x, digits), figure.x.unit);
            // on a narrow plot the horizontal axis' name at the right leaves no room for the name at the left
            if self.width < NARROW { value } else { format!("{} = {value}", figure.x.label) }
        });
        dom::set_text(&self.readout, &text);
    }

    pub(super) fn place_of(&self, event: &PointerEvent) -> Option<(f64, f64)> {
        let (figure, view) = (self.figure.as_ref()?, self.panels.first()?);
        let canvas = view.over.get_bounding_client_rect();
        let x = view.at.value_at(figure.x.range, f64::from(event.client_x()) - canvas.left());
        let [_, top, _, bottom] = view.at.inner();
        let y = &figure.panels.first()?.y;
        let (low, high) = y.range;
        let up = (canvas.top() + bottom - f64::from(event.client_y())) / (bottom - top);
        Some((figure.x.ruler.value(x), y.ruler.value(low + up * (high - low))))
    }

    pub(super) fn point(&mut self, event: &PointerEvent) {
        let (Some(figure), Some(first)) = (&self.figure, self.panels.first()) else { return };
        let bounds = self.root.get_bounding_client_rect();
        let px = f64::from(event.client_x()) - bounds.left();
        let here = first.at.value_at(figure.x.range, px);
        let snap = |panel| cursor::snapped(panel, &figure.x, first.at, here);
        self.cursor = Some(figure.panels.first().map_or(here, snap));
        for (panel, view) in figure.panels.iter().zip(&self.panels) {
            let Content::Heat(map) = &panel.content else { continue };
            let canvas = view.over.get_bounding_client_rect();
            let [_, top, _, bottom] = view.at.inner();
            let from_bottom =
                (canvas.top() + bottom - f64::from(event.client_y())) / (bottom - top);
            if (0.0..1.0).contains(&from_bottom) {
                self.row = (from_bottom * map.rows as f64) as usize;
            }
        }
    }

    /// Moves the cursor by a key and speaks the values there; false for any other key.
    pub(super) fn key(&mut self, key: &str, fast: bool) -> bool {
        let (Some(figure), Some(first)) = (&self.figure, self.panels.first()) else { return false };
        let Some(panel) = figure.panels.first() else { return false };
        let (low, high) = figure.x.range;
        let here = self.cursor.unwrap_or(0.5 * (low + high));
        let to = |right| cursor::next_place(panel, &figure.x, first.at, here, right, fast);
        let rows = figure.panels.iter().find_map(|p| match &p.content {
            Content::Heat(map) => Some(map.rows),
            _ => None,
        });
        match (key, rows) {
            ("ArrowLeft", _) => self.cursor = Some(to(false)),
            ("ArrowRight", _) => self.cursor = Some(to(true)),
            ("Home", _) => self.cursor = Some(low),
            ("End", _) => self.cursor = Some(high),
            ("ArrowUp", Some(rows)) => self.row = (self.row + 1).min(rows - 1),
            ("ArrowDown", Some(_)) => self.row = self.row.saturating_sub(1),
            ("Escape", _) if self.cursor.is_some() => self.cursor = None,
            _ => return false,
        }
        if let Some(x) = self.cursor {
            let digits = cursor::digits(panel, &figure.x);
            let reach = cursor::reach(&figure.x, first.at);
            let mut text = vec![format!("{} {}", figure.x.ruler.read(x, digits), figure.x.unit)];
            for panel in &figure.panels {
                for (name, value) in cursor::readings(panel, x, reach, self.row) {
                    text.push(format!("{name} {value}"));
                }
            }
            dom::set_text(&self.spoken, &text.join("; "));
        }
        true
    }
}
