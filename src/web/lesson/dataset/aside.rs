//! What was deleted or replaced: it stays aside until it is brought back, deleted for good, or
//! something else is put there.

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

    /// Brings back what was put aside; what is kept goes there.
    pub(super) fn bring_back(self: &Rc<Self>) {
        self.move_sets("Brought back.", async |store| store.bring_back().await);
    }

    /// Forgets what was put aside.
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

    /// Says what is aside, and offers what can be done with it.
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
