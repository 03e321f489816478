//! The legend above a panel: the panel's title, and the names of its contents, each with its mark.

use super::paint::{Area, Drawn, FONT, FONT_SIZE};
use super::palette::{Colour, Palette, diverging, viridis};
use super::panel::{Content, Panel};
use super::scale;
use super::series::Style;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// The mark of a legend's entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// The mark of a series, in its colour and style.
    Of(Colour, Style),
    /// The colour scale of a heat map.
    Ramp {
        /// Whether the scale runs from one sign to the other.
        diverging: bool,
    },
}

/// Name and mark of everything that a panel shows.
pub fn entries(panel: &Panel) -> Vec<(String, Mark)> {
    match &panel.content {
        Content::Lines(_) => {
            panel.named().map(|s| (s.name.clone(), Mark::Of(s.colour, s.style))).collect()
        }
        Content::Heat(map) => {
            let [low, high] = [map.range.0, map.range.1].map(|v| scale::fixed(v, map.digits()));
            let mark = Mark::Ramp { diverging: map.diverging() };
            vec![(format!("{low} … {high} {}", map.value.1), mark)]
        }
        Content::Raster(raster) => {
            let kinds = raster.kinds.iter();
            kinds.map(|(name, c, _)| ((*name).to_owned(), Mark::Of(*c, Style::Line))).collect()
        }
    }
}

/// Height of a line of the legend, CSS pixels.
const LINE: f64 = 18.0;
/// Width of a mark, of the gap after it, and of the gap after an entry, CSS pixels.
const MARK: f64 = 18.0;
const AFTER_MARK: f64 = 6.0;
const AFTER: f64 = 16.0;
/// Margin at the right edge, CSS pixels.
const EDGE: f64 = 10.0;

/// A panel's legend, in lines no wider than the panel.
pub(super) struct Legend {
    /// Each text with its horizontal place (CSS pixels), its line and its mark; the title has no mark.
    texts: Vec<(f64, usize, String, Option<Mark>)>,
    lines: usize,
}

impl Legend {
    /// The legend of a panel, from `left` on, in a width of `width` CSS pixels.
    pub(super) fn new(panel: &Panel, left: f64, width: f64) -> Self {
        let title = panel.y.title();
        let (mut x, mut line, mut texts) = (left, 0, Vec::new());
        if !title.is_empty() {
            x += text_width(&title, FONT_SIZE) + AFTER;
            texts.push((left, 0, title, None));
        }
        for (name, mark) in entries(panel) {
            let wide = MARK + AFTER_MARK + text_width(&name, FONT_SIZE);
            if x > left && x + wide > width - EDGE {
                (x, line) = (left, line + 1);
            }
            texts.push((x, line, name, Some(mark)));
            x += wide + AFTER;
        }
        let lines = if texts.is_empty() { 0 } else { line + 1 };
        Self { texts, lines }
    }

    /// Height of the legend, CSS pixels.
    pub(super) fn height(&self) -> f64 {
        LINE * self.lines as f64
    }

    /// Draws the legend at the top of an area with `scale` pixels a CSS pixel.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        scale: f64,
        palette: &Palette,
    ) -> Drawn<B> {
        for (x, line, text, mark) in &self.texts {
            let middle = LINE * (*line as f64 + 0.5);
            let (colour, at) = match mark {
                None => (Colour::Ink, *x),
                Some(mark) => {
                    draw_mark(area, *mark, (*x, middle), scale, palette)?;
                    (Colour::Soft, x + MARK + AFTER_MARK)
                }
            };
            let font = (FONT, FONT_SIZE * scale).into_font();
            let style = font.color(&palette.get(colour)).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw_text(text, &style, (px(at, scale), px(middle, scale)))?;
        }
        Ok(())
    }
}

fn px(css: f64, scale: f64) -> i32 {
    (css * scale).round() as i32
}

/// Width of a text `size` CSS pixels high, in CSS pixels; without a font a letter counts as 0.6 of the height.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    match (FONT, 10.0 * size).into_font().box_size(text) {
        Ok((width, _)) => 0.1 * f64::from(width),
        Err(_) => 0.6 * size * text.chars().count() as f64,
    }
}

fn draw_mark<B: DrawingBackend>(
    area: &Area<B>,
    mark: Mark,
    (x, y): (f64, f64),
    scale: f64,
    palette: &Palette,
) -> Drawn<B> {
    let at = |dx: f64, dy: f64| (px(x + dx, scale), px(y + dy, scale));
    let (colour, style) = match mark {
        Mark::Of(colour, style) => (palette.get(colour), style),
        Mark::Ramp { diverging } => return draw_ramp(area, diverging, at),
    };
    let width = |css: f64| colour.stroke_width(px(css, scale).max(1) as u32);
    let line = vec![at(0.0, 0.0), at(MARK, 0.0)];
    let corners = [at(2.0, -4.0), at(MARK - 2.0, 4.0)];
    match style {
        Style::Line | Style::Whiskers => area.draw(&PathElement::new(line, width(2.0))),
        Style::Bold => area.draw(&PathElement::new(line, width(3.0))),
        Style::Faint => area.draw(&PathElement::new(line, width(1.0))),
        Style::Dashed => {
            let (dash, gap) = (px(5.0, scale), px(3.0, scale));
            area.draw(&DashedPathElement::new(line, dash, gap, width(2.0)))
        }
        Style::Dots | Style::Scatter | Style::Cloud => {
            area.draw(&Circle::new(at(0.5 * MARK, 0.0), px(3.5, scale), colour.filled()))
        }
        Style::Bars | Style::Columns => area.draw(&Rectangle::new(corners, colour.filled())),
        Style::Outlines => area.draw(&Rectangle::new(corners, width(1.5))),
    }
}

fn draw_ramp<B: DrawingBackend>(
    area: &Area<B>,
    signs: bool,
    at: impl Fn(f64, f64) -> (i32, i32),
) -> Drawn<B> {
    const STEPS: usize = 18;
    for k in 0..STEPS {
        let part = k as f64 / (STEPS - 1) as f64;
        let [r, g, b] = if signs { diverging(2.0 * part - 1.0) } else { viridis(part) };
        let edge = |k: usize| MARK * k as f64 / STEPS as f64;
        let corners = [at(edge(k), -4.0), at(edge(k + 1), 4.0)];
        area.draw(&Rectangle::new(corners, RGBColor(r, g, b).filled()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::{Axis, Heat, Series};

    #[test]
    fn a_legend_breaks_where_it_is_too_wide() {
        let one = |name: &str| Series::new(name, Colour::Ink, Style::Line, [(0.0, 0.0)]);
        let lines = ["one", "", "two", "three"].map(one);
        let panel = Panel::lines(Axis::new("title", "mV", (0.0, 1.0)), 50.0, lines);
        assert_eq!(entries(&panel).len(), 3);
        let wide = Legend::new(&panel, 50.0, 900.0);
        assert_eq!((wide.texts.len(), wide.lines), (4, 1));
        let narrow = Legend::new(&panel, 50.0, 100.0);
        assert_eq!(narrow.lines, 4);
        assert!(narrow.texts.iter().all(|text| text.0 == 50.0));
    }

    #[test]
    fn a_map_tells_its_ends() {
        let map = Heat::voltages(&[0.0; 4], 2, (-85.0, 0.0));
        let entries = entries(&Panel::heat("map", 50.0, map));
        assert_eq!(entries, [("−85 … 0 mV".to_owned(), Mark::Ramp { diverging: false })]);
    }
}
