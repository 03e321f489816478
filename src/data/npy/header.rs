//! The header of a `.npy`: a Python dict of the element type, the order and the shape.

use super::error::NpyError;
use super::number::Kind;
use crate::data::known::known;

/// The most axes of NumPy's arrays.
const MOST_AXES: usize = 64;

pub const MAGIC: &[u8] = b"\x93NUMPY";

/// The header of a file: everything before the numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    pub kind: Kind,
    /// Whether the first axis varies fastest (Fortran's order).
    pub fortran: bool,
    pub shape: Vec<usize>,
    /// Byte at which the numbers begin.
    pub data_at: usize,
}

impl Header {
    /// Reads the header of a file's bytes.
    ///
    /// # Errors
    /// [`NpyError`]: the bytes are no `.npy`, with their format where it is recognised; the header is cut short or
    /// damaged; the elements are no real numbers.
    pub fn read(bytes: &[u8]) -> Result<Self, NpyError> {
        if !bytes.starts_with(MAGIC) {
            return Err(NpyError::Format(match known(bytes) {
                Some(what) => format!("it is {what}"),
                None => "it does not begin as one".to_owned(),
            }));
        }
        let cut = || NpyError::Format("it ends within its header".to_owned());
        // magic and version take 8 bytes, the header's length 2 or, from version 2 on, 4
        let &[version, _, a, b, c, d] = bytes.get(6..12).ok_or_else(cut)? else {
            return Err(cut());
        };
        let (from, length): (usize, usize) = match version {
            1 => (10, usize::from(u16::from_le_bytes([a, b]))),
            2 | 3 => (12, u32::from_le_bytes([a, b, c, d]) as usize),
            _ => {
                let problem = format!("its format's version is {version}; 1 to 3 are read");
                return Err(NpyError::Format(problem));
            }
        };
        let text = from.checked_add(length).and_then(|to| bytes.get(from..to)).ok_or_else(cut)?;
        let mut header = dict(&String::from_utf8_lossy(text))?;
        header.data_at = from + length;
        Ok(header)
    }
}

/// Reads the header's dict; `data_at` is left 0.
fn dict(text: &str) -> Result<Header, NpyError> {
    let damaged = |what: &str| NpyError::Format(format!("its header {what}: {}", text.trim()));
    let after = |key: &str| {
        let at = [format!("'{key}'"), format!("\"{key}\"")]
            .iter()
            .find_map(|quoted| Some(text.find(quoted.as_str())? + quoted.len()));
        let rest = text[at.ok_or_else(|| damaged(&format!("has no '{key}'")))?..].trim_start();
        rest.strip_prefix(':').map(str::trim_start).ok_or_else(|| damaged("is damaged"))
    };
    let descr = after("descr")?;
    let code = match descr.chars().next() {
        Some(quote @ ('\'' | '"')) => {
            descr[1..].split(quote).next().ok_or_else(|| damaged("is damaged"))?
        }
        // a list of fields: a structured type
        Some('[') => "V",
        _ => return Err(damaged("has no type")),
    };
    let code = if code == "V" { "|V0" } else { code };
    let kind = Kind::parse(code).map_err(NpyError::Type)?;
    let order = after("fortran_order")?;
    let fortran = match (order.starts_with("True"), order.starts_with("False")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(damaged("has no order")),
    };
    let inside = after("shape")?
        .strip_prefix('(')
        .and_then(|rest| Some(rest.split_once(')')?.0))
        .ok_or_else(|| damaged("has no shape"))?;
    let impossible = || NpyError::Format(format!("impossible shape ({inside})"));
    // a tuple of one ends in a comma; Python 2 writes its long integers as 8L
    let lengths = inside.split(',').map(str::trim).filter(|number| !number.is_empty());
    let shape: Result<Vec<usize>, _> =
        lengths.map(|n| n.strip_suffix('L').unwrap_or(n).parse::<usize>()).collect();
    let shape = shape.map_err(|_| impossible())?;
    if shape.len() > MOST_AXES {
        let axes = shape.len();
        let problem = format!("its shape has {axes} axes, and NumPy's at most {MOST_AXES}");
        return Err(NpyError::Format(problem));
    }
    // a 0 makes the array empty but must not hide the other lengths; no memory holds 2^48 bytes
    let count = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d.max(1)));
    if count.is_none_or(|n| n as u64 >= 1 << 48) {
        return Err(impossible());
    }
    Ok(Header { kind, fortran, shape, data_at: 0 })
}

/// A header of version 1.0 as `numpy.lib.format` writes it (numpy 1.23 and later).
pub fn write(code: &str, shape: &[usize]) -> Vec<u8> {
    let dims: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if dims.len() == 1 { "," } else { "" };
    let tuple = dims.join(", ");
    let text =
        format!("{{'descr': '{code}', 'fortran_order': False, 'shape': ({tuple}{comma}), }}");
    // space for the first axis to grow to 21 digits in place, then to a multiple of 64 bytes with the line's end
    let room = dims.first().map_or(0, |d| 21 - d.len());
    let length = (10 + text.len() + room + 1) / 64 * 64 + 64 - 10;
    let mut header = MAGIC.to_vec();
    header.extend([1, 0]);
    header.extend((length as u16).to_le_bytes());
    header.extend(format!("{text:<width$}\n", width = length - 1).as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this version with this dict and no numbers.
    fn file(version: u8, text: &str) -> Vec<u8> {
        let mut bytes = [MAGIC, &[version, 0]].concat();
        match version {
            1 => bytes.extend((text.len() as u16).to_le_bytes()),
            _ => bytes.extend((text.len() as u32).to_le_bytes()),
        }
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn what_python_2_and_later_versions_wrote_is_read() {
        let python2 = "{'descr': '<f8', 'fortran_order': False, 'shape': (8L, 200L), }  \n";
        for (version, text, shape) in [
            (1, python2, vec![8, 200]),
            (2, python2, vec![8, 200]),
            (3, "{\"shape\": (3,), \"descr\":\"<f8\",\"fortran_order\":False}", vec![3]),
            (1, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", vec![]),
            (1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 5), }", vec![0, 5]),
        ] {
            let header = Header::read(&file(version, text)).unwrap();
            assert_eq!((header.shape, header.fortran), (shape, false), "{text}");
            assert_eq!(header.data_at, file(version, text).len());
        }
        let ours = write("<f4", &[7, 2]);
        let header = Header::read(&ours).unwrap();
        assert_eq!((header.kind.name(), header.shape), ("float32".to_owned(), vec![7, 2]));
    }

    #[test]
    fn what_is_wrong_with_a_header_is_said() {
        let faults = [
            (file(9, ""), "version is 9"),
            (file(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (8 200), }"), "shape"),
            (file(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (-8,), }"), "shape (-8,)"),
            (
                file(
                    2,
                    &format!(
                        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}",
                        "1,".repeat(65)
                    ),
                ),
                "65 axes",
            ),
            (file(1, "{'descr': '<f8', 'fortran_order': False}"), "no 'shape'"),
            (file(1, "{'descr': '<f8', 'shape': (3,)}"), "no 'fortran_order'"),
            (file(1, "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,)}"), "no order"),
            (
                file(1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3,)}"),
                "records",
            ),
            (file(1, "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}"), "Python objects"),
            (b"PK\x03\x04 and more".to_vec(), "zip archive"),
            (b"\x80\x04\x95 and more.".to_vec(), "pickle"),
            (Vec::new(), "empty"),
            (b"1 2 3".to_vec(), "not begin"),
            (MAGIC.to_vec(), "ends within"),
        ];
        for (bytes, word) in faults {
            let fault = Header::read(&bytes).unwrap_err().to_string();
            assert!(fault.contains(word), "{fault}");
        }
    }
}
