//! Causal convolution, forwards and backwards: directly, or through spectra where that is faster.

use super::par;
use super::room::Room;
pub(crate) use super::shape::{Gradients, Shape};
use super::spectral::Cut;
use super::{direct, spectral};
use crate::simd::{Isa, Vector, dispatch};

/// The algorithm of a convolution.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// The direct convolution, tap by tap.
    Direct,
    /// The convolution through spectra.
    Spectral(Cut),
}

impl Way {
    /// The algorithm that takes fewer cycles by an estimate.
    pub(crate) fn of(isa: Isa, s: &Shape) -> Self {
        Cut::best(isa, &s.phases()).map_or(Self::Direct, Self::Spectral)
    }
}

/// Splits each row into a row for each phase of the dilation: `[batch, channels, time]` becomes `[batch, phase,
/// channels, time / dilation]`, with zeros at the end of the shorter phases.
fn phases(x: &[f32], s: &Shape, channels: usize) -> Room {
    let inner = s.phases().time;
    let mut out = Room::zeros(s.batch * s.dilation * channels * inner);
    par::chunks(&mut out, channels * inner, |i, out| {
        let (item, phase) = (i / s.dilation, i % s.dilation);
        for (c, out) in out.chunks_mut(inner).enumerate() {
            let row = &x[(item * channels + c) * s.time..][..s.time];
            for (to, from) in out.iter_mut().zip(row.iter().skip(phase).step_by(s.dilation)) {
                *to = *from;
            }
        }
    });
    out
}

/// Joins the phases again: the inverse of [`phases`].
fn whole(phases: &[f32], s: &Shape, channels: usize) -> Vec<f32> {
    let inner = s.phases().time;
    let mut out = vec![0.0; s.batch * channels * s.time];
    par::chunks(&mut out, s.time, |i, out| {
        let (item, c) = (i / channels, i % channels);
        for (t, to) in out.iter_mut().enumerate() {
            let (at, phase) = (t / s.dilation, t % s.dilation);
            *to = phases[((item * s.dilation + phase) * channels + c) * inner + at];
        }
    });
    out
}

/// The convolution y\[o, t\] = bias\[o\] + Σ_{c,k} weight\[o, c, k\]·x\[c, t - (K-1-k)·dilation\].
///
/// # Shapes
/// - x: `[batch, in, time]`
/// - weight: `[out, in, taps]`
/// - bias: `[out]`
/// - output: `[batch, out, time]`
pub(crate) fn forward(
    isa: Isa,
    way: &Way,
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    s: &Shape,
) -> Vec<f32> {
    match way {
        Way::Direct => direct::forward(isa, x, weight, bias, s),
        Way::Spectral(cut) if s.dilation == 1 => spectral::forward(isa, cut, x, weight, bias, s),
        Way::Spectral(cut) => {
            let x = phases(x, s, s.channels_in);
            let y = spectral::forward(isa, cut, &x, weight, bias, &s.phases());
            whole(&y, s, s.channels_out)
        }
    }
}

/// The gradients of the weight and, where it is requested, of the input.
///
/// # Shapes
/// As in [`forward`]; grad: `[batch, out, time]`.
pub(crate) fn backward(
    isa: Isa,
    way: &Way,
    x: &[f32],
    grad: &[f32],
    weight: &[f32],
    s: &Shape,
    of_x: bool,
) -> Gradients {
    match way {
        Way::Direct => direct::backward(isa, x, grad, weight, s, of_x),
        Way::Spectral(cut) if s.dilation == 1 => {
            spectral::backward(isa, cut, x, grad, weight, s, of_x)
        }
        Way::Spectral(cut) => {
            let (x, grad) = (phases(x, s, s.channels_in), phases(grad, s, s.channels_out));
            let all = spectral::backward(isa, cut, &x, &grad, weight, &s.phases(), of_x);
            Gradients { of_x: all.of_x.map(|g| whole(&g, s, s.channels_in)), ..all }
        }
    }
}

/// The gradient of the bias, `[out]`.
pub(crate) fn grad_bias(isa: Isa, grad: &[f32], s: &Shape) -> Vec<f32> {
    let mut bias = vec![0.0; s.channels_out];
    par::chunks(&mut bias, 1, |o, out| {
        for item in 0..s.batch {
            add_row(isa, &grad[(item * s.channels_out + o) * s.time..][..s.time], &mut out[0]);
        }
    });
    bias
}

/// Adds the sum of a row to `sum`.
#[inline(always)]
fn add_row_body<V: Vector>(row: &[f32], sum: &mut f32) {
    let mut sums = [V::zero(); 4];
    let mut fours = row.chunks_exact(4 * V::N);
    for four in fours.by_ref() {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = sum.add(V::load(four, i * V::N));
        }
    }
    let [a, b, c, d] = sums;
    *sum += a.add(b).add(c.add(d)).sum() + fours.remainder().iter().sum::<f32>();
}

dispatch! { vectors fn add_row(row: &[f32], sum: &mut f32) = add_row_body }

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::max_abs_difference;

    fn noise(n: usize, mut s: u32) -> Vec<f32> {
        let mut draw = || {
            s ^= s << 13;
            s ^= s >> 17;
            s ^= s << 5;
            (s >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..n).map(|_| draw()).collect()
    }

    /// The convolution by its equation, in double precision: y, and the gradients of x, weight and bias.
    fn as_written(x: &[f32], w: &[f32], b: &[f32], g: &[f32], s: &Shape) -> [Vec<f64>; 4] {
        let mut y = vec![0.0; g.len()];
        let (mut gx, mut gw) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        let mut gb = vec![0.0; b.len()];
        for (item, o) in (0..s.batch).flat_map(|i| (0..s.channels_out).map(move |o| (i, o))) {
            for t in 0..s.time {
                let at = (item * s.channels_out + o) * s.time + t;
                y[at] += f64::from(b[o]);
                gb[o] += f64::from(g[at]);
                for c in 0..s.channels_in {
                    for k in 0..s.taps {
                        let back = (s.taps - 1 - k) * s.dilation;
                        if back > t {
                            continue;
                        }
                        let i = (item * s.channels_in + c) * s.time + t - back;
                        let j = (o * s.channels_in + c) * s.taps + k;
                        y[at] += f64::from(w[j]) * f64::from(x[i]);
                        gx[i] += f64::from(w[j]) * f64::from(g[at]);
                        gw[j] += f64::from(x[i]) * f64::from(g[at]);
                    }
                }
            }
        }
        [y, gx, gw, gb]
    }

    /// The largest difference, relative to the largest value of `b`.
    fn apart(a: &[f32], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        let top = b.iter().fold(0f64, |m, v| m.max(v.abs()));
        let a: Vec<f64> = a.iter().copied().map(f64::from).collect();
        max_abs_difference(&a, b) / top
    }

    /// Sizes: batch, channels in, channels out, taps, dilation, time.
    const SHAPES: [[usize; 6]; 9] = [
        [2, 16, 8, 91, 1, 300],
        [3, 5, 7, 13, 1, 257],
        [1, 1, 1, 1, 1, 40],
        [2, 8, 9, 31, 1, 20],
        [5, 3, 12, 9, 4, 131],
        [1, 4, 3, 7, 9, 8],
        [9, 2, 11, 41, 2, 65],
        [1, 17, 33, 3, 1, 700],
        [6, 33, 2, 21, 3, 50],
    ];

    #[test]
    fn every_way_and_instruction_set_computes_the_sums_as_written() {
        for [batch, channels_in, channels_out, taps, dilation, time] in SHAPES {
            let s = Shape { batch, channels_in, channels_out, taps, dilation, time };
            let x = noise(batch * channels_in * time, 1);
            let w = noise(channels_in * channels_out * taps, 2);
            let b = noise(channels_out, 3);
            let g = noise(batch * channels_out * time, 4);
            let [y, gx, gw, gb] = as_written(&x, &w, &b, &g, &s);
            for isa in Isa::available() {
                let sizes = [64, 128, 256].into_iter().filter(|&n| n >= taps);
                let cuts = sizes.map(|n| Way::Spectral(Cut::new(n, &s.phases())));
                for way in [Way::Direct, Way::of(isa, &s)].into_iter().chain(cuts) {
                    // single precision over sums of up to 3,000 products, or 256-point transforms: some ten
                    // roundings of 6e-8 of the largest value
                    let near = |what: &str, a: &[f32], b: &[f64]| {
                        let off = apart(a, b);
                        assert!(off < 2e-6, "{what} {off} {s:?} {way:?} {}", isa.name());
                    };
                    near("y", &forward(isa, &way, &x, &w, &b, &s), &y);
                    let both = backward(isa, &way, &x, &g, &w, &s, true);
                    near("weight", &both.of_weight, &gw);
                    near("x", both.of_x.as_deref().unwrap_or_default(), &gx);
                    let one = backward(isa, &way, &x, &g, &w, &s, false);
                    assert!(one.of_x.is_none() && one.of_weight == both.of_weight, "{s:?}");
                    near("bias", &grad_bias(isa, &g, &s), &gb);
                }
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn the_number_of_threads_does_not_change_a_bit() {
        let s =
            Shape { batch: 7, channels_in: 6, channels_out: 10, taps: 41, dilation: 1, time: 500 };
        let x = noise(s.batch * s.channels_in * s.time, 1);
        let w = noise(s.channels_in * s.channels_out * s.taps, 2);
        let b = noise(s.channels_out, 3);
        let g = noise(s.batch * s.channels_out * s.time, 4);
        let isa = Isa::best();
        for way in [Way::Direct, Way::Spectral(Cut::new(128, &s))] {
            let run = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    let y = forward(isa, &way, &x, &w, &b, &s);
                    let back = backward(isa, &way, &x, &g, &w, &s, true);
                    (y, back.of_x, back.of_weight, grad_bias(isa, &g, &s))
                })
            };
            let one = run(1);
            assert!(run(2) == one && run(5) == one, "{way:?}");
        }
    }
}
