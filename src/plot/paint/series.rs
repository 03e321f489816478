//! The series of a panel, each in its style.

use super::clip::{Frame, pieces};
use super::plane::{Drawn, Plane};
use crate::plot::axis::{Axis, Ruler};
use crate::plot::decimate::{decimate, runs};
use crate::plot::geometry::Geometry;
use crate::plot::palette::Palette;
use crate::plot::series::{Data, Series, Style};
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// Half the width of a column in units of x, where pairs are 1 apart; columns nearer to each other are narrower.
const COLUMN: f64 = 0.17;
/// Half the width of an interval's cap, CSS pixels.
const CAP: f64 = 4.0;

/// Draws series of placed values, each on top of the one before.
pub(super) fn all<B: DrawingBackend>(
    plane: &Plane<B>,
    lines: &[Series],
    range: (f64, f64),
    y: &Axis,
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
    let [left, _, right, _] = at.inner();
    // one column a CSS pixel; finer columns would be drawn over each other
    let columns = (right - left) as usize;
    let brush = Brush { plane, range, y, columns, column: half_column(lines), at, palette };
    lines.iter().try_for_each(|series| brush.series(series))
}

/// The surroundings in which all series of a panel are drawn.
struct Brush<'a, B: DrawingBackend> {
    plane: &'a Plane<B>,
    range: (f64, f64),
    y: &'a Axis,
    /// Number of pixel columns of the plotted area.
    columns: usize,
    /// Half the width of a column of [`Style::Columns`], in units of x.
    column: f64,
    at: Geometry,
    palette: &'a Palette,
}

impl<B: DrawingBackend> Brush<'_, B> {
    fn series(&self, series: &Series) -> Drawn<B> {
        let (plane, at) = (self.plane, self.at);
        let colour = self.palette.get(series.colour);
        let width = |css: f64| colour.stroke_width(at.px(css).max(1) as u32);
        match series.style {
            Style::Line => self.line(&series.data, width(1.5)),
            Style::Bold => self.line(&series.data, width(2.5)),
            Style::Faint => {
                let thin = colour.mix(0.45).stroke_width(at.px(1.0).max(1) as u32);
                self.line(&series.data, thin)
            }
            Style::Dashed => self.pieces(&series.data).into_iter().try_for_each(|piece| {
                plane.draw(&DashedPathElement::new(piece, at.px(5.0), at.px(4.0), width(1.5)))
            }),
            Style::Dots => {
                self.line(&series.data, width(1.5))?;
                let points = decimate(&series.data, self.range, self.columns);
                self.dots(&points, 3.5, colour.filled())
            }
            Style::Scatter => {
                // a dot beyond the vertical range is drawn at its edge
                let (x, radius) = (self.range, at.px(3.0));
                let mut inside = points(&series.data)
                    .iter()
                    .filter(|p| x.0 <= p.0 && p.0 <= x.1 && p.1.is_finite());
                inside.try_for_each(|p| plane.draw(&Circle::new(*p, radius, colour.filled())))
            }
            Style::Cloud => self.dots(points(&series.data), 1.6, colour.mix(0.4).filled()),
            Style::Columns | Style::Outlines => {
                let (_, (bottom, _)) = self.frame();
                let style = match series.style {
                    Style::Columns => colour.filled(),
                    _ => width(2.0),
                };
                points(&series.data).iter().filter(|p| p.1.is_finite()).try_for_each(|p| {
                    let corners = [(p.0 - self.column, bottom), (p.0 + self.column, p.1)];
                    plane.draw(&Rectangle::new(corners, style))
                })
            }
            Style::Whiskers => self.whiskers(points(&series.data), width(1.5)),
            Style::Bars => {
                let (range, per_pixel) = (self.range, self.columns.max(1) as f64);
                let least = 1.5 * (range.1 - range.0) / per_pixel;
                let base = if self.y.ruler == Ruler::Log { self.y.range.0 } else { 0.0 };
                bars(&series.data, range, least, base).into_iter().try_for_each(|(a, b, y)| {
                    plane.draw(&Rectangle::new([(a, base), (b, y)], colour.filled()))
                })
            }
        }
    }

    fn frame(&self) -> Frame {
        (self.range, self.y.range)
    }

    /// A line's pieces within the frame, reduced to the points that its pixels can show.
    fn pieces(&self, data: &Data) -> Vec<Vec<(f64, f64)>> {
        let runs = runs(data, self.range, self.columns);
        runs.iter().flat_map(|run| pieces(run, self.frame())).collect()
    }

    fn line(&self, data: &Data, style: ShapeStyle) -> Drawn<B> {
        let mut pieces = self.pieces(data).into_iter();
        pieces.try_for_each(|piece| self.plane.draw(&PathElement::new(piece, style)))
    }

    /// Draws the dots inside the frame, with a radius in CSS pixels.
    fn dots(&self, points: &[(f64, f64)], radius: f64, style: ShapeStyle) -> Drawn<B> {
        let (x, y) = self.frame();
        let radius = self.at.px(radius);
        let within = |(low, high): (f64, f64), v: f64| low <= v && v <= high;
        let mut inside = points.iter().filter(|p| within(x, p.0) && within(y, p.1));
        inside.try_for_each(|p| self.plane.draw(&Circle::new(*p, radius, style)))
    }

    /// Draws intervals with caps: vertical ones, and horizontal ones where both ends have the same height.
    fn whiskers(&self, points: &[(f64, f64)], style: ShapeStyle) -> Drawn<B> {
        let cap = self.at.px(CAP);
        let whole = |p: &&[(f64, f64)]| p.iter().all(|p| p.1.is_finite() && p.0.is_finite());
        for ends in points.chunks_exact(2).filter(whole) {
            for piece in pieces(ends, self.frame()) {
                self.plane.draw(&PathElement::new(piece, style))?;
            }
            let level = ends[0].1 == ends[1].1 && ends[0].0 != ends[1].0;
            let (x, y) = if level { (0, cap) } else { (cap, 0) };
            for end in ends {
                let stroke = PathElement::new(vec![(-x, -y), (x, y)], style);
                self.plane.draw(&(EmptyElement::at(*end) + stroke))?;
            }
        }
        Ok(())
    }
}

/// The points of a series; empty for uniform samples, with which no style of points is drawn.
fn points(data: &Data) -> &[(f64, f64)] {
    match data {
        Data::Points(points) => points,
        Data::Uniform { .. } => &[],
    }
}

/// Half the width of a panel's columns, in units of x: [`COLUMN`], or less to leave a gap between the nearest two.
fn half_column(lines: &[Series]) -> f64 {
    let columns = lines.iter().filter(|s| matches!(s.style, Style::Columns | Style::Outlines));
    let mut places: Vec<f64> = columns.flat_map(|s| points(&s.data)).map(|p| p.0).collect();
    places.sort_by(f64::total_cmp);
    let gaps = places.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 1e-9);
    gaps.fold(COLUMN, |half, gap| half.min(0.45 * gap))
}

/// Left edge, right edge and height of each bar, where `base` is the height without a bar; neighbours of equal height
/// are one bar, and no bar is narrower than `least`.
fn bars(data: &Data, range: (f64, f64), least: f64, base: f64) -> Vec<(f64, f64, f64)> {
    let Data::Uniform { start, step, y } = data else { return Vec::new() };
    let mut out: Vec<(f64, f64, f64)> = Vec::new();
    let mut open = false;
    for (k, height) in y.iter().copied().enumerate() {
        let left = start + (k as f64 - 0.5) * step;
        let right = left + step;
        let shows = height.is_finite() && height != base;
        match out.last_mut() {
            Some(last) if open && last.2 == height => last.1 = right,
            _ if shows => out.push((left, right, height)),
            _ => {}
        }
        open = shows;
    }
    out.retain_mut(|(left, right, _)| {
        *right = right.max(*left + least);
        (*left, *right) = (left.max(range.0), right.min(range.1));
        left < right
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::Colour;

    #[test]
    fn bars_of_equal_height_are_one_and_the_narrow_stay_visible() {
        let y = [0.0, 1.0, 1.0, 0.0, 2.0, 1.0].into();
        let data = Data::Uniform { start: 0.5, step: 1.0, y };
        let found = bars(&data, (0.0, 6.0), 0.1, 0.0);
        assert_eq!(found, [(1.0, 3.0, 1.0), (4.0, 5.0, 2.0), (5.0, 6.0, 1.0)]);
        assert_eq!(bars(&data, (4.5, 60.0), 3.0, 0.0), [(4.5, 7.0, 2.0), (5.0, 8.0, 1.0)]);
    }

    #[test]
    fn columns_leave_gaps() {
        let of = |places: &[f64]| {
            let points: Vec<(f64, f64)> = places.iter().map(|x| (*x, 1.0)).collect();
            Series::new("", Colour::Blue, Style::Columns, points)
        };
        assert_eq!(half_column(&[of(&[-0.19, 0.81]), of(&[0.19, 1.19])]), COLUMN);
        assert_eq!(half_column(&[of(&[0.0, 1.0])]), COLUMN);
        assert!((half_column(&[of(&[-0.2, 0.0, 0.2])]) - 0.09).abs() < 1e-12);
    }
}
