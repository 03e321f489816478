//! The trainer's worker: one training at a time, and inquiries, which it answers between the training's steps.
//!
//! ```text
//! orders ──▶ run ──▶ listen, keep ──▶ session    a training, and the orders that it takes between two steps
//!   │                   │
//!   └──▶ hub ◀──────────┴──▶ judge, answer, measure, import   inquiries, in turns with it
//!                                └──▶ model, data, fetch        what all of them work on
//! ```

mod answer;
mod data;
mod device;
mod failure;
mod fetch;
mod hub;
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
mod trouble;
mod turn;

pub use device::set_up_webgpu;
pub use hub::Hub;

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use super::protocol::{Control, Hidden, Inquiry, Measure, Order, Training, TrainingState};
use crate::web::port::{FromWorker, QuestionId, ToWorker, from_js, refusal};
use crate::web::worker::{listen, post, scope};
use failure::Failure;
use session::{Mail, Session};

impl Hub {
    /// Takes a message from the page.
    pub fn hear(self: &Rc<Self>, message: ToWorker<Order>) {
        match message {
            ToWorker::Ask(id, order) => self.take(id, order),
            ToWorker::Cancel(id) => match self.session() {
                Some(session) if session.id == id => session.post(id, Mail::Control(Control::Stop)),
                _ => self.cancel(id),
            },
        }
    }

    /// Takes a message as the page posted it. A question that cannot be read, as from a page of another version, is
    /// refused; a message that asks nothing is passed over.
    pub fn hear_posted(self: &Rc<Self>, message: JsValue) {
        match from_js(message.clone()) {
            Ok(message) => self.hear(message),
            Err(error) => {
                refusal(&message, &error).into_iter().for_each(|refusal| self.post(refusal));
            }
        }
    }

    /// Begins a training, hands the order to the training that it concerns, or answers it in turns with the training.
    fn take(self: &Rc<Self>, id: QuestionId, order: Order) {
        const BUSY: &str = "A training goes on already: stop it first.";
        match (order, self.session()) {
            (Order::Hidden(hidden), _) => {
                self.hidden.set(hidden.0);
                self.end::<Hidden>(id, Ok(()));
            }
            (Order::Control(control), Some(session)) => session.post(id, Mail::Control(*control)),
            (Order::Control(_), None) => {
                self.end::<Control>(id, Err("No training goes on.".into()));
            }
            (Order::Inquiry(inquiry), Some(session)) if session.concerns(&inquiry) => {
                session.post(id, Mail::Inquiry(inquiry));
            }
            (Order::Inquiry(Inquiry::Measure(_)), Some(_)) => {
                self.end::<Measure>(id, Err(BUSY.into()));
            }
            (Order::Inquiry(inquiry), _) => self.inquire(id, inquiry),
            (Order::Training(_), Some(_)) => self.end::<Training>(id, Err(BUSY.into())),
            (Order::Training(training), None) => {
                let session = Rc::new(Session::new(id, training.run().clone()));
                self.set_session(Some(session.clone()));
                spawn_local(self.clone().train(session, *training));
            }
        }
    }

    /// Runs a training to its end and posts its answer.
    async fn train(self: Rc<Self>, session: Rc<Session>, training: Training) {
        let trained = run::train(&self, &session, training).await;
        self.set_session(None);
        // orders that came too late for the training
        for (late, mail) in std::iter::from_fn(|| session.next()).collect::<Vec<_>>() {
            match (mail, &trained) {
                (Mail::Control(Control::Stop), Ok(record)) => {
                    self.end::<Control>(late, Ok(TrainingState::Ended(Box::new(record.clone()))));
                }
                (mail, _) => self.take(late, mail.into()),
            }
        }
        match trained {
            Err(Failure::Device(why)) => self.post(FromWorker::Broken(why)),
            Err(Failure::Fault(why)) => self.end::<Training>(session.id, Err(why.into())),
            Ok(record) => self.end::<Training>(session.id, Ok(record)),
        }
    }
}

/// A panic's message, for the learner.
fn why(message: &str) -> String {
    // a buffer that was never made is never mapped either
    if let Some(text) = trouble::found() {
        return text;
    }
    // what a buffer that is never mapped says, and what every call on a lost device says after that
    let lost = ["map buffer", "Device is lost", "device was lost", "DeviceLost"];
    match lost.iter().any(|text| message.contains(text)) {
        true => "The graphics device was lost.".to_owned(),
        false => format!("The trainer stopped: {}.", message.trim_end_matches('.')),
    }
}

/// Listens to the page. A panic is posted before it ends the worker, so that the page can say why it starts another
/// one.
pub(in crate::web) fn start() {
    let Some(scope) = scope() else { return };
    let out = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        if let Some(scope) = self::scope() {
            let text = info.to_string();
            let what = text.split_once('\n').map_or(text.as_str(), |(_, message)| message);
            post(&scope, &FromWorker::Broken(why(what.trim())));
        }
    }));
    let page = scope.clone();
    trouble::tell_with(move |text| post(&page, &FromWorker::Broken(text.to_owned())));
    let hub = Hub::new(move |message| post(&out, &message));
    listen(&scope, move |event: MessageEvent| hub.hear_posted(event.data()));
    post(&scope, &FromWorker::Ready);
}
