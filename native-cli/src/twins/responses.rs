//! A twin's responses to perturbations, over a split and its partners.

use std::path::Path;

use anyhow::Result;
use ballstick::data::Source;
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::evaluate::{Judged, judge};
use ballstick::twin::response::{ResponseAccuracy, Responses};
use ballstick::twin::weights::Checkpoint;

use super::device::Job;
use super::{data, model_file};
use crate::files::usage;
use crate::store::SplitSource;

/// Simulations with their partners, and the twin whose responses are compared.
pub struct Pairs<'a> {
    /// The twin.
    pub checkpoint: &'a Checkpoint,
    /// The twin's file.
    pub model: &'a Path,
    /// The simulations.
    pub split: &'a SplitSource,
    /// The predictions of each simulation.
    pub judged: &'a [Judged],
    /// The sets of partners: each holds the same simulations, perturbed.
    pub partners: Vec<SplitSource>,
}

impl Job for Pairs<'_> {
    type Output = Result<ResponseAccuracy>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let twin = model_file::twin::<B::InnerBackend>(self.checkpoint, self.model, device)?;
        let segments = self.checkpoint.header.config.ports().in_spatial_dim;
        let scaling = self.checkpoint.header.scaling;
        let load =
            |source: &SplitSource, index| source.load(index).map_err(|e| usage(e.what, e.problem));
        let mut responses = Responses::default();
        for (index, judged) in self.judged.iter().enumerate() {
            let sample = load(self.split, index)?;
            for partner in &self.partners {
                let other = load(partner, index)?;
                let perturbed = sample.perturbed_ms(&other, index);
                let perturbed = perturbed.map_err(|e| usage(e.what, e.problem))?;
                let other = judge(&twin, &other, index, segments, &scaling, device);
                responses.add(judged, &other.await.map_err(data::refused)?, &perturbed);
            }
        }
        Ok(responses.accuracy())
    }
}
