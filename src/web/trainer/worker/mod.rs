//! The trainer's worker: one training at a time, and beside it whatever else is asked, in turns.
//!
//! ```text
//! hub ──▶ run ──▶ listen, keep ──▶ session a training, and the orders that it takes between two steps
//!  ├────▶ judge, answer, measure          beside it
//!  └────▶ model, data, fetch ◀── store    what all of them work on
//! ```

mod answer;
mod data;
mod device;
mod fetch;
mod import;
mod judge;
mod keep;
mod listen;
mod measure;
mod model;
mod pace;
pub mod parts;
mod run;
mod session;
mod turn;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use super::protocol::{Control, Hidden, Inquiry, Measure, Order, Training};
use crate::web::port::{FromWorker, PortError, Question, QuestionId, ToWorker, from_js};
use crate::web::worker::{listen, post, scope};
use session::{Mail, Session};

/// What comes of a question.
type AnswerTo<Q> = Result<<Q as Question>::Answer, PortError>;

/// A question that is answered beside a training.
trait Answered: Question {
    /// Answers, in turns with all else.
    ///
    /// # Errors
    /// Why not, for the learner to read.
    async fn answer(self, hub: &Hub, id: QuestionId) -> AnswerTo<Self>;
}

/// Takes orders, and hands out what comes of them.
pub struct Hub {
    out: Box<dyn Fn(FromWorker)>,
    session: RefCell<Option<Rc<Session>>>,
    cancelled: RefCell<BTreeSet<QuestionId>>,
    /// Whether the page is hidden.
    hidden: Rc<Cell<bool>>,
}

impl Hub {
    /// Nothing to do yet; `out` is told what comes of the orders.
    pub fn new(out: impl Fn(FromWorker) + 'static) -> Rc<Self> {
        Rc::new(Self {
            out: Box::new(out),
            session: RefCell::default(),
            cancelled: RefCell::default(),
            hidden: Rc::default(),
        })
    }

    /// Takes a message.
    pub fn hear(self: &Rc<Self>, message: ToWorker<Order>) {
        match message {
            ToWorker::Ask(id, order) => self.take(id, order),
            ToWorker::Cancel(id) => match self.session() {
                Some(session) if session.id == id => session.post(id, Mail::Control(Control::Stop)),
                _ => {
                    self.cancelled.borrow_mut().insert(id);
                }
            },
        }
    }

    fn tell(&self, message: FromWorker) {
        (self.out)(message);
    }

    fn part<Q: Question>(&self, id: QuestionId, part: &Q::Part) {
        self.tell(FromWorker::part::<Q>(id, part));
    }

    fn end<Q: Question>(&self, id: QuestionId, answer: AnswerTo<Q>) {
        self.tell(FromWorker::end::<Q>(id, answer));
    }

    fn session(&self) -> Option<Rc<Session>> {
        self.session.borrow().clone()
    }

    fn end_session(&self, session: &Rc<Session>) {
        self.session.borrow_mut().take_if(|current| Rc::ptr_eq(current, session));
    }

    /// Begins a training, hands the order to the one that goes on, or does it beside.
    fn take(self: &Rc<Self>, id: QuestionId, order: Order) {
        const BUSY: &str = "A training goes on already: stop it first.";
        match (order, self.session()) {
            (Order::Hidden(hidden), _) => {
                self.hidden.set(hidden.0);
                self.end::<Hidden>(id, Ok(()));
            }
            (Order::Control(control), Some(session)) => session.post(id, Mail::Control(*control)),
            (Order::Control(_), None) => {
                self.end::<Control>(id, Err("No training goes on.".into()));
            }
            (Order::Inquiry(inquiry), Some(session)) if session.concerns(&inquiry) => {
                session.post(id, Mail::Inquiry(inquiry));
            }
            (Order::Inquiry(Inquiry::Measure(_)), Some(_)) => {
                self.end::<Measure>(id, Err(BUSY.into()));
            }
            (Order::Inquiry(inquiry), _) => self.inquire(id, inquiry),
            (Order::Training(_), Some(_)) => self.end::<Training>(id, Err(BUSY.into())),
            (Order::Training(training), None) => {
                let session = Rc::new(Session::new(id, training.run().clone()));
                self.session.replace(Some(session.clone()));
                spawn_local(run::train(self.clone(), session, *training));
            }
        }
    }

    /// Answers an inquiry, in turns with the training and other inquiries.
    fn inquire(self: &Rc<Self>, id: QuestionId, inquiry: Inquiry) {
        let hub = self.clone();
        spawn_local(async move {
            match inquiry {
                Inquiry::Probe(question) => hub.answer(id, *question).await,
                Inquiry::Measure(question) => hub.answer(id, *question).await,
                Inquiry::Predict(question) => hub.answer(id, *question).await,
                Inquiry::Respond(question) => hub.answer(id, *question).await,
                Inquiry::Evaluate(question) => hub.answer(id, *question).await,
                Inquiry::ReadFirstLayer(question) => hub.answer(id, *question).await,
                Inquiry::Export(question) => hub.answer(id, *question).await,
                Inquiry::Import(question) => hub.answer(id, *question).await,
            }
        });
    }

    async fn answer<Q: Answered>(&self, id: QuestionId, question: Q) {
        let answer = question.answer(self, id).await;
        if !self.cancelled.borrow_mut().remove(&id) {
            self.end::<Q>(id, answer);
        }
    }
}

/// A panic's message, for the learner.
fn why(message: &str) -> String {
    // what a buffer that is never mapped says, and what everything says after that
    let lost = ["map buffer", "Device is lost", "device was lost", "DeviceLost"];
    match lost.iter().any(|words| message.contains(words)) {
        true => "The graphics device was lost.".to_owned(),
        false => format!("The trainer stopped: {}.", message.trim_end_matches('.')),
    }
}

/// Listens to the page. A panic is told before it ends the worker, so that the page can say why it starts another.
pub(in crate::web) fn start() {
    let Some(scope) = scope() else { return };
    let out = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        if let Some(scope) = self::scope() {
            let text = info.to_string();
            let what = text.split_once('\n').map_or(text.as_str(), |(_, message)| message);
            post(&scope, &FromWorker::Broken(why(what.trim())));
        }
    }));
    let hub = Hub::new(move |message| post(&out, &message));
    listen(&scope, move |event: MessageEvent| match from_js(event.data()) {
        Ok(message) => hub.hear(message),
        Err(error) => refuse(&event.data(), &error.to_string()),
    });
    post(&scope, &FromWorker::Ready);
}

/// Answers an order that cannot be read, as of a page of another version.
fn refuse(message: &JsValue, why: &str) {
    let ask = Reflect::get(message, &"Ask".into()).unwrap_or_default();
    let id = Reflect::get(&ask, &0.into()).ok().and_then(|id| id.as_f64());
    if let (Some(scope), Some(id)) = (scope(), id) {
        let why = format!("The trainer does not understand the page ({why}): reload it.");
        post(&scope, &FromWorker::Failed(QuestionId(id as u32), why));
    }
}
