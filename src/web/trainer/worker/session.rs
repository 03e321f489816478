//! The training that goes on, as the rest of the worker sees it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::web::port::QuestionId;
use crate::web::trainer::protocol::{
    Control, Inquiry, Judgement, ModelRef, Order, RunId, RunRecord, Which,
};

/// An order that a training takes between two steps.
pub(super) enum Mail {
    /// A control of the training.
    Control(Control),
    /// A question to the twin in training.
    Inquiry(Inquiry),
}

impl From<Mail> for Order {
    fn from(mail: Mail) -> Self {
        match mail {
            Mail::Control(control) => Self::Control(Box::new(control)),
            Mail::Inquiry(inquiry) => Self::Inquiry(inquiry),
        }
    }
}

/// A training that goes on, with its mail and its run's record.
pub(super) struct Session {
    /// The question that the training answers.
    pub id: QuestionId,
    /// The run that is trained.
    pub run: RunId,
    mail: RefCell<VecDeque<(QuestionId, Mail)>>,
    waiting: RefCell<Option<Waker>>,
    record: RefCell<Option<RunRecord>>,
}

impl Session {
    /// A training without mail.
    pub fn new(id: QuestionId, run: RunId) -> Self {
        Self {
            id,
            run,
            mail: RefCell::default(),
            waiting: RefCell::default(),
            record: RefCell::default(),
        }
    }

    /// Whether the training has to answer this question itself: it asks about the twin in training.
    pub fn concerns(&self, inquiry: &Inquiry) -> bool {
        let model = match inquiry {
            Inquiry::Predict(predict) => &predict.model,
            Inquiry::Respond(respond) => &respond.model,
            Inquiry::Evaluate(evaluate) => &evaluate.model,
            Inquiry::ReadFirstLayer(read) => &read.0,
            Inquiry::Export(export) => &export.0,
            Inquiry::Probe(_) | Inquiry::Measure(_) | Inquiry::Import(_) => return false,
        };
        matches!(model, ModelRef::Run(run, Which::Last) if *run == self.run)
    }

    /// Adds an order to the mail, and wakes the training where it waits.
    pub fn post(&self, id: QuestionId, mail: Mail) {
        self.mail.borrow_mut().push_back((id, mail));
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// The next order of the mail; `None` where the mail is empty.
    pub fn next(&self) -> Option<(QuestionId, Mail)> {
        self.mail.borrow_mut().pop_front()
    }

    /// Waits for mail.
    pub async fn mail(&self) {
        poll_fn(|context| {
            if !self.mail.borrow().is_empty() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// The run's record as the training has it; `None` before the training has begun.
    pub fn record(&self) -> Option<RunRecord> {
        self.record.borrow().clone()
    }

    /// Sets the run's record.
    pub fn set_record(&self, record: RunRecord) {
        self.record.replace(Some(record));
    }

    /// Adds a judgement to the record, so that the next checkpoint keeps it; false before the training has begun.
    pub fn judged(&self, judgement: &Judgement) -> bool {
        let mut record = self.record.borrow_mut();
        let Some(record) = record.as_mut() else { return false };
        record.judgement = Some(Box::new(judgement.clone()));
        true
    }
}
