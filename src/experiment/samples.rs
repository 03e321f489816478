//! Long arrays in messages between workers: as bytes, which a browser copies in one go, where it would walk an array of
//! numbers one by one.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;

/// Samples of a trace; a message carries them with all their bits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples(pub Vec<f64>);

impl Deref for Samples {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl Samples {
    /// Samples from their little-endian bytes; `None` where the last sample is cut.
    pub fn from_le_bytes(bytes: &[u8]) -> Option<Self> {
        let (values, rest) = bytes.as_chunks::<8>();
        rest.is_empty().then(|| Self(values.iter().map(|b| f64::from_le_bytes(*b)).collect()))
    }

    /// The samples' little-endian bytes.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; 8 * self.0.len()];
        for (bytes, value) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(&self.0) {
            *bytes = value.to_le_bytes();
        }
        bytes
    }
}

impl From<Vec<f64>> for Samples {
    fn from(values: Vec<f64>) -> Self {
        Self(values)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Serialize for Samples {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.to_le_bytes())
    }
}

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Samples;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bytes of 64-bit floats")
            }
            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Samples, E> {
                Samples::from_le_bytes(bytes).ok_or(E::invalid_length(bytes.len(), &self))
            }
            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Samples, E> {
                self.visit_bytes(&bytes)
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
