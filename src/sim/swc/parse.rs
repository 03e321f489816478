//! The points of an SWC text, checked to be one tree rooted in the soma.

use std::collections::HashMap;

use super::{Point, SwcError};

pub(super) const SOMA: i64 = 1;
pub(super) const AXON: i64 = 2;
pub(super) const BASAL: i64 = 3;
pub(super) const APICAL: i64 = 4;

/// A line of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub line: usize,
    pub id: i64,
    pub kind: i64,
    pub point: Point,
    /// Index of the parent; none for the root.
    pub parent: Option<usize>,
    /// Indices of the children, in the file's order.
    pub children: Vec<usize>,
}

/// One tree of points; its root is a soma point, and so is every ancestor of a soma point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Points {
    pub entries: Vec<Entry>,
    pub root: usize,
}

impl Points {
    pub(super) fn read(text: &str) -> Result<Self, SwcError> {
        let mut entries = Vec::new();
        let mut parents = Vec::new();
        let mut known: HashMap<i64, usize> = HashMap::new();
        // a byte order mark, as some editors leave one
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let content = line.split('#').next().unwrap_or_default();
            let fields: Vec<&str> = content.split_whitespace().collect();
            if fields.is_empty() {
                continue;
            }
            let (entry, parent) = entry(number + 1, &fields)?;
            if let Some(&first) = known.get(&entry.id) {
                let (line, id) = (entry.line, entry.id);
                let first: &Entry = &entries[first];
                return Err(SwcError::Duplicate { line, id, first: first.line });
            }
            known.insert(entry.id, entries.len());
            entries.push(entry);
            parents.push(parent);
        }
        if !entries.iter().any(|e| e.kind == SOMA) {
            return Err(SwcError::NoSoma);
        }
        let mut root: Option<usize> = None;
        for (i, &parent) in parents.iter().enumerate() {
            let Entry { line, id, kind, .. } = entries[i];
            if parent < 0 {
                match root {
                    Some(first) => {
                        let first = entries[first].line;
                        return Err(SwcError::SecondRoot { line, id, first });
                    }
                    None if kind != SOMA => return Err(SwcError::Root { line, id, kind }),
                    None => root = Some(i),
                }
                continue;
            }
            let &p = known.get(&parent).ok_or(SwcError::MissingParent { line, id, parent })?;
            entries[i].parent = Some(p);
            entries[p].children.push(i);
        }
        no_cycles(&entries)?;
        // without a cycle, every way up ends at a root
        let root = root.ok_or(SwcError::NoSoma)?;
        for entry in entries.iter().filter(|e| e.kind == SOMA) {
            if entry.parent.is_some_and(|p| entries[p].kind != SOMA) {
                return Err(SwcError::SomaInPieces { line: entry.line, id: entry.id });
            }
        }
        Ok(Self { entries, root })
    }
}

/// One line's point and the id of its parent.
fn entry(line: usize, fields: &[&str]) -> Result<(Entry, i64), SwcError> {
    if fields.len() < 7 {
        return Err(SwcError::Fields { line, found: fields.len() });
    }
    let fault = |field, text: &str, expected| SwcError::Number {
        line,
        field,
        text: text.chars().take(40).collect(),
        expected,
    };
    let real = |field, text: &str| match text.parse::<f64>() {
        // beyond that the lengths' squares are no numbers
        Ok(x) if x.abs() <= 1e12 => Ok(x),
        Ok(_) => Err(fault(field, text, "within ±1e12")),
        Err(_) => Err(fault(field, text, "a number")),
    };
    // some programs write whole numbers as 3.0
    let whole = |field, text: &str| match text.parse::<f64>() {
        Ok(x) if x.fract() == 0.0 && x.abs() <= 1e15 => Ok(x as i64),
        _ => Err(fault(field, text, "a whole number")),
    };
    let id = whole("id", fields[0])?;
    if id < 0 {
        return Err(fault("id", fields[0], "a whole number of at least 0"));
    }
    let kind = whole("type", fields[1])?;
    let at = [real("x", fields[2])?, real("y", fields[3])?, real("z", fields[4])?];
    let radius = real("radius", fields[5])?;
    if radius <= 0.0 {
        return Err(SwcError::Radius { line, id, radius });
    }
    let parent = whole("parent", fields[6])?;
    let point = Point { at, radius };
    Ok((Entry { line, id, kind, point, parent: None, children: Vec::new() }, parent))
}

/// Follows every point to the root, each stretch once.
fn no_cycles(entries: &[Entry]) -> Result<(), SwcError> {
    const UNSEEN: usize = usize::MAX;
    let mut seen_from = vec![UNSEEN; entries.len()];
    for start in 0..entries.len() {
        let mut at = Some(start);
        while let Some(i) = at.filter(|&i| seen_from[i] == UNSEEN) {
            seen_from[i] = start;
            at = entries[i].parent;
        }
        if let Some(i) = at.filter(|&i| seen_from[i] == start) {
            // this walk has come back to itself
            let mut cycle = vec![i];
            while let Some(next) = entries[cycle[cycle.len() - 1]].parent.filter(|&n| n != i) {
                cycle.push(next);
            }
            let first = cycle.iter().copied().min().unwrap_or(i);
            let Entry { line, id, .. } = entries[first];
            return Err(SwcError::Cycle { line, id, length: cycle.len() });
        }
    }
    Ok(())
}
