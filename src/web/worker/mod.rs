//! The worker's side: a queue of jobs that are advanced in turns, so that a message (a newer
//! request, a cancellation) is heard between two turns.

mod job;

pub use job::{Job, Turn, job_for};

#[cfg(feature = "data-lessons")]
use super::data_set::{News, Task};
use super::protocol::{FromWorker, RequestId, ToWorker, from_js, to_js};
#[cfg(feature = "data-lessons")]
use super::protocol::{Reply, Request};
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

/// The scope, where this is a worker.
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// Jobs that wait: those that have had no turn yet come first, so that a draft waits for no other job's exact answer.
#[derive(Default)]
pub struct Queue {
    fresh: VecDeque<(RequestId, Box<dyn Job>)>,
    begun: VecDeque<(RequestId, Box<dyn Job>)>,
}

impl Queue {
    /// Takes a message in; false where nothing is left to do.
    pub fn take(&mut self, message: ToWorker) -> bool {
        match message {
            ToWorker::Run(id, request) => self.fresh.push_back((id, job_for(*request))),
            ToWorker::Cancel(id) => {
                self.fresh.retain(|(waiting, _)| *waiting != id);
                self.begun.retain(|(waiting, _)| *waiting != id);
            }
        }
        !self.is_empty()
    }

    /// Advances the first job by one turn; one that is not done goes to the end once it said something. `None` where it
    /// has nothing to say yet, or there is none.
    pub fn turn(&mut self) -> Option<FromWorker> {
        let (id, mut job) = self.fresh.pop_front().or_else(|| self.begun.pop_front())?;
        match job.advance() {
            Ok(Turn::Done(reply)) => Some(FromWorker::Done(id, reply)),
            Ok(Turn::More) => {
                self.begun.push_front((id, job));
                None
            }
            Ok(Turn::Partial(reply)) => {
                self.begun.push_back((id, job));
                Some(FromWorker::Partial(id, reply))
            }
            Err(message) => Some(FromWorker::Failed(id, message)),
        }
    }

    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.begun.is_empty()
    }
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
}

/// Listens to the page. Turns are driven through a message channel: unlike a timer it is not
/// slowed down, and messages from the page get in between.
pub(super) fn start() {
    let Some(scope) = scope() else { return };
    let Ok(channel) = MessageChannel::new() else { return };
    let next_turn = channel.port2();
    let wake = next_turn.clone();
    #[cfg(feature = "data-lessons")]
    let beside = scope.clone();
    listen(&scope, move |event| match from_js::<ToWorker>(event.data()) {
        Ok(message) => {
            #[cfg(feature = "data-lessons")]
            if let ToWorker::Run(id, request) = &message
                && let Request::Data(task) = request.as_ref()
            {
                return do_beside(&beside, *id, task.clone());
            }
            let idle = QUEUE.with_borrow(Queue::is_empty);
            if QUEUE.with_borrow_mut(|queue| queue.take(message)) && idle {
                wake.post_message(&JsValue::NULL).ok();
            }
        }
        Err(error) => web_sys::console::error_1(&error.into()),
    });
    let port: MessagePort = channel.port1();
    let out = scope.clone();
    let turn = Closure::<dyn FnMut()>::new(move || {
        if let Some(message) = QUEUE.with_borrow_mut(Queue::turn) {
            post(&out, &message);
        }
        if !QUEUE.with_borrow(Queue::is_empty) {
            next_turn.post_message(&JsValue::NULL).ok();
        }
    });
    port.set_onmessage(Some(turn.as_ref().unchecked_ref()));
    turn.forget();
    post(&scope, &FromWorker::Ready);
}

fn listen(scope: &DedicatedWorkerGlobalScope, heard: impl FnMut(MessageEvent) + 'static) {
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(heard);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
}

/// Work that waits for the browser's database and streams, between the turns of all else. It is
/// ended with its worker.
#[cfg(feature = "data-lessons")]
fn do_beside(scope: &DedicatedWorkerGlobalScope, id: RequestId, task: Task) {
    let scope = scope.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let news = |news: News| post(&scope, &FromWorker::Partial(id, Reply::News(news)));
        let last = match task.run(&news).await {
            Ok(news) => FromWorker::Done(id, Reply::News(news)),
            Err(message) => FromWorker::Failed(id, message),
        };
        post(&scope, &last);
    });
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &FromWorker) {
    match to_js(message) {
        Ok(value) => scope.post_message(&value).unwrap_or_else(|e| web_sys::console::error_1(&e)),
        Err(error) => web_sys::console::error_1(&error.into()),
    }
}
