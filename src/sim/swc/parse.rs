//! The lines of an SWC text.

use std::collections::HashMap;

use super::error::SwcError;
use super::point::Point;
use crate::text;

/// A line of the file, as far as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub line: usize,
    pub id: i64,
    pub kind: i64,
    pub point: Point,
    /// The parent's id as the line has it; -1 for a root.
    pub named: i64,
    /// Whether the line names a parent that the file does not have; a parent of 0 in a file without a point 0 marks a
    /// root.
    pub orphan: bool,
    /// Index of the parent's entry; `None` for a root.
    pub parent: Option<usize>,
    /// Indices of the children's entries, in the file's order.
    pub children: Vec<usize>,
    /// What is wrong with the line's fields; an error only where the point is kept.
    pub fault: Option<SwcError>,
}

/// The points of a text, and the index of each id's entry.
///
/// # Errors
/// [`SwcError`]: a line without an id and a type, or an id that occurs twice. Other faults of a line are kept in its
/// entry.
pub(super) fn entries(text: &str) -> Result<(Vec<Entry>, HashMap<i64, usize>), SwcError> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut known: HashMap<i64, usize> = HashMap::new();
    for (number, line) in text::lines(text).enumerate() {
        let content = line.split('#').next().unwrap_or_default();
        let fields: Vec<&str> = content.split_whitespace().collect();
        if fields.is_empty() {
            continue;
        }
        let entry = entry(number + 1, &fields)?;
        if let Some(&first) = known.get(&entry.id) {
            let (line, id, first) = (entry.line, entry.id, entries[first].line);
            return Err(SwcError::Duplicate { line, id, first });
        }
        known.insert(entry.id, entries.len());
        entries.push(entry);
    }
    Ok((entries, known))
}

/// The entry of one line. Its radius may be any number.
fn entry(line: usize, fields: &[&str]) -> Result<Entry, SwcError> {
    let [id, kind, rest @ ..] = fields else {
        return Err(SwcError::Fields { line, found: fields.len() });
    };
    let id = match whole(line, "id", id)? {
        negative if negative < 0 => {
            return Err(number(line, "id", id, "a whole number of at least 0"));
        }
        id => id,
    };
    let kind = whole(line, "type", kind)?;
    // fields after the seventh have other meanings, unless they are those of the next point
    let next = rest.get(5).and_then(|text| text.parse().ok());
    if fields.len().is_multiple_of(7) && next == Some(id + 1) && place(line, &rest[7..]).is_ok() {
        return Err(SwcError::Joined { line, fields: fields.len() });
    }
    let (point, named, fault) = match place(line, rest) {
        Ok((point, named)) => (point, named, None),
        Err(fault) => (Point { at: [0.0; 3], radius: 0.0 }, -1, Some(fault)),
    };
    let (parent, children) = (None, Vec::new());
    Ok(Entry { line, id, kind, point, named, orphan: false, parent, children, fault })
}

/// Reads x, y, z, radius and parent from a line's fields after id and type.
fn place(line: usize, fields: &[&str]) -> Result<(Point, i64), SwcError> {
    let [x, y, z, radius, parent, ..] = fields else {
        return Err(SwcError::Fields { line, found: fields.len() + 2 });
    };
    let real = |field, text: &str| match text.parse::<f64>() {
        // the squares of larger lengths could overflow
        Ok(x) if x.abs() <= 1e12 => Ok(x),
        Ok(_) => Err(number(line, field, text, "within ±1e12")),
        Err(_) => Err(number(line, field, text, "a number")),
    };
    let at = [real("x", x)?, real("y", y)?, real("z", z)?];
    let radius = real("radius", radius)?;
    Ok((Point { at, radius }, whole(line, "parent", parent)?))
}

/// Reads an integer, also one that a program wrote as 3.0.
fn whole(line: usize, field: &'static str, text: &str) -> Result<i64, SwcError> {
    match text.parse::<f64>() {
        Ok(x) if x.fract() == 0.0 && x.abs() <= 1e15 => Ok(x as i64),
        _ => Err(number(line, field, text, "a whole number")),
    }
}

fn number(line: usize, field: &'static str, text: &str, expected: &'static str) -> SwcError {
    SwcError::Number { line, field, text: text.chars().take(40).collect(), expected }
}
