//! The trainer's worker: one training at a time, and beside it whatever else is asked, in turns.
//!
//! ```text
//! hub ──▶ run ──▶ listen, keep ──▶ session a training, and the orders that it takes between two steps
//!  ├────▶ judge, answer, measure          beside it
//!  └────▶ model, data, fetch ◀── store    what all of them work on
//! ```

mod answer;
mod data;
mod device;
mod fetch;
mod import;
mod judge;
mod keep;
mod listen;
mod measure;
mod model;
mod pace;
pub mod parts;
mod run;
mod session;
mod turn;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::protocol::{FromTrainer, Judgement, ModelRef, News, Order, RunId, ToTrainer};
use super::store::RunStore;
use crate::data::Split;
use crate::web::protocol::{RequestId, from_js, to_js};
use crate::web::worker::scope;
use answer::Question;
use session::Session;

/// Takes orders, and hands out what comes of them.
pub struct Hub {
    out: Box<dyn Fn(FromTrainer)>,
    session: RefCell<Option<Rc<Session>>>,
    cancelled: RefCell<BTreeSet<RequestId>>,
    /// Whether the page is hidden.
    hidden: Rc<Cell<bool>>,
}

impl Hub {
    /// Nothing to do yet; `out` is told what comes of the orders.
    pub fn new(out: impl Fn(FromTrainer) + 'static) -> Rc<Self> {
        Rc::new(Self {
            out: Box::new(out),
            session: RefCell::default(),
            cancelled: RefCell::default(),
            hidden: Rc::default(),
        })
    }

    /// Takes a message.
    pub fn hear(self: &Rc<Self>, message: ToTrainer) {
        match message {
            ToTrainer::Run(id, order) => self.take(id, *order),
            ToTrainer::Hidden(hidden) => self.hidden.set(hidden),
            ToTrainer::Cancel(id) => match self.session() {
                Some(session) if session.id == id => session.post(id, Order::Stop),
                _ => {
                    self.cancelled.borrow_mut().insert(id);
                }
            },
        }
    }

    fn tell(&self, message: FromTrainer) {
        (self.out)(message);
    }

    fn done(&self, id: RequestId, news: Result<News, String>) {
        self.tell(match news {
            Ok(news) => FromTrainer::Done(id, news),
            Err(words) => FromTrainer::Failed(id, words),
        });
    }

    fn session(&self) -> Option<Rc<Session>> {
        self.session.borrow().clone()
    }

    fn end_session(&self, session: &Rc<Session>) {
        self.session.borrow_mut().take_if(|current| Rc::ptr_eq(current, session));
    }

    /// Begins a training, hands the order to the one that goes on, or does it beside.
    fn take(self: &Rc<Self>, id: RequestId, order: Order) {
        let session = self.session();
        let run: RunId = match (&order, &session) {
            (_, Some(session)) if session.concerns(&order) => return session.post(id, order),
            (Order::Start { .. } | Order::Resume { .. } | Order::Measure { .. }, Some(_)) => {
                let why = "A training goes on already: stop it first.";
                return self.tell(FromTrainer::Failed(id, why.to_owned()));
            }
            (Order::Start { plan, .. }, None) => plan.id.clone(),
            (Order::Resume { run, .. }, None) => run.clone(),
            _ => return self.beside(id, order),
        };
        let session = Rc::new(Session::new(id, run));
        self.session.replace(Some(session.clone()));
        spawn_local(run::train(self.clone(), session, order));
    }

    /// Does what is no training, in turns with all else.
    fn beside(self: &Rc<Self>, id: RequestId, order: Order) {
        let hub = self.clone();
        spawn_local(async move {
            let news = hub.answer(id, order).await;
            if !hub.cancelled.borrow_mut().remove(&id) {
                hub.done(id, news);
            }
        });
    }

    async fn answer(&self, id: RequestId, order: Order) -> Result<News, String> {
        match order {
            Order::Probe => Ok(News::Devices(device::all().await)),
            Order::Measure { config, recipe, wanted, parts } => {
                measure::measure(*config, *recipe, wanted, parts).await
            }
            Order::Evaluate { model, data, split, wanted } => {
                let judging = |done, of| {
                    self.tell(FromTrainer::Partial(id, News::Judging(done, of)));
                    !self.cancelled.borrow().contains(&id)
                };
                let judgement = judge::evaluate(&model, &data, split, wanted, &judging).await?;
                if let (ModelRef::Run(run, _), Split::Test) = (&model, split) {
                    self.keep(run, &judgement).await?;
                }
                Ok(News::Judged(Box::new(judgement)))
            }
            Order::FirstLayer(model) => answer::first_layer(&model).await,
            Order::Export(model, form) => model::export(&model, form).await,
            Order::Import { file, id, label, data } => import::import(&file, id, label, data).await,
            Order::Predict { .. } | Order::Respond { .. } => match Question::of(order) {
                Ok((model, question)) => answer::answer(&model, question).await,
                Err(_) => Err("This is no question.".to_owned()),
            },
            Order::Start { .. }
            | Order::Resume { .. }
            | Order::Pause
            | Order::Step
            | Order::Go
            | Order::LearningRate(_)
            | Order::Stop => Err("No training goes on.".to_owned()),
        }
    }

    /// Keeps a judgement with its run.
    async fn keep(&self, run: &RunId, judgement: &Judgement) -> Result<(), String> {
        if let Some(session) = self.session()
            && session.run == *run
            && session.judged(judgement)
        {
            return Ok(());
        }
        let store = RunStore::open().await.map_err(|error| error.to_string())?;
        let mut record = store.record(run).await.map_err(|error| error.to_string())?;
        record.judgement = Some(Box::new(judgement.clone()));
        store.renew(&record, None, None).await.map_err(|error| error.to_string())
    }
}

/// A panic's message, for the learner.
fn why(message: &str) -> String {
    // what a buffer that is never mapped says, and what everything says after that
    let lost = ["map buffer", "Device is lost", "device was lost", "DeviceLost"];
    match lost.iter().any(|words| message.contains(words)) {
        true => "The graphics device was lost.".to_owned(),
        false => format!("The trainer stopped: {}.", message.trim_end_matches('.')),
    }
}

/// Listens to the page. A panic is told before it ends the worker, so that the page can say why it starts another.
pub(in crate::web) fn start() {
    let Some(scope) = scope() else { return };
    let out = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        if let Some(scope) = self::scope() {
            let text = info.to_string();
            let what = text.split_once('\n').map_or(text.as_str(), |(_, message)| message);
            post(&scope, &FromTrainer::Broken(why(what.trim())));
        }
    }));
    let hub = Hub::new(move |message| post(&out, &message));
    let closure =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            match from_js::<ToTrainer>(event.data()) {
                Ok(message) => hub.hear(message),
                Err(error) => refuse(&event.data(), &error.to_string()),
            }
        });
    scope.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
    post(&scope, &FromTrainer::Ready);
}

/// Answers an order that cannot be read, as of a page of another version.
fn refuse(message: &JsValue, why: &str) {
    let run = Reflect::get(message, &"Run".into()).unwrap_or_default();
    let id = Reflect::get(&run, &0.into()).ok().and_then(|id| id.as_f64());
    if let (Some(scope), Some(id)) = (scope(), id) {
        let why = format!("The trainer does not understand the page ({why}): reload it.");
        post(&scope, &FromTrainer::Failed(RequestId(id as u32), why));
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &FromTrainer) {
    match to_js(message) {
        Ok(value) => scope.post_message(&value).unwrap_or_else(|e| web_sys::console::error_1(&e)),
        Err(error) => web_sys::console::error_1(&error.into()),
    }
}
