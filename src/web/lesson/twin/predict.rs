//! The present answers of the twin: its outputs beside the neuron's on a validation simulation.

use super::TwinLesson;
use super::training::Phase;
use crate::data::Split;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::shared::title;
use crate::web::lesson::write;
use crate::web::names::Named;
use crate::web::plot::{Colour, Data, Figure, Panel, Series, Style};
use crate::web::port::Reply;
use crate::web::trainer::protocol::{DataRef, ModelRef, Predict, Prediction, Which};
use std::rc::Rc;
use web_sys::HtmlInputElement;

/// How much of a simulation is predicted, ms.
const LOOK_MS: usize = 1000;
/// The least time between two predictions while a twin is trained, ms.
const EVERY_MS: f64 = 2500.0;

impl TwinLesson {
    /// The twin that is looked at, the data set that it is looked at on, and its name.
    pub(super) fn model(&self) -> Option<(ModelRef, DataRef, String)> {
        if let Some((record, in_training)) = self.current_record() {
            let (model, name) = match in_training {
                true => {
                    let name = format!("{}, in training", title(&record));
                    (ModelRef::Run(record.plan.id, Which::Last), name)
                }
                false => (record.twin(), title(&record)),
            };
            return Some((model, record.plan.data, name));
        }
        let state = self.state.borrow();
        let source = state.source.as_ref()?;
        let model = source.recorded_twin().filter(|_| source.is_recorded())?;
        Some((model, source.data.clone(), "recorded twin C".into()))
    }

    /// Asks for a prediction of the twin; unless `asked_for`, only where the learner wants live predictions and the
    /// last one is [`EVERY_MS`] ago.
    pub(super) fn predict(&self, asked_for: bool) {
        let now = dom::now_ms();
        let wait = self.asking.get() && now - self.asked_ms.get() < 30_000.0;
        let due = now - self.asked_ms.get() > EVERY_MS && self.state.borrow().set.live;
        if wait || !(asked_for || due) {
            self.ask_again.set(self.ask_again.get() || asked_for);
            return;
        }
        self.ask_again.set(false);
        let Some((model, data, name)) = self.model() else {
            return write(&self.root, stat!("look-words"), "No twin yet: start a training above.");
        };
        let (index, from, _) = self.state.borrow().set.look;
        self.asking.set(true);
        self.asked_ms.set(now);
        let question = Predict { model, data, split: Split::Valid, index, from, len: LOOK_MS };
        self.this.ask(question, &self.workers.trainer, move |lesson, reply| {
            lesson.asking.set(false);
            match reply {
                Reply::Answer(prediction) => lesson.show_prediction(&prediction, &name, index),
                Reply::Failed(error) => lesson.say(part!("look-problem"), &error),
            }
            if lesson.ask_again.get() {
                lesson.predict(true);
            }
        });
    }

    fn show_prediction(self: &Rc<Self>, prediction: &Prediction, name: &str, index: usize) {
        self.say(part!("look-problem"), "");
        for (key, most) in [
            (number!("vi"), prediction.simulations.saturating_sub(1)),
            (number!("vs"), prediction.segments.max(1)),
        ] {
            place::<HtmlInputElement>(&self.root, key).set_max(&most.to_string());
        }
        let step = match self.run.borrow().phase {
            Phase::Idle => String::new(),
            _ => dom::find::<web_sys::Element>(&self.root, &stat!("step").selector())
                .and_then(|e| e.text_content())
                .map_or(String::new(), |text| format!(", step {text}")),
        };
        let message = format!("{name}{step}: validation simulation {index}");
        write(&self.root, stat!("look-words"), &message);
        let segment = self.state.borrow().set.look.2.clamp(1, prediction.segments.max(1)) - 1;
        self.prediction.set(figure(prediction, segment));
    }
}

/// The neuron's targets and the twin's predictions, a panel per output.
pub(super) fn figure(prediction: &Prediction, segment: usize) -> Figure {
    let from = prediction.from_ms as f64;
    let (truth, twin) = (&prediction.truth, &prediction.predicted);
    let len = truth.soma_mv.len();
    let data = |y: &[f64]| Data::uniform(from, 1.0, y);
    let pair = |panel: Panel, neuron: &[f64], predicted: &[f64]| {
        let panel = panel.line("neuron", Colour::Ink, data(neuron));
        panel.line("twin", Colour::Vermillion, data(predicted)).digits(1)
    };
    let events = |title: &str, height, neuron: &[f64], predicted: &[f64]| {
        let neuron = Series::new("neuron", Colour::Sky, Style::Bars, data(neuron)).digits(0);
        let twin = Series::new("twin", Colour::Vermillion, Style::Line, data(predicted)).digits(3);
        Panel::new(title, "", (0.0, 1.05), height).with(neuron).with(twin)
    };
    let row = |all: &[f64]| all.get(segment * len..(segment + 1) * len).unwrap_or(&[]).to_vec();
    let top = truth.rate_hz.iter().chain(twin.rate_hz.iter()).copied().fold(20.0, f64::max);
    let soma = Panel::new("soma voltage", "mV", (-90.0, -58.0), 100.0);
    let rate = Panel::new("rate", "Hz", (0.0, 1.08 * top), 70.0);
    let dend = format!("dendritic voltage, segment {}", segment + 1);
    let dend = Panel::new(dend, "mV", (-92.0, 2.0), 90.0);
    Figure::time((from, from + len.max(1) as f64)).with_all([
        pair(soma, &truth.soma_mv, &twin.soma_mv),
        events("spike, probability", 70.0, &truth.spikes, &twin.spikes),
        events("near spike, probability", 60.0, &truth.near, &twin.near),
        pair(rate, &truth.rate_hz, &twin.rate_hz),
        pair(dend, &row(&truth.dend_mv), &row(&twin.dend_mv)),
    ])
}
