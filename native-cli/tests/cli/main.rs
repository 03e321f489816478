//! The command line's tests in one program, so that the crate and its dependencies are linked only once.

#![allow(clippy::unwrap_used)] // tests may use unwrap

mod checkpoints;
mod common;
mod dataset;
#[path = "../../../tests/support/difference.rs"]
mod difference;
mod endings;
mod exchange;
mod figures;
mod files;
mod grid;
mod inspect;
mod judging;
#[allow(dead_code)] // the lessons' own tests use more of it
#[path = "../../../tests/support/markup.rs"]
mod markup;
mod models;
mod neuron_file;
mod notebooks;
mod options;
mod places;
mod resume;
#[allow(dead_code)] // as above
#[path = "../../../tests/support/said.rs"]
mod said;
mod simulate;
mod taylor;
mod training;

// `said`, which the lessons' own tests take too, names it by its parent
use ballstick::text::fixed;
