//! Grid, ticks and labels of a panel.

use super::plane::{Area, Drawn, FONT, FONT_SIZE, plane};
use crate::plot::axis::{Axis, Ruler};
use crate::plot::geometry::Geometry;
use crate::plot::palette::{Colour, Palette};
use crate::plot::panel::{Content, Panel};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Draws grid, ticks and labels of a placed panel.
///
/// # Errors
/// The errors of the back end.
pub fn axes<B: DrawingBackend>(
    area: &Area<B>,
    x: &Axis,
    panel: &Panel,
    at: Geometry,
    palette: &Palette,
) -> Drawn<B> {
    let plane = &plane(area, x, panel.axis().range, at)?;
    let [left, top, right, bottom] = at.inner();
    let grid = palette.get(Colour::Grid).stroke_width(at.px(1.0) as u32);
    let soft = palette.get(Colour::Soft);
    let text = |h, v| {
        let font = (FONT, FONT_SIZE * at.text * at.scale).into_font();
        font.color(&soft).pos(Pos::new(h, v))
    };
    let line = |a: (f64, f64), b: (f64, f64)| plane.draw(&PathElement::new(vec![a, b], grid));
    let wanted = ((right - left) / (90.0 * at.text)).clamp(2.0, 10.0) as usize;
    let x_ticks = two_ticks(&x.ruler, x.range, wanted, 40.0 * at.text / (right - left));
    if let Content::Lines(_) = panel.content {
        let y = panel.y.range;
        let wanted = ((bottom - top) / (32.0 * at.text)).clamp(1.0, 6.0) as usize;
        let y_ticks = two_ticks(&panel.y.ruler, y, wanted, FONT_SIZE * at.text / (bottom - top));
        for &(tick, _) in &x_ticks {
            line((tick, y.0), (tick, y.1))?;
        }
        for (tick, label) in &y_ticks {
            line((x.range.0, *tick), (x.range.1, *tick))?;
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
        let place = (at.px(right), at.px(bottom + 22.0 * at.text));
        area.draw_text(&x.title(), &text(HPos::Right, VPos::Top), place)?;
    }
    Ok(())
}

/// About `wanted` ticks, and at least two (one alone shows no scale) where finer ones fit: labels are at least the
/// share `size` of the axis apart.
fn two_ticks(ruler: &Ruler, range: (f64, f64), wanted: usize, size: f64) -> Vec<(f64, String)> {
    let round = |wanted| Some(ruler.ticks(range, wanted));
    let even = |wanted| (*ruler == Ruler::Log).then(|| ruler.even_ticks(range, wanted));
    let tried = (wanted..wanted + 8).map(round).chain((wanted..wanted + 8).map(even));
    let found = tried.flatten().find(|ticks| ticks.len() > 1);
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
    fn no_axis_has_a_single_tick() {
        let at = |range, wanted, size| -> Vec<f64> {
            two_ticks(&Ruler::Linear, range, wanted, size).into_iter().map(|t| t.0).collect()
        };
        assert_eq!(at((0.0, 1.05), 1, 0.3), [0.0, 1.0]);
        assert_eq!(at((-0.9, 0.9), 1, 0.2), [-0.5, 0.0, 0.5]);
        // the ticks between do not fit
        assert_eq!(at((-0.9, 0.9), 1, 0.4), [-0.5, 0.5]);
        assert_eq!(at((-0.9, 0.9), 1, 0.9), [0.0]);
        let short = two_ticks(&Ruler::Log, (-0.5, -0.05), 3, 0.1);
        assert_eq!(short.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), ["0.4", "0.6", "0.8"]);
        assert_eq!(at((0.0, 100.0), 5, 0.1), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    }
}
