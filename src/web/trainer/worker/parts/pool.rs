//! The leader's side: it hands out the parts of a batch and collects their gradients.

use std::cell::Cell;
use std::rc::Rc;

use burn::prelude::*;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

use super::heat::Heat;
use super::message;
use super::remote::{Computed, Remote};
use crate::twin::backend::TrainBackend;
use crate::twin::batch::Batch;
use crate::twin::config::TwinConfig;
use crate::twin::gradient::{AtOnce, Gradient, Gradients, Objective};
use crate::twin::model::Twin;
use crate::twin::optim::values;
use crate::twin::train::TrainError;
use crate::web::trainer::protocol::MOST_PARTS;
use crate::web::trainer::worker::turn::now;

/// Computes every batch in the same number of parts, with the help of as many workers as there are, or fewer.
pub struct Pool {
    parts: usize,
    helpers: Vec<Remote>,
    heat: Heat,
    /// Workers that computed the last gradient.
    working: Rc<Cell<usize>>,
    /// Whether the page is hidden, so that half of the workers rest.
    hidden: Rc<Cell<bool>>,
}

impl Pool {
    /// A pool for a twin on the CPU: `parts` parts, and a helper for each but one, as far as the processor has cores.
    /// The batches of a twin whose norm mixes their windows are computed in one part.
    pub fn new(config: &TwinConfig, parts: usize, hidden: Rc<Cell<bool>>) -> Self {
        let parts = if config.mixes_windows() { 1 } else { parts.clamp(1, MOST_PARTS) };
        let helpers = match script() {
            Some(script) => (1..parts.min(cores()))
                .map_while(|_| Remote::spawn(&script).inspect_err(web_sys::console::warn_1).ok())
                .collect(),
            None => Vec::new(),
        };
        Self::with(config, parts, helpers, hidden)
    }

    /// A pool that computes all of every batch here, as on a graphics device.
    pub fn alone() -> Self {
        Self::here(1)
    }

    /// A pool that computes every batch here, one half after the other, so that there is less to be kept for the way
    /// back. The batches of a twin whose norm mixes their windows are computed whole.
    pub fn in_halves(config: &TwinConfig) -> Self {
        Self::here(if config.mixes_windows() { 1 } else { 2 })
    }

    fn here(parts: usize) -> Self {
        let (heat, hidden) = (Heat::default(), Rc::default());
        Self { parts, helpers: Vec::new(), heat, working: Rc::new(Cell::new(1)), hidden }
    }

    /// A pool of the helpers that [serve](super::helper::serve) the other ends of these ports.
    pub fn over(config: &TwinConfig, parts: usize, ports: Vec<MessagePort>) -> Self {
        let helpers = ports.into_iter().map(Remote::over).collect();
        Self::with(config, parts, helpers, Rc::default())
    }

    fn with(
        config: &TwinConfig,
        parts: usize,
        helpers: Vec<Remote>,
        hidden: Rc<Cell<bool>>,
    ) -> Self {
        // the message waits at the port until the helper listens
        helpers.iter().for_each(|helper| helper.send(message::begin(config)));
        let (heat, working) = (Heat::default(), Rc::new(Cell::new(1)));
        Self { parts, helpers, heat, working, hidden }
    }

    /// How many workers computed the last gradient, the leader included; the pool keeps the number up to date.
    pub fn working(&self) -> Rc<Cell<usize>> {
        self.working.clone()
    }

    /// Waits until every helper has started, or failed to.
    pub async fn ready(&self) {
        for helper in &self.helpers {
            helper.settled().await;
        }
    }

    /// The helpers that take parts now.
    fn able(&self) -> Vec<&Remote> {
        let workers = 1 + self.helpers.len();
        let most = match self.hidden.get() {
            true => workers.div_ceil(2),
            false => workers - self.heat.resting(workers),
        };
        self.helpers.iter().filter(|helper| helper.is_able()).take(most - 1).collect()
    }
}

impl<B: TrainBackend> Gradients<B> for Pool {
    async fn gradient(
        &mut self,
        twin: &Twin<B>,
        batch: Batch,
        objective: &Objective,
    ) -> Result<Gradient<B::InnerBackend>, TrainError> {
        if self.parts == 1 {
            return AtOnce.gradient(twin, batch, objective).await;
        }
        if self.helpers.is_empty() {
            let parts = batch.split(self.parts).into_iter().enumerate();
            let each =
                |(number, (share, part))| (share, Gradient::of(twin, part, number, objective));
            return Gradient::sum(parts.map(each)).ok_or(TrainError::Empty("train"));
        }
        let start = now();
        let (shares, mut parts): (Vec<f64>, Vec<Option<Batch>>) =
            batch.split(self.parts).into_iter().map(|(share, part)| (share, Some(part))).unzip();
        let values = values(twin);
        let device = values.device();
        let values = values.into_data_async().await;
        let values: Vec<f32> = values
            .map_err(|error| TrainError::Device(format!("{error:?}")))?
            .into_vec()
            .map_err(|error| TrainError::Device(format!("{error:?}")))?;
        let able = self.able();
        self.working.set((able.len() + 1).min(parts.len()));
        // the leader, who has more to do, comes last
        let by = |part: usize| able.get(part % (able.len() + 1));
        for (number, part) in parts.iter().enumerate() {
            if let (Some(helper), Some(part)) = (by(number), part) {
                helper.send(message::part(number, objective, &values, part));
            }
        }
        let here = |number: usize, part: &mut Option<Batch>| {
            part.take().map(|part| Gradient::of(twin, part, number, objective))
        };
        let mut computed: Vec<Option<Gradient<_>>> = Vec::with_capacity(parts.len());
        for (number, part) in parts.iter_mut().enumerate() {
            computed.push(if by(number).is_none() { here(number, part) } else { None });
        }
        for (number, part) in parts.iter_mut().enumerate() {
            if let Some(helper) = by(number) {
                computed[number] = match helper.answer(number).await {
                    Some(answer) => Some(of_answer(answer, &device)),
                    // a helper that was lost leaves its part to the leader
                    None => here(number, part),
                };
            }
        }
        let sum = Gradient::sum(shares.into_iter().zip(computed.into_iter().flatten()));
        self.heat.note(now() - start, now());
        sum.ok_or(TrainError::Empty("train"))
    }
}

fn of_answer<B: Backend>((numbers, values): Computed, device: &B::Device) -> Gradient<B> {
    let tensor = |values: Vec<f32>| {
        let len = values.len();
        Tensor::from_data(TensorData::new(values, [len]), device)
    };
    Gradient { numbers: tensor(numbers), values: tensor(values) }
}

/// The address of this worker's script, as its loader stored it; `None` in a worker that another loader started.
fn script() -> Option<String> {
    Reflect::get(&js_sys::global(), &"ballstickScript".into()).ok()?.as_string()
}

/// Threads of the processor; 1 where the browser does not say.
fn cores() -> usize {
    let get = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).unwrap_or_default();
    let cores = get(&get(&js_sys::global(), "navigator"), "hardwareConcurrency").as_f64();
    cores.map_or(1, |cores| cores as usize)
}
