//! Changes of what is kept, one at a time: in this tab, and among all tabs.

use super::{Busy, DataSet, write};
use crate::web::{dom, lock};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Event;

/// What the tab says that finds the data set's lock taken.
const TAKEN: &str = "Another tab of this page is changing the data set at the moment, so nothing was done here. Wait until that tab is done, or stop it there; then try again.";

impl DataSet {
    /// What another tab did meanwhile shows when this one is looked at again.
    pub(super) fn look_again_when_shown(&self) {
        self.this.on(&dom::window(), "focus", |lesson, _: Event| {
            if lesson.state.borrow().busy.is_none() {
                lesson.read_stored();
            }
        });
    }

    /// Runs what changes the data set, while no other tab does; where one does, that is said. Whoever is `busy`
    /// afterwards calls [`done`](Self::done).
    pub(super) fn change<F: Future<Output = Result<(), String>> + 'static>(
        self: &Rc<Self>,
        busy: Busy,
        change: impl FnOnce(Rc<Self>) -> F + 'static,
    ) {
        if self.state.borrow().busy.is_some() {
            return;
        }
        self.trouble("");
        self.state.borrow_mut().busy = Some(busy);
        self.show();
        let this = self.clone();
        spawn_local(async move {
            let changed = match lock::take(lock::DATA_SET).await {
                Some(lock) => {
                    this.lock.replace(Some(lock));
                    change(this.clone()).await
                }
                None => Err(TAKEN.to_owned()),
            };
            if let Err(message) = changed {
                this.done();
                write(&this.root, stat!("progress"), "");
                this.bar(None);
                this.trouble(&message);
                this.read_stored();
            }
        });
    }

    /// Nothing goes on any more.
    pub(super) fn done(&self) {
        self.lock.take();
        self.state.borrow_mut().busy = None;
        self.show();
    }
}
