//! The training that goes on, as the rest of the worker sees it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use crate::web::protocol::RequestId;
use crate::web::trainer::protocol::{Judgement, ModelRef, Order, RunId, RunRecord, Which};

/// Orders for a training, which it takes between two steps.
pub(super) struct Session {
    /// The request that it answers.
    pub id: RequestId,
    /// Its run.
    pub run: RunId,
    mail: RefCell<VecDeque<(RequestId, Order)>>,
    waiting: RefCell<Option<Waker>>,
    record: RefCell<Option<RunRecord>>,
}

impl Session {
    /// No orders yet.
    pub fn new(id: RequestId, run: RunId) -> Self {
        Self {
            id,
            run,
            mail: RefCell::default(),
            waiting: RefCell::default(),
            record: RefCell::default(),
        }
    }

    /// Whether the training has to answer this itself.
    pub fn concerns(&self, order: &Order) -> bool {
        let own =
            |model: &ModelRef| matches!(model, ModelRef::Run(run, Which::Last) if *run == self.run);
        match order {
            Order::Pause | Order::Step | Order::Go | Order::LearningRate(_) | Order::Stop => true,
            Order::Predict { model, .. }
            | Order::Respond { model, .. }
            | Order::Evaluate { model, .. }
            | Order::FirstLayer(model)
            | Order::Export(model, _) => own(model),
            Order::Probe
            | Order::Measure { .. }
            | Order::Start { .. }
            | Order::Resume { .. }
            | Order::Import { .. } => false,
        }
    }

    /// Hands an order in.
    pub fn post(&self, id: RequestId, order: Order) {
        self.mail.borrow_mut().push_back((id, order));
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    /// The next order, where there is one.
    pub fn next(&self) -> Option<(RequestId, Order)> {
        self.mail.borrow_mut().pop_front()
    }

    /// Waits for an order.
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

    /// The run's record as the training has it, once it has begun.
    pub fn record(&self) -> Option<RunRecord> {
        self.record.borrow().clone()
    }

    /// Changes the run's record.
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
