//! How a cell is read: what its branches keep, their segments, and which repairs are made.

/// What of a branch's shape its equivalent cylinder keeps, beside its length L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preserve {
    /// The membrane's area, thus capacitance and leak: diam = A/(π·L), A being the frusta's lateral area.
    #[default]
    Area,
    /// The axial resistance: diam = 2·sqrt(L / Σ l/(r₁·r₂)) over the frusta.
    AxialResistance,
}

/// How many segments a branch gets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SegmentRule {
    /// As many equal segments as keep each at most this long, µm.
    MaxLength(f64),
    /// The d_lambda rule (Hines & Carnevale 2001, *Neuroscientist* 7:123): an odd number that keeps each below this
    /// share of the AC length constant at 100 Hz.
    LambdaShare(f64),
}

/// How to read a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What of a branch's shape to keep.
    pub preserve: Preserve,
    /// How many segments a branch gets; 40 µm at most unless told otherwise.
    pub segments: SegmentRule,
    /// Whether the axon becomes (passive) branches as well.
    pub keep_axon: bool,
    /// Whether points of types other than 1 to 4 are dendrite.
    pub keep_other: bool,
    /// Radii below this become this, µm; without it, one that is not above 0 is refused.
    pub min_radius_um: Option<f64>,
    /// Whether pieces that do not hang on the soma are joined to the nearest point; they are refused otherwise.
    pub join: bool,
    /// Whether a file without a soma has its root for one.
    pub soma_at_root: bool,
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
