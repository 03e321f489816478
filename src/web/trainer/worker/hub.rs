//! What the rooms of the worker share: the way to the page, and which training goes on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::session::Session;
use crate::web::port::{FromWorker, PortError, Question, QuestionId};
use crate::web::trainer::protocol::Inquiry;

/// A question's answer, or why the question has none.
pub(super) type AnswerTo<Q> = Result<<Q as Question>::Answer, PortError>;

/// A question that is answered beside a training.
pub(super) trait Answered: Question {
    /// Answers the question, in turns with all other work.
    ///
    /// # Errors
    /// Why the question cannot be answered, for the learner to read.
    async fn answer(self, hub: &Hub, id: QuestionId) -> AnswerTo<Self>;
}

/// The training that goes on, and where its parts and all answers are posted.
pub struct Hub {
    out: Box<dyn Fn(FromWorker)>,
    session: RefCell<Option<Rc<Session>>>,
    cancelled: RefCell<BTreeSet<QuestionId>>,
    /// Whether the page is hidden.
    pub(super) hidden: Rc<Cell<bool>>,
}

impl Hub {
    /// A hub without a training; `out` posts messages to the page.
    pub fn new(out: impl Fn(FromWorker) + 'static) -> Rc<Self> {
        Rc::new(Self {
            out: Box::new(out),
            session: RefCell::default(),
            cancelled: RefCell::default(),
            hidden: Rc::default(),
        })
    }

    /// Posts a message to the page.
    pub(super) fn post(&self, message: FromWorker) {
        (self.out)(message);
    }

    /// Posts a part of a question's answer.
    pub(super) fn part<Q: Question>(&self, id: QuestionId, part: &Q::Part) {
        self.post(FromWorker::part::<Q>(id, part));
    }

    /// Posts a question's answer, or why the question has none.
    pub(super) fn end<Q: Question>(&self, id: QuestionId, answer: AnswerTo<Q>) {
        self.post(FromWorker::end::<Q>(id, answer));
    }

    /// The training that goes on; `None` where none does.
    pub(super) fn session(&self) -> Option<Rc<Session>> {
        self.session.borrow().clone()
    }

    /// Sets which training goes on from now on; `None` where none does.
    pub(super) fn set_session(&self, session: Option<Rc<Session>>) {
        self.session.replace(session);
    }

    /// Notes that the page does not wait for the answer to this question any more.
    pub(super) fn cancel(&self, id: QuestionId) {
        self.cancelled.borrow_mut().insert(id);
    }

    /// Whether the page has cancelled this question.
    pub(super) fn is_cancelled(&self, id: QuestionId) -> bool {
        self.cancelled.borrow().contains(&id)
    }

    /// Answers an inquiry, in turns with the training and other inquiries.
    pub(super) fn inquire(self: &Rc<Self>, id: QuestionId, inquiry: Inquiry) {
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
