//! What a page gives back when it is left. The browser may keep a page that was left frozen in its back/forward cache;
//! before that, the page has to give back its locks, and the workers that hold locks, because other tabs wait for them.

use super::dom;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::Event;

type Run = Rc<dyn Fn()>;

/// The functions that run when the page is left, by number.
#[derive(Default)]
struct Registered {
    last: u64,
    runs: BTreeMap<u64, Run>,
    /// Whether the page's one `pagehide` listener is registered.
    listens: bool,
}

thread_local! {
    static REGISTERED: RefCell<Registered> = RefCell::default();
}

/// The registration of a function that runs when the page is left; the registration ends when this is dropped.
#[derive(Debug)]
#[must_use = "what is dropped does not run"]
pub(super) struct WhenLeft(u64);

impl Drop for WhenLeft {
    fn drop(&mut self) {
        // at a thread's end its registrations may be gone already
        REGISTERED.try_with(|all| all.borrow_mut().runs.remove(&self.0)).ok();
    }
}

/// Registers a function that runs when the page is left. A worker never runs it: a worker ends with its page, and the
/// locks that it holds with it.
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

/// Outside the browser there is no page to leave.
#[cfg(not(target_arch = "wasm32"))]
fn listen() {}

#[cfg(any(target_arch = "wasm32", test))]
fn leave() {
    // a function that runs may register others or drop registrations
    let runs: Vec<Run> = REGISTERED.with_borrow(|all| all.runs.values().cloned().collect());
    runs.iter().for_each(|run| run());
}

/// Reloads a page that comes back from the browser's back/forward cache: its workers were ended when it was left.
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
        // a page that comes back and is left a second time
        drop(second);
        leave();
        assert_eq!(given.get(), [0, 1, 2]);
        drop(third);
        assert!(REGISTERED.with_borrow(|all| all.runs.is_empty()), "nothing stays behind");
    }
}
