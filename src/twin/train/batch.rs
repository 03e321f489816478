//! Batches: windows of simulations, scaled and stacked on the host.

use std::borrow::Borrow;
use std::ops::Range;

use burn::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::data::sample::{Sample, SourceError};
use crate::text::count;
use crate::twin::heads::Outputs;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::scaling::Scaling;

/// Margin at either end of a simulation that windows leave out, ms.
pub(crate) const MARGIN: usize = 16;

/// Time after a perturbation that its window also holds, where there is room, ms: most of the response.
const RESPONSE: usize = 64;

/// A window of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Number of the simulation in its split.
    pub index: usize,
    /// A random number that places the window, once the simulation's duration is known.
    place: u32,
    /// Greatest length, ms; in a shorter simulation the window is shorter.
    pub length: usize,
}

impl Window {
    /// A window in the middle of the simulation.
    pub fn centred(index: usize, length: usize) -> Self {
        Self { index, place: u32::MAX / 2, length }
    }

    /// The window's first ms and its length in a simulation of `duration` ms.
    pub fn place(&self, duration: usize) -> (usize, usize) {
        let (margin, room) = room(duration);
        let length = self.length.min(room);
        (self.within(margin, margin + room - length), length)
    }

    /// The window's first ms in a simulation of `duration` ms, such that its `length` ms (at most that of
    /// [`Window::place`]) hold a perturbation.
    fn place_over(&self, duration: usize, length: usize, perturbed: &Range<usize>) -> usize {
        let (margin, room) = room(duration);
        let last = margin + room - length;
        let latest = perturbed.start.clamp(margin, last);
        let end = (perturbed.end + RESPONSE).min(margin + room);
        let earliest = end.saturating_sub(length).clamp(margin, latest);
        self.within(earliest, latest)
    }

    fn within(&self, earliest: usize, latest: usize) -> usize {
        let places = (latest - earliest + 1) as u64;
        earliest + ((places * u64::from(self.place)) >> 32) as usize
    }

    /// The number of one of the simulation's `n` partners, drawn independently of the place.
    pub fn partner(&self, n: usize) -> usize {
        ((n as u64 * u64::from(self.place & 0xffff)) >> 16) as usize
    }
}

/// The margin of a simulation of `duration` ms, and the number of ms between its margins.
fn room(duration: usize) -> (usize, usize) {
    let margin = if duration > 3 * MARGIN { MARGIN } else { 0 };
    (margin, duration - 2 * margin)
}

/// The batches of a training epoch: which simulations in which order, and which windows. The same seed and epoch give
/// the same batches, whatever happened before.
pub fn epoch_plan(
    seed: u64,
    epoch: usize,
    simulations: usize,
    batch_size: usize,
    window_ms: usize,
) -> Vec<Vec<Window>> {
    let mut rng = stream(seed, 1 + epoch as u64);
    let mut order: Vec<usize> = (0..simulations).collect();
    // a shuffle by Fisher and Yates
    for i in (1..simulations).rev() {
        let j = (u64::from(rng.next_u32()) * (i as u64 + 1)) >> 32;
        order.swap(i, j as usize);
    }
    windows(&order, &mut rng, batch_size, window_ms)
}

/// The batches of windows for validation, the same at every validation.
pub fn valid_plan(
    seed: u64,
    simulations: usize,
    batch_size: usize,
    window_ms: usize,
) -> Vec<Vec<Window>> {
    let order: Vec<usize> = (0..simulations).collect();
    windows(&order, &mut stream(seed, 0), batch_size, window_ms)
}

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

fn windows(
    order: &[usize],
    rng: &mut ChaCha8Rng,
    batch_size: usize,
    length: usize,
) -> Vec<Vec<Window>> {
    let mut window = |&index: &usize| Window { index, place: rng.next_u32(), length };
    order.chunks(batch_size.max(1)).map(|chunk| chunk.iter().map(&mut window).collect()).collect()
}

/// Inputs and targets of several windows, scaled.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Inputs, (batch, 2, S, T).
    pub x: Vec<f32>,
    /// Targets, (batch, 4 + S, T), in the order of the heads.
    pub y: Vec<f32>,
    /// Number of windows.
    pub size: usize,
    /// Number of segments, S.
    pub segments: usize,
    /// Duration of the windows, T, ms.
    pub duration: usize,
    /// The same windows of the perturbed simulations, for Taylor consistency; `None` without it.
    pub partner: Option<Box<Self>>,
}

impl Batch {
    /// Stacks a window of each sample; all windows are cut to the shortest.
    ///
    /// # Errors
    /// [`SourceError`] where the samples have different numbers of segments.
    pub fn new<S: Borrow<Sample>>(
        samples: &[(Window, S)],
        scaling: &Scaling,
        segments: usize,
    ) -> Result<Self, SourceError> {
        let placed = samples.iter().map(|(w, s)| (w, s.borrow()));
        let placed = placed.map(|(w, s)| (w.place(s.duration_ms()), w.index, s));
        let placed: Vec<_> = placed.collect();
        let duration = placed.iter().map(|((_, length), ..)| *length).min().unwrap_or(0);
        let placed: Vec<_> = placed.into_iter().map(|((from, _), i, s)| (from, i, s)).collect();
        Self::stack(&placed, duration, scaling, segments)
    }

    /// Stacks a window of each simulation, moved to hold the difference from its partner's inputs, and the same windows
    /// of the partners.
    ///
    /// # Errors
    /// [`SourceError`] where the samples have different numbers of segments, or a partner differs in more than its
    /// inputs.
    pub fn pairs<S: Borrow<Sample>>(
        samples: &[(Window, [S; 2])],
        scaling: &Scaling,
        segments: usize,
    ) -> Result<Self, SourceError> {
        let length = |(w, [s, _]): &(Window, [S; 2])| w.place(s.borrow().duration_ms()).1;
        let duration = samples.iter().map(length).min().unwrap_or(0);
        let (mut bases, mut partners) = (Vec::new(), Vec::new());
        for (window, [base, partner]) in samples {
            let (base, partner) = (base.borrow(), partner.borrow());
            let perturbed = base.perturbed_ms(partner, window.index)?;
            let from = window.place_over(base.duration_ms(), duration, &perturbed);
            bases.push((from, window.index, base));
            partners.push((from, window.index, partner));
        }
        let partner = Self::stack(&partners, duration, scaling, segments)?;
        let base = Self::stack(&bases, duration, scaling, segments)?;
        Ok(Self { partner: Some(Box::new(partner)), ..base })
    }

    /// Stacks `duration` ms of each sample. An entry of `placed` is the simulation's number, for messages, the first
    /// ms, and the sample.
    fn stack(
        placed: &[(usize, usize, &Sample)],
        duration: usize,
        scaling: &Scaling,
        segments: usize,
    ) -> Result<Self, SourceError> {
        let size = placed.len();
        let mut x = Vec::with_capacity(size * 2 * segments * duration);
        let mut y = Vec::with_capacity(size * (4 + segments) * duration);
        for &(from, index, sample) in placed {
            sample.check(&format!("simulation {index}"))?;
            if sample.segments() != segments || sample.targets.dend_v.nrows() != segments {
                return Err(SourceError {
                    what: format!("simulation {index}"),
                    problem: format!(
                        "has {}, but the twin is for {segments}",
                        count(sample.segments(), "segment")
                    ),
                });
            }
            let times = from..from + duration;
            let x_scale = scaling.X_scale as f32;
            for kind in 0..2 {
                for segment in 0..segments {
                    let row = |t| sample.inputs[(segment, t, kind)].to_f32() / x_scale;
                    x.extend(times.clone().map(row));
                }
            }
            let t = &sample.targets;
            let one = |b: bool| f32::from(u8::from(b));
            y.extend(times.clone().map(|i| one(t.spikes[i])));
            y.extend(times.clone().map(|i| scaling.soma(t.soma_v[i])));
            y.extend(times.clone().map(|i| one(t.near_spike[i])));
            y.extend(times.clone().map(|i| scaling.rate(t.inst_rate[i])));
            for segment in 0..segments {
                let row = |i| scaling.dend(t.dend_v[(segment, i)].to_f32());
                y.extend(times.clone().map(row));
            }
        }
        Ok(Self { x, y, size, segments, duration, partner: None })
    }

    /// The batch in at most `parts` parts of nearly equal sizes, each with its share of the windows.
    pub fn split(self, parts: usize) -> Vec<(f64, Self)> {
        let parts = parts.clamp(1, self.size.max(1));
        if parts == 1 {
            return vec![(1.0, self)];
        }
        let Self { x, y, size, segments, duration, partner } = self;
        let [of_x, of_y] = [2 * segments * duration, (4 + segments) * duration];
        let mut partners = partner.map(|partner| partner.split(parts).into_iter());
        let bounds = (0..parts).map(|part| part * size / parts..(part + 1) * size / parts);
        bounds
            .map(|windows| {
                let cut =
                    |all: &[f32], each| all[windows.start * each..windows.end * each].to_vec();
                let partner = partners.as_mut().and_then(Iterator::next);
                let part = Self {
                    x: cut(&x, of_x),
                    y: cut(&y, of_y),
                    size: windows.len(),
                    segments,
                    duration,
                    partner: partner.map(|(_, partner)| Box::new(partner)),
                };
                (windows.len() as f64 / size as f64, part)
            })
            .collect()
    }

    /// Uploads the batch to a device: inputs `[batch, 2, S, T]` and targets `[batch, 4 + S, T]`.
    pub fn upload<B: TwinBackend>(self, device: &B::Device) -> (Tensor<B, 4>, Outputs<B>) {
        let Self { x, y, size, segments, duration, .. } = self;
        let mut rows = B::upload(vec![x, y], device).into_iter();
        let mut next = || rows.next().unwrap_or_else(|| unreachable!("a tensor for each row"));
        let x = next().reshape([size, 2, segments, duration]);
        (x, Outputs { all: next().reshape([size, 4 + segments, duration]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_fit_and_keep_clear_of_the_ends() {
        for duration in [1, 20, 48, 49, 300, 8192] {
            for place in [0, 7_000, u32::MAX] {
                let window = Window { index: 0, place, length: 2048 };
                let (from, length) = window.place(duration);
                assert!(length >= 1 && from + length <= duration, "{duration}");
                if duration > 48 {
                    assert!(from >= 16 && from + length <= duration - 16, "{duration}");
                }
            }
        }
        assert_eq!(Window::centred(0, 8128).place(8192), (32, 8128));
    }

    #[test]
    fn windows_of_pairs_hold_the_perturbation_and_its_response() {
        for duration in [1, 20, 49, 300, 8192] {
            for place in [0, 7_000, 1 << 31, u32::MAX] {
                for wanted in [1, 40, 200, 2048] {
                    let window = Window { index: 0, place, length: wanted };
                    let (_, length) = window.place(duration);
                    for start in [0, duration / 3, duration - 1] {
                        let perturbed = start..(start + 8).min(duration);
                        let from = window.place_over(duration, length, &perturbed);
                        assert!(from + length <= duration, "{duration} {wanted} {start}");
                        // where the window is long enough, and the perturbation not within the margins
                        if start >= 16 && perturbed.end + RESPONSE + 16 <= duration {
                            assert!(from <= start);
                            if length >= 8 + RESPONSE {
                                assert!(perturbed.end + RESPONSE <= from + length);
                            }
                        }
                    }
                }
            }
        }
        let drawn = |place| Window { index: 0, place, length: 9 }.partner(3);
        assert_eq!([0, 0x5556, 0xffff, 0x1_0000].map(drawn), [0, 1, 2, 0]);
    }

    #[test]
    fn an_epoch_takes_each_simulation_once() {
        let plan = epoch_plan(3, 5, 37, 16, 100);
        assert_eq!(plan.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16, 5]);
        let mut seen: Vec<usize> = plan.iter().flatten().map(|w| w.index).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..37).collect::<Vec<_>>());
        assert_eq!(plan, epoch_plan(3, 5, 37, 16, 100));
        assert_ne!(plan, epoch_plan(3, 6, 37, 16, 100));
        assert_ne!(plan, epoch_plan(4, 5, 37, 16, 100));
    }
}
