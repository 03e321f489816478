//! The leader's end of a helper's port.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageChannel, MessageEvent, MessagePort};

use super::helper::NAME;
use super::message::{Answer, Packed};
use crate::web::own::OwnWorker;

/// The losses and the gradient of a part of a batch.
pub(super) type Computed = (Vec<f32>, Vec<f32>);

/// A helper, as its leader has it; the helper ends when this is dropped.
pub(super) struct Remote {
    port: MessagePort,
    worker: Option<OwnWorker>,
    state: Rc<HelperState>,
    _hear: Closure<dyn FnMut(MessageEvent)>,
    _fail: Option<Closure<dyn FnMut(Event)>>,
}

#[derive(Default)]
struct HelperState {
    ready: Cell<bool>,
    /// Whether the helper failed and takes no further parts.
    lost: Cell<bool>,
    answers: RefCell<BTreeMap<usize, Computed>>,
    waiting: RefCell<Option<Waker>>,
}

impl HelperState {
    fn wake(&self) {
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    fn hear(&self, message: JsValue) {
        match Answer::read(message) {
            Ok(Answer::Ready) => self.ready.set(true),
            Ok(Answer::Gradient { number, numbers, values }) => {
                self.answers.borrow_mut().insert(number, (numbers, values));
            }
            Ok(Answer::Failed { why, .. }) => {
                web_sys::console::warn_1(&why.into());
                self.lost.set(true);
            }
            Err(error) => {
                web_sys::console::warn_1(&error);
                self.lost.set(true);
            }
        }
        self.wake();
    }
}

impl Remote {
    /// Starts a worker with the script of this one, whose compiled wasm it shares.
    ///
    /// # Errors
    /// A browser that starts no worker within a worker.
    pub fn spawn(script: &str) -> Result<Self, JsValue> {
        let worker = OwnWorker::start_named(LOADER, NAME)?;
        let channel = MessageChannel::new()?;
        let (own, its) = (channel.port1(), channel.port2());
        let message = Array::of3(&script.into(), &wasm_bindgen::module(), &its);
        worker.post_message_with_transfer(&message, &Array::of1(&its))?;
        let mut remote = Self::over(own);
        let state = remote.state.clone();
        let fail = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // the helper's part is computed here, and so are those to come
            event.prevent_default();
            state.lost.set(true);
            state.wake();
        });
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        (remote.worker, remote._fail) = (Some(worker), Some(fail));
        Ok(remote)
    }

    /// The helper at the other end of a port.
    pub fn over(port: MessagePort) -> Self {
        let state = Rc::<HelperState>::default();
        let hear = Closure::<dyn FnMut(MessageEvent)>::new({
            let state = state.clone();
            move |event: MessageEvent| state.hear(event.data())
        });
        port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        Self { port, worker: None, state, _hear: hear, _fail: None }
    }

    /// Whether the helper takes parts.
    pub fn is_able(&self) -> bool {
        self.state.ready.get() && !self.state.lost.get()
    }

    /// Waits until `found` finds something in the helper's state; `found` looks again after every message.
    async fn until<T>(&self, found: impl Fn(&HelperState) -> Option<T>) -> T {
        poll_fn(|context| match found(&self.state) {
            Some(found) => Poll::Ready(found),
            None => {
                self.state.waiting.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    /// Waits until the helper takes parts or has failed.
    pub async fn settled(&self) {
        self.until(|state| (state.ready.get() || state.lost.get()).then_some(())).await;
    }

    /// Sends the helper a message; a helper to which no message can be sent is lost.
    pub fn send(&self, packed: Result<Packed, JsValue>) {
        let sent =
            packed.and_then(|p| self.port.post_message_with_transferable(&p.message, &p.transfer));
        if let Err(error) = sent {
            web_sys::console::warn_1(&error);
            self.state.lost.set(true);
        }
    }

    /// The answer about a part that was sent to the helper; `None` where the helper was lost.
    pub async fn answer(&self, part: usize) -> Option<Computed> {
        self.until(|state| {
            let found = state.answers.borrow_mut().remove(&part);
            if found.is_none() && !state.lost.get() { None } else { Some(found) }
        })
        .await
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
        if let Some(worker) = &self.worker {
            worker.set_onerror(None);
        }
    }
}

/// A helper's first script: it loads the trainer's with the wasm that is compiled already, and hands over the port.
const LOADER: &str = "onunhandledrejection = ({reason}) => { throw reason; };\
onmessage = async ({data: [script, module, port]}) => {\
    onmessage = null;\
    const {default: init} = await import(script);\
    await init({module_or_path: module});\
    onmessage({data: port});\
};";
