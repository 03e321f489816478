//! Synaptic inputs as files hold them.

use ::half::f16;
use ndarray::Array2;

use super::half::to_f16;
use super::npy::{NpyError, Npz};
use crate::sim::Inputs;

/// Reads `x_exc` and `x_inh`, each (segments, ms) of any real type, from an archive.
///
/// # Errors
/// An array is missing, damaged, not two-dimensional, holds a value that is not finite, or the two differ in shape.
pub fn read_inputs(npz: &mut Npz<'_>) -> Result<Inputs, NpyError> {
    let exc = read_matrix(npz, "x_exc")?;
    let inh = read_matrix(npz, "x_inh")?;
    if exc.dim() != inh.dim() {
        let source = NpyError::Shape {
            found: inh.shape().to_vec(),
            expected: format!("x_exc's shape {:?}", exc.shape()),
        };
        return Err(NpyError::Member { name: "x_inh".to_owned(), source: Box::new(source) });
    }
    let (num_segments, duration_ms) = exc.dim();
    Ok(Inputs {
        num_segments,
        duration_ms,
        exc: exc.into_iter().collect(),
        inh: inh.into_iter().collect(),
    })
}

fn read_matrix(npz: &mut Npz<'_>, name: &str) -> Result<Array2<f64>, NpyError> {
    let array = npz.read_real(name)?;
    let found = array.shape().to_vec();
    let expected = "(segments, ms), at least one of each,".to_owned();
    let fault = || NpyError::Member {
        name: name.to_owned(),
        source: Box::new(NpyError::Shape { found, expected }),
    };
    match array.into_dimensionality() {
        Ok(matrix) if !matrix.is_empty() => Ok(matrix),
        _ => Err(fault()),
    }
}

/// One kind of input as the seed stores it, (segments, ms).
#[must_use]
pub fn as_f16(weights: &[f64], num_segments: usize, duration_ms: usize) -> Array2<f16> {
    Array2::from_shape_fn((num_segments, duration_ms), |(s, t)| {
        to_f16(weights[s * duration_ms + t])
    })
}

/// The seed's sweep: a strong excitatory event every `every_ms` from the first segment to the last and back, spread
/// evenly over the duration. At [`one_a_segment`] each segment has one event on either way.
#[must_use]
pub fn sweep(num_segments: usize, duration_ms: usize, every_ms: f64, weight: f64) -> Inputs {
    let mut inputs = Inputs::silent(num_segments, duration_ms);
    let duration = duration_ms as f64;
    // half an interval before the first event and after the last
    let times = (0..).map(|k| (f64::from(k) + 0.5) * every_ms.max(1e-3));
    for t in times.take_while(|t| *t < duration) {
        let there = 2.0 * t / duration;
        let place = if there < 1.0 { there } else { 2.0 - there };
        let segment = ((place * num_segments as f64) as usize).min(num_segments - 1);
        inputs.exc[segment * duration_ms + t as usize] += weight;
    }
    inputs
}

/// The interval at which a sweep has one event a segment on either way, ms.
#[must_use]
pub fn one_a_segment(num_segments: usize, duration_ms: usize) -> f64 {
    duration_ms as f64 / (2 * num_segments) as f64
}
