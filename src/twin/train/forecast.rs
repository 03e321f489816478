//! Forecasts of a training: what fits into two minutes or fifteen, and how long the full recipe takes. All follow from
//! one measured number, the milliseconds of simulation that a twin trains on in a second.

use super::schedule::Recipe;
use crate::twin::arch::TwinKind;

/// The time for a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Two minutes.
    Two,
    /// Fifteen minutes.
    Fifteen,
    /// The published recipe.
    Full,
}

impl Budget {
    /// All three budgets.
    pub const ALL: [Self; 3] = [Self::Two, Self::Fifteen, Self::Full];

    /// The budget's key in an address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::Fifteen => "15",
            Self::Full => "full",
        }
    }

    /// The budget's time in s; `None` for the full recipe, which takes as long as it needs.
    pub fn seconds(self) -> Option<f64> {
        match self {
            Self::Two => Some(120.0),
            Self::Fifteen => Some(900.0),
            Self::Full => None,
        }
    }

    /// The budget's recipe with the epochs not yet set. Short trainings have smaller batches and shorter windows, for
    /// more steps, and higher learning rates, since they have less time to converge.
    pub fn recipe(self, kind: TwinKind) -> Recipe {
        let full = Recipe::of(kind);
        let (batch, window, rate) = match self {
            Self::Two => (8, 512, 2e-3),
            Self::Fifteen => (8, 1024, 1e-3),
            Self::Full => return full,
        };
        Recipe {
            train_batch_size: batch,
            valid_batch_size: batch,
            train_time_window_size: window,
            learning_rate: rate,
            ..full
        }
    }
}

/// The forecast of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The recipe with its number of epochs.
    pub recipe: Recipe,
    /// The number of steps after which to stop, where it is within the first epoch; otherwise `None`.
    pub max_steps: Option<u64>,
    /// Number of training steps.
    pub steps: u64,
    /// Passes over the data, also a fraction of one.
    pub epochs: f64,
    /// Duration in s; `None` where the speed is not known.
    pub seconds: Option<f64>,
    /// Number of train simulations that the time suffices for; `None` where there are already about as many.
    pub wants: Option<usize>,
}

/// The most passes over the data in a budget: after so many a twin has learned the simulations by heart.
const MOST_EPOCHS: usize = 200;

/// Passes after which more simulations help more than further passes.
const PASSES: f64 = 30.0;

/// Number of train simulations of the largest data set that a browser makes in about a minute.
const MOST_SIMULATIONS: usize = 384;

/// The number of train simulations that `steps` steps suffice for; `None` where `train` is not far below it.
fn wanted_simulations(steps: f64, recipe: &Recipe, train: usize) -> Option<usize> {
    let enough = steps * recipe.train_batch_size as f64 / PASSES;
    // the sizes that lesson 5 offers: 24, 48, 96, …
    let sizes =
        std::iter::successors(Some(24), |n| Some(2 * n)).take_while(|n| *n <= MOST_SIMULATIONS);
    let size = sizes.filter(|size| *size as f64 <= enough).last()?;
    (size >= 2 * train).then_some(size)
}

/// Milliseconds of simulation in a training step.
pub fn step_ms(recipe: &Recipe) -> f64 {
    (recipe.train_batch_size * recipe.train_time_window_size) as f64
}

/// The duration of a training with validation relative to that of its steps: a validation after each epoch takes the
/// forward pass alone, a third of the work.
fn with_validation(recipe: &Recipe, train: usize, valid: usize) -> f64 {
    let training = (train * recipe.train_time_window_size) as f64;
    let validating = (valid * recipe.valid_time_window_size) as f64;
    1.0 + validating / (3.0 * training.max(1.0))
}

/// The forecast of a recipe for numbers of train and validation simulations, at a speed in ms of simulation per s.
pub fn forecast(
    recipe: Recipe,
    max_steps: Option<u64>,
    [train, valid]: [usize; 2],
    speed: Option<f64>,
) -> Forecast {
    let recipe = recipe.shortened(max_steps, train);
    let all = (recipe.steps_per_epoch(train).max(1) * recipe.num_epochs) as u64;
    let steps = max_steps.map_or(all, |most| most.min(all));
    let cost = with_validation(&recipe, train, valid);
    let seconds = speed.map(|speed| steps as f64 * step_ms(&recipe) * cost / speed.max(1e-9));
    let epochs = steps as f64 / recipe.steps_per_epoch(train).max(1) as f64;
    let wants = wanted_simulations(steps as f64, &recipe, train);
    Forecast {
        max_steps: max_steps.filter(|most| *most < all),
        recipe,
        steps,
        epochs,
        seconds,
        wants,
    }
}

/// The forecast of a budget; without a measured speed, a short budget is planned for a slow device.
pub fn plan(
    budget: Budget,
    kind: TwinKind,
    [train, valid]: [usize; 2],
    speed: Option<f64>,
) -> Forecast {
    let recipe = budget.recipe(kind);
    let Some(seconds) = budget.seconds() else {
        return forecast(recipe, None, [train, valid], speed);
    };
    let guessed = speed.unwrap_or(SLOW);
    let cost = with_validation(&recipe, train, valid);
    let steps = (seconds * guessed / (step_ms(&recipe) * cost)).floor().max(1.0);
    let per_epoch = recipe.steps_per_epoch(train).max(1) as f64;
    let num_epochs = (steps / per_epoch).floor().clamp(1.0, MOST_EPOCHS as f64) as usize;
    let max_steps = (steps < per_epoch).then_some(steps as u64);
    let wants = speed.and_then(|_| wanted_simulations(steps, &recipe, train));
    let plan = forecast(Recipe { num_epochs, ..recipe }, max_steps, [train, valid], speed);
    Forecast { wants, ..plan }
}

/// Speed of a slow device, ms of simulation per s: twin C on one thread of an old processor.
const SLOW: f64 = 2000.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept() {
        for budget in [Budget::Two, Budget::Fifteen] {
            for speed in [500.0, 20_000.0, 3e6] {
                let plan = plan(budget, TwinKind::Tcn, [96, 8], Some(speed));
                let (seconds, limit) = (plan.seconds.unwrap(), budget.seconds().unwrap());
                // the epochs fit into the time, and one more would not, unless their number is at its cap
                assert!(seconds <= limit * (1.0 + 1e-9), "{budget:?} {speed}: {seconds}");
                let one_epoch = seconds / plan.epochs;
                assert!(
                    plan.recipe.num_epochs == MOST_EPOCHS
                        || plan.max_steps.is_some()
                        || seconds + one_epoch > limit,
                    "{budget:?} {speed}: {seconds}"
                );
                plan.recipe.check().unwrap();
            }
        }
    }

    #[test]
    fn the_full_recipe_is_the_published_one() {
        let plan = plan(Budget::Full, TwinKind::Tcn, [384, 32], Some(1e6));
        assert_eq!(plan.recipe, Recipe::of(TwinKind::Tcn));
        assert_eq!((plan.steps, plan.max_steps), (2400, None));
        // 2,400 steps of 32,768 ms, and for every 384 · 2,048 ms of them a validation of 32 · 4,096 ms at a third of
        // the cost
        let work = 2400.0 * 32_768.0 * (1.0 + 32.0 * 4096.0 / (3.0 * 384.0 * 2048.0));
        assert!((plan.seconds.unwrap() - work / 1e6).abs() < 1e-9);
    }

    /// In fifteen minutes a fast device could make 1,315 passes over 24 simulations; the forecast asks for more
    /// simulations.
    #[test]
    fn a_long_budget_asks_for_more_simulations() {
        let of = |speed, train| plan(Budget::Fifteen, TwinKind::Tcn, [train, 2], Some(speed));
        let few = of(60_000.0, 24);
        assert_eq!((few.recipe.num_epochs, few.wants), (MOST_EPOCHS, Some(384)));
        assert!(few.seconds.unwrap() < 900.0);
        assert_eq!(of(60_000.0, 384).wants, None);
        assert_eq!(of(1000.0, 24).wants, None);
        assert_eq!(plan(Budget::Fifteen, TwinKind::Tcn, [24, 2], None).wants, None);
    }

    /// A training that is cut off has a whole schedule within its steps.
    #[test]
    fn what_is_cut_off_has_a_schedule_of_its_own() {
        let recipe = Recipe { num_epochs: 30, train_batch_size: 4, ..Recipe::default() };
        let taste = forecast(recipe, Some(60), [24, 4], None);
        assert_eq!((taste.recipe.num_epochs, taste.steps, taste.max_steps), (10, 60, None));
        assert_eq!(taste.recipe.loss_weights(9), Recipe::default().loss_weights_final);
    }
}
