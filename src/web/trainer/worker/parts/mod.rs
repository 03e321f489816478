//! A batch's gradient by several workers, each with a part of the windows.
//!
//! Browsers share no memory between the threads of a page that is served without special headers, so parts and
//! gradients are sent. The trainer's worker leads: it has data, optimizer and checkpoints, sends every helper the
//! twin's values with its part, computes a part itself, and adds the gradients in the order of the parts. How many
//! parts there are belongs to the run; how many workers compute them changes nothing but the time.

mod heat;
pub mod helper;
mod message;
pub mod pool;
mod remote;

pub use pool::Pool;
