//! The page's end of the trainer: a [`Port`], and a training that survives its worker.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use web_sys::Event;

use super::protocol::{Device, Hidden, OUT_OF_MEMORY, Trainer, Training, TrainingEvent, Wanted};
use crate::web::dom;
use crate::web::port::{Port, PortError, QuestionId, Reply};

/// Failures in a row, with no step saved in between, after which a training is given up.
const PATIENCE: usize = 2;

/// The training that goes on, and what a new worker needs to go on with it.
struct Ongoing {
    id: QuestionId,
    training: Training,
    /// Whether the training has begun: its device was found usable.
    begun: bool,
    /// The step of the training's last checkpoint; `None` before the first one.
    saved: Option<u64>,
    failures: usize,
    /// Whether less memory would do for the training: its batches can be halved, and are not yet.
    can_be_halved: bool,
    /// Whether the training's batches are halved from its next worker on.
    in_halves: bool,
}

impl Ongoing {
    /// The order by which a new worker goes on, from the last checkpoint where there is one. Where the search for a
    /// device failed before the training began, the new worker takes the CPU.
    fn again(&self) -> Training {
        let mut again = self.training.clone();
        let (Training::Start { wanted, .. } | Training::Resume { wanted, .. }) = &mut again;
        if *wanted == Wanted::Auto && !self.begun {
            *wanted = Wanted::Only(Device::Cpu);
        }
        match (again, self.saved) {
            (Training::Start { plan, wanted }, Some(_)) => {
                let in_halves = self.in_halves;
                Training::Resume { run: plan.id, wanted, epochs: None, in_halves }
            }
            (Training::Resume { run, wanted, epochs, in_halves }, _) => {
                Training::Resume { run, wanted, epochs, in_halves: in_halves || self.in_halves }
            }
            (again, _) => again,
        }
    }

    /// Notes what a new worker would need to go on.
    fn note(&mut self, event: &TrainingEvent) {
        self.begun = true;
        if let TrainingEvent::Started { record, .. } = event {
            self.can_be_halved = record.can_be_halved();
        }
        if let TrainingEvent::Saved { step, .. } = event {
            // the training has come further than at its last failure: it is worth trying again
            if self.saved.is_none_or(|saved| *step > saved) {
                self.failures = 0;
            }
            self.saved = Some(*step);
        }
    }
}

/// The page's access to the trainer, whose worker starts on the first question.
#[derive(Clone)]
pub struct TrainerClient {
    port: Port<Trainer>,
    ongoing: Rc<RefCell<Option<Ongoing>>>,
}

impl Default for TrainerClient {
    fn default() -> Self {
        let port = Port::default();
        let of = port.clone();
        dom::on(&dom::document(), "visibilitychange", move |_: Event| {
            if of.is_started() {
                of.ask(Hidden(dom::document().hidden()), |_| {});
            }
        });
        Self { port, ongoing: Rc::default() }
    }
}

impl Deref for TrainerClient {
    type Target = Port<Trainer>;

    fn deref(&self) -> &Port<Trainer> {
        &self.port
    }
}

impl TrainerClient {
    /// Trains. Where the worker fails, the training goes on in a new one: `listener` gets [`TrainingEvent::Replaced`],
    /// and after that [`TrainingEvent::Started`] again.
    pub fn train(
        &self,
        training: Training,
        listener: impl Fn(Reply<Training>) + 'static,
    ) -> QuestionId {
        if self.is_training() {
            // the trainer refuses a second training
            return self.port.ask(training, listener);
        }
        let id = self.port.next_id();
        let ongoing = Ongoing {
            id,
            training: training.clone(),
            begun: false,
            saved: None,
            failures: 0,
            can_be_halved: false,
            in_halves: false,
        };
        self.ongoing.replace(Some(ongoing));
        self.send(id, training, Rc::new(listener));
        id
    }

    fn send(&self, id: QuestionId, training: Training, listener: Rc<dyn Fn(Reply<Training>)>) {
        let this = self.clone();
        self.port.ask_as(id, training, move |reply| this.on_reply(id, reply, &listener));
    }

    fn on_reply(
        &self,
        id: QuestionId,
        reply: Reply<Training>,
        listener: &Rc<dyn Fn(Reply<Training>)>,
    ) {
        match reply {
            Reply::Part(event) => {
                self.ongoing.borrow_mut().iter_mut().for_each(|ongoing| ongoing.note(&event));
                listener(Reply::Part(event));
            }
            Reply::Failed(PortError::Lost(why)) => self.lost(id, why, listener),
            last @ (Reply::Answer(_) | Reply::Failed(PortError::Refused(_))) => {
                self.ongoing.take();
                listener(last);
            }
        }
    }

    /// After the worker is lost, goes on with the training in a new one, or gives it up after [`PATIENCE`] failures.
    fn lost(&self, id: QuestionId, mut text: String, listener: &Rc<dyn Fn(Reply<Training>)>) {
        let next = self.ongoing.borrow_mut().as_mut().and_then(|ongoing| {
            ongoing.failures += 1;
            let goes_on = ongoing.failures < PATIENCE;
            if goes_on && text == OUT_OF_MEMORY && ongoing.saved.is_some() && ongoing.can_be_halved
            {
                ongoing.in_halves = true;
                text.push_str(" From now on it computes each batch in two halves.");
            }
            goes_on.then(|| (ongoing.again(), ongoing.saved.unwrap_or(0)))
        });
        if let Some((again, step)) = next {
            listener(Reply::Part(TrainingEvent::Replaced { text, step }));
            return self.send(id, again, listener.clone());
        }
        self.ongoing.take();
        listener(Reply::Failed(PortError::Lost(format!(
            "The training failed {PATIENCE} times in a row at the same place: {text} What was saved is kept. Choose \
             another device, a smaller batch, a shorter window or a smaller twin, and go on."
        ))));
    }

    /// Cancels a question: its listener gets no further reply. A training is saved and stopped.
    pub fn cancel(&self, id: QuestionId) {
        self.ongoing.borrow_mut().take_if(|ongoing| ongoing.id == id);
        self.port.cancel(id);
    }

    /// Whether a training goes on or is held.
    pub fn is_training(&self) -> bool {
        self.ongoing.borrow().is_some()
    }
}
