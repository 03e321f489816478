//! The page's end of a port: it starts the worker, numbers questions, and hands replies to whoever asked.

use super::message::{FromWorker, QuestionId, ToWorker, from_js, to_js};
use super::question::{PortError, Question, Reply, Service};
use crate::web::dom;
use crate::web::own::{NO_WORKER, OwnWorker};
use js_sys::Reflect;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Worker};

/// A reply as the browser delivers it, before it is read as its question's type.
enum Raw {
    Part(JsValue),
    Answer(JsValue),
    Failed(PortError),
}

impl Raw {
    fn read<Q: Question>(self) -> Reply<Q> {
        let unreadable = |error: serde_wasm_bindgen::Error| Reply::Failed(error.into());
        match self {
            Self::Part(js) => from_js(js).map_or_else(unreadable, Reply::Part),
            Self::Answer(js) => from_js(js).map_or_else(unreadable, Reply::Answer),
            Self::Failed(error) => Reply::Failed(error),
        }
    }
}

type Listener = Rc<dyn Fn(Raw)>;

/// A port to a worker that is started on its first question and replaced where it stops.
pub struct Port<S: Service>(Rc<RefCell<Inner<S>>>);

struct Inner<S: Service> {
    worker: Option<OwnWorker>,
    /// The worker's number, which tells its messages from those of the worker before it.
    generation: u32,
    ready: bool,
    /// Messages that are sent once the worker listens.
    waiting: Vec<ToWorker<S::Order>>,
    last: u32,
    open: BTreeMap<QuestionId, Listener>,
}

impl<S: Service> Clone for Port<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Service> Default for Port<S> {
    fn default() -> Self {
        let (waiting, open) = (Vec::new(), BTreeMap::new());
        let inner = Inner { worker: None, generation: 0, ready: false, waiting, last: 0, open };
        Self(Rc::new(RefCell::new(inner)))
    }
}

impl<S: Service> Port<S> {
    /// Asks a question and gives its number; `listener` gets every reply.
    pub fn ask<Q>(&self, question: Q, listener: impl Fn(Reply<Q>) + 'static) -> QuestionId
    where
        Q: Question<Service = S>,
    {
        let id = self.next_id();
        self.ask_as(id, question, listener);
        id
    }

    /// A new question's number, for [`ask_as`](Self::ask_as).
    pub(in crate::web) fn next_id(&self) -> QuestionId {
        let mut inner = self.0.borrow_mut();
        inner.last += 1;
        QuestionId(inner.last)
    }

    /// Asks a question under a number of [`next_id`](Self::next_id) that no open question has.
    pub(in crate::web) fn ask_as<Q>(
        &self,
        id: QuestionId,
        question: Q,
        listener: impl Fn(Reply<Q>) + 'static,
    ) where
        Q: Question<Service = S>,
    {
        self.0.borrow_mut().open.insert(id, Rc::new(move |raw| listener(raw.read())));
        self.send(ToWorker::Ask(id, question.order()));
    }

    /// Cancels a question: its listener gets no further reply.
    pub fn cancel(&self, id: QuestionId) {
        if self.0.borrow_mut().open.remove(&id).is_some() {
            self.send(ToWorker::Cancel(id));
        }
    }

    /// Ends the worker in the middle of whatever it does: the listeners of all open questions get no further reply. The
    /// next question starts a new worker.
    pub fn stop(&self) {
        let mut inner = self.0.borrow_mut();
        inner.end_worker();
        inner.open.clear();
    }

    /// Whether a worker is started.
    pub fn is_started(&self) -> bool {
        self.0.borrow().worker.is_some()
    }

    /// Whether the question has no answer yet.
    pub fn is_open(&self, id: QuestionId) -> bool {
        self.0.borrow().open.contains_key(&id)
    }

    fn send(&self, message: ToWorker<S::Order>) {
        if !self.is_started()
            && let Err(error) = self.start()
        {
            // the browser's message is for whoever mends the fault
            web_sys::console::warn_1(&error);
            return self.fail(&PortError::Refused(NO_WORKER.to_owned()));
        }
        let mut inner = self.0.borrow_mut();
        match &inner.worker {
            Some(worker) if inner.ready => post(worker, &message),
            _ => inner.waiting.push(message),
        }
    }

    fn start(&self) -> Result<(), JsValue> {
        let worker = OwnWorker::start(S::LOADER)?;
        let generation = self.0.borrow().generation;
        let port = self.clone();
        dom::on(&worker, "message", move |event: MessageEvent| {
            if port.0.borrow().generation == generation {
                match from_js(event.data()) {
                    Ok(message) => port.hear(message),
                    Err(error) => port.lost(error.to_string()),
                }
            }
        });
        let port = self.clone();
        dom::on(&worker, "error", move |event: Event| {
            event.prevent_default();
            if port.0.borrow().generation == generation {
                // a script that does not load is an event without a message
                let message = Reflect::get(&event, &"message".into()).unwrap_or_default();
                port.lost(S::stopped(&message.as_string().unwrap_or_default()));
            }
        });
        worker.post_message(&S::first_message()?)?;
        self.0.borrow_mut().worker = Some(worker);
        Ok(())
    }

    fn hear(&self, message: FromWorker) {
        match message {
            FromWorker::Ready => {
                let mut inner = self.0.borrow_mut();
                inner.ready = true;
                let waiting = std::mem::take(&mut inner.waiting);
                if let Some(worker) = &inner.worker {
                    waiting.iter().for_each(|message| post(worker, message));
                }
            }
            FromWorker::Part(id, part) => {
                let listener = self.0.borrow().open.get(&id).cloned();
                listener.inspect(|listen| listen(Raw::Part(part)));
            }
            FromWorker::Answer(id, answer) => self.close(id, Raw::Answer(answer)),
            FromWorker::Failed(id, why) => self.close(id, Raw::Failed(PortError::Refused(why))),
            FromWorker::Broken(why) => self.lost(why),
        }
    }

    fn close(&self, id: QuestionId, last: Raw) {
        let listener = self.0.borrow_mut().open.remove(&id);
        listener.inspect(|listen| listen(last));
    }

    fn lost(&self, why: String) {
        self.fail(&PortError::Lost(why));
    }

    /// Ends the worker, and hands the error to the listeners of all open questions.
    fn fail(&self, error: &PortError) {
        let open = {
            let mut inner = self.0.borrow_mut();
            inner.end_worker();
            std::mem::take(&mut inner.open)
        };
        open.into_values().for_each(|listen| listen(Raw::Failed(error.clone())));
    }
}

impl<S: Service> Inner<S> {
    fn end_worker(&mut self) {
        self.worker = None;
        self.generation += 1;
        self.ready = false;
        self.waiting.clear();
    }
}

fn post<O: serde::Serialize>(worker: &Worker, message: &ToWorker<O>) {
    let sent = to_js(message).map_err(JsValue::from).and_then(|value| worker.post_message(&value));
    sent.unwrap_or_else(|error| web_sys::console::error_1(&error));
}
