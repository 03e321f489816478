//! Questions whose answers are shown together.

use super::latest::Latest;
use super::question::Question;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks several at once, and all anew only when each has answered, if only by a draft, or has failed: each by itself would
/// keep to the newest question, and while a slider is dragged no two of them would ever answer the same one.
pub struct InStep<Q: Question, const N: usize>(Rc<Asks<Q, N>>);

struct Asks<Q: Question, const N: usize> {
    asks: [Latest<Q>; N],
    /// The questions that are asked next.
    next: RefCell<Option<[Q; N]>>,
}

impl<Q: Question, const N: usize> InStep<Q, N> {
    /// The listener of each draws only where [all have answered](Self::is_whole).
    pub fn new(asks: [Latest<Q>; N]) -> Self {
        let all = Rc::new(Asks { asks, next: RefCell::default() });
        for ask in &all.asks {
            let all = Rc::downgrade(&all);
            ask.after_each_reply(move || {
                all.upgrade().inspect(|all| all.go_on());
            });
        }
        Self(all)
    }

    /// Asks for these in place of all asked for before, as soon as what is on its way has come.
    pub fn ask(&self, questions: [Q; N]) {
        self.0.next.replace(Some(questions));
        self.0.go_on();
    }

    /// Whether all have answered the same questions.
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }
}

impl<Q: Question, const N: usize> Asks<Q, N> {
    fn is_whole(&self) -> bool {
        !self.asks.iter().any(Latest::is_blank)
    }

    /// Asks what waits, where all have answered.
    fn go_on(&self) {
        if !self.is_whole() {
            return;
        }
        let next = self.next.take();
        for (ask, question) in self.asks.iter().zip(next.into_iter().flatten()) {
            ask.ask(question);
        }
    }
}
