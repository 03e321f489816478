//! The data set that the page keeps: made in workers, kept in the browser, taken out and brought
//! in as the seed's files in a zip.
//!
//! ```text
//! lesson ──▶ protocol ──▶ make ──▶ store      a batch of simulations, each stored as soon as it is simulated
//!                     ├──▶ look ◀── store      one of them
//!                     ├──▶ pack ◀── store      all of them, as a zip
//!                     └──▶ unpack ──▶ store    the other way round
//! ```
//!
//! One tab at a time changes it (`web::lock`). What is deleted or replaced is put aside until something else is.

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
