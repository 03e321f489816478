//! The values that a pickle describes.

use std::ops::{Index, IndexMut};

/// Index of a value in its [`Pickle`].
pub type Id = usize;

/// A value that a pickle describes. Nested values are indices, so that no file, however deep, makes us recurse.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Python's None.
    None,
    /// A bool.
    Bool(bool),
    /// An int; ints beyond 64 bits are opaque.
    Int(i64),
    /// A float.
    Float(f64),
    /// A str.
    Str(String),
    /// A bytes object.
    Bytes(Vec<u8>),
    /// A tuple or a list.
    List(Vec<Id>),
    /// A dict or OrderedDict: its keys and values, in order.
    Dict(Vec<(Id, Id)>),
    /// The name of a class or function.
    Global(String),
    /// A storage of PyTorch's.
    Storage(Box<Storage>),
    /// A view into a storage.
    Tensor(Box<View>),
    /// A dtype of NumPy's, such as `f8` or `>f8`.
    Dtype(String),
    /// An array of NumPy's that has no numbers yet.
    Array,
    /// An object that only running the pickle would make.
    Opaque,
}

/// A storage of PyTorch's.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// The storage's type, such as `torch.FloatStorage`.
    pub kind: String,
    /// Name of the storage's file in the archive.
    pub key: String,
    /// Number of elements.
    pub len: usize,
}

/// A view into a storage.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The storage.
    pub storage: Id,
    /// Index of the first element in the storage.
    pub offset: usize,
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// Elements between neighbours along each axis.
    pub strides: Vec<usize>,
}

impl Value {
    /// Bytes of text, or items, that the value holds itself.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Str(text) | Self::Global(text) | Self::Dtype(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.len(),
            Self::Dict(entries) => entries.len(),
            Self::Storage(storage) => storage.kind.len() + storage.key.len(),
            Self::Tensor(view) => 8 * (view.shape.len() + view.strides.len()),
            _ => 0,
        }
    }
}

/// The memory that a value of JSON takes where it stands, bytes.
const NODE: usize = size_of::<serde_json::Value>();

/// The memory of a leaf of a JSON object's tree, bytes: room for eleven entries and what links them, whether one is there
/// or all.
const LEAF: usize = 11 * (size_of::<String>() + NODE) + 32;

/// The fewest entries of a leaf beside other leaves.
const LEAST_IN_LEAF: usize = 5;

/// The values that a pickle describes, in pieces of one size: a growing `Vec` of all of them would hold them twice while
/// it moves them.
#[derive(Debug, Default)]
pub(super) struct Values {
    pieces: Vec<Vec<Value>>,
}

/// Values in a piece.
const PIECE: usize = 512;

impl Values {
    /// The number of values.
    pub(super) fn len(&self) -> usize {
        self.pieces.last().map_or(0, |last| (self.pieces.len() - 1) * PIECE + last.len())
    }

    /// Adds a value; its index is the [`len`](Self::len) before.
    pub(super) fn push(&mut self, value: Value) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(value),
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(value);
                self.pieces.push(piece);
            }
        }
    }

    /// Adds values in their order.
    pub(super) fn extend(&mut self, values: impl IntoIterator<Item = Value>) {
        values.into_iter().for_each(|value| self.push(value));
    }

    /// The value of an index; `None` where there is none so far.
    pub(super) fn get(&self, id: Id) -> Option<&Value> {
        self.pieces.get(id / PIECE)?.get(id % PIECE)
    }

    /// As [`get`](Self::get).
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Value> {
        self.pieces.get_mut(id / PIECE)?.get_mut(id % PIECE)
    }
}

impl Index<Id> for Values {
    type Output = Value;

    fn index(&self, id: Id) -> &Value {
        &self.pieces[id / PIECE][id % PIECE]
    }
}

impl IndexMut<Id> for Values {
    fn index_mut(&mut self, id: Id) -> &mut Value {
        &mut self.pieces[id / PIECE][id % PIECE]
    }
}

/// The values of a pickle.
#[derive(Debug)]
pub struct Pickle {
    pub(super) values: Values,
    /// Bytes of the pickle.
    pub(super) size: usize,
    /// Index of the outermost value.
    pub root: Id,
}

impl Pickle {
    /// The value at `id`; opaque where there is none.
    pub fn get(&self, id: Id) -> &Value {
        self.values.get(id).unwrap_or(&Value::Opaque)
    }

    /// The value of a dict under a text key; `None` where the key is missing, or `dict` is no dict.
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Value::Dict(entries) = self.get(dict) else {
            return None;
        };
        let found =
            entries.iter().rev().find(|(k, _)| matches!(self.get(*k), Value::Str(s) if s == key));
        found.map(|(_, v)| *v)
    }

    /// Plain data as JSON: opaque values, tensors and values nested deeper than 32 become null. A tree that is far larger
    /// than the pickle ends early.
    pub fn json(&self, id: Id) -> serde_json::Value {
        // the budget of memory, bytes: a small file can describe a large tree by naming one value often
        let mut budget = self.size.saturating_mul(NODE).saturating_add(32 << 20);
        self.json_within(id, 32, &mut budget)
    }

    fn json_within(&self, id: Id, depth: usize, budget: &mut usize) -> serde_json::Value {
        use serde_json::Value as Json;
        if depth == 0 || *budget == 0 {
            return Json::Null;
        }
        match self.get(id) {
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(i) => Json::from(*i),
            Value::Float(f) => serde_json::Number::from_f64(*f).map_or(Json::Null, Json::Number),
            Value::Str(s) => {
                *budget = budget.saturating_sub(s.len());
                Json::String(s.clone())
            }
            Value::List(items) => {
                // paid before any is made: lists within lists are all open at once
                let count = items.len().min(*budget / NODE);
                *budget -= count * NODE;
                let items = items[..count].iter();
                items.map(|&item| self.json_within(item, depth - 1, budget)).collect()
            }
            Value::Dict(entries) => {
                let mut map = serde_json::Map::new();
                *budget = budget.saturating_sub(LEAF);
                for &(key, value) in entries {
                    if *budget == 0 {
                        break;
                    }
                    let key = match self.get(key) {
                        Value::Str(s) => s.clone(),
                        Value::Int(i) => i.to_string(),
                        _ => continue,
                    };
                    *budget = budget.saturating_sub(LEAF / LEAST_IN_LEAF + key.len());
                    map.insert(key, self.json_within(value, depth - 1, budget));
                }
                Json::Object(map)
            }
            _ => Json::Null,
        }
    }
}
