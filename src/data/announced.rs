//! Reads what announces its length, which need not be true: memory is taken as bytes come.

use std::io::{self, ErrorKind, Read};

/// Bytes that are reserved before any has come.
const FIRST: usize = 1 << 20;

/// The bytes that `from` gives, one more than the announced `size` at most. There is never room for more than twice what
/// has come, and 1 MiB; where the announcement is true, there is no room left at the end.
///
/// # Errors
/// What `from` ends with; [`ErrorKind::OutOfMemory`] where the bytes need more memory than can be had.
pub fn read(from: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let most = usize::try_from(size.saturating_add(1)).map_err(|_| ErrorKind::OutOfMemory)?;
    let mut from = from.take(most as u64);
    let mut bytes = Vec::new();
    loop {
        let step = (most - bytes.len()).min(bytes.len().max(FIRST));
        bytes.try_reserve_exact(step)?;
        if from.by_ref().take(step as u64).read_to_end(&mut bytes)? < step || bytes.len() == most {
            return Ok(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_with_what_comes() {
        let file = vec![7; 5 << 20];
        for (size, length) in [
            (file.len() as u64, file.len()),
            (1 << 30, file.len()),
            (u64::from(u32::MAX), file.len()),
            // one byte more shows that the announcement is wrong
            (1000, 1001),
            (0, 1),
        ] {
            let found = read(&file[..], size).unwrap();
            assert!(found == file[..length], "{size}");
            assert!(found.capacity() <= 2 * length + FIRST, "{size}: {}", found.capacity());
        }
        assert_eq!(read(&file[..], file.len() as u64).unwrap().capacity(), file.len() + 1);
        assert!(read(std::io::empty(), 1 << 30).unwrap().is_empty());
    }
}
