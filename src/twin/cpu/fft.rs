//! The transform between real blocks of N samples and N/2 complex numbers, modulo z^N + 1.
//!
//! x(z) modulo z^N + 1 is z\[n\] = x\[n\] + i·x\[n + N/2\] modulo z^(N/2) - i. One complex transform of N/2 points
//! after a rotation by e^(iπn/N) therefore represents N real samples completely: no zero frequency and no Nyquist
//! frequency needs special treatment, and nothing has to be untangled. N/2 = R·8: R points down the columns, a
//! transposition, 8 points down the columns.

use std::f64::consts::PI;

use crate::simd::{Vector, dispatch};

/// A vector of complex numbers.
#[derive(Clone, Copy)]
struct C<V>(V, V);

impl<V: Vector> C<V> {
    #[inline(always)]
    fn zero() -> Self {
        Self(V::zero(), V::zero())
    }

    #[inline(always)]
    fn add(self, b: Self) -> Self {
        Self(self.0.add(b.0), self.1.add(b.1))
    }

    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Self(self.0.sub(b.0), self.1.sub(b.1))
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        Self(self.0.fms(b.0, self.1.mul(b.1)), self.0.fma(b.1, self.1.mul(b.0)))
    }

    /// self divided by i.
    #[inline(always)]
    fn down(self) -> Self {
        Self(self.1, V::zero().sub(self.0))
    }
}

/// The transform of 4 points, Σ_n x\[n\]·e^(-2πi·nk/4).
#[inline(always)]
fn dft4<V: Vector>(x: [C<V>; 4]) -> [C<V>; 4] {
    let (a, b) = (x[0].add(x[2]), x[0].sub(x[2]));
    let (c, d) = (x[1].add(x[3]), x[1].sub(x[3]));
    let (p, m) = (C(b.0.add(d.1), b.1.sub(d.0)), C(b.0.sub(d.1), b.1.add(d.0)));
    [a.add(c), p, a.sub(c), m]
}

#[inline(always)]
fn dft8<V: Vector>(x: [C<V>; 8]) -> [C<V>; 8] {
    let h = V::splat(std::f32::consts::FRAC_1_SQRT_2);
    let e = dft4([x[0], x[2], x[4], x[6]]);
    let o = dft4([x[1], x[3], x[5], x[7]]);
    // multiplied by e^(-iπk/4)
    let p = C(o[1].0.add(o[1].1), o[1].1.sub(o[1].0));
    let q = C(o[3].1.sub(o[3].0), o[3].0.add(o[3].1));
    [
        e[0].add(o[0]),
        C(p.0.fma(h, e[1].0), p.1.fma(h, e[1].1)),
        C(e[2].0.add(o[2].1), e[2].1.sub(o[2].0)),
        C(q.0.fma(h, e[3].0), q.1.fnma(h, e[3].1)),
        e[0].sub(o[0]),
        C(p.0.fnma(h, e[1].0), p.1.fnma(h, e[1].1)),
        C(e[2].0.sub(o[2].1), e[2].1.add(o[2].0)),
        C(q.0.fnma(h, e[3].0), q.1.fma(h, e[3].1)),
    ]
}

#[inline(always)]
fn dft16<V: Vector>(x: &[C<V>; 16]) -> [C<V>; 16] {
    const H: f32 = std::f32::consts::FRAC_1_SQRT_2;
    const A: f32 = 0.923_879_5;
    const B: f32 = 0.382_683_43;
    const TURNS: [(f32, f32); 8] =
        [(1.0, 0.0), (A, -B), (H, -H), (B, -A), (0.0, -1.0), (-B, -A), (-H, -H), (-A, -B)];
    let e = dft8([x[0], x[2], x[4], x[6], x[8], x[10], x[12], x[14]]);
    let o = dft8([x[1], x[3], x[5], x[7], x[9], x[11], x[13], x[15]]);
    let mut out = [C::zero(); 16];
    for k in 0..8 {
        let t = match k {
            0 => o[0],
            4 => o[4].down(),
            _ => o[k].mul(C(V::splat(TURNS[k].0), V::splat(TURNS[k].1))),
        };
        out[k] = e[k].add(t);
        out[k + 8] = e[k].sub(t);
    }
    out
}

/// The transform of R points, where R is 4, 8 or 16.
#[inline(always)]
fn dft<V: Vector, const R: usize>(x: &mut [C<V>; R]) {
    match R {
        4 => {
            let z = dft4([x[0], x[1], x[2], x[3]]);
            x.copy_from_slice(&z);
        }
        8 => {
            let z = dft8([x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]]);
            x.copy_from_slice(&z);
        }
        _ => {
            let mut all = [C::zero(); 16];
            all.copy_from_slice(x);
            x.copy_from_slice(&dft16(&all));
        }
    }
}

/// The factors of the transforms of one size.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Number of samples in a block, N.
    pub(crate) n: usize,
    /// The rotation e^(iπn/N), `[real or imaginary][N/2]`; below, the factors e^(-2πi·n2·k1/(N/2)) with n2 in rows of
    /// 8.
    twist: [Vec<f32>; 2],
    twiddle: [Vec<f32>; 2],
}

impl Plan {
    /// The factors for blocks of 64, 128 or 256 samples.
    pub(crate) fn new(n: usize) -> Self {
        let table = |f: &dyn Fn(usize) -> f64| (0..n / 2).map(|i| f(i) as f32).collect::<Vec<_>>();
        let twist = |i: usize| PI * i as f64 / n as f64;
        let twiddle = |i: usize| -4.0 * PI * (i / 8 * (i % 8)) as f64 / n as f64;
        Self {
            n,
            twist: [table(&|i| twist(i).cos()), table(&|i| twist(i).sin())],
            twiddle: [table(&|i| twiddle(i).cos()), table(&|i| twiddle(i).sin())],
        }
    }
}

/// The place of a frequency of a block. The block has chunks of as many frequencies as a vector of products holds,
/// first the real parts and then the imaginary ones; the chunks are `stride` apart, the first at `at`.
#[inline(always)]
fn place<V: Vector>(at: usize, stride: usize, frequency: usize) -> usize {
    at + frequency / V::N * stride + frequency % V::N
}

/// Two blocks between the halves of a transform, real and imaginary: R rows of 8. They are in explicit memory, because
/// what exceeds the registers is stored in any case, and arrays of vectors cost more in wasm.
#[derive(Debug, Clone)]
pub(crate) struct Scratch([[[f32; 128]; 2]; 2]);

impl Default for Scratch {
    fn default() -> Self {
        Self([[[0.0; 128]; 2]; 2])
    }
}

/// The first half of a transform: R points down the columns of a block, after the rotation and before the factors.
#[inline(always)]
fn first<V: Vector, const R: usize>(plan: &Plan, x: &[f32], [re, im]: &mut [[f32; 128]; 2]) {
    let x = &x[..16 * R];
    let [tr, ti] = [&plan.twist[0][..8 * R], &plan.twist[1][..8 * R]];
    let [wr, wi] = [&plan.twiddle[0][..8 * R], &plan.twiddle[1][..8 * R]];
    for l in (0..8).step_by(V::N) {
        let mut z = [C::zero(); R];
        for n in 0..R {
            let at = 8 * n + l;
            let twist = C(V::load(tr, at), V::load(ti, at));
            z[n] = C(V::load(x, at), V::load(x, 8 * R + at)).mul(twist);
        }
        dft(&mut z);
        for k in 0..R {
            let at = 8 * k + l;
            let twiddle = C(V::load(wr, at), V::load(wi, at));
            let z = if k == 0 { z[0] } else { z[k].mul(twiddle) };
            z.0.store(re, at);
            z.1.store(im, at);
        }
    }
}

/// The last half of the inverse transform. Real and imaginary parts are exchanged before and after, which makes the
/// forward transform the inverse one.
#[inline(always)]
fn last<V: Vector, const R: usize>(plan: &Plan, [re, im]: &[[f32; 128]; 2], out: &mut [f32]) {
    let out = &mut out[..16 * R];
    let [tr, ti] = [&plan.twist[0][..8 * R], &plan.twist[1][..8 * R]];
    let [wr, wi] = [&plan.twiddle[0][..8 * R], &plan.twiddle[1][..8 * R]];
    for l in (0..8).step_by(V::N) {
        let mut z = [C::zero(); R];
        for k in 0..R {
            let at = 8 * k + l;
            let twiddle = C(V::load(wr, at), V::load(wi, at));
            let value = C(V::load(re, at), V::load(im, at));
            z[k] = if k == 0 { value } else { value.mul(twiddle) };
        }
        dft(&mut z);
        for n in 0..R {
            let at = 8 * n + l;
            let z = z[n].mul(C(V::load(tr, at), V::load(ti, at)));
            z.1.store(out, at);
            z.0.store(out, 8 * R + at);
        }
    }
}

/// Transposes V::N rows of 8 columns to 8 vectors of V::N. The rows come in groups of four, one group after the other.
#[inline(always)]
fn turn<V: Vector>(rows: [&[f32]; 2]) -> [V; 8] {
    let mut out = [V::zero(); 8];
    for l in (0..8).step_by(V::N) {
        for i in 0..V::N {
            out[l + i] = V::load(rows[i / 4], i % 4 * 8 + l);
        }
        V::transpose(&mut out[l..l + V::N]);
    }
    out
}

/// Transposes 8 vectors of V::N back to V::N rows of 8 columns.
#[inline(always)]
fn turn_back<V: Vector>(mut x: [V; 8], rows: [&mut [f32]; 2]) {
    for l in (0..8).step_by(V::N) {
        V::transpose(&mut x[l..l + V::N]);
        for i in 0..V::N {
            x[l + i].store(rows[i / 4], i % 4 * 8 + l);
        }
    }
}

#[inline(always)]
fn pairs<V: Vector>(re: [V; 8], im: [V; 8]) -> [C<V>; 8] {
    [
        C(re[0], im[0]),
        C(re[1], im[1]),
        C(re[2], im[2]),
        C(re[3], im[3]),
        C(re[4], im[4]),
        C(re[5], im[5]),
        C(re[6], im[6]),
        C(re[7], im[7]),
    ]
}

#[inline(always)]
fn parts<V: Vector>(z: [C<V>; 8]) -> [[V; 8]; 2] {
    [
        [z[0].0, z[1].0, z[2].0, z[3].0, z[4].0, z[5].0, z[6].0, z[7].0],
        [z[0].1, z[1].1, z[2].1, z[3].1, z[4].1, z[5].1, z[6].1, z[7].1],
    ]
}

#[inline(always)]
fn forward_sized<W: Vector<Short = V>, V: Vector, const R: usize>(
    plan: &Plan,
    Scratch(halves): &mut Scratch,
    blocks: [&[f32]; 2],
    out: &mut [f32],
    at: [usize; 2],
    stride: usize,
) {
    for p in 0..2 {
        first::<V, R>(plan, blocks[p], &mut halves[p]);
    }
    let [a, b] = &*halves;
    if R < V::N {
        // four rows of each of the two blocks fill the lanes
        let z =
            dft8(pairs(turn::<V>([&a[0][..32], &b[0][..32]]), turn([&a[1][..32], &b[1][..32]])));
        for k in (0..8).step_by(2) {
            let (re, im) = (V::halves(z[k].0, z[k + 1].0), V::halves(z[k].1, z[k + 1].1));
            for p in 0..2 {
                let at = place::<W>(at[p], stride, k / 2 * V::N);
                re[p].store(out, at);
                im[p].store(out, at + W::N);
            }
        }
        return;
    }
    for p in 0..2 {
        let [re, im] = &halves[p];
        for g in 0..R / V::N {
            let row = g * V::N * 8;
            let next = row + V::N * 8 - 32;
            let re = turn::<V>([&re[row..row + 32], &re[next..next + 32]]);
            let im = turn::<V>([&im[row..row + 32], &im[next..next + 32]]);
            let z = dft8(pairs(re, im));
            for k in 0..8 {
                let at = place::<W>(at[p], stride, (g * 8 + k) * V::N);
                z[k].0.store(out, at);
                z[k].1.store(out, at + W::N);
            }
        }
    }
}

#[inline(always)]
fn inverse_sized<W: Vector<Short = V>, V: Vector, const R: usize>(
    plan: &Plan,
    Scratch(halves): &mut Scratch,
    x: &[f32],
    at: [usize; 2],
    stride: usize,
    out: &mut [f32],
) {
    if R < V::N {
        let mut z = [C::zero(); 8];
        for k in (0..8).step_by(2) {
            let at = at.map(|at| place::<W>(at, stride, k / 2 * V::N));
            let im = V::halves(V::load(x, at[0]), V::load(x, at[1]));
            let re = V::halves(V::load(x, at[0] + W::N), V::load(x, at[1] + W::N));
            (z[k], z[k + 1]) = (C(re[0], im[0]), C(re[1], im[1]));
        }
        let [re, im] = parts(dft8(z));
        let [a, b] = &mut *halves;
        turn_back(re, [&mut a[0][..32], &mut b[0][..32]]);
        turn_back(im, [&mut a[1][..32], &mut b[1][..32]]);
    } else {
        for p in 0..2 {
            for g in 0..R / V::N {
                let mut z = [C::zero(); 8];
                for k in 0..8 {
                    let at = place::<W>(at[p], stride, (g * 8 + k) * V::N);
                    z[k] = C(V::load(x, at + W::N), V::load(x, at));
                }
                let parts = parts(dft8(z));
                for (part, half) in parts.into_iter().zip(&mut halves[p]) {
                    let rows = &mut half[g * V::N * 8..][..V::N * 8];
                    let (low, high) = rows.split_at_mut(32);
                    turn_back(part, [low, high]);
                }
            }
        }
    }
    let (a, b) = out.split_at_mut(16 * R);
    last::<V, R>(plan, &halves[0], a);
    last::<V, R>(plan, &halves[1], b);
}

#[inline(always)]
fn forward_body<V: Vector>(
    plan: &Plan,
    scratch: &mut Scratch,
    blocks: [&[f32]; 2],
    out: &mut [f32],
    at: [usize; 2],
    stride: usize,
) {
    match plan.n {
        64 => forward_sized::<V, V::Short, 4>(plan, scratch, blocks, out, at, stride),
        128 => forward_sized::<V, V::Short, 8>(plan, scratch, blocks, out, at, stride),
        _ => forward_sized::<V, V::Short, 16>(plan, scratch, blocks, out, at, stride),
    }
}

#[inline(always)]
fn inverse_body<V: Vector>(
    plan: &Plan,
    scratch: &mut Scratch,
    x: &[f32],
    at: [usize; 2],
    stride: usize,
    out: &mut [f32],
) {
    match plan.n {
        64 => inverse_sized::<V, V::Short, 4>(plan, scratch, x, at, stride, out),
        128 => inverse_sized::<V, V::Short, 8>(plan, scratch, x, at, stride, out),
        _ => inverse_sized::<V, V::Short, 16>(plan, scratch, x, at, stride, out),
    }
}

dispatch! {
    vectors
    /// The spectra of two blocks of N samples.
    pub(crate) fn forward(plan: &Plan, scratch: &mut Scratch, blocks: [&[f32]; 2], out: &mut [f32], at: [usize; 2], stride: usize) = forward_body
}

dispatch! {
    vectors
    /// N/2 times the samples of two spectra, one after the other.
    pub(crate) fn inverse(plan: &Plan, scratch: &mut Scratch, x: &[f32], at: [usize; 2], stride: usize, out: &mut [f32]) = inverse_body
}
