//! A training from its order to its end: what it needs, its steps, its last checkpoint.

use crate::text::count;
use std::rc::Rc;

use js_sys::Date;

use super::data::{Batches, Set};
use super::device::{self, Job};
use super::failure::Failure;
use super::hub::Hub;
use super::listen::Listener;
use super::pace::Pace;
use super::parts::Pool;
use super::session::Session;
use crate::data::Split;
use crate::twin::backend::TrainBackend;
use crate::twin::train::{Event, Outcome};
use crate::twin::weights::Checkpoint;
use crate::web::lock::{self, Lock};
use crate::web::port::PortError;
use crate::web::trainer::protocol::{Device, RunId, RunPlan, RunRecord, Training, Wanted, Which};
use crate::web::trainer::store::RunStore;

/// A training that is ready to go.
pub(super) struct Run {
    pub hub: Rc<Hub>,
    pub session: Rc<Session>,
    pub store: RunStore,
    pub checkpoint: Checkpoint,
    pub record: RunRecord,
    pub set: Rc<Set>,
    /// Which device computes, and why, in words.
    pub device_text: String,
}

/// Runs a training to its end; no other tab trains the run meanwhile.
///
/// # Errors
/// A training that cannot begin, or why it ended before its end.
pub(super) async fn train(
    hub: &Rc<Hub>,
    session: &Rc<Session>,
    training: Training,
) -> Result<RunRecord, Failure> {
    let _held = lock_of(&session.run).await?;
    let (device, run) = prepare(hub, session, training).await?;
    device::on(device, run).await
}

/// How often a run's lock is asked for: that of a worker which was ended on a busy machine may take seconds to come free.
const TRIES: usize = 3;

/// Takes the lock of a run, or says that another tab holds it.
async fn lock_of(run: &RunId) -> Result<Lock, PortError> {
    for _ in 0..TRIES {
        if let Some(lock) = lock::take(&lock::of_run(run)).await {
            return Ok(lock);
        }
    }
    Err("This twin is in training in another tab: go on there, or stop it there first.".into())
}

/// Everything that a training needs, or why it cannot begin.
async fn prepare(
    hub: &Rc<Hub>,
    session: &Rc<Session>,
    training: Training,
) -> Result<(Device, Run), PortError> {
    let store = RunStore::open().await?;
    let is_new = matches!(training, Training::Start { .. });
    let (wanted, set, checkpoint, mut record) = match training {
        Training::Start { plan, wanted } => begin(*plan, wanted).await?,
        Training::Resume { run, wanted, epochs, in_halves } => {
            let (wanted, set, checkpoint, mut record) = go_on(&store, &run, wanted, epochs).await?;
            record.in_halves |= in_halves;
            (wanted, set, checkpoint, record)
        }
    };
    let (device, device_text) = device::choose(wanted).await?;
    record.device = device;
    if is_new {
        // an older run of this id goes only now that the new one can begin
        store.delete(&record.plan.id).await?;
    }
    let (hub, session) = (hub.clone(), session.clone());
    Ok((device, Run { hub, session, store, checkpoint, record, set, device_text }))
}

type Prepared = (Wanted, Rc<Set>, Checkpoint, RunRecord);

async fn begin(mut plan: RunPlan, wanted: Wanted) -> Result<Prepared, PortError> {
    check_id(&plan.id)?;
    let set = Set::open(&plan.data).await?;
    let segments = set.segments().await?;
    plan.config = plan.config.with_segments(segments);
    plan.config.check()?;
    plan.recipe.check()?;
    plan.recipe = plan.recipe.shortened(plan.max_steps, set.len(Split::Train));
    let from = set.learnt_from();
    let checkpoint = Checkpoint::begin(plan.config.clone(), plan.recipe.clone(), from);
    let record =
        record(plan, &checkpoint, [set.len(Split::Train), set.len(Split::Valid)], set.name.clone());
    Ok((wanted, set, checkpoint, record))
}

async fn go_on(
    store: &RunStore,
    run: &RunId,
    wanted: Wanted,
    epochs: Option<usize>,
) -> Result<Prepared, PortError> {
    let mut record = store.record(run).await?;
    let bytes = store.checkpoint(run, Which::Last).await?;
    let mut checkpoint =
        Checkpoint::from_bytes(&bytes.to_vec()).map_err(|error| format!("{run}: {error}"))?;
    let header = &mut checkpoint.header;
    let (Some(recipe), Some(_)) = (&mut header.recipe, &header.progress) else {
        return Err(format!(
            "{run} is a trained twin without the training’s state: it cannot go on."
        )
        .into());
    };
    recipe.num_epochs = epochs.unwrap_or(recipe.num_epochs);
    recipe.check()?;
    record.plan.recipe.num_epochs = recipe.num_epochs;
    let set = Set::open(&record.plan.data).await?;
    let (own, of_data) = (header.config.ports().in_spatial_dim, set.segments().await?);
    let learnt_from = header.data.get("name").and_then(serde_json::Value::as_str);
    let other = learnt_from.is_some_and(|name| name != set.name) && !record.imported;
    if own != of_data || other {
        return Err(format!(
            "This run learns from {} ({}), but the data set is now of {} ({}). Bring the run’s data set back in lesson \
             5, or start a new run.",
            learnt_from.unwrap_or("another data set"),
            count(own, "segment"),
            set.name,
            count(of_data, "segment"),
        )
        .into());
    }
    record.simulations = [set.len(Split::Train), set.len(Split::Valid)];
    record.finished = false;
    Ok((wanted, set, checkpoint, record))
}

/// The record of a run before its first step here.
pub(super) fn record(
    plan: RunPlan,
    checkpoint: &Checkpoint,
    simulations: [usize; 2],
    neuron: String,
) -> RunRecord {
    let header = &checkpoint.header;
    RunRecord {
        short_name: header.short_name.clone(),
        parameters: checkpoint.count_params(),
        receptive_field_ms: header.config.receptive_field(),
        neuron,
        simulations,
        device: Device::Cpu,
        step: header.progress.map_or(0, |progress| progress.step),
        steps: 0,
        finished: false,
        best_step: header.progress.and_then(|progress| progress.best_step),
        seconds: 0.0,
        started_ms: Date::now(),
        judgement: None,
        imported: false,
        in_halves: false,
        plan,
    }
}

/// An error unless a run may have this id.
pub(super) fn check_id(id: &str) -> Result<(), PortError> {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if id.is_empty() || id.len() > 100 || !id.chars().all(sound) {
        let why = format!("{id:?} cannot name a run: use letters, digits, - and _.");
        return Err(why.into());
    }
    Ok(())
}

impl Job for Run {
    type Output = Result<RunRecord, Failure>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let Self { hub, session, store, mut checkpoint, mut record, set, device_text } = self;
        let fault = |error: &dyn std::fmt::Display| Failure::Fault(error.to_string());
        let mut trainer = checkpoint.trainer::<B>(device).map_err(|error| fault(&error))?;
        let recipe = trainer.recipe().clone();
        record.short_name = checkpoint.header.short_name.clone();
        record.parameters = trainer.twin.count_params();
        let counts = record.simulations;
        let all = recipe.steps(counts[0]);
        record.steps = record.plan.max_steps.map_or(all, |most| most.min(all));
        let mut batches = Batches {
            set,
            scaling: *trainer.scaling(),
            segments: trainer.segments(),
            pairs: recipe.taylor_consistency > 0.0,
        };
        let mut pool = match record.device {
            Device::Cpu => {
                Pool::new(&checkpoint.header.config, record.plan.parts, hub.hidden.clone())
            }
            Device::WebGpu if record.in_halves => Pool::in_halves(&checkpoint.header.config),
            Device::WebGpu => Pool::alone(),
        };
        let pace = Pace::new(trainer.progress.step);
        let mut listener = Listener::new(&hub, &session, &store, checkpoint, record, &pace);
        listener.working = pool.working();
        listener.started(device_text);
        if !listener.is_in_database() {
            listener.save(&mut trainer, false).await?;
        }
        let run = trainer.run_reading(
            &mut batches,
            &mut pool,
            counts,
            |unread| pace.due(unread),
            async |trainer, event| listener.on(trainer, event).await,
        );
        let outcome = run.await;
        if let Some(failure) = listener.failure.take() {
            return Err(listener.fail(&mut trainer, failure).await);
        }
        match outcome {
            Err(error) => return Err(listener.fail(&mut trainer, error.into()).await),
            Ok(Outcome::Finished) => listener.finished(),
            Ok(Outcome::Stopped) if listener.validated(&trainer) => listener.finished(),
            Ok(Outcome::Stopped) if listener.at_the_end(&trainer) => {
                // the training stopped between two validations
                let report = match trainer.validate(&mut batches, counts[1]).await {
                    Ok(report) => report,
                    Err(error) => return Err(listener.fail(&mut trainer, error.into()).await),
                };
                listener.on(&mut trainer, Event::Valid(report)).await;
                if let Some(failure) = listener.failure.take() {
                    return Err(listener.fail(&mut trainer, failure).await);
                }
                listener.finished();
            }
            Ok(Outcome::Stopped) => {}
        }
        listener.save(&mut trainer, false).await?;
        listener.tell_rest(&trainer);
        listener.end()
    }
}
