//! The messages between the leader and its helpers: arrays whose first element says what follows; numbers are in typed
//! arrays, which are transferred and not copied.

use js_sys::{Array, Float32Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::twin::batch::Batch;
use crate::twin::config::TwinConfig;
use crate::twin::gradient::Objective;
use crate::web::port::{from_js, to_js};

/// The head of a message to a helper.
#[derive(Serialize, Deserialize)]
enum Head {
    Begin(Box<TwinConfig>),
    Part(Part),
}

/// A part of a batch, without its numbers.
#[derive(Serialize, Deserialize)]
struct Part {
    number: usize,
    objective: Objective,
    size: usize,
    segments: usize,
    duration: usize,
    pairs: bool,
}

/// A message to a helper, with its numbers.
pub(super) enum Ask {
    /// The architecture of all parts that follow.
    Begin(Box<TwinConfig>),
    /// A part to compute.
    Part { number: usize, objective: Objective, values: Vec<f32>, batch: Batch },
}

/// A message from a helper.
pub(super) enum Answer {
    /// The helper listens.
    Ready,
    /// A part's losses and gradient.
    Gradient { number: usize, numbers: Vec<f32>, values: Vec<f32> },
    /// Why a part's gradient could not be computed.
    Failed { number: usize, why: String },
}

/// A message, and the buffers in it that are transferred.
pub(super) struct Packed {
    pub message: Array,
    pub transfer: Array,
}

fn pack(head: &JsValue, arrays: &[&[f32]]) -> Packed {
    let (message, transfer) = (Array::of1(head), Array::new());
    for values in arrays {
        let array = Float32Array::from(*values);
        transfer.push(&array.buffer());
        message.push(&array);
    }
    Packed { message, transfer }
}

fn array(of: &Array, index: u32) -> Result<Vec<f32>, JsValue> {
    Ok(of.get(index).dyn_into::<Float32Array>()?.to_vec())
}

/// The message with a part of a batch.
///
/// # Errors
/// A message that the browser cannot make.
pub(super) fn part(
    number: usize,
    objective: &Objective,
    values: &[f32],
    batch: &Batch,
) -> Result<Packed, JsValue> {
    let Batch { x, y, size, segments, duration, partner } = batch;
    let (size, segments, duration) = (*size, *segments, *duration);
    let (pairs, objective) = (partner.is_some(), *objective);
    let head = Head::Part(Part { number, objective, size, segments, duration, pairs });
    let mut arrays = vec![values, x, y];
    if let Some(partner) = partner {
        arrays.extend([&partner.x[..], &partner.y]);
    }
    Ok(pack(&to_js(&head)?, &arrays))
}

/// The message with an architecture.
///
/// # Errors
/// A message that the browser cannot make.
pub(super) fn begin(config: &TwinConfig) -> Result<Packed, JsValue> {
    Ok(pack(&to_js(&Head::Begin(Box::new(config.clone())))?, &[]))
}

impl Ask {
    /// Reads a message to a helper.
    ///
    /// # Errors
    /// A value that is no message to a helper.
    pub fn read(message: JsValue) -> Result<Self, JsValue> {
        let message: Array = message.dyn_into()?;
        match from_js(message.get(0))? {
            Head::Begin(config) => Ok(Self::Begin(config)),
            Head::Part(Part { number, objective, size, segments, duration, pairs }) => {
                let batch = |at: u32| {
                    let (x, y) = (array(&message, at)?, array(&message, at + 1)?);
                    Ok::<_, JsValue>(Batch { x, y, size, segments, duration, partner: None })
                };
                let partner = pairs.then(|| batch(4).map(Box::new)).transpose()?;
                let batch = Batch { partner, ..batch(2)? };
                Ok(Self::Part { number, objective, values: array(&message, 1)?, batch })
            }
        }
    }
}

impl Answer {
    /// The answer as it is sent.
    pub fn pack(&self) -> Packed {
        match self {
            Self::Ready => pack(&"ready".into(), &[]),
            Self::Gradient { number, numbers, values } => {
                pack(&JsValue::from(*number as f64), &[numbers, values])
            }
            Self::Failed { number, why } => {
                let packed = pack(&JsValue::from(*number as f64), &[]);
                packed.message.push(&why.into());
                packed
            }
        }
    }

    /// Reads a message from a helper.
    ///
    /// # Errors
    /// A value that is no message from a helper.
    pub fn read(message: JsValue) -> Result<Self, JsValue> {
        let message: Array = message.dyn_into()?;
        let Some(number) = message.get(0).as_f64() else { return Ok(Self::Ready) };
        let number = number as usize;
        match message.get(1).as_string() {
            Some(why) => Ok(Self::Failed { number, why }),
            None => {
                let (numbers, values) = (array(&message, 1)?, array(&message, 2)?);
                Ok(Self::Gradient { number, numbers, values })
            }
        }
    }
}
