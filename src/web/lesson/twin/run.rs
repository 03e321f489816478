//! The training that goes on: started, held and gone on with; its curves and numbers.

use super::TwinLesson;
use super::training::{Phase, Run};
use crate::text;
use crate::twin::heads::Head;
use crate::web::dom;
use crate::web::lesson::{device, place, show, write};
use crate::web::names::Stat;
use crate::web::plot::scale;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{
    Control, RunPlan, Training, TrainingEvent, TrainingProgress, TrainingState,
};
use std::rc::Rc;
use web_sys::{Event, HtmlElement, HtmlInputElement};

impl TwinLesson {
    /// Starts the training that the controls ask for; for a budget of minutes the speed is measured first.
    pub(super) fn start(self: &Rc<Self>) {
        let (config, budget) = {
            let state = self.state.borrow();
            (state.config.clone(), state.set.budget.clone())
        };
        let Some(config) = config else { return };
        let key = super::plan::speed_key(&config);
        let measured = self.state.borrow().speeds.contains_key(&key);
        if !measured && matches!(budget.as_str(), "2" | "15") {
            return self.measure(true);
        }
        self.start_now();
    }

    pub(super) fn start_now(self: &Rc<Self>) {
        let plan = {
            let state = self.state.borrow();
            let (Some(config), Some(forecast)) = (&state.config, &state.forecast) else { return };
            let Some(source) = &state.source else {
                let text = "There is nothing to learn from: make a data set in lesson 5, or choose recorded data above.";
                return self.say(part!("run-problem"), text);
            };
            let kind = config.kind();
            RunPlan {
                id: format!("{}-{:x}", kind.name(), js_sys::Date::now() as u64),
                label: format!("my {}", config.label()),
                config: config.clone(),
                recipe: forecast.recipe.clone(),
                data: source.data.clone(),
                max_steps: forecast.max_steps,
                parts: device::parts(),
            }
        };
        let wanted = device::wanted_for(&plan.config);
        self.train(Training::Start { plan: Box::new(plan), wanted });
    }

    /// Goes on with the run that is chosen below the training.
    pub(super) fn resume(self: &Rc<Self>) {
        let Some(record) = self.chosen_record() else { return };
        let wanted = device::wanted_for(&record.plan.config);
        let run = record.plan.id;
        self.train(Training::Resume { run, wanted, epochs: None, in_halves: false });
    }

    fn train(self: &Rc<Self>, training: Training) {
        if self.workers.trainer.is_training() {
            return self.say(part!("run-problem"), "Another training goes on: stop it first.");
        }
        self.say(part!("run-problem"), "");
        self.say(part!("replaced"), "");
        self.run.replace(Run { phase: Phase::Starting, ..Run::default() });
        place::<HtmlInputElement>(&self.root, pick!("factor")).set_value("0");
        write(&self.root, stat!("factor"), "1");
        self.draw_curves();
        self.show_run();
        self.workers.trainer.train(training, self.this.hear(TwinLesson::on_reply));
    }

    fn on_reply(self: &Rc<Self>, reply: Reply<Training>) {
        match reply {
            Reply::Part(TrainingEvent::Started { record, device_text, curves }) => {
                let mut run = self.run.borrow_mut();
                run.phase = Phase::Going;
                run.curves = curves;
                run.device = device_text;
                run.progress = None;
                let id = record.plan.id.clone();
                run.record = Some(*record);
                drop(run);
                self.state.borrow_mut().chosen = Some(id);
                self.draw_curves();
                self.predict(true);
            }
            Reply::Part(TrainingEvent::Progress(progress)) => self.progressed(*progress),
            Reply::Part(TrainingEvent::Saved { step, best }) => {
                let mut run = self.run.borrow_mut();
                run.saved = Some(step);
                if let Some(record) = run.record.as_mut().filter(|_| best) {
                    record.best_step = Some(step);
                }
            }
            Reply::Part(TrainingEvent::Replaced { text, step }) => {
                self.run.borrow_mut().phase = Phase::Starting;
                let text = format!("{text} A new worker goes on from step {step}.");
                self.say(part!("replaced"), &text);
            }
            Reply::Answer(record) => {
                let id = record.plan.id.clone();
                {
                    let mut run = self.run.borrow_mut();
                    run.phase = Phase::Idle;
                    run.saved = Some(record.step);
                    run.record = Some(record);
                }
                self.read_runs(Some(id));
                self.predict(true);
            }
            Reply::Failed(error) => {
                self.run.borrow_mut().phase = Phase::Idle;
                self.say(part!("run-problem"), &error);
                self.read_runs(None);
            }
        }
        self.show_run();
    }

    fn progressed(&self, mut progress: TrainingProgress) {
        let new = std::mem::take(&mut progress.new);
        {
            let mut run = self.run.borrow_mut();
            run.curves.append(new);
            run.progress = Some(progress);
        }
        self.draw_curves();
        self.predict(false);
    }

    pub(super) fn stop(self: &Rc<Self>) {
        self.run.borrow_mut().phase = Phase::Stopping;
        self.show_run();
        self.control(Control::Stop);
    }

    /// Sends a control to the training that goes on.
    pub(super) fn control(&self, control: Control) {
        self.this.ask(control, &self.workers.trainer, |lesson, reply| {
            match reply {
                Reply::Answer(TrainingState::Paused(progress)) => {
                    lesson.run.borrow_mut().phase = Phase::Held;
                    lesson.progressed(*progress);
                    lesson.predict(true);
                }
                Reply::Answer(TrainingState::Going) => {
                    lesson.run.borrow_mut().phase = Phase::Going;
                }
                // the training's own answer says the same
                Reply::Answer(TrainingState::Ended(_)) => {}
                Reply::Failed(error) => lesson.say(part!("run-problem"), &error),
            }
            lesson.show_run();
        });
    }

    /// Listens to the slider for the learning rate's factor, which is no setting of the page, but an act while a twin
    /// is trained.
    pub(super) fn listen_to_factor(&self) {
        let slider: HtmlInputElement = place(&self.root, pick!("factor"));
        let of = slider.clone();
        self.this.on(&slider, "input", move |lesson, _: Event| {
            write(&lesson.root, stat!("factor"), &factor_text(factor(&of)));
        });
        let of = slider.clone();
        self.this.on(&slider, "change", move |lesson, _: Event| {
            lesson.control(Control::LearningRate(factor(&of)));
        });
    }

    pub(super) fn draw_curves(&self) {
        let run = self.run.borrow();
        // before the first row there are no plots to show
        show(&self.root, grid!("curves"), !run.curves.train.is_empty());
        let weights = run.progress.as_ref().map(|progress| &progress.loss_weights);
        self.curves.draw(&run.curves, weights, self.state.borrow().set.log);
    }

    /// Whether the page knows which data set is chosen: for the learner's own it first has to ask the browser.
    fn source_is_known(&self) -> bool {
        let state = self.state.borrow();
        state.set.data != "own" || state.stored.is_some()
    }

    /// Brings buttons and numbers in line with what goes on.
    pub(super) fn show_run(&self) {
        let phase = self.run.borrow().phase;
        let chosen = self.chosen_record();
        let unfinished = chosen.as_ref().filter(|record| !record.finished);
        let (idle, under_way) = (phase == Phase::Idle, matches!(phase, Phase::Going | Phase::Held));
        show(&self.root, action!("start"), idle && self.source_is_known());
        show(&self.root, action!("resume"), idle && unfinished.is_some());
        if let Some(record) = unfinished {
            let text = format!("Continue at step {}", text::grouped(record.step));
            dom::set_text(&place(&self.root, action!("resume")), &text);
        }
        show(&self.root, action!("pause"), phase == Phase::Going);
        show(&self.root, action!("go"), phase == Phase::Held);
        show(&self.root, action!("step"), phase == Phase::Held);
        show(&self.root, action!("stop"), under_way);
        show(&self.root, part!("factor"), under_way);
        write(&self.root, stat!("run-words"), &self.run.borrow().summary(unfinished));
        self.show_numbers();
    }

    fn show_numbers(&self) {
        let run = self.run.borrow();
        let text = |name: Stat, text: &str| write(&self.root, name, text);
        let bar: HtmlElement = dom::must(&self.root, ".run progress");
        dom::show(&bar, run.phase != Phase::Idle);
        if let Some(progress) = &run.progress {
            let done = progress.step as f64 / progress.steps.max(1) as f64;
            bar.set_attribute("value", &done.to_string()).ok();
            let epochs = format!("epoch {} of {}", progress.epoch + 1, progress.epochs);
            let [step, steps] = [progress.step, progress.steps].map(text::grouped);
            text(stat!("step"), &format!("{step} of {steps} ({epochs})"));
            let digits = if progress.steps_per_s < 10.0 { 2 } else { 0 };
            text(stat!("steps-per-s"), &scale::fixed(progress.steps_per_s, digits));
            text(stat!("left"), &text::time(progress.left_s));
            text(stat!("rate"), &scale::scientific(progress.learning_rate, 1));
        } else if let Some(record) = &run.record {
            let [step, steps] = [record.step, record.steps].map(text::grouped);
            text(stat!("step"), &format!("{step} of {steps}"));
        }
        if let Some(row) = run.curves.train.last() {
            text(stat!("loss"), &scale::fixed(f64::from(row.losses.total), 3));
        }
        if let Some(row) = run.curves.valid.last() {
            text(
                stat!("valid-loss"),
                &scale::fixed(f64::from(row.losses.heads[Head::Spikes.at()]), 4),
            );
        }
        if let Some(step) = run.saved {
            text(stat!("saved"), &text::grouped(step));
        }
        if !run.device.is_empty() {
            let workers = run.progress.as_ref().map_or(1, |progress| progress.workers);
            let by = if workers > 1 { format!(", {workers} workers") } else { String::new() };
            text(stat!("device"), &format!("{}{by}", run.device));
        }
    }
}

fn factor(slider: &HtmlInputElement) -> f64 {
    10f64.powf(slider.value().parse::<f64>().unwrap_or(0.0))
}

fn factor_text(factor: f64) -> String {
    scale::fixed(factor, if factor < 0.1 { 3 } else { 2 })
}
