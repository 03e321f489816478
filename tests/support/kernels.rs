//! The kernels of a graphics device against those of the CPU, operation by operation: shared by the tests of each
//! device.

use std::sync::Arc;

use super::numbers::{host, values};
use ballstick::twin::backend::{TrainBackend, TwinBackend};
use ballstick::twin::ops::activation::{Activation, Nonlinearity};
use ballstick::twin::ops::adamw::Coefficients;
use ballstick::twin::ops::attention::{Attention, Turns};
use burn::backend::{Autodiff, Flex};
use burn::prelude::*;

/// The inputs of an operation, each with its shape.
type Inputs = Vec<(Vec<f32>, Vec<usize>)>;

fn input(salt: u32, scale: f32, shape: &[usize]) -> (Vec<f32>, Vec<usize>) {
    (values(shape.iter().product(), salt, scale), shape.to_vec())
}

/// An operation on any backend: from inputs of three axes to an output.
trait Operation {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3>;
}

/// The output of an operation and the gradients of its inputs, for a gradient of the output that looks random.
async fn both<B: TrainBackend>(op: &impl Operation, inputs: &Inputs) -> Vec<Vec<f32>> {
    let device = B::Device::default();
    let upload = |(values, shape): &(Vec<f32>, Vec<usize>)| {
        let mut three = [1; 3];
        three[3 - shape.len()..].copy_from_slice(shape);
        let data = TensorData::new(values.clone(), three);
        Tensor::<B, 3>::from_data(data, &device).require_grad()
    };
    let inputs: Vec<_> = inputs.iter().map(upload).collect();
    let y = op.run(&inputs);
    let dims = y.dims();
    let weight = TensorData::new(values(dims.iter().product(), 77, 1.0), dims);
    let grads = (y.clone() * Tensor::from_data(weight, &device)).sum().backward();
    let plain: Vec<_> = inputs.iter().map(|x| x.clone().inner()).collect();
    let untracked = op.run::<B::InnerBackend>(&plain);
    let mut all = vec![host(y.inner()).await, host(untracked).await];
    for x in inputs {
        all.push(host(x.grad(&grads).unwrap()).await);
    }
    all
}

/// Requires the device's numbers within `tolerance` of the largest of the CPU's.
async fn agree<B: TrainBackend>(name: &str, op: impl Operation, inputs: Inputs, tolerance: f32) {
    let want = both::<Autodiff<Flex>>(&op, &inputs).await;
    let got = both::<B>(&op, &inputs).await;
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        assert_eq!(got.len(), want.len(), "{name}, result {i}");
        let largest = want.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
        for (at, (g, w)) in got.iter().zip(want).enumerate() {
            assert!(
                (g - w).abs() <= tolerance * largest,
                "{name}, result {i} at {at}: {g} instead of {w}, the largest {largest}"
            );
        }
    }
}

struct Convolution(usize);

impl Operation for Convolution {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let [x, weight, bias] = inputs else { unreachable!() };
        let outs = bias.dims()[2];
        B::causal_conv(x.clone(), weight.clone(), bias.clone().reshape([outs]), self.0)
    }
}

struct Map;

impl Operation for Map {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let [x, weight] = inputs else { unreachable!() };
        let [_, out, of] = weight.dims();
        B::map_channels(x.clone(), weight.clone().reshape([out, of]))
    }
}

struct Norm(Activation);

impl Operation for Norm {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let row = |x: &Tensor<B, 3>| x.clone().reshape([x.dims()[2]]);
        let bias = inputs.get(2).map(row);
        B::norm_activation(inputs[0].clone(), row(&inputs[1]), bias, 1e-5, &self.0)
    }
}

/// A norm over the last axis.
struct LastAxis;

impl Operation for LastAxis {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let channels = inputs[1].dims()[2];
        let weight = inputs[1].clone().reshape([channels]);
        B::channel_norm(inputs[0].clone(), 2, Some(weight), None, 1e-5)
    }
}

struct Pointwise(Activation);

impl Operation for Pointwise {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        B::activation(inputs[0].clone(), &self.0)
    }
}

struct Gate;

impl Operation for Gate {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        B::silu_gate(inputs[0].clone())
    }
}

struct Window(Attention);

impl Operation for Window {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        B::window_attention(inputs[0].clone(), &self.0).unwrap()
    }
}

struct Losses(Vec<f32>);

impl Operation for Losses {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let targets = TensorData::new(self.0.clone(), inputs[0].dims());
        let targets = Tensor::from_data(targets, &inputs[0].device());
        B::losses(inputs[0].clone(), targets).reshape([1, 1, 5])
    }
}

struct Objective(Vec<f32>);

impl Operation for Objective {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let targets = TensorData::new(self.0.clone(), inputs[0].dims());
        let targets = Tensor::from_data(targets, &inputs[0].device());
        let [numbers, total] = B::objective(inputs[0].clone(), targets, &[2.0, 0.7, 1.8, 3.0, 6.0]);
        let all = numbers.narrow(0, 0, 5).reshape([1, 1, 5]);
        Tensor::cat(vec![all, total.reshape([1, 1, 1])], 2)
    }
}

struct Joined;

impl Operation for Joined {
    fn run<B: TwinBackend>(&self, inputs: &[Tensor<B, 3>]) -> Tensor<B, 3> {
        let rows = inputs.iter().map(|x| x.clone().reshape([x.shape().num_elements()]));
        let row = B::join(rows.collect());
        let n = row.dims()[0];
        row.reshape([1, 1, n])
    }
}

/// All operations, with their gradients, on shapes that fill tiles and such that do not.
pub async fn the_kernels_agree<B: TrainBackend>() {
    // [batch, channels in, channels out, taps, dilation, time]
    let convolutions = [
        [2, 3, 5, 4, 1, 37],
        [1, 9, 8, 1, 1, 128],
        [3, 16, 33, 7, 3, 130],
        [2, 64, 64, 5, 1, 150],
        [1, 40, 12, 31, 2, 61],
        // the sum is cut into parts; a tap reaches back before the start
        [1, 130, 8, 21, 1, 40],
        [2, 1, 1, 3, 8, 5],
        [1, 2, 100, 2, 1, 300],
    ];
    for c in convolutions {
        let [batch, channels, outs, taps, dilation, time] = c;
        let inputs = vec![
            input(1, 1.0, &[batch, channels, time]),
            input(2, 1.0, &[outs, channels, taps]),
            input(3, 1.0, &[outs]),
        ];
        // sums of at most some thousand products in single precision
        agree::<B>(&format!("convolution {c:?}"), Convolution(dilation), inputs, 3e-5).await;
    }
    let inputs = vec![input(1, 1.0, &[2, 48, 70]), input(2, 1.0, &[144, 48])];
    agree::<B>("map", Map, inputs, 3e-5).await;

    for kind in Nonlinearity::ALL {
        let activation = Activation::new(kind, 0.15);
        let inputs = vec![input(4, 3.0, &[2, 5, 33]), input(5, 2.0, &[5])];
        agree::<B>(&format!("norm, {}", kind.name()), Norm(activation), inputs, 2e-5).await;
        let inputs = vec![input(4, 3.0, &[1, 1, 301])];
        agree::<B>(kind.name(), Pointwise(activation), inputs, 1e-5).await;
    }
    let gelu = Activation::new(Nonlinearity::LeakyGelu, 0.2);
    let all = vec![input(4, 2.0, &[3, 64, 130]), input(5, 2.0, &[64]), input(6, 1.0, &[64])];
    agree::<B>("norm with a shift", Norm(gelu), all, 2e-5).await;
    // more places than the backward kernel has cubes for
    let all = vec![input(4, 2.0, &[2, 3, 9000]), input(5, 2.0, &[3])];
    agree::<B>("norm of many places", Norm(gelu), all, 1e-4).await;
    let all = vec![input(4, 2.0, &[2, 7, 9]), input(5, 2.0, &[9])];
    agree::<B>("norm over the last axis", LastAxis, all, 2e-5).await;

    agree::<B>("gate", Gate, vec![input(4, 3.0, &[3, 14, 33])], 1e-5).await;

    for [batch, heads, d, window, time] in
        [[2, 3, 8, 12, 45], [1, 1, 2, 48, 21], [1, 2, 12, 1, 33], [1, 2, 32, 70, 200]]
    {
        let of = Attention { turns: Arc::new(Turns::new(d, time)), heads, window };
        let inputs = vec![input(7, 1.0, &[batch, 3 * heads * d, time])];
        agree::<B>(&format!("attention {d} {window} {time}"), Window(of), inputs, 2e-5).await;
    }

    for [batch, channels, time] in [[2, 5, 40], [3, 9, 700]] {
        let outputs = vec![input(8, 4.0, &[batch, channels, time])];
        let targets: Vec<f32> = values(batch * channels * time, 9, 1.0);
        let targets: Vec<f32> = targets.into_iter().map(f32::abs).collect();
        agree::<B>("losses", Losses(targets.clone()), outputs.clone(), 1e-5).await;
        agree::<B>("objective", Objective(targets), outputs, 1e-5).await;
    }
    let rows = (1..=15).map(|i| input(i, 1.0, &[7 * i as usize])).collect();
    agree::<B>("joined", Joined, rows, 0.0).await;
    the_step_agrees::<B::InnerBackend>().await;
}

/// AdamW's step, clipped and not, and the parting of a row.
async fn the_step_agrees<B: TwinBackend>() {
    let coefficients =
        Coefficients { beta: [0.9, 0.999], keep: 0.9997, size: 3e-3, bias: 0.03, eps: 1e-8 };
    for (n, most) in [(10, 25.0), (3000, 1.0), (300_001, 1e-3)] {
        let want = step::<Flex>(n, most, coefficients).await;
        let got = step::<B>(n, most, coefficients).await;
        for (got, want) in got.0.iter().zip(&want.0).chain([(&got.1, &want.1)]) {
            let largest = want.iter().fold(0f32, |m, v| m.max(v.abs()));
            for (g, w) in got.iter().zip(want) {
                assert!((g - w).abs() <= 2e-6 * largest, "{n} values: {g} instead of {w}");
            }
        }
        let row = Tensor::<B, 1>::from_floats(values(n, 5, 1.0).as_slice(), &Default::default());
        let lengths = [n / 3, n / 5, n - n / 3 - n / 5];
        let mut found = Vec::new();
        for part in B::part(row, &lengths) {
            found.extend(host(part).await);
        }
        assert_eq!(found, values(n, 5, 1.0));
    }
}

async fn step<B: TwinBackend>(n: usize, most: f64, c: Coefficients) -> ([Vec<f32>; 3], Vec<f32>) {
    let device = B::Device::default();
    let row = |salt, scale| values(n, salt, scale);
    let second = row(3, 1.0).into_iter().map(|v| v * v).collect();
    let rows = vec![row(1, 1.0), row(2, 0.1), second, row(4, 1.0)];
    let mut rows = B::upload(rows, &device).into_iter();
    let old = [(); 3].map(|()| rows.next().unwrap());
    let (new, norm) = B::clipped_adamw(old, rows.next().unwrap(), most, c);
    let [x, m, v] = new;
    ([host(x).await, host(m).await, host(v).await], host(norm).await)
}
