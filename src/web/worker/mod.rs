//! The simulating worker's side of its port: a queue of jobs that are advanced in turns, so that a message (a newer
//! question, a cancellation) is received between two turns.

mod job;

#[cfg(feature = "data-lessons")]
use super::data_set::DataTask;
#[cfg(feature = "data-lessons")]
use super::port::Concurrent;
use super::port::{FromWorker, QuestionId, ToWorker, from_js, refusal, to_js};
use super::protocol::{Computation, SimulatorOrder};
use job::{AnyJob, Next, job_for};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

/// The worker's scope; `None` in the page.
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// Jobs that wait: those that have had no turn yet come first, so that a draft waits for no other job's exact answer.
#[derive(Default)]
pub struct Queue {
    fresh: VecDeque<(QuestionId, Box<dyn AnyJob>)>,
    begun: VecDeque<(QuestionId, Box<dyn AnyJob>)>,
    /// Whether the last turn sent a draft.
    drafted: bool,
}

impl Queue {
    /// Adds the job that answers a question.
    pub fn add(&mut self, id: QuestionId, computation: Computation) {
        self.fresh.push_back((id, job_for(computation)));
    }

    /// Drops the job of a question.
    pub fn cancel(&mut self, id: QuestionId) {
        self.fresh.retain(|(waiting, _)| *waiting != id);
        self.begun.retain(|(waiting, _)| *waiting != id);
    }

    /// Advances the first job by one turn and gives its message for the page. A job that has sent a message and is not
    /// done goes to the end. `None` where the job has no message yet, or where the queue is empty.
    pub fn turn(&mut self) -> Option<FromWorker> {
        let (id, mut job) = self.fresh.pop_front().or_else(|| self.begun.pop_front())?;
        let (message, next) = job.turn(id);
        self.drafted = next == Next::AfterDrawing;
        match (&message, next) {
            (None, _) => self.begun.push_front((id, job)),
            (Some(_), Next::More | Next::AfterDrawing) => self.begun.push_back((id, job)),
            (Some(_), Next::Over) => {}
        }
        message
    }

    /// Whether the page now draws the draft that it was sent, and no other question waits for its first turn.
    pub fn may_rest(&self) -> bool {
        self.drafted && self.fresh.is_empty()
    }

    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.begun.is_empty()
    }
}

thread_local! {
    static QUEUE: RefCell<Queue> = RefCell::default();
    /// The timer that ends the worker's rest; `None` while the worker does not rest.
    static REST: Cell<Option<i32>> = const { Cell::new(None) };
}

/// How long a worker rests after a draft, ms: two frames, in which the page draws it and the browser shows it. Where
/// there are few cores, workers that went on would take them away from both.
const REST_MS: i32 = 34;

/// Listens to the page. Turns are driven through a message channel, which unlike a timer is not slowed down, and lets
/// messages from the page get in between.
pub(super) fn start() {
    let Some(scope) = scope() else { return };
    let Ok(channel) = MessageChannel::new() else { return };
    let next_turn = channel.port2();
    let (wake, out) = (next_turn.clone(), scope.clone());
    listen(&scope, move |event| match from_js(event.data()) {
        Ok(ToWorker::Ask(id, SimulatorOrder::Computation(computation))) => {
            let rest = REST.take().inspect(|timer| out.clear_timeout_with_handle(*timer));
            let idle = rest.is_some() || QUEUE.with_borrow(Queue::is_empty);
            QUEUE.with_borrow_mut(|queue| queue.add(id, computation));
            if idle {
                wake.post_message(&JsValue::NULL).ok();
            }
        }
        #[cfg(feature = "data-lessons")]
        Ok(ToWorker::Ask(id, SimulatorOrder::DataTask(task))) => answer_concurrently(id, task),
        Ok(ToWorker::Cancel(id)) => QUEUE.with_borrow_mut(|queue| queue.cancel(id)),
        Err(error) => {
            refusal(&event.data(), &error).into_iter().for_each(|refusal| post(&out, &refusal));
        }
    });
    let port: MessagePort = channel.port1();
    let out = scope.clone();
    let wake = next_turn.clone();
    let rested = Closure::<dyn FnMut()>::new(move || {
        REST.set(None);
        wake.post_message(&JsValue::NULL).ok();
    });
    let turn = Closure::<dyn FnMut()>::new(move || {
        if let Some(message) = QUEUE.with_borrow_mut(Queue::turn) {
            post(&out, &message);
        }
        let timer = QUEUE.with_borrow(Queue::may_rest).then(|| {
            let run = rested.as_ref().unchecked_ref();
            out.set_timeout_with_callback_and_timeout_and_arguments_0(run, REST_MS).ok()
        });
        REST.set(timer.flatten());
        if REST.get().is_none() && !QUEUE.with_borrow(Queue::is_empty) {
            next_turn.post_message(&JsValue::NULL).ok();
        }
    });
    port.set_onmessage(Some(turn.as_ref().unchecked_ref()));
    turn.forget();
    post(&scope, &FromWorker::Ready);
}

/// Calls `listener` with each message from the page, as long as the worker lives.
pub(super) fn listen(
    scope: &DedicatedWorkerGlobalScope,
    listener: impl FnMut(MessageEvent) + 'static,
) {
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(listener);
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
}

/// Answers a question that waits for the browser's database and streams, between the time slices of the queue's
/// jobs. The work ends with its worker.
#[cfg(feature = "data-lessons")]
fn answer_concurrently(id: QuestionId, task: DataTask) {
    async fn serve<Q: Concurrent>(id: QuestionId, question: &Q) {
        let tell = |message| scope().into_iter().for_each(|scope| post(&scope, &message));
        let answer = question.run(&|part| tell(FromWorker::part::<Q>(id, &part))).await;
        tell(FromWorker::end::<Q>(id, answer));
    }
    wasm_bindgen_futures::spawn_local(async move {
        match task {
            DataTask::Make(make) => serve(id, &*make).await,
            DataTask::Look(look) => serve(id, &*look).await,
            DataTask::Pack(pack) => serve(id, &*pack).await,
            DataTask::Unpack(unpack) => serve(id, &*unpack).await,
        }
    });
}

/// Posts a message to the page.
pub(super) fn post(scope: &DedicatedWorkerGlobalScope, message: &FromWorker) {
    match to_js(message) {
        Ok(value) => scope.post_message(&value).unwrap_or_else(|e| web_sys::console::error_1(&e)),
        Err(error) => web_sys::console::error_1(&error.into()),
    }
}
