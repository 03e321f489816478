//! The twins that are compared, and the input on which they are.

use super::{LENGTH_MS, TWINS, Taylor, place};
use crate::data::Split;
use crate::web::dom;
use crate::web::lesson::shared::Neuron;
use crate::web::lesson::source::TwinData;
use crate::web::lesson::{device, write};
use crate::web::trainer::protocol::{ModelRef, RunRecord};
use crate::web::trainer::store::RunStore;
use web_sys::{HtmlInputElement, HtmlSelectElement};

impl Taylor {
    /// Reads the runs, offers them and the recorded twins, and takes the chosen ones; `second` chooses the second twin.
    pub(super) fn read_runs(&self, second: Option<String>) {
        self.this.after(RunStore::stored(), |lesson, found| {
            let records = found.unwrap_or_default();
            lesson.state.borrow_mut().records =
                records.into_iter().filter(|record| record.step > 0 || record.imported).collect();
            lesson.fill_choices(second);
            lesson.chose(0);
            lesson.chose(1);
        });
    }

    fn fill_choices(&self, second: Option<String>) {
        let state = self.state.borrow();
        let option = |select: &HtmlSelectElement, value: &str, text: &str| {
            select.append_child(&dom::option(value, text)).ok();
        };
        let [first, other]: [HtmlSelectElement; 2] = TWINS.map(|name| place(&self.root, name));
        let before = first.value();
        for select in [&first, &other] {
            select.set_inner_html("");
        }
        option(&other, "", "none");
        for record in state.records.iter().rev() {
            for select in [&first, &other] {
                let option = crate::web::lesson::shared::option(&record.plan.id, record, "");
                select.append_child(&option).ok();
            }
        }
        for neuron in [Neuron::Cable, Neuron::Point] {
            let message = format!("C, {} (recorded)", neuron.looks());
            option(&first, &format!("recorded:{}", neuron.key()), &message);
        }
        let plain = state.records.iter().rev().find(|r| r.plan.recipe.taylor_consistency == 0.0);
        let default = match plain.filter(|_| !device::recorded()) {
            Some(record) => record.plan.id.clone(),
            None => format!("recorded:{}", Neuron::Cable.key()),
        };
        first.set_value(if before.is_empty() { &default } else { &before });
        if let Some(second) = second {
            other.set_value(&second);
        }
    }

    /// Takes the twin that the learner chose; `which` is 0 for the first, 1 for the second.
    pub(super) fn chose(&self, which: usize) {
        let [twin, second] = TWINS;
        let name = if which == 0 { twin } else { second };
        let value = place::<HtmlSelectElement>(&self.root, name).value();
        let model = match value.strip_prefix("recorded:") {
            Some(key) => Some(ModelRef::Recorded(Neuron::of_key(key).recorded_twin())),
            None if value.is_empty() => None,
            None => {
                let state = self.state.borrow();
                let record = state.records.iter().find(|record| record.plan.id == value);
                record.map(RunRecord::twin)
            }
        };
        self.renew(which, model);
        self.show_training();
        if which == 0 {
            self.read_source(&value);
        } else {
            self.nudge();
        }
    }

    /// Finds the data set of the first twin, `twin` being its choice's value, and takes a simulation of it.
    fn read_source(&self, twin: &str) {
        let recorded = twin.strip_prefix("recorded:").map(Neuron::of_key).or_else(|| {
            let state = self.state.borrow();
            let record = state.records.iter().find(|record| record.plan.id == twin)?;
            Neuron::ALL.into_iter().find(|neuron| neuron.recorded_data() == record.plan.data)
        });
        let source = async move {
            match recorded {
                Some(neuron) => Ok(Some(TwinData::recorded(neuron))),
                None => TwinData::stored().await,
            }
        };
        self.this.after(source, |lesson, source| match source {
            Ok(Some(source)) if source.params.is_some() => lesson.take_source(source),
            Ok(Some(_)) => lesson.say("The twin’s neuron is not one that this page simulates live: choose a twin of a ball-and-stick neuron."),
            Ok(None) => lesson.say("The data set that this twin learned from is no longer kept: make it again in lesson 5, or choose a recorded twin."),
            Err(message) => lesson.say(&message),
        });
    }

    fn take_source(&self, source: TwinData) {
        let same = self.state.borrow().source.as_ref().is_some_and(|now| now.data == source.data);
        if same && self.state.borrow().stretch.len() > 0 {
            return self.nudge();
        }
        self.state.borrow_mut().source = Some(source.clone());
        self.write_commands();
        let this = self.this.clone();
        let (of, workers) = (source.clone(), self.workers.clone());
        source.stretch(&workers, (Split::Valid, 0), LENGTH_MS, move |result| {
            let Some(lesson) = this.get() else { return };
            match result {
                Ok((stretch, _)) => {
                    let slider: HtmlInputElement = place(&lesson.root, number!("seg"));
                    slider.set_max(&stretch.segments.to_string());
                    let whose = if of.is_recorded() { "recorded data" } else { "your data set" };
                    let message = format!("a validation simulation of {whose}, {}", of.label());
                    write(&lesson.root, stat!("input-of"), &message);
                    let mut state = lesson.state.borrow_mut();
                    state.stretch = stretch;
                    state.neuron = [None, None];
                    let models = [0, 1].map(|which: usize| state.twins[which].model.clone());
                    drop(state);
                    for (which, model) in models.into_iter().enumerate() {
                        lesson.renew(which, model);
                    }
                    lesson.say("");
                    lesson.nudge();
                }
                Err(message) => lesson.say(&message),
            }
        });
    }
}
