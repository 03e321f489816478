//! A graph of ONNX's operators (github.com/onnx/onnx, `onnx.proto` and `Operators.md`) that is being built.

use std::collections::BTreeMap;

use super::proto::Message;
use crate::twin::weights::host::{HostTensor, StateDict, StateError};

/// The name of a value in the graph.
pub type Value = String;

/// An attribute of an operator: its name and its value.
pub enum Attribute {
    /// A number in single precision.
    Float(&'static str, f32),
    /// An integer.
    Int(&'static str, i64),
    /// Several integers.
    Ints(&'static str, Vec<i64>),
    /// The body of a loop.
    Graph(&'static str, Message),
}

/// ONNX's numbers of the element types.
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// The nodes and initialisers so far of a twin with the parameters `state`.
pub struct Graph<'a> {
    /// The name in `state` of the parameter at a path in our module; `None` where `state` has no such one.
    name: &'a dyn Fn(&[String]) -> Option<String>,
    state: &'a StateDict,
    /// The nodes of the graph, and behind them those of a loop's body while it is built.
    nodes: Vec<Vec<Message>>,
    initialisers: Vec<Message>,
    /// Names of the constants added so far.
    known: BTreeMap<String, ()>,
    count: usize,
}

/// An axis of an input or output.
#[derive(Clone)]
pub enum Axis {
    /// An axis of any length, under this name.
    Free(&'static str),
    /// An axis of a fixed length.
    Fixed(usize),
}

impl<'a> Graph<'a> {
    /// A graph without nodes; `name` gives the name in `state` of the parameter at a path in our module.
    pub fn new(name: &'a dyn Fn(&[String]) -> Option<String>, state: &'a StateDict) -> Self {
        let (nodes, initialisers) = (vec![Vec::new()], Vec::new());
        Self { name, state, nodes, initialisers, known: BTreeMap::new(), count: 0 }
    }

    /// Adds an operator with one output, and returns the output.
    pub fn op<const N: usize>(
        &mut self,
        kind: &str,
        inputs: [&Value; N],
        attributes: &[Attribute],
    ) -> Value {
        let output = self.fresh(kind);
        self.node(kind, &inputs, &[&output], attributes);
        output
    }

    /// Adds an operator whose outputs have names already.
    pub fn node(&mut self, kind: &str, inputs: &[&Value], outputs: &[&Value], set: &[Attribute]) {
        let node = Message::default()
            .each(inputs, |m, name| m.bytes(1, name.as_bytes()))
            .each(outputs, |m, name| m.bytes(2, name.as_bytes()))
            .bytes(3, format!("{}.{kind}", outputs[0]))
            .bytes(4, kind)
            .each(set, |m, a| m.message(5, &attribute(a)));
        if let Some(nodes) = self.nodes.last_mut() {
            nodes.push(node);
        }
    }

    /// A name that no value has yet, for an output of an operator of this kind.
    pub fn fresh(&mut self, kind: &str) -> Value {
        self.count += 1;
        format!("{}_{}", kind.to_lowercase(), self.count)
    }

    /// A constant of numbers in single precision.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initialiser(name, FLOAT, shape, bytes)
    }

    /// A constant of integers, `[values]`.
    pub fn ints(&mut self, values: &[i64]) -> Value {
        let name =
            format!("ints_{}", values.iter().map(i64::to_string).collect::<Vec<_>>().join("_"));
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initialiser(&name, INT64, &[values.len()], bytes)
    }

    /// A constant of one integer, without an axis.
    pub fn int(&mut self, value: i64) -> Value {
        let bytes = value.to_le_bytes().to_vec();
        self.initialiser(&format!("int_{value}"), INT64, &[], bytes)
    }

    /// A constant of one number in single precision, without an axis.
    pub fn scalar(&mut self, value: f64) -> Value {
        self.floats(&format!("scalar_{:e}", value as f32), &[], &[value as f32])
    }

    /// The parameter at a path in our module as a constant, with its shape changed by `reshape`.
    ///
    /// # Errors
    /// [`StateError`] where the twin has no such parameter.
    pub fn parameter(
        &mut self,
        path: &str,
        reshape: impl FnOnce(&[usize]) -> Vec<usize>,
    ) -> Result<Value, StateError> {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        let missing = || StateError::Missing(path.join("."));
        let name = (self.name)(&path).ok_or_else(missing)?;
        let state = self.state;
        let HostTensor { shape, values } = state.get(&name).ok_or_else(missing)?;
        Ok(self.floats(&name, &reshape(shape), values))
    }

    /// Whether the twin has a parameter at this path in our module.
    pub fn has(&self, path: &str) -> bool {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        (self.name)(&path).is_some_and(|name| self.state.contains_key(&name))
    }

    fn initialiser(&mut self, name: &str, kind: i64, shape: &[usize], bytes: Vec<u8>) -> Value {
        if self.known.insert(name.to_owned(), ()).is_none() {
            let tensor = Message::default()
                .each(shape, |m, &n| m.int(1, n as i64))
                .int(2, kind)
                .bytes(8, name)
                .bytes(9, bytes);
            self.initialisers.push(tensor);
        }
        name.to_owned()
    }

    /// Begins a loop's body, into which the next nodes go.
    pub fn begin_body(&mut self) {
        self.nodes.push(Vec::new());
    }

    /// Ends a loop's body and returns it; it can use the values outside.
    pub fn end_body(
        &mut self,
        inputs: &[(Value, Vec<Axis>)],
        outputs: &[(Value, Vec<Axis>)],
    ) -> Message {
        let nodes = self.nodes.pop().unwrap_or_default();
        whole("step", &nodes, &[], inputs, outputs)
    }

    /// The whole graph, with its input and outputs.
    pub fn finish(
        self,
        name: &str,
        input: (Value, Vec<Axis>),
        outputs: &[(Value, Vec<Axis>)],
    ) -> Message {
        whole(name, &self.nodes.concat(), &self.initialisers, &[input], outputs)
    }
}

fn whole(
    name: &str,
    nodes: &[Message],
    initialisers: &[Message],
    inputs: &[(Value, Vec<Axis>)],
    outputs: &[(Value, Vec<Axis>)],
) -> Message {
    Message::default()
        .each(nodes, |m, node| m.message(1, node))
        .bytes(2, name)
        .each(initialisers, |m, tensor| m.message(5, tensor))
        .each(inputs, |m, value| m.message(11, &described(value)))
        .each(outputs, |m, value| m.message(12, &described(value)))
}

/// The description of a value with its shape; all values described are in single precision.
fn described((name, axes): &(Value, Vec<Axis>)) -> Message {
    let shape = Message::default().each(axes, |m, axis| {
        let axis = match axis {
            Axis::Free(name) => Message::default().bytes(2, name),
            Axis::Fixed(n) => Message::default().int(1, *n as i64),
        };
        m.message(1, &axis)
    });
    let tensor = Message::default().int(1, FLOAT).message(2, &shape);
    Message::default().bytes(1, name).message(2, &Message::default().message(1, &tensor))
}

fn attribute(attribute: &Attribute) -> Message {
    let named = |name: &str| Message::default().bytes(1, name);
    match attribute {
        Attribute::Float(name, value) => named(name).float(2, *value).int(20, 1),
        Attribute::Int(name, value) => named(name).int(3, *value).int(20, 2),
        Attribute::Graph(name, graph) => named(name).message(6, graph).int(20, 5),
        Attribute::Ints(name, values) => named(name).each(values, |m, &v| m.int(8, v)).int(20, 7),
    }
}
