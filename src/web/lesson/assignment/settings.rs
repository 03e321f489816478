//! The recipe that all ten twins share, and the command that trains them by it.

use crate::twin::schedule::Recipe;
use crate::web::lesson::shared::Neuron;
use crate::web::settings;
use crate::web::trainer::protocol::RunRecord;
use std::fmt::Write as _;

/// The assignment's settings, as the controls have them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct QueueSettings {
    /// The recipe of all runs.
    pub(super) recipe: Recipe,
    /// Steps after which a run ends where its recipe does not end earlier; `None` for no limit.
    pub(super) max_steps: Option<u64>,
    /// Whether recorded results are shown as well, beside the learner's own.
    pub(super) fill: bool,
}

impl QueueSettings {
    /// The settings as the controls have them, whose bounds in the markup are within those of a recipe.
    pub(super) fn of(controls: &impl settings::Settings) -> Self {
        let window = controls.whole(number!("win"));
        let recipe = Recipe {
            num_epochs: controls.whole(number!("ep")),
            train_batch_size: controls.whole(number!("batch")),
            train_time_window_size: window,
            valid_time_window_size: 2 * window,
            learning_rate: controls.number(number!("lr")),
            seed: controls.seed(number!("run-seed")),
            ..Recipe::default()
        };
        let max = controls.whole(number!("max")) as u64;
        Self { recipe, max_steps: (max > 0).then_some(max), fill: controls.on(switch!("fill")) }
    }

    /// Whether a run was begun with these settings.
    pub(super) fn are_of(&self, record: &RunRecord) -> bool {
        let recipe = self.recipe.clone().shortened(self.max_steps, record.simulations[0]);
        record.plan.recipe == recipe && record.plan.max_steps == self.max_steps
    }

    /// The commands that make the data sets and train all ten twins.
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
    use std::collections::BTreeMap;

    /// The values of controls, by their keys.
    struct Values(BTreeMap<&'static str, &'static str>);

    impl settings::Settings for Values {
        fn value(&self, key: &str) -> Option<String> {
            self.0.get(key).map(|value| (*value).to_owned())
        }
    }

    /// The least and the greatest value that the markup allows a control.
    fn ends(key: &str) -> [&'static str; 2] {
        const MARKUP: &str = include_str!("../../../../www/lessons/assignment.html");
        let (_, control) = MARKUP.split_once(&format!("data-key=\"{key}\"")).unwrap();
        let between = |text: &'static str, from: &str, to: &str| {
            let (_, rest) = text.split_once(from).unwrap();
            rest.split_once(to).unwrap()
        };
        let (tag, after) = control.split_once('>').unwrap();
        if tag.contains("min=") {
            return ["min=\"", "max=\""].map(|bound| between(tag, bound, "\"").0);
        }
        // a select: its options' values, or the text of an option that has no value of its own
        let options = after.split_once("</select>").unwrap().0.split("<option").skip(1);
        let mut values: Vec<&str> = options
            .map(|option| match option.contains("value=") {
                true => between(option, "value=\"", "\"").0,
                false => between(option, ">", "<").0,
            })
            .collect();
        values.sort_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse().unwrap()));
        [values[0], values[values.len() - 1]]
    }

    /// The markup alone has the bounds of the controls; a recipe at either end of them can be trained by.
    #[test]
    fn the_controls_allow_no_recipe_that_is_refused() {
        for end in [0, 1] {
            let keys = ["ep", "max", "batch", "win", "lr", "run-seed"];
            let mut values: BTreeMap<_, _> = keys.map(|key| (key, ends(key)[end])).into();
            values.insert("fill", "1");
            let settings = QueueSettings::of(&Values(values));
            assert_eq!(settings.recipe.check(), Ok(()), "{settings:?}");
            assert_eq!(settings.max_steps.is_some(), end == 1);
        }
    }

    #[test]
    fn the_command_names_what_is_not_as_published() {
        let short = NeuronNames::get();
        let text = QueueSettings::default().command();
        assert!(text.ends_with(&format!("--data data/{}", short.1)), "{text}");
        assert!(text.contains(&format!("--data data/{} \\\n", short.0)));
        let recipe = Recipe { num_epochs: 30, seed: 2, ..Recipe::default() };
        let text = QueueSettings { recipe, ..QueueSettings::default() }.command();
        assert!(text.ends_with(" \\\n    --epochs 30 --seed 2"), "{text}");
    }

    /// A run with `max_steps` has a recipe of its own length.
    #[test]
    fn a_run_knows_its_settings_again() {
        let recipe = Recipe { num_epochs: 30, train_batch_size: 4, ..Recipe::default() };
        let settings = QueueSettings { recipe: recipe.clone(), max_steps: Some(60), fill: true };
        let mut record = RunRecord::of_name("a");
        record.simulations = [24, 4];
        record.plan.recipe = recipe.clone().shortened(Some(60), 24);
        record.plan.max_steps = Some(60);
        assert_eq!(record.plan.recipe.num_epochs, 10);
        assert!(settings.are_of(&record));
        assert!(!QueueSettings { max_steps: None, ..settings.clone() }.are_of(&record));
        assert!(
            !QueueSettings { recipe: Recipe { seed: 1, ..recipe }, ..settings }.are_of(&record)
        );
    }

    struct NeuronNames;

    impl NeuronNames {
        fn get() -> (String, String) {
            let [point, cable] = Neuron::ALL.map(|neuron| neuron.params().short_name());
            (point, cable)
        }
    }
}
