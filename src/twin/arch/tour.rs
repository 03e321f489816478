//! An architecture layer by layer, from its configuration alone: each layer's output, receptive field, number of
//! parameters and cost.

use serde::Serialize;

use crate::text::count;
use crate::twin::layer::norm::NormKind;
use crate::twin::ops::activation::Nonlinearity;

/// One layer of a tour.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// Place of the layer, such as `block 0, layer 1`.
    pub name: String,
    /// The layer's operations, in words.
    pub what: String,
    /// Channels, segments and ms of its output.
    pub shape: [usize; 3],
    /// Number of the layer's parameters.
    pub parameters: u64,
    /// Receptive field of the layer's output so far, ms, the present ms included; `None` where unbounded.
    pub receptive_field_ms: Option<usize>,
    /// Number of multiply-adds for one simulation: those of convolutions, linear maps, attention and recurrences; norms
    /// and nonlinearities are not counted.
    pub multiply_adds: u64,
}

/// The layers described so far.
pub struct Tour {
    /// Duration of the simulation, ms.
    pub time: usize,
    /// The layers, the input first.
    pub stops: Vec<Stop>,
    /// Receptive field of the last layer's output, ms; `None` where unbounded.
    pub field: Option<usize>,
}

/// Number of a norm's parameters: scale, and shift where the norm has one.
pub fn norm(kind: NormKind, channels: usize) -> u64 {
    let channels = channels as u64;
    match kind {
        NormKind::None => 0,
        NormKind::Rms => channels,
        NormKind::Layer | NormKind::Batch | NormKind::BatchB => 2 * channels,
    }
}

/// Number of a convolution's weights and biases, over `rows` input rows.
pub fn conv(rows: usize, channels_out: usize, taps: usize) -> u64 {
    channels_out as u64 * (rows as u64 * taps as u64 + 1)
}

/// A layer of convolution, norm and nonlinearity.
pub struct ConvStop {
    /// Rows of the layer's input.
    pub rows: usize,
    /// Channels of the layer's output.
    pub out: usize,
    /// Taps of the convolution.
    pub taps: usize,
    /// ms between taps.
    pub dilation: usize,
    /// The norm after the convolution.
    pub norm: NormKind,
    /// The nonlinearity after the norm.
    pub nonlinearity: Nonlinearity,
}

impl Tour {
    /// A tour of a simulation of `time` ms, with the input as its first stop.
    pub fn new(in_channels: usize, segments: usize, time: usize) -> Self {
        let input = Stop {
            name: "input".to_owned(),
            what: "synaptic weights, divided by their scale".to_owned(),
            shape: [in_channels, segments, time],
            parameters: 0,
            receptive_field_ms: Some(1),
            multiply_adds: 0,
        };
        Self { time, stops: vec![input], field: Some(1) }
    }

    /// Adds a layer with `channels` output channels and the receptive field of the layer before.
    pub fn add(
        &mut self,
        name: String,
        what: String,
        channels: usize,
        parameters: u64,
        multiply_adds: u64,
    ) {
        self.stops.push(Stop {
            name,
            what,
            shape: [channels, 1, self.time],
            parameters,
            receptive_field_ms: self.field,
            multiply_adds,
        });
    }

    /// Multiplications over the whole duration, where each ms takes the product of `factors`.
    pub fn each_ms(&self, factors: &[usize]) -> u64 {
        factors.iter().fold(self.time as u64, |product, &n| product.saturating_mul(n as u64))
    }

    /// Extends the receptive field of the next layers by `ms`.
    pub fn look_back(&mut self, ms: usize) {
        self.field = self.field.map(|field| field.saturating_add(ms));
    }

    /// Adds the layer from the input's rows to `layer.out` channels.
    pub fn first(&mut self, layer: &ConvStop) {
        self.layer("first layer".to_owned(), layer);
    }

    /// Adds a layer of convolution, norm and nonlinearity.
    pub fn layer(&mut self, name: String, layer: &ConvStop) {
        let ConvStop { rows, out, taps, dilation, norm: kind, nonlinearity } = *layer;
        self.look_back((taps - 1).saturating_mul(dilation));
        let apart = if dilation == 1 { String::new() } else { format!(", {dilation} ms apart") };
        let what = format!(
            "convolution, {}{apart}; {}; {}",
            count(taps, "tap"),
            kind.name(),
            nonlinearity.name()
        );
        let parameters = conv(rows, out, taps) + norm(kind, out);
        let products = self.each_ms(&[rows, out, taps]);
        self.add(name, what, out, parameters, products);
    }
}
