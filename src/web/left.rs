//! What a page gives back when it is left. The browser may keep the page as it is, frozen, to come back to; what it holds
//! and others wait for, locks and workers that hold some, has to be given back before that.

use super::dom;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::Event;

type Run = Rc<dyn Fn()>;

/// Functions that are to run, by number.
#[derive(Default)]
struct Registered {
    last: u64,
    runs: BTreeMap<u64, Run>,
    /// Whether the page's one listener is there.
    listens: bool,
}

thread_local! {
    static REGISTERED: RefCell<Registered> = RefCell::default();
}

/// Something that runs when the page is left; no more once this is dropped.
#[derive(Debug)]
#[must_use = "what is dropped does not run"]
pub(super) struct WhenLeft(u64);

impl Drop for WhenLeft {
    fn drop(&mut self) {
        // a thread that ends has nothing registered any more
        REGISTERED.try_with(|all| all.borrow_mut().runs.remove(&self.0)).ok();
    }
}

/// Runs when the page is left. In a worker nothing has to: a worker ends with its page, which gives back what it has.
pub(super) fn when_left(run: impl Fn() + 'static) -> WhenLeft {
    let (id, listens) = REGISTERED.with_borrow_mut(|all| {
        all.last += 1;
        all.runs.insert(all.last, Rc::new(run));
        (all.last, std::mem::replace(&mut all.listens, true))
    });
    if !listens {
        listen();
    }
    WhenLeft(id)
}

#[cfg(target_arch = "wasm32")]
fn listen() {
    if let Some(window) = web_sys::window() {
        dom::on(&window, "pagehide", |_: Event| leave());
    }
}

/// There is no page.
#[cfg(not(target_arch = "wasm32"))]
fn listen() {}

#[cfg(any(target_arch = "wasm32", test))]
fn leave() {
    // what runs may register or drop something
    let runs: Vec<Run> = REGISTERED.with_borrow(|all| all.runs.values().cloned().collect());
    runs.iter().for_each(|run| run());
}

/// A page that comes back after it was left starts anew: its workers are gone.
pub(super) fn start_anew_when_back() {
    dom::on(&dom::window(), "pageshow", |event: Event| {
        let persisted = js_sys::Reflect::get(&event, &"persisted".into());
        if persisted.is_ok_and(|persisted| persisted.is_truthy()) {
            dom::window().location().reload().ok();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_is_held_is_given_back_and_what_was_dropped_is_not() {
        let given: Rc<Cell<[u32; 3]>> = Rc::default();
        let holds = |at: usize| {
            let given = given.clone();
            when_left(move || {
                let mut counts = given.get();
                counts[at] += 1;
                given.set(counts);
            })
        };
        let (first, second) = (holds(0), holds(1));
        drop(first);
        let third = holds(2);
        leave();
        assert_eq!(given.get(), [0, 1, 1]);
        // a page that comes back and is left again
        drop(second);
        leave();
        assert_eq!(given.get(), [0, 1, 2]);
        drop(third);
        assert!(REGISTERED.with_borrow(|all| all.runs.is_empty()), "nothing stays behind");
    }
}
