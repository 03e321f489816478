//! A twin's training data: simulations by number, wherever they are kept.

use std::ops::Range;

use ::half::f16;
use ndarray::Array3;

use super::target::Targets;

/// One simulation of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Synaptic weights, (S, T, 2): excitation, inhibition.
    pub inputs: Array3<f16>,
    /// The five targets.
    pub targets: Targets,
}

/// The error of a simulation that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}: {problem}")]
pub struct SourceError {
    /// The file or simulation at fault.
    pub what: String,
    /// The fault in words.
    pub problem: String,
}

/// A source of simulations by number: a folder of files, an archive, or memory.
pub trait Source: Send + Sync {
    /// The number of simulations.
    fn len(&self) -> usize;

    /// Whether the source has no simulation.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads a simulation by its number.
    ///
    /// # Errors
    /// [`SourceError`] where the simulation is missing or damaged.
    fn load(&self, index: usize) -> Result<Sample, SourceError>;
}

impl Source for Vec<Sample> {
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn load(&self, index: usize) -> Result<Sample, SourceError> {
        self.get(index).cloned().ok_or_else(|| SourceError {
            what: format!("simulation {index}"),
            problem: format!("there are only {}", self.as_slice().len()),
        })
    }
}

impl Sample {
    /// Number of segments, S.
    pub fn segments(&self) -> usize {
        self.inputs.shape()[0]
    }

    /// Duration in ms, T.
    pub fn duration_ms(&self) -> usize {
        self.inputs.shape()[1]
    }

    /// Bytes in memory: inputs and branch voltages are in half precision, all else takes 10 bytes a ms.
    pub fn bytes(&self) -> usize {
        self.duration_ms() * (6 * self.segments() + 10)
    }

    /// The shortest range of bins, ms, that holds every bin in which its partner's inputs differ; `index` is the
    /// simulation's number, for messages.
    ///
    /// # Errors
    /// [`SourceError`] where the inputs are the same or differ in shape.
    pub fn perturbed_ms(&self, partner: &Self, index: usize) -> Result<Range<usize>, SourceError> {
        let bin = |ms| ndarray::s![.., ms, ..];
        let differs = |ms: &usize| self.inputs.slice(bin(*ms)) != partner.inputs.slice(bin(*ms));
        let mut times = 0..self.duration_ms();
        let same_shape = self.inputs.dim() == partner.inputs.dim();
        let first = if same_shape { times.find(differs) } else { None };
        let Some(first) = first else {
            return Err(SourceError {
                what: format!("the partner of simulation {index}"),
                problem: "has the same inputs, or inputs of another shape".to_owned(),
            });
        };
        let last = times.rev().find(differs).unwrap_or(first);
        Ok(first..last + 1)
    }

    /// Checks that the shapes of all arrays agree and all numbers are finite; `what` names the simulation in messages.
    ///
    /// # Errors
    /// [`SourceError`] names the array whose shape or numbers do not fit.
    pub fn check(&self, what: &str) -> Result<(), SourceError> {
        let fail = |problem: String| Err(SourceError { what: what.to_owned(), problem });
        let &[segments, duration, kinds] = self.inputs.shape() else {
            return fail("inputs are not (S, T, 2)".into());
        };
        if kinds != 2 || segments == 0 || duration == 0 {
            return fail(format!(
                "inputs have shape ({segments}, {duration}, {kinds}), not (S, T, 2)"
            ));
        }
        let t = &self.targets;
        let lengths = [
            ("output_spikes", t.spikes.len()),
            ("output_soma_v", t.soma_v.len()),
            ("output_near_spikes", t.near_spike.len()),
            ("output_inst_rate", t.inst_rate.len()),
            ("intermidiate_branch_v", t.dend_v.ncols()),
        ];
        if let Some((name, len)) = lengths.iter().find(|(_, len)| *len != duration) {
            return fail(format!("{name} has {len} ms, the inputs {duration}"));
        }
        let finite = [
            ("inputs", self.inputs.iter().all(|v| v.is_finite())),
            ("output_soma_v", t.soma_v.iter().all(|v| v.is_finite())),
            ("output_inst_rate", t.inst_rate.iter().all(|v| v.is_finite())),
            ("intermidiate_branch_v", t.dend_v.iter().all(|v| v.is_finite())),
        ];
        match finite.iter().find(|(_, finite)| !finite) {
            Some((name, _)) => fail(format!("{name} holds a value that is not finite")),
            None => Ok(()),
        }
    }
}
