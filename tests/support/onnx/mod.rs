//! Reads ONNX models and computes their outputs, slowly and in double precision: a second opinion on what is written,
//! without a runtime. It knows the operators that our twins need, and stops at any other.

pub mod run;
mod structure;
pub mod tensor;
mod wire;

use std::collections::BTreeMap;

use tensor::Tensor;

/// A model, as far as the tests read it.
#[derive(Default)]
pub struct Model {
    pub ir_version: i64,
    /// Version of the operators in ONNX's own domain.
    pub opset: i64,
    pub metadata: BTreeMap<String, String>,
    pub graph: Graph,
}

/// Nodes in their order, the tensors that they start from, and what goes in and out.
#[derive(Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub initialisers: BTreeMap<String, Tensor>,
    pub inputs: Vec<Described>,
    pub outputs: Vec<Described>,
}

/// A name and its axes, each a length or a name.
#[derive(Default, Debug, PartialEq)]
pub struct Described {
    pub name: String,
    pub axes: Vec<String>,
}

/// An operator.
#[derive(Default)]
pub struct Node {
    pub kind: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: BTreeMap<String, Attribute>,
}

/// An operator's setting.
pub enum Attribute {
    Float(f32),
    Int(i64),
    Ints(Vec<i64>),
    Graph(Graph),
}

impl Node {
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.attributes.get(name) {
            Some(Attribute::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn ints(&self, name: &str) -> Vec<usize> {
        match self.attributes.get(name) {
            Some(Attribute::Ints(values)) => values.iter().map(|&v| v as usize).collect(),
            _ => panic!("{}: no {name}", self.kind),
        }
    }

    pub fn float(&self, name: &str) -> f64 {
        match self.attributes.get(name) {
            Some(Attribute::Float(value)) => f64::from(*value),
            _ => panic!("{}: no {name}", self.kind),
        }
    }
}
