//! One panel of a figure on the page: its legend, its canvas, and the canvas of the cursor.

use super::paint;
use crate::plot::cursor;
use crate::plot::legend::{self, Mark};
use crate::plot::{Axis, Colour, Content, Figure, Geometry, Palette, Panel, Style};
use crate::web::dom;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlCanvasElement, HtmlElement};

pub(super) struct PanelView {
    legend: HtmlElement,
    values: Vec<Element>,
    /// The names that the legend shows now.
    shown: Vec<String>,
    /// Grid and labels, which change seldom.
    axes: HtmlCanvasElement,
    /// What the axes show now.
    axes_of: Option<(Axis, Axis, Geometry, Palette)>,
    pub(super) base: HtmlCanvasElement,
    pub(super) over: HtmlCanvasElement,
    /// Whether the canvas shows the panel as it now is.
    pub(super) current: bool,
    /// Whether the cursor is drawn on its canvas.
    marked: Cell<bool>,
    pub(super) at: Geometry,
}

/// The CSS class of a series' mark in the legend.
fn swatch_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Ramp { diverging: false } => "ramp",
        Mark::Ramp { diverging: true } => "ramp signs",
        Mark::Of(_, style) => match style {
            Style::Line | Style::Bold | Style::Faint | Style::Whiskers => "swatch",
            Style::Dashed => "swatch dashed",
            Style::Dots | Style::Scatter | Style::Cloud => "swatch dot",
            Style::Bars | Style::Columns => "swatch box",
            Style::Outlines => "swatch box outline",
        },
    }
}

impl PanelView {
    pub(super) fn new(root: &HtmlElement, before: &HtmlElement) -> Self {
        let legend: HtmlElement = dom::element("div", "plot-legend");
        let stack: HtmlElement = dom::element("div", "plot-panel");
        let [axes, base, over] = ["screen", "", "screen"].map(|class| {
            let canvas: HtmlCanvasElement = dom::element("canvas", class);
            canvas.set_attribute("aria-hidden", "true").ok();
            stack.append_child(&canvas).ok();
            canvas
        });
        root.insert_before(&legend, Some(before)).ok();
        root.insert_before(&stack, Some(before)).ok();
        let (values, shown) = (Vec::new(), Vec::new());
        let at = Geometry::default();
        let (current, marked) = (false, Cell::new(false));
        Self { legend, values, shown, axes, axes_of: None, base, over, current, marked, at }
    }

    /// Takes the panel off the page.
    pub(super) fn remove(self) {
        self.legend.remove();
        if let Some(stack) = self.base.parent_element() {
            stack.remove();
        }
    }

    pub(super) fn resize(&mut self, at: Geometry) {
        if self.at == at {
            return;
        }
        self.at = at;
        self.axes_of = None;
        self.current = false;
        for canvas in [&self.axes, &self.base, &self.over] {
            canvas.set_width((at.width * at.scale) as u32);
            canvas.set_height((at.height * at.scale) as u32);
            let style = canvas.style();
            style.set_property("width", &format!("{}px", at.width)).ok();
            style.set_property("height", &format!("{}px", at.height)).ok();
        }
    }

    /// Draws the panel, and its axes where they changed.
    pub(super) fn draw(&mut self, x: &Axis, panel: &Panel, palette: &Palette) -> paint::Drawn {
        let axes_of = (x.clone(), panel.axis(), self.at, palette.clone());
        if self.axes_of.as_ref() != Some(&axes_of) {
            paint::clear(&self.axes);
            paint::axes(&self.axes, x, panel, self.at, palette)?;
            self.axes_of = Some(axes_of);
        }
        paint::clear(&self.base);
        self.current = true;
        paint::content(&self.base, x, panel, self.at, palette)
    }

    /// Draws panel and axes on one canvas, the only one that is printed: on paper, Chromium's canvas takes away what is
    /// below it when it is cleared.
    pub(super) fn draw_for_paper(
        &mut self,
        x: &Axis,
        panel: &Panel,
        palette: &Palette,
    ) -> paint::Drawn {
        self.current = false;
        paint::clear(&self.base);
        paint::axes(&self.base, x, panel, self.at, palette)?;
        paint::content(&self.base, x, panel, self.at, palette)
    }

    /// Writes title and legend where they changed.
    pub(super) fn label(&mut self, panel: &Panel) {
        let title = panel.y.title();
        let entries = legend::entries(panel);
        let mut shown = vec![title.clone()];
        shown.extend(entries.iter().map(|(name, mark)| format!("{name}{mark:?}")));
        if shown == self.shown {
            return;
        }
        self.shown = shown;
        self.legend.set_inner_html("");
        let heading: Element = dom::element("span", "plot-title");
        heading.set_text_content(Some(&title));
        self.legend.append_child(&heading).ok();
        self.values = entries
            .iter()
            .map(|(name, mark)| {
                let entry: Element = dom::element("span", "plot-entry");
                let swatch: HtmlElement = dom::element("i", swatch_class(*mark));
                if let Mark::Of(colour, _) = mark {
                    let value = format!("var({})", colour.property());
                    swatch.style().set_property("color", &value).ok();
                }
                let label: Element = dom::element("span", "");
                label.set_text_content(Some(name));
                let value: Element = dom::element("b", "plot-value");
                for part in [swatch.unchecked_ref(), &label, &value] {
                    entry.append_child(part).ok();
                }
                self.legend.append_child(&entry).ok();
                value
            })
            .collect();
    }

    pub(super) fn draw_cursor(
        &self,
        figure: &Figure,
        panel: &Panel,
        cursor: Option<f64>,
        row: usize,
        palette: &Palette,
    ) {
        // touching a canvas costs the browser a copy, even where the canvas is empty
        if !self.marked.replace(cursor.is_some()) && cursor.is_none() {
            return;
        }
        let Some(context) = paint::context(&self.over) else { return };
        let at = self.at;
        context.set_transform(at.scale, 0.0, 0.0, at.scale, 0.0, 0.0).ok();
        context.clear_rect(0.0, 0.0, at.width, at.height);
        let Some(x) = cursor else {
            self.values.iter().for_each(|value| dom::set_text(value, ""));
            return;
        };
        let css = |colour| {
            let c = palette.get(colour);
            format!("rgb({},{},{})", c.0, c.1, c.2)
        };
        let [left, top, right, bottom] = at.inner();
        let px = at.x(figure.x.range, x);
        context.set_stroke_style_str(&css(Colour::Soft));
        context.set_line_width(1.0);
        context.begin_path();
        context.move_to(px, top);
        context.line_to(px, bottom);
        if let Content::Heat(map) = &panel.content {
            let rows = (0.0, map.rows as f64);
            let (low, high) = (at.y(rows, row as f64), at.y(rows, row as f64 + 1.0));
            context.rect(left, high, right - left, low - high);
        }
        context.stroke();
        for (x, y, colour) in cursor::dots(panel, &figure.x, at, x) {
            context.set_fill_style_str(&css(colour));
            context.begin_path();
            context.arc(x, y, 3.5, 0.0, std::f64::consts::TAU).ok();
            context.fill();
        }
        let heat = matches!(panel.content, Content::Heat(_));
        let reach = cursor::reach(&figure.x, at);
        for (element, (name, value)) in
            self.values.iter().zip(cursor::readings(panel, x, reach, row))
        {
            dom::set_text(element, &if heat { format!("{name}: {value}") } else { value });
        }
    }
}
