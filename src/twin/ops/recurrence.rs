//! The sizes and parameters of an ELM's recurrence.
//!
//! All parameters lie in one row: w_s, κ_m, scale and shift of the norm, then weight (out × in) and bias of each linear
//! map.

use super::activation::Activation;

/// Sizes and fixed parts of an ELM's recurrence.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// Number of synapses, which are the input's rows.
    pub rows: usize,
    /// Number of memory units.
    pub memory: usize,
    /// Outputs of each linear map of the MLP.
    pub widths: Vec<usize>,
    /// Whether the norm of the MLP's input subtracts the mean; `None` without a norm.
    pub norm: Option<bool>,
    /// Added to the variance by the norm.
    pub eps: f32,
    /// The activation after each linear map but the last.
    pub hidden: Activation,
    /// The activation after the last linear map, φ.
    pub post: Activation,
    /// λ, the strength of the memory's drive.
    pub lambda: f32,
}

impl Recurrence {
    /// Inputs of the first linear map: synapses and memory units.
    pub(crate) fn input(&self) -> usize {
        self.rows + self.memory
    }

    /// Number of parameters in the row.
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
