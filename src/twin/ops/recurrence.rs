//! What an ELM's recurrence is made of.
//!
//! All parameters lie in one row: w_s, κ_m, scale and shift of the norm, then weight (out × in) and
//! bias of each linear map.

use super::activation::Activation;

/// Sizes and fixed parts of an ELM.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// Synapses.
    pub rows: usize,
    /// Memory units.
    pub memory: usize,
    /// Outputs of each linear map.
    pub widths: Vec<usize>,
    /// Whether the input of the maps is normalised, and whether its mean is taken off.
    pub norm: Option<bool>,
    /// Added to the variance.
    pub eps: f32,
    /// After each map but the last.
    pub hidden: Activation,
    /// After the last.
    pub post: Activation,
    /// λ.
    pub lambda: f32,
}

impl Recurrence {
    /// Inputs of the first map, synapses and memory.
    pub(crate) fn input(&self) -> usize {
        self.rows + self.memory
    }

    /// Parameters in a row.
    pub fn num_params(&self) -> usize {
        let mut width = self.input();
        let norm = self.norm.map_or(0, |centre| width * (1 + usize::from(centre)));
        let mut n = self.rows + self.memory + norm;
        for &out in &self.widths {
            n += out * (width + 1);
            width = out;
        }
        n
    }
}
