//! A twin's outputs, on a simulation or on the learner's own inputs.

use crate::text::count;
use std::rc::Rc;

use burn::module::AutodiffModule;

use super::data::Set;
use super::device::{self, Job};
use super::hub::{AnswerTo, Answered, Hub};
use super::model;
use super::turn::now;
use crate::experiment::samples::Samples;
use crate::twin::backend::{TrainBackend, TwinBackend};
use crate::twin::config::TwinConfig;
use crate::twin::evaluate::{predict, probability};
use crate::twin::model::Twin;
use crate::twin::scaling::Scaling;
use crate::twin::weights::Checkpoint;
use crate::web::port::{PortError, Question, QuestionId};
use crate::web::trainer::protocol::{
    Device, FirstLayer, ModelRef, Outputs, Predict, Prediction, ReadFirstLayer, Respond,
};

/// A question that a twin answers; while the twin is in training, the twin in memory does.
pub(super) trait ToTwin: Question {
    /// The twin that is asked.
    fn model(&self) -> &ModelRef;

    /// Computes the answer.
    ///
    /// # Errors
    /// A simulation that is not stored or has another number of segments.
    async fn ask<B: TwinBackend>(self, twin: LoadedTwin<'_, B>) -> AnswerTo<Self>;
}

/// A twin in memory, with what its inputs and outputs need.
pub(super) struct LoadedTwin<'a, B: TwinBackend> {
    pub twin: &'a Twin<B>,
    pub config: &'a TwinConfig,
    pub scaling: &'a Scaling,
    pub device: &'a B::Device,
}

/// The CPU answers from a checkpoint: it needs no time to start.
impl<Q: ToTwin> Answered for Q {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        let checkpoint = model::load(self.model()).await?;
        device::on(Device::Cpu, Kept { checkpoint, question: self }).await
    }
}

struct Kept<Q> {
    checkpoint: Rc<Checkpoint>,
    question: Q,
}

impl<Q: ToTwin> Job for Kept<Q> {
    type Output = AnswerTo<Q>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let twin = self.checkpoint.twin::<B>(device)?.valid();
        let header = &self.checkpoint.header;
        let (config, scaling) = (&header.config, &header.scaling);
        self.question.ask(LoadedTwin { twin: &twin, config, scaling, device }).await
    }
}

impl ToTwin for Predict {
    fn model(&self) -> &ModelRef {
        &self.model
    }

    async fn ask<B: TwinBackend>(self, twin: LoadedTwin<'_, B>) -> AnswerTo<Self> {
        let Self { data, split, index, from, len, .. } = self;
        let set = Set::open(&data).await?;
        let sample = set.sample(split, index).await?;
        let (segments, duration) = (sample.segments(), sample.duration_ms());
        twin.fits(segments)?;
        let from = from.min(duration - 1);
        let len = len.clamp(1, duration - from);
        // the past that the first of these ms depends on; an ELM remembers the whole past
        let field = twin.config.receptive_field().unwrap_or(duration);
        let past = field.saturating_sub(1).min(from);
        let weight = |t: usize, s: usize, kind: usize| sample.inputs[(s, t, kind)].to_f32();
        let times = from - past..from + len;
        let mut x = Vec::with_capacity(2 * segments * times.len());
        for kind in 0..2 {
            for s in 0..segments {
                x.extend(times.clone().map(|t| weight(t, s, kind) / twin.scaling.X_scale as f32));
            }
        }
        let predicted = twin.outputs(x, segments, past + len, past).await?;
        let rows = |kind: usize| -> Samples {
            let row = |s| (from..from + len).map(move |t| f64::from(weight(t, s, kind)));
            (0..segments).flat_map(row).collect()
        };
        Ok(Prediction {
            from_ms: from,
            duration_ms: duration,
            simulations: set.len(split),
            segments,
            exc: rows(0),
            inh: rows(1),
            predicted,
            truth: clipped(Outputs::of(&sample.targets, from..from + len), twin.scaling),
        })
    }
}

impl ToTwin for Respond {
    fn model(&self) -> &ModelRef {
        &self.model
    }

    async fn ask<B: TwinBackend>(self, twin: LoadedTwin<'_, B>) -> AnswerTo<Self> {
        let Self { exc, inh, segments, .. } = self;
        twin.fits(segments)?;
        let ms = exc.len() / segments;
        if ms == 0 || exc.len() != segments * ms || inh.len() != exc.len() {
            return Err(format!(
                "{} excitatory and {} inhibitory weights do not make rows of {}.",
                exc.len(),
                inh.len(),
                count(segments, "segment")
            )
            .into());
        }
        let weights = exc.iter().chain(inh.iter());
        let x = weights.map(|w| (w / twin.scaling.X_scale) as f32).collect();
        twin.outputs(x, segments, ms, 0).await
    }
}

impl<B: TwinBackend> LoadedTwin<'_, B> {
    fn fits(&self, segments: usize) -> Result<(), String> {
        let own = self.config.ports().in_spatial_dim;
        if own == segments {
            return Ok(());
        }
        Err(format!(
            "The twin is of a neuron with {}; this input has {segments}. Choose a data set of its neuron.",
            count(own, "segment")
        ))
    }

    /// The twin's outputs for the inputs `x`, `[1, 2, segments, ms]`, without those of the first `past` ms.
    async fn outputs(
        &self,
        x: Vec<f32>,
        segments: usize,
        ms: usize,
        past: usize,
    ) -> Result<Outputs, PortError> {
        let start = now();
        let raw = predict(self.twin, x, [1, 2, segments, ms], self.device).await?;
        let took_ms = now() - start;
        let scaling = self.scaling;
        let one = |channel: usize, f: fn(&Scaling, f32) -> f32| {
            raw.channel(0, channel)[past..].iter().map(move |&y| f64::from(f(scaling, y)))
        };
        Ok(Outputs {
            spikes: one(0, |_, y| probability(y)).collect(),
            soma_mv: one(1, Scaling::soma_mv).collect(),
            near: one(2, |_, y| probability(y)).collect(),
            rate_hz: one(3, |scaling, y| 1000.0 * scaling.rate_per_ms(y)).collect(),
            dend_mv: (4..raw.dims[1]).flat_map(|at| one(at, Scaling::dend_mv)).collect(),
            took_ms,
        })
    }
}

/// A neuron's targets, with voltages clipped as the twin learns them.
fn clipped(mut truth: Outputs, scaling: &Scaling) -> Outputs {
    let clip = |of: &mut Samples, low: f64, high: f64| {
        of.0.iter_mut().for_each(|mv| *mv = mv.clamp(low, high));
    };
    clip(&mut truth.soma_mv, scaling.V_clip_soma_min, scaling.V_clip_soma_max);
    clip(&mut truth.dend_mv, scaling.V_clip_dend_min, scaling.V_clip_dend_max);
    truth
}

impl Answered for ReadFirstLayer {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        let checkpoint = model::load(&self.0).await?;
        let weight = checkpoint.first_layer().ok_or_else(|| {
            format!(
                "{} has no first convolution: an ELM’s inputs go straight to its memory.",
                checkpoint.header.short_name
            )
        })?;
        let mut dims = [0; 4];
        dims.copy_from_slice(&weight.shape);
        let values = weight.values.iter().map(|&w| f64::from(w)).collect();
        Ok(FirstLayer { dims, values })
    }
}
