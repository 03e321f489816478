//! A cell that was read, and the neuron that it makes.

use std::collections::BTreeMap;

use super::note::Note;
use super::options::SegmentRule;
use super::point::Point;
use crate::settings::SettingError;
use crate::sim::morphology::Branch;
use crate::sim::params::NeuronParams;

/// A cell that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Length and diameter of the soma's cylinder, µm.
    pub soma_um: f64,
    /// The soma's points.
    pub soma: Vec<Point>,
    /// The branches, a parent before its children, each followed by all that is on it. Their number of segments is 1
    /// until [`onto`](Self::onto), which knows Ra and cm.
    pub branches: Vec<Branch>,
    /// The points of each branch, for drawing it.
    pub paths: Vec<Vec<Point>>,
    /// Points left out, by type.
    pub left_out: BTreeMap<i64, usize>,
    /// Points of other types than 1 to 4 that were taken for dendrite, by type.
    pub taken_for_dendrite: BTreeMap<i64, usize>,
    /// Points of types that are to be left out, kept because they lead to a dendrite, by type.
    pub on_the_way: BTreeMap<i64, usize>,
    /// What was repaired, and what looks odd, in the order in which it was found.
    pub notes: Vec<Note>,
    /// How many segments each branch gets.
    pub(super) rule: SegmentRule,
}

impl Cell {
    /// `neuron` with this cell's soma and branches in place of its own.
    ///
    /// # Errors
    /// A size that a neuron cannot have.
    pub fn onto(&self, neuron: NeuronParams) -> Result<NeuronParams, SettingError> {
        let mut branches = self.branches.clone();
        for branch in &mut branches {
            branch.num_segments = self.rule.segments(branch, &neuron);
        }
        let (soma_length_um, soma_diam_um) = (self.soma_um, self.soma_um);
        let neuron =
            NeuronParams { soma_length_um, soma_diam_um, branches: Some(branches), ..neuron };
        neuron.validate()?;
        Ok(neuron)
    }
}

impl SegmentRule {
    /// The number of segments of a branch; a length beyond reason gives a number that validation refuses.
    fn segments(self, branch: &Branch, neuron: &NeuronParams) -> usize {
        match self {
            Self::MaxLength(most) => (branch.length_um / most).ceil().max(1.0) as usize,
            Self::LambdaShare(share) => {
                let lambda = ac_length_constant_um(branch.diam_um, neuron);
                let half = ((branch.length_um / (share * lambda) + 0.9) / 2.0) as usize;
                half.saturating_mul(2).saturating_add(1)
            }
        }
    }
}

/// The AC length constant at 100 Hz, 1e5·sqrt(d/(4π·f·Ra·cm)) µm.
fn ac_length_constant_um(diam_um: f64, neuron: &NeuronParams) -> f64 {
    let per_um = 4.0 * std::f64::consts::PI * 100.0 * neuron.axial_resistivity * neuron.capacitance;
    1e5 * (diam_um / per_um).sqrt()
}
