//! Causal convolution as products with rows of a padded signal, for few taps. Every tap of every channel is a row, and
//! all rows lie in one buffer, so that only the padding is copied.

use super::par;
use super::room::Room;
use super::shape::{Gradients, Shape};
use crate::simd::{Isa, Vector, dispatch};

/// Zeros after each padded row, so that the last tile may read past its end.
const SLACK: usize = 64;

/// A signal with zeros around each channel.
struct Padded {
    values: Room,
    row: usize,
}

impl Padded {
    /// `before` zeros, the signal, `after` zeros and some slack.
    fn new(x: &[f32], rows: usize, time: usize, before: usize, after: usize) -> Self {
        let row = before + time + after + SLACK;
        let mut values = Room::any(rows * row);
        par::chunks(&mut values, row, |i, out| {
            out[..before].fill(0.0);
            out[before..before + time].copy_from_slice(&x[i * time..(i + 1) * time]);
            out[before + time..].fill(0.0);
        });
        Self { values, row }
    }

    /// The rows of one batch item.
    fn item(&self, index: usize, channels: usize) -> &[f32] {
        let len = channels * self.row;
        &self.values[index * len..(index + 1) * len]
    }
}

/// The starts of a padded signal's rows: one for each channel and tap.
fn rows_of(s: &Shape, channels: usize, row: usize, offset: impl Fn(usize) -> usize) -> Vec<usize> {
    let tap = |c: usize| move |k: usize| (c, k);
    let pairs = (0..channels).flat_map(|c| (0..s.taps).map(tap(c)));
    pairs.map(|(c, k)| c * row + offset(k)).collect()
}

/// Number of output rows that are computed together.
const ROWS: usize = 4;

/// Computes out\[m, t\] = bias\[m\] + Σ_r weight\[r\]\[m\]·buffer\[offsets\[r\] + t\] for up to [`ROWS`] rows.
#[inline(always)]
fn rows_body<V: Vector>(
    out: &mut [f32],
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
    weight: &[[f32; ROWS]],
    bias: &[f32; ROWS],
) {
    // with three vectors 12 sums, 3 inputs and a weight need all of 16 registers, and the compiler spills one sum,
    // whose way through memory takes twice as long as all the rest
    if V::N == 16 {
        tiles::<V, 3>(out, time, buffer, offsets, weight, bias);
    } else {
        tiles::<V, 2>(out, time, buffer, offsets, weight, bias);
    }
}

#[inline(always)]
fn tiles<V: Vector, const WIDE: usize>(
    out: &mut [f32],
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
    weight: &[[f32; ROWS]],
    bias: &[f32; ROWS],
) {
    let wide = WIDE * V::N;
    for from in (0..time).step_by(wide) {
        let mut sums = [[V::zero(); WIDE]; ROWS];
        for (sum, &b) in sums.iter_mut().zip(bias) {
            *sum = [V::splat(b); WIDE];
        }
        for (&offset, w) in offsets.iter().zip(weight) {
            let x = &buffer[offset + from..][..wide];
            let mut v = [V::zero(); WIDE];
            for i in 0..WIDE {
                v[i] = V::load(x, i * V::N);
            }
            for m in 0..ROWS {
                let w = V::splat(w[m]);
                for i in 0..WIDE {
                    sums[m][i] = w.fma(v[i], sums[m][i]);
                }
            }
        }
        let len = wide.min(time - from);
        for (row, sum) in out.chunks_mut(time).zip(&sums) {
            let mut lanes = [0f32; 48];
            for i in 0..WIDE {
                sum[i].store(&mut lanes, i * V::N);
            }
            row[from..from + len].copy_from_slice(&lanes[..len]);
        }
    }
}

dispatch! {
    vectors fn rows(
        out: &mut [f32],
        time: usize,
        buffer: &[f32],
        offsets: &[usize],
        weight: &[[f32; ROWS]],
        bias: &[f32; ROWS],
    ) = rows_body
}

/// The weights of [`ROWS`] outputs side by side, for each group of outputs.
fn pack(outputs: usize, inputs: usize, at: impl Fn(usize, usize) -> f32) -> Vec<[f32; ROWS]> {
    let groups = outputs.div_ceil(ROWS);
    let mut packed = vec![[0.0; ROWS]; groups * inputs];
    for (i, cell) in packed.iter_mut().enumerate() {
        let (group, r) = (i / inputs, i % inputs);
        for (m, value) in cell.iter_mut().enumerate() {
            if group * ROWS + m < outputs {
                *value = at(group * ROWS + m, r);
            }
        }
    }
    packed
}

/// Computes the products of all outputs of all items with the rows of a padded signal.
#[allow(clippy::too_many_arguments)] // a kernel takes its shapes and its arrays
fn all_rows(
    isa: Isa,
    out: &mut [f32],
    outputs: usize,
    channels: usize,
    time: usize,
    padded: &Padded,
    offsets: &[usize],
    packed: &[[f32; ROWS]],
    bias: Option<&[f32]>,
) {
    par::chunks(out, outputs * time, |item, out| {
        let buffer = padded.item(item, channels);
        par::chunks(out, ROWS * time, |group, out| {
            let weight = &packed[group * offsets.len()..(group + 1) * offsets.len()];
            let mut first = [0.0; ROWS];
            if let Some(bias) = bias {
                let bias = &bias[group * ROWS..outputs.min((group + 1) * ROWS)];
                first[..bias.len()].copy_from_slice(bias);
            }
            rows(isa, out, time, buffer, offsets, weight, &first);
        });
    });
}

/// See [`super::convolution::forward`].
pub(crate) fn forward(isa: Isa, x: &[f32], weight: &[f32], bias: &[f32], s: &Shape) -> Vec<f32> {
    let padded = Padded::new(x, s.batch * s.channels_in, s.time, s.past(), 0);
    let offsets = rows_of(s, s.channels_in, padded.row, |k| k * s.dilation);
    let inputs = offsets.len();
    let packed = pack(s.channels_out, inputs, |o, r| weight[o * inputs + r]);
    let mut out = vec![0.0; s.batch * s.channels_out * s.time];
    let (outputs, channels) = (s.channels_out, s.channels_in);
    all_rows(isa, &mut out, outputs, channels, s.time, &padded, &offsets, &packed, Some(bias));
    out
}

/// See [`super::convolution::backward`].
pub(crate) fn backward(
    isa: Isa,
    x: &[f32],
    grad: &[f32],
    weight: &[f32],
    s: &Shape,
    of_x: bool,
) -> Gradients {
    // zeros after the gradient serve the mirrored convolution and the last steps of the products
    let grads = Padded::new(grad, s.batch * s.channels_out, s.time, 0, s.past());
    let of_x = of_x.then(|| grad_x(isa, &grads, weight, s));
    Gradients { of_x, of_weight: grad_weight(isa, x, &grads, s) }
}

/// The gradient of the input: the mirrored convolution, whose output depends on the future alone.
fn grad_x(isa: Isa, grads: &Padded, weight: &[f32], s: &Shape) -> Vec<f32> {
    let offsets = rows_of(s, s.channels_out, grads.row, |k| (s.taps - 1 - k) * s.dilation);
    let inputs = s.channels_in * s.taps;
    let packed = pack(s.channels_in, offsets.len(), |c, r| {
        weight[r / s.taps * inputs + c * s.taps + r % s.taps]
    });
    let mut out = vec![0.0; s.batch * s.channels_in * s.time];
    let (outputs, channels) = (s.channels_in, s.channels_out);
    all_rows(isa, &mut out, outputs, channels, s.time, grads, &offsets, &packed, None);
    out
}

/// The gradient of the weight, `[out, in, taps]`.
fn grad_weight(isa: Isa, x: &[f32], grads: &Padded, s: &Shape) -> Vec<f32> {
    let padded = Padded::new(x, s.batch * s.channels_in, s.time, s.past(), 0);
    let offsets = rows_of(s, s.channels_in, padded.row, |k| k * s.dilation);
    let inputs = offsets.len();
    let mut out = vec![0.0; s.channels_out * inputs];
    par::chunks(&mut out, OUTPUTS * inputs, |group, out| {
        for item in 0..s.batch {
            let first = group * OUTPUTS * grads.row;
            let rows = &grads.item(item, s.channels_out)[first..];
            let buffer = padded.item(item, s.channels_in);
            dots(isa, out, inputs, rows, grads.row, s.time, buffer, &offsets);
        }
    });
    out
}

/// Number of gradient rows that are used together.
const OUTPUTS: usize = 3;

/// Computes out\[o, r\] += Σ_t grads\[o, t\]·buffer\[offsets\[r\] + t\] for up to [`OUTPUTS`] rows.
#[inline(always)]
fn dots_body<V: Vector>(
    out: &mut [f32],
    inputs: usize,
    grads: &[f32],
    grad_row: usize,
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
) {
    // 12 sums, 3 gradients and an input fill 16 registers; without a fused operation a product needs one too
    if V::N == 4 {
        dots_tiles::<V, 3>(out, inputs, grads, grad_row, time, buffer, offsets);
    } else {
        dots_tiles::<V, 4>(out, inputs, grads, grad_row, time, buffer, offsets);
    }
}

#[inline(always)]
fn dots_tiles<V: Vector, const TAPS: usize>(
    out: &mut [f32],
    inputs: usize,
    grads: &[f32],
    grad_row: usize,
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
) {
    let count = out.len() / inputs;
    // the gradient's row ends in zeros, so that the last step may go past the end
    let len = time.next_multiple_of(V::N);
    // a missing row is replaced by the first one, and its sums are dropped
    let mut g = [&grads[..len]; OUTPUTS];
    for o in 1..count {
        g[o] = &grads[o * grad_row..][..len];
    }
    for (tile, offsets) in offsets.chunks(TAPS).enumerate() {
        let mut x = [&buffer[offsets[0]..][..len]; TAPS];
        for r in 1..offsets.len() {
            x[r] = &buffer[offsets[r]..][..len];
        }
        let mut sums = [[V::zero(); TAPS]; OUTPUTS];
        for t in (0..len).step_by(V::N) {
            let mut a = [V::zero(); OUTPUTS];
            for o in 0..OUTPUTS {
                a[o] = V::load(g[o], t);
            }
            for r in 0..TAPS {
                let x = V::load(x[r], t);
                for o in 0..OUTPUTS {
                    sums[o][r] = a[o].fma(x, sums[o][r]);
                }
            }
        }
        for o in 0..count {
            for r in 0..offsets.len() {
                out[o * inputs + tile * TAPS + r] += sums[o][r].sum();
            }
        }
    }
}

dispatch! {
    vectors fn dots(
        out: &mut [f32],
        inputs: usize,
        grads: &[f32],
        grad_row: usize,
        time: usize,
        buffer: &[f32],
        offsets: &[usize],
    ) = dots_body
}
