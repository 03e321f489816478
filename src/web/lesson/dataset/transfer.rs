//! Downloads the data set as a zip, and uploads one.

use super::making::new_id;
use super::{Busy, DataSet};
use crate::text::{bytes, count};
use crate::web::data_set::{LeftOut, Pack, Store, Unpack, Zip};
use crate::web::dom;
use crate::web::lesson::{place, write};
use crate::web::plot::scale;
use crate::web::port::Reply;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

impl DataSet {
    /// Listens for a zip that the learner chooses.
    pub(super) fn listen_to_files(&self) {
        let picker = dom::must(&self.root, "input[type=file]");
        self.this.on_files(&picker, |lesson, mut files| lesson.upload(files.remove(0)));
    }

    /// Packs the stored data set and hands the zip to the learner.
    pub(super) fn download(self: &Rc<Self>) {
        let stored = self.state.borrow().stored.clone();
        let (Some(stored), false) = (stored, self.state.borrow().busy.is_some()) else { return };
        self.begin_transfer(Busy::Packing, "Packing …");
        let name = stored.name.clone();
        self.this.ask(Pack(stored), &self.transfer, move |lesson, reply| match reply {
            Reply::Answer(Zip(blob)) => {
                lesson.end_transfer(&format!("{name}.zip: {}.", bytes(blob.size())));
                lesson.hand_out(&name, &blob);
            }
            Reply::Failed(error) => {
                lesson.end_transfer("");
                lesson.trouble(&error);
            }
        });
    }

    fn hand_out(&self, name: &str, blob: &Blob) {
        if !dom::hand_out(&place(&self.root, link!("zip")), &format!("{name}.zip"), blob) {
            self.trouble("The browser could not hand out the zip: it may be out of memory.");
        }
    }

    fn upload(self: &Rc<Self>, file: File) {
        self.change(Busy::Unpacking, async move |lesson: Rc<Self>| {
            lesson.unpack(file);
            Ok(())
        });
    }

    fn unpack(self: &Rc<Self>, file: File) {
        self.begin_transfer(Busy::Unpacking, &format!("Reading {} …", file.name()));
        let question = Unpack { id: new_id(), file };
        self.this.ask(question, &self.transfer, |lesson, reply| match reply {
            Reply::Part((done, of)) => {
                lesson.bar(Some(done / of.max(1.0)));
                let done = scale::fixed(done, 0);
                let text = format!("{done} of {} checked", count(of, "simulation"));
                write(&lesson.root, stat!("progress"), &text);
            }
            Reply::Answer(LeftOut { names, count: left_out }) => {
                lesson.end_transfer(
                    "The zip’s data set is kept in this browser now. What it replaced can be brought back.",
                );
                if left_out > 0 {
                    let more = match left_out - names.len() {
                        0 => String::new(),
                        more => format!("; and {more} more"),
                    };
                    let names = names.join("; ");
                    lesson.trouble(&format!("Left out of the zip: {names}{more}."));
                }
                lesson.read_stored();
            }
            Reply::Failed(error) => {
                lesson.end_transfer("");
                lesson.trouble(&error);
                lesson.read_stored();
            }
        });
    }

    fn begin_transfer(&self, busy: Busy, text: &str) {
        self.trouble("");
        self.state.borrow_mut().busy = Some(busy);
        write(&self.root, stat!("progress"), text);
        self.bar(Some(0.0));
        self.show();
    }

    fn end_transfer(&self, text: &str) {
        // the worker's memory goes with the worker
        self.transfer.stop();
        write(&self.root, stat!("progress"), text);
        self.bar(None);
        self.done();
    }

    /// Stops packing or unpacking: nothing of a zip that is half read stays stored.
    pub(super) fn stop_transfer(self: &Rc<Self>) {
        if self.state.borrow().busy != Some(Busy::Unpacking) {
            return self.end_transfer("Stopped.");
        }
        self.transfer.stop();
        let this = self.clone();
        spawn_local(async move {
            let removed = async { Store::open().await?.forget_coming().await }.await;
            this.end_transfer(
                "Stopped. Nothing of the zip is kept; what was here before is unchanged.",
            );
            if let Err(error) = removed {
                this.trouble(&error.to_string());
            }
            this.read_stored();
        });
    }

    /// Hides the link to the last zip, which goes with its data set.
    pub(super) fn drop_link(&self) {
        dom::show(&place(&self.root, link!("zip")), false);
    }
}
