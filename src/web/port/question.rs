//! What a worker can be asked, and what comes of a question: its parts, its answer, or why it has no answer.

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

    /// The message that the first script is sent.
    ///
    /// # Errors
    /// The browser's error, or a page that lacks the script.
    fn first_message() -> Result<JsValue, JsValue>;

    /// What the learner reads where the worker has stopped; `message` is the browser's, and may be empty.
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

    /// The question as one of all that its worker can be asked.
    fn order(self) -> <Self::Service as Service>::Order;
}

/// A question that its worker answers while it does other things.
pub trait Concurrent: Question {
    /// Answers the question; `part` sends the page a part of the answer.
    ///
    /// # Errors
    /// Why the question cannot be answered, for the learner to read.
    fn run(
        &self,
        part: &dyn Fn(Self::Part),
    ) -> impl Future<Output = Result<Self::Answer, PortError>>;
}

/// The parts of a question whose answer has no parts: there is no value of this type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Never {}

/// A reply of a worker to a question of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<Q: Question> {
    /// A part; more follows.
    Part(Q::Part),
    /// The answer: nothing follows.
    Answer(Q::Answer),
    /// Why the question has no answer: nothing follows.
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
    /// The newest answer, where parts are drafts of the answer.
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

/// Why a question has no answer, in words for the learner to read, as which it dereferences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortError {
    /// The worker refuses the question, or no worker could be started.
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

/// Any error of a worker's, and any text, becomes a refusal in the error's words. `PortError` is no [`Error`] itself:
/// this implementation would otherwise overlap with `From<PortError> for PortError`.
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
