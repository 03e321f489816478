//! AdamW's step composed of Burn's own operations (Loshchilov and Hutter 2019, arXiv 1711.05101).

use burn::prelude::*;

/// The coefficients of one step of AdamW.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// β₁ and β₂.
    pub beta: [f64; 2],
    /// Factor of a value by weight decay.
    pub keep: f64,
    /// The learning rate divided by the bias correction of the first moment, 1 - β₁^t.
    pub size: f64,
    /// The root of the bias correction of the second moment, √(1 - β₂^t).
    pub bias: f64,
    /// ε, added to the root of the second moment.
    pub eps: f64,
}

/// The global norm of gradients, `[1]`, and the gradients scaled down where it exceeds `most`.
pub(crate) fn clip<B: Backend>(gradients: Tensor<B, 1>, most: f64) -> (Tensor<B, 1>, Tensor<B, 1>) {
    let norm = gradients.clone().square().sum().sqrt();
    let scale = ((norm.clone() + 1e-6).recip() * most).clamp_max(1.0);
    (norm, gradients * scale)
}

/// AdamW's step along clipped gradients, composed of Burn's own operations; and the gradients' norm.
pub(crate) fn clipped<B: Backend>(
    old: [Tensor<B, 1>; 3],
    gradients: Tensor<B, 1>,
    most: f64,
    c: Coefficients,
) -> ([Tensor<B, 1>; 3], Tensor<B, 1>) {
    let (norm, gradients) = clip(gradients, most);
    (composed(old, gradients, c), norm)
}

/// AdamW's step composed of Burn's own operations: from values and both moments, each `[parameters]`, and gradients to
/// the new values and moments.
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
