//! The area in which a panel is drawn, in pixels and in positions on its axes.

use crate::plot::axis::Axis;
use crate::plot::geometry::Geometry;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// The font family of all labels.
pub const FONT: &str = "system-ui, sans-serif";
/// The height of labels in CSS pixels, at a text size of 1.
pub const FONT_SIZE: f64 = 12.0;

/// A part of a back end with coordinates in pixels.
pub type Area<B> = DrawingArea<B, Shift>;
/// The result of drawing on the back end `B`.
pub type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// A part of a back end with coordinates in positions on two axes.
pub type Plane<B> = DrawingArea<B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The plotted area with coordinates in positions on its axes.
pub fn plane<B: DrawingBackend>(
    area: &Area<B>,
    x: &Axis,
    y: (f64, f64),
    at: Geometry,
) -> Result<Plane<B>, DrawingAreaErrorKind<B::ErrorType>> {
    let [left, top, right, bottom] = at.inner();
    let chart = ChartBuilder::on(area)
        .margin_left(at.px(left))
        .margin_top(at.px(top))
        .margin_right(at.px(at.width - right))
        .margin_bottom(at.px(at.height - bottom))
        .build_cartesian_2d(x.range.0..x.range.1, y.0..y.1)?;
    Ok(chart.plotting_area().clone())
}
