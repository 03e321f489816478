//! The kernels of a training step, each with its input and ready to run on any instruction set of this machine, for
//! `ballstick bench kernels`.

use super::convolution::{self, Shape, Way};
use super::normalise::{self, Params};
use super::recurrence;
use super::spectral::Cut;
use super::{adamw, elementwise, layer, loss};
use crate::simd::Isa;
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::adamw::Coefficients;
use crate::twin::ops::recurrence::Recurrence;

/// The work of one call of a kernel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Work {
    /// Floating-point operations; for a convolution through spectra those of the direct convolution.
    Flop(f64),
    /// Bytes read and written, for a kernel that is bound by memory, not by arithmetic.
    Bytes(f64),
}

/// A kernel with its input.
pub struct Case {
    /// Name of the kernel, with its sizes.
    pub name: String,
    /// The work of one call.
    pub work: Work,
    run: Box<dyn Fn(Isa)>,
}

impl Case {
    fn new(name: impl Into<String>, work: Work, run: impl Fn(Isa) + 'static) -> Self {
        Self { name: name.into(), work, run: Box::new(run) }
    }

    /// Calls the kernel once.
    pub fn run(&self, isa: Isa) {
        (self.run)(isa);
    }
}

/// Numbers between -1 and 1; speed does not depend on them.
fn noise(n: usize, salt: u32) -> Vec<f32> {
    let mut state = salt;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// Adds the cases of a convolution, forwards and backwards, directly and through spectra.
fn convolutions(all: &mut Vec<Case>, s: Shape) {
    let x = noise(s.batch * s.channels_in * s.time, 1);
    let weight = noise(s.channels_out * s.channels_in * s.taps, 2);
    let bias = noise(s.channels_out, 3);
    let grad = noise(s.batch * s.channels_out * s.time, 4);
    let flop = 2.0 * (s.batch * s.time * s.channels_in * s.channels_out * s.taps) as f64;
    let sizes = format!("{}→{} K{}", s.channels_in, s.channels_out, s.taps);
    let mut ways = vec![("direct", None)];
    if s.taps > 2 {
        ways.push(("spectral", Some(if s.taps > 40 { 256 } else { 128 })));
    }
    for (name, n) in ways {
        let way = n.map_or(Way::Direct, |n| Way::Spectral(Cut::new(n, &s)));
        let (x, weight, bias, grad) = (x.clone(), weight.clone(), bias.clone(), grad.clone());
        let forward = {
            let (way, x, weight) = (way.clone(), x.clone(), weight.clone());
            move |isa| drop(convolution::forward(isa, &way, &x, &weight, &bias, &s))
        };
        all.push(Case::new(format!("{name} {sizes} forward"), Work::Flop(flop), forward));
        let both = move |isa| {
            drop(convolution::backward(isa, &way, &x, &grad, &weight, &s, true));
        };
        all.push(Case::new(format!("{name} {sizes} gradients"), Work::Flop(2.0 * flop), both));
    }
}

/// The kernels of a training step at this batch size and window.
pub fn cases(batch: usize, time: usize) -> Vec<Case> {
    let mut all = Vec::new();
    for [channels_in, channels_out, taps] in
        [[16, 8, 91], [32, 32, 41], [64, 64, 31], [64, 64, 11], [48, 48, 9], [32, 12, 1]]
    {
        convolutions(&mut all, Shape { batch, channels_in, channels_out, taps, dilation: 1, time });
    }
    let n = batch * 32 * time;
    let (x, grad) = (noise(n, 5), noise(n, 6));
    let gelu = Activation::new(Nonlinearity::LeakyGelu, 0.15);
    let bytes = |arrays: usize, n: usize| Work::Bytes((4 * arrays * n) as f64);
    let weight = noise(32, 7);
    let s = normalise::Shape { outer: batch, channels: 32, inner: time };
    {
        let x = x.clone();
        let run = move |isa| drop(elementwise::forward(isa, &x, &gelu));
        all.push(Case::new("leaky gelu forward", bytes(2, n), run));
    }
    {
        let (x, grad) = (x.clone(), grad.clone());
        let run = move |isa| drop(elementwise::backward(isa, &x, &grad, &gelu));
        all.push(Case::new("leaky gelu gradient", bytes(3, n), run));
    }
    {
        let (x, weight) = (x.clone(), weight.clone());
        let run = move |isa| {
            let p = Params { weight: &weight, bias: None, eps: 1e-5 };
            drop(normalise::forward(isa, &x, s, p));
        };
        all.push(Case::new("RMS norm forward", bytes(2, n), run));
    }
    {
        let (x, grad, weight) = (x.clone(), grad.clone(), weight.clone());
        let run = move |isa| {
            let p = Params { weight: &weight, bias: None, eps: 1e-5 };
            drop(normalise::backward(isa, &x, &grad, s, p));
        };
        all.push(Case::new("RMS norm gradients", bytes(3, n), run));
    }
    {
        let (x, weight) = (x.clone(), weight.clone());
        let run = move |isa| {
            let p = Params { weight: &weight, bias: None, eps: 1e-5 };
            drop(layer::forward(isa, &x, s, p, &gelu));
        };
        all.push(Case::new("norm and leaky gelu forward", bytes(2, n), run));
    }
    {
        let (x, grad) = (x.clone(), grad.clone());
        let run = move |isa| {
            let p = Params { weight: &weight, bias: None, eps: 1e-5 };
            drop(layer::backward(isa, &x, &grad, s, p, &gelu));
        };
        all.push(Case::new("norm and leaky gelu gradients", bytes(3, n), run));
    }
    let s = loss::Shape { batch, channels: 12, time };
    let n = batch * 12 * time;
    let (outputs, targets) = (noise(n, 8), noise(n, 9));
    {
        let (outputs, targets) = (outputs.clone(), targets.clone());
        let run = move |_| {
            loss::forward(&outputs, &targets, &s);
        };
        all.push(Case::new("losses forward", bytes(2, n), run));
    }
    let run = move |_| drop(loss::backward(&outputs, &targets, &s, &[1.0; 5]));
    all.push(Case::new("losses gradient", bytes(3, n), run));
    let n = 190_000;
    let old = [noise(n, 10), noise(n, 11), vec![0.5; n]];
    let gradients = noise(n, 12);
    let c = Coefficients { beta: [0.9, 0.999], keep: 1.0, size: 1e-3, bias: 0.1, eps: 1e-8 };
    let run = move |isa| {
        let [x, m, v] = &old;
        drop(adamw::step(isa, [x, m, v], &gradients, c));
    };
    all.push(Case::new("AdamW", bytes(7, n), run));
    recurrences(&mut all, batch, time);
    all
}

/// Adds the case of an ELM's recurrence at its default size.
fn recurrences(all: &mut Vec<Case>, batch: usize, time: usize) {
    let r = Recurrence {
        rows: 16,
        memory: 64,
        widths: vec![128, 64],
        norm: Some(false),
        eps: 1e-5,
        hidden: Activation::new(Nonlinearity::LeakyGelu, 0.2),
        post: Activation::new(Nonlinearity::LeakyTanh, 0.2),
        lambda: 2.0,
    };
    let x = noise(batch * r.rows * time, 13);
    let mut params = noise(r.num_params(), 14);
    params.iter_mut().for_each(|p| *p = 0.5 + 0.1 * *p);
    let kappa_s = vec![0.7; r.rows];
    let maps = (80 * 128 + 128 * 64) as f64;
    let flop = 2.0 * maps * (batch * time) as f64;
    let grad = noise(batch * time * r.memory, 15);
    let run = recurrence::forward(Isa::best(), &r, &x, &params, &kappa_s, batch, time);
    {
        let (r, x, params, kappa_s) = (r.clone(), x.clone(), params.clone(), kappa_s.clone());
        let forward = move |isa| {
            drop(recurrence::forward(isa, &r, &x, &params, &kappa_s, batch, time));
        };
        all.push(Case::new("recurrence forward", Work::Flop(flop), forward));
    }
    let backward = move |isa| {
        drop(recurrence::backward(isa, &r, &x, &params, &kappa_s, &run, &grad, batch, time));
    };
    all.push(Case::new("recurrence gradients", Work::Flop(2.0 * flop), backward));
}
