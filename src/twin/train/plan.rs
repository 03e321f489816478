//! The order of a training's batches, which the recipe's seed decides: one plan both for taking the steps and for
//! reading ahead.

use super::batch::{Window, epoch_plan};
use super::event::Progress;
use super::schedule::Recipe;

/// A training batch's place in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchId {
    /// The epoch, from 0.
    pub epoch: usize,
    /// The batch's number in its epoch, from 0.
    pub batch: usize,
}

/// A training batch: its place and its windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedBatch {
    /// The batch's place in the plan.
    pub id: BatchId,
    /// The batch's windows, in order.
    pub windows: Vec<Window>,
}

/// All training batches of a recipe, in order: the same at every call, whatever happened before.
#[derive(Debug, Clone)]
pub struct TrainingPlan {
    recipe: Recipe,
    simulations: usize,
}

impl TrainingPlan {
    /// The plan for `simulations` training simulations.
    #[must_use]
    pub fn new(recipe: &Recipe, simulations: usize) -> Self {
        Self { recipe: recipe.clone(), simulations }
    }

    /// The batches of an epoch.
    #[must_use]
    pub fn epoch(&self, epoch: usize) -> Vec<PlannedBatch> {
        let Recipe { seed, train_batch_size: size, train_time_window_size: window_ms, .. } =
            self.recipe;
        let windows = epoch_plan(seed, epoch, self.simulations, size, window_ms);
        let planned = windows.into_iter().enumerate();
        planned
            .map(|(batch, windows)| PlannedBatch { id: BatchId { epoch, batch }, windows })
            .collect()
    }

    /// The batches from a training's progress to its end.
    pub fn rest(&self, progress: Progress) -> impl Iterator<Item = PlannedBatch> {
        let epochs = progress.epoch..self.recipe.num_epochs;
        epochs.flat_map(|epoch| self.epoch(epoch)).skip(progress.batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_ahead_is_what_is_asked_for() {
        let recipe = Recipe { num_epochs: 3, train_batch_size: 4, seed: 5, ..Recipe::default() };
        let plan = TrainingPlan::new(&recipe, 10);
        let all: Vec<_> = (0..3).flat_map(|epoch| plan.epoch(epoch)).collect();
        assert_eq!(all.len(), 9);
        assert!(
            all.iter()
                .enumerate()
                .all(|(i, planned)| { planned.id == BatchId { epoch: i / 3, batch: i % 3 } })
        );
        for done in 0..=all.len() {
            let at = Progress { epoch: done / 3, batch: done % 3, ..Progress::start() };
            assert_eq!(plan.rest(at).collect::<Vec<_>>(), all[done..], "after {done}");
        }
        // an epoch whose batches are all done, of a run that stopped before the next epoch
        let at = Progress { epoch: 0, batch: 3, ..Progress::start() };
        assert_eq!(plan.rest(at).collect::<Vec<_>>(), all[3..]);
    }
}
