//! The ONNX nodes of the layers that architectures share: convolution, norm, nonlinearity, linear map. Features are
//! `[batch, channels, time]`, within a loop `[batch, channels]`; channels are axis 1 in both.

use super::graph::Attribute::{Float, Int, Ints};
use super::graph::{Graph, Value};
use crate::twin::layer::ffn::FfnKind;
use crate::twin::layer::norm::{EPS, NormKind};
use crate::twin::ops::activation::{Activation, Nonlinearity};
use crate::twin::weights::host::StateError;

impl Graph<'_> {
    /// An operator of two values, such as a · b or a + b.
    pub fn both(&mut self, kind: &str, a: &Value, b: &Value) -> Value {
        self.op(kind, [a, b], &[])
    }

    /// An operator of a value and a constant.
    pub fn with(&mut self, kind: &str, a: &Value, b: f64) -> Value {
        let b = self.scalar(b);
        self.both(kind, a, &b)
    }

    /// An operator of one value.
    pub fn map(&mut self, kind: &str, x: &Value) -> Value {
        self.op(kind, [x], &[])
    }

    /// A causal convolution over all rows, with the parameters under `path`.
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    pub fn conv(
        &mut self,
        x: &Value,
        path: &str,
        taps: usize,
        dilation: usize,
    ) -> Result<Value, StateError> {
        let rows = |shape: &[usize]| vec![shape[0], shape[1] * shape[2], shape[3]];
        let weight = self.parameter(&format!("{path}.weight"), rows)?;
        let bias = self.parameter(&format!("{path}.bias"), <[usize]>::to_vec)?;
        let past = ((taps - 1) * dilation) as i64;
        let set = [
            Ints("kernel_shape", vec![taps as i64]),
            Ints("dilations", vec![dilation as i64]),
            Ints("pads", vec![past, 0]),
        ];
        Ok(self.op("Conv", [x, &weight, &bias], &set))
    }

    /// The layer of convolutional twins: convolution, norm, nonlinearity.
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    pub fn layer(
        &mut self,
        x: &Value,
        path: &str,
        [taps, dilation]: [usize; 2],
        norm: NormKind,
        activation: &Activation,
    ) -> Result<Value, StateError> {
        let x = self.conv(x, &format!("{path}.conv"), taps, dilation)?;
        let x = self.norm(&x, &format!("{path}.norm"), norm, EPS, 3)?;
        Ok(self.activation(&x, activation))
    }

    /// A norm of `x`, which has `axes` axes, with the parameters under `path`.
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    pub fn norm(
        &mut self,
        x: &Value,
        path: &str,
        kind: NormKind,
        eps: f64,
        axes: usize,
    ) -> Result<Value, StateError> {
        let mean = |g: &mut Self, x: &Value| g.op("ReduceMean", [x], &[Ints("axes", vec![1])]);
        let along = |shape: &[usize]| [&[1], shape, &[1, 1][..axes - 2]].concat();
        let (weight, bias) = (format!("{path}.weight"), format!("{path}.bias"));
        match kind {
            NormKind::None => Ok(x.clone()),
            NormKind::Rms | NormKind::Layer => {
                let x = match kind {
                    NormKind::Layer => {
                        let mean = mean(self, x);
                        self.both("Sub", x, &mean)
                    }
                    _ => x.clone(),
                };
                let square = self.both("Mul", &x, &x);
                let variance = mean(self, &square);
                let variance = self.with("Add", &variance, eps);
                let deviation = self.map("Sqrt", &variance);
                let x = self.both("Div", &x, &deviation);
                let weight = self.parameter(&weight, along)?;
                let x = self.both("Mul", &x, &weight);
                if !self.has(&bias) {
                    return Ok(x);
                }
                let bias = self.parameter(&bias, along)?;
                Ok(self.both("Add", &x, &bias))
            }
            NormKind::Batch | NormKind::BatchB => {
                let mut all = Vec::new();
                for part in ["weight", "bias", "running_mean", "running_var"] {
                    all.push(self.parameter(&format!("{path}.{part}"), <[usize]>::to_vec)?);
                }
                let inputs = [x, &all[0], &all[1], &all[2], &all[3]];
                Ok(self.op("BatchNormalization", inputs, &[Float("epsilon", eps as f32)]))
            }
        }
    }

    /// A nonlinearity of `x`.
    pub fn activation(&mut self, x: &Value, activation: &Activation) -> Value {
        let leak = activation.leak;
        match activation.kind {
            Nonlinearity::Identity => x.clone(),
            Nonlinearity::Relu => self.map("Relu", x),
            Nonlinearity::LeakyRelu => self.leaky_relu(x, leak),
            Nonlinearity::Gelu => self.gelu(x),
            Nonlinearity::LeakyGelu => {
                let smooth = self.gelu(x);
                self.leaky_mean(&smooth, x, leak)
            }
            Nonlinearity::Silu => self.silu(x),
            Nonlinearity::LeakySilu => {
                let smooth = self.silu(x);
                self.leaky_mean(&smooth, x, leak)
            }
            Nonlinearity::Tanh => self.map("Tanh", x),
            Nonlinearity::LeakyTanh => {
                let tanh = self.map("Tanh", x);
                self.leaky_sum(x, &tanh, leak)
            }
            Nonlinearity::Sigmoid => self.map("Sigmoid", x),
            Nonlinearity::LeakySigmoid => {
                let sigmoid = self.map("Sigmoid", x);
                let double = self.with("Mul", &sigmoid, 2.0);
                let centred = self.with("Sub", &double, 1.0);
                self.leaky_sum(x, &centred, leak)
            }
            Nonlinearity::TwoSidedLeakyRelu
            | Nonlinearity::TwoSidedLeakyGelu
            | Nonlinearity::TwoSidedLeakySilu => self.two_sided(x, activation),
        }
    }

    fn leaky_relu(&mut self, x: &Value, leak: f64) -> Value {
        self.op("LeakyRelu", [x], &[Float("alpha", leak as f32)])
    }

    /// gelu of x: x·Φ(x).
    fn gelu(&mut self, x: &Value) -> Value {
        let scaled = self.with("Mul", x, std::f64::consts::FRAC_1_SQRT_2);
        let erf = self.map("Erf", &scaled);
        let twice = self.with("Add", &erf, 1.0);
        let half = self.with("Mul", x, 0.5);
        self.both("Mul", &half, &twice)
    }

    /// silu of x: x·σ(x).
    pub fn silu(&mut self, x: &Value) -> Value {
        let sigmoid = self.map("Sigmoid", x);
        self.both("Mul", x, &sigmoid)
    }

    /// (`smooth` + leaky relu of slope 2·leak) / 2.
    fn leaky_mean(&mut self, smooth: &Value, x: &Value, leak: f64) -> Value {
        let leaky = self.leaky_relu(x, 2.0 * leak);
        let sum = self.both("Add", smooth, &leaky);
        self.with("Mul", &sum, 0.5)
    }

    /// leak·x + (1-leak)·y.
    fn leaky_sum(&mut self, x: &Value, y: &Value, leak: f64) -> Value {
        let x = self.with("Mul", x, leak);
        let y = self.with("Mul", y, 1.0 - leak);
        self.both("Add", &x, &y)
    }

    /// A two-sided nonlinearity: the left bend, the mean of both bends, and the right bend, each in its range.
    fn two_sided(&mut self, x: &Value, activation: &Activation) -> Value {
        let one_sided = Activation::new(activation.kind.one_sided(), activation.leak);
        let shifted = self.with("Add", x, 1.0);
        let left = self.activation(&shifted, &one_sided);
        let left = self.with("Sub", &left, 1.0);
        let shifted = self.with("Sub", x, 1.0);
        let mirrored = self.map("Neg", &shifted);
        let right = self.activation(&mirrored, &one_sided);
        let right = self.map("Neg", &right);
        let right = self.with("Add", &right, 1.0);
        let sum = self.both("Add", &left, &right);
        let middle = self.with("Mul", &sum, 0.5);
        let bend = f64::from(activation.bend);
        let before_right = self.with("Less", x, -bend);
        let outer = self.op("Where", [&before_right, &middle, &right], &[]);
        let before_middle = self.with("Less", x, bend);
        self.op("Where", [&before_middle, &left, &outer], &[])
    }

    /// A linear map of the channels without a bias: weight · x.
    ///
    /// # Errors
    /// [`StateError`] where the weight is missing.
    pub fn linear(&mut self, x: &Value, path: &str) -> Result<Value, StateError> {
        let weight = self.parameter(&format!("{path}.weight"), <[usize]>::to_vec)?;
        Ok(self.both("MatMul", &weight, x))
    }

    /// A linear map of `[batch, in]` with a bias.
    ///
    /// # Errors
    /// [`StateError`] where a parameter is missing.
    pub fn dense(&mut self, x: &Value, path: &str) -> Result<Value, StateError> {
        let weight = self.parameter(&format!("{path}.weight"), <[usize]>::to_vec)?;
        let bias = self.parameter(&format!("{path}.bias"), <[usize]>::to_vec)?;
        Ok(self.op("Gemm", [x, &weight, &bias], &[Int("transB", 1)]))
    }

    /// The feed-forward half of a transformer's block, with the parameters under `path`.
    ///
    /// # Errors
    /// [`StateError`] where a weight is missing.
    pub fn feed_forward(
        &mut self,
        x: &Value,
        path: &str,
        kind: FfnKind,
    ) -> Result<Value, StateError> {
        let y = self.linear(x, &format!("{path}.w1"))?;
        match kind {
            FfnKind::Swiglu => {
                let gate = self.silu(&y);
                let other = self.linear(x, &format!("{path}.w2"))?;
                let y = self.both("Mul", &gate, &other);
                self.linear(&y, &format!("{path}.w3"))
            }
            FfnKind::Gelu => {
                let y = self.activation(&y, &Activation::new(Nonlinearity::Gelu, 0.0));
                self.linear(&y, &format!("{path}.w2"))
            }
        }
    }

    /// The length of one of `x`'s axes, `[1]`.
    pub fn length(&mut self, x: &Value, axis: i64) -> Value {
        let shape = self.map("Shape", x);
        let axis = self.ints(&[axis]);
        self.both("Gather", &shape, &axis)
    }
}
