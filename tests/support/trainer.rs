//! A conversation with the trainer, and a small data set for it.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::rc::Rc;

use ballstick::data::manifest::Counts;
use ballstick::data::{GeneratorConfig, Manifest, Model};
use ballstick::sim::NeuronParams;
use ballstick::sim::batch::Method;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::LearningCurves;
use ballstick::web::data_set::{Make, Store, StoredSet};
use ballstick::web::port::{Concurrent, FromWorker, Question, QuestionId, ToWorker, from_js};
use ballstick::web::trainer::protocol::{
    DataRef, Device, RunPlan, RunRecord, Trainer, Training, TrainingEvent, TrainingProgress,
    TrainingState,
};
use ballstick::web::trainer::worker::Hub;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

/// A trainer of its own, and all that the trainer has said.
pub struct Talk {
    hub: Rc<Hub>,
    heard: Rc<RefCell<Vec<FromWorker>>>,
    last: Cell<u32>,
}

/// A question that was sent.
pub struct Sent<Q>(QuestionId, PhantomData<Q>);

impl Talk {
    pub fn new() -> Self {
        let heard: Rc<RefCell<Vec<FromWorker>>> = Rc::default();
        let out = heard.clone();
        let hub = Hub::new(move |message| out.borrow_mut().push(message));
        Self { hub, heard, last: Cell::new(0) }
    }

    /// Sends a question.
    pub fn send<Q: Question<Service = Trainer>>(&self, question: Q) -> Sent<Q> {
        self.last.set(self.last.get() + 1);
        let id = QuestionId(self.last.get());
        self.hub.hear(ToWorker::Ask(id, question.order()));
        Sent(id, PhantomData)
    }

    /// Posts a message as a page does; the refusal, where that is the answer.
    pub fn posted(&self, message: JsValue) -> Option<(QuestionId, String)> {
        let before = self.heard.borrow().len();
        self.hub.hear_posted(message);
        match self.heard.borrow().get(before) {
            Some(FromWorker::Failed(id, why)) => Some((*id, why.clone())),
            _ => None,
        }
    }

    /// Waits for a question's answer.
    pub async fn answer<Q: Question>(&self, Sent(id, _): &Sent<Q>) -> Result<Q::Answer, String> {
        loop {
            let found = self.heard.borrow().iter().find_map(|message| match message {
                FromWorker::Answer(of, js) if of == id => {
                    Some(Ok(from_js(js.clone()).expect("an answer")))
                }
                FromWorker::Failed(of, why) if of == id => Some(Err(why.clone())),
                FromWorker::Broken(why) => Some(Err(format!("broken: {why}"))),
                _ => None,
            });
            match found {
                Some(answer) => return answer,
                None => sleep(5).await,
            }
        }
    }

    /// All that happened in a training so far.
    pub fn events(&self, Sent(id, _): &Sent<Training>) -> Vec<TrainingEvent> {
        let heard = self.heard.borrow();
        let events = heard.iter().filter_map(|message| match message {
            FromWorker::Part(of, js) if of == id => Some(from_js(js.clone()).expect("an event")),
            _ => None,
        });
        events.collect()
    }

    /// Sends a question and waits for its answer.
    pub async fn ask<Q: Question<Service = Trainer>>(
        &self,
        question: Q,
    ) -> Result<Q::Answer, String> {
        self.answer(&self.send(question)).await
    }
}

async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = Reflect::get(&js_sys::global(), &"setTimeout".into()).expect("a timer");
        let timer: Function = timer.unchecked_into();
        timer.call2(&js_sys::global(), &resolve, &ms.into()).expect("a timer");
    });
    JsFuture::from(promise).await.expect("time passes");
}

/// The run at the end of its training; any other answer panics.
pub fn ended(answer: Result<TrainingState, String>) -> RunRecord {
    match answer {
        Ok(TrainingState::Ended(record)) => *record,
        other => panic!("{other:?}"),
    }
}

/// Why a question failed; an answer panics.
pub fn failed<A: std::fmt::Debug>(answer: Result<A, String>) -> String {
    match answer {
        Err(why) => why,
        Ok(answer) => panic!("{answer:?}"),
    }
}

/// Stores a data set of short simulations of the point neuron, unless it is stored already.
pub async fn data_set(train: u64) {
    let store = Store::open().await.expect("a database");
    let params = NeuronParams::preset("ampa-point").expect("a neuron");
    let neuron = Model::BallAndStick(params);
    let counts = Counts { train, valid: 2, test: 4 };
    let generator = GeneratorConfig::default();
    let plan = Manifest::plan(&neuron, &generator, 5, Method::default(), 600, counts);
    let stored = StoredSet {
        id: format!("trainer-{train}"),
        name: plan.neuron_short_name.clone(),
        manifest: Some(plan.clone()),
        file: None,
        neuron_file: None,
    };
    if store.stored().await.expect("what is kept").as_ref() == Some(&stored) {
        return;
    }
    store.begin(&stored).await.expect("room");
    let keys = plan.simulations(0, 1).collect();
    let make = Make { id: stored.id.clone(), plan, keys };
    make.run(&|_| {}).await.expect("simulations");
}

/// A small twin of eight segments, of the architecture `kind`.
pub fn config(kind: &str) -> TwinConfig {
    let json = match kind {
        "tcn" => {
            r#"{"first_layer_temporal_kernel_size": 9, "num_layers_per_block_list": [1],
            "num_features_per_block_list": [6], "temporal_kernel_size_per_block_list": [5],
            "temporal_dilation_per_block_list": [1]}"#
        }
        "resnet_tcn" => {
            r#"{"first_layer_temporal_kernel_size": 9, "num_miniblocks_per_block_list": [1],
            "num_features_per_block_list": [6], "temporal_kernel_size_per_block_list": [5],
            "temporal_dilation_per_block_list": [1]}"#
        }
        "elm" => r#"{"memory_dim": 6, "mlp_hidden_dim": 8, "mlp_num_hidden_layers": 1}"#,
        _ => {
            r#"{"d_model": 8, "n_heads": 2, "num_layers": 1, "window_size": 8,
            "first_layer_temporal_kernel_size": 9}"#
        }
    };
    let kind: TwinKind = kind.parse().expect("a kind");
    TwinConfig::from_json(json, Some(kind)).expect("a configuration").with_segments(8)
}

/// A recipe with short windows, and without warm-up for a few epochs.
pub fn recipe() -> Recipe {
    Recipe {
        train_batch_size: 4,
        valid_batch_size: 2,
        train_time_window_size: 100,
        valid_time_window_size: 200,
        learning_rate: 1e-2,
        seed: 3,
        ..Recipe::default()
    }
}

pub fn plan(id: &str, config: TwinConfig, recipe: Recipe) -> RunPlan {
    let data = DataRef::Kept;
    let label = format!("the {id}");
    RunPlan { id: id.into(), label, config, recipe, data, max_steps: None, parts: 1 }
}

pub fn record(id: &str, started_ms: f64) -> RunRecord {
    RunRecord {
        plan: plan(id, config("elm"), recipe()),
        short_name: "ELM".into(),
        parameters: 300,
        receptive_field_ms: None,
        neuron: "AMPA".into(),
        simulations: [8, 2],
        device: Device::Cpu,
        step: 12,
        steps: 100,
        finished: false,
        best_step: Some(7),
        seconds: 1.5,
        started_ms,
        judgement: None,
        imported: false,
        in_halves: false,
    }
}

pub fn progress() -> TrainingProgress {
    TrainingProgress {
        workers: 2,
        step: 3,
        steps: 10,
        epoch: 1,
        epochs: 5,
        steps_per_s: 2.5,
        left_s: 2.8,
        learning_rate: 3e-4,
        loss_weights: [2.0, 0.7, 1.8, 3.0, 6.0],
        new: LearningCurves::default(),
    }
}

/// A blob as a file that a learner chose.
pub fn file(blob: &Blob, name: &str) -> File {
    let file = Reflect::get(&js_sys::global(), &"File".into()).expect("File");
    let arguments = Array::of2(&Array::of1(blob), &name.into());
    let file: Function = file.unchecked_into();
    Reflect::construct(&file, &arguments).expect("a file").unchecked_into()
}
