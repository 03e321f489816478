//! Predicted over true values of soma, rate and dendrite, and the calibration of the probabilities.

use crate::twin::calibrated::{Calibrated, Points};
use crate::twin::metrics::CALIBRATION_BINS;
use crate::twin::probabilities::ProbabilityCounts;
use crate::web::controls::Controls;
use crate::web::lesson::{figure, write};
use crate::web::names::Stat;
use crate::web::plot::scale::fixed;
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Series, Style};
use crate::web::settings::Settings;
use crate::web::trainer::protocol::Judgement;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

const HEIGHT: f64 = 190.0;

pub(super) struct Clouds {
    root: Element,
    soma: FigureView,
    rate: FigureView,
    dend: FigureView,
    calibration: FigureView,
    probability: FigureView,
    shown: RefCell<Shown>,
}

/// The judgement that is shown, and how it is binned.
struct Shown {
    judgement: Option<Rc<Judgement>>,
    /// Number of bins into which a simulation is cut for the calibration of rates.
    bins: usize,
}

impl Clouds {
    pub(super) fn mount(root: &Element) -> Self {
        let this = Self {
            root: root.clone(),
            soma: figure(root, plot!("soma")),
            rate: figure(root, plot!("rate")),
            dend: figure(root, plot!("dend")),
            calibration: figure(root, plot!("calibration")),
            probability: figure(root, plot!("probability")),
            shown: RefCell::new(Shown { judgement: None, bins: CALIBRATION_BINS }),
        };
        this.clear();
        this
    }

    /// Takes over from the controls into how many bins a simulation is cut.
    pub(super) fn set(&self, controls: &Controls) {
        self.shown.borrow_mut().bins = controls.whole(number!("bins"));
        self.draw_calibration();
    }

    /// The option of the command line for the number of bins; empty where it is the default.
    pub(super) fn option(&self) -> String {
        match self.shown.borrow().bins {
            CALIBRATION_BINS => String::new(),
            bins => format!(" --calibration-bins {bins}"),
        }
    }

    pub(super) fn clear(&self) {
        self.draw(&Judgement::default());
        self.shown.borrow_mut().judgement = None;
        self.draw_calibration();
    }

    pub(super) fn show(&self, judgement: &Rc<Judgement>) {
        self.draw(judgement);
        self.shown.borrow_mut().judgement = Some(judgement.clone());
        self.draw_calibration();
    }

    fn draw(&self, judgement: &Judgement) {
        let cloud = |view: &FigureView, title: &str, unit, range: (f64, f64), points: &Points| {
            let points = Series::sorted("twin", Colour::Blue, Style::Cloud, points);
            view.set(Figure::over(Axis::new("neuron", unit, range)).with(
                Panel::new(title, unit, range, HEIGHT).with(Series::diagonal(range)).with(points),
            ));
        };
        cloud(&self.soma, "soma voltage", "mV", (-92.0, -58.0), &judgement.soma);
        let rate = (0.0, 1.05 * top(&judgement.rate, 20.0));
        cloud(&self.rate, "instantaneous rate", "Hz", rate, &judgement.rate);
        cloud(&self.dend, "dendritic voltage", "mV", (-92.0, 5.0), &judgement.dend);
        self.show_probabilities(&judgement.probabilities);
    }

    fn draw_calibration(&self) {
        let shown = self.shown.borrow();
        let of = shown.judgement.as_ref().and_then(|judgement| {
            let of = Calibrated::with(&judgement.calibrations, shown.bins)?;
            Some((of, judgement.judged_ms.0))
        });
        let none = Points::new();
        let points = of.map_or(&none, |(of, _)| &of.points);
        let range = (0.0, 1.05 * top(points, 10.0));
        let x = Axis::new("mean predicted rate", "Hz", range);
        self.calibration.set(
            Figure::over(x).with(
                Panel::new("calibration: mean actual rate", "Hz", range, HEIGHT)
                    .with(Series::diagonal(range))
                    .scatter("a stretch", Colour::Green, points),
            ),
        );
        let text = |name: Stat, text: String| write(&self.root, name, &text);
        text(stat!("cal-explained"), of.map_or("–".into(), |(of, _)| percent(of)));
        text(stat!("cal-correlation"), of.map_or("–".into(), |(of, _)| fixed(of.correlation, 4)));
        let ms = of.map_or("–".into(), |(of, ms)| format!("{} ms", (ms / of.bins).max(1)));
        text(stat!("cal-ms"), ms);
    }

    /// Draws a dot for each bin of probabilities that the twin has given at all.
    fn show_probabilities(&self, counts: &ProbabilityCounts) {
        let points = |counts: &[u64]| -> Points {
            let given = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            given.map(|(bin, n)| (ProbabilityCounts::middle(bin), *n as f64)).collect()
        };
        let most = counts.spike.iter().chain(&counts.silent).copied().max().unwrap_or(1);
        let x = Axis::new("predicted probability of a spike", "", (0.0, 1.0));
        self.probability.set(
            Figure::over(x).with(
                Panel::new("how often, in ms", "", (0.7, 1.5 * most.max(10) as f64), HEIGHT)
                    .log()
                    .scatter("silent ms", Colour::Orange, &points(&counts.silent))
                    .scatter("ms with a spike", Colour::Blue, &points(&counts.spike)),
            ),
        );
    }
}

fn percent(of: &Calibrated) -> String {
    match of.explained_variance_percent {
        percent if percent.is_finite() => format!("{}%", fixed(percent, 2)),
        _ => "–".into(),
    }
}

/// The upper end of an axis for both coordinates of the points, at least `least`.
fn top(points: &Points, least: f64) -> f64 {
    points.iter().flat_map(|p| [p.0, p.1]).filter(|v| v.is_finite()).fold(least, f64::max)
}
