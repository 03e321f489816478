//! The drawing of one panel by plotters, onto any back end. Labels are placed here: plotters would measure them, for
//! which the page's canvas adds each label to the document and so makes the browser lay out the page once a label.

mod axes;
mod clip;
mod plane;
mod series;

pub use axes::axes;
use plane::plane;
pub use plane::{Area, Drawn, FONT, FONT_SIZE};

use super::axis::Axis;
use super::geometry::Geometry;
use super::heat::Heat;
use super::palette::{Colour, Palette};
use super::panel::{Content, Panel};
use super::raster::Raster;
use super::series::Series;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// Whether the plotted area and the axis's range are not empty.
pub fn has_room(x: &Axis, at: Geometry) -> bool {
    let [left, top, right, bottom] = at.inner();
    right > left && bottom > top && x.range.0 < x.range.1
}

/// Draws the content of a placed panel.
///
/// # Errors
/// The errors of the back end.
pub fn content<B: DrawingBackend>(
    area: &Area<B>,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
    match &panel.content {
        Content::Raster(raster) => ticks(area, raster, x.range, at, palette),
        Content::Lines(series) => lines(area, x, &panel.y, series, at, palette),
        Content::Heat(map) => heat(area, map, x.range, at),
    }
}

/// Draws series of placed values, the last on top.
///
/// # Errors
/// The errors of the back end.
pub fn lines<B: DrawingBackend>(
    area: &Area<B>,
    x: &Axis,
    y: &Axis,
    lines: &[Series],
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
    series::all(&plane(area, x, y.range, at)?, lines, x.range, y, at, palette)
}

/// Draws a heat map in rectangles, each as long as its colour lasts.
fn heat<B: DrawingBackend>(
    area: &Area<B>,
    map: &Heat,
    range: (f64, f64),
    at: Geometry,
) -> Drawn<B> {
    let [left, top, right, bottom] = at.inner();
    let columns = (right - left) as usize;
    let pixels = map.pixels(range, columns, map.rows);
    let x = |column: usize| at.px(left + column as f64 / columns as f64 * (right - left));
    let y = |row: usize| at.px(top + row as f64 / map.rows as f64 * (bottom - top));
    for (row, line) in pixels.chunks_exact(4 * columns.max(1)).enumerate() {
        let mut column = 0;
        for run in line.as_chunks::<4>().0.chunk_by(|a, b| a == b) {
            let [r, g, b, opaque] = run[0];
            let corners = [(x(column), y(row)), (x(column + run.len()), y(row + 1))];
            if opaque > 0 {
                area.draw(&Rectangle::new(corners, RGBColor(r, g, b).filled()))?;
            }
            column += run.len();
        }
    }
    Ok(())
}

/// Draws the ticks of events; a tick's size is the share of its row's height.
///
/// # Errors
/// The errors of the back end.
pub fn ticks<B: DrawingBackend>(
    area: &Area<B>,
    raster: &Raster,
    range: (f64, f64),
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
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

/// Frames a range of the horizontal axis by a dashed line.
///
/// # Errors
/// The errors of the back end.
pub fn frame<B: DrawingBackend>(
    area: &Area<B>,
    x: &Axis,
    (from, to): (f64, f64),
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
    let [_, top, _, bottom] = at.inner().map(|edge| at.px(edge));
    let inside = |value: f64| at.px(at.x(x.range, value.clamp(x.range.0, x.range.1)));
    let (left, right, room) = (inside(from), inside(to), at.px(2.0));
    let (top, bottom) = (top + room, bottom - room);
    let corners = vec![(left, top), (left, bottom), (right, bottom), (right, top), (left, top)];
    let style = palette.get(Colour::Ink).stroke_width(at.px(1.5).max(1) as u32);
    area.draw(&DashedPathElement::new(corners, at.px(6.0), at.px(4.0), style))
}
