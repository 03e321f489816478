//! The recurrence on a backend where Burn fuses operations. A tensor is a promise there, and the kernels enter the
//! stream of operations as custom operations, which run in their turn.

use std::fmt;
use std::marker::PhantomData;

use burn::tensor::ops::FloatTensor;
use burn::tensor::{DType, Shape};
use burn_fusion::stream::{Operation, OperationStreams};
use burn_fusion::{Fusion, FusionBackend, FusionRuntime};
use burn_ir::{CustomOpIr, HandleContainer, OperationIr, TensorIr};

use super::launch::{Plan, RecurrenceKernels};

type Handles<B> =
    HandleContainer<<<B as FusionBackend>::FusionRuntime as FusionRuntime>::FusionHandle>;

/// A kernel that waits for its turn in the stream.
struct Waiting<B> {
    desc: CustomOpIr,
    plan: Plan,
    backend: PhantomData<fn() -> B>,
}

impl<B> fmt::Debug for Waiting<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("desc", &self.desc).finish_non_exhaustive()
    }
}

const FORWARD: &str = "elm_recurrence_forward";
const BACKWARD: &str = "elm_recurrence_backward";

impl<B: FusionBackend + RecurrenceKernels> Operation<B::FusionRuntime> for Waiting<B> {
    fn execute(&self, handles: &mut Handles<B>) {
        if self.desc.id == FORWARD {
            let ([x, row], [memory, trace]) = self.desc.as_fixed();
            let x = handles.get_float_tensor::<B>(x);
            let row = handles.get_float_tensor::<B>(row);
            let [of_memory, of_trace] = B::recurrence_forward(x, row, &self.plan);
            handles.register_float_tensor::<B>(&memory.id, of_memory);
            handles.register_float_tensor::<B>(&trace.id, of_trace);
        } else {
            let ([row, trace, grad], outputs) = self.desc.as_fixed::<3, 3>();
            let row = handles.get_float_tensor::<B>(row);
            let trace = handles.get_float_tensor::<B>(trace);
            let grad = handles.get_float_tensor::<B>(grad);
            let results = B::recurrence_backward(row, trace, grad, &self.plan);
            for (output, result) in outputs.iter().zip(results) {
                handles.register_float_tensor::<B>(&output.id, result);
            }
        }
    }
}

/// Enters a kernel into the stream of its inputs.
fn enter<B, const IN: usize, const OUT: usize>(
    name: &'static str,
    inputs: [FloatTensor<Fusion<B>>; IN],
    outputs: [Shape; OUT],
    plan: &Plan,
) -> [FloatTensor<Fusion<B>>; OUT]
where
    B: FusionBackend + RecurrenceKernels + 'static,
{
    let streams = OperationStreams::with_inputs(&inputs);
    let client = inputs[0].client.clone();
    let outputs =
        outputs.map(|shape| TensorIr::uninit(client.create_empty_handle(), shape, DType::F32));
    let inputs = inputs.map(|tensor| tensor.into_ir());
    let desc = CustomOpIr::new(name, &inputs, &outputs);
    let waiting = Waiting::<B> { desc: desc.clone(), plan: plan.clone(), backend: PhantomData };
    let tensors = client.register(streams, OperationIr::Custom(desc), waiting);
    tensors.try_into().unwrap_or_else(|_| unreachable!("an operation has the outputs it declares"))
}

impl<B: FusionBackend + RecurrenceKernels> RecurrenceKernels for Fusion<B> {
    fn recurrence_forward(
        x: FloatTensor<Self>,
        row: FloatTensor<Self>,
        plan: &Plan,
    ) -> [FloatTensor<Self>; 2] {
        let [batch, _, time] = x.shape.dims();
        let z = &plan.sizes;
        let outputs = [Shape::new([batch, z.memory, time]), Shape::new([batch, time, z.span()])];
        enter::<B, 2, 2>(FORWARD, [x, row], outputs, plan)
    }

    fn recurrence_backward(
        row: FloatTensor<Self>,
        trace: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        plan: &Plan,
    ) -> [FloatTensor<Self>; 3] {
        let [batch, _, time] = grad.shape.dims();
        let z = &plan.sizes;
        let outputs = [
            Shape::new([batch, z.rows, time]),
            Shape::new([batch, time, z.outputs()]),
            Shape::new([batch, z.sums()]),
        ];
        enter::<B, 3, 3>(BACKWARD, [row, trace, grad], outputs, plan)
    }
}
