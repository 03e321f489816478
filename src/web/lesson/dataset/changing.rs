//! Changes of the stored data set, one at a time: in this tab, and among all tabs.

use super::{Busy, DataSet, write};
use crate::web::{dom, lock};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Event;

/// What a tab says that finds the data set's lock taken.
const TAKEN: &str = "Another tab of this page is changing the data set at the moment, so nothing was done here. Wait until that tab is done, or stop it there; then try again.";

impl DataSet {
    /// Reads the data set anew whenever the window gets the focus: another tab may have changed it.
    pub(super) fn look_again_when_shown(&self) {
        self.this.on(&dom::window(), "focus", |lesson, _: Event| {
            if lesson.state.borrow().busy.is_none() {
                lesson.read_stored();
            }
        });
    }

    /// Runs `change` under the data set's lock, which is held until [`done`](Self::done) is called; a change that
    /// succeeds sees to that call. Where another tab holds the lock, or the change fails, the lesson says so.
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

    /// Ends the change of the data set: releases its lock.
    pub(super) fn done(&self) {
        self.lock.take();
        self.state.borrow_mut().busy = None;
        self.show();
    }
}
