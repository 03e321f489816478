//! The parts that the lessons on judging and comparing twins share.

mod baselines;
mod choice;
mod duet;
mod local;
mod published;
mod recorded;
mod titles;

pub(super) use baselines::to_beat;
pub(super) use choice::{Chosen, Models, data_ref};
pub(super) use duet::{Both, Duet, Scene};
pub(super) use local::{put_in, text_of_file};
pub(super) use published::PUBLISHED;
pub(super) use recorded::{Neuron, interval, or_dash, recorded};
pub(super) use titles::{option, preparing, title};
