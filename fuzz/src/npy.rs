//! `.npy` files of any type and shape.

use crate::{Result, Unstructured, damage, one, rarely};

/// Type codes, real numbers most of them.
const CODES: [&str; 24] = [
    "<f8", "<f4", "<f2", "|b1", "|u1", "|i1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", ">f8",
    ">f4", ">f2", ">i4", "=f8", "f4", "<f16", ">f16", "<f12", "<c8", "|O", "<U3",
];

/// A file whose header and numbers agree in most cases.
pub fn file(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let code = one(u, &CODES)?;
    let size: usize = code.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(1);
    let mut shape: Vec<usize> = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        shape.push(match u.int_in_range(0..=15)? {
            0..=12 => u.int_in_range(0..=9)?,
            13 => u.int_in_range(0..=70_000)?,
            14 => 1,
            _ => u.arbitrary()?,
        });
    }
    if rarely(u, 64)? {
        shape.extend(std::iter::repeat_n(1, u.int_in_range(1..=30_000)?));
    }
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if axes.len() == 1 || rarely(u, 8)? { "," } else { "" };
    let long = if rarely(u, 16)? { "L" } else { "" };
    let tuple = axes.join(&format!("{long}, "));
    let order = if rarely(u, 4)? { "True" } else { "False" };
    let dict = match u.int_in_range(0..=7)? {
        7 => {
            format!("{{\"shape\":({tuple}{comma}),\"descr\":\"{code}\",\"fortran_order\":{order}}}")
        }
        _ => {
            format!("{{'descr': '{code}', 'fortran_order': {order}, 'shape': ({tuple}{comma}), }}")
        }
    };
    let version = if rarely(u, 4)? || dict.len() > 60_000 { u.int_in_range(0..=4)? } else { 1 };
    let mut out = b"\x93NUMPY".to_vec();
    out.extend([version, 0]);
    match version {
        1 => out.extend((dict.len() as u16).to_le_bytes()),
        _ => out.extend((dict.len() as u32).to_le_bytes()),
    }
    out.extend(dict.as_bytes());
    let wanted = shape.iter().fold(size, |n, &d| n.saturating_mul(d));
    if wanted < 1 << 20 {
        let given = u.bytes(u.len().min(wanted))?;
        out.extend(given);
        let fill = u.arbitrary()?;
        out.resize(out.len() + wanted - given.len(), fill);
    }
    damage(u, &mut out)?;
    Ok(out)
}
