//! Options of reading a cell: what its branches' cylinders keep, their segments, and which repairs are made.

use super::error::SwcError;

/// The property of a branch's shape that its equivalent cylinder keeps, besides the length L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preserve {
    /// The membrane area, and so capacitance and leak: diam = A/(π·L), where A is the frusta's lateral area.
    #[default]
    Area,
    /// The axial resistance: diam = 2·sqrt(L / Σ l/(r₁·r₂)) over the frusta.
    AxialResistance,
}

/// The rule for the number of a branch's segments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SegmentRule {
    /// The least number of equal segments that are each at most this long, µm.
    MaxLength(f64),
    /// An odd number of segments, each about this long at most, µm: int((L/most + 0.999)/2)·2 + 1, as NEURON's
    /// CellBuilder has it (d_X).
    OddLength(f64),
    /// 1 + 2·⌊L/40 µm⌋, as the published model of Hay et al. (2011) has it.
    Hay2011,
    /// The d_lambda rule (Hines & Carnevale 2001, *Neuroscientist* 7:123): an odd number of segments, each shorter than
    /// this share of the AC length constant at 100 Hz, which is found along the branch's points as NEURON's `lambda_f`
    /// finds it, with Ra and cm of the branch's region: int((L/(share·lambda) + 0.9)/2)·2 + 1.
    LambdaShare(f64),
}

/// The options of reading a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The property of a branch's shape to keep.
    pub preserve: Preserve,
    /// The rule for the number of a branch's segments; by default each is at most 40 µm long.
    pub segments: SegmentRule,
    /// Whether the axon becomes (passive) branches as well.
    pub keep_axon: bool,
    /// Whether points of types other than 1 to 4 are dendrite.
    pub keep_other: bool,
    /// The least radius, µm, to which smaller radii are raised; with `None`, a radius that is not above 0 is refused.
    pub min_radius_um: Option<f64>,
    /// Whether pieces that are not connected to the soma are joined to the nearest point; otherwise they are refused.
    pub join: bool,
    /// Whether the root of a file without a soma is taken for the soma.
    pub soma_at_root: bool,
}

impl Options {
    /// Requires lengths and shares to be numbers above 0.
    pub(in crate::sim) fn check(&self) -> Result<(), SwcError> {
        let fits = |x: f64| x.is_finite() && x > 0.0;
        match self.segments {
            SegmentRule::MaxLength(most) | SegmentRule::OddLength(most) if !fits(most) => {
                return Err(SwcError::Rule("the longest segment (µm)"));
            }
            SegmentRule::LambdaShare(share) if !fits(share) => {
                return Err(SwcError::Rule("the share of the AC length constant"));
            }
            _ => {}
        }
        match self.min_radius_um {
            Some(least) if !fits(least) => Err(SwcError::Rule("the least radius (µm)")),
            _ => Ok(()),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            preserve: Preserve::Area,
            segments: SegmentRule::MaxLength(40.0),
            keep_axon: false,
            keep_other: true,
            min_radius_um: None,
            join: false,
            soma_at_root: false,
        }
    }
}
