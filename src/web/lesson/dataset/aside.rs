//! The data set that was deleted or replaced: it stays aside until it is brought back, deleted for good, or another one
//! takes its place.

use super::{Busy, DataSet, State, readable};
use crate::text;
use crate::web::data_set::{SetStoreError, Store};
use crate::web::lesson::{show, write};
use std::rc::Rc;

impl DataSet {
    /// Puts the data set aside.
    pub(super) fn delete(self: &Rc<Self>) {
        self.move_sets("Deleted.", async |store| store.put_aside().await);
    }

    /// Brings back the data set that was put aside; the one that is kept takes its place there.
    pub(super) fn bring_back(self: &Rc<Self>) {
        self.move_sets("Brought back.", async |store| store.bring_back().await);
    }

    /// Deletes for good the data set that was put aside.
    pub(super) fn forget_aside(self: &Rc<Self>) {
        self.move_sets("Deleted for good.", async |store| store.forget_aside().await);
    }

    fn move_sets(
        self: &Rc<Self>,
        text: &'static str,
        change: impl AsyncFnOnce(&Store) -> Result<(), SetStoreError> + 'static,
    ) {
        self.change(Busy::Moving, async move |lesson: Rc<Self>| {
            let changed = async { change(&Store::open().await?).await };
            changed.await.map_err(|error: SetStoreError| error.to_string())?;
            lesson.drop_link();
            lesson.done();
            write(&lesson.root, stat!("progress"), text);
            lesson.read_stored();
            Ok(())
        });
    }

    /// Says which data set is aside, and shows the buttons for it.
    pub(super) fn show_aside(&self, state: &State) {
        let shown = state.busy.is_none() && state.aside.is_some();
        show(&self.root, action!("back"), shown);
        show(&self.root, action!("forget"), shown);
        let text = match &state.aside {
            Some((stored, count)) => format!(
                "Put aside: {} of {}, deleted or replaced here. They take up storage until you delete them for good.",
                text::count(*count, "simulation"),
                readable(&stored.name)
            ),
            None => String::new(),
        };
        write(&self.root, stat!("aside"), &text);
    }
}
