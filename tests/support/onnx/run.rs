//! ONNX's operators, as `Operators.md` defines them for opset 17.

use std::collections::BTreeMap;

use super::tensor::{Tensor, indices};
use super::{Attribute, Graph, Node};

type Values = BTreeMap<String, Tensor>;

impl Graph {
    /// The graph's outputs. A graph within another sees the other's values, `around`.
    pub fn run(&self, inputs: &Values, around: &Values) -> Vec<Tensor> {
        let mut all = around.clone();
        all.extend(self.initialisers.clone());
        all.extend(inputs.clone());
        for node in &self.nodes {
            let results = compute(node, &all);
            assert_eq!(results.len(), node.outputs.len(), "{}", node.kind);
            for (name, value) in node.outputs.iter().zip(results) {
                assert!(all.insert(name.clone(), value).is_none(), "{name} is made twice");
            }
        }
        self.outputs.iter().map(|output| all[&output.name].clone()).collect()
    }
}

fn compute(node: &Node, all: &Values) -> Vec<Tensor> {
    if node.kind == "Scan" {
        return scan(node, all);
    }
    let x: Vec<&Tensor> = node
        .inputs
        .iter()
        .map(|name| all.get(name).unwrap_or_else(|| panic!("no {name}")))
        .collect();
    vec![one(node, &x)]
}

/// The result of an operator with one output.
fn one(node: &Node, x: &[&Tensor]) -> Tensor {
    let truth = |b: bool| f64::from(u8::from(b));
    let sigmoid = |v: f64| 1.0 / (1.0 + (-v).exp());
    match node.kind.as_str() {
        "Add" => x[0].zip(x[1], |a, b| a + b),
        "Sub" => x[0].zip(x[1], |a, b| a - b),
        "Mul" => x[0].zip(x[1], |a, b| a * b),
        "Div" if x[0].whole => x[0].zip(x[1], |a, b| (a / b).trunc()),
        "Div" => x[0].zip(x[1], |a, b| a / b),
        "Min" => x[0].zip(x[1], f64::min),
        "Less" => Tensor { whole: false, ..x[0].zip(x[1], |a, b| truth(a < b)) },
        "Or" => x[0].zip(x[1], |a, b| truth(a != 0.0 || b != 0.0)),
        "Not" => x[0].map(|v| truth(v == 0.0)),
        "Neg" => x[0].map(|v| -v),
        "Sqrt" => x[0].map(f64::sqrt),
        "Erf" => x[0].map(libm::erf),
        "Tanh" => x[0].map(f64::tanh),
        "Cos" => x[0].map(f64::cos),
        "Sin" => x[0].map(f64::sin),
        "Sigmoid" => x[0].map(sigmoid),
        "Relu" => x[0].map(|v| v.max(0.0)),
        "LeakyRelu" => {
            let leak = node.float("alpha");
            x[0].map(|v| if v < 0.0 { leak * v } else { v })
        }
        "Identity" => x[0].clone(),
        "Cast" => Tensor { whole: node.int("to") == Some(7), ..x[0].clone() },
        "Shape" => Tensor::row(x[0].shape.iter().map(|&n| n as f64).collect()),
        "Gather" => Tensor::row(x[1].values.iter().map(|&i| x[0].values[i as usize]).collect()),
        "Range" => {
            let [from, to, step] = [0, 1, 2].map(|i| x[i].values[0]);
            assert!(x.iter().all(|x| x.shape.is_empty() && x.whole));
            Tensor::row(
                (0..((to - from) / step) as usize).map(|i| from + step * i as f64).collect(),
            )
        }
        "ConstantOfShape" => {
            let shape: Vec<usize> = x[0].values.iter().map(|&n| n as usize).collect();
            Tensor::by(&shape, |_| 0.0)
        }
        "Reshape" => reshape(x[0], &x[1].values),
        "Squeeze" | "Unsqueeze" => {
            let axis = x[1].values[0] as usize;
            let mut shape = x[0].shape.clone();
            match node.kind.as_str() {
                "Squeeze" => assert_eq!(shape.remove(axis), 1),
                _ => shape.insert(axis, 1),
            }
            Tensor { shape, ..x[0].clone() }
        }
        "Transpose" => {
            let perm = node.ints("perm");
            let shape: Vec<usize> = perm.iter().map(|&axis| x[0].shape[axis]).collect();
            Tensor::by(&shape, |i| {
                let mut from = vec![0; perm.len()];
                perm.iter().zip(i).for_each(|(&axis, n)| from[axis] = n);
                x[0].at(&from)
            })
        }
        "Concat" => Tensor::concat(x, node.int("axis").unwrap() as usize),
        "Slice" => {
            let axis = x[3].values[0] as usize;
            let length = x[0].shape[axis] as f64;
            let end = |v: f64| if v < 0.0 { v + length } else { v.min(length) } as usize;
            x[0].narrow(axis, end(x[1].values[0]), end(x[2].values[0]))
        }
        "Pad" => pad(x[0], &x[1].values),
        "Where" => {
            let shape = x[1].spread(&x[2].shape);
            let shape = x[0].spread(&shape);
            Tensor::by(&shape, |i| if x[0].at(&i) != 0.0 { x[1].at(&i) } else { x[2].at(&i) })
        }
        "ReduceMean" => {
            assert_eq!(node.ints("axes"), [1]);
            let mut shape = x[0].shape.clone();
            let count = std::mem::replace(&mut shape[1], 1);
            Tensor::by(&shape, |mut i| {
                let values = (0..count).map(|c| {
                    i[1] = c;
                    x[0].at(&i)
                });
                values.sum::<f64>() / count as f64
            })
        }
        "BatchNormalization" => {
            let eps = node.float("epsilon");
            Tensor::by(&x[0].shape, |i| {
                let [weight, bias, mean, var] = [1, 2, 3, 4].map(|part| x[part].values[i[1]]);
                (x[0].at(&i) - mean) / (var + eps).sqrt() * weight + bias
            })
        }
        "Softmax" => {
            assert_eq!(node.int("axis"), Some(-1));
            let length = x[0].shape[x[0].shape.len() - 1];
            let mut out = x[0].clone();
            for row in out.values.chunks_mut(length) {
                let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                row.iter_mut().for_each(|v| *v = (*v - largest).exp());
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|v| *v /= sum);
            }
            out
        }
        "Gemm" => {
            assert_eq!(node.int("transB"), Some(1));
            let inner = x[0].shape[1];
            Tensor::by(&[x[0].shape[0], x[1].shape[0]], |i| {
                let products = (0..inner).map(|k| x[0].at(&[i[0], k]) * x[1].at(&[i[1], k]));
                products.sum::<f64>() + x[2].values[i[1]]
            })
        }
        "MatMul" => matmul(x[0], x[1]),
        "Conv" => conv(node, x),
        other => panic!("the operator {other} is not known"),
    }
}

fn reshape(x: &Tensor, wanted: &[f64]) -> Tensor {
    let mut shape: Vec<usize> = Vec::new();
    for (axis, &n) in wanted.iter().enumerate() {
        shape.push(match n as i64 {
            0 => x.shape[axis],
            -1 => 1,
            n => n as usize,
        });
    }
    if let Some(free) = wanted.iter().position(|&n| n == -1.0) {
        shape[free] = x.values.len() / shape.iter().product::<usize>();
    }
    let out = Tensor::new(shape, x.values.clone());
    Tensor { whole: x.whole, ..out }
}

fn pad(x: &Tensor, pads: &[f64]) -> Tensor {
    let rank = x.shape.len();
    assert_eq!(pads.len(), 2 * rank);
    let shape: Vec<usize> =
        (0..rank).map(|a| x.shape[a] + pads[a] as usize + pads[rank + a] as usize).collect();
    Tensor::by(&shape, |mut i| {
        for axis in 0..rank {
            match i[axis].checked_sub(pads[axis] as usize) {
                Some(n) if n < x.shape[axis] => i[axis] = n,
                _ => return 0.0,
            }
        }
        x.at(&i)
    })
}

fn matmul(a: &Tensor, b: &Tensor) -> Tensor {
    let (ra, rb) = (a.shape.len(), b.shape.len());
    let inner = a.shape[ra - 1];
    assert_eq!(inner, b.shape[rb - 2]);
    let heads = Tensor { shape: a.shape[..ra - 2].to_vec(), ..Tensor::default() };
    let mut shape = heads.spread(&b.shape[..rb - 2]);
    shape.extend([a.shape[ra - 2], b.shape[rb - 1]]);
    let last = shape.len() - 1;
    Tensor::by(&shape, |i| {
        let (mut at_a, mut at_b) = (i.clone(), i.clone());
        let products = (0..inner).map(|k| {
            at_a[last] = k;
            at_b[last - 1] = k;
            a.at(&at_a) * b.at(&at_b)
        });
        products.sum()
    })
}

/// A convolution over the last axis, padded with zeros before it.
fn conv(node: &Node, x: &[&Tensor]) -> Tensor {
    let (pads, dilation) = (node.ints("pads"), node.ints("dilations")[0]);
    let [out, channels, taps] = [0, 1, 2].map(|axis| x[1].shape[axis]);
    assert_eq!((node.ints("kernel_shape"), channels), (vec![taps], x[0].shape[1]));
    let time = x[0].shape[2] + pads[0] + pads[1] - (taps - 1) * dilation;
    let mut sums = Vec::new();
    for i in indices(&[x[0].shape[0], out, time]) {
        let mut sum = x[2].values[i[1]];
        for tap in 0..taps {
            let Some(at) = (i[2] + tap * dilation).checked_sub(pads[0]) else { continue };
            for c in 0..channels {
                sum += x[0].at(&[i[0], c, at]) * x[1].at(&[i[1], c, tap]);
            }
        }
        sums.push(sum);
    }
    Tensor::new(vec![x[0].shape[0], out, time], sums)
}

/// A scan of two states and one input over time, its axis 2; the third output is a row over time.
fn scan(node: &Node, all: &Values) -> Vec<Tensor> {
    let Some(Attribute::Graph(body)) = node.attributes.get("body") else { panic!("no body") };
    assert_eq!(node.int("num_scan_inputs"), Some(1));
    assert_eq!((node.ints("scan_input_axes"), node.ints("scan_output_axes")), (vec![2], vec![2]));
    let x = &all[&node.inputs[2]];
    let mut states = [all[&node.inputs[0]].clone(), all[&node.inputs[1]].clone()];
    let mut rows = Vec::new();
    for t in 0..x.shape[2] {
        let mut now = x.narrow(2, t, t + 1);
        now.shape.pop();
        let names = body.inputs.iter().map(|input| input.name.clone());
        let inputs = names.zip([states[0].clone(), states[1].clone(), now]).collect();
        let mut outputs = body.run(&inputs, all).into_iter();
        states = [outputs.next().unwrap(), outputs.next().unwrap()];
        let mut row = outputs.next().unwrap();
        row.shape.push(1);
        rows.push(row);
    }
    let rows: Vec<&Tensor> = rows.iter().collect();
    let [s, m] = states;
    vec![s, m, Tensor::concat(&rows, 2)]
}
