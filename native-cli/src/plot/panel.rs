//! One plot of a figure: layers of marks on two axes, with its title and legend in a row above.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::palette::{GRID, INK};
use super::scale::Scale;

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    /// Joined, so many pixels wide.
    Line(u32),
    /// Joined by a broken line.
    Dashed,
    /// Dots of this radius, pixels.
    Dots(i32),
    /// An upright stroke of this height in pixels, at each.
    Ticks(i32),
    /// From the bottom up, this wide in units of x.
    Bars(f64),
    /// A line between the points of each pair.
    Pairs(u32),
}

/// Points of one colour.
#[derive(Debug, Clone)]
pub struct Layer {
    /// In the legend; empty for none.
    pub label: String,
    /// Of the marks.
    pub color: RGBAColor,
    /// How they are drawn.
    pub mark: Mark,
    /// Where. A point that is no number breaks a line.
    pub points: Vec<(f64, f64)>,
}

impl Layer {
    /// Marks of one colour.
    pub fn new(
        label: impl Into<String>,
        color: impl Color,
        mark: Mark,
        points: Vec<(f64, f64)>,
    ) -> Self {
        Self { label: label.into(), color: color.to_rgba(), mark, points }
    }

    /// Points joined by a thin line.
    pub fn line(label: impl Into<String>, color: impl Color, points: Vec<(f64, f64)>) -> Self {
        Self::new(label, color, Mark::Line(1), points)
    }
}

/// An axis of a panel.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What it shows, with its unit.
    pub label: String,
    /// From where to where.
    pub scale: Scale,
}

impl Axis {
    /// An axis with its label.
    pub fn new(label: impl Into<String>, scale: Scale) -> Self {
        Self { label: label.into(), scale }
    }
}

/// One plot.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Above it.
    pub title: String,
    /// Below it.
    pub x: Axis,
    /// Beside it.
    pub y: Axis,
    /// The last are on top.
    pub layers: Vec<Layer>,
    /// The stretch of x that another panel shows, framed.
    pub zoom: Option<Range<f64>>,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Height of the row with title and legend, pixels.
const HEAD: u32 = 26;

impl Panel {
    /// A plot without anything in it.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, layers: Vec::new(), zoom: None }
    }

    /// With these layers.
    #[must_use]
    pub fn with(mut self, layers: Vec<Layer>) -> Self {
        self.layers = layers;
        self
    }

    /// Draws it into its place.
    ///
    /// # Errors
    /// What the canvas reports.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let font = |size: u32| ("sans-serif", size).into_font().color(&INK);
        let (head, body) = area.split_vertically(HEAD);
        self.draw_head(&head)?;
        let mut chart = ChartBuilder::on(&body)
            .margin_right(16)
            .margin_left(6)
            .margin_bottom(4)
            .margin_top(2)
            .x_label_area_size(if self.x.label.is_empty() { 20 } else { 36 })
            .y_label_area_size(self.y.scale.room())
            .build_cartesian_2d(self.x.scale.clone(), self.y.scale.clone())?;
        let (width, height) = body.dim_in_pixel();
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc(&self.x.label)
            .y_desc(&self.y.label)
            .x_labels((width / 80).max(3) as usize)
            .y_labels((height / 32).max(3) as usize)
            .axis_style(INK)
            .label_style(font(12))
            .draw()?;
        let plane = chart.plotting_area();
        for layer in &self.layers {
            self.draw_layer(layer, plane)?;
        }
        if let Some(zoom) = &self.zoom {
            let corner = |x: f64, y: f64| (x, self.y.scale.at(y));
            let (a, b) = (zoom.start, zoom.end);
            let frame = [(a, 0.02), (b, 0.02), (b, 0.98), (a, 0.98), (a, 0.02)];
            let frame: Vec<_> = frame.into_iter().map(|(x, y)| corner(x, y)).collect();
            plane.draw(&DashedPathElement::new(frame, 6, 4, INK.stroke_width(2)))?;
        }
        Ok(())
    }

    /// The title on the left, the legend on the right of what is left.
    fn draw_head<DB: DrawingBackend>(&self, head: &DrawingArea<DB, Shift>) -> Drawn<DB> {
        let title = ("sans-serif", 14).into_font().color(&INK);
        head.draw(&Text::new(self.title.clone(), (14, 7), title))?;
        let font = ("sans-serif", 12).into_font().color(&INK);
        let mut right = head.dim_in_pixel().0 as i32 - 16;
        for layer in self.layers.iter().rev().filter(|layer| !layer.label.is_empty()) {
            let (wide, _) = head.estimate_text_size(&layer.label, &font)?;
            right -= wide as i32;
            head.draw(&Text::new(layer.label.clone(), (right, 8), font.clone()))?;
            right -= 22;
            draw_key(head, layer, right)?;
            right -= 12;
        }
        Ok(())
    }

    fn draw_layer<DB: DrawingBackend>(
        &self,
        layer: &Layer,
        plane: &DrawingArea<DB, Cartesian2d<Scale, Scale>>,
    ) -> Drawn<DB> {
        let color = layer.color;
        let inside = |p: &&(f64, f64)| {
            let (x, y) = self.part(**p);
            (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y)
        };
        match layer.mark {
            Mark::Line(width) => {
                for piece in self.pieces(&layer.points) {
                    plane.draw(&PathElement::new(piece, color.stroke_width(width)))?;
                }
            }
            Mark::Dashed => {
                for piece in self.pieces(&layer.points) {
                    plane.draw(&DashedPathElement::new(piece, 5, 4, color.stroke_width(1)))?;
                }
            }
            Mark::Pairs(width) => {
                for pair in layer.points.chunks_exact(2) {
                    for piece in self.pieces(pair) {
                        plane.draw(&PathElement::new(piece, color.stroke_width(width)))?;
                    }
                }
            }
            Mark::Dots(radius) => {
                for point in layer.points.iter().filter(inside) {
                    plane.draw(&Circle::new(*point, radius, color.filled()))?;
                }
            }
            Mark::Ticks(height) => {
                for point in layer.points.iter().filter(inside) {
                    let stroke = vec![(0, -height / 2), (0, height / 2)];
                    let stroke = PathElement::new(stroke, color.stroke_width(2));
                    plane.draw(&(EmptyElement::at(*point) + stroke))?;
                }
            }
            Mark::Bars(width) => {
                let bottom = self.y.scale.ends().0;
                for &(x, y) in layer.points.iter().filter(|p| self.y.scale.part(p.1) > 0.0) {
                    let corners = [(x - width / 2.0, bottom), (x + width / 2.0, y)];
                    plane.draw(&Rectangle::new(corners, color.filled()))?;
                }
            }
        }
        Ok(())
    }

    fn part(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x.scale.part(x), self.y.scale.part(y))
    }

    /// A line cut at the frame and where it has no numbers.
    fn pieces(&self, points: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
        let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
        let back = |(x, y): (f64, f64)| (self.x.scale.at(x), self.y.scale.at(y));
        let mut open = false;
        for pair in points.windows(2) {
            let (a, b) = (self.part(pair[0]), self.part(pair[1]));
            let Some((from, to)) = clipped(a, b) else {
                open = false;
                continue;
            };
            match pieces.last_mut() {
                Some(piece) if open => piece.push(back(to)),
                _ => pieces.push(vec![back(from), back(to)]),
            }
            open = to == b;
        }
        pieces
    }
}

/// The part of the way from a to b that lies in the unit square (Liang & Barsky 1984).
fn clipped(a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, a.0), (dx, 1.0 - a.0), (-dy, a.1), (dy, 1.0 - a.1)] {
        if p.is_nan() || q.is_nan() || (p == 0.0 && q < 0.0) {
            return None;
        }
        if p < 0.0 {
            from = from.max(q / p);
        } else if p > 0.0 {
            to = to.min(q / p);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    let end = if to >= 1.0 { b } else { at(to) };
    (from <= to).then(|| (at(from), end))
}

/// A mark of the legend, 16 pixels wide from `x` on.
fn draw_key<DB: DrawingBackend>(head: &DrawingArea<DB, Shift>, layer: &Layer, x: i32) -> Drawn<DB> {
    let color = layer.color;
    let y = 14;
    match layer.mark {
        Mark::Line(width) | Mark::Pairs(width) => {
            let line = vec![(x, y), (x + 16, y)];
            head.draw(&PathElement::new(line, color.stroke_width(width.max(2))))
        }
        Mark::Dashed => {
            let line = vec![(x, y), (x + 16, y)];
            head.draw(&DashedPathElement::new(line, 5, 3, color.stroke_width(2)))
        }
        Mark::Dots(radius) => head.draw(&Circle::new((x + 8, y), radius.max(3), color.filled())),
        Mark::Ticks(_) => {
            let line = vec![(x + 8, y - 6), (x + 8, y + 6)];
            head.draw(&PathElement::new(line, color.stroke_width(2)))
        }
        Mark::Bars(_) => head.draw(&Rectangle::new([(x, y - 4), (x + 16, y + 4)], color.filled())),
    }
}

/// A trace thinned to what so many pixels across can show: the first, least, greatest and last of each column, in
/// their order.
pub fn thinned(points: &[(f64, f64)], scale: &Scale, pixels: usize) -> Vec<(f64, f64)> {
    if points.len() <= 4 * pixels {
        return points.to_vec();
    }
    let column = |p: &(f64, f64)| (scale.part(p.0) * pixels as f64).floor() as i64;
    let mut out = Vec::new();
    for chunk in points.chunk_by(|a, b| column(a) == column(b)) {
        let by = |a: &usize, b: &usize| chunk[*a].1.total_cmp(&chunk[*b].1);
        let mut kept = vec![0, chunk.len() - 1];
        kept.extend((0..chunk.len()).min_by(by));
        kept.extend((0..chunk.len()).max_by(by));
        kept.sort_unstable();
        kept.dedup();
        out.extend(kept.into_iter().map(|i| chunk[i]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_the_frame() {
        let axis = || Axis::new("", Scale::linear(0.0, 10.0));
        let panel = Panel::new("", axis(), axis());
        let line = [(-5.0, 5.0), (5.0, 5.0), (5.0, 25.0), (8.0, f64::NAN), (8.0, 1.0), (9.0, 1.0)];
        let pieces = panel.pieces(&line);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0], [(0.0, 5.0), (5.0, 5.0), (5.0, 10.0)]);
        assert_eq!(pieces[1], [(8.0, 1.0), (9.0, 1.0)]);
        assert!(panel.pieces(&[(-3.0, 1.0), (-1.0, 2.0)]).is_empty());
    }

    #[test]
    fn thinning_keeps_every_peak() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i), 0.0)).collect();
        points[4_321].1 = 7.0;
        points[8_765].1 = -3.0;
        let thin = thinned(&points, &Scale::linear(0.0, 10_000.0), 100);
        assert!(thin.len() <= 400, "{}", thin.len());
        assert!(thin.contains(&(4_321.0, 7.0)) && thin.contains(&(8_765.0, -3.0)));
        assert!(thin.windows(2).all(|w| w[0].0 < w[1].0));
        assert_eq!(thinned(&points[..50], &Scale::linear(0.0, 50.0), 100).len(), 50);
    }
}
