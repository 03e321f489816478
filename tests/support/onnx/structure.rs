//! Reads ONNX's messages, by the field numbers of `onnx.proto`.

use super::tensor::Tensor;
use super::wire::{Wire, fields};
use super::{Attribute, Described, Graph, Model, Node};

impl Model {
    pub fn read(bytes: &[u8]) -> Self {
        let mut model = Self::default();
        for (field, value) in fields(bytes) {
            match field {
                1 => model.ir_version = value.int(),
                2 | 3 => assert!(!value.text().is_empty()),
                7 => model.graph = graph(value.bytes()),
                8 => {
                    for (field, value) in fields(value.bytes()) {
                        match field {
                            1 => assert_eq!(value.text(), "", "another domain"),
                            _ => model.opset = value.int(),
                        }
                    }
                }
                14 => {
                    let pair: Vec<String> =
                        fields(value.bytes()).into_iter().map(|(_, v)| v.text()).collect();
                    model.metadata.insert(pair[0].clone(), pair[1].clone());
                }
                other => panic!("field {other} of a model"),
            }
        }
        model
    }
}

fn graph(bytes: &[u8]) -> Graph {
    let mut graph = Graph::default();
    for (field, value) in fields(bytes) {
        match field {
            1 => graph.nodes.push(node(value.bytes())),
            2 => assert!(!value.text().is_empty(), "a graph must have a name"),
            5 => {
                let (name, tensor) = tensor(value.bytes());
                assert!(graph.initialisers.insert(name.clone(), tensor).is_none(), "{name} twice");
            }
            11 => graph.inputs.push(described(value.bytes())),
            12 => graph.outputs.push(described(value.bytes())),
            other => panic!("field {other} of a graph"),
        }
    }
    graph
}

fn node(bytes: &[u8]) -> Node {
    let mut node = Node::default();
    for (field, value) in fields(bytes) {
        match field {
            1 => node.inputs.push(value.text()),
            2 => node.outputs.push(value.text()),
            3 => assert!(!value.text().is_empty()),
            4 => node.kind = value.text(),
            5 => {
                let (name, attribute) = attribute(value.bytes());
                node.attributes.insert(name, attribute);
            }
            other => panic!("field {other} of a node"),
        }
    }
    node
}

fn attribute(bytes: &[u8]) -> (String, Attribute) {
    let (mut name, mut kind, mut last, mut ints) = (String::new(), 0, Wire::Int(0), Vec::new());
    for (field, value) in fields(bytes) {
        match field {
            1 => name = value.text(),
            20 => kind = value.int(),
            8 => ints.push(value.int()),
            2 | 3 | 6 => last = value,
            other => panic!("field {other} of an attribute"),
        }
    }
    let value = match kind {
        1 => Attribute::Float(last.float()),
        2 => Attribute::Int(last.int()),
        5 => Attribute::Graph(graph(last.bytes())),
        7 => Attribute::Ints(ints),
        other => panic!("{name} of type {other}"),
    };
    (name, value)
}

fn tensor(bytes: &[u8]) -> (String, Tensor) {
    let (mut name, mut kind, mut shape, mut raw) = (String::new(), 0, Vec::new(), &[][..]);
    for (field, value) in fields(bytes) {
        match field {
            1 => shape.push(value.int() as usize),
            2 => kind = value.int(),
            8 => name = value.text(),
            9 => raw = value.bytes(),
            other => panic!("field {other} of a tensor"),
        }
    }
    let values: Vec<f64> = match kind {
        1 => raw.as_chunks().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
        7 => raw.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect(),
        other => panic!("{name} of type {other}"),
    };
    let tensor = Tensor { shape, values, whole: kind == 7 };
    assert_eq!(tensor.shape.iter().product::<usize>(), tensor.values.len(), "{name}");
    (name, tensor)
}

fn described(bytes: &[u8]) -> Described {
    let mut described = Described::default();
    for (field, value) in fields(bytes) {
        if field == 1 {
            described.name = value.text();
            continue;
        }
        // TypeProto, its tensor type, and in it type and shape
        let tensor = fields(value.bytes())[0].1.bytes();
        for (field, value) in fields(tensor) {
            if field == 1 {
                assert_eq!(value.int(), 1, "{}: not of single precision", described.name);
                continue;
            }
            for (_, axis) in fields(value.bytes()) {
                described.axes.push(match fields(axis.bytes())[0] {
                    (1, length) => length.int().to_string(),
                    (_, name) => name.text(),
                });
            }
        }
    }
    described
}
