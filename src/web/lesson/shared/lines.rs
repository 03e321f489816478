//! Panels and series that several lessons draw.

use crate::web::plot::{Axis, Colour, Content, Data, Panel, Series, Style};

/// A series of points, or of samples.
pub(in crate::web::lesson) fn line(
    name: &str,
    colour: Colour,
    style: Style,
    data: Data,
    digits: usize,
) -> Series {
    Series { name: name.into(), colour, data, style, digits }
}

/// Points in order of x, drawn as they are.
pub(in crate::web::lesson) fn dots(
    name: &str,
    colour: Colour,
    style: Style,
    points: &[(f64, f64)],
) -> Series {
    let mut points: Vec<(f64, f64)> =
        points.iter().copied().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    line(name, colour, style, Data::Points(points.into()), 2)
}

/// A broken line across a panel at one height.
pub(in crate::web::lesson) fn level(name: &str, y: f64, range: (f64, f64)) -> Series {
    let points = [(range.0, y), (range.1, y)];
    line(name, Colour::Soft, Style::Dashed, Data::Points(points.into()), 2)
}

/// A broken line from the bottom to the top of a panel at one place.
pub(in crate::web::lesson) fn upright(name: &str, x: f64, range: (f64, f64)) -> Series {
    let points = [(x, range.0), (x, range.1)];
    line(name, Colour::Soft, Style::Dashed, Data::Points(points.into()), 3)
}

/// The line on which both are equal.
pub(in crate::web::lesson) fn diagonal(range: (f64, f64)) -> Series {
    let points = [(range.0, range.0), (range.1, range.1)];
    line("", Colour::Soft, Style::Dashed, Data::Points(points.into()), 2)
}

/// A panel of lines.
pub(in crate::web::lesson) fn panel(y: Axis, height: f64, lines: Vec<Series>) -> Panel {
    Panel { y, height, content: Content::Lines(lines) }
}
