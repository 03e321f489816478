//! The page's side of the trainer: starts its worker, numbers requests, hands news to whoever asked, and replaces the
//! worker where it or its device fails, going on with the training from its last checkpoint.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Url, Worker};

use super::protocol::{Device, FromTrainer, News, Order, ToTrainer, Wanted};
use crate::web::dom;
use crate::web::own::{NO_WORKER, OwnWorker};
use crate::web::protocol::{RequestId, from_js, to_js};

/// Where the trainer's script lies, from the twins' page.
const SCRIPT: &str = "trainer/trainer.js";

/// Failures in a row, with no step saved in between, after which a training is given up.
const PATIENCE: usize = 2;

/// News as they arrive.
#[derive(Clone, Debug)]
pub enum Heard {
    /// More follows.
    Partial(News),
    /// The answer, or its last part.
    Done(News),
    /// Why there is no answer, for the learner to read.
    Failed(String),
}

type Listener = Rc<dyn Fn(Heard)>;

/// The training that goes on, and what is needed to go on with it elsewhere.
struct Training {
    id: RequestId,
    order: Order,
    /// Whether it has begun: the device was found usable.
    begun: bool,
    /// The step of its last checkpoint, once there is one.
    saved: Option<u64>,
    failures: usize,
}

impl Training {
    /// The order that goes on with it: on the CPU, where it was the search for a device that failed.
    fn again(&self) -> Order {
        let mut order = self.order.clone();
        let (Order::Start { wanted, .. } | Order::Resume { wanted, .. }) = &mut order else {
            return order;
        };
        if *wanted == Wanted::Auto && !self.begun {
            *wanted = Wanted::Only(Device::Cpu);
        }
        let wanted = *wanted;
        match (&order, self.saved) {
            (Order::Start { plan, .. }, Some(_)) => {
                Order::Resume { run: plan.id.clone(), wanted, epochs: None }
            }
            _ => order,
        }
    }
}

/// The trainer, started on its first order.
#[derive(Clone, Default)]
pub struct TrainerClient(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    worker: Option<OwnWorker>,
    /// Tells a worker's messages from those of the one before it.
    generation: u32,
    ready: bool,
    /// Messages that wait for the worker to listen.
    waiting: Vec<ToTrainer>,
    last: u32,
    open: BTreeMap<RequestId, Listener>,
    training: Option<Training>,
}

impl TrainerClient {
    /// Sends an order; `listener` hears every part of its answer. A training's listener hears
    /// [`News::Replaced`] where the worker failed, and after that [`News::Started`] again.
    pub fn run(&self, order: Order, listener: impl Fn(Heard) + 'static) -> RequestId {
        let id = {
            let mut inner = self.0.borrow_mut();
            inner.last += 1;
            let id = RequestId(inner.last);
            inner.open.insert(id, Rc::new(listener));
            let trains = matches!(order, Order::Start { .. } | Order::Resume { .. });
            if trains && inner.training.is_none() {
                inner.training = Some(Training {
                    id,
                    order: order.clone(),
                    begun: false,
                    saved: None,
                    failures: 0,
                });
            }
            id
        };
        self.send(ToTrainer::Run(id, Box::new(order)));
        id
    }

    /// Drops a request: its listener hears nothing more. A training is saved and stopped.
    pub fn cancel(&self, id: RequestId) {
        let known = {
            let mut inner = self.0.borrow_mut();
            inner.training.take_if(|training| training.id == id);
            inner.open.remove(&id).is_some()
        };
        if known {
            self.send(ToTrainer::Cancel(id));
        }
    }

    /// Whether a training goes on or is held.
    pub fn is_training(&self) -> bool {
        self.0.borrow().training.is_some()
    }

    fn send(&self, message: ToTrainer) {
        if self.0.borrow().worker.is_none()
            && let Err(error) = self.spawn()
        {
            web_sys::console::warn_1(&error);
            return self.refuse(NO_WORKER);
        }
        let mut inner = self.0.borrow_mut();
        match &inner.worker {
            Some(worker) if inner.ready => post(worker, &message),
            _ => inner.waiting.push(message),
        }
    }

    fn spawn(&self) -> Result<(), JsValue> {
        let worker = OwnWorker::start(LOADER)?;
        let generation = {
            let mut inner = self.0.borrow_mut();
            inner.generation += 1;
            inner.ready = false;
            inner.generation
        };
        let client = self.clone();
        dom::on(&worker, "message", move |event: MessageEvent| {
            if client.0.borrow().generation == generation {
                match from_js::<FromTrainer>(event.data()) {
                    Ok(message) => client.hear(message),
                    Err(error) => client.died(&error.to_string()),
                }
            }
        });
        let client = self.clone();
        dom::on(&worker, "error", move |event: Event| {
            event.prevent_default();
            if client.0.borrow().generation == generation {
                // a script that does not load is an event without a message
                let message = Reflect::get(&event, &"message".into()).unwrap_or_default();
                client.died(&words(&message.as_string().unwrap_or_default()));
            }
        });
        let client = self.clone();
        dom::on(&dom::document(), "visibilitychange", move |_: Event| {
            let inner = client.0.borrow();
            if let Some(worker) = inner.worker.as_ref().filter(|_| inner.generation == generation) {
                post(worker, &ToTrainer::Hidden(dom::document().hidden()));
            }
        });
        let base = dom::document().base_uri()?.unwrap_or_default();
        let script = Url::new_with_base(SCRIPT, &base)?.href();
        worker.post_message(&js_sys::Array::of2(&script.into(), &base.into()))?;
        self.0.borrow_mut().worker = Some(worker);
        Ok(())
    }

    fn hear(&self, message: FromTrainer) {
        match message {
            FromTrainer::Ready => {
                let mut inner = self.0.borrow_mut();
                inner.ready = true;
                let waiting = std::mem::take(&mut inner.waiting);
                if let Some(worker) = &inner.worker {
                    waiting.iter().for_each(|message| post(worker, message));
                }
            }
            FromTrainer::Partial(id, news) => {
                let listener = {
                    let mut inner = self.0.borrow_mut();
                    inner.note(id, &news);
                    inner.open.get(&id).cloned()
                };
                listener.inspect(|listen| listen(Heard::Partial(news)));
            }
            FromTrainer::Done(id, news) => self.close(id, Heard::Done(news)),
            FromTrainer::Failed(id, message) => self.close(id, Heard::Failed(message)),
            FromTrainer::Broken(why) => self.died(&why),
        }
    }

    fn close(&self, id: RequestId, last: Heard) {
        let listener = {
            let mut inner = self.0.borrow_mut();
            inner.training.take_if(|training| training.id == id);
            inner.open.remove(&id)
        };
        listener.inspect(|listen| listen(last));
    }

    /// Tells everybody who waits that there is no trainer.
    fn refuse(&self, why: &str) {
        let open = {
            let mut inner = self.0.borrow_mut();
            inner.end_worker();
            inner.training = None;
            std::mem::take(&mut inner.open)
        };
        open.into_values().for_each(|listen| listen(Heard::Failed(why.to_owned())));
    }

    /// The worker is lost: every request is answered with the reason, and a training goes on in a new worker.
    fn died(&self, why: &str) {
        let (others, training) = {
            let mut inner = self.0.borrow_mut();
            inner.end_worker();
            let mut others = std::mem::take(&mut inner.open);
            let goes_on = inner.training.as_mut().and_then(|training| {
                training.failures += 1;
                let listener = others.remove(&training.id)?;
                (training.failures < PATIENCE)
                    .then(|| (training.id, training.again(), training.saved, listener.clone()))
                    .ok_or(listener)
                    .into()
            });
            match &goes_on {
                Some(Ok((id, _, _, listener))) => {
                    inner.open.insert(*id, listener.clone());
                }
                _ => inner.training = None,
            }
            (others, goes_on)
        };
        match training {
            Some(Ok((id, order, saved, listener))) => {
                let step = saved.unwrap_or(0);
                listener(Heard::Partial(News::Replaced { words: why.to_owned(), step }));
                self.send(ToTrainer::Run(id, Box::new(order)));
            }
            Some(Err(listener)) => listener(Heard::Failed(format!(
                "The training failed {PATIENCE} times in a row at the same place: {why} What was saved is kept. Choose \
                 another device, a smaller batch, a shorter window or a smaller twin, and go on."
            ))),
            None => {}
        }
        others.into_values().for_each(|listen| listen(Heard::Failed(why.to_owned())));
    }
}

impl Inner {
    fn end_worker(&mut self) {
        self.worker = None;
        self.generation += 1;
        self.ready = false;
        self.waiting.clear();
    }

    /// Remembers what a replacement would need.
    fn note(&mut self, id: RequestId, news: &News) {
        let Some(training) = self.training.as_mut().filter(|training| training.id == id) else {
            return;
        };
        training.begun = true;
        if let News::Saved { step, .. } = news {
            // a step further than the last failure's: it is worth trying again
            if training.saved.is_some_and(|saved| *step > saved) {
                training.failures = 0;
            }
            training.saved = Some(*step);
        }
    }
}

/// The browser's message of an uncaught error, for the learner.
fn words(message: &str) -> String {
    let message = message.trim_start_matches("Uncaught ").trim_end_matches('.');
    if message.contains("unreachable") || message.contains("memory") {
        return "The trainer stopped: most likely it ran out of memory.".into();
    }
    match message {
        "" => "The trainer stopped.".into(),
        other => format!("The trainer stopped ({other})."),
    }
}

fn post(worker: &Worker, message: &ToTrainer) {
    let sent = to_js(message).map_err(JsValue::from).and_then(|value| worker.post_message(&value));
    sent.unwrap_or_else(|error| web_sys::console::error_1(&error));
}

/// A worker's first script: told where the trainer's is and what addresses are relative to, it loads it. What nobody
/// catches, a refused promise too, is an error of the worker, which the page hears of.
const LOADER: &str = "onunhandledrejection = ({reason}) => { throw reason; };\
onmessage = async ({data: [script, base]}) => {\
    onmessage = null;\
    globalThis.ballstickBase = base;\
    globalThis.ballstickScript = script;\
    const {default: init} = await import(script);\
    await init();\
};";
