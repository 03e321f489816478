//! Reads the data out of a Python pickle without running any of it.
//!
//! A pickle is a program for a small stack machine. Only the instructions that build plain values are obeyed; a call is
//! never made: the few that PyTorch and NumPy use to describe their arrays are recognised by name, and any other leaves
//! an opaque value.

use super::numpy::numpy;
use super::value::{Id, Pickle, Storage, Value, Values, View};

/// The error of a pickle that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// The program ends too early, at this byte.
    #[error("the pickle ends in the middle of an instruction, at byte {0}")]
    Truncated(usize),
    /// An instruction that is unknown or not used in checkpoints, and its byte.
    #[error("the pickle has an unknown instruction {0:#04x} at byte {1}")]
    Opcode(u8, usize),
    /// The stack does not hold what an instruction needs: the instruction, and its byte.
    #[error("the pickle is damaged: instruction {0:#04x} at byte {1} finds no operand")]
    Stack(u8, usize),
    /// A text that is not UTF-8, or a malformed number, at this byte.
    #[error("the pickle is damaged: bad text or number at byte {0}")]
    Text(usize),
    /// It makes far more values than it has bytes.
    #[error("the pickle unfolds to far more than it holds, from byte {0} on")]
    Large(usize),
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Values,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: std::collections::HashMap<usize, Id>,
    /// Bytes and items of values that calls may still take up: a file can name what it holds once any number of times.
    room: usize,
    /// Numbers of arrays, and rows of them, that may still be made.
    numbers: usize,
}

/// Bytes and items that calls may take up in a small file.
const ROOM: usize = 1 << 16;

/// Reads a pickle of protocol 0-5; whatever is not plain data becomes opaque.
///
/// # Errors
/// [`PickleError`]: the pickle is cut short, damaged, or has an instruction that no checkpoint uses.
pub fn read(bytes: &[u8]) -> Result<Pickle, PickleError> {
    let mut machine = Machine {
        bytes,
        at: 0,
        values: Values::default(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: std::collections::HashMap::new(),
        // what is there once is looked at a few times
        room: bytes.len().saturating_mul(8).saturating_add(ROOM),
        // an array has a number for each of its bytes at most
        numbers: bytes.len().saturating_add(ROOM),
    };
    let root = machine.run()?;
    Ok(Pickle { values: machine.values, root, size: bytes.len() })
}

impl<'a> Machine<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], PickleError> {
        let end = self.at.checked_add(n).ok_or(PickleError::Truncated(self.at))?;
        let bytes = self.bytes.get(self.at..end).ok_or(PickleError::Truncated(self.at))?;
        self.at = end;
        Ok(bytes)
    }

    /// Reads an unsigned integer of `n` ≤ 8 bytes, little-endian.
    fn number(&mut self, n: usize) -> Result<usize, PickleError> {
        let bytes = self.take(n)?;
        let value = bytes.iter().rev().fold(0u64, |sum, &b| (sum << 8) | u64::from(b));
        usize::try_from(value).map_err(|_| PickleError::Text(self.at))
    }

    fn line(&mut self) -> Result<&'a str, PickleError> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|&b| b == b'\n').ok_or(PickleError::Truncated(self.at))?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end]).map_err(|_| PickleError::Text(self.at))
    }

    /// Takes up so many bytes or items of values that are there.
    fn take_up(&mut self, count: usize) -> Result<(), PickleError> {
        self.room = self.room.checked_sub(count).ok_or(PickleError::Large(self.at))?;
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    fn text(&mut self, n: usize) -> Result<(), PickleError> {
        let bytes = self.take(n)?;
        // surrogates, which Python may write, are replaced: no text that we use has any
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.push(Value::Str(text));
        Ok(())
    }

    fn run(&mut self) -> Result<Id, PickleError> {
        loop {
            let start = self.at;
            let op = self.take(1)?[0];
            let missing = PickleError::Stack(op, start);
            macro_rules! pop {
                () => {
                    match self.stack.pop() {
                        Some(id) if self.marks.last().is_none_or(|&m| self.stack.len() >= m) => id,
                        _ => return Err(missing),
                    }
                };
            }
            macro_rules! since_mark {
                () => {
                    match self.marks.pop() {
                        Some(mark) if mark <= self.stack.len() => self.stack.split_off(mark),
                        _ => return Err(missing),
                    }
                };
            }
            match op {
                0x80 => {
                    self.take(1)?; // protocol
                }
                0x95 => {
                    self.take(8)?; // frame
                }
                b'.' => return Ok(pop!()),
                b'(' => self.marks.push(self.stack.len()),
                b'0' => {
                    pop!();
                }
                b'1' => {
                    since_mark!();
                }
                b'2' => {
                    let top = pop!();
                    self.stack.extend([top, top]);
                }
                b'N' => self.push(Value::None),
                0x88 => self.push(Value::Bool(true)),
                0x89 => self.push(Value::Bool(false)),
                b'J' => {
                    let n = self.number(4)? as u32 as i32;
                    self.push(Value::Int(i64::from(n)));
                }
                b'K' => {
                    let n = self.number(1)?;
                    self.push(Value::Int(n as i64));
                }
                b'M' => {
                    let n = self.number(2)?;
                    self.push(Value::Int(n as i64));
                }
                0x8a | 0x8b => {
                    let n = self.number(if op == 0x8a { 1 } else { 4 })?;
                    let bytes = self.take(n)?;
                    let negative = bytes.last().is_some_and(|b| b & 0x80 != 0);
                    let fill = if negative { 0xff } else { 0 };
                    let mut wide = [fill; 8];
                    let fits = n <= 8;
                    if fits {
                        wide[..n].copy_from_slice(bytes);
                    }
                    let value =
                        if fits { Value::Int(i64::from_le_bytes(wide)) } else { Value::Opaque };
                    self.push(value);
                }
                b'I' | b'L' => {
                    let line = self.line()?.trim_end_matches('L');
                    let value = match (op, line) {
                        (b'I', "00") => Value::Bool(false),
                        (b'I', "01") => Value::Bool(true),
                        _ => line.parse().map_or(Value::Opaque, Value::Int),
                    };
                    self.push(value);
                }
                b'F' => {
                    let number = self.line()?.parse().map_err(|_| PickleError::Text(start))?;
                    self.push(Value::Float(number));
                }
                b'G' => {
                    let bytes = self.take(8)?;
                    let mut wide = [0; 8];
                    wide.copy_from_slice(bytes);
                    self.push(Value::Float(f64::from_be_bytes(wide)));
                }
                b'V' => {
                    let line = self.line()?.to_owned();
                    self.push(Value::Str(line));
                }
                b'X' | b'T' => {
                    let n = self.number(4)?;
                    self.text(n)?;
                }
                0x8c | b'U' => {
                    let n = self.number(1)?;
                    self.text(n)?;
                }
                0x8d => {
                    let n = self.number(8)?;
                    self.text(n)?;
                }
                b'C' | b'B' | 0x8e | 0x96 => {
                    let width = match op {
                        b'C' => 1,
                        b'B' => 4,
                        _ => 8,
                    };
                    let n = self.number(width)?;
                    let bytes = self.take(n)?.to_vec();
                    self.push(Value::Bytes(bytes));
                }
                b'}' => self.push(Value::Dict(Vec::new())),
                b']' | b')' | 0x8f => self.push(Value::List(Vec::new())),
                b't' | b'l' | 0x91 => {
                    let items = since_mark!();
                    self.push(Value::List(items));
                }
                b'd' => {
                    let items = since_mark!();
                    let pairs = items.chunks_exact(2).map(|p| (p[0], p[1])).collect();
                    self.push(Value::Dict(pairs));
                }
                0x85..=0x87 => {
                    let mut items = Vec::with_capacity(usize::from(op - 0x84));
                    for _ in 0..=(op - 0x85) {
                        items.push(pop!());
                    }
                    items.reverse();
                    self.push(Value::List(items));
                }
                b'a' => {
                    let item = pop!();
                    let list = *self.stack.last().ok_or(missing)?;
                    self.extend(list, &[item]);
                }
                b'e' | 0x90 => {
                    let items = since_mark!();
                    let list = *self.stack.last().ok_or(missing)?;
                    self.extend(list, &items);
                }
                b's' => {
                    let (value, key) = (pop!(), pop!());
                    let dict = *self.stack.last().ok_or(missing)?;
                    self.set(dict, &[key, value]);
                }
                b'u' => {
                    let items = since_mark!();
                    let dict = *self.stack.last().ok_or(missing)?;
                    self.set(dict, &items);
                }
                b'q' | b'r' | b'p' | 0x94 => {
                    let slot = match op {
                        b'q' => self.number(1)?,
                        b'r' => self.number(4)?,
                        b'p' => self.line()?.parse().map_err(|_| PickleError::Text(start))?,
                        _ => self.memo.len(),
                    };
                    let top = *self.stack.last().ok_or(missing)?;
                    self.memo.insert(slot, top);
                }
                b'h' | b'j' | b'g' => {
                    let slot = match op {
                        b'h' => self.number(1)?,
                        b'j' => self.number(4)?,
                        _ => self.line()?.parse().map_err(|_| PickleError::Text(start))?,
                    };
                    let id = *self.memo.get(&slot).ok_or(missing)?;
                    self.stack.push(id);
                }
                b'c' => {
                    let name = format!("{}.{}", self.line()?, self.line()?);
                    self.push(Value::Global(name));
                }
                0x93 => {
                    let (name, module) = (pop!(), pop!());
                    let name = match (&self.values[module], &self.values[name]) {
                        (Value::Str(m), Value::Str(n)) => format!("{m}.{n}"),
                        _ => return Err(missing),
                    };
                    self.take_up(name.len())?;
                    self.push(Value::Global(name));
                }
                b'Q' => {
                    let id = pop!();
                    let value = self.storage(id);
                    self.take_up(value.size())?;
                    self.push(value);
                }
                b'R' => {
                    let (args, callable) = (pop!(), pop!());
                    let looked_at =
                        self.items(args).iter().map(|&arg| self.values[arg].size()).sum();
                    self.take_up(looked_at)?;
                    let value = self.describe(callable, args);
                    match value {
                        Ok(id) => self.stack.push(id),
                        Err(value) => {
                            self.take_up(value.size())?;
                            self.push(value);
                        }
                    }
                }
                0x81 => {
                    pop!();
                    pop!();
                    self.push(Value::Opaque);
                }
                0x92 => {
                    pop!();
                    pop!();
                    pop!();
                    self.push(Value::Opaque);
                }
                b'b' => {
                    let state = pop!();
                    let object = *self.stack.last().ok_or(missing)?;
                    self.build(object, state)?;
                }
                _ => return Err(PickleError::Opcode(op, start)),
            }
        }
    }

    fn extend(&mut self, list: Id, items: &[Id]) {
        if let Some(Value::List(list)) = self.values.get_mut(list) {
            list.extend_from_slice(items);
        }
    }

    fn set(&mut self, dict: Id, items: &[Id]) {
        if let Some(Value::Dict(dict)) = self.values.get_mut(dict) {
            dict.extend(items.chunks_exact(2).map(|p| (p[0], p[1])));
        }
    }

    /// Gives an object its state: a dtype its byte order, an array its numbers. The attributes of other objects are
    /// dropped.
    ///
    /// # Errors
    /// [`PickleError::Large`].
    fn build(&mut self, object: Id, state: Id) -> Result<(), PickleError> {
        match (&self.values[object], self.items(state)) {
            (Value::Dtype(name), &[_, order, ..]) => {
                // big-endian once, however often it is said
                let big = matches!(&self.values[order], Value::Str(order) if order == ">");
                if big && !name.starts_with('>') {
                    self.values[object] = Value::Dtype(format!(">{name}"));
                }
            }
            (Value::Array, &[_, shape, dtype, fortran, bytes]) => {
                let filled = self.array(shape, dtype, fortran, bytes)?;
                self.values[object] = filled.unwrap_or(Value::Opaque);
            }
            _ => {}
        }
        Ok(())
    }

    /// An array of NumPy's as nested lists, in C order; `None` where shape, type and bytes do not fit.
    ///
    /// # Errors
    /// [`PickleError::Large`].
    fn array(
        &mut self,
        shape: Id,
        dtype: Id,
        fortran: Id,
        bytes: Id,
    ) -> Result<Option<Value>, PickleError> {
        self.take_up(self.values[shape].size())?;
        let Some(shape) = self.sizes(shape) else { return Ok(None) };
        let (Value::Dtype(dtype), Value::Bytes(bytes)) = (&self.values[dtype], &self.values[bytes])
        else {
            return Ok(None);
        };
        if shape.len() > 1 && self.values[fortran] != Value::Bool(false) {
            return Ok(None);
        }
        let Some((&first, inner)) = shape.split_first() else { return Ok(None) };
        // numbers, and the rows that hold them: an axis of 1 costs as much as the array
        let Some(count) = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)) else {
            return Ok(None);
        };
        if count == 0 && shape.len() > 1 || count > bytes.len() {
            return Ok(None);
        }
        let rows = inner.iter().rev().scan(count, |rows, &length| {
            *rows /= length;
            Some(*rows)
        });
        let all = rows.fold(count, usize::saturating_add);
        self.numbers = self.numbers.checked_sub(all).ok_or(PickleError::Large(self.at))?;
        let Some(numbers) = numpy(dtype, bytes).filter(|numbers| numbers.len() == count) else {
            return Ok(None);
        };
        let mut ids: Vec<Id> = (self.values.len()..self.values.len() + count).collect();
        self.values.extend(numbers);
        for &length in inner.iter().rev() {
            let from = self.values.len();
            let rows: Vec<Value> =
                ids.chunks(length).map(|row| Value::List(row.to_vec())).collect();
            ids = (from..from + rows.len()).collect();
            self.values.extend(rows);
        }
        debug_assert_eq!(ids.len(), first);
        Ok(Some(Value::List(ids)))
    }

    fn items(&self, id: Id) -> &[Id] {
        match &self.values[id] {
            Value::List(items) => items,
            _ => &[],
        }
    }

    fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        let size = |&i: &Id| match self.values[i] {
            Value::Int(n) => usize::try_from(n).ok(),
            _ => None,
        };
        self.items(id).iter().map(size).collect()
    }

    /// The storage of a persistent id: ("storage", type, key, location, number of elements).
    fn storage(&self, id: Id) -> Value {
        let &[_, kind, key, _, len] = self.items(id) else {
            return Value::Opaque;
        };
        match (&self.values[kind], &self.values[key], &self.values[len]) {
            (Value::Global(kind), Value::Str(key), &Value::Int(len)) => {
                Value::Storage(Box::new(Storage {
                    kind: kind.clone(),
                    key: key.clone(),
                    len: usize::try_from(len).unwrap_or(0),
                }))
            }
            _ => Value::Opaque,
        }
    }

    /// The result of a call, where it is one of the few that describe data: `Ok` is a value that exists already, `Err`
    /// a new one.
    fn describe(&self, callable: Id, args: Id) -> Result<Id, Value> {
        let Value::Global(name) = &self.values[callable] else {
            return Err(Value::Opaque);
        };
        let args = self.items(args);
        match (name.as_str(), args) {
            ("collections.OrderedDict", []) => Err(Value::Dict(Vec::new())),
            ("torch.Size", &[sizes]) => Ok(sizes),
            ("torch._utils._rebuild_parameter", &[tensor, ..]) => Ok(tensor),
            ("torch._utils._rebuild_tensor_v2", &[storage, offset, shape, strides, ..]) => {
                let offset = match self.values[offset] {
                    Value::Int(n) => usize::try_from(n).ok(),
                    _ => None,
                };
                match (offset, self.sizes(shape), self.sizes(strides)) {
                    (Some(offset), Some(shape), Some(strides)) => {
                        Err(Value::Tensor(Box::new(View { storage, offset, shape, strides })))
                    }
                    _ => Err(Value::Opaque),
                }
            }
            ("numpy.dtype", &[name, ..]) => match &self.values[name] {
                Value::Str(name) => Err(Value::Dtype(name.clone())),
                _ => Err(Value::Opaque),
            },
            ("_codecs.encode", &[text, ..]) => match &self.values[text] {
                // protocol 2 writes bytes as Latin-1 text
                Value::Str(text) => {
                    let bytes: Option<Vec<u8>> =
                        text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
                    Err(bytes.map_or(Value::Opaque, Value::Bytes))
                }
                _ => Err(Value::Opaque),
            },
            (
                "numpy.core.multiarray._reconstruct" | "numpy._core.multiarray._reconstruct",
                &[..],
            ) => Err(Value::Array),
            ("numpy.core.multiarray.scalar" | "numpy._core.multiarray.scalar", &[dtype, bytes]) => {
                match (&self.values[dtype], &self.values[bytes]) {
                    (Value::Dtype(dtype), Value::Bytes(bytes)) => {
                        let number = numpy(dtype, bytes).and_then(|mut numbers| numbers.pop());
                        Err(number.unwrap_or(Value::Opaque))
                    }
                    _ => Err(Value::Opaque),
                }
            }
            _ => Err(Value::Opaque),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_not_made() {
        // cos\nsystem\n(X\x04\0\0\0true tR.
        let hostile = b"cos\nsystem\n(X\x04\x00\x00\x00truetR.";
        let pickle = read(hostile).unwrap();
        assert_eq!(pickle.get(pickle.root), &Value::Opaque);
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let good = b"\x80\x02}q\x00(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00b]q\x01(K\x02K\x03eu.";
        let pickle = read(good).unwrap();
        assert_eq!(pickle.json(pickle.root), serde_json::json!({"a": 1, "b": [2, 3]}));
        for n in 0..good.len() {
            assert!(read(&good[..n]).is_err(), "cut at {n}");
            for byte in 0..=255 {
                let mut bad = good.to_vec();
                bad[n] = byte;
                if let Ok(pickle) = read(&bad) {
                    pickle.json(pickle.root);
                }
            }
        }
    }

    #[test]
    fn numpys_arrays_are_lists() {
        // numpy.array([[1, 2], [3, 4]], '>i2'): _reconstruct(ndarray, (0,), b'b'), and its state
        let dtype = b"cnumpy\ndtype\n(U\x02i2K\x00K\x01tR(K\x03U\x01>NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb";
        let bytes = b"\x00\x01\x00\x02\x00\x03\x00\x04";
        let whole = [
            &b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01K\x02K\x02\x86"[..],
            dtype,
            b"\x89C\x08",
            bytes,
            b"tb.",
        ];
        let pickle = read(&whole.concat()).unwrap();
        assert_eq!(pickle.json(pickle.root), serde_json::json!([[1, 2], [3, 4]]));
        // one number fewer than the shape asks for
        let cut = [whole[0], dtype, b"\x89C\x06", &bytes[..6], b"tb."].concat();
        let pickle = read(&cut).unwrap();
        assert_eq!(pickle.json(pickle.root), serde_json::Value::Null);
    }

    #[test]
    fn what_unfolds_to_far_more_than_the_file_holds_is_refused() {
        let large = |program: &[u8]| matches!(read(program), Err(PickleError::Large(_)));
        // a text of 60,000 letters, kept, then called bytes a thousand times
        let text = [&b"X\x60\xea\0\0"[..], &b"a".repeat(60_000), b"q\x000"].concat();
        let call = b"c_codecs\nencode\nh\x00\x85R0".repeat(1000);
        assert!(large(&[&text[..], &call, b"N."].concat()));
        // an array of 1000 numbers with 5000 axes more, of 1 each: every axis has a thousand rows
        let array = |axes: usize| {
            [
                &b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01(M\xe8\x03"[..],
                &b"K\x01".repeat(axes),
                b"tcnumpy\ndtype\n(U\x02u1K\x00K\x01tR\x89B\xe8\x03\0\0",
                &[7; 1000],
                b"tb.",
            ]
            .concat()
        };
        assert!(large(&array(5000)));
        let pickle = read(&array(1)).unwrap();
        assert_eq!(pickle.json(pickle.root), serde_json::json!(vec![[7]; 1000]));
    }

    #[test]
    fn a_tree_that_names_one_value_often_ends_early() {
        // a dict with one key, in ten lists of ten, each within the next
        let unfolded = |key: usize| {
            let length = u32::try_from(key).unwrap().to_le_bytes();
            let mut program = [&b"}X"[..], &length, &b"k".repeat(key), b"Nsq\x000"].concat();
            for level in 0..10_u8 {
                program.push(b'(');
                program.extend([b'h', level].repeat(10));
                program.extend([b'l', b'q', level + 1, b'0']);
            }
            program.extend(b"h\x0a.");
            let pickle = read(&program).unwrap();
            pickle.json(pickle.root).to_string()
        };
        let text = unfolded(2000);
        assert!(text.len() < 64 << 20 && text.contains("kkk"), "{} bytes", text.len());
        // a dict takes 600 bytes of memory, however short its key is
        let dicts = unfolded(1).matches('k').count();
        assert!((10_000..100_000).contains(&dicts), "{dicts} dicts");
    }

    #[test]
    fn a_deep_pickle_does_not_overflow() {
        let mut deep = vec![b'N'];
        deep.extend(std::iter::repeat_n(0x85, 1 << 20));
        deep.push(b'.');
        let pickle = read(&deep).unwrap();
        pickle.json(pickle.root);
        // a list within itself
        let cyclic = read(b"]q\x00h\x00a.").unwrap();
        cyclic.json(cyclic.root);
    }
}
