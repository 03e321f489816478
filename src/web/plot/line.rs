//! The line of figures that wait to be drawn: a few panels a frame, those in sight first.

use super::drawing::Drawing;
use crate::web::dom;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// How long one frame may go on drawing figures, ms; those left over are drawn in the next.
const FRAME_BUDGET_MS: f64 = 8.0;

/// The number of panels and cursors after which a frame begins no further figure: at the frame's end the browser copies
/// each of their canvases in the same task, which takes it longer than drawing where there is no graphics card. A
/// figure that is begun is finished first, so that its panels show one simulation.
const FRAME_PANELS: usize = 4;

thread_local! {
    /// Figures that wait for the next frame.
    static LINE: RefCell<VecDeque<Rc<RefCell<Drawing>>>> = const { RefCell::new(VecDeque::new()) };
}

/// Puts a figure at the end of the line, unless it is in the line already.
pub(super) fn join(view: &Rc<RefCell<Drawing>>) {
    if std::mem::replace(&mut view.borrow_mut().scheduled, true) {
        return;
    }
    let first = LINE.with_borrow_mut(|line| {
        line.push_back(view.clone());
        line.len() == 1
    });
    if first {
        dom::next_frame(draw);
    }
}

fn draw() {
    let since = dom::now_ms();
    let is_over = || dom::now_ms() - since > FRAME_BUDGET_MS;
    let mut drawn = 0;
    while let Some(view) = LINE.with_borrow_mut(next) {
        let done = loop {
            drawn += 1;
            match view.borrow_mut().draw_next() {
                true => break true,
                false if is_over() => break false,
                false => {}
            }
        };
        let left = LINE.with_borrow_mut(|line| {
            if !done {
                line.push_front(view);
            }
            line.len()
        });
        if left > 0 && (drawn >= FRAME_PANELS || is_over()) {
            return dom::next_frame(draw);
        }
    }
}

/// Takes out the first figure that is in sight, or where none is, the first of the line.
fn next(line: &mut VecDeque<Rc<RefCell<Drawing>>>) -> Option<Rc<RefCell<Drawing>>> {
    let seen = line.iter().position(|view| view.borrow().in_sight);
    line.remove(seen.unwrap_or(0))
}
