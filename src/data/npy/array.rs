//! Arrays, to and from the bytes of a `.npy`.

use ndarray::{Array, ArrayBase, ArrayD, Data, Dimension, IxDyn};

use super::element::Element;
use super::error::NpyError;
use super::header::{self, Header};

/// The header of a file, and the bytes of its numbers, as many as the header announces.
fn parse(bytes: &[u8]) -> Result<(Header, &[u8]), NpyError> {
    let header = Header::read(bytes)?;
    let data = &bytes[header.data_at..];
    let size = header.kind.size() as u128;
    let expected = header.shape.iter().fold(size, |n, &d| n.saturating_mul(d as u128));
    if expected != data.len() as u128 {
        return Err(NpyError::Length { expected, found: data.len() });
    }
    Ok((header, data))
}

/// The array of `values` in a file's order.
fn shaped<T: Clone>(header: &Header, values: Vec<T>) -> Result<ArrayD<T>, NpyError> {
    let fault = |e: ndarray::ShapeError| NpyError::Format(e.to_string());
    if header.fortran {
        let reversed: Vec<usize> = header.shape.iter().rev().copied().collect();
        let array = Array::from_shape_vec(IxDyn(&reversed), values).map_err(fault)?;
        return Ok(array.reversed_axes().as_standard_layout().into_owned());
    }
    Array::from_shape_vec(IxDyn(&header.shape), values).map_err(fault)
}

/// Reads an array that must have exactly this element type.
///
/// # Errors
/// [`NpyError`]: the bytes are no `.npy`, are cut short, or hold another type.
pub fn read<T: Element>(bytes: &[u8]) -> Result<ArrayD<T>, NpyError> {
    let (header, data) = parse(bytes)?;
    let found = header.kind.name();
    if found != T::NAME {
        return Err(NpyError::Dtype { found, expected: T::NAME });
    }
    shaped(&header, T::read(header.kind, data)?)
}

/// Reads an array of any real type as f64.
///
/// # Errors
/// [`NpyError`]: the bytes are no `.npy`, are cut short, or hold no real numbers.
pub fn read_real(bytes: &[u8]) -> Result<ArrayD<f64>, NpyError> {
    let (header, data) = parse(bytes)?;
    shaped(&header, header.kind.reals(data)?)
}

/// Requires every value to be finite.
///
/// # Errors
/// [`NpyError::NotFinite`] with the index of the first value that is not finite.
pub fn require_finite(array: &ArrayD<f64>) -> Result<(), NpyError> {
    match array.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some((at, _)) => Err(NpyError::NotFinite { at: at.slice().to_vec() }),
        None => Ok(()),
    }
}

/// The `.npy` bytes of an array, in C order: bit for bit those of `numpy.save`.
#[must_use]
pub fn write<T, S, D>(array: &ArrayBase<S, D>) -> Vec<u8>
where
    T: Element,
    S: Data<Elem = T>,
    D: Dimension,
{
    let mut bytes = header::write(T::CODE, array.shape());
    let header = bytes.len();
    bytes.resize(header + array.len() * size_of::<T>(), 0);
    let places = bytes[header..].chunks_exact_mut(size_of::<T>());
    match array.as_slice() {
        // contiguous values are written in one run, which is much faster
        Some(values) => values.iter().zip(places).for_each(|(value, place)| value.put(place)),
        None => array.iter().zip(places).for_each(|(value, place)| value.put(place)),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn arrays_come_back_as_they_were() {
        let a = array![[1.5_f32, -2.0], [0.0, f32::MAX]];
        assert_eq!(read::<f32>(&write(&a)).unwrap(), a.into_dyn());
        let b = array![true, false];
        assert_eq!(read::<bool>(&write(&b)).unwrap(), b.into_dyn());
    }

    #[test]
    fn a_cut_or_grown_array_is_refused() {
        let bytes = write(&array![1.0_f64, 2.0]);
        for cut in [0, 5, 20, bytes.len() - 1] {
            assert!(read::<f64>(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let grown = [&bytes[..], &[0]].concat();
        assert!(matches!(read::<f64>(&grown), Err(NpyError::Length { .. })));
    }

    #[test]
    fn a_header_that_announces_the_moon_is_refused_without_memory() {
        let text =
            "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 9999999999999), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        assert!(read::<f64>(&bytes).unwrap_err().to_string().contains("impossible shape"));
    }

    #[test]
    fn fortran_order_is_turned() {
        let text = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((text.len() as u16).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes.extend([1, 4, 2, 5, 3, 6]);
        assert_eq!(read::<u8>(&bytes).unwrap(), array![[1_u8, 2, 3], [4, 5, 6]].into_dyn());
    }
}
