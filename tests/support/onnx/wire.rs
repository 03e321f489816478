//! Reads Protocol Buffers' wire format.

/// A field's value.
#[derive(Clone, Copy)]
pub enum Wire<'a> {
    Int(i64),
    Bytes(&'a [u8]),
    Float(f32),
}

impl<'a> Wire<'a> {
    pub fn int(self) -> i64 {
        match self {
            Self::Int(value) => value,
            _ => panic!("no whole number"),
        }
    }

    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            _ => panic!("no bytes"),
        }
    }

    pub fn text(self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }

    pub fn float(self) -> f32 {
        match self {
            Self::Float(value) => value,
            _ => panic!("no number"),
        }
    }
}

/// A message's fields in their order.
pub fn fields(mut bytes: &[u8]) -> Vec<(u64, Wire<'_>)> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => Wire::Int(varint(&mut bytes) as i64),
            2 => {
                let len = varint(&mut bytes) as usize;
                let (value, rest) = bytes.split_at(len);
                bytes = rest;
                Wire::Bytes(value)
            }
            5 => {
                let (value, rest) = bytes.split_first_chunk::<4>().unwrap();
                bytes = rest;
                Wire::Float(f32::from_le_bytes(*value))
            }
            other => panic!("wire type {other}"),
        };
        out.push((key >> 3, value));
    }
    out
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number of more than 64 bits");
}
