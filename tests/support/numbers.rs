//! Numbers for tests of operations.

use burn::prelude::*;

/// Numbers within ±`scale` that look random.
pub fn values(len: usize, salt: u32, scale: f32) -> Vec<f32> {
    let hash = |i: usize| (i as u32 ^ salt.wrapping_mul(97)).wrapping_mul(2_654_435_761) >> 8;
    (0..len).map(|i| (hash(i) % 2001) as f32 / 1000.0 * scale - scale).collect()
}

/// A tensor's values, row by row.
pub async fn host<B: Backend, const D: usize>(tensor: Tensor<B, D>) -> Vec<f32> {
    tensor.into_data_async().await.unwrap().into_vec().unwrap()
}
