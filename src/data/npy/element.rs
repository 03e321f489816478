//! The element types of arrays.

use ::half::f16;

use super::error::NpyError;
use super::number::Kind;

/// An element type of arrays.
pub trait Element: Copy {
    /// The type's name in NumPy.
    const NAME: &'static str;
    /// The type's code in a header.
    const CODE: &'static str;
    /// The largest number that the type holds.
    const MOST: f64;

    /// Reads the numbers of `bytes`, which must be of exactly this type.
    ///
    /// # Errors
    /// [`NpyError::Memory`] where the numbers need more memory than can be had.
    fn read(kind: Kind, bytes: &[u8]) -> Result<Vec<Self>, NpyError>;

    /// Writes the number's bytes, little-endian, into a slice of its size.
    fn put(self, bytes: &mut [u8]);
}

macro_rules! elements {
    ($($t:ty => $name:literal, $code:literal, $most:expr;)*) => { $(
        impl Element for $t {
            const NAME: &'static str = $name;
            const CODE: &'static str = $code;
            const MOST: f64 = $most;

            fn read(kind: Kind, bytes: &[u8]) -> Result<Vec<Self>, NpyError> {
                kind.each(bytes, Self::from_le_bytes)
            }

            fn put(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        }
    )* };
}
elements! {
    f16 => "float16", "<f2", 65_504.0;
    f32 => "float32", "<f4", f32::MAX as f64;
    f64 => "float64", "<f8", f64::MAX;
    i32 => "int32", "<i4", i32::MAX as f64;
    i64 => "int64", "<i8", i64::MAX as f64;
    u8 => "uint8", "|u1", u8::MAX as f64;
}

impl Element for bool {
    const NAME: &'static str = "bool";
    const CODE: &'static str = "|b1";
    // any number but 0 is true
    const MOST: f64 = f64::MAX;

    fn read(kind: Kind, bytes: &[u8]) -> Result<Vec<Self>, NpyError> {
        kind.each(bytes, |[b]: [u8; 1]| b != 0)
    }

    fn put(self, bytes: &mut [u8]) {
        bytes.fill(u8::from(self));
    }
}
