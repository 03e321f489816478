//! The values that a pickle describes.

/// Index of a value in its [`Pickle`].
pub type Id = usize;

/// A value that a pickle describes. Nested values are indices, so that no file, however deep,
/// makes us recurse.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// None.
    None,
    /// True or False.
    Bool(bool),
    /// An integer; those beyond 64 bits are opaque.
    Int(i64),
    /// A float.
    Float(f64),
    /// A str.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tuple or a list.
    List(Vec<Id>),
    /// A dict or OrderedDict, in its order.
    Dict(Vec<(Id, Id)>),
    /// The name of a class or function.
    Global(String),
    /// A storage of PyTorch's: type, key in the archive, number of elements.
    Storage {
        /// Such as `torch.FloatStorage`.
        kind: String,
        /// File name in the archive.
        key: String,
        /// Elements.
        len: usize,
    },
    /// A view into a storage.
    Tensor {
        /// The storage.
        storage: Id,
        /// First element.
        offset: usize,
        /// Length of each axis.
        shape: Vec<usize>,
        /// Elements between neighbours along each axis.
        strides: Vec<usize>,
    },
    /// A dtype of NumPy's, such as `f8` or `>f8`.
    Dtype(String),
    /// An array of NumPy's that is not filled yet.
    Array,
    /// Something that only running the pickle would make.
    Opaque,
}

/// The values of a pickle.
#[derive(Debug)]
pub struct Pickle {
    pub(super) values: Vec<Value>,
    /// The outermost value.
    pub root: Id,
}

impl Pickle {
    /// The value at `id`.
    pub fn get(&self, id: Id) -> &Value {
        self.values.get(id).unwrap_or(&Value::Opaque)
    }

    /// The entry of a dict under a text key.
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Value::Dict(entries) = self.get(dict) else {
            return None;
        };
        let found =
            entries.iter().rev().find(|(k, _)| matches!(self.get(*k), Value::Str(s) if s == key));
        found.map(|(_, v)| *v)
    }

    /// Plain data as JSON: opaque values, tensors and what lies too deep become null.
    pub fn json(&self, id: Id) -> serde_json::Value {
        // a small file can describe a large tree by naming one value often
        let mut budget = 4 << 20;
        self.json_within(id, 32, &mut budget)
    }

    fn json_within(&self, id: Id, depth: usize, budget: &mut usize) -> serde_json::Value {
        use serde_json::Value as Json;
        if depth == 0 || *budget == 0 {
            return Json::Null;
        }
        *budget -= 1;
        match self.get(id) {
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(i) => Json::from(*i),
            Value::Float(f) => serde_json::Number::from_f64(*f).map_or(Json::Null, Json::Number),
            Value::Str(s) => {
                *budget = budget.saturating_sub(s.len());
                Json::String(s.clone())
            }
            Value::List(items) => {
                items.iter().map(|&i| self.json_within(i, depth - 1, budget)).collect()
            }
            Value::Dict(entries) => {
                let mut map = serde_json::Map::new();
                for &(key, value) in entries {
                    let key = match self.get(key) {
                        Value::Str(s) => s.clone(),
                        Value::Int(i) => i.to_string(),
                        _ => continue,
                    };
                    map.insert(key, self.json_within(value, depth - 1, budget));
                }
                Json::Object(map)
            }
            _ => Json::Null,
        }
    }
}
