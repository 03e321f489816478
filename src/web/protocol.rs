//! What page and workers say to each other: one enum for each direction, a number for each
//! request, and every answer carries the number of what it answers.

use super::curves::{InputOutput, Response};
#[cfg(feature = "data-lessons")]
use super::data_set::{News, Task};
use super::experiment::{Comparison, Experiment, Outcome, RateCurve, Recorded};
use super::trace::{RandomTrace, Traced};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// Numbers requests, from 1 on, in the order in which a client sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u32);

/// From the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Do this.
    Run(RequestId, Box<Request>),
    /// Nobody waits for this one any more.
    Cancel(RequestId),
}

/// Work for a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// One simulation; answered by [`Reply::Outcome`].
    Simulate(Box<Experiment>),
    /// The same, with a draft of it before; both answered by [`Reply::Outcome`].
    Draft(Box<Experiment>),
    /// Firing rates; answered by a [`Reply::Rates`] an amplitude, each with all rates so far.
    Rates(RateCurve),
    /// A simulation beside NEURON's; answered by [`Reply::Comparison`].
    Compare(Recorded),
    /// Input-output curves; answered by [`Reply::Curves`]: all of them at once as a draft, then finer from the left.
    Curves(Vec<InputOutput>),
    /// Random inputs and their targets; answered by [`Reply::Traced`], a draft first where it is to be simulated.
    Trace(Box<RandomTrace>),
    /// Work on the data set; answered by [`Reply::News`].
    #[cfg(feature = "data-lessons")]
    Data(Task),
}

/// From a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker listens from now on.
    Ready,
    /// A part of an answer; more follows.
    Partial(RequestId, Reply),
    /// The answer, or its last part.
    Done(RequestId, Reply),
    /// It cannot be done, and why.
    Failed(RequestId, String),
}

/// Answers to [`Request`]s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// A simulation.
    Outcome(Box<Outcome>),
    /// Amplitude (nA) and firing rate (Hz) of those done so far.
    Rates(Vec<(f64, f64)>),
    /// A comparison with NEURON.
    Comparison(Box<Comparison>),
    /// The points of each curve, as fine as they are so far.
    Curves(Vec<Vec<Response>>),
    /// A trace with its targets.
    Traced(Box<Traced>),
    /// How work on the data set goes on.
    #[cfg(feature = "data-lessons")]
    News(News),
}

/// A message as the browser posts it.
///
/// # Errors
/// None for the types here; the browser's own where it is out of memory.
pub fn to_js<T: Serialize>(message: &T) -> Result<JsValue, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::to_value(message)
}

/// A message as the browser delivered it.
///
/// # Errors
/// A value that is no message of this type.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::from_value(value)
}
