//! Questions to workers, typed: a question knows its parts and its answer, so that nobody is told of another's.
//!
//! ```text
//! lesson ──▶ Latest ──▶ Port ──▶ ToWorker   ──▶ worker
//!                        ▲       FromWorker ◀──   │
//!                        └────────────────────────┘
//! ```
//!
//! Between page and worker parts and answers are the browser's values under the number of their question; [`Port`]
//! reads them as what the question says they are, and [`FromWorker::part`] and [`FromWorker::end`] write nothing else.

mod client;
mod in_step;
mod latest;

pub use client::Port;
pub use in_step::InStep;
pub use latest::Latest;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;
use std::ops::Deref;
use wasm_bindgen::JsValue;

/// A kind of worker.
pub trait Service: 'static {
    /// All that the worker can be asked.
    type Order: Serialize + DeserializeOwned + 'static;

    /// The worker's first script, which loads the others as [`first_message`](Self::first_message) says.
    const LOADER: &'static str;

    /// What the first script is sent.
    ///
    /// # Errors
    /// The browser's, and a page without the script.
    fn first_message() -> Result<JsValue, JsValue>;

    /// What the learner reads where the worker has stopped with this message of the browser's, which may be empty.
    fn stopped(message: &str) -> String;
}

/// Something that a worker can be asked.
pub trait Question: Clone + PartialEq + 'static {
    /// The kind of worker that answers.
    type Service: Service;
    /// What comes before the answer, any number of times; [`Never`] where nothing does.
    type Part: Serialize + DeserializeOwned + 'static;
    /// The answer.
    type Answer: Serialize + DeserializeOwned + 'static;

    /// The question among all that its worker can be asked.
    fn order(self) -> <Self::Service as Service>::Order;
}

/// A question that its worker answers while it does other things.
pub trait Concurrent: Question {
    /// Answers, and tells of the parts.
    ///
    /// # Errors
    /// Why not, for the learner to read.
    fn run(
        &self,
        part: &dyn Fn(Self::Part),
    ) -> impl Future<Output = Result<Self::Answer, PortError>>;
}

/// The parts of a question that is answered at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Never {}

/// What the page hears of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<Q: Question> {
    /// A part; more follows.
    Part(Q::Part),
    /// The answer: nothing follows.
    Answer(Q::Answer),
    /// Why there is no answer: nothing follows.
    Failed(PortError),
}

impl<Q: Question<Part = Never>> Reply<Q> {
    /// The answer to a question without parts.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn answer(self) -> Result<Q::Answer, PortError> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Failed(error) => Err(error),
        }
    }
}

impl<Q: Question<Part = <Q as Question>::Answer>> Reply<Q> {
    /// The newest of what is asked for, where parts are drafts of the answer.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn newest(self) -> Result<Q::Answer, PortError> {
        match self {
            Self::Part(draft) => Ok(draft),
            Self::Answer(answer) => Ok(answer),
            Self::Failed(error) => Err(error),
        }
    }
}

/// Why a question has no answer, for the learner to read. It reads as its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortError {
    /// The worker answers so, or there is no worker.
    Refused(String),
    /// The worker has stopped before it answered.
    Lost(String),
}

impl Deref for PortError {
    type Target = str;

    fn deref(&self) -> &str {
        let (Self::Refused(words) | Self::Lost(words)) = self;
        words
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Any error of a worker's is a refusal in the error's words. `PortError` is no [`Error`] itself, so that this holds
/// for every error there is, and for words.
impl<E: Into<Box<dyn Error>>> From<E> for PortError {
    fn from(error: E) -> Self {
        Self::Refused(error.into().to_string())
    }
}

/// Numbers the questions of a port, from 1 on, in the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuestionId(pub u32);

/// From the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker<O> {
    /// A question.
    Ask(QuestionId, O),
    /// Nobody waits for this one any more.
    Cancel(QuestionId),
}

/// From a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The worker listens from now on.
    Ready,
    /// A question's [part](Question::Part).
    Part(QuestionId, #[serde(with = "serde_wasm_bindgen::preserve")] JsValue),
    /// A question's [answer](Question::Answer).
    Answer(QuestionId, #[serde(with = "serde_wasm_bindgen::preserve")] JsValue),
    /// A question cannot be answered, and why.
    Failed(QuestionId, String),
    /// The worker is of no further use, and why: the page starts a new one.
    Broken(String),
}

impl FromWorker {
    /// A part of a question's answer.
    pub fn part<Q: Question>(id: QuestionId, part: &Q::Part) -> Self {
        to_js(part)
            .map_or_else(|error| Self::Failed(id, error.to_string()), |js| Self::Part(id, js))
    }

    /// A question's answer, or why there is none.
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

/// Declares what a service can be asked: an enum with a variant a question, named as the question's type, and its parts
/// and answer behind the arrow. A question that has fields here is declared as well. What follows `and` are enums of
/// more questions to the same service.
macro_rules! questions {
    ($(#[$about:meta])* pub enum $Order:ident to $Service:ty {
        $($(#[$doc:meta])* $Question:ident
            $(($($(#[$at:meta])* $Tuple:ty),+))?
            $({$($(#[$of:meta])* $field:ident: $Type:ty,)+})?
            => $Part:ty, $Answer:ty;)*
    } $(and {$($(#[$group:meta])* $Group:ident,)+})?) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum $Order {
            $($(#[$doc])* $Question(Box<$Question>),)*
            $($($(#[$group])* $Group($Group),)+)?
        }

        $($crate::web::port::questions! {
            @declare [$(#[$doc])*] $Question
            $(($($(#[$at])* $Tuple),+))?
            $({$($(#[$of])* $field: $Type,)+})?
        }

        impl $crate::web::port::Question for $Question {
            type Service = $Service;
            type Part = $Part;
            type Answer = $Answer;

            fn order(self) -> <$Service as $crate::web::port::Service>::Order {
                $Order::$Question(Box::new(self)).into()
            }
        })*

        $($($(#[$group])* impl From<$Group> for $Order {
            fn from(group: $Group) -> Self {
                Self::$Group(group)
            }
        })+)?
    };
    (@declare [$($doc:tt)*] $Question:ident) => {};
    (@declare [$($doc:tt)*] $Question:ident ($($(#[$at:meta])* $Tuple:ty),+)) => {
        $($doc)*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $Question($($(#[$at])* pub $Tuple),+);
    };
    (@declare [$($doc:tt)*] $Question:ident {$($(#[$of:meta])* $field:ident: $Type:ty,)+}) => {
        $($doc)*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $Question {$($(#[$of])* pub $field: $Type,)+}
    };
}
pub(in crate::web) use questions;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_is_a_refusal_in_its_words() {
        let read = || -> Result<u8, PortError> { Ok("x".parse::<u8>()?) };
        let error = read().expect_err("no number");
        assert_eq!(error, PortError::Refused("invalid digit found in string".into()));
        assert_eq!(error.to_string(), &*error);
        assert_eq!(PortError::from("no worker"), PortError::Refused("no worker".into()));
    }
}
