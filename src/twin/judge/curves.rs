//! Weighted learning curves: each loss's share of the sum that training minimises.

use crate::twin::train::curve::{LearningCurves, Losses};
use crate::twin::train::schedule::Recipe;
use crate::twin::weights::Checkpoint;

/// The five losses of a step or a validation, each multiplied by its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighed {
    /// Training steps taken.
    pub step: f64,
    /// The epoch, from 0.
    pub epoch: usize,
    /// The weighted losses, in the order of [`HEADS`](crate::twin::heads::HEADS).
    pub losses: [f64; 5],
}

impl Weighed {
    /// Each loss's fraction of their sum; NaN where the sum is 0.
    #[must_use]
    pub fn fractions(&self) -> [f64; 5] {
        let total: f64 = self.losses.iter().sum();
        self.losses.map(|loss| loss / total)
    }
}

/// A training's learning curves, weighted by its recipe.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeighedCurves {
    /// The training steps whose weights are known.
    pub train: Vec<Weighed>,
    /// The validations whose weights are known.
    pub valid: Vec<Weighed>,
    /// Number of rows left out because their recorded total is not the recipe's: they are from a part of the run with
    /// another recipe (`--resume` with other `--epochs`).
    pub of_another_recipe: usize,
}

/// The largest relative difference between a recorded total, summed in single precision, and the sum in double
/// precision.
const ROUNDING: f64 = 1e-4;

impl WeighedCurves {
    /// The weighted curves of a checkpoint; empty where the checkpoint has no recipe.
    #[must_use]
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let mut curves = Self::default();
        let Some(recipe) = &checkpoint.header.recipe else { return curves };
        let LearningCurves { train, valid } = &checkpoint.curves;
        let (known, lost) = weigh(recipe, train.iter().map(|row| row.losses));
        (curves.train, curves.of_another_recipe) = (known, lost);
        let (known, lost) = weigh(recipe, valid.iter().map(|row| row.losses));
        curves.valid = known;
        curves.of_another_recipe += lost;
        curves
    }

    /// The mean fraction of each loss over the training steps of the first and of the last epoch; `None` without any
    /// such step.
    #[must_use]
    pub fn first_and_last(&self) -> Option<[[f64; 5]; 2]> {
        let (first, last) = (self.train.first()?.epoch, self.train.last()?.epoch);
        Some([first, last].map(|epoch| {
            let steps = self.train.iter().filter(|row| row.epoch == epoch);
            let mut sums = [0.0; 5];
            let mut count = 0.0;
            for step in steps {
                sums.iter_mut().zip(step.fractions()).for_each(|(sum, f)| *sum += f);
                count += 1.0;
            }
            sums.map(|sum| sum / count)
        }))
    }
}

/// The weighted losses of the rows whose total the recipe explains, and the number of other rows.
fn weigh(recipe: &Recipe, rows: impl Iterator<Item = Losses>) -> (Vec<Weighed>, usize) {
    let (mut known, mut lost) = (Vec::new(), 0);
    for row in rows {
        let epoch = row.epoch as usize;
        let weights = recipe.loss_weights(epoch);
        let mut losses = [0.0; 5];
        for (i, loss) in losses.iter_mut().enumerate() {
            *loss = weights[i] * f64::from(row.heads[i]);
        }
        let (sum, total) = (losses.iter().sum::<f64>(), f64::from(row.total));
        let off = (total - sum) / sum.abs().max(f64::MIN_POSITIVE);
        // Taylor consistency adds to the total, and never takes from it
        let most = if recipe.taylor_consistency > 0.0 { f64::INFINITY } else { ROUNDING };
        if (-ROUNDING..=most).contains(&off) {
            known.push(Weighed { step: f64::from(row.step), epoch, losses });
        } else {
            lost += 1;
        }
    }
    (known, lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(recipe: &Recipe, epoch: usize, heads: [f32; 5], extra: f32) -> Losses {
        let weights = recipe.loss_weights(epoch);
        let sum: f64 = weights.iter().zip(heads).map(|(w, l)| w * f64::from(l)).sum();
        Losses { step: 1.0, epoch: epoch as f32, heads, total: sum as f32 + extra }
    }

    #[test]
    fn fractions_follow_the_weights_of_their_epoch() {
        let recipe = Recipe { num_epochs: 40, ..Recipe::default() };
        let losses = [0.1, 0.1, 0.1, 0.1, 0.1];
        let rows = [(1.0, 0), (2.0, 0), (3.0, 39)]
            .map(|(step, epoch)| Losses { step, ..row(&recipe, epoch, losses, 0.0) });
        let (train, lost) = weigh(&recipe, rows.into_iter());
        assert_eq!((train.len(), lost), (3, 0));
        let curves = WeighedCurves { train, ..WeighedCurves::default() };
        let [first, last] = curves.first_and_last().unwrap();
        let of = |weights: [f64; 5]| weights.map(|w| w / weights.iter().sum::<f64>());
        for (found, wanted) in
            [(first, recipe.loss_weights_init), (last, recipe.loss_weights_final)]
        {
            for (f, w) in found.iter().zip(of(wanted)) {
                // losses are stored in single precision
                assert!((f - w).abs() < 1e-6, "{found:?}");
            }
        }
    }

    #[test]
    fn rows_of_another_recipe_are_left_out() {
        let (short, long) = (Recipe { num_epochs: 10, ..Recipe::default() }, Recipe::default());
        let rows = [row(&short, 6, [0.1; 5], 0.0), row(&long, 6, [0.1; 5], 0.0)];
        let (known, lost) = weigh(&long, rows.into_iter());
        assert_eq!((known.len(), lost), (1, 1));
        // Taylor consistency adds to the total
        let taylor = Recipe { taylor_consistency: 1.0, ..Recipe::default() };
        let rows = [row(&taylor, 6, [0.1; 5], 0.7)];
        let (known, lost) = weigh(&taylor, rows.into_iter());
        assert_eq!((known.len(), lost), (1, 0));
    }
}
