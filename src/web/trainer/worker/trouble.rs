//! What the graphics device could not do. WebGPU reports such errors apart from the calls that made them, and goes on
//! without what those calls were to make: numbers that are read afterwards mean nothing.

use std::cell::{Cell, RefCell};
use std::fmt::{Debug, Display};
use std::rc::Rc;

use super::failure::Failure;
use crate::web::trainer::protocol::OUT_OF_MEMORY;

type Tell = Rc<dyn Fn(&str)>;

thread_local! {
    static FIRST: RefCell<Option<String>> = const { RefCell::new(None) };
    static TELL: RefCell<Option<Tell>> = const { RefCell::new(None) };
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Has the first error told to whoever can replace this worker.
pub(super) fn tell_with(tell: impl Fn(&str) + 'static) {
    TELL.set(Some(Rc::new(tell)));
}

/// Notes an error that the device reports; only the first one counts, since others follow from it.
pub(super) fn note<E: Debug + Display>(error: E) {
    // the kinds of errors can be told apart only by their names here
    let text = match format!("{error:?}").starts_with("OutOfMemory") {
        true => OUT_OF_MEMORY.to_owned(),
        false => {
            let error = error.to_string();
            let first = error.lines().next().unwrap_or_default().trim_end_matches('.');
            format!("The graphics device refused what the twin needs: {first}.")
        }
    };
    FIRST.with_borrow_mut(|first| {
        first.get_or_insert(text);
    });
    let tell = TELL.with_borrow(Clone::clone);
    if let (Some(tell), Some(text), false) = (tell, found(), TOLD.replace(true)) {
        tell(&text);
    }
}

/// What the device could not do, in words; `None` where nothing failed.
pub(super) fn found() -> Option<String> {
    FIRST.with_borrow(Clone::clone)
}

/// # Errors
/// A failure where the device could not do all that it was asked.
pub(super) fn check() -> Result<(), Failure> {
    found().map_or(Ok(()), |text| Err(Failure::Device(text)))
}
