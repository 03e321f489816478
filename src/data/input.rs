//! Synaptic inputs: their arrays in an archive, and the original's sweep.

use ndarray::Array2;

use super::half::to_f16;
use super::npy::{Element, NpyError, Npz, NpzWriter};
use crate::sim::Inputs;

/// Reads `x_exc` and `x_inh`, each (segments, ms) of any real type, from an archive.
///
/// # Errors
/// [`NpyError`]: an array is missing, damaged, not two-dimensional, holds a value that is not finite, or the two differ
/// in shape.
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
    let rows = |matrix: Array2<f64>| match matrix.is_standard_layout() {
        // the matrix's own memory, without a copy
        true => matrix.into_raw_vec_and_offset().0,
        false => matrix.into_iter().collect(),
    };
    Ok(Inputs { num_segments, duration_ms, exc: rows(exc), inh: rows(inh) })
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

/// Adds `x_exc` and `x_inh` as they were simulated, bit for bit: both in the original's float16 where it holds every
/// weight exactly, otherwise in float32 or float64.
///
/// # Errors
/// [`NpyError::Archive`] where the archive has an array of the same name.
pub fn write_inputs(npz: &mut NpzWriter, inputs: &Inputs) -> Result<(), NpyError> {
    let all = |holds: fn(f64) -> bool| {
        let mut weights = inputs.exc.iter().chain(&inputs.inh);
        weights.all(|w| holds(*w))
    };
    if all(|w| to_f16(w).to_f64() == w) {
        write_as(npz, inputs, to_f16)
    } else if all(|w| f64::from(w as f32) == w) {
        write_as(npz, inputs, |w| w as f32)
    } else {
        write_as(npz, inputs, |w| w)
    }
}

fn write_as<T: Element>(
    npz: &mut NpzWriter,
    inputs: &Inputs,
    kept: impl Fn(f64) -> T,
) -> Result<(), NpyError> {
    let shape = (inputs.num_segments, inputs.duration_ms);
    for (name, weights) in [("x_exc", &inputs.exc), ("x_inh", &inputs.inh)] {
        let matrix = Array2::from_shape_fn(shape, |(s, t)| kept(weights[s * shape.1 + t]));
        npz.add(name, &matrix)?;
    }
    Ok(())
}

/// The original's sweep: an excitatory event of the given weight every `every_ms` from the first segment to the last
/// and back, spread evenly over the duration. At [`one_a_segment`] each segment has one event on the way out and one on
/// the way back.
#[must_use]
pub fn sweep(num_segments: usize, duration_ms: usize, every_ms: f64, weight: f64) -> Inputs {
    let mut inputs = Inputs::silent(num_segments, duration_ms);
    let duration = duration_ms as f64;
    // the first event comes half an interval after the start
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_simulated() {
        for (weight, kind) in [
            (1.5, "float16"),
            (65_504.0, "float16"),
            (65_520.0, "float32"),
            (70_000.0, "float32"),
            (f64::from(0.1_f32), "float32"),
            (0.1, "float64"),
            (1e-30, "float64"),
            (1e300, "float64"),
            (6e-8, "float64"),
        ] {
            let mut inputs = Inputs::silent(2, 3);
            inputs.inh[4] = weight;
            let mut npz = NpzWriter::default();
            write_inputs(&mut npz, &inputs).unwrap();
            let bytes = npz.finish().unwrap();
            let mut npz = Npz::new(&bytes).unwrap();
            assert_eq!(read_inputs(&mut npz).unwrap(), inputs, "{weight}");
            // both arrays are of one type, the narrowest that holds every weight
            for name in ["x_exc", "x_inh"] {
                let found = match npz.read::<bool>(name).unwrap_err() {
                    NpyError::Member { source, .. } => source.to_string(),
                    other => other.to_string(),
                };
                assert!(found.contains(&format!("holds {kind},")), "{weight}: {found}");
            }
        }
    }
}
