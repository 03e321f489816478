//! Draws a scene on the canvas: the soma, every segment in the colour of its voltage, synapses, rings around chosen
//! segments, a scale bar.

use super::scene::{Fit, Scene};
use crate::web::plot::palette::viridis;
use std::f64::consts::TAU;
use web_sys::CanvasRenderingContext2d;

/// Voltages of the first and the last colour, mV.
const RANGE: (f64, f64) = (-85.0, 0.0);

/// Draws a scene; `ink` reads a custom property of the style sheet.
pub(in crate::web::lesson) struct Painter<'a> {
    pub(in crate::web::lesson) context: &'a CanvasRenderingContext2d,
    pub(in crate::web::lesson) scene: &'a Scene,
    pub(in crate::web::lesson) fit: Fit,
    pub(in crate::web::lesson) ink: &'a dyn Fn(&str) -> String,
}

/// How thick a branch is drawn, CSS pixels: its true thickness would seldom be seen.
fn thickness(diam_um: f64) -> f64 {
    3.0 + (2.2 * diam_um).min(7.0)
}

fn colour(mv: Option<f64>, unknown: &str) -> String {
    let Some(mv) = mv else { return unknown.to_owned() };
    let [r, g, b] = viridis((mv - RANGE.0) / (RANGE.1 - RANGE.0));
    format!("rgb({r},{g},{b})")
}

impl Painter<'_> {
    pub(in crate::web::lesson) fn paint(&self, height: f64) {
        let context = self.context;
        context.set_line_join("round");
        let edge = (self.ink)("--plot-soft");
        let blank = (self.ink)("--plot-grid");
        let segments = &self.scene.shape.segments;
        // the outlines of all segments first, so that no outline crosses a joint
        for segment in segments {
            self.line(&segment.path, &edge, thickness(segment.diam_um) + 2.0, "round");
        }
        self.soma(&edge, 1.0, &edge);
        for (row, segment) in segments.iter().enumerate() {
            let fill = colour(self.scene.voltages.get(row).copied(), &blank);
            self.line(&segment.path, &fill, thickness(segment.diam_um), "round");
        }
        // a thin line shows where one segment ends and the next begins
        if segments.len() <= 60 {
            for segment in segments.iter().filter(|s| s.place.1 > 0) {
                self.tick(&segment.path, thickness(segment.diam_um), &edge);
            }
        }
        self.soma(&colour(self.scene.soma_mv, &blank), 0.0, &edge);
        for (row, property) in &self.scene.watched {
            self.ring(*row, &(self.ink)(property), 6.5, 2.5);
        }
        if let Some(row) = self.scene.chosen {
            self.ring(row, &(self.ink)("--ink"), 10.0, 1.5);
        }
        for (row, count) in &self.scene.placed {
            self.synapse(*row, *count);
        }
        self.scale_bar(height);
    }

    fn line(&self, path: &[[f64; 2]], colour: &str, width: f64, cap: &str) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.set_line_cap(cap);
        self.context.begin_path();
        for (k, point) in path.iter().enumerate() {
            let (x, y) = self.fit.px(*point);
            if k == 0 { self.context.move_to(x, y) } else { self.context.line_to(x, y) }
        }
        self.context.stroke();
    }

    /// A thin line across the beginning of a segment.
    fn tick(&self, path: &[[f64; 2]], width: f64, colour: &str) {
        let [a, b, ..] = path else { return };
        let ((x, y), (to_x, to_y)) = (self.fit.px(*a), self.fit.px(*b));
        let length = (to_x - x).hypot(to_y - y).max(1e-6);
        let (nx, ny) = (-(to_y - y) / length * 0.5 * width, (to_x - x) / length * 0.5 * width);
        self.stroke((x - nx, y - ny), (x + nx, y + ny), colour, 0.8);
    }

    /// A straight line between two places of the canvas.
    fn stroke(&self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.begin_path();
        self.context.move_to(from.0, from.1);
        self.context.line_to(to.0, to.1);
        self.context.stroke();
    }

    fn circle(&self, (x, y): (f64, f64), radius: f64) {
        self.context.begin_path();
        self.context.arc(x, y, radius, 0.0, TAU).ok();
    }

    fn soma(&self, fill: &str, grow: f64, edge: &str) {
        let (centre, radius) = self.scene.shape.soma;
        self.circle(self.fit.px(centre), (radius * self.fit.scale).max(9.0) + grow);
        self.context.set_fill_style_str(fill);
        self.context.fill();
        self.context.set_stroke_style_str(edge);
        self.context.set_line_width(1.0);
        self.context.stroke();
    }

    /// The middle of a segment, and the direction across it.
    fn middle(&self, row: usize) -> Option<((f64, f64), (f64, f64))> {
        let path = &self.scene.shape.segments.get(row)?.path;
        let (a, b) = match path.as_slice() {
            [a, b] => (*a, *b),
            more => {
                let k = (more.len() / 2).max(1);
                (*more.get(k - 1)?, *more.get(k)?)
            }
        };
        let (p, q) = (self.fit.px(a), self.fit.px(b));
        let length = (q.0 - p.0).hypot(q.1 - p.1).max(1e-6);
        let mut across = ((q.1 - p.1) / length, -(q.0 - p.0) / length);
        // marks sit above their branch
        if across.1 > 0.0 {
            across = (-across.0, -across.1);
        }
        Some(((0.5 * (p.0 + q.0), 0.5 * (p.1 + q.1)), across))
    }

    fn ring(&self, row: usize, colour: &str, radius: f64, width: f64) {
        let Some((at, _)) = self.middle(row) else { return };
        self.circle(at, radius);
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke();
    }

    /// A dot beside its segment on a short stalk, with the number of synapses that it stands for.
    fn synapse(&self, row: usize, count: u32) {
        let Some(((x, y), (dx, dy))) = self.middle(row) else { return };
        let colour = (self.ink)("--plot-orange");
        let (cx, cy) = (x + 15.0 * dx, y + 15.0 * dy);
        self.stroke((x + 3.0 * dx, y + 3.0 * dy), (cx, cy), &colour, 2.0);
        if self.scene.active {
            self.circle((cx, cy), 12.0);
            self.context.set_line_width(2.0);
            self.context.stroke();
        }
        self.circle((cx, cy), 8.0);
        self.context.set_fill_style_str(&colour);
        self.context.fill();
        self.context.set_fill_style_str("#15181c");
        self.context.set_font("600 10px system-ui, sans-serif");
        self.context.set_text_align("center");
        self.context.set_text_baseline("middle");
        self.context.fill_text(&count.to_string(), cx, cy + 0.5).ok();
    }

    fn scale_bar(&self, height: f64) {
        let um = scale_bar_um(self.fit.scale);
        let (x, y, length) = (10.0, height - 8.0, um * self.fit.scale);
        let ink = (self.ink)("--soft");
        self.stroke((x, y), (x + length, y), &ink, 2.0);
        self.context.set_fill_style_str(&ink);
        self.context.set_font("12px system-ui, sans-serif");
        self.context.set_text_align("left");
        self.context.set_text_baseline("bottom");
        self.context.fill_text(&format!("{um} µm"), x, y - 4.0).ok();
    }
}

/// A round length of about 70 CSS pixels, µm.
fn scale_bar_um(scale: f64) -> f64 {
    let rough = 70.0 / scale.max(1e-9);
    let power = 10f64.powf(rough.log10().floor());
    [5.0, 2.0, 1.0].map(|k| k * power).into_iter().find(|um| *um <= rough).unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_bar_is_round_and_of_a_visible_length() {
        for scale in [0.01, 0.137, 0.3, 1.0, 4.0] {
            let um = scale_bar_um(scale);
            assert!((25.0..=70.0 + 1e-9).contains(&(um * scale)), "{um} at {scale}");
        }
        assert_eq!(scale_bar_um(0.25), 200.0);
    }
}
