//! Lesson 3½, the pyramidal cell: a spike that runs back into the apical dendrite, an input there, and the calcium spike
//! where the two meet; channels to block, and densities to drag along the dendrite.

mod bench;
pub(super) mod cell;
mod densities;
mod figures;
pub(super) mod meet;

use super::{Lesson, Workers};
use bench::Bench;
use std::rc::Rc;
use web_sys::Element;

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    Bench::mount(root, workers)
}
