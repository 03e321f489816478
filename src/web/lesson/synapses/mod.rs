//! Lesson 3, synapses and nonlinearities: how a dendrite answers more and more inputs, whether they
//! should sit together or apart, and a neuron to place them on.

mod acts;
pub(super) mod bench;
pub(super) mod clusters;
pub(super) mod curves;
mod editor;
pub(super) mod load;
mod time;
mod trees;

use super::{Lesson, Workers, place};
use crate::web::controls::Controls;
use crate::web::names::Lab;
use bench::Bench;
use clusters::Clusters;
use curves::Curves;
use std::rc::Rc;
use web_sys::Element;

struct Synapses {
    curves: Curves,
    clusters: Rc<Clusters>,
    bench: Rc<Bench>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lab = |name: Lab| place::<Element>(root, name);
    Rc::new(Synapses {
        curves: Curves::mount(&lab(lab!("curves")), &workers.background),
        clusters: Clusters::mount(&lab(lab!("clusters")), workers),
        bench: Bench::mount(&lab(lab!("tree")), &workers.live),
    })
}

impl Lesson for Synapses {
    fn update(&self, controls: &Controls) {
        // the workers take longest, so they are asked first
        self.curves.ask(controls);
        self.clusters.ask(controls);
        self.curves.update(controls);
        self.clusters.update(controls);
        self.bench.update(controls);
    }
}
