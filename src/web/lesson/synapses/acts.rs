//! What a learner does in the third laboratory: places and removes synapses, chooses segments, keeps traces, edits the
//! tree. Each act is written into the controls, and so into the address.

use super::bench::{Bench, PINNED};
use super::trees::{MOST_ON_A_SEGMENT, encode, encode_placed, moved};
use crate::sim::Branch;
use crate::web::lesson::neuron_view::picture::Act;
use crate::web::lesson::write;
use crate::web::settings::Settings;

impl Bench {
    /// Carries out what the learner did in the picture.
    pub(super) fn act(&self, act: Act) {
        let state = self.state.borrow();
        let (chosen, shape) = (state.chosen.unwrap_or(0), state.shape.clone());
        let mode =
            self.controls.borrow().as_ref().map(|c| c.choice(choice!("mode"))).unwrap_or_default();
        let change = |row: usize, by: i64| {
            let mut placed = state.placed.clone();
            let count = i64::from(placed.get(&row).copied().unwrap_or(0)) + by;
            let count = count.clamp(0, MOST_ON_A_SEGMENT.into()) as u32;
            if count == 0 {
                placed.remove(&row)
            } else {
                placed.insert(row, count)
            };
            Some(encode_placed(&placed))
        };
        let (row, placed) = match act {
            Act::Look(row) => {
                drop(state);
                if std::mem::replace(&mut self.state.borrow_mut().pointed, row) != row {
                    self.draw();
                }
                return;
            }
            Act::Pick(row) => match mode.as_str() {
                "remove" => (row, change(row, -1)),
                "look" => (row, None),
                _ => (row, change(row, 1)),
            },
            Act::Go(step) => (shape.step(chosen, step), None),
            Act::Add => (chosen, change(chosen, 1)),
            Act::Remove => (chosen, change(chosen, -1)),
        };
        drop(state);
        let row_text = row.to_string();
        match &placed {
            Some(placed) => self.write(&[(choice!("pick"), &row_text), (choice!("syn"), placed)]),
            None => self.write(&[(choice!("pick"), &row_text)]),
        }
        self.to_speak.set(Some(row));
        // the segment's voltage may still be in computation
        if !self.ask.is_waiting() {
            self.speak();
        }
    }

    /// Tells screen readers, once, of the segment that the learner acted on last.
    pub(super) fn speak(&self) {
        if let Some(row) = self.to_speak.take() {
            write(&self.root, stat!("spoken"), &self.description(Some(row)));
        }
    }

    pub(super) fn edited(&self, tree: &[Branch]) {
        let state = self.state.borrow();
        let placed = encode_placed(&moved(&state.placed, &state.branches, tree));
        drop(state);
        self.write(&[
            (choice!("syn"), &placed),
            (choice!("keep"), ""),
            (choice!("pick"), ""),
            (choice!("own"), &encode(tree)),
            (choice!("cell"), "own"),
        ]);
    }

    pub(super) fn keep(&self) {
        let state = self.state.borrow();
        let mut pinned = state.pinned.clone();
        let new = state.chosen.filter(|row| !pinned.contains(row));
        pinned.extend(new);
        drop(state);
        let from = pinned.len().saturating_sub(PINNED.len());
        let text = pinned[from..].iter().map(usize::to_string).collect::<Vec<_>>().join(",");
        self.write(&[(choice!("keep"), &text)]);
    }

    pub(super) fn forget(&self) {
        self.write(&[(choice!("keep"), "")]);
    }

    pub(super) fn clear(&self) {
        self.write(&[(choice!("syn"), "")]);
    }
}
