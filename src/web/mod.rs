//! The page: lessons, plots and the simulation worker, all from one wasm.
//!
//! The same module starts in the page and in its workers: [`start`] finds out in which. The page never simulates; it
//! asks a worker through a [`port::Port`] and draws the answer. What a learner set is in the address ([`state`]), so
//! that a link reproduces the page, and is kept with the answers (`keep`), so that a lesson opens as it was left.
//!
//! ```text
//! lesson ──▶ port ──▶ worker ──▶ sim, data
//!    │
//!    └─────▶ plot, state, dom
//! ```

#[macro_use]
mod names;

mod again;
mod boxes;
mod contents;
mod controls;
mod copy;
#[cfg(feature = "data-lessons")]
pub mod data_set;
mod dom;
pub mod embed;
mod keep;
mod layout;
mod left;
pub mod lesson;
#[cfg(feature = "data-lessons")]
pub mod lock;
mod own;
mod page;
pub mod plot;
pub mod port;
mod present;
pub mod protocol;
mod settings;
pub mod state;
#[cfg(feature = "twin-lessons")]
pub mod trainer;
pub mod worker;

use wasm_bindgen::prelude::*;

/// Starts the page in a window, and in a worker the loop that answers questions.
#[wasm_bindgen(start)]
pub fn start() {
    #[cfg(feature = "trainer")]
    if let Some(scope) = worker::scope() {
        return match scope.name() == trainer::worker::parts::helper::NAME {
            true => trainer::worker::parts::helper::start(),
            false => trainer::worker::start(),
        };
    }
    console_error_panic_hook::set_once();
    if worker::scope().is_some() {
        worker::start();
    } else if dom::is_page() {
        page::start();
    }
}
