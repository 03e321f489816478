//! A cell read from an SWC file, and the neuron made from it.

use std::collections::BTreeMap;

use super::note::Note;
use super::options::SegmentRule;
use super::point::Point;
use crate::settings::SettingError;
use crate::sim::morphology::Branch;
use crate::sim::params::NeuronParams;

/// A cell read from an SWC file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Length, and also diameter, of the soma's cylinder, µm.
    pub soma_um: f64,
    /// The soma's points.
    pub soma: Vec<Point>,
    /// The branches, a parent before its children, each followed by its whole subtree. Their number of segments is 1
    /// until [`onto`](Self::onto), which knows Ra and cm.
    pub branches: Vec<Branch>,
    /// The points of each branch's path, in the order of `branches`, for drawing.
    pub paths: Vec<Vec<Point>>,
    /// Number of points left out, by SWC type.
    pub left_out: BTreeMap<i64, usize>,
    /// Number of points of other types than 1 to 4 that were taken for dendrite, by SWC type.
    pub taken_for_dendrite: BTreeMap<i64, usize>,
    /// Number of points of types to be left out that were kept because they lead to a dendrite, by SWC type.
    pub on_the_way: BTreeMap<i64, usize>,
    /// The repairs made and the oddities suspected, in the order in which they were found.
    pub notes: Vec<Note>,
    /// The rule for the number of segments of each branch.
    pub(super) rule: SegmentRule,
}

impl Cell {
    /// `neuron` with this cell's soma and branches in place of its own.
    ///
    /// # Errors
    /// [`SettingError::Range`] where a size is out of the bounds of [`NeuronParams`].
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
    /// The number of segments of a branch; an excessive length gives a number that validation refuses.
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
