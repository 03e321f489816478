//! The data set that the page keeps: made in workers, stored by the browser, downloaded and uploaded as a zip of files
//! in the original's formats.
//!
//! ```text
//! lesson ──▶ protocol ──▶ make ──▶ store      a batch of simulations, each stored as soon as it is simulated
//!                     ├──▶ look ◀── store      one of them
//!                     ├──▶ pack ◀── store      all of them, as a zip
//!                     └──▶ unpack ──▶ store    the other way round
//! ```
//!
//! One tab at a time changes the data set (`web::lock`). A data set that is deleted or replaced is put aside until
//! another one is put aside.

pub mod answer;
pub mod deflate;
pub(in crate::web) mod idb;
pub(in crate::web) mod look;
pub(in crate::web) mod make;
mod pack;
pub mod record;
pub mod store;
pub(in crate::web) mod unpack;

pub use super::protocol::{DataTask, Look, Make, Pack, Unpack};
pub use answer::{LeftOut, MakeEvent, Shown, Zip};
pub use record::{Key, Packed, Record, StoredSet, checksums};
pub use store::{SetStoreError, Store, Usage};
