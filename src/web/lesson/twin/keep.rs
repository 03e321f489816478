//! The twins that this browser keeps: chosen, judged in one number, exported and imported.

use super::TwinLesson;
use super::training::Phase;
use crate::data::Split;
use crate::text;
use crate::twin::test_set;
use crate::web::dom;
use crate::web::lesson::shared::{option, title, to_beat};
use crate::web::lesson::{command, device, place, write};
use crate::web::lock;
use crate::web::plot::scale;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{
    DataRef, Evaluate, Export, Form, Import, Judgement, ModelRef, NamedFile, RunId, RunRecord,
    Which,
};
use crate::web::trainer::store::{RunStore, RunStoreError};
use std::rc::Rc;
use web_sys::{Blob, Event, HtmlInputElement, HtmlSelectElement};

impl TwinLesson {
    pub(super) fn listen_to_keep(&self) {
        let select: HtmlSelectElement = place(&self.root, pick!("run"));
        let of = select.clone();
        self.this.on(&select, "change", move |lesson, _: Event| {
            lesson.state.borrow_mut().chosen = Some(of.value());
            lesson.show_stored();
            lesson.show_run();
            lesson.predict(true);
        });
        let input: HtmlInputElement = place(&self.root, action!("import"));
        self.this.on_files(&input, |lesson, mut files| lesson.import(files.remove(0)));
    }

    /// The record of the run that is looked at; `None` where no run is.
    pub(super) fn chosen_record(&self) -> Option<RunRecord> {
        let state = self.state.borrow();
        let id = state.chosen.as_ref()?;
        state.records.iter().find(|record| record.plan.id == *id).cloned()
    }

    /// Reads the stored runs, and chooses the run `choose`, else the one that was chosen, else the newest unfinished
    /// one, else the newest.
    pub(super) fn read_runs(&self, choose: Option<RunId>) {
        self.this.after(RunStore::stored(), |lesson, found| {
            match found {
                Ok(records) => {
                    let mut state = lesson.state.borrow_mut();
                    let exists = |id: &RunId| records.iter().any(|record| record.plan.id == *id);
                    let open = records.iter().rev().find(|record| !record.finished);
                    let newest = open.or(records.last()).map(|record| record.plan.id.clone());
                    state.chosen =
                        choose.or_else(|| state.chosen.clone()).filter(exists).or(newest);
                    state.records = records;
                }
                Err(error) => lesson.say(part!("keep-problem"), &error.to_string()),
            }
            lesson.show_stored();
            lesson.show_run();
            let idle = lesson.run.borrow().phase == Phase::Idle;
            if idle {
                lesson.predict(true);
            }
        });
    }

    fn show_stored(&self) {
        let select: HtmlSelectElement = place(&self.root, pick!("run"));
        let state = self.state.borrow();
        select.set_inner_html("");
        for record in state.records.iter().rev() {
            let open = if record.finished { "" } else { " (unfinished)" };
            select.append_child(&option(&record.plan.id, record, open)).ok();
        }
        if let Some(id) = &state.chosen {
            select.set_value(id);
        }
        let none = state.records.is_empty();
        if none {
            select.append_child(&dom::text_element("option", "", "none yet")).ok();
        }
        select.set_disabled(none);
        drop(state);
        let record = self.chosen_record();
        let others = [action!("export-training"), action!("rename"), action!("delete")];
        let forms = [action!("export"), action!("export-pt"), action!("export-onnx")];
        for action in forms.into_iter().chain(others) {
            self.disable(action, record.is_none());
        }
        self.disable(action!("evaluate"), self.model().is_none());
        let message = record.as_ref().map_or(String::new(), description);
        write(&self.root, stat!("chosen-words"), &message);
        match record.as_ref().and_then(|record| record.judgement.as_deref()) {
            Some(judgement) => self.show_judgement(judgement),
            None => {
                write(&self.root, stat!("auc"), "–");
                write(&self.root, stat!("auc-words"), "");
                write(&self.root, stat!("beside-words"), "");
            }
        }
        let id = record.as_ref().map_or("RUN", |record| record.plan.id.as_str());
        let neuron = record.as_ref().map_or("NEURON", |record| record.neuron.as_str());
        let text = format!(
            "ballstick evaluate --model {id}-best.safetensors --data data/{neuron}\n\
             mkdir -p runs/{id}\n\
             mv {id}-best.safetensors runs/{id}/best.safetensors\n\
             mv {id}-last.safetensors runs/{id}/last.safetensors\n\
             ballstick train --data data/{neuron} --out runs/{id} --resume"
        );
        command::show(&self.root, cli!("resume"), &text);
    }

    pub(super) fn evaluate(self: &Rc<Self>) {
        let Some((model, data, _)) = self.model() else { return };
        // the run's best twin is judged, also while a later one is in training
        let record = self.current_record().map(|(record, _)| record);
        let wanted = record.as_ref().map(|record| device::wanted_for(&record.plan.config));
        let model = record.map_or(model, |record| record.twin());
        let wanted = wanted.unwrap_or_else(device::wanted);
        self.say(part!("keep-problem"), "");
        write(&self.root, stat!("auc-words"), "getting ready …");
        self.disable(action!("evaluate"), true);
        let question = Evaluate { model, data, split: Split::Test, wanted };
        self.this.ask(question, &self.workers.trainer, |lesson, reply| {
            match reply {
                Reply::Part((n, of)) => {
                    let message = format!("{n} of {} judged", text::count(of, "simulation"));
                    return write(&lesson.root, stat!("auc-words"), &message);
                }
                Reply::Answer(judgement) => lesson.show_judgement(&judgement),
                Reply::Failed(error) => {
                    write(&lesson.root, stat!("auc-words"), "");
                    lesson.say(part!("keep-problem"), &error);
                }
            }
            lesson.disable(action!("evaluate"), false);
        });
    }

    /// The record of the run in training, else of the run that is looked at, and whether the run is in training.
    pub(super) fn current_record(&self) -> Option<(RunRecord, bool)> {
        let run = self.run.borrow();
        match run.record.clone().filter(|_| run.phase != Phase::Idle) {
            Some(record) => Some((record, true)),
            None => self.chosen_record().map(|record| (record, false)),
        }
    }

    fn show_judgement(&self, judgement: &Judgement) {
        write(&self.root, stat!("auc"), &scale::fixed(judgement.auc, 4));
        let (low, high) = judgement.auc_interval;
        let on = match judgement.test_set.as_str() {
            "" => text::count(judgement.simulations, "simulation"),
            set => test_set::readable(set),
        };
        let message = format!(
            "95% interval {} to {}, on the test set of {on}",
            scale::fixed(low, 4),
            scale::fixed(high, 4),
        );
        write(&self.root, stat!("auc-words"), &message);
        write(&self.root, stat!("beside-words"), &to_beat(&judgement.baselines));
    }

    /// Asks the learner for another label of the run that is looked at.
    pub(super) fn rename(self: &Rc<Self>) {
        let Some(record) = self.chosen_record() else { return };
        let label = &record.plan.label;
        let answer = dom::window().prompt_with_message_and_default("Its name from now on:", label);
        let Ok(Some(name)) = answer else { return };
        // a list has no room for a longer label
        let name: String = name.trim().chars().take(40).collect();
        if name.is_empty() || name == *label {
            return;
        }
        let id = record.plan.id;
        self.change(id.clone(), Some(id.clone()), async move |store: RunStore| {
            store.rename(&id, &name).await
        });
    }

    /// Changes a stored run while no tab trains it, then chooses the run `choose`, where one is given.
    fn change(
        &self,
        id: RunId,
        choose: Option<RunId>,
        change: impl AsyncFnOnce(RunStore) -> Result<(), RunStoreError> + 'static,
    ) {
        let run = id.clone();
        let changed = async move {
            let held = lock::take(&lock::of_run(&run)).await;
            let _held = held.ok_or_else(|| IN_TRAINING.to_owned())?;
            let changed = async { change(RunStore::open().await?).await };
            changed.await.map_err(|error: RunStoreError| error.to_string())
        };
        self.this.after(changed, move |lesson, changed| {
            if let Err(why) = changed {
                return lesson.say(part!("keep-problem"), &why);
            }
            lesson.say(part!("keep-problem"), "");
            lesson.run.borrow_mut().record.take_if(|r| r.plan.id == id);
            lesson.read_runs(choose);
        });
    }

    /// Hands the learner the run's twin, the one that is judged, as a file.
    pub(super) fn export(self: &Rc<Self>, form: Form) {
        self.chosen_record().inspect(|record| self.export_model(record.twin(), form));
    }

    /// Hands the learner the run's last checkpoint, from which its training can go on.
    pub(super) fn export_training(self: &Rc<Self>) {
        let last = |record: &RunRecord| ModelRef::Run(record.plan.id.clone(), Which::Last);
        self.chosen_record().inspect(|record| self.export_model(last(record), Form::Ours));
    }

    fn export_model(self: &Rc<Self>, model: ModelRef, form: Form) {
        self.this.ask(Export(model, form), &self.workers.trainer, |lesson, reply| match reply {
            Reply::Answer(NamedFile(name, blob)) => lesson.hand_out(&name, &blob),
            Reply::Failed(error) => lesson.say(part!("keep-problem"), &error),
        });
    }

    fn hand_out(&self, name: &str, blob: &Blob) {
        if !dom::hand_out(&place(&self.root, link!("file")), name, blob) {
            self.say(part!("keep-problem"), "The browser could not hand out the file.");
        }
    }

    fn import(self: &Rc<Self>, file: web_sys::File) {
        self.say(part!("keep-problem"), "");
        let label = file.name();
        let data = self.state.borrow().source.as_ref().map_or(DataRef::Kept, |s| s.data.clone());
        let question = Import {
            id: format!("imported-{:x}", js_sys::Date::now() as u64),
            file: ModelRef::File(file),
            label,
            data,
        };
        self.this.ask(question, &self.workers.trainer, |lesson, reply| match reply {
            Reply::Answer(record) => lesson.read_runs(Some(record.plan.id)),
            Reply::Failed(error) => lesson.say(part!("keep-problem"), &error),
        });
    }

    pub(super) fn delete(self: &Rc<Self>) {
        let Some(record) = self.chosen_record() else { return };
        let in_training = self.run.borrow().phase != Phase::Idle
            && self.run.borrow().record.as_ref().is_some_and(|r| r.plan.id == record.plan.id);
        if in_training {
            return self.say(part!("keep-problem"), IN_TRAINING);
        }
        let question =
            format!("Delete “{}”? Export it first if you want to keep it.", title(&record));
        if !dom::window().confirm_with_message(&question).unwrap_or(false) {
            return;
        }
        let id = record.plan.id;
        self.change(id.clone(), None, async move |store: RunStore| store.delete(&id).await);
    }
}

/// Why a run can be neither deleted nor renamed.
const IN_TRAINING: &str = "It is in training, here or in another tab: stop it first.";

/// A run in words.
fn description(record: &RunRecord) -> String {
    let [train, valid] = record.simulations;
    let mut message =
        format!("{}, {} parameters", record.short_name, text::grouped(record.parameters));
    if record.imported {
        message += ", from a file";
    }
    if train > 0 {
        message +=
            &format!("; learns from {}, validated on {valid}", text::count(train, "simulation"));
    }
    if record.seconds > 0.0 {
        message +=
            &format!("; {} so far on {}", text::time(record.seconds), device::name(record.device));
    }
    message + "."
}
