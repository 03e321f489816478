//! The values that a pickle describes.

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
    Storage {
        /// The storage's type, such as `torch.FloatStorage`.
        kind: String,
        /// Name of the storage's file in the archive.
        key: String,
        /// Number of elements.
        len: usize,
    },
    /// A view into a storage.
    Tensor {
        /// The storage.
        storage: Id,
        /// Index of the first element in the storage.
        offset: usize,
        /// Length of each axis.
        shape: Vec<usize>,
        /// Elements between neighbours along each axis.
        strides: Vec<usize>,
    },
    /// A dtype of NumPy's, such as `f8` or `>f8`.
    Dtype(String),
    /// An array of NumPy's that has no numbers yet.
    Array,
    /// An object that only running the pickle would make.
    Opaque,
}

/// The values of a pickle.
#[derive(Debug)]
pub struct Pickle {
    pub(super) values: Vec<Value>,
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

    /// Plain data as JSON: opaque values, tensors and values nested deeper than 32 become null.
    pub fn json(&self, id: Id) -> serde_json::Value {
        // the budget of values: a small file can describe a large tree by naming one value often
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
