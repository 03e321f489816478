//! A training's state on the device, to which the training can return. Nothing is copied: tensors are shared until they
//! change.

use burn::module::{AutodiffModule, Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use burn::tensor::backend::AutodiffBackend;

use super::event::Progress;
use super::optim::AdamW;
use crate::twin::model::Twin;

/// The twin, optimizer and progress at one moment.
pub(super) struct Snapshot<B: AutodiffBackend> {
    twin: Twin<B>,
    /// The running statistics, which a clone of the twin would share and training changes in place.
    statistics: Vec<Tensor<B::InnerBackend, 1>>,
    optimizer: AdamW<B::InnerBackend>,
    progress: Progress,
}

impl<B: AutodiffBackend> Snapshot<B> {
    /// A snapshot of the present state.
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

    /// Number of steps taken at the snapshot's time.
    pub(super) fn step(&self) -> u64 {
        self.progress.step
    }

    /// The twin, optimizer and progress of the snapshot's time.
    pub(super) fn restore(self) -> (Twin<B>, AdamW<B::InnerBackend>, Progress) {
        // applies the running statistics that the last step left pending, so that they do not overwrite the restored
        // ones
        let _ = self.twin.valid();
        let values = self.statistics.into_iter();
        let twin = self.twin.map(&mut Replace { within: false, values });
        (twin, self.optimizer, self.progress)
    }
}

/// A visitor that reads running statistics in the order of the module.
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

/// A mapper that replaces running statistics in the order of the module.
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
