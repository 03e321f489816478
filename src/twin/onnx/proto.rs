//! Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding), as far as ONNX needs it: a message is a
//! series of fields, each a key (number · 8 + wire type) and its value.

/// A message's bytes, field after field.
#[derive(Debug, Clone, Default)]
pub struct Message(Vec<u8>);

/// Wire types.
const VARINT: u64 = 0;
const BYTES: u64 = 2;
const FOUR_BYTES: u64 = 5;

impl Message {
    /// Adds an integer; a negative one in two's complement of 64 bits.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(value as u64);
        self
    }

    /// Adds a number in single precision.
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.varint(field << 3 | FOUR_BYTES);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds a string, in UTF-8 or of bytes.
    pub fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.varint(field << 3 | BYTES);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// Adds a message as a field of this one.
    pub fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// Adds a field for each of `items`.
    pub fn each<T>(
        self,
        items: impl IntoIterator<Item = T>,
        add: impl Fn(Self, T) -> Self,
    ) -> Self {
        items.into_iter().fold(self, add)
    }

    /// The bytes of the message.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    /// Writes an integer in groups of seven bits a byte, the lowest first; a set eighth bit says that another byte
    /// follows.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    /// The examples are those of Protocol Buffers' own page on its encoding.
    #[test]
    fn fields_are_encoded_as_documented() {
        let number = Message::default().int(1, 150);
        assert_eq!(number.clone().finish(), [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().int(1, -2).finish().len(), 11);
        let text = Message::default().bytes(2, "testing");
        assert_eq!(text.finish(), b"\x12\x07testing");
        let nested = Message::default().message(3, &number);
        assert_eq!(nested.finish(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().float(1, 1.0).finish(), [0x0d, 0, 0, 0x80, 0x3f]);
    }
}
