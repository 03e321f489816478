//! JSON with a reader's keys, and values from the input.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::memory::within;
use crate::{Result, Unstructured, one, rarely};

/// Numbers at the ends of what types hold and settings allow.
const NUMBERS: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1e-308,
    1e308,
    -1e308,
    1e-5,
    1e4,
    65_504.0,
    16_777_217.0,
    1e15,
    9_007_199_254_740_993.0,
];

/// As much of a value that a reader takes as the input leaves: keys without a value, with another, with the value of
/// another type, keys that are not known. Where the input ends, the rest stays as it is.
pub fn vary(u: &mut Unstructured<'_>, value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                match u.int_in_range(0..=63)? {
                    0..=51 => out.insert(key.clone(), value.clone()),
                    52..=58 => out.insert(key.clone(), vary(u, value)?),
                    59 | 60 => out.insert(key.clone(), any(u, 3)?),
                    61 | 62 => None,
                    _ => out.insert(u.arbitrary()?, value.clone()),
                };
            }
            out.into()
        }
        Value::Array(items) => {
            let mut out = Vec::new();
            for item in items {
                match u.int_in_range(0..=15)? {
                    0..=11 => out.push(item.clone()),
                    12 | 13 => out.push(vary(u, item)?),
                    14 => out.push(any(u, 3)?),
                    _ => {}
                }
            }
            if let (Some(last), true) = (out.last().cloned(), rarely(u, 16)?) {
                let more = u.int_in_range(1..=3000)?;
                out.extend(std::iter::repeat_n(last, more));
            }
            out.into()
        }
        Value::Number(n) if !rarely(u, 4)? => number(u, n.as_f64().unwrap_or_default())?,
        Value::String(text) if !rarely(u, 2)? => text.clone().into(),
        Value::Bool(b) if !rarely(u, 2)? => (!b).into(),
        _ => any(u, 3)?,
    })
}

/// A value as it is, or varied.
pub fn some(u: &mut Unstructured<'_>, value: &Value) -> Result<Value> {
    if u.int_in_range(0..=2)? == 0 { Ok(value.clone()) } else { vary(u, value) }
}

/// A number, maybe near another.
fn number(u: &mut Unstructured<'_>, near: f64) -> Result<Value> {
    let real = |x: f64| Number::from_f64(x).map_or(Value::Null, Value::Number);
    Ok(match u.int_in_range(0..=8)? {
        0 => real(near),
        1 => u.arbitrary::<u8>()?.into(),
        2 => u.arbitrary::<u16>()?.into(),
        3 => u.arbitrary::<u64>()?.into(),
        4 => u.arbitrary::<i64>()?.into(),
        5 => real(u.arbitrary()?),
        6 => real(near * f64::from(u.arbitrary::<i8>()?) / 16.0),
        7 => u64::MAX.into(),
        _ => real(u.choose(&NUMBERS).copied()?),
    })
}

/// Any JSON, `depth` levels deep.
fn any(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth == 0 { 5 } else { 8 })? {
        0 => Value::Null,
        1 => u.arbitrary::<bool>()?.into(),
        2 | 3 => number(u, 1.0)?,
        4 => u.arbitrary::<&str>()?.into(),
        5 => one(
            u,
            &["soma", "none", "train", "ff", "RMSNorm", "LeakyGELU", "added", "", "\u{feff}"],
        )?
        .into(),
        6 | 7 => {
            let length = u.int_in_range(0..=6)?;
            (0..length).map(|_| any(u, depth - 1)).collect::<Result<Vec<Value>>>()?.into()
        }
        _ => {
            let length = u.int_in_range(0..=4)?;
            let entry = |_| -> Result<(String, Value)> { Ok((u.arbitrary()?, any(u, depth - 1)?)) };
            (0..length).map(entry).collect::<Result<Map<String, Value>>>()?.into()
        }
    })
}

/// The text of a JSON like one of these, sometimes nested beyond what a stack holds, or with a key twice.
pub fn text(u: &mut Unstructured<'_>, like: &[Value]) -> Result<String> {
    let Some(like) = like.get(u.choose_index(like.len())?) else { return Ok(String::new()) };
    let text = vary(u, like)?.to_string();
    Ok(match u.int_in_range(0..=63)? {
        61 => {
            let depth = u.int_in_range(1..=20_000)?;
            let open = one(u, &["[", "{\"a\":"])?;
            open.repeat(depth) + &text
        }
        62 => text.replacen(
            '{',
            &format!("{{\"{}\":{},", u.arbitrary::<&str>()?.escape_default(), number(u, 1.0)?),
            1,
        ),
        63 => format!("\u{feff}{text}\n"),
        _ => text,
    })
}

/// Requires that a value, written as JSON, is read as the same.
///
/// # Panics
/// Where it is not.
pub fn is_read_again<T: Serialize + PartialEq + Debug, E: Debug>(
    value: &T,
    read: impl Fn(&str) -> std::result::Result<T, E>,
) {
    let written = serde_json::to_string(value).expect("it is written");
    let again = read(&written).expect("what is written is read");
    assert_eq!(&again, value, "what is written is read as another");
}

/// Reads a text, in no more memory than is allowed, and requires that what is read, written again, is read as the same.
///
/// # Panics
/// Where it is not.
pub fn round_trip<T: Serialize + PartialEq + Debug, E: Debug>(
    text: &str,
    read: impl Fn(&str) -> std::result::Result<T, E>,
) {
    if let Ok(found) = within(text.len(), || read(text)) {
        is_read_again(&found, read);
    }
}
