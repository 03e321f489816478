//! Judges a twin against its neuron, over a split.

use crate::text;
use std::cell::RefCell;
use std::rc::Rc;

use super::data::Set;
use super::device;
use super::hub::{AnswerTo, Answered, Hub};
use super::model;
use super::turn::{now, yield_now};
use crate::data::Split;
use crate::twin::baseline::{self, Baseline};
use crate::twin::calibrated::{CHOICES, Calibrated, Points};
use crate::twin::evaluate::{Evaluation, Judged, near_spike_thresholds, spike_thresholds};
use crate::twin::metrics::calibration;
use crate::twin::probabilities::ProbabilityCounts;
use crate::twin::results::TestSet;
use crate::twin::set::{JudgeError, JudgeSet};
use crate::twin::thresholds::{OperatingPoint, scale};
use crate::web::port::{PortError, QuestionId};
use crate::web::trainer::protocol::{Evaluate, Judgement, ModelRef, RunId, SimulationRow};
use crate::web::trainer::store::RunStore;

/// The most points of a curve.
const CURVE: usize = 400;
/// The most points of a scatter plot.
const SAMPLE: usize = 2000;

impl Answered for Evaluate {
    async fn answer(self, hub: &Hub, id: QuestionId) -> AnswerTo<Self> {
        let judging = |done, of| {
            hub.part::<Self>(id, &(done, of));
            !hub.is_cancelled(id)
        };
        let judgement = evaluate(&self, &judging).await?;
        if let (ModelRef::Run(run, _), Split::Test) = (&self.model, self.split) {
            keep(hub, run, &judgement).await?;
        }
        Ok(judgement)
    }
}

/// Keeps a judgement in its run's record: in the one that the training holds, where the run is in training, else in the
/// database.
async fn keep(hub: &Hub, run: &RunId, judgement: &Judgement) -> Result<(), PortError> {
    if let Some(session) = hub.session()
        && session.run == *run
        && session.judged(judgement)
    {
        return Ok(());
    }
    let store = RunStore::open().await?;
    let mut record = store.record(run).await?;
    record.judgement = Some(Box::new(judgement.clone()));
    Ok(store.renew(&record, None, None).await?)
}

/// Judges a twin. `judging` gets how many simulations are done, and of how many, and says whether to go on.
///
/// # Errors
/// The twin or the data are not there or do not belong together, or the question was cancelled.
async fn evaluate(
    Evaluate { model, data, split, wanted }: &Evaluate,
    judging: &dyn Fn(usize, usize) -> bool,
) -> Result<Judgement, PortError> {
    let split = *split;
    let checkpoint = model::load(model).await?;
    let set = Set::open(data).await?;
    let count = set.len(split);
    if count == 0 {
        let why = format!("The data set has no {split} simulations: make some in lesson 5.");
        return Err(why.into());
    }
    let (own, of_data) = (checkpoint.header.config.ports().in_spatial_dim, set.segments().await?);
    if own != of_data {
        return Err(format!(
            "The twin is of a neuron with {}; the data set’s has {of_data}.",
            text::count(own, "segment")
        )
        .into());
    }
    let (device, _) = device::choose(*wanted).await?;
    let fetch = async |index: usize| {
        yield_now().await;
        if !judging(index, count) {
            return Err("The evaluation is no longer needed.".into());
        }
        set.sample(split, index).await
    };
    let judge = JudgeSet { checkpoint: &checkpoint, count, fetch, seconds: || 1e-3 * now() };
    let (judged, seconds) = device::on(device, judge).await.map_err(|error| match error {
        JudgeError::Twin(error) => PortError::from(error),
        JudgeError::Judge(error) => error.into(),
        JudgeError::Fetch(error) => error,
    })?;
    yield_now().await;
    let evaluation = Evaluation::new(&judged);
    yield_now().await;
    let mut judgement = drawn(&judged, &evaluation);
    yield_now().await;
    judgement.baselines = baselines(&set, split, of_data).await?;
    let duration_ms = set.sample(split, 0).await?.duration_ms();
    judgement.judged_ms = (judged.first().map_or(0, |j| j.spikes.len()), duration_ms);
    judgement.test_set = TestSet::new(set.manifest.as_ref(), count, duration_ms).to_string();
    judgement.inference_ms = 1e3 * seconds / count as f64;
    let json = evaluation.json(&checkpoint.header.short_name, judgement.inference_ms / 1e3);
    judgement.metrics =
        json.and_then(|json| serde_json::to_string_pretty(&json)).unwrap_or_default();
    judgement.weight_bytes = 4.0 * checkpoint.count_params() as f64;
    judgement.device = Some(device);
    Ok(judgement)
}

/// The baselines of a split of a data set.
type OfSplit = (Rc<Set>, Split, Vec<Baseline>);

thread_local! {
    /// The baselines that were computed last: most likely the next ones are the same.
    static LAST: RefCell<Option<OfSplit>> = const { RefCell::new(None) };
}

/// The baselines that a twin has to beat on a split; among them the regression, where there are simulations to learn it
/// from.
async fn baselines(
    set: &Rc<Set>,
    split: Split,
    segments: usize,
) -> Result<Vec<Baseline>, PortError> {
    let known = LAST.with_borrow(|last| {
        let (of, at, found) = last.as_ref()?;
        (Rc::ptr_eq(of, set) && *at == split).then(|| found.clone())
    });
    if let Some(found) = known {
        return Ok(found);
    }
    let fetch = async |learns: bool, index| {
        yield_now().await;
        set.sample(if learns { Split::Train } else { split }, index).await
    };
    let counts = [set.len(Split::Train), set.len(split)];
    let (found, _) = baseline::on(segments, counts, fetch).await?;
    LAST.set(Some((set.clone(), split, found.clone())));
    Ok(found)
}

/// The parts of a judgement that the page draws.
fn drawn(judged: &[Judged], evaluation: &Evaluation) -> Judgement {
    let values = |of: fn(&Judged) -> &Vec<f32>| -> Vec<f32> {
        judged.iter().flat_map(|j| of(j).iter().copied()).collect()
    };
    let thresholds = spike_thresholds(judged);
    let spikes = thresholds.thinned(CURVE);
    let near = near_spike_thresholds(judged).thinned(CURVE);
    let found = (0..scale::len()).map(|at| {
        let point = thresholds.at(scale::threshold(at));
        (point.hits as u32, point.false_alarms as u32)
    });
    let curve = |points: &[OperatingPoint], of: fn(&OperatingPoint) -> (f64, f64)| {
        let point = |p: &OperatingPoint| {
            let (x, y) = of(p);
            (x, y, p.threshold)
        };
        points.iter().map(point).collect::<Vec<_>>()
    };
    let hz = 1000.0;
    let spikes_of = || judged.iter().map(|j| (&j.spikes[..], &j.spikes_predicted[..]));
    let calibrations = CHOICES
        .map(|bins| Calibrated::new(bins, &calibration(spikes_of(), bins), drawn_numbers))
        .into();
    let sample = |truth: Vec<f32>, predicted: Vec<f32>, scale: f64| -> Points {
        let at = drawn_numbers(truth.len());
        at.map(|i| (scale * f64::from(truth[i]), scale * f64::from(predicted[i]))).collect()
    };
    let rows = evaluation.per_simulation.iter().map(|row| SimulationRow {
        simulation: row.simulation as f64,
        spikes: row.total_num_spikes as f64,
        auc: row.spikes_AUC,
        near_auc: row.near_spikes_AUC,
        soma: row.soma_R2,
        dend: row.dend_v_R2,
        rate: row.inst_rate_R2,
    });
    Judgement {
        simulations: judged.len(),
        firing_ms: [true, false].map(|fires| {
            judged.iter().flat_map(|j| &j.spikes).filter(|spike| **spike == fires).count() as f64
        }),
        auc: evaluation.AUC_score,
        auc_interval: evaluation.AUC_interval,
        tpr: evaluation.true_positive_at_FP,
        tpr_interval: evaluation.true_positive_at_FP_interval,
        mark: evaluation.at_FP,
        found: found.collect(),
        roc: curve(&spikes, |p| (p.fpr(), p.tpr())),
        near_roc: curve(&near, |p| (p.fpr(), p.tpr())),
        // where no spike is found, precision is not defined
        precision_recall: curve(spikes.get(1..).unwrap_or_default(), |p| (p.tpr(), p.precision())),
        probabilities: ProbabilityCounts::of(judged),
        calibrations,
        soma: sample(values(|j| &j.soma), values(|j| &j.soma_predicted), 1.0),
        rate: sample(values(|j| &j.rate), values(|j| &j.rate_predicted), hz),
        dend: sample(values(|j| &j.dend), values(|j| &j.dend_predicted), 1.0),
        per_simulation: rows.collect(),
        ..Judgement::default()
    }
}

/// At most [`SAMPLE`] indices below `count`, spread evenly, but at no fixed step that could fall in with a period.
fn drawn_numbers(count: usize) -> Box<dyn Iterator<Item = usize>> {
    if count <= SAMPLE {
        return Box::new(0..count);
    }
    // the fractional parts of multiples of the golden ratio fill the unit interval evenly
    let golden = 0.618_033_988_749_894_9;
    let at = move |i: usize| ((i as f64 * golden).fract() * count as f64) as usize;
    Box::new((0..SAMPLE).map(at))
}
