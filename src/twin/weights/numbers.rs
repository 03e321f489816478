//! The numbers of weights in checkpoints: PyTorch's storages and safetensors' tensors.

use half::{bf16, f16};

/// Weights of safetensors' type `kind` (`F32`, `BF16`, ...) as f32; `None` for a type that no weight has.
pub fn weights(kind: &str, bytes: &[u8]) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], f: impl Fn([u8; N]) -> f32) -> Option<Vec<f32>> {
        let (chunks, _) = bytes.as_chunks::<N>();
        Some(chunks.iter().map(|&c| f(c)).collect())
    }
    match kind {
        "F32" => each(bytes, f32::from_le_bytes),
        "F64" => each(bytes, |b| f64::from_le_bytes(b) as f32),
        "F16" => each(bytes, |b| f16::from_le_bytes(b).to_f32()),
        "BF16" => each(bytes, |b| bf16::from_le_bytes(b).to_f32()),
        "I64" => each(bytes, |b| i64::from_le_bytes(b) as f32),
        "I32" => each(bytes, |b| i32::from_le_bytes(b) as f32),
        _ => None,
    }
}

/// Safetensors' name of the type of a PyTorch storage, such as `torch.HalfStorage`; `None` for a type that no weight
/// has.
pub fn kind_of_storage(storage: &str) -> Option<&'static str> {
    Some(match storage.rsplit('.').next()? {
        "FloatStorage" => "F32",
        "DoubleStorage" => "F64",
        "HalfStorage" => "F16",
        "BFloat16Storage" => "BF16",
        "LongStorage" => "I64",
        "IntStorage" => "I32",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_every_type_are_the_same_numbers() {
        let values = [1.5_f32, -0.25, 0.0];
        let all = |bytes: &dyn Fn(f32) -> Vec<u8>| {
            values.iter().flat_map(|v| bytes(*v)).collect::<Vec<u8>>()
        };
        for (kind, bytes) in [
            ("F32", all(&|v| v.to_le_bytes().into())),
            ("F64", all(&|v| f64::from(v).to_le_bytes().into())),
            ("F16", all(&|v| f16::from_f32(v).to_le_bytes().into())),
            ("BF16", all(&|v| bf16::from_f32(v).to_le_bytes().into())),
        ] {
            assert_eq!(weights(kind, &bytes).unwrap(), values, "{kind}");
        }
        assert_eq!(weights("I64", &3_i64.to_le_bytes()).unwrap(), [3.0]);
        assert_eq!(weights("BOOL", &[1]), None);
        assert_eq!(kind_of_storage("torch.BFloat16Storage"), Some("BF16"));
        assert_eq!(kind_of_storage("torch.QInt8Storage"), None);
    }
}
