//! Graphics devices: kernels of our own for the twins' heavy operations, written once in CubeCL for WebGPU, Vulkan,
//! Metal and CUDA. They keep to what WebGPU guarantees every device: cubes of 256 units, 16 KiB of shared memory, eight
//! storage buffers. Burn's own operations run where the kernels cannot: an ELM with a batch norm before its maps or
//! with layers too wide for the shared memory, and heads of more than 32 channels.

mod attention;
mod backward;
mod convolution;
mod forward;
mod launch;
mod losses;
mod normalisation;
mod optimizer;
mod pointwise;
mod recurrence;
mod rows;

use burn::prelude::*;
use burn::tensor::ops::FloatTensor;
use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{BoolElement, CubeBackend, CubeRuntime, IntElement};

use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::ops::adamw::Coefficients;
use crate::twin::ops::attention::Attention;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::kernels::{Kernels, NormInput, inner, outer, untracked};
use crate::twin::ops::recurrence::Recurrence;
use crate::twin::ops::rows::uploaded;

/// The most numbers that are copied into one row for their transfer: 1 MiB.
const TOGETHER: usize = 1 << 18;

impl<R, I, T> Kernels for CubeBackend<R, f32, I, T>
where
    R: CubeRuntime,
    I: IntElement,
    T: BoolElement,
    Self: Backend<FloatTensorPrimitive = CubeTensor<R>, Device = R::Device>,
{
    type Trace = recurrence::Trace<R>;
    /// Output, the logarithms of sums of exponentials, and the tables of turns.
    type Seen = [CubeTensor<R>; 3];

    fn nonlinearity(x: CubeTensor<R>, activation: &Activation) -> CubeTensor<R> {
        normalisation::activation(x, activation)
    }

    fn nonlinearity_gradient(
        x: CubeTensor<R>,
        grad: CubeTensor<R>,
        activation: &Activation,
    ) -> CubeTensor<R> {
        normalisation::activation_gradient(x, grad, activation)
    }

    fn convolution(
        x: CubeTensor<R>,
        weight: CubeTensor<R>,
        bias: Option<CubeTensor<R>>,
        dilation: usize,
    ) -> CubeTensor<R> {
        convolution::convolution(x, weight, bias, dilation, false)
    }

    fn convolution_gradients(
        x: CubeTensor<R>,
        weight: CubeTensor<R>,
        grad: CubeTensor<R>,
        dilation: usize,
        [of_x, of_weight, of_bias]: [bool; 3],
    ) -> [Option<CubeTensor<R>>; 3] {
        let taps = weight.meta.shape()[2];
        let of_x =
            of_x.then(|| convolution::convolution(grad.clone(), weight, None, dilation, true));
        if !of_weight && !of_bias {
            return [of_x, None, None];
        }
        let [weight, bias] = convolution::gradients(x, grad, taps, dilation);
        [of_x, of_weight.then_some(weight), of_bias.then_some(bias)]
    }

    fn norm(input: NormInput<CubeTensor<R>>) -> CubeTensor<R> {
        normalisation::norm(input)
    }

    fn norm_gradients(input: NormInput<CubeTensor<R>>, grad: CubeTensor<R>) -> [CubeTensor<R>; 3] {
        normalisation::norm_gradients(input, grad)
    }

    fn gate(x: CubeTensor<R>) -> CubeTensor<R> {
        normalisation::gate(x)
    }

    fn gate_gradient(x: CubeTensor<R>, grad: CubeTensor<R>) -> CubeTensor<R> {
        normalisation::gate_gradient(x, grad)
    }

    fn attends(d_head: usize) -> bool {
        d_head <= attention::WIDEST
    }

    fn attend(qkv: CubeTensor<R>, of: &Attention) -> (CubeTensor<R>, Self::Seen) {
        let turns = of.turns.on_device(
            |there: &CubeTensor<R>| there.device == qkv.device,
            |turns| {
                let tables = turns.tables().concat();
                let n = tables.len();
                inner(Tensor::<Self, 1>::from_data(TensorData::new(tables, [n]), &qkv.device))
            },
        );
        let plan = attention::Plan { heads: of.heads, window: of.window };
        let [y, totals] = attention::attention(qkv, turns.clone(), plan);
        (y.clone(), [y, totals, turns])
    }

    fn attend_gradient(
        qkv: CubeTensor<R>,
        [y, totals, turns]: Self::Seen,
        grad: CubeTensor<R>,
        of: &Attention,
    ) -> CubeTensor<R> {
        let plan = attention::Plan { heads: of.heads, window: of.window };
        attention::gradient(qkv, turns, [y, totals], grad, plan)
    }

    fn five_losses(
        outputs: CubeTensor<R>,
        targets: CubeTensor<R>,
        weights: &[f64; 5],
    ) -> [CubeTensor<R>; 2] {
        losses::objective(outputs, targets, weights)
    }

    fn five_losses_gradient(
        outputs: CubeTensor<R>,
        targets: CubeTensor<R>,
        weights: &[f64; 5],
        grad: CubeTensor<R>,
    ) -> CubeTensor<R> {
        losses::gradient(outputs, targets, weights, grad)
    }

    fn recur(
        x: CubeTensor<R>,
        row: CubeTensor<R>,
        kappa_s: CubeTensor<R>,
        of: &Recurrence,
    ) -> Option<(CubeTensor<R>, Self::Trace)> {
        recurrence::forward::<Self, R>(x, row, kappa_s, of)
    }

    fn recur_gradients(
        inputs: [CubeTensor<R>; 3],
        trace: Self::Trace,
        grad: CubeTensor<R>,
        _of: &Recurrence,
        wanted: [bool; 2],
    ) -> [Option<CubeTensor<R>>; 2] {
        recurrence::gradients::<Self, R>(inputs, trace, grad, wanted)
    }

    fn join_rows(parts: Vec<CubeTensor<R>>) -> CubeTensor<R> {
        rows::joined(parts)
    }

    fn part_row(row: CubeTensor<R>, lengths: &[usize]) -> Vec<CubeTensor<R>> {
        rows::parted(row, lengths)
    }
}

impl<R, I, T> TwinBackend for CubeBackend<R, f32, I, T>
where
    R: CubeRuntime,
    I: IntElement,
    T: BoolElement,
    Self: Backend<FloatTensorPrimitive = CubeTensor<R>, Device = R::Device>,
{
    untracked!();

    fn clipped_adamw(
        old: [Tensor<Self, 1>; 3],
        gradients: Tensor<Self, 1>,
        most: f64,
        c: Coefficients,
    ) -> ([Tensor<Self, 1>; 3], Tensor<Self, 1>) {
        let old: [FloatTensor<Self>; 3] = old.map(inner);
        let (new, norm) = optimizer::step(old, inner(gradients), most, c);
        (new.map(outer), outer(norm))
    }

    /// Small rows go in one transfer, since each is a submission of its own in the browser; of large ones the copy
    /// into one row would cost more.
    fn upload(rows: Vec<Vec<f32>>, device: &Self::Device) -> Vec<Tensor<Self, 1>> {
        if rows.iter().map(Vec::len).sum::<usize>() > TOGETHER {
            return uploaded(rows, device);
        }
        let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
        let all = rows.concat();
        let n = all.len();
        let all = Tensor::<Self, 1>::from_data(TensorData::new(all, [n]), device);
        <Self as TwinBackend>::part(all, &lengths)
    }
}
