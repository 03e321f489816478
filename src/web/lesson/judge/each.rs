//! Each test simulation by itself: a dot each, and the worst, median and best of five metrics.

use crate::web::dom;
use crate::web::lesson::figure;
use crate::web::lesson::place;
use crate::web::lesson::shared::put_in;
use crate::web::plot::scale::fixed;
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Ruler};
use crate::web::trainer::protocol::{Judgement, SimulationRow};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

pub(super) struct Each {
    view: FigureView,
    /// The number of spikes, the AUC and the simulation's number of each dot.
    dots: Rc<RefCell<Vec<(f64, f64, usize)>>>,
}

impl Each {
    pub(super) fn mount(root: &Element) -> Self {
        let this = Self { view: figure(root, plot!("each")), dots: Rc::default() };
        let (places, slider) = (this.dots.clone(), place(root, number!("sim")));
        this.view.on_pick(move |x, y| {
            let found = {
                let dots = places.borrow();
                let most = dots.iter().map(|dot| dot.0).fold(1.0, f64::max);
                let far = |dot: &(f64, f64, usize)| {
                    let up = |auc| Ruler::Nines.position(auc) / 3.0;
                    (2.0 * (dot.0 - x) / most).hypot(up(dot.1) - up(y))
                };
                dots.iter().min_by(|a, b| far(a).total_cmp(&far(b))).map(|dot| dot.2)
            };
            found.inspect(|number| dom::move_to(&slider, &number.to_string()));
        });
        this.draw();
        this
    }

    pub(super) fn clear(&self, root: &Element) {
        self.dots.borrow_mut().clear();
        self.draw();
        table(root, &[]);
    }

    pub(super) fn show(&self, root: &Element, judgement: &Judgement) {
        let rows = &judgement.per_simulation;
        self.dots.replace(
            rows.iter()
                .filter(|row| row.auc.is_finite())
                .map(|row| (row.spikes, row.auc, row.simulation.max(0.0) as usize))
                .collect(),
        );
        self.draw();
        table(root, rows);
    }

    fn draw(&self) {
        let dots_now = self.dots.borrow();
        let points: Vec<(f64, f64)> = dots_now.iter().map(|dot| (dot.0, dot.1)).collect();
        let most = points.iter().map(|p| p.0).fold(20.0, f64::max);
        // a little more room than the dots take: the share of pairs in the wrong order is 1 − AUC
        let low = points.iter().map(|p| p.1).fold(0.97, f64::min);
        let high = points.iter().map(|p| p.1).fold(0.98, f64::max);
        let range = ((1.0 - 1.5 * (1.0 - low)).max(0.0), 1.0 - 0.6 * (1.0 - high));
        let x = Axis::new("spikes in the simulation", "", (0.0, 1.05 * most));
        let panel = Panel::new("spikes, AUC", "", range, 150.0).nines();
        self.view.set(Figure::over(x).with(panel.scatter("a simulation", Colour::Purple, &points)));
    }
}

/// A metric, read off a simulation's row.
type Metric = fn(&SimulationRow) -> f64;

/// Name, metric, factor, digits and unit of each line of the table.
const METRICS: [(&str, Metric, f64, usize, &str); 5] = [
    ("spikes, AUC", |row| row.auc, 1.0, 4, ""),
    ("near spikes, AUC", |row| row.near_auc, 1.0, 4, ""),
    ("soma, explained", |row| row.soma, 100.0, 1, "%"),
    ("dendrite, explained", |row| row.dend, 100.0, 1, "%"),
    ("rate, explained", |row| row.rate, 100.0, 1, "%"),
];

/// Worst, median and best of a metric; `None` where no simulation has a finite one.
fn spread(rows: &[SimulationRow], metric: Metric) -> Option<[f64; 3]> {
    let mut values: Vec<f64> = rows.iter().map(metric).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    Some([*values.first()?, values[values.len() / 2], *values.last()?])
}

fn table(root: &Element, rows: &[SimulationRow]) {
    let body: Element = place(root, part!("five"));
    let lines = METRICS.map(|(name, metric, factor, digits, unit)| {
        let three = spread(rows, metric).unwrap_or([f64::NAN; 3]).map(|value| {
            let unit = if value.is_finite() { unit } else { "" };
            format!("{}{unit}", fixed(factor * value, digits))
        });
        dom::table_row("", 1, std::iter::once(name.to_owned()).chain(three))
    });
    put_in(&body, &lines);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_leaves_out_what_is_not_defined() {
        let row = |auc| SimulationRow { auc, ..SimulationRow::default() };
        let rows = [row(0.9), row(f64::NAN), row(0.99), row(0.95)];
        assert_eq!(spread(&rows, |row| row.auc), Some([0.9, 0.95, 0.99]));
        assert_eq!(spread(&rows[1..2], |row| row.auc), None);
    }
}
