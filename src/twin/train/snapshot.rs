//! A training's state, kept on the device to fall back on. Nothing is copied: tensors are shared until they change.

use burn::module::{AutodiffModule, Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::event::Progress;
use super::optim::AdamW;
use crate::twin::model::Twin;

/// Twin, optimizer and progress as they were.
pub(super) struct Snapshot<B: AutodiffBackend> {
    twin: Twin<B>,
    /// A clone of a twin shares its running statistics, which training changes in place.
    statistics: Vec<Tensor<B::InnerBackend, 1>>,
    optimizer: AdamW<B::InnerBackend>,
    progress: Progress,
}

impl<B: AutodiffBackend> Snapshot<B> {
    /// As they are now.
    pub(super) fn of(
        twin: &Twin<B>,
        optimizer: &AdamW<B::InnerBackend>,
        progress: Progress,
    ) -> Self {
        let mut read = Statistics { within: false, values: Vec::new() };
        twin.valid().visit(&mut read);
        let (twin, optimizer) = (twin.clone(), optimizer.clone());
        Self { twin, statistics: read.values, optimizer, progress }
    }

    /// Steps taken then.
    pub(super) fn step(&self) -> u64 {
        self.progress.step
    }

    /// As they were then.
    pub(super) fn restore(self) -> (Twin<B>, AdamW<B::InnerBackend>, Progress) {
        // takes in what the last step left for later, so that it does not come after
        let _ = self.twin.valid();
        let values = self.statistics.into_iter();
        let twin = self.twin.map(&mut Replace { within: false, values });
        (twin, self.optimizer, self.progress)
    }
}

/// Reads running statistics in the order of the module.
struct Statistics<B: Backend> {
    within: bool,
    values: Vec<Tensor<B, 1>>,
}

impl<B: Backend> ModuleVisitor<B> for Statistics<B> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<B, D>>) {
        if self.within {
            self.values.push(param.val().flatten(0, D - 1));
        }
    }
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.within = name.starts_with("running_");
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.within = false;
    }
}

/// Writes them.
struct Replace<I> {
    within: bool,
    values: I,
}

impl<B: AutodiffBackend, I: Iterator<Item = Tensor<B::InnerBackend, 1>>> ModuleMapper<B>
    for Replace<I>
{
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<B, D>>) -> Param<Tensor<B, D>> {
        let Some(value) = self.within.then(|| self.values.next()).flatten() else {
            return param;
        };
        param.map(|old| Tensor::from_inner(value.reshape(old.dims())))
    }
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.within = name.starts_with("running_");
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.within = false;
    }
}
