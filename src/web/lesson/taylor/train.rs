//! Trains a run of the learner's once more, with Taylor consistency.

use super::Taylor;
use crate::text;
use crate::twin::config::{TwinConfig, TwinKind};
use crate::twin::schedule::Recipe;
use crate::web::dom;
use crate::web::lesson::shared::{Neuron, preparing};
use crate::web::lesson::source::TwinData;
use crate::web::lesson::twin::plan;
use crate::web::lesson::{command, device, place, show, write};
use crate::web::plot::scale;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{Control, RunPlan, RunRecord, Training, TrainingEvent};
use std::rc::Rc;
use web_sys::HtmlSelectElement;

/// The ending of the id of a run with Taylor consistency.
const SUFFIX: &str = "-tc";

/// The plan of the run to train again: the same but for the weight of Taylor consistency.
fn again(record: &RunRecord, weight: f64) -> RunPlan {
    let plan = &record.plan;
    let id = format!("{}{SUFFIX}", plan.id.trim_end_matches(SUFFIX));
    let recipe = Recipe { taylor_consistency: weight, ..plan.recipe.clone() };
    let label = plan.label.split(", TC λ").next().unwrap_or_default();
    let label = format!("{label}, TC λ = {}", scale::fixed(weight, 1));
    RunPlan { id, label, recipe, ..plan.clone() }
}

impl Taylor {
    /// The record of the first twin's run; `None` where the twin was not trained here.
    fn record(&self) -> Option<RunRecord> {
        let select: HtmlSelectElement = place(&self.root, pick!("twin"));
        let id = select.value();
        let state = self.state.borrow();
        state.records.iter().find(|r| r.plan.id == id && !r.imported).cloned()
    }

    pub(super) fn train(self: &Rc<Self>) {
        let Some(record) = self.record() else { return };
        if self.workers.trainer.is_training() {
            return self.say("Another training goes on: stop it first.");
        }
        let plan = again(&record, self.state.borrow().weight);
        let id = plan.id.clone();
        self.in_training.set(true);
        self.show_training();
        let text =
            "Getting ready: every training simulation gets a partner with a few spikes changed …";
        write(&self.root, stat!("training"), text);
        let wanted = device::wanted_for(&plan.config);
        let training = Training::Start { plan: Box::new(plan), wanted };
        let listener = self.this.hear(move |lesson, reply: Reply<Training>| {
            let tell = |text: &str| write(&lesson.root, stat!("training"), text);
            match reply {
                Reply::Part(TrainingEvent::Progress(progress)) => {
                    let [step, steps] = [progress.step, progress.steps].map(text::grouped);
                    let left = text::time(progress.left_s);
                    tell(&format!("step {step} of {steps}, about {left} left"));
                    let done = progress.step as f64 / progress.steps.max(1) as f64;
                    dom::progress(&dom::must(&lesson.root, "progress"), Some(done));
                }
                Reply::Part(TrainingEvent::Started { record, .. }) => {
                    preparing(&record).into_iter().for_each(tell);
                }
                Reply::Part(TrainingEvent::Saved { .. }) => {}
                Reply::Part(TrainingEvent::Replaced { text, step }) => {
                    tell(&format!("{text} It goes on from step {step}."));
                }
                Reply::Answer(record) => {
                    let done = if record.finished { "is trained" } else { "was stopped" };
                    tell(&format!("{} {done}: step {}.", record.plan.label, record.step));
                    lesson.in_training.set(false);
                    lesson.read_runs(Some(id.clone()));
                }
                Reply::Failed(error) => {
                    lesson.in_training.set(false);
                    tell("");
                    lesson.say(&error);
                    lesson.show_training();
                }
            }
        });
        self.workers.trainer.train(training, listener);
    }

    pub(super) fn stop(self: &Rc<Self>) {
        self.workers.trainer.ask(Control::Stop, |_| {});
    }

    pub(super) fn show_training(&self) {
        let (going, record) = (self.in_training.get(), self.record());
        show(&self.root, action!("start"), !going && record.is_some());
        show(&self.root, action!("stop"), going);
        dom::show(&dom::must(&self.root, "progress"), going);
        show(&self.root, part!("untrained"), record.is_none() && !going);
    }

    pub(super) fn write_commands(&self) {
        let state = self.state.borrow();
        let name =
            state.source.as_ref().map_or_else(|| "NEURON".to_owned(), |source| source.name.clone());
        let neuron = state.source.as_ref().and_then(TwinData::neuron).unwrap_or(Neuron::Cable);
        let preset = format!("--preset {}", neuron.preset());
        let counts = state.source.as_ref().map_or(0, |source| source.counts[0]).max(24);
        let text = format!(
            "ballstick dataset {preset} --train {counts} --perturbations 1 --out data   # pairs"
        );
        command::show(&self.root, cli!("perturb"), &text);
        drop(state);
        let record = self.record();
        let (config, recipe) = match record {
            Some(RunRecord { plan, .. }) => (plan.config, plan.recipe),
            None => (TwinConfig::default_of(TwinKind::Tcn), Recipe::default()),
        };
        let weight = self.state.borrow().weight;
        let recipe = Recipe { taylor_consistency: weight, ..recipe };
        let train = plan::train_command(&config, &recipe, &name, "runs/tc");
        let text = format!(
            "{train}\nballstick evaluate --model runs/tc/best.safetensors --data data/{name}"
        );
        command::show(&self.root, cli!("train"), &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::trainer::protocol::DataRef;

    #[test]
    fn only_the_weight_differs() {
        let plan = RunPlan {
            id: "tcn-1".into(),
            label: "TCN A".into(),
            config: TwinConfig::default_of(TwinKind::Tcn),
            recipe: Recipe { seed: 7, ..Recipe::default() },
            data: DataRef::Kept,
            max_steps: Some(9),
            parts: 2,
        };
        let record = RunRecord { plan: plan.clone(), ..RunRecord::of_name("tcn-1") };
        let first = again(&record, 1.0);
        assert_eq!((first.id.as_str(), first.label.as_str()), ("tcn-1-tc", "TCN A, TC λ = 1.0"));
        let recipe = Recipe { taylor_consistency: 0.0, ..first.recipe.clone() };
        assert_eq!(
            RunPlan { id: plan.id.clone(), label: plan.label.clone(), recipe, ..first.clone() },
            plan
        );
        // a second training with Taylor consistency, of another weight, takes the place of the first
        let second = again(&RunRecord { plan: first, ..record }, 2.0);
        assert_eq!((second.id.as_str(), second.label.as_str()), ("tcn-1-tc", "TCN A, TC λ = 2.0"));
    }
}
