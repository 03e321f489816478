//! NumPy's numbers in a pickle: scalars, and the bytes of arrays.

use super::value::Value;
use crate::data::npy::Kind;

/// NumPy's numbers of a dtype (`f8`, `>i2`, ...) as a pickle's values, or `None` for a dtype that holds no numbers.
pub fn numpy(dtype: &str, bytes: &[u8]) -> Option<Vec<Value>> {
    let kind = Kind::parse(dtype).ok()?;
    let numbers = kind.reals(bytes).ok()?;
    let value = |x: f64| match kind.letter() {
        'b' => Value::Bool(x != 0.0),
        'i' | 'u' => Value::Int(x as i64),
        _ => Value::Float(x),
    };
    (numbers.len() * kind.size() == bytes.len()).then(|| numbers.into_iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpys_numbers_keep_their_kind() {
        assert_eq!(numpy("i2", &[3, 0, 4, 0]), Some(vec![Value::Int(3), Value::Int(4)]));
        assert_eq!(numpy(">i2", &[0, 3]), Some(vec![Value::Int(3)]));
        assert_eq!(numpy("b1", &[1]), Some(vec![Value::Bool(true)]));
        assert_eq!(numpy("f4", &0.5_f32.to_le_bytes()), Some(vec![Value::Float(0.5)]));
        assert_eq!(numpy("f4", &[0, 0]), None, "half a number");
        assert_eq!(numpy("O8", &[0; 8]), None);
    }
}
