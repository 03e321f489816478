//! Causal convolution as products with rows of a padded signal: every tap of every channel is a
//! row, and all rows lie in one buffer, so nothing is copied but the padding.

use super::par;
use super::simd::{fma, versions};

/// Zeros after each padded row, so that the last tile may read past its end.
const SLACK: usize = 64;

/// A signal with zeros around each channel.
struct Padded {
    values: Vec<f32>,
    row: usize,
}

impl Padded {
    /// `before` zeros, the signal, `after` zeros and some slack.
    fn new(x: &[f32], rows: usize, time: usize, before: usize, after: usize) -> Self {
        let row = before + time + after + SLACK;
        let mut values = vec![0.0; rows * row];
        par::chunks(&mut values, row, |i, out| {
            out[before..before + time].copy_from_slice(&x[i * time..(i + 1) * time]);
        });
        Self { values, row }
    }

    /// The rows of one batch item.
    fn item(&self, index: usize, channels: usize) -> &[f32] {
        let len = channels * self.row;
        &self.values[index * len..(index + 1) * len]
    }
}

/// Rows of output that are computed together.
const ROWS: usize = 4;

/// out\[m, t\] = bias\[m\] + Σ_r weight\[r\]\[m\]·buffer\[offsets\[r\] + t\] for up to [`ROWS`] rows.
#[inline(always)]
fn rows_body<const LANES: usize, const FUSED: bool>(
    out: &mut [f32],
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
    weight: &[[f32; ROWS]],
    bias: &[f32; ROWS],
) {
    // three vectors wide: 12 sums, 3 inputs and a weight fill 16 registers
    match LANES {
        16 => tiles::<48, FUSED>(out, time, buffer, offsets, weight, bias),
        8 => tiles::<24, FUSED>(out, time, buffer, offsets, weight, bias),
        _ => tiles::<8, FUSED>(out, time, buffer, offsets, weight, bias),
    }
}

#[inline(always)]
fn tiles<const WIDE: usize, const FUSED: bool>(
    out: &mut [f32],
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
    weight: &[[f32; ROWS]],
    bias: &[f32; ROWS],
) {
    let mut from = 0;
    while from < time {
        let mut sums = [[0f32; WIDE]; ROWS];
        for (sum, &b) in sums.iter_mut().zip(bias) {
            *sum = [b; WIDE];
        }
        for (&offset, w) in offsets.iter().zip(weight) {
            let x = &buffer[offset + from..][..WIDE];
            for m in 0..ROWS {
                for l in 0..WIDE {
                    sums[m][l] = fma::<FUSED>(w[m], x[l], sums[m][l]);
                }
            }
        }
        let len = WIDE.min(time - from);
        for (row, sum) in out.chunks_mut(time).zip(&sums) {
            row[from..from + len].copy_from_slice(&sum[..len]);
        }
        from += WIDE;
    }
}

versions! {
    fn rows(
        out: &mut [f32],
        time: usize,
        buffer: &[f32],
        offsets: &[usize],
        weight: &[[f32; ROWS]],
        bias: &[f32; ROWS],
    ) = rows_body
}

/// Weights of [`ROWS`] outputs side by side, for each group of outputs.
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

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub batch: usize,
    pub channels_in: usize,
    pub channels_out: usize,
    pub taps: usize,
    pub dilation: usize,
    pub time: usize,
}

impl Shape {
    /// ms of past that an output sees.
    fn past(&self) -> usize {
        (self.taps - 1) * self.dilation
    }

    /// Rows of the padded signal: each channel at each tap.
    fn rows(&self, channels: usize, row: usize, offset: impl Fn(usize) -> usize) -> Vec<usize> {
        let tap = |c: usize| move |k: usize| (c, k);
        let pairs = (0..channels).flat_map(|c| (0..self.taps).map(tap(c)));
        pairs.map(|(c, k)| c * row + offset(k)).collect()
    }
}

/// The products of all outputs of all items with the rows of a padded signal.
#[allow(clippy::too_many_arguments)] // a kernel: its shapes and its arrays
fn all_rows(
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
            rows(out, time, buffer, offsets, weight, &first);
        });
    });
}

/// See [`causal_conv`](crate::twin::causal_conv::causal_conv).
pub(crate) fn forward(x: &[f32], weight: &[f32], bias: &[f32], s: &Shape) -> Vec<f32> {
    let padded = Padded::new(x, s.batch * s.channels_in, s.time, s.past(), 0);
    let offsets = s.rows(s.channels_in, padded.row, |k| k * s.dilation);
    let inputs = offsets.len();
    let packed = pack(s.channels_out, inputs, |o, r| weight[o * inputs + r]);
    let mut out = vec![0.0; s.batch * s.channels_out * s.time];
    let (outputs, channels) = (s.channels_out, s.channels_in);
    all_rows(&mut out, outputs, channels, s.time, &padded, &offsets, &packed, Some(bias));
    out
}

/// The gradient of the input: the mirrored convolution, which sees the future only.
pub(crate) fn grad_x(grad: &[f32], weight: &[f32], s: &Shape) -> Vec<f32> {
    let padded = Padded::new(grad, s.batch * s.channels_out, s.time, 0, s.past());
    let offsets = s.rows(s.channels_out, padded.row, |k| (s.taps - 1 - k) * s.dilation);
    let inputs = s.channels_in * s.taps;
    let packed = pack(s.channels_in, offsets.len(), |c, r| {
        weight[r / s.taps * inputs + c * s.taps + r % s.taps]
    });
    let mut out = vec![0.0; s.batch * s.channels_in * s.time];
    let (outputs, channels) = (s.channels_in, s.channels_out);
    all_rows(&mut out, outputs, channels, s.time, &padded, &offsets, &packed, None);
    out
}

/// Gradients of the weight, `[out, in, taps]`, and of the bias.
pub(crate) fn grad_weight(x: &[f32], grad: &[f32], s: &Shape) -> (Vec<f32>, Vec<f32>) {
    let padded = Padded::new(x, s.batch * s.channels_in, s.time, s.past(), 0);
    let offsets = s.rows(s.channels_in, padded.row, |k| k * s.dilation);
    let ends = Padded::new(grad, s.batch * s.channels_out, s.time, 0, 0);
    let inputs = offsets.len();
    let mut out = vec![0.0; s.channels_out * inputs];
    par::chunks(&mut out, OUTPUTS * inputs, |group, out| {
        for item in 0..s.batch {
            let first = group * OUTPUTS * ends.row;
            let grads = &ends.item(item, s.channels_out)[first..];
            let buffer = padded.item(item, s.channels_in);
            dots(out, inputs, grads, ends.row, s.time, buffer, &offsets);
        }
    });
    let mut bias = vec![0.0; s.channels_out];
    par::chunks(&mut bias, 1, |o, out| {
        let row = |item: usize| &grad[(item * s.channels_out + o) * s.time..][..s.time];
        out[0] = (0..s.batch).map(|item| row(item).iter().sum::<f32>()).sum();
    });
    (out, bias)
}

/// Gradient rows that are used together, and rows of signal with them: 12 sums.
const OUTPUTS: usize = 3;
const TAPS: usize = 4;

/// A vector that stays in a register.
#[derive(Clone, Copy)]
struct Lanes<const N: usize>([f32; N]);

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn load(row: &[f32], at: usize) -> Self {
        match row[at..].first_chunk::<N>() {
            Some(lanes) => Self(*lanes),
            None => Self([0.0; N]),
        }
    }

    /// self + a·b.
    #[inline(always)]
    fn plus<const FUSED: bool>(self, a: Self, b: Self) -> Self {
        let mut sum = self.0;
        for l in 0..N {
            sum[l] = fma::<FUSED>(a.0[l], b.0[l], sum[l]);
        }
        Self(sum)
    }

    /// All lanes added up.
    #[inline(always)]
    fn sum(self) -> f32 {
        self.0.iter().sum()
    }
}

/// out\[o, r\] += Σ_t grads\[o, t\]·buffer\[offsets\[r\] + t\] for up to [`OUTPUTS`] rows.
#[inline(always)]
fn dots_body<const LANES: usize, const FUSED: bool>(
    out: &mut [f32],
    inputs: usize,
    grads: &[f32],
    grad_row: usize,
    time: usize,
    buffer: &[f32],
    offsets: &[usize],
) {
    let count = out.len() / inputs;
    // the gradient's row ends in zeros, so the last step may go past the end
    let steps = time.div_ceil(LANES);
    let len = steps * LANES;
    // a row that is not there is the first one again, and its sums are dropped
    let grad = |o: usize| &grads[if o < count { o * grad_row } else { 0 }..][..len];
    let (g0, g1, g2) = (grad(0), grad(1), grad(2));
    for (tile, offsets) in offsets.chunks(TAPS).enumerate() {
        let row = |r: usize| &buffer[offsets[r.min(offsets.len() - 1)]..][..len];
        let (x0, x1, x2, x3) = (row(0), row(1), row(2), row(3));
        let zero = Lanes([0.0; LANES]);
        let (mut a0, mut a1, mut a2, mut a3) = (zero, zero, zero, zero);
        let (mut b0, mut b1, mut b2, mut b3) = (zero, zero, zero, zero);
        let (mut c0, mut c1, mut c2, mut c3) = (zero, zero, zero, zero);
        for step in 0..steps {
            let t = step * LANES;
            let a = Lanes::<LANES>::load(g0, t);
            let b = Lanes::<LANES>::load(g1, t);
            let c = Lanes::<LANES>::load(g2, t);
            let x = Lanes::<LANES>::load(x0, t);
            (a0, b0, c0) = (a0.plus::<FUSED>(a, x), b0.plus::<FUSED>(b, x), c0.plus::<FUSED>(c, x));
            let x = Lanes::<LANES>::load(x1, t);
            (a1, b1, c1) = (a1.plus::<FUSED>(a, x), b1.plus::<FUSED>(b, x), c1.plus::<FUSED>(c, x));
            let x = Lanes::<LANES>::load(x2, t);
            (a2, b2, c2) = (a2.plus::<FUSED>(a, x), b2.plus::<FUSED>(b, x), c2.plus::<FUSED>(c, x));
            let x = Lanes::<LANES>::load(x3, t);
            (a3, b3, c3) = (a3.plus::<FUSED>(a, x), b3.plus::<FUSED>(b, x), c3.plus::<FUSED>(c, x));
        }
        let sums = [[a0, a1, a2, a3], [b0, b1, b2, b3], [c0, c1, c2, c3]];
        for (o, sums) in sums.iter().enumerate().take(count) {
            for (r, sum) in sums.iter().enumerate().take(offsets.len()) {
                out[o * inputs + tile * TAPS + r] += sum.sum();
            }
        }
    }
}

versions! {
    fn dots(
        out: &mut [f32],
        inputs: usize,
        grads: &[f32],
        grad_row: usize,
        time: usize,
        buffer: &[f32],
        offsets: &[usize],
    ) = dots_body
}
