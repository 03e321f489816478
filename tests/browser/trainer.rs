//! The trainer's worker, in a real worker: orders, runs that are stored, and the four twins on both backends.
#![cfg(target_arch = "wasm32")]

#[path = "../support/trainer.rs"]
mod trainer;

use ballstick::data::Split;
use ballstick::experiment::samples::Samples;
use ballstick::twin::onnx::ScalingPlace;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Progress as At;
use ballstick::twin::train::curve::TrainRow;
use ballstick::twin::weights::Checkpoint;
use ballstick::web::lock;
use ballstick::web::port::{Question, QuestionId, ToWorker, from_js, to_js};
use ballstick::web::trainer::protocol::{
    Control, DataRef, Device, Evaluate, Export, Form, Import, Judgement, Measure, ModelRef,
    NamedFile, Order, Predict, Probe, ReadFirstLayer, Respond, SimulationRow, Training,
    TrainingEvent, TrainingState, Wanted, Which,
};
use ballstick::web::trainer::store::{RunStore, RunStoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use trainer::{Talk, config, data_set, ended, failed, plan, recipe};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const CPU: Wanted = Wanted::Only(Device::Cpu);

#[wasm_bindgen_test]
fn messages_arrive_as_they_were_sent() {
    for kind in ["tcn", "resnet_tcn", "elm", "transformer"] {
        let plan = plan("a-1", config(kind), recipe());
        let training = Training::Start { plan: Box::new(plan), wanted: Wanted::Auto };
        arrives(ToWorker::Ask(QuestionId(7), training.order()));
    }
    let judgement = Judgement {
        metrics: "{}".into(),
        roc: vec![(0.0, 0.5, 0.25), (1.0, 1.0, 0.0)],
        per_simulation: vec![SimulationRow::from([1.0; 7])],
        device: Some(Device::WebGpu),
        ..Judgement::default()
    };
    let mut progress = trainer::progress();
    progress.new.train.push([0.5; 10].into());
    arrives(TrainingEvent::Progress(Box::new(progress)));
    arrives(judgement);
    let (text, step) = ("the device was lost".into(), u64::from(u32::MAX));
    arrives(TrainingEvent::Replaced { text, step });
    arrives(TrainingState::Going);
    arrives(ToWorker::<Order>::Cancel(QuestionId(7)));
}

fn arrives<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: T) {
    let there = to_js(&message).expect("a value");
    assert_eq!(from_js::<T>(there).expect("a message"), message);
}

#[wasm_bindgen_test]
async fn a_page_of_another_version_is_told_to_reload() {
    let talk = Talk::new();
    let of = |json: &str| js_sys::JSON::parse(json).expect("JSON");
    // a question that there was, a question with other parts, and one of a kind to come
    for ask in [r#"{"Guess": {"model": 1}}"#, r#"{"Training": {"Start": {"plan": 3}}}"#, "[1]"] {
        let refused = talk.posted(of(&format!(r#"{{"Ask": [7, {ask}]}}"#)));
        let (id, why) = refused.unwrap_or_else(|| panic!("{ask} has no answer"));
        assert_eq!(id, QuestionId(7));
        assert!(why.contains("different versions") && why.contains("reload"), "{why}");
    }
    // what asks nothing is passed over
    for other in ["null", "3", r#""Ask""#, "{}", r#"{"Ask": null}"#, r#"{"Ask": ["a", 1]}"#] {
        assert_eq!(talk.posted(of(other)), None, "{other}");
    }
    // and what can be read is heard as before
    let devices = talk.ask(Probe).await.expect("devices");
    assert!(!devices.is_empty());
}

#[wasm_bindgen_test]
async fn runs_are_kept_with_what_is_not_a_number() {
    let store = RunStore::open_named("ballstick-runs-test").await.expect("a database");
    let mut record = trainer::record("b", 2.0);
    // a twin judged on simulations without spikes
    record.judgement = Some(Box::new(Judgement { auc: f64::NAN, ..Judgement::default() }));
    store.put(&record, Some(&[1, 2]), None).await.expect("room");
    store.put(&trainer::record("a", 1.0), None, Some(&[9])).await.expect("room");
    // as after a reload
    let store = RunStore::open_named("ballstick-runs-test").await.expect("a database");
    let all = store.records().await.expect("records");
    assert_eq!(all.iter().map(|r| r.plan.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all[0], trainer::record("a", 1.0));
    assert!(all[1].judgement.as_ref().is_some_and(|judgement| judgement.auc.is_nan()));
    let bytes = |id: &'static str, which| {
        let store = &store;
        async move { store.checkpoint(id, which).await.map(|bytes| bytes.to_vec()) }
    };
    assert_eq!(bytes("b", Which::Last).await, Ok(vec![1, 2]));
    assert_eq!(bytes("a", Which::Best).await, Ok(vec![9]));
    assert!(matches!(bytes("b", Which::Best).await, Err(RunStoreError::Missing(_))));
    // a later checkpoint leaves the other as it is
    store.put(&record, None, Some(&[3])).await.expect("room");
    assert_eq!(bytes("b", Which::Last).await, Ok(vec![1, 2]));
    store.delete("b").await.expect("a database");
    assert!(matches!(store.record("b").await, Err(RunStoreError::Missing(_))));
    assert!(matches!(bytes("b", Which::Last).await, Err(RunStoreError::Missing(_))));
    assert_eq!(bytes("a", Which::Best).await, Ok(vec![9]));
    store.delete("a").await.expect("a database");
    assert_eq!(store.records().await, Ok(vec![]));
}

#[wasm_bindgen_test]
async fn devices_are_named_or_refused_in_words() {
    let talk = Talk::new();
    let devices = talk.ask(Probe).await.expect("devices");
    assert_eq!(devices.len(), 2, "{devices:?}");
    assert!(devices.iter().all(|found| !found.text.is_empty()));
    // the tests' browser has an adapter in software, which may be used and comes last
    assert_eq!((devices[0].device, devices[0].usable), (Device::Cpu, true), "{devices:?}");
    assert_eq!((devices[1].device, devices[1].usable), (Device::WebGpu, true), "{devices:?}");
    assert!(devices[1].software && devices[1].text.contains("in software"), "{devices:?}");
}

/// An adapter in software is not taken, unless it was chosen or measured to be the faster one; both speeds are given.
#[wasm_bindgen_test]
async fn an_adapter_in_software_loses() {
    data_set(8).await;
    let talk = Talk::new();
    let (wanted, parts) = (Wanted::Auto, 1);
    let measure = Measure { config: config("tcn"), recipe: recipe(), wanted, parts };
    let measured = talk.ask(measure).await.expect("a rate");
    assert_eq!((measured.device, measured.all.len()), (Device::Cpu, 1), "{measured:?}");
    assert!(measured.text.contains("in software"), "{measured:?}");
    let start = |id: &str, wanted| {
        let mut plan = plan(id, config("tcn"), recipe());
        plan.max_steps = Some(2);
        talk.send(Training::Start { plan: Box::new(plan), wanted })
    };
    let auto = start("auto", Wanted::Auto);
    assert_eq!(talk.answer(&auto).await.expect("a run").device, Device::Cpu);
    let slow = start("slow", Wanted::Measured { webgpu: 0.7, cpu: 5.6 });
    assert_eq!(talk.answer(&slow).await.expect("a run").device, Device::Cpu);
    let fast = start("fast", Wanted::Measured { webgpu: 9.0, cpu: 5.6 });
    assert_eq!(talk.answer(&fast).await.expect("a run").device, Device::WebGpu);
    let told = talk.events(&slow).into_iter().find_map(|event| match event {
        TrainingEvent::Started { device_text, .. } => Some(device_text),
        _ => None,
    });
    assert!(told.as_ref().is_some_and(|t| t.contains("5.6") && t.contains("0.7")), "{told:?}");
}

/// One tab at a time trains a run, and what another tab deleted is not saved again.
#[wasm_bindgen_test]
async fn a_run_belongs_to_one_tab() {
    data_set(8).await;
    let talk = Talk::new();
    let start = |id: &str| {
        let plan = plan(id, config("tcn"), Recipe { num_epochs: 400, ..recipe() });
        Training::Start { plan: Box::new(plan), wanted: CPU }
    };
    let held = lock::take(&lock::of_run("shared")).await.expect("the lock");
    assert!(lock::take(&lock::of_run("shared")).await.is_none());
    assert!(failed(talk.ask(start("shared")).await).contains("another tab"));
    drop(held);
    let training = talk.send(start("shared"));
    assert!(matches!(talk.ask(Control::Pause).await, Ok(TrainingState::Paused(_))));
    assert!(lock::take(&lock::of_run("shared")).await.is_none());
    // in a browser without locks another tab could do this
    let store = RunStore::open().await.expect("a database");
    store.delete("shared").await.expect("a database");
    talk.send(Control::Go);
    talk.send(Control::Stop);
    assert!(failed(talk.answer(&training).await).contains("deleted"));
    assert!(matches!(store.record("shared").await, Err(RunStoreError::Missing(_))));
}

async fn curve(run: &str) -> Checkpoint {
    stored(run, Which::Last).await
}

/// A checkpoint as the browser stores it.
async fn stored(run: &str, which: Which) -> Checkpoint {
    let store = RunStore::open().await.expect("a database");
    let bytes = store.checkpoint(run, which).await.expect("a checkpoint");
    Checkpoint::from_bytes(&bytes.to_vec()).expect("a checkpoint")
}

/// Held, stepped, looked at, stopped and gone on with, a training has the same bits as one that nobody touched.
#[wasm_bindgen_test]
async fn a_training_obeys_and_stays_the_same() {
    data_set(8).await;
    // so many steps that the steps between two controls do not end the training before it is stopped
    let recipe = Recipe { num_epochs: 100, ..recipe() };
    let start = |id: &str| {
        let plan = Box::new(plan(id, config("tcn"), recipe.clone()));
        Training::Start { plan, wanted: CPU }
    };
    let talk = Talk::new();
    for control in [Control::Pause, Control::Step, Control::Go, Control::Stop] {
        assert!(failed(talk.ask(control).await).contains("No training"));
    }
    let whole = talk.ask(start("whole")).await.expect("a run");
    assert!(whole.finished && whole.step == whole.steps && whole.steps == 200, "{whole:?}");
    assert!(whole.best_step.is_some() && whole.parameters > 100, "{whole:?}");

    let training = talk.send(start("touched"));
    let paused = |state: Result<TrainingState, String>| match state {
        Ok(TrainingState::Paused(progress)) => *progress,
        other => panic!("{other:?}"),
    };
    assert_eq!(paused(talk.ask(Control::Pause).await).step, 0);
    assert!(failed(talk.ask(start("another")).await).contains("goes on already"));
    for step in 1..=3 {
        let progress = paused(talk.ask(Control::Step).await);
        assert_eq!((progress.step, progress.new.train.len()), (step, 1));
    }
    let model = ModelRef::Run("touched".into(), Which::Last);
    let predict = |model: ModelRef, from: usize, len: usize| Predict {
        model,
        data: DataRef::Kept,
        split: Split::Valid,
        index: 1,
        from,
        len,
    };
    let seen = talk.ask(predict(model.clone(), 100, 50)).await.expect("outputs");
    assert_eq!((seen.from_ms, seen.predicted.spikes.len(), seen.exc.len()), (100, 50, 50 * 8));
    assert_eq!(seen.predicted.dend_mv.len(), seen.truth.dend_mv.len());
    let rate = paused(talk.ask(Control::LearningRate(0.5)).await).learning_rate;
    let back = paused(talk.ask(Control::LearningRate(1.0)).await).learning_rate;
    assert!((rate - 0.5 * back).abs() < 1e-12 && back > 0.0, "{rate} {back}");
    assert!(failed(talk.ask(Control::LearningRate(f64::NAN)).await).contains("above 0"));
    assert_eq!(talk.ask(Control::Go).await, Ok(TrainingState::Going));
    // the twin in memory answers while it trains, without stopping the training
    assert!(talk.ask(predict(model.clone(), 0, 400)).await.is_ok());
    let stopped = ended(talk.ask(Control::Stop).await);
    assert_eq!(talk.answer(&training).await, Ok(stopped.clone()));
    assert!(!stopped.finished && stopped.step >= 3 && stopped.step < 200, "{stopped:?}");

    let run = "touched".into();
    let resume = Training::Resume { run, wanted: CPU, epochs: None, in_halves: false };
    let done = talk.ask(resume).await.expect("a run");
    assert!(done.finished && done.step == 200);
    let (whole, touched) = (curve("whole").await, curve("touched").await);
    assert_eq!(whole.curves, touched.curves);
    assert_eq!(whole.state, touched.state);
    let at = |checkpoint: &Checkpoint| -> Option<At> { checkpoint.header.progress };
    assert_eq!(at(&whole), at(&touched));

    // the checkpoint's twin gives what the one in memory would
    let seen = talk.ask(predict(model, 100, 50)).await.expect("outputs");
    let whole = ModelRef::Run("whole".into(), Which::Last);
    let again = talk.ask(predict(whole, 100, 50)).await.expect("outputs");
    assert_eq!(seen.predicted.soma_mv, again.predicted.soma_mv);
}

#[wasm_bindgen_test]
async fn a_run_is_judged_exported_and_imported() {
    data_set(8).await;
    let talk = Talk::new();
    let recipe = Recipe { num_epochs: 200, ..recipe() };
    let mut plan = plan("judged", config("tcn"), recipe);
    plan.max_steps = Some(30);
    let start = Training::Start { plan: Box::new(plan), wanted: CPU };
    let record = talk.ask(start).await.expect("a run");
    assert!(record.finished && record.step == 30 && record.best_step.is_some(), "{record:?}");
    // two steps an epoch: the schedule is as long as the training
    assert_eq!(record.plan.recipe.num_epochs, 15);
    let model = ModelRef::Run("judged".into(), Which::Last);
    let evaluate = |model: ModelRef| {
        let (data, split) = (DataRef::Kept, Split::Test);
        Evaluate { model, data, split, wanted: CPU }
    };
    let judgement = talk.ask(evaluate(model.clone())).await.expect("judged");
    assert!(judgement.auc > 0.0 && judgement.auc <= 1.0, "{}", judgement.auc);
    let (low, high) = judgement.auc_interval;
    assert!(low <= judgement.auc && judgement.auc <= high, "{low} {high}");
    assert!(judgement.roc.len() > 10 && judgement.roc.len() <= 400);
    let marked = judgement.mark.expect("a threshold");
    assert!((marked.tpr() - judgement.tpr).abs() < 1e-12 && judgement.found.len() == 321);
    let spikes = marked.positives as u32;
    assert!(judgement.found.iter().is_sorted_by(|a, b| a.0 >= b.0 && a.1 >= b.1));
    assert!(judgement.found.iter().all(|found| found.0 <= spikes));
    assert_eq!(judgement.baselines.len(), 2);
    assert!(judgement.baselines.iter().all(|b| b.auc > 0.5 && b.auc <= 1.0));
    assert_eq!(judgement.judged_ms, (568, 600));
    assert_eq!(judgement.test_set, "4 simulations of 600 ms; seed 5");
    assert!(judgement.soma.len() <= 2000 && judgement.metrics.contains("\"AUC_score\""));
    let store = RunStore::open().await.expect("a database");
    let kept = store.record("judged").await.expect("a run").judgement.expect("a judgement");
    assert_eq!(kept.metrics, judgement.metrics);

    let layer = talk.ask(ReadFirstLayer(model.clone())).await.expect("a first layer");
    assert_eq!(layer.dims.iter().product::<usize>(), layer.values.len());
    let out = talk.ask(Export(model.clone(), Form::Ours)).await;
    let NamedFile(name, blob) = out.expect("a file");
    assert_eq!(name, "judged-last.safetensors");
    let import = Import {
        file: ModelRef::File(trainer::file(&blob, &name)),
        id: "again".into(),
        label: "from a file".into(),
        data: DataRef::Kept,
    };
    let record = talk.ask(import).await.expect("a run");
    assert!(record.imported && record.step == 30 && record.finished, "{record:?}");
    let again = talk.ask(evaluate(ModelRef::Run("again".into(), Which::Best))).await;
    let again = again.expect("judged");
    assert_eq!((again.auc, again.roc.clone()), (judgement.auc, judgement.roc.clone()));

    // the original's form, under the original's name and with the metrics that the run reached; and the form for ONNX's
    // runtimes
    let best = ModelRef::Run("judged".into(), Which::Best);
    let out = talk.ask(Export(best.clone(), Form::Torch)).await;
    let NamedFile(name, blob) = out.expect("a file");
    assert!(name.contains("_AUC_0_") && name.ends_with(".pt"), "{name}");
    let torch = Checkpoint::from_torch(&bytes(&blob).await).expect("a twin");
    assert_eq!(torch.header.metrics["AUC_score"].as_f64(), Some(judgement.auc));
    let out = talk.ask(Export(best, Form::Onnx)).await;
    let NamedFile(name, blob) = out.expect("a file");
    assert_eq!(name, "judged-best.onnx");
    // the same bytes as the command line's of the same checkpoint
    let onnx = stored("judged", Which::Best).await.to_onnx(ScalingPlace::Outside).expect("a model");
    assert!(bytes(&blob).await == onnx, "another model than the command line's");

    // the twin beside the neuron, on inputs of the learner's own
    let weights = |at: usize| {
        let mut weights = vec![0.0; 8 * 120];
        weights[at] = 5.0;
        Samples(weights)
    };
    let respond = |model| Respond { model, exc: weights(50), inh: weights(700), segments: 8 };
    let outputs = talk.ask(respond(model)).await.expect("outputs");
    assert_eq!((outputs.soma_mv.len(), outputs.dend_mv.len()), (120, 8 * 120));
    assert!(outputs.soma_mv.iter().all(|mv| mv.is_finite()));
    let missing = respond(ModelRef::Run("nowhere".into(), Which::Last));
    assert!(failed(talk.ask(missing).await).contains("nowhere"));
    let ports = ReadFirstLayer(ModelRef::Recorded("../secret".into()));
    assert!(failed(talk.ask(ports).await).contains("no recorded file"));
}

#[wasm_bindgen_test]
async fn a_training_that_diverges_keeps_its_last_sound_checkpoint() {
    data_set(8).await;
    let talk = Talk::new();
    let recipe = Recipe { learning_rate: 1e30, num_epochs: 5, ..recipe() };
    let plan = Box::new(plan("diverging", config("tcn"), recipe));
    let why = failed(talk.ask(Training::Start { plan, wanted: CPU }).await);
    assert!(why.contains("diverged") && why.contains("learning_rate"), "{why}");
    let sound = curve("diverging").await;
    assert!(sound.state.values().all(|tensor| tensor.values.iter().all(|v| v.is_finite())));
    let step = sound.header.progress.map(|progress| progress.step);
    assert_eq!(step, Some(sound.curves.train.len() as u64));
}

#[wasm_bindgen_test]
async fn taylor_consistency_makes_its_partners() {
    data_set(8).await;
    let talk = Talk::new();
    let recipe = Recipe { taylor_consistency: 1.0, num_epochs: 12, ..recipe() };
    let plan = Box::new(plan("pairs", config("tcn"), recipe));
    let record = talk.ask(Training::Start { plan, wanted: CPU }).await.expect("a run");
    assert!(record.finished, "{record:?}");
    let with = curve("pairs").await;
    assert_eq!(with.curves.train.len(), 24);
    // the total of a step is the weighted sum of its five losses, and the consistency's term once that has a weight
    let recipe = with.header.recipe.as_ref().expect("the recipe");
    let mut with_term = 0;
    for row in &with.curves.train {
        let losses = row.losses;
        let epoch = losses.epoch as usize;
        let weighed: f64 = recipe
            .loss_weights(epoch)
            .iter()
            .zip(losses.heads)
            .map(|(weight, loss)| weight * f64::from(loss))
            .sum();
        let term = f64::from(losses.total) - weighed;
        let rounding = 1e-5 * weighed; // of a sum in single precision
        if recipe.taylor_weight(epoch) > 0.0 {
            with_term += 1;
            assert!(term > 10.0 * rounding, "epoch {epoch}: {term} in {row:?}");
        } else {
            assert!(term.abs() <= rounding, "epoch {epoch}: {term} in {row:?}");
        }
    }
    // a warm-up of two epochs, then ten of two steps each
    assert_eq!(with_term, 20);
}

#[wasm_bindgen_test]
async fn a_device_is_measured() {
    let talk = Talk::new();
    let measure = Measure { config: config("tcn"), recipe: recipe(), wanted: CPU, parts: 1 };
    let measured = talk.ask(measure).await.expect("a rate");
    assert_eq!(measured.device, Device::Cpu);
    assert!(measured.text.contains("CPU") && measured.steps_per_s > 0.1, "{measured:?}");
}

/// The unweighted sum of the five losses, averaged over the first and the last `n` steps.
async fn fall(run: &str, n: usize) -> (f32, f32) {
    let rows = curve(run).await.curves.train;
    let mean = |rows: &[TrainRow]| {
        rows.iter().map(|row| row.losses.heads.iter().sum::<f32>()).sum::<f32>() / rows.len() as f32
    };
    (mean(&rows[..n]), mean(&rows[rows.len() - n..]))
}

async fn all_four(device: Device, steps: u64, window: usize) {
    data_set(8).await;
    for kind in ["tcn", "resnet_tcn", "elm", "transformer"] {
        let talk = Talk::new();
        let id = format!("{kind}-{device:?}");
        // the schedule becomes as long as the training
        let recipe = Recipe {
            num_epochs: 5 + steps as usize,
            train_time_window_size: window,
            valid_time_window_size: window,
            ..recipe()
        };
        let mut plan = plan(&id, config(kind), recipe);
        plan.max_steps = Some(steps);
        let start = Training::Start { plan: Box::new(plan), wanted: Wanted::Only(device) };
        let record = talk.ask(start).await.expect("a run");
        assert_eq!((record.step, record.device), (steps, device));
        let (first, last) = fall(&id, 5).await;
        assert!(last < 0.8 * first, "{kind} on {device:?}: {first} → {last}");
    }
}

#[wasm_bindgen_test]
async fn all_four_twins_learn_on_the_cpu() {
    all_four(Device::Cpu, 200, 100).await;
}

/// On windows of 48 ms, because a software adapter takes a good part of a second for a step of 100 ms.
#[wasm_bindgen_test]
async fn all_four_twins_learn_on_webgpu() {
    all_four(Device::WebGpu, 200, 48).await;
}

async fn bytes(blob: &web_sys::Blob) -> Vec<u8> {
    let buffer = wasm_bindgen_futures::JsFuture::from(blob.array_buffer()).await;
    js_sys::Uint8Array::new(&buffer.expect("its bytes")).to_vec()
}
