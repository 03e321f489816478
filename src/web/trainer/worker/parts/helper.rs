//! A helper: a worker that computes the gradients of parts of a batch for the trainer's worker, its leader.

use std::cell::RefCell;

use burn::backend::{Autodiff, Flex};
use burn::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use super::message::{Answer, Ask};
use crate::twin::batch::Batch;
use crate::twin::gradient::{Gradient, Objective};
use crate::twin::model::Twin;
use crate::twin::optim::{values, with_values};
use crate::web::worker::scope;

/// The name by which a worker knows that it is a helper.
pub(in crate::web) const NAME: &str = "ballstick-helper";

type Cpu = Autodiff<Flex>;

/// A twin, and the number of its trained values.
struct HeldTwin {
    twin: Twin<Cpu>,
    trained: usize,
}

/// Starts a helper: it waits for the leader's port, and serves it.
pub(in crate::web) fn start() {
    console_error_panic_hook::set_once();
    let Some(scope) = scope() else { return };
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Ok(port) = event.data().dyn_into::<MessagePort>() {
            serve(port);
        }
    });
    scope.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
}

/// Answers the leader's messages through the port, as long as this thread lives.
pub fn serve(port: MessagePort) {
    let twin = RefCell::new(None::<HeldTwin>);
    let out = port.clone();
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(answer) = answer(&mut twin.borrow_mut(), event.data()) else { return };
        let packed = answer.pack();
        let sent = out.post_message_with_transferable(&packed.message, &packed.transfer);
        sent.unwrap_or_else(|error| web_sys::console::error_1(&error));
    });
    port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    hear.forget();
    let ready = Answer::Ready.pack().message;
    port.post_message(&ready).unwrap_or_else(|error| web_sys::console::error_1(&error));
}

fn answer(model: &mut Option<HeldTwin>, message: JsValue) -> Option<Answer> {
    match Ask::read(message) {
        Ok(Ask::Begin(config)) => {
            let twin = config.init(0, &Default::default());
            let trained = values(&twin).dims()[0];
            *model = Some(HeldTwin { twin, trained });
            None
        }
        Ok(Ask::Part { number, objective, values, batch }) => {
            let done = compute(model, number, &objective, values, batch);
            Some(done.unwrap_or_else(|why| Answer::Failed { number, why }))
        }
        Err(error) => {
            web_sys::console::error_1(&error);
            None
        }
    }
}

fn compute(
    model: &mut Option<HeldTwin>,
    number: usize,
    objective: &Objective,
    new: Vec<f32>,
    batch: Batch,
) -> Result<Answer, String> {
    let HeldTwin { twin, trained } = model.take().ok_or("A helper was told no architecture.")?;
    if new.len() != trained {
        return Err(format!(
            "A helper was sent {} values of a twin that has {trained}.",
            new.len()
        ));
    }
    let new = Tensor::from_data(TensorData::new(new, [trained]), &Default::default());
    let twin = with_values(twin, new);
    let Gradient { numbers, values } = Gradient::of(&twin, batch, number, objective);
    *model = Some(HeldTwin { twin, trained });
    let read =
        |tensor: Tensor<Flex, 1>| tensor.into_data().into_vec().map_err(|e| format!("{e:?}"));
    Ok(Answer::Gradient { number, numbers: read(numbers)?, values: read(values)? })
}
