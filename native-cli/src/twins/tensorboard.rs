//! TensorBoard's event files: records with checksums, each of which holds a small protobuf message.
//!
//! A record is its length (u64), the masked CRC-32C of the length, the message, and the masked CRC-32C of the message;
//! all little-endian (TensorFlow, `record_writer.h`). The message is an `Event` (`event.proto`): the time in seconds
//! (field 1), the step (2), and either the format's version (3) or a `Summary` (5), whose values (1) have a tag (1) and
//! a number (2).

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use ballstick::twin::heads::HEADS;
use ballstick::twin::train::curve::{Losses, TrainRow, ValidRow};
use ballstick::twin::weights::Checkpoint;

use crate::files::full_disk;

/// The beginning of an event file's name, by which TensorBoard finds it.
const NAME: &str = "events.out.tfevents.";

/// A run's event file, which grows with the training.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    file: File,
    /// Length of the whole records so far, bytes.
    length: u64,
    /// The numbers of rows of both curves that are in this file, or in an earlier file of the run.
    written: [usize; 2],
}

impl Events {
    /// A new event file in a run's folder. The rows that the checkpoint's curves hold already are written too, unless
    /// the folder has an earlier event file.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn create(folder: &Path, checkpoint: &Checkpoint) -> Result<Self> {
        let before = folder.read_dir().into_iter().flatten().flatten();
        let is_there =
            before.into_iter().any(|e| e.file_name().to_string_lossy().starts_with(NAME));
        let written = match is_there {
            true => checkpoint.curves.lengths(),
            false => [0, 0],
        };
        let name = format!("{NAME}{:010}.ballstick.{}", now() as u64, std::process::id());
        let path = folder.join(name);
        let file = OpenOptions::new().create_new(true).append(true).open(&path);
        let file = file.map_err(full_disk).with_context(|| cannot(&path))?;
        let mut events = Self { path, file, length: 0, written };
        let version = [time(now()), bytes_field(3, b"brain.Event:2")].concat();
        events.append(&record(&version))?;
        events.add(checkpoint)?;
        Ok(events)
    }

    /// Writes the rows that the curves have gained since the last call.
    ///
    /// # Errors
    /// A file that cannot be written; a half-written record is removed.
    pub fn add(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let (train, valid) = checkpoint.curves.since(self.written);
        let mut bytes = Vec::new();
        let at = now();
        for TrainRow { losses, learning_rate, grad_norm } in train {
            let rate = ("learning_rate", *learning_rate);
            let further = [rate, ("total", losses.total), ("grad_norm", *grad_norm)];
            bytes.extend(event(at, "train", losses, &further));
        }
        for ValidRow { losses, .. } in valid {
            bytes.extend(event(at, "valid", losses, &[("total", losses.total)]));
        }
        self.written = checkpoint.curves.lengths();
        self.append(&bytes)
    }

    fn append(&mut self, records: &[u8]) -> Result<()> {
        let written = self.file.write_all(records).and_then(|()| self.file.flush());
        if let Err(error) = written {
            // a reader takes whole records; a later record must not follow a half-written one
            self.file.set_len(self.length).ok();
            return Err(full_disk(error)).with_context(|| cannot(&self.path));
        }
        self.length += records.len() as u64;
        Ok(())
    }
}

fn cannot(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64())
}

/// The record of a step: five losses, and further numbers with names.
fn event(at: f64, split: &str, losses: &Losses, further: &[(&str, f32)]) -> Vec<u8> {
    let named = HEADS.iter().copied().zip(losses.heads);
    let mut summary = Vec::new();
    for (name, number) in named.chain(further.iter().copied()) {
        let tag = bytes_field(1, format!("{split}/{name}").as_bytes());
        let number = [&[2 << 3 | 5][..], &number.to_le_bytes()].concat();
        summary.extend(bytes_field(1, &[tag, number].concat()));
    }
    let step = [vec![2 << 3], varint(losses.step as u64)].concat();
    record(&[time(at), step, bytes_field(5, &summary)].concat())
}

/// Field 1 of an event: its time, a double, in s.
fn time(at: f64) -> Vec<u8> {
    [&[1 << 3 | 1][..], &at.to_le_bytes()].concat()
}

/// A protobuf field of bytes: a string or a message.
fn bytes_field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(bytes.len() as u64), bytes].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn record(message: &[u8]) -> Vec<u8> {
    let length = (message.len() as u64).to_le_bytes();
    let (head, tail) = (masked(&length).to_le_bytes(), masked(message).to_le_bytes());
    [&length[..], &head, message, &tail].concat()
}

/// A masked CRC, rotated and shifted, so that checksums can be part of checksummed data (TensorFlow, `crc32c.h`).
fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C, with Castagnoli's polynomial, least significant bit first (RFC 3720, B.4).
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let (mut c, mut bit) = (i as u32, 0);
            while bit < 8 {
                c = if c & 1 == 1 { c >> 1 ^ 0x82f6_3b78 } else { c >> 1 };
                bit += 1;
            }
            table[i] = c;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 255) as usize] ^ crc >> 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_rfc() {
        // expected: RFC 3720, B.4, and the check value of CRC-32/ISCSI
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_record_is_framed_as_tensorboard_reads_it() {
        let losses = Losses { step: 300.0, heads: [0.5; 5], ..Losses::default() };
        let bytes = event(2.0, "valid", &losses, &[]);
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        assert_eq!(bytes.len(), length + 16);
        let crc = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!(
            (crc(8), crc(12 + length)),
            (masked(&bytes[..8]), masked(&bytes[12..12 + length]))
        );
        let message = &bytes[12..12 + length];
        // the time, a double, and the step, 300 as two groups of seven bits
        assert_eq!(message[..9], [&[9][..], &2.0_f64.to_le_bytes()].concat());
        assert_eq!(message[9..12], [16, 0xac, 2]);
        assert_eq!(message[12], 5 << 3 | 2);
        // the first value: its tag and its number
        let value = [&[10, 12][..], b"valid/spikes", &[21], &0.5_f32.to_le_bytes()].concat();
        let found = message.windows(value.len()).filter(|w| *w == value).count();
        assert_eq!(found, 1, "{message:?}");
    }
}
