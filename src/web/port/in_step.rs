//! Questions whose answers are shown together.

use super::{Latest, Question};
use std::cell::RefCell;

/// Asks several at once, and all anew only when each has answered, if only by a draft: each by itself would keep to the
/// newest question, and while a slider is dragged no two of them would ever answer the same one.
pub struct InStep<Q: Question, const N: usize> {
    asks: [Latest<Q>; N],
    /// What is asked next.
    next: RefCell<Option<[Q; N]>>,
}

impl<Q: Question, const N: usize> InStep<Q, N> {
    /// The listener of each calls [`go_on`](Self::go_on) after it has shown what it heard.
    pub fn new(asks: [Latest<Q>; N]) -> Self {
        Self { asks, next: RefCell::default() }
    }

    /// Asks for these in place of all asked for before, as soon as what is on its way has come.
    pub fn ask(&self, questions: [Q; N]) {
        self.next.replace(Some(questions));
        self.go_on();
    }

    /// Whether all have answered the same questions.
    pub fn is_whole(&self) -> bool {
        !self.asks.iter().any(Latest::is_blank)
    }

    /// Asks what waits, where all have answered.
    pub fn go_on(&self) {
        if !self.is_whole() {
            return;
        }
        let next = self.next.take();
        for (ask, question) in self.asks.iter().zip(next.into_iter().flatten()) {
            ask.ask(question);
        }
    }
}
