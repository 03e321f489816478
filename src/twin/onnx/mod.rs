//! Twins as ONNX models, for runtimes everywhere: they use the operators of opset 17 alone, take any batch and any
//! duration, and have five outputs with the heads' names.
//!
//! The convolutional twins and the transformer are plain operators. An ELM is one `Scan` over time. No model needs
//! custom operators, and the writer needs no library: `proto` writes the bytes.

pub(crate) mod attention;
pub(crate) mod graph;
mod layers;
pub(crate) mod proto;

use burn::backend::Flex;

use crate::twin::heads::Head;
use crate::twin::weights::names::torch_name;
use crate::twin::weights::{Checkpoint, StateError};
use graph::Axis::{Fixed, Free};
use graph::{Graph, Value};
use proto::Message;

/// Version of ONNX's set of operators.
pub const OPSET: i64 = 17;

/// Version of the file format, the lowest with this opset.
const IR_VERSION: i64 = 8;

/// Largest message of Protocol Buffers, bytes.
const MOST_BYTES: usize = (1 << 31) - 1;

/// The place where inputs and outputs are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalingPlace {
    /// In the model: the inputs are synaptic weights, the outputs probabilities, mV and spikes per ms.
    Inside,
    /// By the caller: the inputs are scaled weights, the outputs the heads' raw outputs.
    Outside,
}

impl ScalingPlace {
    /// The place's name on the command line and in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

/// The error of a twin that cannot be written as ONNX.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
    /// The twin has no weights yet.
    #[error("the twin has no weights yet")]
    NoWeights,
    /// The weights do not fit the configuration.
    #[error(transparent)]
    State(#[from] StateError),
    /// The weights exceed the format's limit of 2 GiB.
    #[error("an .onnx file holds at most 2 GiB, and this twin's weights take {0} bytes")]
    TooLarge(usize),
    /// The header has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Checkpoint {
    /// The bytes of an `.onnx` file: input `X`, `[batch, channels, segments, time]`; outputs `spikes`, `soma`,
    /// `near_spike`, `inst_rate` and `dend_v`, `[batch, channels, 1, time]` as in the original.
    ///
    /// # Errors
    /// [`OnnxError`]: a twin without weights, with weights of another twin, or with more than the format holds.
    pub fn to_onnx(&self, place: ScalingPlace) -> Result<Vec<u8>, OnnxError> {
        if self.state.is_empty() {
            return Err(OnnxError::NoWeights);
        }
        let bytes: usize = self.state.values().map(|tensor| 4 * tensor.values.len()).sum();
        // nodes and names take less than the thousandth part that is left for them
        if bytes > MOST_BYTES - MOST_BYTES / 1000 {
            return Err(OnnxError::TooLarge(bytes));
        }
        let config = &self.header.config;
        // weights that do not fit the configuration are refused here
        let twin = self.twin::<Flex>(&Default::default())?;
        let mut derived = Vec::new();
        for values in twin.backbone().features().derived() {
            let values = values.into_data().into_vec::<f32>();
            let failed = |e| StateError::Read("a constant".to_owned(), format!("{e:?}"));
            derived.push(values.map_err(failed)?);
        }
        let ports = config.ports();
        let name = |path: &[String]| torch_name(config, path);
        let mut graph = Graph::new(&name, &self.state);
        let g = &mut graph;
        let input = "X".to_owned();
        let rows = g.ints(&[0, ports.rows() as i64, -1]);
        let mut x = g.both("Reshape", &input, &rows);
        if place == ScalingPlace::Inside {
            x = g.with("Div", &x, self.header.scaling.X_scale);
        }
        let features = config.architecture().nodes(g, &derived, &x)?;
        let mut outputs = Vec::new();
        for (head, channels) in Head::ALL.into_iter().zip(ports.heads()) {
            let y = g.conv(&features, &format!("heads.{head}"), 1, 1)?;
            let y = match place {
                ScalingPlace::Inside => self.scaled_back(g, head, &y),
                ScalingPlace::Outside => y,
            };
            let axis = g.ints(&[2]);
            let name = head.name().to_owned();
            g.node("Unsqueeze", &[&y, &axis], &[&name], &[]);
            let shape = vec![Free("batch"), Fixed(channels), Fixed(1), Free("time")];
            outputs.push((name, shape));
        }
        let [channels, segments] = [ports.in_channels, ports.in_spatial_dim].map(Fixed);
        let input = (input, vec![Free("batch"), channels, segments, Free("time")]);
        Ok(self.model(&graph.finish("twin", input, &outputs), place)?.finish())
    }

    /// A head's output as probability, mV or spikes per ms, by its scaling constants.
    fn scaled_back(&self, g: &mut Graph<'_>, head: Head, y: &Value) -> Value {
        let s = &self.header.scaling;
        let mv = |g: &mut Graph<'_>, scale, bias| {
            let y = g.with("Mul", y, scale);
            g.with("Add", &y, bias)
        };
        match head {
            Head::Soma => mv(g, s.V_scale_soma, s.V_bias_soma),
            Head::DendV => mv(g, s.V_scale_dend, s.V_bias_dend),
            Head::InstRate => g.with("Div", y, s.y_inst_rate_multiplier),
            Head::Spikes | Head::NearSpike => g.map("Sigmoid", y),
        }
    }

    /// The model: the graph with its versions, and metadata for a reader.
    fn model(&self, graph: &Message, place: ScalingPlace) -> Result<Message, OnnxError> {
        let header = &self.header;
        let beside = [
            ("short_name", header.short_name.clone()),
            ("scaling_place", place.name().to_owned()),
            ("scaling", serde_json::to_string(&header.scaling)?),
            ("config", serde_json::to_string(&header.config)?),
        ];
        let opset = Message::default().bytes(1, "").int(2, OPSET);
        Ok(Message::default()
            .int(1, IR_VERSION)
            .bytes(2, "ballstick")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, graph)
            .message(8, &opset)
            .each(beside, |m, (key, value)| {
                m.message(14, &Message::default().bytes(1, key).bytes(2, value))
            }))
    }
}
