//! The types of an array's numbers: NumPy's type codes, and the numbers' bytes.

use super::error::NpyError;

/// The class of a number type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Bool,
    Int,
    Uint,
    Float,
}

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    class: Class,
    /// Bytes a number.
    size: usize,
    big_endian: bool,
}

impl Kind {
    /// The type of a code such as `<f8`, `>i2` or `|b1`.
    ///
    /// # Errors
    /// A message in words where the type is not one of real numbers.
    pub fn parse(code: &str) -> Result<Self, String> {
        let (big_endian, plain) = match code.as_bytes().first() {
            Some(b'>') => (true, &code[1..]),
            Some(b'<' | b'|' | b'=') => (false, &code[1..]),
            _ => (false, code),
        };
        let other = |what: &str| Err(format!("holds {what} (\"{code}\"), not real numbers"));
        let mut letters = plain.chars();
        let letter = letters.next().unwrap_or_default();
        let Ok(size) = letters.as_str().parse::<usize>() else {
            return match letter {
                'O' => other("Python objects, which only Python can unpickle"),
                'M' | 'm' => other("dates or durations"),
                _ => other("a type that is not known"),
            };
        };
        let class = match (letter, size) {
            ('b', 1) => Class::Bool,
            ('i', 1 | 2 | 4 | 8) => Class::Int,
            ('u', 1 | 2 | 4 | 8) => Class::Uint,
            ('f', 2 | 4 | 8 | 12 | 16) => Class::Float,
            ('c', _) => return other("complex numbers"),
            ('S' | 'U' | 'a', _) => return other("text"),
            ('V', _) => return other("records or raw bytes"),
            _ => return other("a type that is not known"),
        };
        Ok(Self { class, size, big_endian })
    }

    /// Bytes a number.
    pub fn size(self) -> usize {
        self.size
    }

    /// NumPy's letter of the type's class: `b`, `i`, `u` or `f`.
    pub fn letter(self) -> char {
        match self.class {
            Class::Bool => 'b',
            Class::Int => 'i',
            Class::Uint => 'u',
            Class::Float => 'f',
        }
    }

    /// NumPy's name of the type, such as `float64`.
    pub fn name(self) -> String {
        let class = match self.class {
            Class::Bool => return "bool".to_owned(),
            Class::Int => "int",
            Class::Uint => "uint",
            Class::Float => "float",
        };
        format!("{class}{}", 8 * self.size)
    }

    /// The numbers of `bytes` as f64, each the nearest f64 where it has more digits.
    ///
    /// # Errors
    /// [`NpyError`]: more numbers than the memory holds; numbers of 16 bytes whose format is ambiguous.
    pub fn reals(self, bytes: &[u8]) -> Result<Vec<f64>, NpyError> {
        fn of<const N: usize>(
            kind: Kind,
            bytes: &[u8],
            one: impl Fn([u8; N]) -> f64,
        ) -> Result<Vec<f64>, NpyError> {
            kind.each(bytes, one)
        }
        match (self.class, self.size) {
            (Class::Bool, _) => of(self, bytes, |[b]: [u8; 1]| f64::from(u8::from(b != 0))),
            (Class::Int, 1) => of(self, bytes, |b| f64::from(i8::from_le_bytes(b))),
            (Class::Int, 2) => of(self, bytes, |b| f64::from(i16::from_le_bytes(b))),
            (Class::Int, 4) => of(self, bytes, |b| f64::from(i32::from_le_bytes(b))),
            (Class::Int, _) => of(self, bytes, |b| i64::from_le_bytes(b) as f64),
            (Class::Uint, 1) => of(self, bytes, |[b]: [u8; 1]| f64::from(b)),
            (Class::Uint, 2) => of(self, bytes, |b| f64::from(u16::from_le_bytes(b))),
            (Class::Uint, 4) => of(self, bytes, |b| f64::from(u32::from_le_bytes(b))),
            (Class::Uint, _) => of(self, bytes, |b| u64::from_le_bytes(b) as f64),
            (Class::Float, 2) => of(self, bytes, |b| half::f16::from_le_bytes(b).to_f64()),
            (Class::Float, 4) => of(self, bytes, |b| f64::from(f32::from_le_bytes(b))),
            (Class::Float, 8) => of(self, bytes, f64::from_le_bytes),
            (Class::Float, 12) => of(self, bytes, |b: [u8; 12]| extended(&b)),
            (Class::Float, _) => match self.long_double(bytes)? {
                LongDouble::Extended => of(self, bytes, |b: [u8; 16]| extended(&b)),
                LongDouble::Quadruple => of(self, bytes, quadruple),
            },
        }
    }

    /// Applies `one` to each number's bytes, which it gets little-endian.
    ///
    /// # Errors
    /// [`NpyError::Memory`] where the results need more memory than can be had.
    pub fn each<T, const N: usize>(
        self,
        bytes: &[u8],
        one: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, NpyError> {
        let (numbers, _) = bytes.as_chunks::<N>();
        let mut out = room(numbers.len())?;
        if self.big_endian {
            out.extend(numbers.iter().map(|&(mut number)| {
                number.reverse();
                one(number)
            }));
        } else {
            out.extend(numbers.iter().map(|&number| one(number)));
        }
        Ok(out)
    }

    /// The format of numbers of 16 bytes, which NumPy's code leaves open.
    fn long_double(self, bytes: &[u8]) -> Result<LongDouble, NpyError> {
        let numbers = self.each(bytes, u128::from_le_bytes)?;
        // an x87 number other than 0 has its leading 1 in bit 63; the bits above 79 are padding, and not always zeros
        let leading = |n: &u128| n >> 63 & 1 == 1;
        let low = |n: &u128| n & ((1 << 80) - 1);
        if numbers.iter().any(|n| low(n) != 0 && !leading(n)) {
            return Ok(LongDouble::Quadruple);
        }
        match (numbers.iter().any(leading), numbers.iter().any(|n| n >> 80 != 0)) {
            (_, false) => Ok(LongDouble::Extended),
            (false, true) => Ok(LongDouble::Quadruple),
            (true, true) => {
                let problem = "holds float128 numbers that may be of either of two formats; \
                               save them as float64";
                Err(NpyError::Format(problem.to_owned()))
            }
        }
    }
}

/// The two formats of C's `long double`.
enum LongDouble {
    /// x86's extended format of 80 bits.
    Extended,
    /// IEEE's quadruple format of 128 bits, as on ARM.
    Quadruple,
}

/// A vector with room for `count` numbers.
///
/// # Errors
/// [`NpyError::Memory`] where the numbers need more memory than can be had.
pub fn room<T>(count: usize) -> Result<Vec<T>, NpyError> {
    let mut out = Vec::new();
    out.try_reserve_exact(count)
        .map_err(|_| NpyError::Memory { bytes: count as u128 * size_of::<T>() as u128 })?;
    Ok(out)
}

/// A number of x86's 80 bits: 64 of the significand with its leading 1, 15 of the exponent, and the sign.
fn extended(bytes: &[u8]) -> f64 {
    let significand = bytes[..8].iter().rev().fold(0_u64, |sum, &b| sum << 8 | u64::from(b));
    let head = u16::from_le_bytes([bytes[8], bytes[9]]);
    scaled(u128::from(significand) << 64, head)
}

/// A number of IEEE's 128 bits: 112 of the significand without its leading 1, 15 of the exponent, and the sign.
fn quadruple(bytes: [u8; 16]) -> f64 {
    let bits = u128::from_le_bytes(bytes);
    let head = (bits >> 112) as u16;
    let leading = u128::from(head & 0x7fff != 0);
    scaled(leading << 127 | bits << 16 >> 1, head)
}

/// A significand whose bit 127 is 1, times the power of two of the exponent in `head`, with the sign in `head`.
fn scaled(significand: u128, head: u16) -> f64 {
    let sign = if head >> 15 == 1 { -1.0 } else { 1.0 };
    match i32::from(head & 0x7fff) {
        0x7fff if significand << 1 == 0 => sign * f64::INFINITY,
        0x7fff => f64::NAN,
        // rounded to 53 bits; a number below f64's normal range is rounded again by the second product, down to 0
        biased => {
            let exponent = biased - 16_383 - 127;
            let half = exponent / 2;
            sign * (significand as f64 * 2.0_f64.powi(half)) * 2.0_f64.powi(exponent - half)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reals(code: &str, bytes: &[u8]) -> Vec<f64> {
        Kind::parse(code).unwrap().reals(bytes).unwrap()
    }

    #[test]
    fn every_width_sign_and_byte_order_is_a_number() {
        assert_eq!(reals("|i1", &[0xff, 7]), [-1.0, 7.0]);
        assert_eq!(reals("|u1", &[0xff, 7]), [255.0, 7.0]);
        assert_eq!(reals("|b1", &[0, 1, 2]), [0.0, 1.0, 1.0]);
        macro_rules! both {
            ($($t:ty, $code:literal, $values:expr;)*) => { $(
                let values: [$t; 2] = $values;
                let expected: Vec<f64> = values.iter().map(|v| f64::from(*v as f64)).collect();
                let little: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                let big: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
                assert_eq!(reals(concat!("<", $code), &little), expected, $code);
                assert_eq!(reals(concat!(">", $code), &big), expected, $code);
            )* };
        }
        both! {
            i16, "i2", [-2, 32_767];
            u16, "u2", [2, 65_535];
            i32, "i4", [-70_000, 1 << 30];
            u32, "u4", [70_000, u32::MAX];
            i64, "i8", [-(1 << 40), 5];
            u64, "u8", [1 << 40, 1 << 63];
            f32, "f4", [1.5, -1e30];
            f64, "f8", [0.1, -1e300];
        }
        assert_eq!(reals("<f2", &[0x00, 0x3e, 0xff, 0x7b]), [1.5, 65_504.0]);
        assert_eq!(reals(">f2", &[0x3e, 0x00]), [1.5]);
    }

    #[test]
    fn long_doubles_are_numbers_in_both_formats() {
        // 1, -2.5 and 0 in x86's 80 bits
        let x87 = [
            [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f],
            [0, 0, 0, 0, 0, 0, 0, 0xa0, 0x00, 0xc0],
            [0; 10],
        ];
        for (code, size) in [("<f12", 12), ("<f16", 16)] {
            let mut bytes = Vec::new();
            for number in x87 {
                bytes.extend(number);
                bytes.resize(bytes.len() + size - 10, 0);
            }
            assert_eq!(reals(code, &bytes), [1.0, -2.5, 0.0], "{code}");
        }
        // 1 and -2.5 in IEEE's 128 bits
        let quad: [u128; 2] = [0x3fff << 112, 0x000c_0004 << 108];
        let bytes: Vec<u8> = quad.iter().flat_map(|q| q.to_le_bytes()).collect();
        assert_eq!(reals("<f16", &bytes), [1.0, -2.5]);
        let big: Vec<u8> = quad.iter().flat_map(|q| q.to_be_bytes()).collect();
        assert_eq!(reals(">f16", &big), [1.0, -2.5]);
        let unclear = 0x3fff_u128 << 112 | 1 << 63;
        let fault = Kind::parse("<f16").unwrap().reals(&unclear.to_le_bytes()).unwrap_err();
        assert!(fault.to_string().contains("float64"), "{fault}");
        // a number beyond f64's range is infinite; one too small is 0
        assert_eq!(scaled(1 << 127, 0x7ffe), f64::INFINITY);
        assert_eq!(scaled(1 << 127, 1), 0.0);
        assert!(scaled(3 << 126, 0x7fff).is_nan());
    }

    #[test]
    fn what_is_no_number_is_named() {
        for (code, word) in [
            ("|O", "Python objects"),
            ("<c16", "complex"),
            ("<U3", "text"),
            ("|S8", "text"),
            ("|V2", "raw bytes"),
            ("<M8[ns]", "dates"),
            ("<f3", "not known"),
            ("", "not known"),
        ] {
            let fault = Kind::parse(code).unwrap_err();
            assert!(fault.contains(word) && fault.contains("not real numbers"), "{fault}");
        }
        assert_eq!(Kind::parse(">u8").unwrap().name(), "uint64");
    }
}
