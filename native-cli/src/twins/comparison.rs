//! A twin compared with its neuron on the inputs of one simulation.

use std::path::Path;

use anyhow::Result;
use ballstick::data::Simulation;
use ballstick::data::npy::NpzWriter;
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::evaluate::Judged;
use ballstick::twin::judge_inputs::judge_inputs;
use ballstick::twin::train::TrainError;
use ballstick::twin::weights::Checkpoint;
use ndarray::{Array1, Array2};

use super::device::Job;
use super::model_file;
use super::sample_figures::Shown;
use crate::files::usage;
use crate::{memory, plot};

/// A simulation, and the twin that is to predict it.
pub struct Comparison<'a> {
    /// The twin's file.
    pub path: &'a Path,
    /// The checkpoint read from this file.
    pub checkpoint: &'a Checkpoint,
    /// The neuron's simulation.
    pub simulation: &'a Simulation,
}

impl Comparison<'_> {
    /// Checks that the twin is for `segments` segments, and that memory suffices for its outputs over `ms` ms.
    ///
    /// # Errors
    /// A usage error where the twin is for another number of segments, or the memory does not suffice.
    pub fn check(path: &Path, checkpoint: &Checkpoint, segments: usize, ms: usize) -> Result<()> {
        let wanted = checkpoint.header.config.ports().in_spatial_dim;
        if wanted != segments {
            let problem = format!("is for {wanted} segments; this neuron has {segments}");
            return Err(usage(path.display(), problem));
        }
        // inputs and outputs, each in two copies
        let values = (2 * segments + 4 + segments) as u128 * ms as u128;
        memory::require(2 * 4 * values, "the twin's answers")
    }
}

impl Job for Comparison<'_> {
    type Output = Result<Judged>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let twin = model_file::twin::<B::InnerBackend>(self.checkpoint, self.path, device)?;
        let header = &self.checkpoint.header;
        let segments = header.config.ports().in_spatial_dim;
        let inputs = &self.simulation.inputs;
        let weights = [inputs.exc.as_slice(), inputs.inh.as_slice()];
        let targets = &self.simulation.targets;
        let judged = judge_inputs(&twin, weights, targets, segments, &header.scaling, device);
        judged.await.map_err(|e| match e {
            TrainError::Data(e) => usage(self.path.display(), e),
            other => other.into(),
        })
    }
}

/// Draws the neuron's and the twin's traces over each other.
///
/// # Errors
/// A figure that cannot be written.
pub fn draw(
    figure: &Path,
    title: String,
    simulation: &Simulation,
    judged: &Judged,
    soma_cap_mv: f64,
) -> Result<()> {
    let inputs = &simulation.inputs;
    plot::save(figure, &Shown { title, inputs, judged, soma_cap_mv, zoom_ms: None }.full())
}

/// Adds the twin's outputs to an archive, in the units of the neuron's.
///
/// # Errors
/// A name that is used twice.
pub fn add(npz: &mut NpzWriter, judged: &Judged) -> Result<()> {
    let row = |values: &[f32]| Array1::from(values.to_vec());
    npz.add("twin_spikes", &row(&judged.spikes_predicted))?;
    npz.add("twin_soma", &row(&judged.soma_predicted))?;
    npz.add("twin_near_spike", &row(&judged.near_spike_predicted))?;
    npz.add("twin_inst_rate", &row(&judged.rate_predicted))?;
    let time = judged.spikes.len();
    let dend = judged.dend_predicted.clone();
    npz.add("twin_dend_v", &Array2::from_shape_vec((dend.len() / time, time), dend)?)?;
    Ok(())
}
