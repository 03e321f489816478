//! The page's side of a worker: starts it, numbers requests, hands answers to whoever asked.

use super::dom;
use super::own::{NO_WORKER, OwnWorker};
use super::protocol::{FromWorker, Reply, Request, RequestId, ToWorker, from_js, to_js};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlLinkElement, MessageEvent, Worker};

/// An answer as it arrives.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A part; more follows.
    Partial(Reply),
    /// All of it, or its last part.
    Done(Reply),
    /// Why there is no answer.
    Failed(String),
}

type Listener = Rc<dyn Fn(Answer)>;

/// A worker that is started on its first request and replaced if it dies.
#[derive(Clone, Default)]
pub struct Client(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    worker: Option<OwnWorker>,
    ready: bool,
    /// Messages that wait for the worker to listen.
    waiting: Vec<ToWorker>,
    last: u32,
    open: BTreeMap<RequestId, Listener>,
}

impl Client {
    /// Sends a request; `listener` gets every part of its answer.
    pub fn run(&self, request: Request, listener: impl Fn(Answer) + 'static) -> RequestId {
        let id = {
            let mut inner = self.0.borrow_mut();
            inner.last += 1;
            let id = RequestId(inner.last);
            inner.open.insert(id, Rc::new(listener));
            id
        };
        self.send(ToWorker::Run(id, Box::new(request)));
        id
    }

    /// Drops a request: its listener hears nothing more.
    pub fn cancel(&self, id: RequestId) {
        if self.0.borrow_mut().open.remove(&id).is_some() {
            self.send(ToWorker::Cancel(id));
        }
    }

    /// Ends the worker in the middle of whatever it does: its listeners hear nothing more. The
    /// next request starts a new one.
    pub fn stop(&self) {
        let mut inner = self.0.borrow_mut();
        inner.worker = None;
        inner.ready = false;
        inner.waiting.clear();
        inner.open.clear();
    }

    fn is_open(&self, id: RequestId) -> bool {
        self.0.borrow().open.contains_key(&id)
    }

    fn send(&self, message: ToWorker) {
        if self.0.borrow().worker.is_none() {
            match self.spawn() {
                Ok(worker) => self.0.borrow_mut().worker = Some(worker),
                Err(error) => {
                    // what the browser says is for whoever mends it
                    web_sys::console::warn_1(&error);
                    return self.died(NO_WORKER);
                }
            }
        }
        let mut inner = self.0.borrow_mut();
        match &inner.worker {
            Some(worker) if inner.ready => post(worker, &message),
            _ => inner.waiting.push(message),
        }
    }

    fn spawn(&self) -> Result<OwnWorker, JsValue> {
        let worker = OwnWorker::start(LOADER)?;
        let client = self.clone();
        dom::on(&worker, "message", move |event: MessageEvent| {
            match from_js::<FromWorker>(event.data()) {
                Ok(message) => client.hear(message),
                Err(error) => client.died(&error.to_string()),
            }
        });
        let client = self.clone();
        dom::on(&worker, "error", move |_: web_sys::Event| {
            client.died("The worker that simulates has stopped. The next change starts a new one.");
        });
        // the page's own compiled module: nothing is loaded or compiled twice
        let start = js_sys::Array::of2(&script_url()?.into(), &wasm_bindgen::module());
        worker.post_message(&start)?;
        Ok(worker)
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
            FromWorker::Partial(id, reply) => {
                let listener = self.0.borrow().open.get(&id).cloned();
                listener.inspect(|listen| listen(Answer::Partial(reply)));
            }
            FromWorker::Done(id, reply) => self.close(id, Answer::Done(reply)),
            FromWorker::Failed(id, message) => self.close(id, Answer::Failed(message)),
        }
    }

    fn close(&self, id: RequestId, answer: Answer) {
        let listener = self.0.borrow_mut().open.remove(&id);
        listener.inspect(|listen| listen(answer));
    }

    fn died(&self, why: &str) {
        let open = {
            let mut inner = self.0.borrow_mut();
            inner.worker = None;
            inner.ready = false;
            inner.waiting.clear();
            std::mem::take(&mut inner.open)
        };
        open.into_values().for_each(|listen| listen(Answer::Failed(why.to_owned())));
    }
}

fn post(worker: &Worker, message: &ToWorker) {
    let sent = to_js(message).map_err(JsValue::from).and_then(|value| worker.post_message(&value));
    sent.unwrap_or_else(|error| web_sys::console::error_1(&error));
}

/// The address of our own script, from the preload that the bundler writes.
fn script_url() -> Result<String, JsValue> {
    dom::document()
        .query_selector("link[rel=modulepreload]")?
        .and_then(|link| link.dyn_into::<HtmlLinkElement>().ok())
        .map(|link| link.href())
        .ok_or_else(|| "the page names no script".into())
}

/// A worker's first script: told where our own is, it loads that with the compiled module.
const LOADER: &str = "onmessage = async ({data: [script, module_or_path]}) => {\
    onmessage = null;\
    const {default: init} = await import(script);\
    await init({module_or_path});\
};";

/// Asks for the newest only. While an answer is on its way, a newer request waits (and replaces
/// one that waited): so a slider that is dragged is drawn as fast as the worker simulates, and
/// what is drawn last is where it stopped. Of an answer in parts, a draft first, only that is waited
/// for; what follows of it is cancelled.
#[derive(Clone)]
pub struct Latest {
    client: Client,
    listener: Listener,
    /// Whether a newer request ends the one on its way, for those that take long.
    abort: bool,
    state: Rc<RefCell<InFlight>>,
}

#[derive(Default)]
struct InFlight {
    id: Option<RequestId>,
    next: Option<Request>,
    /// Whether a part of the answer has come.
    drafted: bool,
    /// What was asked last: asking for the same again changes nothing.
    last: Option<Request>,
}

impl Latest {
    /// For answers within a fraction of a second: each is heard.
    pub fn quick(client: &Client, listener: impl Fn(Answer) + 'static) -> Self {
        Self::new(client, false, listener)
    }

    /// For answers that take long: a newer request cancels the older.
    pub fn long(client: &Client, listener: impl Fn(Answer) + 'static) -> Self {
        Self::new(client, true, listener)
    }

    fn new(client: &Client, abort: bool, listener: impl Fn(Answer) + 'static) -> Self {
        let (client, listener) = (client.clone(), Rc::new(listener) as Listener);
        Self { client, listener, abort, state: Rc::default() }
    }

    /// Whether an answer is on its way.
    pub fn is_waiting(&self) -> bool {
        self.state.borrow().id.is_some()
    }

    /// Whether nothing has come yet of what was asked last.
    pub fn is_blank(&self) -> bool {
        let state = self.state.borrow();
        state.id.is_some() && (!state.drafted || state.next.is_some())
    }

    /// Asks for this in place of all asked for before.
    pub fn ask(&self, request: Request) {
        if self.state.borrow().last.as_ref() == Some(&request) {
            return;
        }
        self.state.borrow_mut().last = Some(request.clone());
        self.send(request);
    }

    fn send(&self, request: Request) {
        let (busy, drafted) = (self.state.borrow().id, self.state.borrow().drafted);
        match busy {
            // a draft is enough of what is out of date
            Some(id) if self.abort || drafted => self.client.cancel(id),
            Some(_) => {
                self.state.borrow_mut().next = Some(request);
                return;
            }
            None => {}
        }
        self.state.borrow_mut().drafted = false;
        let this = self.clone();
        let id = self.client.run(request, move |answer| this.heard(answer));
        // a worker that could not be started has answered already
        self.state.borrow_mut().id = self.client.is_open(id).then_some(id);
    }

    fn heard(&self, answer: Answer) {
        if matches!(answer, Answer::Partial(_)) {
            self.state.borrow_mut().drafted = true;
            // a draft is enough of what is out of date already
            let next = self.state.borrow_mut().next.take();
            if let Some(request) = next {
                let id = self.state.borrow_mut().id.take();
                id.inspect(|id| self.client.cancel(*id));
                self.send(request);
            }
        } else {
            self.state.borrow_mut().id = None;
            let next = self.state.borrow_mut().next.take();
            if matches!(answer, Answer::Failed(_)) {
                self.state.borrow_mut().last = None;
            }
            next.into_iter().for_each(|request| self.send(request));
        }
        (self.listener)(answer);
    }
}
