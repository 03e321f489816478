//! The clock, and the time slices of a worker: between two slices it receives its messages.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Poll, Waker};

use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessagePort};

#[wasm_bindgen]
extern "C" {
    /// ms since the worker started.
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}

thread_local! {
    static TURNS: Option<MessagePort> = channel();
    static WAITING: RefCell<VecDeque<Waker>> = RefCell::default();
}

fn channel() -> Option<MessagePort> {
    let channel = MessageChannel::new().ok()?;
    let turn = Closure::<dyn FnMut()>::new(|| {
        if let Some(waker) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            waker.wake();
        }
    });
    channel.port1().set_onmessage(Some(turn.as_ref().unchecked_ref()));
    turn.forget();
    Some(channel.port2())
}

/// Ends this time slice: every task and message that waits comes before the next one. The slices follow each other
/// through a message channel, which unlike a timer is not slowed down in hidden tabs.
pub(super) async fn yield_now() {
    let mut posted_before = false;
    poll_fn(|context| {
        if std::mem::replace(&mut posted_before, true) {
            return Poll::Ready(());
        }
        WAITING.with_borrow_mut(|waiting| waiting.push_back(context.waker().clone()));
        let posted = TURNS.with(|port| {
            port.as_ref().is_some_and(|port| port.post_message(&JsValue::NULL).is_ok())
        });
        if posted { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}
