//! Lesson 7, judge it: a twin on test data, its threshold, its other outputs, single simulations, and the neuron and
//! the twin live on the same input.

mod clouds;
pub(super) mod curves;
mod each;
mod live;
mod published;
mod sample;

use super::shared::{Chosen, Models, Neuron, data_ref, recorded, to_beat};
use super::this::This;
use super::{Lesson, Workers, command, device, place, problem, show, write};
use crate::data::Split;
use crate::text;
use crate::twin::evaluate::WANTED_FPR;
use crate::twin::test_set;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::names::Stat;
use crate::web::plot::scale::fixed;
use crate::web::port::{QuestionId, Reply};
use crate::web::settings::Settings;
use crate::web::trainer::client::TrainerClient;
use crate::web::trainer::protocol::{DataRef, Evaluate, Judgement, ModelRef};
use clouds::Clouds;
use curves::Curves;
use each::Each;
use live::Live;
use sample::SampleView;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

struct Judge {
    root: Element,
    this: This<Judge>,
    trainer: TrainerClient,
    models: Rc<Models>,
    curves: Curves,
    clouds: Clouds,
    each: Each,
    sample: SampleView,
    live: Live,
    state: RefCell<State>,
    /// The number of the evaluation that goes on; `None` where none does.
    busy: Cell<Option<QuestionId>>,
}

#[derive(Default)]
struct State {
    /// The twin and the data that the controls name.
    wish: Option<(Chosen, DataRef)>,
    /// The twin that was judged, the data, and the judgement.
    judged: Option<(ModelRef, DataRef, Rc<Judgement>)>,
    /// Numbers of train simulations of the two neurons' recorded twins; `None` before they are read.
    learned: Option<[Option<u64>; 2]>,
    /// The twin and the data set of the evaluation that the page has started of its own accord.
    started: Option<(ModelRef, DataRef)>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lesson = This::make(|this: &This<Judge>| Judge {
        root: root.clone(),
        this: this.clone(),
        trainer: workers.trainer.clone(),
        models: Models::mount(root),
        curves: Curves::mount(root),
        clouds: Clouds::mount(root),
        each: Each::mount(root),
        sample: SampleView::mount(root, workers),
        live: Live::mount(root, workers),
        state: RefCell::default(),
        busy: Cell::default(),
    });
    lesson.this.on_actions(
        root,
        [
            (action!("evaluate"), |lesson| lesson.evaluate()),
            (action!("stop"), |lesson| lesson.stop()),
        ],
    );
    lesson.read_recorded();
    lesson
}

impl Lesson for Judge {
    fn update(&self, controls: &Controls) {
        self.curves.set(controls);
        self.clouds.set(controls);
        self.sample.set(controls);
        let wish = self.models.chosen().map(|chosen| {
            let data = data_ref(&controls.choice(choice!("data")), &chosen);
            (chosen, data)
        });
        self.live.set(controls, wish.as_ref().map(|(chosen, _)| chosen));
        self.state.borrow_mut().wish = wish;
        self.follow();
    }
}

impl Judge {
    /// Reads how many simulations the recorded twins have learnt from; without the file the table shows a dash.
    fn read_recorded(&self) {
        self.this.after(recorded(), |lesson, rows| {
            let rows = rows.unwrap_or_default();
            let learned = Neuron::ALL.map(|neuron| {
                let row = rows
                    .iter()
                    .find(|row| Neuron::named(&row.neuron) == Some(neuron) && row.config == "C");
                row.and_then(|row| row.train_simulations)
            });
            lesson.state.borrow_mut().learned = Some(learned);
            lesson.write_learned();
        });
    }

    /// Writes how many simulations the judged twin has learnt from.
    fn write_learned(&self) {
        let state = self.state.borrow();
        let Some((chosen, _)) = state.wish.as_ref().filter(|_| state.judged.is_some()) else {
            return;
        };
        let count = match (&chosen.record, chosen.neuron, state.learned) {
            (Some(record), _, _) => Some(record.simulations[0] as u64),
            (None, Some(neuron), Some(learned)) => learned[neuron as usize],
            _ => None,
        };
        let words = count.map_or("–".to_owned(), |count| count.to_string());
        write(&self.root, stat!("ours-train"), &words);
    }

    /// Shows what is known of the chosen twin; a recorded twin is judged at once.
    fn follow(&self) {
        let Some((chosen, data)) = self.state.borrow().wish.clone() else { return };
        let path = match &data {
            // the zip's name is the one of lesson 5's download
            DataRef::Kept => {
                format!("{}.zip", chosen.params().0.short_name())
            }
            DataRef::Recorded(name) => format!("{name}.zip"),
        };
        let (twin, option) = (&chosen.path, self.clouds.option());
        let text =
            format!("ballstick evaluate --model {twin} --data {path}{option} --plot figures");
        command::show(&self.root, cli!("judge"), &text);
        self.sample.look(&chosen.model, &data);
        {
            let state = self.state.borrow();
            let same = |(model, of, _): &(ModelRef, DataRef, Rc<Judgement>)| {
                *model == chosen.model && *of == data
            };
            if state.judged.as_ref().is_some_and(same) {
                return;
            }
        }
        let stored = chosen.record.as_ref().and_then(|record| record.judgement.clone());
        // a judgement of an earlier version of the page lacks some of its parts
        let stored = stored
            .filter(|judgement| !judgement.found.is_empty() && !judgement.calibrations.is_empty());
        let own = chosen.record.as_ref().is_some_and(|record| record.plan.data == data);
        match stored {
            Some(judgement) if own => self.judged(&chosen, &data, Rc::new(*judgement)),
            _ => {
                self.clear();
                let wish = (chosen.model.clone(), data.clone());
                let first = self.state.borrow().started.as_ref() != Some(&wish);
                if first && matches!(chosen.model, ModelRef::Recorded(_)) {
                    self.state.borrow_mut().started = Some(wish);
                    self.evaluate();
                }
            }
        }
    }

    fn clear(&self) {
        self.state.borrow_mut().judged = None;
        for name in [
            stat!("auc"),
            stat!("interval"),
            stat!("tpr"),
            stat!("near-auc"),
            stat!("simulations"),
            stat!("inference"),
        ] {
            write(&self.root, name, "–");
        }
        for name in [stat!("tpr-words"), stat!("beside-words"), stat!("judged-words")] {
            write(&self.root, name, "");
        }
        published::clear(&self.root);
        self.curves.clear();
        self.clouds.clear();
        self.each.clear(&self.root);
    }

    fn evaluate(&self) {
        let Some((chosen, data)) = self.state.borrow().wish.clone() else { return };
        self.busy.take().inspect(|id| self.trainer.cancel(*id));
        problem(&self.root, "");
        write(&self.root, stat!("progress"), "The trainer is loading …");
        self.bar(Some(0.0));
        let question = Evaluate {
            model: chosen.model.clone(),
            data: data.clone(),
            split: Split::Test,
            wanted: chosen
                .record
                .as_ref()
                .map_or_else(device::wanted, |record| device::wanted_for(&record.plan.config)),
        };
        let id = self.this.ask(question, &self.trainer, move |lesson, reply| match reply {
            Reply::Part((done, of)) => {
                lesson.bar(Some(done as f64 / of.max(1) as f64));
                let text = format!("{done} of {} judged", text::count(of, "simulation"));
                write(&lesson.root, stat!("progress"), &text);
            }
            Reply::Answer(judgement) => {
                lesson.end("");
                lesson.judged(&chosen, &data, Rc::new(judgement));
                lesson.models.refresh();
            }
            Reply::Failed(error) => {
                lesson.end("");
                problem(&lesson.root, &error);
            }
        });
        // where the worker could not be started, the question has failed already
        if self.trainer.is_open(id) {
            self.busy.set(Some(id));
            self.buttons();
        }
    }

    fn stop(&self) {
        self.busy.take().inspect(|id| self.trainer.cancel(*id));
        self.end("Stopped.");
    }

    fn end(&self, text: &str) {
        self.busy.set(None);
        self.bar(None);
        write(&self.root, stat!("progress"), text);
        self.buttons();
    }

    fn buttons(&self) {
        show(&self.root, action!("stop"), self.busy.get().is_some());
    }

    fn bar(&self, part: Option<f64>) {
        dom::progress(&place(&self.root, part!("bar")), part);
    }

    /// Shows a judgement.
    fn judged(&self, chosen: &Chosen, data: &DataRef, judgement: Rc<Judgement>) {
        let number =
            |name: Stat, value: f64, digits| write(&self.root, name, &fixed(value, digits));
        number(stat!("auc"), judgement.auc, 4);
        let (low, high) = judgement.auc_interval;
        write(&self.root, stat!("interval"), &format!("{} – {}", fixed(low, 4), fixed(high, 4)));
        number(stat!("tpr"), judgement.tpr, 3);
        write(&self.root, stat!("simulations"), &text::grouped(judgement.simulations));
        write(&self.root, stat!("tpr-words"), &mark_text(&judgement));
        write(&self.root, stat!("beside-words"), &to_beat(&judgement.baselines));
        write(&self.root, stat!("judged-words"), &judged_text(&judgement));
        let took = fixed(judgement.inference_ms, 0);
        write(&self.root, stat!("inference"), &format!("{took}\u{202f}ms"));
        let near = published::show(&self.root, chosen, &judgement);
        number(stat!("near-auc"), near, 4);
        self.curves.show(judgement.clone());
        self.clouds.show(&judgement);
        self.each.show(&self.root, &judgement);
        self.sample.simulations(judgement.simulations);
        self.state.borrow_mut().judged = Some((chosen.model.clone(), data.clone(), judgement));
        self.write_learned();
    }
}

/// What the threshold at an FPR of 0.002 finds, in counts, and how sure that is.
fn mark_text(judgement: &Judgement) -> String {
    let Some(mark) = judgement.mark else { return String::new() };
    let (low, high) = judgement.tpr_interval;
    let interval = format!("95% interval {} to {}", fixed(low, 3), fixed(high, 3));
    let found = format!(
        "{} of {}, {} in {} silent ms",
        mark.hits,
        text::count(mark.positives, "spike"),
        text::count(mark.false_alarms, "false alarm"),
        text::grouped(mark.negatives)
    );
    // a twin that gives few different probabilities may have no threshold at that rate
    let off = match (mark.fpr() - WANTED_FPR).abs() > 0.0005 {
        true => format!("; no threshold comes nearer than an FPR of {}", fixed(mark.fpr(), 4)),
        false => String::new(),
    };
    format!("At an FPR of 0.002: {found}; {interval}{off}.")
}

/// Which simulations the twin was judged on, and which part of each.
fn judged_text(judgement: &Judgement) -> String {
    let (judged, of) = judgement.judged_ms;
    if of == 0 {
        return String::new();
    }
    format!(
        "Test set: {}. Of each, the middle {} of {} ms are judged.",
        test_set::readable(&judgement.test_set),
        text::grouped(judged),
        text::grouped(of)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::thresholds::OperatingPoint;

    #[test]
    fn the_mark_is_told_in_counts() {
        let at = |hits, false_alarms| OperatingPoint {
            threshold: 0.1,
            hits,
            false_alarms,
            positives: 225,
            negatives: 15_903,
        };
        let of = |mark| {
            let tpr_interval = (0.01, 0.06);
            mark_text(&Judgement { mark: Some(mark), tpr_interval, ..Judgement::default() })
        };
        let text = of(at(7, 32));
        assert_eq!(
            text,
            "At an FPR of 0.002: 7 of 225 spikes, 32 false alarms in 15,903 silent ms; 95% interval 0.010 to 0.060."
        );
        assert!(of(at(225, 15_903)).contains("nearer than an FPR of 1.0000"));
        assert_eq!(mark_text(&Judgement::default()), "");
    }

    #[test]
    fn what_is_judged_of_a_simulation_is_said() {
        let judgement = Judgement {
            judged_ms: (2016, 2048),
            test_set: "8 simulations of 2048 ms; seed 5".into(),
            ..Judgement::default()
        };
        assert_eq!(
            judged_text(&judgement),
            "Test set: 8 simulations of 2,048 ms; seed 5. Of each, the middle 2,016 of 2,048 ms are judged."
        );
    }
}
