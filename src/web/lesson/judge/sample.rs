//! One test simulation: the five targets and the five predictions.

use crate::data::Split;
use crate::experiment::samples::Samples;
use crate::text::count;
use crate::twin::evaluate::Judged;
use crate::twin::sample_metrics::{EventMetrics, SampleMetrics, ValueMetrics};
use crate::web::controls::Controls;
use crate::web::lesson::{Workers, figure, place, say, write};
use crate::web::plot::scale::fixed;
use crate::web::plot::{Axis, Colour, Data, Figure, FigureView, Panel, Series, Style, panels};
use crate::web::port::{Latest, Reply};
use crate::web::settings::Settings;
use crate::web::trainer::protocol::{DataRef, ModelRef, Predict, Prediction};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

pub(super) struct SampleView {
    number: HtmlInputElement,
    ask: Latest<Predict>,
    wish: RefCell<Wish>,
    shown: Rc<RefCell<Shown>>,
    draw: Rc<dyn Fn(&Shown)>,
}

#[derive(Default)]
struct Wish {
    index: usize,
    from: usize,
    len: usize,
    of: Option<(ModelRef, DataRef)>,
}

#[derive(Default)]
struct Shown {
    prediction: Option<Rc<Prediction>>,
    threshold: f64,
}

impl SampleView {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Self {
        let view = figure(root, plot!("sample"));
        let number: HtmlInputElement = place(root, number!("sim"));
        let from: HtmlInputElement = place(root, number!("from"));
        let at = root.clone();
        let slider = number.clone();
        let draw: Rc<dyn Fn(&Shown)> = Rc::new(move |shown: &Shown| {
            let Some(prediction) = &shown.prediction else { return };
            slider.set_max(&prediction.simulations.saturating_sub(1).to_string());
            from.set_max(&prediction.duration_ms.saturating_sub(300).to_string());
            draw_into(&view, prediction, shown.threshold);
            let spikes: f64 = prediction.truth.spikes.iter().sum();
            let expected: f64 = prediction.predicted.spikes.iter().sum();
            let text = format!(
                "{} in this window; the twin’s probabilities add up to {}. It took {} ms.",
                count(spikes, "spike"),
                fixed(expected, 1),
                fixed(prediction.predicted.took_ms, 0)
            );
            write(&at, stat!("sample-words"), &text);
            write(&at, stat!("sample-metrics"), &metrics(prediction));
        });
        let shown: Rc<RefCell<Shown>> = Rc::default();
        let (at, of, again) = (root.clone(), shown.clone(), draw.clone());
        let ask = Latest::quick(&workers.trainer, move |reply| match reply {
            Reply::Answer(prediction) => {
                say(&at, problem!("sample"), "");
                of.borrow_mut().prediction = Some(Rc::new(prediction));
                again(&of.borrow());
            }
            Reply::Failed(error) => say(&at, problem!("sample"), &error),
        });
        Self { number, ask, wish: RefCell::default(), shown, draw }
    }

    pub(super) fn set(&self, controls: &Controls) {
        {
            let mut wish = self.wish.borrow_mut();
            wish.index = controls.whole(number!("sim"));
            wish.from = controls.whole(number!("from"));
            wish.len = controls.whole(number!("span")).max(1);
        }
        self.shown.borrow_mut().threshold = 1.0 / (1.0 + (-controls.number(number!("thr"))).exp());
        (self.draw)(&self.shown.borrow());
    }

    /// Sets how many simulations the number box offers.
    pub(super) fn simulations(&self, count: usize) {
        self.number.set_max(&count.saturating_sub(1).to_string());
    }

    /// Asks for the predictions of a twin on the simulation that the controls name.
    pub(super) fn look(&self, model: &ModelRef, data: &DataRef) {
        let mut wish = self.wish.borrow_mut();
        wish.of = Some((model.clone(), data.clone()));
        self.ask.ask(Predict {
            model: model.clone(),
            data: data.clone(),
            split: Split::Test,
            index: wish.index,
            from: wish.from,
            len: wish.len,
        });
    }
}

/// How well the twin does in the window that is shown, for each head.
fn metrics(prediction: &Prediction) -> String {
    let single = |samples: &Samples, scale: f64| -> Vec<f32> {
        samples.iter().map(|v| (scale * v) as f32).collect()
    };
    let events = |samples: &Samples| samples.iter().map(|v| *v > 0.5).collect();
    let (truth, twin) = (&prediction.truth, &prediction.predicted);
    let judged = Judged {
        from_ms: prediction.from_ms,
        spikes: events(&truth.spikes),
        spikes_predicted: single(&twin.spikes, 1.0),
        near_spike: events(&truth.near),
        near_spike_predicted: single(&twin.near, 1.0),
        soma: single(&truth.soma_mv, 1.0),
        soma_predicted: single(&twin.soma_mv, 1.0),
        rate: single(&truth.rate_hz, 1.0),
        rate_predicted: single(&twin.rate_hz, 1.0),
        dend: single(&truth.dend_mv, 1.0),
        dend_predicted: single(&twin.dend_mv, 1.0),
    };
    let m = SampleMetrics::new(0, &judged);
    let of = |name: &str, unit: &str, v: ValueMetrics| {
        let [rmse, mae] = [v.RMSE, v.MAE].map(|error| fixed(error, 2));
        format!("{name}: RMSE {rmse} {unit}, MAE {mae} {unit}, R² {}", fixed(v.R2, 3))
    };
    let called = |name: &str, v: EventMetrics| {
        let [precision, recall] = [v.precision, v.recall].map(|share| fixed(share, 3));
        format!("{name} called at 0.5: precision {precision}, recall {recall}")
    };
    format!(
        "In this window: {}; {}; {}; {}; {}.",
        called("spikes", m.spikes),
        called("near spikes", m.near_spike),
        of("soma", "mV", m.soma),
        of("rate", "Hz", m.inst_rate),
        of("dendrite", "mV", m.dend_v),
    )
}

fn draw_into(view: &FigureView, prediction: &Prediction, threshold: f64) {
    let (truth, twin) = (&prediction.truth, &prediction.predicted);
    let rows = prediction.segments;
    let len = truth.spikes.len();
    let range = (0.0, len.max(1) as f64);
    let (red, top) = (Colour::Vermillion, [&truth.rate_hz, &twin.rate_hz]);
    let top = top.into_iter().flat_map(|rates| rates.iter()).copied().fold(20.0, f64::max);
    let pair = |title: &str, unit, range, height, a: &Samples, b: &Samples| {
        let panel = Panel::new(title, unit, range, height);
        panel
            .bold("neuron", Colour::Ink, Data::by_ms(a))
            .line("twin", red, Data::by_ms(b))
            .digits(1)
    };
    let events = |title: &str, height, a: &Samples, b: &Samples| {
        let twin = Series::new("twin: probability", red, Style::Line, Data::by_ms(b));
        let panel = Panel::new(title, "", (0.0, 1.05), height);
        panel.bars("neuron", Colour::Soft, Data::in_ms(a)).digits(0).with(twin.digits(3))
    };
    let (soma, rate) = ([&truth.soma_mv, &twin.soma_mv], [&truth.rate_hz, &twin.rate_hz]);
    let time = format!("time since {} ms", prediction.from_ms);
    view.set(Figure::over(Axis::new(time, "ms", range)).with_all([
        panels::input(&prediction.exc, &prediction.inh, rows),
        events("spikes", 80.0, &truth.spikes, &twin.spikes).with(Series::level(
            "threshold",
            threshold,
            range,
        )),
        pair("soma voltage", "mV", (-90.0, -58.0), 110.0, soma[0], soma[1]),
        events("near spike", 56.0, &truth.near, &twin.near),
        pair("instantaneous rate", "Hz", (0.0, 1.08 * top), 80.0, rate[0], rate[1]),
        panels::voltages("dendrite: neuron, by segment", 84.0, &truth.dend_mv, rows),
        panels::voltages("dendrite: twin, by segment", 84.0, &twin.dend_mv, rows),
    ]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::trainer::protocol::Outputs;

    #[test]
    fn a_window_s_metrics_are_told_with_their_units() {
        let outputs = |spikes: [f64; 2], soma: [f64; 2], rate: [f64; 2]| Outputs {
            spikes: spikes.to_vec().into(),
            near: spikes.to_vec().into(),
            soma_mv: soma.to_vec().into(),
            rate_hz: rate.to_vec().into(),
            dend_mv: soma.to_vec().into(),
            took_ms: 1.0,
        };
        let shown = metrics(&Prediction {
            truth: outputs([1.0, 0.0], [-80.0, -70.0], [0.0, 0.0]),
            predicted: outputs([0.9, 0.6], [-79.0, -69.0], [2.0, 2.0]),
            ..Prediction::default()
        });
        for text in [
            "spikes called at 0.5: precision 0.500, recall 1.000",
            "soma: RMSE 1.00 mV, MAE 1.00 mV, R² 0.960",
            "rate: RMSE 2.00 Hz, MAE 2.00 Hz, R² –",
        ] {
            assert!(shown.contains(text), "{shown}");
        }
    }
}
