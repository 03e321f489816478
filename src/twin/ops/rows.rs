//! Rows of numbers that many tensors share, parted by Burn's own operations.

use burn::prelude::*;

/// A row as tensors of these lengths, each a view of it.
pub(crate) fn narrowed<B: Backend>(row: Tensor<B, 1>, lengths: &[usize]) -> Vec<Tensor<B, 1>> {
    let mut at = 0;
    let part = lengths.iter().map(|&n| {
        at += n;
        row.clone().narrow(0, at - n, n)
    });
    part.collect()
}

/// Rows of numbers uploaded to a device, each by itself.
pub(crate) fn uploaded<B: Backend>(rows: Vec<Vec<f32>>, device: &B::Device) -> Vec<Tensor<B, 1>> {
    let upload = |row: Vec<f32>| {
        let n = row.len();
        Tensor::from_data(TensorData::new(row, [n]), device)
    };
    rows.into_iter().map(upload).collect()
}
