//! Recognises a file's format by its first bytes, for messages about a file that is given for another.

/// The name that [`known`] gives to the format of our checkpoints.
pub const SAFETENSORS: &str = "a .safetensors file";

/// The format of `bytes`, where their beginning shows it; otherwise `None`.
#[must_use]
pub fn known(bytes: &[u8]) -> Option<&'static str> {
    Some(match bytes {
        [] => "empty",
        // before the others, because its first bytes are a length, which can be any
        [_, _, _, _, _, _, _, 0, b'{', ..] => SAFETENSORS,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "a zip archive (such as .npz, or .pt)",
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => "a single NumPy array (.npy)",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5 file (such as .h5, or .mat of MATLAB 7.3)",
        [b'M', b'A', b'T', b'L', b'A', b'B', ..] => "a .mat file of MATLAB",
        [0x1f, 0x8b, ..] => "a gzip file; unpack it first",
        [0x80, 1..=5, ..] => "a Python pickle",
        [b'{' | b'[', ..] | [0xef, 0xbb, 0xbf, b'{' | b'[', ..] => "a text such as JSON",
        _ => return None,
    })
}

/// A fault of a zip archive, in words of our own.
#[must_use]
pub fn zip_fault(error: &zip::result::ZipError) -> String {
    use zip::result::ZipError;
    match error {
        ZipError::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "it ends too early: it is cut short or damaged".to_owned()
        }
        ZipError::Io(e) => match e.get_ref().map(|inner| (inner.downcast_ref(), inner.to_string()))
        {
            Some((Some(inner), _)) => zip_fault(inner),
            Some((None, words)) if words == "Invalid checksum" => {
                "its bytes are damaged: they have another CRC-32 than the archive says".to_owned()
            }
            _ => e.to_string(),
        },
        ZipError::InvalidArchive(_) => {
            "its list of files is missing or damaged: a download that broke off looks like that"
                .to_owned()
        }
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "a password protects it; pack it without one".to_owned()
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            "it is packed in another way than \"deflate\"; pack it again with that".to_owned()
        }
        ZipError::FileNotFound => "a file is missing in it".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_beginning() {
        for (bytes, word) in [
            (&b""[..], "empty"),
            (b"PK\x03\x04", "zip"),
            (b"PK\x05\x06", "zip"),
            (b"\x93NUMPY\x01", ".npy"),
            (b"\x80\x02}q", "pickle"),
            (b"\x80\x01\0\0\0\0\0\0{\"__", "safetensors"),
            (b"\xef\xbb\xbf{}", "JSON"),
            (b"\x1f\x8b\x08", "gzip"),
        ] {
            assert!(known(bytes).is_some_and(|what| what.contains(word)), "{bytes:?}");
        }
        assert_eq!(known(b"1 1 0 0 0 8 -1"), None);
    }
}
