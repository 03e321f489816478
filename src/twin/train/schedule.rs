//! The recipe of a training: its duration, learning rates and loss weights.

use serde::{Deserialize, Serialize};

use super::loss::{DECAYED_FINAL_WEIGHTS, FINAL_WEIGHTS, INITIAL_WEIGHTS, LossWeights};
use super::taylor::TaylorForm;
use crate::settings::{self, HasSettings, Setting, SettingError, require};
use crate::twin::config::TwinKind;

/// A training recipe, under the original's key names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Number of passes over the data.
    pub num_epochs: usize,
    /// Simulations in a training step.
    pub train_batch_size: usize,
    /// Simulations in a validation step.
    pub valid_batch_size: usize,
    /// Longest training window, ms.
    pub train_time_window_size: usize,
    /// Longest validation window, ms.
    pub valid_time_window_size: usize,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// AdamW's decoupled weight decay.
    pub weight_decay: f64,
    /// Bound to which the global gradient norm is clipped.
    pub max_grad_norm: f64,
    /// Loss weights at the start: spikes, soma, near_spike, inst_rate, dend_v.
    pub loss_weights_init: LossWeights,
    /// Loss weights at the end.
    pub loss_weights_final: LossWeights,
    /// Epochs of warm-up; `None`: a tenth of all, from 2 to 40.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_warmup_epochs: Option<usize>,
    /// Epochs of cool-down; `None`: the last quarter, at least 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_cooldown_epochs: Option<usize>,
    /// The learning rate in the first and the last epoch of the warm-up, as fractions of the highest.
    #[serde(skip_serializing_if = "is_warmup")]
    pub warmup_lr_start_end_factors: [f64; 2],
    /// The learning rate in the first and the last epoch of the cool-down, as fractions of the highest.
    #[serde(skip_serializing_if = "is_cooldown")]
    pub cooldown_lr_start_end_factors: [f64; 2],
    /// The epoch from which the loss weights change; `None`: 2.5 times the warm-up, at most a quarter of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss_weight_transition_start_epoch: Option<f64>,
    /// The epoch in which the loss weights have their last values; `None`: 4 times the warm-up, at most two fifths of
    /// all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss_weight_transition_end_epoch: Option<f64>,
    /// Training steps between validations; `None`: about an epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_batches_per_valid_eval: Option<usize>,
    /// Seed of the initial weights, of the order of the data and of the windows.
    pub seed: u64,
    /// Highest weight of Taylor consistency; with 0 the training does not compute it.
    #[serde(skip_serializing_if = "is_zero")]
    pub taylor_consistency: f64,
    /// The form of Taylor consistency.
    #[serde(skip_serializing_if = "is_default")]
    pub taylor_form: TaylorForm,
}

/// [`Recipe::warmup_lr_start_end_factors`] as published.
const WARMUP_FACTORS: [f64; 2] = [0.001, 0.6];

/// [`Recipe::cooldown_lr_start_end_factors`] as published.
const COOLDOWN_FACTORS: [f64; 2] = [0.5, 0.0005];

/// The weight decay from which on the original ends with other loss weights.
const STRONG_DECAY: f64 = 0.1;

fn is_warmup(factors: &[f64; 2]) -> bool {
    *factors == WARMUP_FACTORS
}

fn is_cooldown(factors: &[f64; 2]) -> bool {
    *factors == COOLDOWN_FACTORS
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn is_default(form: &TaylorForm) -> bool {
    *form == TaylorForm::default()
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            num_epochs: 100,
            train_batch_size: 16,
            valid_batch_size: 32,
            train_time_window_size: 2048,
            valid_time_window_size: 4096,
            learning_rate: 3e-4,
            weight_decay: 1e-3,
            max_grad_norm: 25.0,
            loss_weights_init: INITIAL_WEIGHTS,
            loss_weights_final: FINAL_WEIGHTS,
            num_warmup_epochs: None,
            num_cooldown_epochs: None,
            warmup_lr_start_end_factors: WARMUP_FACTORS,
            cooldown_lr_start_end_factors: COOLDOWN_FACTORS,
            loss_weight_transition_start_epoch: None,
            loss_weight_transition_end_epoch: None,
            num_batches_per_valid_eval: None,
            seed: 0,
            taylor_consistency: 0.0,
            taylor_form: TaylorForm::default(),
        }
    }
}

impl Recipe {
    /// The published recipe for an architecture.
    pub fn of(kind: TwinKind) -> Self {
        let [train, valid] = kind.about().windows_ms;
        Self { train_time_window_size: train, valid_time_window_size: valid, ..Self::default() }
    }

    /// The keys that the original has under the same name, and in the same form, in its `training_params`.
    pub const ORIGINAL_KEYS: [&str; 15] = [
        "num_epochs",
        "train_batch_size",
        "valid_batch_size",
        "train_time_window_size",
        "valid_time_window_size",
        "learning_rate",
        "weight_decay",
        "max_grad_norm",
        "num_warmup_epochs",
        "num_cooldown_epochs",
        "warmup_lr_start_end_factors",
        "cooldown_lr_start_end_factors",
        "loss_weight_transition_start_epoch",
        "loss_weight_transition_end_epoch",
        "num_batches_per_valid_eval",
    ];

    /// Reads a recipe's JSON; keys that it leaves out are as published for an architecture. Where the weight decay is
    /// 0.1 or more, and the JSON does not give the loss weights at the end, they are those that the original uses in
    /// that case.
    ///
    /// # Errors
    /// [`SettingError`]: text that is no JSON object, an unknown key, a value of the wrong type.
    pub fn from_json(text: &str, kind: TwinKind) -> Result<Self, SettingError> {
        let given = settings::object(text)?;
        let named = given.contains_key("loss_weights_final");
        let mut recipe = settings::change(&Self::of(kind), given)?;
        if recipe.weight_decay >= STRONG_DECAY && !named {
            recipe.loss_weights_final = DECAYED_FINAL_WEIGHTS;
        }
        Ok(recipe)
    }

    /// Checks that the recipe can be followed.
    ///
    /// # Errors
    /// [`SettingError`] names the first key whose value is impossible.
    pub fn check(&self) -> Result<(), SettingError> {
        settings::check(self)
    }

    /// The epochs between which the loss weights change: 2.5 and 4 times the warm-up, and so from a quarter to two
    /// fifths of the epochs. In trainings of a few epochs, in which the warm-up is a larger part, they are a quarter
    /// and two fifths, so that the spike loss gets its weight in every training.
    pub fn transition_epochs(&self) -> [f64; 2] {
        let (warmup, epochs) = (self.warmup_epochs() as f64, self.num_epochs as f64);
        let start = (2.5 * warmup).min(epochs / 4.0);
        let end = (4.0 * warmup).min(epochs * 0.4);
        [
            self.loss_weight_transition_start_epoch.unwrap_or(start),
            self.loss_weight_transition_end_epoch.unwrap_or(end),
        ]
    }

    /// Epochs of linear warm-up: by default a tenth of all, from 2 to 40.
    pub fn warmup_epochs(&self) -> usize {
        let published = (self.num_epochs / 10).min(40).min(self.num_epochs / 4).max(2);
        self.num_warmup_epochs.unwrap_or(published)
    }

    /// Epochs of cool-down: by default the last quarter, at least 3.
    pub fn cooldown_epochs(&self) -> usize {
        let published = (self.num_epochs / 4).min(self.num_epochs / 3).max(3);
        self.num_cooldown_epochs.unwrap_or(published)
    }

    /// Learning rate of an epoch: as published it rises from 0.001 to 0.6 of the highest during warm-up, is then the
    /// highest, and falls from 0.5 to 0.0005 of the highest during cool-down.
    pub fn learning_rate(&self, epoch: usize) -> f64 {
        let (warmup, cooldown) = (self.warmup_epochs(), self.cooldown_epochs());
        // trainings of a few epochs have no room for either
        if warmup.saturating_add(cooldown) >= self.num_epochs {
            return self.learning_rate;
        }
        let ramp =
            |from: f64, to: f64, i: usize, n: usize| from + (to - from) * i as f64 / (n - 1) as f64;
        let ([up_from, up_to], [from, to]) =
            (self.warmup_lr_start_end_factors, self.cooldown_lr_start_end_factors);
        let factor = if epoch < warmup {
            ramp(up_from, up_to, epoch, warmup)
        } else if epoch + cooldown >= self.num_epochs {
            ramp(from, to, (epoch + cooldown - self.num_epochs).min(cooldown - 1), cooldown)
        } else {
            1.0
        };
        // sums round: a ramp from a large factor to a tiny one may end below 0
        self.learning_rate * factor.max(0.0)
    }

    /// Loss weights of an epoch, linear between the [transition's epochs](Self::transition_epochs). In a training of
    /// one epoch they are the last weights.
    pub fn loss_weights(&self, epoch: usize) -> LossWeights {
        if self.num_epochs <= 1 && self.loss_weight_transition_end_epoch.is_none() {
            return self.loss_weights_final;
        }
        let [from, to] = self.transition_epochs();
        let fraction = ((epoch as f64 - from) / (to - from)).clamp(0.0, 1.0);
        let mut weights = self.loss_weights_init;
        for (w, last) in weights.iter_mut().zip(self.loss_weights_final) {
            *w = *w * (1.0 - fraction) + last * fraction;
        }
        weights
    }

    /// Weight of Taylor consistency in an epoch: 0 during the warm-up, then rising to its highest over as many epochs;
    /// an untrained twin has no response worth comparing.
    pub fn taylor_weight(&self, epoch: usize) -> f64 {
        let warmup = self.warmup_epochs() as f64;
        self.taylor_consistency * ((epoch as f64 + 1.0 - warmup) / warmup).clamp(0.0, 1.0)
    }

    /// The recipe for a training of at most `max_steps` steps over `simulations` train simulations, with only as many
    /// epochs as these steps take, so that the whole schedule, loss weights included, fits into the training.
    #[must_use]
    pub fn shortened(mut self, max_steps: Option<u64>, simulations: usize) -> Self {
        if let Some(most) = max_steps {
            let per_epoch = self.steps_per_epoch(simulations).max(1) as u64;
            let epochs = usize::try_from(most.div_ceil(per_epoch)).unwrap_or(usize::MAX);
            self.num_epochs = self.num_epochs.min(epochs.max(1));
        }
        self
    }

    /// Number of training steps in an epoch over `simulations` train simulations.
    pub fn steps_per_epoch(&self, simulations: usize) -> usize {
        simulations.div_ceil(self.train_batch_size.max(1))
    }

    /// Number of training steps in all epochs over `simulations` train simulations.
    pub fn steps(&self, simulations: usize) -> u64 {
        self.steps_per_epoch(simulations) as u64 * self.num_epochs as u64
    }

    /// Training steps between validations: about an epoch unless the recipe says otherwise.
    pub fn steps_per_validation(&self, steps_per_epoch: usize) -> usize {
        self.num_batches_per_valid_eval.unwrap_or((steps_per_epoch * 95 / 100).max(1))
    }
}

impl HasSettings for Recipe {
    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::other("num_epochs", |r: &Self| size(r.num_epochs, 1_000_000)),
            Setting::other("train_batch_size", |r| size(r.train_batch_size, 65_536)),
            Setting::other("valid_batch_size", |r| size(r.valid_batch_size, 65_536)),
            Setting::other("train_time_window_size", |r| size(r.train_time_window_size, 1 << 24)),
            Setting::other("valid_time_window_size", |r| size(r.valid_time_window_size, 1 << 24)),
            Setting::other("learning_rate", |r| positive(r.learning_rate)),
            Setting::other("max_grad_norm", |r| positive(r.max_grad_norm)),
            Setting::other("warmup_lr_start_end_factors", |r| {
                factors(r.warmup_lr_start_end_factors)
            }),
            Setting::other("cooldown_lr_start_end_factors", |r| {
                factors(r.cooldown_lr_start_end_factors)
            }),
            Setting::other("num_warmup_epochs", |r| ramp(r, r.num_warmup_epochs)),
            Setting::other("num_cooldown_epochs", |r| ramp(r, r.num_cooldown_epochs)),
            Setting::other("num_batches_per_valid_eval", |r| {
                require(r.num_batches_per_valid_eval != Some(0), 0, "must be at least 1")
            }),
            Setting::other("loss_weight_transition_start_epoch", |r| {
                let [start, _] = r.transition_epochs();
                require(start.is_finite() && start >= 0.0, start, "must be at least 0")
            }),
            Setting::other("loss_weight_transition_end_epoch", |r| {
                let [start, end] = r.transition_epochs();
                let must = "must be after loss_weight_transition_start_epoch";
                require(end.is_finite() && end > start, end, must)
            }),
            Setting::other("weight_decay", |r| weights(&[r.weight_decay])),
            Setting::other("taylor_consistency", |r| weights(&[r.taylor_consistency])),
            Setting::other("loss_weights_init", |r| weights(&r.loss_weights_init)),
            Setting::other("loss_weights_final", |r| weights(&r.loss_weights_final)),
            Setting::free("seed"),
            Setting::free("taylor_form"),
        ]
    }
}

fn size(value: usize, most: usize) -> Result<(), (String, String)> {
    let must = format!("must be a whole number in 1..{most}, and of a size that fits into memory");
    require((1..=most).contains(&value), value, must)
}

fn positive(value: f64) -> Result<(), (String, String)> {
    require(value.is_finite() && value > 0.0, value, "must be above 0")
}

/// The largest share of the highest learning rate. Without a bound, a ramp's product with the epochs is infinite.
const MOST_FACTOR: f64 = 1e6;

fn factors(pair: [f64; 2]) -> Result<(), (String, String)> {
    let fit = pair.iter().all(|f| *f > 0.0 && *f <= MOST_FACTOR);
    require(fit, pair, format!("must be two numbers above 0, and {MOST_FACTOR} at most"))
}

/// Checks the epochs of a warm-up or a cool-down that a recipe gives; at least 2, since the original divides by one
/// less.
fn ramp(recipe: &Recipe, epochs: Option<usize>) -> Result<(), (String, String)> {
    let Some(epochs) = epochs else { return Ok(()) };
    require(epochs >= 2, epochs, "must be at least 2")?;
    let must = "must be so small that warm-up and cool-down together are less than num_epochs";
    let both = recipe.warmup_epochs().saturating_add(recipe.cooldown_epochs());
    require(both < recipe.num_epochs, epochs, must)
}

fn weights(all: &[f64]) -> Result<(), (String, String)> {
    match all.iter().find(|weight| !weight.is_finite() || **weight < 0.0) {
        Some(weight) => require(false, weight, "must be at least 0"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schedule() {
        let recipe = Recipe::default();
        let rate = |epoch| recipe.learning_rate(epoch) / 3e-4;
        assert!((rate(0) - 0.001).abs() < 1e-12);
        assert!((rate(9) - 0.6).abs() < 1e-12);
        assert_eq!(rate(10), 1.0);
        assert_eq!(rate(74), 1.0);
        assert!((rate(75) - 0.5).abs() < 1e-12);
        assert!((rate(99) - 0.0005).abs() < 1e-12);
        assert_eq!(recipe.loss_weights(25), INITIAL_WEIGHTS);
        assert_eq!(recipe.loss_weights(40), FINAL_WEIGHTS);
        assert!((recipe.loss_weights(31)[0] - (2.0 + 22.0 * 0.4)).abs() < 1e-12);
    }

    #[test]
    fn taylor_consistency_comes_in_after_the_warm_up() {
        let recipe = Recipe { taylor_consistency: 2.0, ..Recipe::default() };
        let weights = [0, 9, 10, 14, 19, 99].map(|epoch| recipe.taylor_weight(epoch));
        assert_eq!(weights, [0.0, 0.0, 0.2, 1.0, 2.0, 2.0]);
        assert!((0..100).all(|epoch| Recipe::default().taylor_weight(epoch) == 0.0));
    }

    #[test]
    fn every_training_ends_on_the_spikes() {
        for num_epochs in 1..50 {
            let recipe = Recipe { num_epochs, ..Recipe::default() };
            assert_eq!(recipe.loss_weights(num_epochs - 1), FINAL_WEIGHTS, "{num_epochs}");
            assert!(num_epochs == 1 || recipe.loss_weights(0) == INITIAL_WEIGHTS, "{num_epochs}");
        }
        // from twenty epochs on the schedule is the original's
        for num_epochs in [20, 37, 100, 400, 1000] {
            let recipe = Recipe { num_epochs, ..Recipe::default() };
            let warmup = recipe.warmup_epochs();
            assert_eq!(recipe.loss_weights(5 * warmup / 2), INITIAL_WEIGHTS, "{num_epochs}");
            assert_eq!(recipe.loss_weights(4 * warmup), FINAL_WEIGHTS, "{num_epochs}");
            assert_ne!(recipe.loss_weights(4 * warmup - 1), FINAL_WEIGHTS, "{num_epochs}");
        }
    }

    #[test]
    fn a_recipe_s_schedule_can_be_named() {
        let text = r#"{"num_epochs": 50, "num_warmup_epochs": 5, "num_cooldown_epochs": 11,
            "warmup_lr_start_end_factors": [0.1, 0.9], "cooldown_lr_start_end_factors": [0.8, 0.2],
            "loss_weight_transition_start_epoch": 10, "loss_weight_transition_end_epoch": 20,
            "num_batches_per_valid_eval": 7}"#;
        let recipe = Recipe::from_json(text, TwinKind::Elm).unwrap();
        recipe.check().unwrap();
        assert_eq!(recipe.train_time_window_size, 1024);
        let rate = |epoch| recipe.learning_rate(epoch) / 3e-4;
        for (epoch, want) in [(0, 0.1), (4, 0.9), (5, 1.0), (38, 1.0), (39, 0.8), (49, 0.2)] {
            assert!((rate(epoch) - want).abs() < 1e-12, "{epoch}");
        }
        assert_eq!(recipe.loss_weights(10), INITIAL_WEIGHTS);
        assert!((recipe.loss_weights(15)[0] - 13.0).abs() < 1e-12);
        assert_eq!(recipe.loss_weights(20), FINAL_WEIGHTS);
        assert_eq!(recipe.steps_per_validation(100), 7);
        let again = serde_json::to_string(&recipe).unwrap();
        assert_eq!(Recipe::from_json(&again, TwinKind::Elm).unwrap(), recipe);
        // keys with published values are not written
        let published = serde_json::to_string(&Recipe::default()).unwrap();
        assert!(!published.contains("warmup") && !published.contains("transition"), "{published}");
    }

    #[test]
    fn strong_decay_ends_in_other_weights() {
        let weights = |text| Recipe::from_json(text, TwinKind::Tcn).unwrap().loss_weights_final;
        assert_eq!(weights(r#"{"weight_decay": 0.1}"#), [24.0, 0.165, 0.3, 3.5, 0.8]);
        assert_eq!(weights(r#"{"weight_decay": 0.0999}"#), FINAL_WEIGHTS);
        let named = r#"{"weight_decay": 0.5, "loss_weights_final": [1, 1, 1, 1, 1]}"#;
        assert_eq!(weights(named), [1.0; 5]);
    }

    #[test]
    fn no_ramp_ends_below_0() {
        for from in [1e6, 0.3e6, 0.7, 1.0 / 3.0] {
            for cooldown in 2..80 {
                let recipe = Recipe {
                    cooldown_lr_start_end_factors: [from, 1e-300],
                    num_cooldown_epochs: Some(cooldown),
                    ..Recipe::default()
                };
                recipe.check().unwrap();
                let mut rates = (0..recipe.num_epochs).map(|epoch| recipe.learning_rate(epoch));
                assert!(rates.all(|rate| rate >= 0.0), "{from} over {cooldown}");
            }
        }
    }

    #[test]
    fn an_impossible_schedule_is_named() {
        for (text, word) in [
            (r#"{"num_warmup_epochs": 1}"#, "num_warmup_epochs = 1: must be at least 2"),
            (r#"{"num_cooldown_epochs": 95}"#, "less than num_epochs"),
            (r#"{"num_warmup_epochs": 18446744073709551615}"#, "less than num_epochs"),
            (r#"{"warmup_lr_start_end_factors": [0, 1]}"#, "warmup_lr_start_end_factors"),
            (r#"{"cooldown_lr_start_end_factors": [1, -1]}"#, "cooldown_lr_start_end_factors"),
            (r#"{"cooldown_lr_start_end_factors": [1e308, 1]}"#, "1000000 at most"),
            (r#"{"loss_weight_transition_start_epoch": -1}"#, "start_epoch = -1"),
            (r#"{"loss_weight_transition_end_epoch": 25}"#, "end_epoch = 25"),
            (r#"{"num_batches_per_valid_eval": 0}"#, "num_batches_per_valid_eval"),
        ] {
            let recipe = Recipe::from_json(text, TwinKind::Tcn).unwrap();
            let message = recipe.check().unwrap_err().to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
        for (text, words) in [
            ("[]", "not a JSON object"),
            ("{\"num_warmup\": 3}", "did you mean \"num_warmup_epochs\"?"),
            ("{\"num_warmup_epochs\": 2.5}", "key \"num_warmup_epochs\""),
        ] {
            let message = Recipe::from_json(text, TwinKind::Tcn).unwrap_err().to_string();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn a_training_that_is_cut_off_has_a_schedule_of_its_own_length() {
        let recipe = Recipe { num_epochs: 30, train_batch_size: 4, ..Recipe::default() };
        let of = |most, simulations| recipe.clone().shortened(most, simulations).num_epochs;
        // 24 simulations in batches of 4: six steps an epoch
        assert_eq!([of(Some(60), 24), of(Some(61), 24), of(None, 24)], [10, 11, 30]);
        assert_eq!([of(Some(600), 24), of(Some(0), 24), of(Some(60), 0)], [30, 1, 30]);
        let short = recipe.shortened(Some(60), 24);
        assert!(short.learning_rate(9) < 1e-3 * short.learning_rate);
    }

    #[test]
    fn short_trainings_have_a_schedule_too() {
        for num_epochs in 1..30 {
            let recipe = Recipe { num_epochs, ..Recipe::default() };
            for epoch in 0..num_epochs {
                let rate = recipe.learning_rate(epoch);
                assert!(rate > 0.0 && rate <= recipe.learning_rate, "{num_epochs} {epoch}");
            }
        }
    }
}
