//! Where blocks and their spectra lie.

use std::ops::Range;

use super::super::shape::Shape;
use crate::simd::Isa;

/// Rows and columns of a product that are computed together: 8 vectors of sums.
pub(super) const TILE: usize = 2;
/// Rows and columns of a tile fit in evenly.
pub(super) fn even(n: usize) -> usize {
    n.next_multiple_of(TILE)
}

/// Channels of a row of spectra: an odd number, which keeps the rows out of each other's cache set.
pub(super) fn odd(n: usize) -> usize {
    even(n) + 1
}

/// Where spectra lie in a buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Numbers in a vector.
    pub(super) lanes: usize,
    /// From one chunk of frequencies to the next.
    pub(super) stride: usize,
    pub(super) chunks: usize,
}

impl Layout {
    /// `rows` spectra of `n` samples.
    pub(super) fn new(isa: Isa, n: usize, rows: usize) -> Self {
        let lanes = isa.lanes();
        // a line more keeps the chunks of a block out of each other's cache set
        Self { lanes, stride: (2 * rows + 2) * lanes, chunks: n / 2 / lanes }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks * self.stride
    }

    /// Where a chunk of the spectrum of a row is, from the chunk's start.
    pub(super) fn at(&self, row: usize) -> usize {
        2 * row * self.lanes
    }
}

/// Blocks of all signals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) n: usize,
    pub(super) time: usize,
    /// Samples of past in a block.
    pub(super) past: usize,
    /// Outputs of a block.
    pub(super) step: usize,
    /// Blocks of an item.
    pub(super) count: usize,
    pub(super) batch: usize,
}

impl Blocks {
    pub(super) fn new(n: usize, s: &Shape) -> Self {
        let past = s.taps - 1;
        let step = n - past;
        Self { n, time: s.time, past, step, count: s.time.div_ceil(step), batch: s.batch }
    }

    pub(super) fn total(&self) -> usize {
        self.batch * self.count
    }

    /// The item and the first output of a block.
    pub(super) fn place(&self, block: usize) -> (usize, usize) {
        (block / self.count, block % self.count * self.step)
    }

    /// Outputs of a block.
    pub(super) fn outputs_at(&self, from: usize) -> Range<usize> {
        from..self.time.min(from + self.step)
    }

    /// The samples of a block, zeros where there are none; `room` is used at the ends.
    pub(super) fn samples<'a>(
        &self,
        signal: &'a [f32],
        from: usize,
        room: &'a mut [f32; 256],
    ) -> &'a [f32] {
        if from >= self.past && from - self.past + self.n <= self.time {
            return &signal[from - self.past..][..self.n];
        }
        let skip = self.past.saturating_sub(from);
        self.padded(&signal[from + skip - self.past..], skip, self.n - skip, room)
    }

    /// The outputs of a block, zeros before.
    pub(super) fn outputs<'a>(
        &self,
        signal: &[f32],
        from: usize,
        room: &'a mut [f32; 256],
    ) -> &'a [f32] {
        self.padded(&signal[from..], self.past, self.step, room)
    }

    pub(super) fn padded<'a>(
        &self,
        signal: &[f32],
        skip: usize,
        len: usize,
        room: &'a mut [f32; 256],
    ) -> &'a [f32] {
        let len = len.min(signal.len());
        room[..skip].fill(0.0);
        room[skip..skip + len].copy_from_slice(&signal[..len]);
        room[skip + len..self.n].fill(0.0);
        &room[..self.n]
    }
}
