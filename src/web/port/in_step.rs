//! Questions whose answers are shown together.

use super::latest::Latest;
use super::question::Question;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks several questions at once, and new ones only when each has had its answer, a draft or a failure. Several
/// [`Latest`] by themselves would each keep to their newest question, and while a slider is dragged no two of them
/// would ever answer the same one.
pub struct InStep<Q: Question, const N: usize>(Rc<Asks<Q, N>>);

struct Asks<Q: Question, const N: usize> {
    asks: [Latest<Q>; N],
    /// The questions that are asked next; `None` where none wait.
    next: RefCell<Option<[Q; N]>>,
}

impl<Q: Question, const N: usize> InStep<Q, N> {
    /// Asks by these; the listener of each draws only once [all have answered](Self::is_whole).
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

    /// Asks these questions in place of all that were asked before, as soon as every question on its way is answered.
    pub fn ask(&self, questions: [Q; N]) {
        self.0.next.replace(Some(questions));
        self.0.go_on();
    }

    /// Whether all have answered the questions that were asked last.
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }

    /// Whether nothing is on its way or waits: all that has been answered is the answer to the questions asked last.
    pub fn is_settled(&self) -> bool {
        self.0.next.borrow().is_none() && self.0.asks.iter().all(Latest::is_settled)
    }
}

impl<Q: Question, const N: usize> Asks<Q, N> {
    fn is_whole(&self) -> bool {
        !self.asks.iter().any(Latest::is_blank)
    }

    /// Asks the questions that wait, where all before them are answered.
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
