//! Writes plain data as a Python pickle, the same bytes for the same data.
//!
//! Protocol 4 is the default of `pickle.dump` since Python 3.8, memo included. PyTorch's checkpoints are in protocol 2;
//! since nothing in ours is named twice, it needs no memo.

/// The protocol, which decides the instructions that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Protocol 2, since Python 2.3: PyTorch's.
    Two,
    /// Protocol 4, since Python 3.4: pickle's default.
    Four,
}

/// A Python object, as a pickle describes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// Python's None.
    None,
    /// A bool.
    Bool(bool),
    /// An int.
    Int(i64),
    /// A float.
    Float(f64),
    /// A str.
    Str(String),
    /// A bytes object; protocol 3 and later can be read by Python.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Object>),
    /// A tuple.
    Tuple(Vec<Object>),
    /// A dict: its keys and values, in order.
    Dict(Vec<(Object, Object)>),
    /// A class or function: its module and its name.
    Global(&'static str, &'static str),
    /// The result of calling the first object with the others as arguments.
    Call(Box<Object>, Vec<Object>),
    /// The result of calling the first object without arguments, with these items set in it.
    Filled(Box<Object>, Vec<(Object, Object)>),
    /// A persistent id, such as that of a PyTorch storage, whose object the reader has elsewhere.
    Persistent(Box<Object>),
}

impl From<&str> for Object {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<usize> for Object {
    fn from(n: usize) -> Self {
        Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

impl From<&serde_json::Value> for Object {
    fn from(json: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::None,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => match n.as_i64() {
                Some(i) => Self::Int(i),
                None => Self::Float(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(s) => Self::Str(s.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Json::Object(map) => {
                Self::Dict(map.iter().map(|(k, v)| (k.as_str().into(), v.into())).collect())
            }
        }
    }
}

impl Object {
    /// A dict with text keys.
    pub fn dict<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A list of floats.
    pub fn floats(values: impl IntoIterator<Item = f64>) -> Self {
        Self::List(values.into_iter().map(Self::Float).collect())
    }

    /// The bytes of the object's pickle.
    pub fn pickle(&self, protocol: Protocol) -> Vec<u8> {
        let mut body = Writer { protocol, bytes: Vec::new() };
        body.object(self);
        body.bytes.push(b'.');
        match protocol {
            Protocol::Two => [&[0x80, 2][..], &body.bytes].concat(),
            Protocol::Four => {
                // one frame around all instructions, as Python's for less than 64 KiB
                let length = (body.bytes.len() as u64).to_le_bytes();
                [&[0x80, 4, 0x95][..], &length, &body.bytes].concat()
            }
        }
    }
}

struct Writer {
    protocol: Protocol,
    bytes: Vec<u8>,
}

impl Writer {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Puts the object last written into the memo, as Python does whether or not it is named again.
    fn memoize(&mut self) {
        if self.protocol == Protocol::Four {
            self.bytes.push(0x94);
        }
    }

    fn object(&mut self, object: &Object) {
        match object {
            Object::None => self.put(b"N"),
            Object::Bool(b) => self.put(&[if *b { 0x88 } else { 0x89 }]),
            Object::Int(n) => self.int(*n),
            Object::Float(x) => {
                self.put(b"G");
                self.put(&x.to_be_bytes());
            }
            Object::Str(text) => self.text(text),
            Object::Bytes(bytes) => {
                match (u8::try_from(bytes.len()), u32::try_from(bytes.len())) {
                    (Ok(len), _) => self.put(&[b'C', len]),
                    (_, Ok(len)) => {
                        self.put(b"B");
                        self.put(&len.to_le_bytes());
                    }
                    _ => {
                        self.put(&[0x8e]);
                        self.put(&(bytes.len() as u64).to_le_bytes());
                    }
                }
                self.put(bytes);
                self.memoize();
            }
            Object::List(items) => {
                self.put(b"]");
                self.memoize();
                self.many(items, b"a", b"e");
            }
            Object::Tuple(items) => self.tuple(items),
            Object::Dict(entries) => {
                self.put(b"}");
                self.memoize();
                self.entries(entries);
            }
            Object::Global(module, name) => match self.protocol {
                Protocol::Two => self.put(format!("c{module}\n{name}\n").as_bytes()),
                Protocol::Four => {
                    self.text(module);
                    self.text(name);
                    self.put(&[0x93]);
                    self.memoize();
                }
            },
            Object::Call(callable, arguments) => {
                self.object(callable);
                self.tuple(arguments);
                self.put(b"R");
                self.memoize();
            }
            Object::Filled(callable, entries) => {
                self.object(callable);
                self.put(b")R");
                self.memoize();
                self.entries(entries);
            }
            Object::Persistent(id) => {
                self.object(id);
                self.put(b"Q");
            }
        }
    }

    fn int(&mut self, n: i64) {
        if let Ok(n) = u8::try_from(n) {
            self.put(&[b'K', n]);
        } else if let Ok(n) = u16::try_from(n) {
            self.put(b"M");
            self.put(&n.to_le_bytes());
        } else if let Ok(n) = i32::try_from(n) {
            self.put(b"J");
            self.put(&n.to_le_bytes());
        } else {
            // the fewest bytes that hold the number and its sign
            let all = n.to_le_bytes();
            let spare = if n < 0 { 0xff } else { 0 };
            let needed = |len: usize| {
                all[len..].iter().all(|&b| b == spare) && (all[len - 1] ^ spare) & 0x80 == 0
            };
            let len = (1..8).find(|&len| needed(len)).unwrap_or(8);
            self.put(&[0x8a, len as u8]);
            self.put(&all[..len]);
        }
    }

    fn text(&mut self, text: &str) {
        match (self.protocol, u8::try_from(text.len())) {
            (Protocol::Four, Ok(len)) => self.put(&[0x8c, len]),
            _ => {
                self.put(b"X");
                // no file of ours holds a text of 4 GiB
                self.put(&(text.len() as u32).to_le_bytes());
            }
        }
        self.put(text.as_bytes());
        self.memoize();
    }

    fn tuple(&mut self, items: &[Object]) {
        match items.len() {
            0 => return self.put(b")"),
            n @ 1..=3 => {
                items.iter().for_each(|item| self.object(item));
                self.put(&[0x84 + n as u8]);
            }
            _ => {
                self.put(b"(");
                items.iter().for_each(|item| self.object(item));
                self.put(b"t");
            }
        }
        self.memoize();
    }

    /// Writes a list's items in Python's batches of 1,000.
    fn many(&mut self, items: &[Object], one: &[u8], several: &[u8]) {
        for batch in items.chunks(1000) {
            if let [item] = batch {
                self.object(item);
                self.put(one);
            } else {
                self.put(b"(");
                batch.iter().for_each(|item| self.object(item));
                self.put(several);
            }
        }
    }

    fn entries(&mut self, entries: &[(Object, Object)]) {
        for batch in entries.chunks(1000) {
            if batch.len() > 1 {
                self.put(b"(");
            }
            for (key, value) in batch {
                self.object(key);
                self.object(value);
            }
            self.put(if batch.len() > 1 { b"u" } else { b"s" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn as_python_writes_it() {
        // pickle.dumps({'a': 1, 'b': [-1.5, True, None], 'c': 70000, 'd': (-5000000000,)}, 4)
        let object = Object::dict([
            ("a", Object::Int(1)),
            ("b", Object::List(vec![Object::Float(-1.5), Object::Bool(true), Object::None])),
            ("c", Object::Int(70_000)),
            ("d", Object::Tuple(vec![Object::Int(-5_000_000_000)])),
        ]);
        let python = b"\x80\x04\x95\x34\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94K\x01\x8c\x01b\x94]\x94(G\xbf\xf8\x00\x00\x00\x00\x00\x00\x88Ne\x8c\x01c\x94Jp\x11\x01\x00\x8c\x01d\x94\x8a\x05\x00\x0e\xfa\xd5\xfe\x85\x94u.";
        assert_eq!(object.pickle(Protocol::Four), python);
    }

    #[test]
    fn what_is_written_is_read_in_both_protocols() {
        let json = serde_json::json!({
            "text": "größer".repeat(60),
            "numbers": [0, 255, 256, 65_535, 65_536, -1, i64::MAX, i64::MIN, 1_u64 << 40],
            "floats": (0..2001).map(|i| f64::from(i) / 7.0).collect::<Vec<f64>>(),
            "nested": {"empty": {}, "list": [[], [null, false, true]]},
        });
        for protocol in [Protocol::Two, Protocol::Four] {
            let bytes = Object::from(&json).pickle(protocol);
            let pickle = read(&bytes).unwrap();
            assert_eq!(pickle.json(pickle.root), json);
        }
    }
}
