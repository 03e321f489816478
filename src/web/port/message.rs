//! Messages between page and worker, as the browser posts them.

use super::question::{PortError, Question};
use js_sys::Reflect;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// The number of one of a port's questions, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuestionId(pub u32);

/// A message from the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker<O> {
    /// Asks a question.
    Ask(QuestionId, O),
    /// Cancels a question: the page does not wait for its answer any more.
    Cancel(QuestionId),
}

/// A message from a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker listens from now on.
    Ready,
    /// A question's [part](Question::Part).
    Part(QuestionId, #[serde(with = "serde_wasm_bindgen::preserve")] JsValue),
    /// A question's [answer](Question::Answer).
    Answer(QuestionId, #[serde(with = "serde_wasm_bindgen::preserve")] JsValue),
    /// Why a question cannot be answered.
    Failed(QuestionId, String),
    /// Why the worker is of no further use: the page starts a new one.
    Broken(String),
}

impl FromWorker {
    /// The message with a part of a question's answer.
    pub fn part<Q: Question>(id: QuestionId, part: &Q::Part) -> Self {
        to_js(part)
            .map_or_else(|error| Self::Failed(id, error.to_string()), |js| Self::Part(id, js))
    }

    /// The message with a question's answer, or with why the question has no answer.
    pub fn end<Q: Question>(id: QuestionId, answer: Result<Q::Answer, PortError>) -> Self {
        match answer.and_then(|answer| Ok(to_js(&answer)?)) {
            Ok(js) => Self::Answer(id, js),
            Err(error) => Self::Failed(id, error.to_string()),
        }
    }
}

/// A message as the browser posts it.
///
/// # Errors
/// The browser's error where memory is out; the types of this page can all be written.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::to_value(message)
}

/// A message as the browser delivered it.
///
/// # Errors
/// A value that is no `T`.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::from_value(value)
}

/// The refusal of a posted message that a worker cannot read, as from a page of another version; `None` where the message
/// asks nothing.
pub(in crate::web) fn refusal(
    message: &JsValue,
    error: &serde_wasm_bindgen::Error,
) -> Option<FromWorker> {
    let ask = Reflect::get(message, &"Ask".into()).ok()?;
    let id = Reflect::get(&ask, &0.into()).ok()?.as_f64()?;
    let why = format!("The page and its worker are of different versions ({error}): reload it.");
    Some(FromWorker::Failed(QuestionId(id as u32), why))
}
