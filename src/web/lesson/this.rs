//! The handle that a lesson, or a part of one, keeps of itself: by it the lesson asks, listens and waits. What comes is
//! handed to the lesson as long as the lesson exists.

use super::{on_action, problem};
use crate::web::dom;
use crate::web::names::Action;
#[cfg(feature = "data-lessons")]
use crate::web::port::QuestionId;
use crate::web::port::{Latest, Port, Question, Reply};
use std::rc::{Rc, Weak};
#[cfg(feature = "data-lessons")]
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
#[cfg(feature = "data-lessons")]
use web_sys::EventTarget;
use web_sys::{Element, File, HtmlInputElement};

/// A weak handle, which does not keep alive what it is of.
pub(super) struct This<T>(Weak<T>);

impl<T> Clone for This<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A button, and what it does with a lesson.
pub(super) type Act<T> = (Action, fn(&Rc<T>));

impl<T: 'static> This<T> {
    /// Makes a lesson, or a part of one, from a function that gets its handle.
    pub(super) fn make(build: impl FnOnce(&Self) -> T) -> Rc<T> {
        Rc::new_cyclic(|this| build(&Self(this.clone())))
    }

    /// The handle of a lesson, or of a part of one.
    #[cfg(feature = "data-lessons")]
    pub(super) fn of(of: &Rc<T>) -> Self {
        Self(Rc::downgrade(of))
    }

    /// What the handle is of; `None` once that is gone.
    pub(super) fn get(&self) -> Option<Rc<T>> {
        self.0.upgrade()
    }

    /// A function that calls `act` with the lesson and a value, as long as the lesson exists.
    pub(super) fn hear<A>(&self, act: impl Fn(&Rc<T>, A) + 'static) -> impl Fn(A) + 'static {
        let this = self.clone();
        move |value| {
            this.get().inspect(|this| act(this, value));
        }
    }

    /// Asks a worker a question; `listener` gets every reply.
    #[cfg(feature = "data-lessons")]
    pub(super) fn ask<Q: Question>(
        &self,
        question: Q,
        port: &Port<Q::Service>,
        listener: impl Fn(&Rc<T>, Reply<Q>) + 'static,
    ) -> QuestionId {
        port.ask(question, self.hear(listener))
    }

    /// Asks for the newest only, of answers that take a fraction of a second.
    pub(super) fn quick<Q: Question>(
        &self,
        port: &Port<Q::Service>,
        listener: impl Fn(&Rc<T>, Reply<Q>) + 'static,
    ) -> Latest<Q> {
        Latest::quick(port, self.hear(listener))
    }

    /// As [`quick`](Self::quick), where parts are drafts of the answer: `show` gets the newest draft or answer; an
    /// error is shown in the problem line of `root`.
    pub(super) fn newest<A, Q: Question<Part = A, Answer = A>>(
        &self,
        port: &Port<Q::Service>,
        root: &Element,
        show: impl Fn(&Rc<T>, A) + 'static,
    ) -> Latest<Q> {
        Latest::quick(port, self.hear(or_problem(root, show)))
    }

    /// As [`newest`](Self::newest), for answers that take long: a newer question cancels the older one.
    pub(super) fn newest_long<A, Q: Question<Part = A, Answer = A>>(
        &self,
        port: &Port<Q::Service>,
        root: &Element,
        show: impl Fn(&Rc<T>, A) + 'static,
    ) -> Latest<Q> {
        Latest::long(port, self.hear(or_problem(root, show)))
    }

    /// Waits for some work, then calls `then` with the lesson and the work's result.
    pub(super) fn after<F: Future + 'static>(
        &self,
        work: F,
        then: impl FnOnce(&Rc<T>, F::Output) + 'static,
    ) {
        let this = self.clone();
        spawn_local(async move {
            let done = work.await;
            this.get().inspect(|this| then(this, done));
        });
    }

    /// Listens to events of an element.
    #[cfg(feature = "data-lessons")]
    pub(super) fn on<E: JsCast + 'static>(
        &self,
        target: &EventTarget,
        event: &str,
        listener: impl Fn(&Rc<T>, E) + 'static,
    ) {
        dom::on(target, event, self.hear(listener));
    }

    /// Calls `take` with the files that the learner has chosen, each time that any are chosen.
    pub(super) fn on_files(
        &self,
        picker: &HtmlInputElement,
        take: impl Fn(&Rc<T>, Vec<File>) + 'static,
    ) {
        dom::on_files(picker, self.hear(take));
    }

    /// Lets buttons below `root` call their functions with the lesson.
    pub(super) fn on_actions<const N: usize>(&self, root: &Element, acts: [Act<T>; N]) {
        for (name, act) in acts {
            let this = self.clone();
            on_action(root, name, move || {
                this.get().inspect(act);
            });
        }
    }
}

/// Shows the newest draft or answer, or an error in the problem line of `root`.
fn or_problem<T, A, Q: Question<Part = A, Answer = A>>(
    root: &Element,
    show: impl Fn(&Rc<T>, A) + 'static,
) -> impl Fn(&Rc<T>, Reply<Q>) + 'static {
    let root = root.clone();
    move |this, reply| match reply.newest() {
        Ok(answer) => {
            problem(&root, "");
            show(this, answer);
        }
        Err(error) => problem(&root, &error),
    }
}
