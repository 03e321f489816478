//! AdamW's step out of Burn's own operations (Loshchilov and Hutter 2019, arXiv 1711.05101).

use burn::prelude::*;

/// Numbers of one step of AdamW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// β₁ and β₂.
    pub beta: [f64; 2],
    /// What is left of a value after its decay.
    pub keep: f64,
    /// The learning rate over the first moment's bias.
    pub size: f64,
    /// The root of the second moment's bias.
    pub bias: f64,
    /// ε.
    pub eps: f64,
}

/// AdamW's step out of Burn's own operations.
pub(crate) fn composed<B: Backend>(
    [values, m, v]: [Tensor<B, 1>; 3],
    gradients: Tensor<B, 1>,
    c: Coefficients,
) -> [Tensor<B, 1>; 3] {
    let [beta_1, beta_2] = c.beta;
    let m = m * beta_1 + gradients.clone() * (1.0 - beta_1);
    let v = v * beta_2 + gradients.square() * (1.0 - beta_2);
    let deviation = v.clone().sqrt() / c.bias + c.eps;
    [values * c.keep - m.clone() / deviation * c.size, m, v]
}
