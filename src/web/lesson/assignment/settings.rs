//! The recipe that all ten share, and the command that follows it.

use crate::twin::schedule::Recipe;
use crate::web::controls::Controls;
use crate::web::lesson::shared::Neuron;
use crate::web::names::Number;
use crate::web::settings::Settings as _;
use crate::web::trainer::protocol::RunRecord;
use std::fmt::Write as _;

/// The assignment's settings, as the controls have them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// The recipe of all runs.
    pub(super) recipe: Recipe,
    /// Steps after which a run ends, where it is not earlier at its end.
    pub(super) max_steps: Option<u64>,
    /// Whether recorded results stand in where there are none.
    pub(super) fill: bool,
}

impl Settings {
    pub(super) fn of(controls: &Controls) -> Self {
        let whole = |key: Number, least: f64, most: f64| controls.number(key).clamp(least, most);
        let window = whole(number!("win"), 64.0, 8192.0) as usize;
        let recipe = Recipe {
            num_epochs: whole(number!("ep"), 1.0, 1000.0) as usize,
            train_batch_size: whole(number!("batch"), 1.0, 64.0) as usize,
            train_time_window_size: window,
            valid_time_window_size: 2 * window,
            learning_rate: controls.number(number!("lr")).clamp(1e-6, 1.0),
            seed: controls.seed(number!("run-seed")),
            ..Recipe::default()
        };
        let max = whole(number!("max"), 0.0, 1e9) as u64;
        Self { recipe, max_steps: (max > 0).then_some(max), fill: controls.on(switch!("fill")) }
    }

    /// Whether a run was begun with these settings.
    pub(super) fn are_of(&self, record: &RunRecord) -> bool {
        let recipe = self.recipe.clone().shortened(self.max_steps, record.simulations[0]);
        record.plan.recipe == recipe && record.plan.max_steps == self.max_steps
    }

    /// The commands that make the data sets and train all ten.
    pub(super) fn command(&self) -> String {
        let folder = |neuron: Neuron| format!("data/{}", neuron.params().short_name());
        let mut text = String::new();
        for neuron in Neuron::ALL {
            let (preset, folder) = (neuron.preset(), folder(neuron));
            let _ = writeln!(
                text,
                "ballstick dataset --preset {preset} --out data && ballstick filter {folder}"
            );
        }
        let _ = write!(text, "ballstick sweep --out assignment --configs ABCDE");
        for neuron in Neuron::ALL {
            let _ = write!(text, " \\\n    --data {}", folder(neuron));
        }
        let (recipe, published) = (&self.recipe, Recipe::default());
        let mut options = String::new();
        let mut add = |name: &str, value: String, differs: bool| {
            if differs {
                let _ = write!(options, " --{name} {value}");
            }
        };
        let numbers = [
            ("epochs", recipe.num_epochs, published.num_epochs),
            ("batch-size", recipe.train_batch_size, published.train_batch_size),
            ("window", recipe.train_time_window_size, published.train_time_window_size),
        ];
        for (name, value, default) in numbers {
            add(name, value.to_string(), value != default);
        }
        let rate = recipe.learning_rate;
        add("learning-rate", rate.to_string(), rate != published.learning_rate);
        add("seed", recipe.seed.to_string(), recipe.seed != published.seed);
        if !options.is_empty() {
            let _ = write!(text, " \\\n   {options}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_what_is_not_as_published() {
        let short = NeuronNames::get();
        let text = Settings::default().command();
        assert!(text.ends_with(&format!("--data data/{}", short.1)), "{text}");
        assert!(text.contains(&format!("--data data/{} \\\n", short.0)));
        let recipe = Recipe { num_epochs: 30, seed: 2, ..Recipe::default() };
        let text = Settings { recipe, ..Settings::default() }.command();
        assert!(text.ends_with(" \\\n    --epochs 30 --seed 2"), "{text}");
    }

    /// A run that is cut off follows a recipe as long as it is.
    #[test]
    fn a_run_knows_its_settings_again() {
        let recipe = Recipe { num_epochs: 30, train_batch_size: 4, ..Recipe::default() };
        let settings = Settings { recipe: recipe.clone(), max_steps: Some(60), fill: true };
        let mut record = RunRecord::of_name("a");
        record.simulations = [24, 4];
        record.plan.recipe = recipe.clone().shortened(Some(60), 24);
        record.plan.max_steps = Some(60);
        assert_eq!(record.plan.recipe.num_epochs, 10);
        assert!(settings.are_of(&record));
        assert!(!Settings { max_steps: None, ..settings.clone() }.are_of(&record));
        assert!(!Settings { recipe: Recipe { seed: 1, ..recipe }, ..settings }.are_of(&record));
    }

    struct NeuronNames;

    impl NeuronNames {
        fn get() -> (String, String) {
            let [point, cable] = Neuron::ALL.map(|neuron| neuron.params().short_name());
            (point, cable)
        }
    }
}
