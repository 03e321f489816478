//! The layout of blocks and of their spectra.

use std::ops::Range;

use super::super::shape::Shape;
use crate::simd::Isa;

/// Number of rows, and of columns, of a product that are computed together: 8 vectors of sums.
pub(super) const TILE: usize = 2;
/// The least multiple of [`TILE`] that is not below `n`.
pub(super) fn even(n: usize) -> usize {
    n.next_multiple_of(TILE)
}

/// Number of channels in a row of spectra: an odd one, so that rows do not share a cache set.
pub(super) fn odd(n: usize) -> usize {
    even(n) + 1
}

/// The layout of spectra in a buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Numbers in a vector.
    pub(super) lanes: usize,
    /// Distance from one chunk of frequencies to the next.
    pub(super) stride: usize,
    pub(super) chunks: usize,
}

impl Layout {
    /// The layout of `rows` spectra of `n` samples.
    pub(super) fn new(isa: Isa, n: usize, rows: usize) -> Self {
        let lanes = isa.lanes();
        // one more line keeps the chunks of a block out of each other's cache set
        Self { lanes, stride: (2 * rows + 2) * lanes, chunks: n / 2 / lanes }
    }

    pub(super) fn len(&self) -> usize {
        self.chunks * self.stride
    }

    /// The place of a row's spectrum in a chunk, from the chunk's start.
    pub(super) fn at(&self, row: usize) -> usize {
        2 * row * self.lanes
    }
}

/// The blocks of all signals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) n: usize,
    pub(super) time: usize,
    /// Number of samples of past in a block.
    pub(super) past: usize,
    /// Number of outputs of a block.
    pub(super) step: usize,
    /// Number of blocks of an item.
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

    /// The item, and the first output, of a block.
    pub(super) fn place(&self, block: usize) -> (usize, usize) {
        (block / self.count, block % self.count * self.step)
    }

    /// The outputs of the block whose first output is `from`.
    pub(super) fn outputs_at(&self, from: usize) -> Range<usize> {
        from..self.time.min(from + self.step)
    }

    /// The samples of a block, padded with zeros outside the signal; `room` is used at the ends.
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

    /// The outputs of a block, preceded by zeros for its past.
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
