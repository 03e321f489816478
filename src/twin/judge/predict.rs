//! A twin's predictions of a simulation beside the truth.

use burn::prelude::*;

use crate::data::Targets;
use crate::data::sample::Sample;
use crate::twin::heads::Head;
use crate::twin::model::Twin;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::scaling::Scaling;
use crate::twin::train::TrainError;
use crate::twin::train::batch::{Batch, Window};

/// Longest test window, ms.
pub const TEST_WINDOW_MS: usize = 8128;

/// Truth and prediction of one simulation.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// First ms of the window within the simulation.
    pub from_ms: usize,
    /// Whether the neuron has a spike in each ms.
    pub spikes: Vec<bool>,
    /// Predicted probability of a spike.
    pub spikes_predicted: Vec<f32>,
    /// Whether each ms is near a spike.
    pub near_spike: Vec<bool>,
    /// Predicted probability of a near spike.
    pub near_spike_predicted: Vec<f32>,
    /// Actual soma voltage, clipped, mV.
    pub soma: Vec<f32>,
    /// Predicted soma voltage, mV.
    pub soma_predicted: Vec<f32>,
    /// Actual instantaneous rate, spikes/ms.
    pub rate: Vec<f32>,
    /// Predicted instantaneous rate, spikes/ms.
    pub rate_predicted: Vec<f32>,
    /// Actual dendritic voltages, (S, T), clipped, mV.
    pub dend: Vec<f32>,
    /// Predicted dendritic voltages, (S, T), mV.
    pub dend_predicted: Vec<f32>,
}

impl Judged {
    /// Number of the neuron's spikes in the window.
    #[must_use]
    pub fn num_spikes(&self) -> usize {
        self.spikes.iter().filter(|&&spike| spike).count()
    }
}

/// σ(logit) in single precision.
pub fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-logit))
}

/// A twin's raw outputs, on the host.
#[derive(Debug, Clone)]
pub struct RawOutputs {
    /// The outputs, (batch, 4 + dend_channels, time).
    pub values: Vec<f32>,
    /// Batch, channels, time.
    pub dims: [usize; 3],
}

impl RawOutputs {
    /// The output of one channel for one simulation of the batch, over time.
    pub fn channel(&self, item: usize, channel: usize) -> &[f32] {
        let [_, channels, time] = self.dims;
        let from = (item * channels + channel) * time;
        &self.values[from..from + time]
    }
}

/// Runs a twin; on a backend without gradients dropout does not act, and batch norms use their running statistics.
///
/// # Shapes
/// - x: `(batch, 2, S, T)`, divided by the input's scale
///
/// # Errors
/// [`TrainError::Device`] where the device does not return its numbers.
pub async fn predict<B: TwinBackend>(
    twin: &Twin<B>,
    x: Vec<f32>,
    dims: [usize; 4],
    device: &B::Device,
) -> Result<RawOutputs, TrainError> {
    let x = Tensor::from_data(TensorData::new(x, dims), device);
    let all = twin.forward(x).all;
    let dims = all.dims();
    let data = all.into_data_async().await;
    let data = data.map_err(|e| TrainError::Device(format!("{e:?}")))?;
    let values = data.into_vec().map_err(|e| TrainError::Device(format!("{e:?}")))?;
    Ok(RawOutputs { values, dims })
}

/// Predicts the middle [`TEST_WINDOW_MS`] of one simulation.
///
/// # Errors
/// [`TrainError`]: the simulation does not fit the twin, or the device fails.
pub async fn judge<B: TwinBackend>(
    twin: &Twin<B>,
    sample: &Sample,
    index: usize,
    segments: usize,
    scaling: &Scaling,
    device: &B::Device,
) -> Result<Judged, TrainError> {
    let window = Window::centred(index, TEST_WINDOW_MS);
    let batch = Batch::new(&[(window, sample)], scaling, segments)?;
    let (from, length) = window.place(sample.duration_ms());
    let raw = predict(twin, batch.x, [1, 2, segments, length], device).await?;
    Ok(judged(&raw, &sample.targets, from, scaling))
}

/// A twin's raw outputs beside the targets from `from` ms on.
pub(crate) fn judged(raw: &RawOutputs, t: &Targets, from: usize, scaling: &Scaling) -> Judged {
    let [_, channels, length] = raw.dims;
    let clip = |v: f32, lo: f64, hi: f64| v.clamp(lo as f32, hi as f32);
    let times = from..from + length;
    let channel = |channel: usize, f: &dyn Fn(f32) -> f32| -> Vec<f32> {
        raw.channel(0, channel).iter().map(|&v| f(v)).collect()
    };
    let each = |head: Head, f: &dyn Fn(f32) -> f32| channel(head.at(), f);
    let soma = |i| clip(t.soma_v[i], scaling.V_clip_soma_min, scaling.V_clip_soma_max);
    let dend = |s, i| {
        let v: half::f16 = t.dend_v[(s, i)];
        clip(v.to_f32(), scaling.V_clip_dend_min, scaling.V_clip_dend_max)
    };
    let segments = Head::DendV.channels(channels);
    Judged {
        from_ms: from,
        spikes: times.clone().map(|i| t.spikes[i]).collect(),
        spikes_predicted: each(Head::Spikes, &probability),
        near_spike: times.clone().map(|i| t.near_spike[i]).collect(),
        near_spike_predicted: each(Head::NearSpike, &probability),
        soma: times.clone().map(soma).collect(),
        soma_predicted: each(Head::Soma, &|v| scaling.soma_mv(v)),
        rate: times.clone().map(|i| t.inst_rate[i]).collect(),
        rate_predicted: each(Head::InstRate, &|v| scaling.rate_per_ms(v)),
        dend: (0..segments).flat_map(|s| times.clone().map(move |i| dend(s, i))).collect(),
        dend_predicted: (0..segments)
            .flat_map(|s| channel(Head::DendV.at() + s, &|v| scaling.dend_mv(v)))
            .collect(),
    }
}
