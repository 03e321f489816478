//! Asks for the newest: a question that is out of date does not hold up the next one.

use super::client::Port;
use super::message::QuestionId;
use super::question::{Question, Reply};
use std::cell::RefCell;
use std::rc::Rc;

/// Asks the newest question only. While an answer is on its way, a newer question waits (and replaces one that waited):
/// so a figure follows a slider that is dragged as fast as the worker computes, and shows at last where the slider
/// stopped. Of an answer in parts, only the first part, a draft, is waited for; the rest is cancelled by a newer
/// question.
pub struct Latest<Q: Question> {
    port: Port<Q::Service>,
    listener: Rc<dyn Fn(Reply<Q>)>,
    /// Whether a newer question cancels the one on its way, for questions that take long.
    abort: bool,
    state: Rc<RefCell<InFlight<Q>>>,
    /// What is called after the listener has had a reply.
    after: Rc<RefCell<Act>>,
}

/// A function to call, where there is one.
type Act = Option<Rc<dyn Fn()>>;

struct InFlight<Q> {
    id: Option<QuestionId>,
    next: Option<Q>,
    /// Whether a part of the answer has come.
    drafted: bool,
    /// The question that was asked last: asking it again changes nothing.
    last: Option<Q>,
}

impl<Q: Question> Clone for Latest<Q> {
    fn clone(&self) -> Self {
        let (port, listener) = (self.port.clone(), self.listener.clone());
        let (state, after) = (self.state.clone(), self.after.clone());
        Self { port, listener, abort: self.abort, state, after }
    }
}

impl<Q: Question> Latest<Q> {
    /// For answers within a fraction of a second: a newer question waits for the older one's.
    pub fn quick(port: &Port<Q::Service>, listener: impl Fn(Reply<Q>) + 'static) -> Self {
        Self::new(port, false, listener)
    }

    /// For answers that take long: a newer question cancels the older.
    pub fn long(port: &Port<Q::Service>, listener: impl Fn(Reply<Q>) + 'static) -> Self {
        Self::new(port, true, listener)
    }

    fn new(port: &Port<Q::Service>, abort: bool, listener: impl Fn(Reply<Q>) + 'static) -> Self {
        let state = InFlight { id: None, next: None, drafted: false, last: None };
        let (port, listener) = (port.clone(), Rc::new(listener));
        Self { port, listener, abort, state: Rc::new(RefCell::new(state)), after: Rc::default() }
    }

    /// Calls `act` each time that the listener has had a reply: an answer, a part of one, or a failure.
    pub(super) fn after_each_reply(&self, act: impl Fn() + 'static) {
        self.after.replace(Some(Rc::new(act)));
    }

    /// Whether a question is on its way.
    pub fn is_waiting(&self) -> bool {
        self.state.borrow().id.is_some()
    }

    /// Whether the question that was asked last has its whole answer, and no other was asked since.
    pub fn is_settled(&self) -> bool {
        let state = self.state.borrow();
        // a question that failed is forgotten
        state.id.is_none() && state.last.is_some()
    }

    /// Whether the question that was asked last has neither an answer nor a part of one yet.
    pub fn is_blank(&self) -> bool {
        let state = self.state.borrow();
        state.id.is_some() && (!state.drafted || state.next.is_some())
    }

    /// Asks this question in place of all that were asked before.
    pub fn ask(&self, question: Q) {
        if self.state.borrow().last.as_ref() == Some(&question) {
            return;
        }
        self.state.borrow_mut().last = Some(question.clone());
        self.send(question);
    }

    /// Drops whatever was asked: the listener gets no further reply.
    pub fn forget(&self) {
        let id = {
            let mut state = self.state.borrow_mut();
            (state.next, state.last) = (None, None);
            state.id.take()
        };
        id.inspect(|id| self.port.cancel(*id));
    }

    fn send(&self, question: Q) {
        let (busy, drafted) = (self.state.borrow().id, self.state.borrow().drafted);
        match busy {
            // a draft is enough of an answer that is out of date
            Some(id) if self.abort || drafted => self.port.cancel(id),
            Some(_) => {
                self.state.borrow_mut().next = Some(question);
                return;
            }
            None => {}
        }
        self.state.borrow_mut().drafted = false;
        let this = self.clone();
        let id = self.port.ask(question, move |reply| this.on_reply(reply));
        // where the worker could not be started, the question has failed already
        self.state.borrow_mut().id = self.port.is_open(id).then_some(id);
    }

    fn on_reply(&self, reply: Reply<Q>) {
        let next = {
            let mut state = self.state.borrow_mut();
            let next = state.next.take();
            match &reply {
                // a draft is enough of an answer that is out of date already
                Reply::Part(_) => {
                    state.drafted = true;
                    let old = next.is_some().then(|| state.id.take()).flatten();
                    drop(state);
                    old.inspect(|id| self.port.cancel(*id));
                }
                Reply::Answer(_) => state.id = None,
                Reply::Failed(_) => {
                    state.id = None;
                    if next.is_none() {
                        state.last = None;
                    }
                }
            }
            next
        };
        next.into_iter().for_each(|question| self.send(question));
        (self.listener)(reply);
        let after = self.after.borrow().clone();
        after.inspect(|act| act());
    }
}
