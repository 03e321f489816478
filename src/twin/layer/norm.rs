//! Norms over channels at each time, and over the batch.

use burn::module::{Param, RunningState};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::init::Init;
use crate::twin::ops::backend::TwinBackend;
use crate::twin::ops::norm::{affine, along};

/// A kind of norm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum NormKind {
    /// Root mean square over channels, with a scale (Zhang and Sennrich 2019, arXiv 1910.07467).
    Rms,
    /// Mean and variance over channels (Ba et al. 2016, arXiv 1607.06450).
    Layer,
    /// Mean and variance over batch and time (Ioffe and Szegedy 2015, arXiv 1502.03167).
    Batch,
    /// Mean and variance over the batch at each time; running statistics per channel.
    BatchB,
    /// No norm; possible before an ELM's MLP only.
    None,
}

impl NormKind {
    /// The norm's name in configurations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rms => "RMSNorm",
            Self::Layer => "LayerNorm",
            Self::Batch => "BatchNorm",
            Self::BatchB => "BatchNorm_B",
            Self::None => "none",
        }
    }

    /// ε that PyTorch's own norm of this kind adds to the variance.
    pub fn torch_eps(self) -> f64 {
        if self == Self::Rms { F32_EPS } else { EPS }
    }
}

/// The error of a name that no norm has.
#[derive(Debug, thiserror::Error)]
#[error("there is no norm {0:?}; there are RMSNorm, LayerNorm, BatchNorm and BatchNorm_B")]
pub struct UnknownNorm(String);

impl TryFrom<String> for NormKind {
    type Error = UnknownNorm;

    fn try_from(s: String) -> Result<Self, UnknownNorm> {
        match s.to_lowercase().replace('_', "").as_str() {
            "rmsnorm" => Ok(Self::Rms),
            "layernorm" => Ok(Self::Layer),
            "batchnorm" => Ok(Self::Batch),
            "batchnormb" | "batchnormbonly" | "batchnormonlyb" => Ok(Self::BatchB),
            "none" | "identity" | "linear" => Ok(Self::None),
            _ => Err(UnknownNorm(s)),
        }
    }
}

impl From<NormKind> for &'static str {
    fn from(kind: NormKind) -> Self {
        kind.name()
    }
}

/// ε added to the variance, everywhere but in PyTorch's own RMSNorm.
pub const EPS: f64 = 1e-5;

/// ε of PyTorch's own RMSNorm: the machine epsilon.
const F32_EPS: f64 = f32::EPSILON as f64;

/// Weight of a new batch in the running statistics.
const MOMENTUM: f64 = 0.1;

/// Configuration of a [`Norm`].
#[derive(Debug, Clone)]
pub struct NormConfig {
    /// The kind of the norm.
    pub kind: NormKind,
    /// Number of channels.
    pub channels: usize,
    /// ε added to the variance.
    pub eps: f64,
}

/// A norm with its scale and shift.
#[derive(Module, Debug)]
pub struct Norm<B: Backend> {
    weight: Option<Param<Tensor<B, 1>>>,
    bias: Option<Param<Tensor<B, 1>>>,
    running_mean: Option<RunningState<Tensor<B, 1>>>,
    running_var: Option<RunningState<Tensor<B, 1>>>,
    #[module(skip)]
    kind: NormKind,
    eps: f64,
}

impl NormConfig {
    /// A norm with scale 1, shift 0, running mean 0 and running variance 1.
    pub fn init<B: Backend>(&self, init: &mut Init<'_, B>) -> Norm<B> {
        let shape = [self.channels];
        let batch = matches!(self.kind, NormKind::Batch | NormKind::BatchB);
        let shifted = batch || self.kind == NormKind::Layer;
        let state = |value: Tensor<B, 1>| batch.then(|| RunningState::new(value));
        Norm {
            weight: (self.kind != NormKind::None).then(|| init.full(shape, 1.0)),
            bias: shifted.then(|| init.full(shape, 0.0)),
            running_mean: state(Tensor::zeros(shape, init.device)),
            running_var: state(Tensor::ones(shape, init.device)),
            kind: self.kind,
            eps: self.eps,
        }
    }
}

impl<B: TwinBackend> Norm<B> {
    /// The kind of the norm.
    pub fn kind(&self) -> NormKind {
        self.kind
    }

    /// Whether the norm takes mean and variance over the channels at each position.
    pub fn is_over_channels(&self) -> bool {
        matches!(self.kind, NormKind::Rms | NormKind::Layer)
    }

    /// ε added to the variance.
    pub fn eps(&self) -> f64 {
        self.eps
    }

    /// Scale and shift; `None` for one that the norm does not have.
    pub fn affine(&self) -> [Option<Tensor<B, 1>>; 2] {
        [self.weight.as_ref().map(Param::val), self.bias.as_ref().map(Param::val)]
    }

    /// # Shapes
    /// - x: any, its channels along `axis`
    /// - output: as `x`
    pub fn forward<const D: usize>(&self, x: Tensor<B, D>, axis: usize) -> Tensor<B, D> {
        match self.kind {
            NormKind::None => x,
            NormKind::Rms | NormKind::Layer => {
                let [weight, bias] = self.affine();
                B::channel_norm(x, axis, weight, bias, self.eps)
            }
            NormKind::Batch => self.batch(x, axis),
            NormKind::BatchB => self.batch_per_position(x, axis),
        }
    }

    fn batch<const D: usize>(&self, x: Tensor<B, D>, axis: usize) -> Tensor<B, D> {
        if !B::ad_enabled(&x.device()) {
            return self.by_running(x, axis);
        }
        let mean_over =
            |x: Tensor<B, D>| (0..D).filter(|&d| d != axis).fold(x, |x, d| x.mean_dim(d));
        let count = x.shape().num_elements() / x.dims()[axis];
        let mean = mean_over(x.clone());
        let centred = x - mean.clone();
        let var = mean_over(centred.clone().square());
        // the running variance is the unbiased one, as in PyTorch
        let unbias = count as f64 / (count.max(2) - 1) as f64;
        let channels = mean.dims()[axis];
        self.track(mean.reshape([channels]), var.clone().reshape([channels]) * unbias);
        self.scale_and_shift(centred / (var + self.eps).sqrt(), axis)
    }

    fn batch_per_position<const D: usize>(&self, x: Tensor<B, D>, axis: usize) -> Tensor<B, D> {
        if !B::ad_enabled(&x.device()) {
            return self.by_running(x, axis);
        }
        let mean = x.clone().mean_dim(0);
        let centred = x - mean.clone();
        let var = centred.clone().square().mean_dim(0);
        let per_channel = |x: Tensor<B, D>| -> Tensor<B, 1> {
            let channels = x.dims()[axis];
            (1..D).filter(|&d| d != axis).fold(x, |x, d| x.mean_dim(d)).reshape([channels])
        };
        let channel_mean = per_channel(mean.clone());
        let second_moment = per_channel(var.clone() + mean.square());
        self.track(channel_mean.clone(), second_moment - channel_mean.square());
        self.scale_and_shift(centred / (var + self.eps).sqrt(), axis)
    }

    /// Moves the running statistics towards those of this batch.
    fn track(&self, mean: Tensor<B, 1>, var: Tensor<B, 1>) {
        let pairs = [(&self.running_mean, mean), (&self.running_var, var)];
        for (running, new) in pairs {
            if let Some(running) = running {
                let old = running.value_sync();
                running.update(old * (1.0 - MOMENTUM) + new.detach() * MOMENTUM);
            }
        }
    }

    fn by_running<const D: usize>(&self, x: Tensor<B, D>, axis: usize) -> Tensor<B, D> {
        let (Some(mean), Some(var)) = (&self.running_mean, &self.running_var) else {
            return x;
        };
        let scale = along::<B, D>(var.value_sync() + self.eps, axis).sqrt();
        self.scale_and_shift((x - along(mean.value_sync(), axis)) / scale, axis)
    }

    fn scale_and_shift<const D: usize>(&self, x: Tensor<B, D>, axis: usize) -> Tensor<B, D> {
        let [weight, bias] = self.affine();
        affine(x, axis, weight, bias)
    }
}
