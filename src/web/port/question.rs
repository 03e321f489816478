//! What a worker can be asked, and what comes of it: a question's parts, its answer, or why there is none.

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
    /// The question's answer.
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
        let (Self::Refused(text) | Self::Lost(text)) = self;
        text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_error_is_a_refusal_in_its_text() {
        let read = || -> Result<u8, PortError> { Ok("x".parse::<u8>()?) };
        let error = read().expect_err("no number");
        assert_eq!(error, PortError::Refused("invalid digit found in string".into()));
        assert_eq!(error.to_string(), &*error);
        assert_eq!(PortError::from("no worker"), PortError::Refused("no worker".into()));
    }
}
