//! A cell read from a file, and the neuron made from it.

use std::collections::BTreeMap;

use super::note::Note;
use super::options::SegmentRule;
use super::point::{Point, distance};
use crate::settings::SettingError;
use crate::sim::hay2011;
use crate::sim::morphology::Branch;
use crate::sim::params::NeuronParams;

/// A cell read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Length of the soma's cylinder, µm.
    pub soma_length_um: f64,
    /// Diameter of the soma's cylinder, µm.
    pub soma_diam_um: f64,
    /// The soma's points.
    pub soma: Vec<Point>,
    /// The branches, a parent before its children, each followed by its whole subtree. Their number of segments is 1
    /// until [`onto`](Self::onto), which knows Ra and cm; their region is their kind, `"apical"`, `"basal"`, `"axon"`
    /// or `"dend"`.
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
    pub(in crate::sim) rule: SegmentRule,
}

impl Cell {
    /// `neuron` with this cell's soma and branches in place of its own. A branch's region is its kind where `neuron`
    /// lists that region, else `"dend"`.
    ///
    /// # Errors
    /// [`SettingError::Range`] where a size is out of the bounds of [`NeuronParams`].
    pub fn onto(&self, neuron: NeuronParams) -> Result<NeuronParams, SettingError> {
        let mut branches = self.branches.clone();
        for (branch, path) in branches.iter_mut().zip(&self.paths) {
            let region = neuron.regions.get(&branch.region);
            let membrane = region.map_or([neuron.axial_resistivity, neuron.capacitance], |r| {
                [r.axial_resistivity, r.capacitance]
            });
            branch.num_segments = self.rule.segments(branch, path, membrane);
            if !neuron.regions.contains_key(&branch.region) {
                branch.region = Branch::DEND.to_owned();
            }
        }
        let (soma_length_um, soma_diam_um) = (self.soma_length_um, self.soma_diam_um);
        let neuron =
            NeuronParams { soma_length_um, soma_diam_um, branches: Some(branches), ..neuron };
        neuron.validate()?;
        Ok(neuron)
    }

    /// `neuron` with this cell's soma and branches and the membrane of Hay et al.'s (2011) pyramidal cell, fitted to
    /// them: their axon, two pieces of 30 µm, takes the place of one that was left out, and densities by distance run
    /// along the longest apical path.
    ///
    /// # Errors
    /// Those of [`onto`](Self::onto).
    pub fn onto_hay2011(&self, neuron: NeuronParams) -> Result<NeuronParams, SettingError> {
        let mut cell = self.clone();
        if !cell.branches.iter().any(|b| b.region == hay2011::AXON) {
            cell.branches.extend(hay2011::axon());
            cell.paths.extend([Vec::new(), Vec::new()]);
        }
        let regions = hay2011::regions(&cell.branches, self.soma_length_um);
        cell.onto(NeuronParams { regions, e_pas_mv: hay2011::START_MV, ..neuron })
    }

    /// Diameter of the sphere that has the area of the soma, µm.
    #[must_use]
    pub fn soma_um(&self) -> f64 {
        (self.soma_length_um * self.soma_diam_um).sqrt()
    }
}

impl SegmentRule {
    /// The number of segments of a branch with this path, Ra (Ω·cm) and cm (µF/cm²); an excessive length gives a number
    /// that validation refuses.
    fn segments(self, branch: &Branch, path: &[Point], membrane: [f64; 2]) -> usize {
        let length_um = branch.length_um;
        // int((quotient + rounding)/2)·2 + 1
        let odd = |quotient: f64, rounding: f64| {
            (((quotient + rounding) / 2.0) as usize).saturating_mul(2).saturating_add(1)
        };
        match self {
            Self::MaxLength(most) => (length_um / most).ceil().max(1.0) as usize,
            Self::OddLength(most) => odd(length_um / most, 0.999),
            Self::Hay2011 => hay2011::segments(length_um),
            Self::LambdaShare(share) => {
                odd(length_um / (share * length_constant_um(branch, path, membrane)), 0.9)
            }
        }
    }
}

/// The AC length constant of a branch at 100 Hz, µm: the length of a cylinder, 1e5·sqrt(d/(4π·f·Ra·cm)) of which make
/// one; of a branch with a path, its length over the sum of its pieces in their own, as NEURON's `lambda_f` has it.
fn length_constant_um(branch: &Branch, path: &[Point], [resistivity, cm]: [f64; 2]) -> f64 {
    let per_um = 4.0 * std::f64::consts::PI * 100.0 * resistivity * cm;
    if path.len() < 2 {
        return 1e5 * (branch.diam_um / per_um).sqrt();
    }
    // a piece between diameters d1 and d2 counts l/sqrt((d1 + d2)/2)
    let pieces =
        path.windows(2).map(|w| distance(w[0].at, w[1].at) / (w[0].radius + w[1].radius).sqrt());
    branch.length_um / (pieces.sum::<f64>() * 1e-5 * per_um.sqrt())
}
