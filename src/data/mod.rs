//! Inputs, targets and data sets.

pub mod announced;
pub mod cache;
pub mod config;
pub mod generate;
pub mod half;
pub mod input;
pub mod known;
pub mod layout;
pub mod manifest;
pub mod many;
pub mod member;
pub mod mixing;
pub mod model;
pub mod neuron_file;
pub mod neuron_io;
pub mod npy;
pub mod path;
pub mod perturb;
pub mod pickle;
pub mod prune;
pub mod sample;
pub mod simulation;
pub mod stats;
pub mod stream;
pub mod target;
pub mod zip;

pub use cache::SampleCache;
pub use config::GeneratorConfig;
pub use layout::{Part, Split};
pub use manifest::Manifest;
pub use many::simulate_many;
pub use model::Model;
pub use sample::{Sample, Source, SourceError};
pub use simulation::Simulation;
pub use target::{TargetBuilder, Targets};
