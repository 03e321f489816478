//! Measures how fast each device trains, and shows what that comes to.

use super::speed::{SIMULATED_MS, SUPPOSED, rate, twin};
use super::{Ready, key};
use crate::data::GeneratorConfig;
use crate::experiment::trace::RandomTrace;
use crate::sim::NeuronParams;
use crate::text::{self, noun};
use crate::twin::config::TwinKind;
use crate::twin::forecast::{self, Budget};
use crate::web::dom;
use crate::web::lesson::{device, place, problem, write};
use crate::web::plot::scale;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{Device, Measure, Wanted};
use std::collections::VecDeque;
use std::rc::Rc;

impl Ready {
    /// Measures the neuron, then each twin on each device, one after another.
    pub(super) fn measure(self: &Rc<Self>) {
        let usable: Vec<Device> =
            self.devices.borrow().iter().filter(|r| r.usable).map(|r| r.device).collect();
        let pairs = usable.iter().flat_map(|device| [(*device, 'A'), (*device, 'C')]);
        self.busy(true);
        self.measure_neuron(pairs.collect());
    }

    fn busy(&self, busy: bool) {
        dom::disable(&place(&self.root, action!("measure")), busy);
    }

    fn measure_neuron(self: &Rc<Self>, pairs: VecDeque<(Device, char)>) {
        write(&self.root, stat!("measuring"), "The neuron …");
        let trace = RandomTrace {
            params: NeuronParams::default(),
            generator: GeneratorConfig::default(),
            seed: 0,
            duration_ms: SIMULATED_MS,
        };
        let since = dom::now_ms();
        self.this.ask(trace, &self.workers.live, move |lesson, reply| {
            match reply {
                Reply::Answer(_) => {
                    let seconds = (dom::now_ms() - since) / 1000.0;
                    write(&lesson.root, stat!("simulation"), &text::time(seconds));
                }
                Reply::Failed(error) => problem(&lesson.root, &error),
                Reply::Part(_) => return,
            }
            lesson.measure_next(pairs.clone());
        });
    }

    fn measure_next(self: &Rc<Self>, mut pairs: VecDeque<(Device, char)>) {
        let Some((of, letter)) = pairs.pop_front() else {
            write(&self.root, stat!("measuring"), "");
            self.busy(false);
            return self.show();
        };
        let name = device::name(of);
        write(&self.root, stat!("measuring"), &format!("Twin {letter} on {name} …"));
        let question = Measure {
            config: twin(letter),
            recipe: Budget::Two.recipe(TwinKind::Tcn),
            wanted: Wanted::Only(of),
            parts: device::parts(),
        };
        self.this.ask(question, &self.workers.trainer, move |lesson, reply| {
            match reply {
                Reply::Answer(measured) => {
                    device::keep_measured(&twin(letter), &measured.all);
                    lesson.speeds.borrow_mut().0.insert((of, letter), measured.steps_per_s);
                    lesson.show();
                }
                Reply::Failed(error) => problem(&lesson.root, &error),
            }
            lesson.measure_next(pairs.clone());
        });
    }

    pub(super) fn show_speeds(&self) {
        let speeds = self.speeds.borrow();
        for ((device, letter), steps) in &speeds.0 {
            write(&self.root, stat!("{}-{}", key(*device), letter), &rate(*steps));
        }
        for letter in ['A', 'C'] {
            let Some(Ok(device)) = self.chosen(letter) else { continue };
            let Some(speed) = speeds.of(device, letter) else { continue };
            for budget in Budget::ALL {
                let plan = forecast::plan(budget, TwinKind::Tcn, SUPPOSED, Some(speed));
                let steps = text::grouped(plan.steps);
                let text = match (budget, plan.seconds) {
                    (Budget::Full, Some(seconds)) => {
                        format!(
                            "{}: {steps} larger {}",
                            text::time(seconds),
                            noun(plan.steps, "step")
                        )
                    }
                    _ => format!(
                        "{steps} {}, {} passes",
                        noun(plan.steps, "step"),
                        scale::fixed(plan.epochs, if plan.epochs < 10.0 { 1 } else { 0 })
                    ),
                };
                write(&self.root, stat!("b{}-{}", budget.key(), letter), &text);
            }
        }
    }
}
