//! One panel onto one canvas, by plotters. Labels are placed here: plotters would measure them by
//! adding each to the document, which lays the page out once a label.

use super::fine::{FINENESS, Fine};
use super::palette::{Colour, Palette};
use super::{Axis, Content, Data, Heat, Panel, Raster, Ruler, Series, Style};
use super::{decimate::decimate, heat};
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

const FONT: &str = "system-ui, sans-serif";
/// CSS pixels, at a text size of 1.
const FONT_SIZE: f64 = 12.0;
/// CSS pixels around the plotted area.
const LEFT: f64 = 50.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 6.0;
const BOTTOM: f64 = 8.0;
const BOTTOM_WITH_AXIS: f64 = 40.0;

/// Where a panel is drawn, in CSS pixels, and how many canvas pixels each has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Geometry {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) scale: f64,
    /// How large its labels are; 1 on a desktop.
    pub(super) text: f64,
    /// Whether the horizontal axis is written below.
    pub(super) axis: bool,
}

impl Geometry {
    /// Height of the canvas for a panel whose plotted area is `inner` high.
    pub(super) fn outer_height(inner: f64, text: f64, axis: bool) -> f64 {
        inner + text * (TOP + if axis { BOTTOM_WITH_AXIS } else { BOTTOM })
    }

    /// Left, top, right and bottom edge of the plotted area.
    pub(super) fn inner(&self) -> [f64; 4] {
        let bottom = if self.axis { BOTTOM_WITH_AXIS } else { BOTTOM };
        let [left, top, right, bottom] = [LEFT, TOP, RIGHT, bottom].map(|edge| edge * self.text);
        [left, top, self.width - right, self.height - bottom]
    }

    /// The value under a horizontal position, and whether it is inside.
    pub(super) fn value_at(&self, range: (f64, f64), px: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        range.0 + ((px - left) / (right - left)).clamp(0.0, 1.0) * (range.1 - range.0)
    }

    pub(super) fn x(&self, range: (f64, f64), value: f64) -> f64 {
        let [left, _, right, _] = self.inner();
        left + (value - range.0) / (range.1 - range.0) * (right - left)
    }

    pub(super) fn y(&self, range: (f64, f64), value: f64) -> f64 {
        let [_, top, _, bottom] = self.inner();
        bottom - (value - range.0) / (range.1 - range.0) * (bottom - top)
    }

    fn px(&self, css: f64) -> i32 {
        (css * self.scale).round() as i32
    }
}

pub(super) fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

type Area<B> = DrawingArea<B, Shift>;
type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Failure = Box<dyn std::error::Error>;
pub(super) type Drawn = Result<(), Failure>;

/// Takes everything off a canvas.
pub(super) fn clear(canvas: &HtmlCanvasElement) {
    let Some(context) = context(canvas) else { return };
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok();
    context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    context.set_line_join("round");
}

/// Whether there is room to draw in.
fn has_room(x: &Axis, at: Geometry) -> bool {
    let [left, top, right, bottom] = at.inner();
    right > left && bottom > top && x.range.0 < x.range.1
}

fn chart<'a, B>(
    area: &'a Area<B>,
    x: &Axis,
    y: (f64, f64),
    at: Geometry,
) -> Result<Chart<'a, B>, Failure>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let [left, top, right, bottom] = at.inner();
    Ok(ChartBuilder::on(area)
        .margin_left(at.px(left))
        .margin_top(at.px(top))
        .margin_right(at.px(at.width - right))
        .margin_bottom(at.px(at.height - bottom))
        .build_cartesian_2d(x.range.0..x.range.1, y.0..y.1)?)
}

/// Draws what a panel holds; the canvas is clear and has the geometry's size.
pub(super) fn paint(
    canvas: &HtmlCanvasElement,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let Some(context) = context(canvas).filter(|_| has_room(x, at)) else { return Ok(()) };
    if let Content::Heat(map) = &panel.content {
        return Ok(paint_heat(&context, map, x.range, at)?);
    }
    let Some(backend) = Fine::new(canvas.clone(), &context) else { return Ok(()) };
    let area = backend.into_drawing_area();
    let at = Geometry { scale: at.scale * f64::from(FINENESS), ..at };
    match &panel.content {
        Content::Raster(raster) => paint_raster(&area, raster, x.range, at, palette)?,
        Content::Lines(lines) => {
            let [left, _, right, _] = at.inner();
            let mut chart = chart(&area, x, panel.y.range, at)?;
            // a column a CSS pixel: finer would be drawn over
            let columns = (right - left) as usize;
            for series in lines {
                paint_series(&mut chart, series, x.range, columns, at, palette)?;
            }
        }
        Content::Heat(_) => {}
    }
    Ok(())
}

fn paint_heat(
    context: &CanvasRenderingContext2d,
    map: &Heat,
    range: (f64, f64),
    at: Geometry,
) -> Result<(), String> {
    let [left, top, right, bottom] = at.inner();
    let (width, height) = (at.px(right) - at.px(left), at.px(bottom) - at.px(top));
    let pixels = heat::pixels(map, range, width as usize, height as usize);
    ImageData::new_with_u8_clamped_array(wasm_bindgen::Clamped(&pixels), width as u32)
        .and_then(|image| {
            context.put_image_data(&image, f64::from(at.px(left)), f64::from(at.px(top)))
        })
        .map_err(|error| format!("{error:?}"))
}

/// Draws grid, ticks and labels on a clear canvas.
pub(super) fn paint_axes(
    canvas: &HtmlCanvasElement,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let backend = CanvasBackend::with_canvas_object(canvas.clone());
    let Some(backend) = backend.filter(|_| has_room(x, at)) else { return Ok(()) };
    let area = backend.into_drawing_area();
    let chart = &mut chart(&area, x, panel.axis().range, at)?;
    let [left, top, right, bottom] = at.inner();
    let grid = palette.get(Colour::Grid).stroke_width(at.px(1.0) as u32);
    let soft = palette.get(Colour::Soft);
    let text = |h, v| {
        let font = (FONT, FONT_SIZE * at.text * at.scale).into_font();
        font.color(&soft).pos(Pos::new(h, v))
    };
    let line = |chart: &mut Chart<'_, CanvasBackend>, a: (f64, f64), b: (f64, f64)| {
        chart.draw_series(std::iter::once(PathElement::new(vec![a, b], grid))).map(|_| ())
    };
    let wanted = ((right - left) / (90.0 * at.text)).clamp(2.0, 10.0) as usize;
    let x_ticks = two_ticks(&x.ruler, x.range, wanted, 40.0 * at.text / (right - left));
    if let Content::Lines(_) = panel.content {
        let y = panel.y.range;
        let wanted = ((bottom - top) / (32.0 * at.text)).clamp(1.0, 6.0) as usize;
        let y_ticks = two_ticks(&panel.y.ruler, y, wanted, FONT_SIZE * at.text / (bottom - top));
        for &(tick, _) in &x_ticks {
            line(chart, (tick, y.0), (tick, y.1))?;
        }
        for (tick, label) in &y_ticks {
            line(chart, (x.range.0, *tick), (x.range.1, *tick))?;
            let place = (at.px(left - 7.0 * at.text), at.px(at.y(y, *tick)));
            area.draw_text(label, &text(HPos::Right, VPos::Center), place)?;
        }
    } else {
        let rows = match &panel.content {
            Content::Heat(map) => map.rows,
            Content::Raster(raster) => raster.rows,
            Content::Lines(_) => 0,
        };
        let numbered = !matches!(&panel.content, Content::Raster(r) if !r.is_numbered());
        for row in [0, rows.saturating_sub(1)].into_iter().filter(|_| numbered) {
            let place = at.y((0.0, rows as f64), row as f64 + 0.5);
            let half = 0.5 * FONT_SIZE * at.text;
            let inside =
                (at.px(left - 7.0 * at.text), at.px(place.clamp(top + half, bottom - half)));
            area.draw_text(&(row + 1).to_string(), &text(HPos::Right, VPos::Center), inside)?;
        }
    }
    if at.axis {
        for (tick, label) in &x_ticks {
            // the last label stays on the canvas: half a digit is at most 4.2 pixels
            let most = at.width - 4.2 * at.text * label.chars().count() as f64;
            let place = (at.px(at.x(x.range, *tick).min(most)), at.px(bottom + 6.0 * at.text));
            area.draw_text(label, &text(HPos::Center, VPos::Top), place)?;
        }
        let label =
            if x.unit.is_empty() { x.label.clone() } else { format!("{} ({})", x.label, x.unit) };
        let place = (at.px(right), at.px(bottom + 22.0 * at.text));
        area.draw_text(&label, &text(HPos::Right, VPos::Top), place)?;
    }
    Ok(())
}

fn paint_series(
    chart: &mut Chart<'_, Fine>,
    series: &Series,
    range: (f64, f64),
    columns: usize,
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let colour = palette.get(series.colour);
    let width = |css: f64| colour.stroke_width(at.px(css).max(1) as u32);
    let points = decimate(&series.data, range, columns);
    match series.style {
        Style::Line => chart.draw_series(LineSeries::new(points, width(1.5))).map(|_| ())?,
        Style::Bold => chart.draw_series(LineSeries::new(points, width(2.5))).map(|_| ())?,
        Style::Dashed => chart
            .draw_series(DashedLineSeries::new(points, at.px(5.0), at.px(4.0), width(1.5)))
            .map(|_| ())?,
        Style::Dots => {
            chart.draw_series(LineSeries::new(points.iter().copied(), width(1.5)))?;
            let radius = at.px(3.5);
            chart.draw_series(points.iter().map(|p| Circle::new(*p, radius, colour.filled())))?;
        }
        Style::Scatter => {
            let Data::Points(points) = &series.data else { return Ok(()) };
            let radius = at.px(3.0);
            let inside =
                points.iter().filter(|p| p.0 >= range.0 && p.0 <= range.1 && p.1.is_finite());
            chart.draw_series(inside.map(|p| Circle::new(*p, radius, colour.filled())))?;
        }
        Style::Cloud => {
            let Data::Points(points) = &series.data else { return Ok(()) };
            let (radius, thin) = (at.px(1.6), colour.mix(0.4).filled());
            let (x, y) = (chart.x_range(), chart.y_range());
            let inside = points.iter().filter(|p| x.contains(&p.0) && y.contains(&p.1));
            chart.draw_series(inside.map(|p| Circle::new(*p, radius, thin)))?;
        }
        Style::Columns | Style::Outlines => {
            let Data::Points(points) = &series.data else { return Ok(()) };
            let bottom = chart.y_range().start;
            let style = match series.style {
                Style::Columns => colour.filled(),
                _ => width(2.0),
            };
            let inside = points.iter().filter(|p| p.1.is_finite());
            chart
                .draw_series(inside.map(|p| {
                    Rectangle::new([(p.0 - COLUMN, bottom), (p.0 + COLUMN, p.1)], style)
                }))?;
        }
        Style::Whiskers => {
            let Data::Points(points) = &series.data else { return Ok(()) };
            let whole = |p: &&[(f64, f64)]| p.iter().all(|p| p.1.is_finite());
            for ends in points.chunks_exact(2).filter(whole) {
                let caps = ends.iter().map(|p| vec![(p.0 - CAP, p.1), (p.0 + CAP, p.1)]);
                let lines = std::iter::once(ends.to_vec()).chain(caps);
                chart.draw_series(lines.map(|line| PathElement::new(line, width(1.5))))?;
            }
        }
        Style::Bars => {
            let least = 1.5 * (range.1 - range.0) / columns.max(1) as f64;
            let bars = bars(&series.data, range, least);
            chart.draw_series(
                bars.into_iter()
                    .map(|(a, b, y)| Rectangle::new([(a, 0.0), (b, y)], colour.filled())),
            )?;
        }
    }
    Ok(())
}

/// Half the width of a column and of the cap of an interval, where pairs are 1 apart.
const COLUMN: f64 = 0.17;
const CAP: f64 = 0.06;

/// Left edge, right edge and height of each bar; neighbours of equal height are one bar, and none
/// is narrower than `least`.
fn bars(data: &Data, range: (f64, f64), least: f64) -> Vec<(f64, f64, f64)> {
    let Data::Uniform { start, step, y } = data else { return Vec::new() };
    let mut out: Vec<(f64, f64, f64)> = Vec::new();
    let mut open = false;
    for (k, height) in y.iter().copied().enumerate() {
        let left = start + (k as f64 - 0.5) * step;
        let right = left + step;
        match out.last_mut() {
            Some(last) if open && last.2 == height => last.1 = right,
            _ if height != 0.0 => out.push((left, right, height)),
            _ => {}
        }
        open = height != 0.0;
    }
    out.retain_mut(|(left, right, _)| {
        *right = right.max(*left + least);
        (*left, *right) = (left.max(range.0), right.min(range.1));
        left < right
    });
    out
}

fn paint_raster(
    area: &Area<Fine>,
    raster: &Raster,
    range: (f64, f64),
    at: Geometry,
    palette: &Palette,
) -> Drawn {
    let rows = (0.0, raster.rows as f64);
    let width = at.px(1.5).max(1);
    for (_, colour, ticks) in &raster.kinds {
        let style = palette.get(*colour).filled();
        for tick in ticks.iter().filter(|t| t.x >= range.0 && t.x <= range.1) {
            let middle = tick.row as f64 + 0.5;
            let half = 0.46 * tick.size.clamp(0.15, 1.0);
            let x = at.px(at.x(range, tick.x));
            let upper = at.px(at.y(rows, middle + half));
            let lower = at.px(at.y(rows, middle - half)).max(upper + 1);
            area.draw(&Rectangle::new([(x, upper), (x + width, lower)], style))?;
        }
    }
    Ok(())
}

/// About `wanted` ticks, and never a single one, which would tell no scale, where finer ones have room: labels are
/// `size` of the axis apart at least.
fn two_ticks(ruler: &Ruler, range: (f64, f64), wanted: usize, size: f64) -> Vec<(f64, String)> {
    let found = (wanted..wanted + 8).map(|wanted| ruler.ticks(range, wanted)).find(|t| t.len() > 1);
    let Some(mut ticks) = found else { return ruler.ticks(range, wanted) };
    let far = |a: f64, b: f64| b - a >= size * (range.1 - range.0);
    if ticks.windows(2).any(|pair| !far(pair[0].0, pair[1].0)) {
        ticks.drain(1..ticks.len() - 1);
        if !far(ticks[0].0, ticks[1].0) {
            return ruler.ticks(range, wanted);
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_equal_height_are_one_and_the_narrow_stay_visible() {
        let y = [0.0, 1.0, 1.0, 0.0, 2.0, 1.0].into();
        let data = Data::Uniform { start: 0.5, step: 1.0, y };
        let found = bars(&data, (0.0, 6.0), 0.1);
        assert_eq!(found, [(1.0, 3.0, 1.0), (4.0, 5.0, 2.0), (5.0, 6.0, 1.0)]);
        assert_eq!(bars(&data, (4.5, 60.0), 3.0), [(4.5, 7.0, 2.0), (5.0, 8.0, 1.0)]);
    }

    #[test]
    fn no_axis_has_a_single_tick() {
        let at = |range, wanted, size| -> Vec<f64> {
            two_ticks(&Ruler::Linear, range, wanted, size).into_iter().map(|t| t.0).collect()
        };
        assert_eq!(at((0.0, 1.05), 1, 0.3), [0.0, 1.0]);
        assert_eq!(at((-0.9, 0.9), 1, 0.2), [-0.5, 0.0, 0.5]);
        // no room for those between
        assert_eq!(at((-0.9, 0.9), 1, 0.4), [-0.5, 0.5]);
        assert_eq!(at((-0.9, 0.9), 1, 0.9), [0.0]);
        assert_eq!(at((0.0, 100.0), 5, 0.1), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }
}
