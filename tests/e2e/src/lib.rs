//! Drives the built page in headless Chromium.
//!
//! [`Site`] serves `dist/` under a sub-path and is the browser's proxy besides, so that it sees
//! every request that the browser makes, to whichever host. [`Page`] is a browser of its own.

mod busy;
mod cli;
mod page;
mod site;
mod trace;

pub use busy::{Busy, stays_free};
pub use cli::CommandLine;
pub use page::{NO_STORAGE, NO_WEBGPU, Page, SOFTWARE_WEBGPU, Shape, TRACED, fits_a_phone};
pub use site::Site;

/// What a test ends with.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
