//! The data set out of the page and into it, as a zip; and away with it.

use super::making::new_id;
use super::{Busy, DataSet, stat};
use crate::text::count;
use crate::web::client::{Answer, Client};
use crate::web::data_set::{News, Store, Task};
use crate::web::dom;
use crate::web::plot::scale;
use crate::web::protocol::{Reply, Request};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Element, Event, File, HtmlAnchorElement, HtmlInputElement, Url};

/// The worker for it, and the link to the last zip.
pub(super) struct Transfer {
    client: Client,
    picker: HtmlInputElement,
    link: HtmlAnchorElement,
    address: RefCell<Option<String>>,
}

impl Transfer {
    pub(super) fn mount(root: &Element) -> Self {
        Self {
            client: Client::default(),
            picker: dom::must(root, "input[type=file]"),
            link: dom::must(root, "a[data-link=zip]"),
            address: RefCell::default(),
        }
    }
}

impl DataSet {
    /// Listens for a zip that is chosen.
    pub(super) fn listen_to_files(&self) {
        let this = self.this.clone();
        let picker = self.transfer.picker.clone();
        dom::on(&self.transfer.picker, "change", move |_: Event| {
            let file = picker.files().and_then(|files| files.get(0));
            // the same file can be chosen again
            if let (Some(lesson), Some(file)) = (this.upgrade(), file) {
                lesson.upload(file);
            }
            picker.set_value("");
        });
    }

    /// Packs what is kept and hands it to the learner.
    pub(super) fn download(self: &Rc<Self>) {
        let kept = self.state.borrow().kept.clone();
        let (Some(kept), false) = (kept, self.state.borrow().busy.is_some()) else { return };
        self.begin_transfer(Busy::Packing, "Packing …");
        let (this, name) = (Rc::downgrade(self), kept.name.clone());
        let task = Task::Pack { kept: Box::new(kept) };
        self.transfer.client.run(Request::Data(task), move |answer| {
            let Some(lesson) = this.upgrade() else { return };
            match answer {
                Answer::Done(Reply::News(News::Packed(blob))) => {
                    lesson.end_transfer(&format!("{name}.zip: {}.", super::size(blob.size())));
                    lesson.hand_out(&name, &blob);
                }
                Answer::Failed(message) => {
                    lesson.end_transfer("");
                    lesson.trouble(&message);
                }
                _ => {}
            }
        });
    }

    fn hand_out(&self, name: &str, blob: &Blob) {
        let Ok(address) = Url::create_object_url_with_blob(blob) else {
            return self
                .trouble("The browser could not hand out the zip: it may be out of memory.");
        };
        let link = &self.transfer.link;
        link.set_href(&address);
        link.set_download(&format!("{name}.zip"));
        dom::show(link, true);
        link.click();
        if let Some(before) = self.transfer.address.replace(Some(address)) {
            Url::revoke_object_url(&before).ok();
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
        let this = Rc::downgrade(self);
        let task = Task::Unpack { id: new_id(), file };
        self.transfer.client.run(Request::Data(task), move |answer| {
            let Some(lesson) = this.upgrade() else { return };
            match answer {
                Answer::Partial(Reply::News(News::Simulated(done, of))) => {
                    lesson.bar(Some(done / of.max(1.0)));
                    stat(
                        &lesson.root,
                        "progress",
                        &format!(
                            "{} of {} checked",
                            scale::fixed(done, 0),
                            count(of, "simulation")
                        ),
                    );
                }
                Answer::Done(Reply::News(News::Unpacked(named, left_out))) => {
                    lesson.end_transfer(
                        "The zip’s data set is kept in this browser now. What it replaced can be brought back.",
                    );
                    if left_out > 0 {
                        let more = left_out - named.len();
                        let more =
                            if more > 0 { format!("; and {more} more") } else { String::new() };
                        lesson
                            .trouble(&format!("Left out of the zip: {}{more}.", named.join("; ")));
                    }
                    lesson.read_kept();
                }
                Answer::Failed(message) => {
                    lesson.end_transfer("");
                    lesson.trouble(&message);
                    lesson.read_kept();
                }
                _ => {}
            }
        });
    }

    fn begin_transfer(&self, busy: Busy, words: &str) {
        self.trouble("");
        self.state.borrow_mut().busy = Some(busy);
        stat(&self.root, "progress", words);
        self.bar(Some(0.0));
        self.show();
    }

    fn end_transfer(&self, words: &str) {
        // its memory goes with it
        self.transfer.client.stop();
        stat(&self.root, "progress", words);
        self.bar(None);
        self.done();
    }

    /// Stops packing or unpacking: nothing of a zip that is half read is kept.
    pub(super) fn stop_transfer(self: &Rc<Self>) {
        if self.state.borrow().busy != Some(Busy::Unpacking) {
            return self.end_transfer("Stopped.");
        }
        self.transfer.client.stop();
        let this = self.clone();
        spawn_local(async move {
            let removed = async { Store::open().await?.forget_coming().await }.await;
            this.end_transfer(
                "Stopped. Nothing of the zip is kept; what was here before is unchanged.",
            );
            if let Err(error) = removed {
                this.trouble(&error.to_string());
            }
            this.read_kept();
        });
    }

    /// The last zip's link goes with its data set.
    pub(super) fn drop_link(&self) {
        dom::show(&self.transfer.link, false);
    }
}
