//! Predicted over true: soma, rate and dendrite, and how honest the probabilities are.

use crate::twin::probabilities::ProbabilityCounts;
use crate::web::lesson::figure;
use crate::web::lesson::shared::{diagonal, dots, panel};
use crate::web::plot::{Axis, Colour, Figure, FigureView, Style};
use crate::web::trainer::protocol::{Judgement, Points};
use web_sys::Element;

const HEIGHT: f64 = 190.0;

pub(super) struct Clouds {
    soma: FigureView,
    rate: FigureView,
    dend: FigureView,
    calibration: FigureView,
    probability: FigureView,
}

impl Clouds {
    pub(super) fn mount(root: &Element) -> Self {
        let this = Self {
            soma: figure(root, "soma"),
            rate: figure(root, "rate"),
            dend: figure(root, "dend"),
            calibration: figure(root, "calibration"),
            probability: figure(root, "probability"),
        };
        this.clear();
        this
    }

    pub(super) fn clear(&self) {
        self.show(&Judgement::default());
    }

    pub(super) fn show(&self, judgement: &Judgement) {
        let top = |points: &Points, least: f64| {
            points.iter().flat_map(|p| [p.0, p.1]).filter(|v| v.is_finite()).fold(least, f64::max)
        };
        let cloud = |view: &FigureView, title: &str, unit, range: (f64, f64), points: &Points| {
            view.set(Figure {
                x: Axis::new("neuron", unit, range),
                panels: vec![panel(
                    Axis::new(title, unit, range),
                    HEIGHT,
                    vec![diagonal(range), dots("twin", Colour::Blue, Style::Cloud, points)],
                )],
            });
        };
        cloud(&self.soma, "soma voltage", "mV", (-92.0, -58.0), &judgement.soma);
        let rate = (0.0, 1.05 * top(&judgement.rate, 20.0));
        cloud(&self.rate, "instantaneous rate", "Hz", rate, &judgement.rate);
        cloud(&self.dend, "dendritic voltage", "mV", (-92.0, 5.0), &judgement.dend);
        let range = (0.0, 1.05 * top(&judgement.calibration, 10.0));
        self.calibration.set(Figure {
            x: Axis::new("mean predicted rate", "Hz", range),
            panels: vec![panel(
                Axis::new("calibration: mean actual rate", "Hz", range),
                HEIGHT,
                vec![
                    diagonal(range),
                    dots("a stretch", Colour::Green, Style::Scatter, &judgement.calibration),
                ],
            )],
        });
        self.show_probabilities(&judgement.probabilities);
    }

    /// A dot for each bin of probabilities that was given at all.
    fn show_probabilities(&self, counts: &ProbabilityCounts) {
        let points = |counts: &[u64]| -> Points {
            let given = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            given.map(|(bin, n)| (ProbabilityCounts::middle(bin), *n as f64)).collect()
        };
        let most = counts.spike.iter().chain(&counts.silent).copied().max().unwrap_or(1);
        self.probability.set(Figure {
            x: Axis::new("predicted probability of a spike", "", (0.0, 1.0)),
            panels: vec![panel(
                Axis::new("how often, in ms", "", (0.7, 1.5 * most.max(10) as f64)).log(),
                HEIGHT,
                vec![
                    dots("silent ms", Colour::Orange, Style::Scatter, &points(&counts.silent)),
                    dots("ms with a spike", Colour::Blue, Style::Scatter, &points(&counts.spike)),
                ],
            )],
        });
    }
}
