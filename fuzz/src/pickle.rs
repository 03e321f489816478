//! Pickles: programs of any instructions, and the few calls that describe arrays.

use crate::{Result, Unstructured, one, rarely};

/// Names of classes and functions that the reader understands, and others.
const GLOBALS: [(&str, &str); 9] = [
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch", "Size"),
    ("torch", "FloatStorage"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("_codecs", "encode"),
];

/// Instructions without an operand.
const PLAIN: &[u8] = b"(012N}])\x8ftld\x91\x85\x86\x87aesu\x90\x94\x88\x89\x93QR\x81\x92b.";

/// The longest program, bytes.
const LONGEST: usize = 1 << 17;

/// A program.
pub fn program(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut out = if u.arbitrary()? { vec![0x80, 4] } else { Vec::new() };
    while !u.is_empty() && out.len() < LONGEST {
        instruction(u, &mut out)?;
    }
    out.push(b'.');
    Ok(out)
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text);
}

fn instruction(u: &mut Unstructured<'_>, out: &mut Vec<u8>) -> Result<()> {
    match u.int_in_range(0..=23)? {
        0..=7 => out.push(u.choose(PLAIN).copied()?),
        8 | 9 => out.extend([b'K', u.arbitrary()?]),
        10 => {
            out.push(b'J');
            out.extend(u.arbitrary::<[u8; 4]>()?);
        }
        11 => {
            out.push(b'G');
            out.extend(u.arbitrary::<f64>()?.to_be_bytes());
        }
        12 => {
            let bytes = u.arbitrary::<&[u8]>()?;
            text(out, bytes);
        }
        13 => {
            let bytes = u.arbitrary::<&[u8]>()?;
            out.push(b'B');
            out.extend((bytes.len() as u32).to_le_bytes());
            out.extend(bytes);
        }
        14 => {
            let known = [
                "storage",
                "f8",
                ">f8",
                "u1",
                "i4",
                ">",
                "<",
                "0",
                "cpu",
                "metadata",
                "num_segments",
                "epas_mV",
            ];
            text(out, one(u, &known)?.as_bytes());
        }
        15 | 16 => {
            let (module, name) = u.choose(&GLOBALS).copied()?;
            out.extend(format!("c{module}\n{name}\n").as_bytes());
        }
        // few numbers, so that what is kept is named again
        17 => out.extend([b'q', u.int_in_range(0..=7)?]),
        18 | 19 => out.extend([b'h', u.int_in_range(0..=7)?]),
        20 => {
            out.push(0x8a);
            let digits = u.int_in_range(0..=9)?;
            out.push(digits);
            out.extend(u.bytes(usize::from(digits).min(u.len()))?);
        }
        21 => array(u, out)?,
        22 => {
            out.push(u.choose(b"IFLSVpgrjUTC\x8c\x8d\x8e\x95\x96\x8b").copied()?);
            out.extend(u.arbitrary::<[u8; 2]>()?);
            out.push(b'\n');
        }
        // the last instructions again, many times: what costs more than its bytes shows
        _ => {
            let length = out.len().min(u.int_in_range(1..=40)?);
            let last = out[out.len() - length..].to_vec();
            let most = (LONGEST - out.len().min(LONGEST)) / length.max(1);
            let times = u.int_in_range(0..=4000)?.min(most);
            out.extend(last.repeat(times));
        }
    }
    Ok(())
}

/// One of NumPy's arrays.
fn array(u: &mut Unstructured<'_>, out: &mut Vec<u8>) -> Result<()> {
    let code = one(u, &["f8", "f4", "f2", "u1", "i2", "b1", "i8", "O8"])?;
    let size = usize::from(code.as_bytes()[1] - b'0');
    out.extend(b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01(");
    let mut count = 1;
    for _ in 0..u.int_in_range(0..=3)? {
        let axis = u.int_in_range(0..=5)?;
        count *= usize::from(axis);
        out.extend([b'K', axis]);
    }
    if rarely(u, 16)? {
        out.extend(b"K\x01".repeat(u.int_in_range(1..=5000)?));
    }
    out.extend(b"tcnumpy\ndtype\n(");
    text(out, code.as_bytes());
    out.extend(b"K\x00K\x01tR(K\x03U\x01<NNNK\x00K\x00K\x00tb\x89B");
    out.extend(((count * size) as u32).to_le_bytes());
    let given = u.bytes(u.len().min(count * size))?;
    out.extend(given);
    out.resize(out.len() + count * size - given.len(), 0);
    out.extend(b"tb");
    Ok(())
}
