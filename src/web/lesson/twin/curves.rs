//! The learning curves: a small figure for each of the five losses, their weighted sum and the gradient's norm.

use crate::plot::panels::LOSSES;
use crate::plot::range::{round_down, round_up};
use crate::twin::loss::LossWeights;
use crate::twin::train::LearningCurves;
use crate::twin::train::curve::{TrainRow, ValidRow};
use crate::web::lesson::{mini, place};
use crate::web::plot::{Axis, Colour, Data, Figure, FigureView, Panel, Series, Style, scale};
use std::rc::Rc;
use web_sys::{Element, HtmlElement};

/// The most points of a curve: more are thinned out before they are drawn.
const MOST: usize = 1500;

/// The seven figures.
pub(super) struct CurveViews {
    views: Vec<FigureView>,
}

impl CurveViews {
    pub(super) fn mount(root: &Element) -> Self {
        let grid: HtmlElement = place(root, grid!("curves"));
        let names = LOSSES.iter().map(|loss| loss.0).chain(["weighted sum", "gradient norm"]);
        let view = |name: &str| {
            let (place, view) = mini(&grid, &format!("Learning curve: {name}"));
            place.set_attribute("data-curve", name).ok();
            view
        };
        Self { views: names.map(view).collect() }
    }

    /// Draws all seven figures; `weights` are the losses' weights of the present epoch.
    pub(super) fn draw(&self, curves: &LearningCurves, weights: Option<&LossWeights>, log: bool) {
        // round ends: axes that stay as they are need not be drawn
        let end = curves.train.last().map_or(1.0, |row| f64::from(row.losses.step)).max(10.0);
        let end = round_up(end);
        let train = |of: &dyn Fn(&TrainRow) -> f32| {
            thin(&curves.train, |row| (f64::from(row.losses.step), f64::from(of(row))))
        };
        let valid = |of: &dyn Fn(&ValidRow) -> f32| {
            thin(&curves.valid, |row| (f64::from(row.losses.step), f64::from(of(row))))
        };
        for (k, (name, colour)) in LOSSES.iter().enumerate() {
            let title = match weights {
                Some(weights) => format!("{name} × {}", scale::fixed(weights[k], 2)),
                None => (*name).to_owned(),
            };
            let heads = [train(&|row| row.losses.heads[k]), valid(&|row| row.losses.heads[k])];
            let lines = pair(*colour, heads);
            self.views[k].set(figure(title, lines, end, log));
        }
        let sum = [train(&|row| row.losses.total), valid(&|row| row.losses.total)];
        let sum = pair(Colour::Sky, sum);
        self.views[5].set(figure("weighted sum".into(), sum, end, log));
        let norm =
            vec![series("before clipping", Colour::Sky, Style::Line, train(&|row| row.grad_norm))];
        self.views[6].set(figure("gradient norm".into(), norm, end, true));
    }
}

/// The points of rows at even distances, few enough to draw, and of the last row.
fn thin<Row>(rows: &[Row], point: impl Fn(&Row) -> (f64, f64)) -> Rc<[(f64, f64)]> {
    let every = rows.len().div_ceil(MOST).max(1);
    let last = rows.len().saturating_sub(1);
    rows.iter()
        .enumerate()
        .filter(|(k, _)| k % every == 0 || *k == last)
        .map(|(_, row)| point(row))
        .filter(|(_, y)| y.is_finite())
        .collect()
}

fn series(name: &str, colour: Colour, style: Style, points: Rc<[(f64, f64)]>) -> Series {
    Series::new(name, colour, style, Data::Points(points)).digits(4)
}

fn pair(colour: Colour, [train, valid]: [Rc<[(f64, f64)]>; 2]) -> Vec<Series> {
    // a few validations are dots, many are a line
    let style = if valid.len() <= 20 { Style::Dots } else { Style::Bold };
    vec![
        series("train", colour, Style::Line, train),
        series("validation", Colour::Ink, style, valid),
    ]
}

fn figure(title: String, lines: Vec<Series>, end: f64, log: bool) -> Figure {
    let values = || lines.iter().flat_map(|series| series.data.values());
    let high = values().fold(0.0, f64::max);
    let low = values().filter(|y| *y > 0.0).fold(f64::INFINITY, f64::min);
    let panel = |range| Panel::new(title, "", range, 92.0);
    let panel = match high > 0.0 {
        // a single value gives no range
        true if log => panel((round_down(0.99 * low), round_up(high))).log(),
        true => panel((0.0, round_up(high))),
        false => panel((0.0, 1.0)),
    };
    Figure::over(Axis::new("step", "", (0.0, end))).with(panel.with_all(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_become_few_and_the_last_stays() {
        let rows: Vec<(f64, f64)> = (0..10_001).map(|k| (f64::from(k), 1.0)).collect();
        let few = thin(&rows, |row| *row);
        assert!(few.len() <= MOST + 1, "{}", few.len());
        assert_eq!(few.last(), Some(&(10_000.0, 1.0)));
        let nan = thin(&[(0.0, f64::NAN), (1.0, 2.0)], |row| *row);
        assert_eq!(*nan, [(1.0, 2.0)]);
    }

    /// As the lesson's text says: training is in colour, validation is dark.
    #[test]
    fn training_is_coloured_and_validation_is_dark() {
        let points: Rc<[(f64, f64)]> = Rc::new([(1.0, 1.0)]);
        for colour in LOSSES.iter().map(|loss| loss.1).chain([Colour::Sky]) {
            let lines = pair(colour, [points.clone(), points.clone()]);
            assert!(lines[0].colour != Colour::Ink && lines[1].colour == Colour::Ink);
        }
    }

    #[test]
    fn the_axis_holds_all_points() {
        let points: Rc<[(f64, f64)]> = Rc::new([(0.0, 0.02), (5.0, 3.0)]);
        let lines = vec![series("train", Colour::Ink, Style::Line, points)];
        let log = figure("a".into(), lines.clone(), 5.0, true).panels.remove(0).y;
        assert!(log.range.0 <= 0.02 && log.range.1 >= 3.0 && log.range.0 < log.range.1);
        let empty = figure("a".into(), Vec::new(), 1.0, true).panels.remove(0).y;
        assert_eq!(empty.range, (0.0, 1.0));
    }
}
