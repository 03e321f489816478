//! What is shown of a twin before it is trained: its size, its receptive field, and what each budget does.

use super::reach::{Reach, reach};
use super::{TwinLesson, choose, field, schedules, walk};
use crate::text::{self, count};
use crate::twin::config::TwinConfig;
use crate::twin::forecast::{self, Budget, Forecast};
use crate::twin::schedule::Recipe;
use crate::web::dom;
use crate::web::lesson::shared::Neuron;
use crate::web::lesson::source::TwinData;
use crate::web::lesson::{command, device, place, show, write};
use crate::web::names::Action;
use crate::web::plot::scale;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{Measure, Measured};
use std::cmp::Ordering;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};

/// Numbers of train and validation simulations that are supposed where there is no data set yet.
const SUPPOSED: [usize; 2] = [24, 2];

/// A twin's name: the original's short name.
pub(super) fn name(config: &TwinConfig) -> String {
    config.short_name(config.num_parameters())
}

/// The key of a measured speed: the device that the learner wants, and the twin's name.
pub(super) fn speed_key(config: &TwinConfig) -> String {
    format!("{} {}", device::wanted_key(), name(config))
}

impl TwinLesson {
    /// Shows the twin's size, name and receptive field.
    pub(super) fn show_twin(&self) {
        let state = self.state.borrow();
        let Some(config) = &state.config else { return };
        let letter = config.letter();
        let params = config.num_parameters();
        write(&self.root, stat!("params"), &text::grouped(params));
        write(&self.root, stat!("short-name"), &name(config));
        write(&self.root, stat!("name-words"), &name_text(config));
        let field = config.receptive_field();
        let message = match field {
            Some(ms) => format!("{} ms", text::grouped(ms)),
            None => "without a limit".into(),
        };
        write(&self.root, stat!("field"), &message);
        let message = match (config, field) {
            (TwinConfig::Elm(elm), _) => format!(
                "An ELM looks back without a limit, but it forgets: of a value, its slowest unit has 37% left after {} ms.",
                scale::fixed(elm.memory_tau_max, 0)
            ),
            (_, Some(ms)) if ms < 140 => {
                "That is less than two time constants of an NMDA current.".into()
            }
            _ => String::new(),
        };
        write(&self.root, stat!("field-words"), &message);
        write(&self.root, stat!("input-of"), state.stretch_of.as_deref().unwrap_or("on its way"));
        for button in dom::all::<Element>(&self.root, "[data-letter]") {
            let this = button.get_attribute("data-letter") == letter.map(String::from);
            button.set_attribute("aria-pressed", if this { "true" } else { "false" }).ok();
        }
        let stops = config.tour(walk::WALKED_MS);
        self.walk.set(walk::figure(&stops));
        walk::table(&self.root, &stops);
        if state.stretch.len() > 0 {
            self.field.set(field::figure(&state.stretch, state.set.at, field));
        }
    }

    /// The forecast of one budget, by its key.
    fn forecast(&self, key: &str, config: &TwinConfig) -> Forecast {
        let state = self.state.borrow();
        let counts = match &state.source {
            Some(source) if source.counts[0] > 0 => [source.counts[0], source.counts[1]],
            _ => SUPPOSED,
        };
        let speed = state.speeds.get(&speed_key(config)).copied();
        let seed = state.set.seed;
        let mut forecast = match Budget::ALL.into_iter().find(|budget| budget.key() == key) {
            Some(budget) => forecast::plan(budget, config.kind(), counts, speed),
            None => {
                let own = state.set.own;
                let recipe = Recipe {
                    num_epochs: own.epochs,
                    train_batch_size: own.batch,
                    valid_batch_size: own.batch,
                    train_time_window_size: own.window,
                    learning_rate: own.rate,
                    ..Recipe::of(config.kind())
                };
                forecast::forecast(recipe, (own.most > 0).then_some(own.most), counts, speed)
            }
        };
        forecast.recipe.seed = seed;
        forecast
    }

    /// Shows what each budget does, and the schedules of the chosen one.
    pub(super) fn show_plan(&self) {
        let Some(config) = self.state.borrow().config.clone() else { return };
        let chosen = self.state.borrow().set.budget.clone();
        let known = self.state.borrow().speeds.contains_key(&speed_key(&config));
        let mut estimated = false;
        for key in ["2", "15", "full", "own"] {
            let forecast = self.forecast(key, &config);
            let row = dom::find::<HtmlElement>(&self.root, &format!("[data-budget='{key}']"));
            let Some(row) = row else { continue };
            row.class_list().toggle_with_force("chosen", chosen == key).ok();
            dom::show(&row, key != "own" || chosen == "own");
            let counted = known || matches!(key, "full" | "own");
            let put = |what: &str, text: &str| write(&self.root, stat!("b{}-{}", key, what), text);
            let or_dash = |text: String| if counted { text } else { "?".into() };
            put("steps", &or_dash(text::grouped(forecast.steps)));
            let digits = usize::from(forecast.epochs < 10.0);
            put("epochs", &or_dash(scale::fixed(forecast.epochs, digits)));
            put("time", &forecast.seconds.map_or("?".into(), text::time));
            let expected = counted.then(|| self.expected(&config, &forecast)).flatten();
            estimated |= expected.is_some();
            put("auc", &expected.map_or("–".into(), |reach| reach_text(&reach)));
            if chosen == key {
                self.ask_for_more(&forecast);
                self.schedules.set(schedules::figure(&forecast.recipe, self.run.borrow().epoch()));
                self.write_command(&config, &forecast.recipe);
                self.state.borrow_mut().forecast = Some(forecast);
            }
        }
        let estimate = match (estimated, known) {
            (true, _) => {
                "From recorded runs of this twin on about as many simulations of this neuron: an estimate with its 95% interval, not a promise. The interval covers the choice of the test simulations, not the seed: another seed may end outside it. "
            }
            (false, true) => "There are no recorded runs of this size to estimate it from. ",
            (false, false) => "",
        };
        let guessed = match known {
            true => "",
            false => {
                "How far a budget goes is known once the speed is measured; until then the schedules and the command are those for a slow device."
            }
        };
        let message = format!("{estimate}{guessed}");
        write(&self.root, stat!("reach-words"), message.trim_end());
        self.show_data();
    }

    fn expected(&self, config: &TwinConfig, forecast: &Forecast) -> Option<Reach> {
        let state = self.state.borrow();
        let source = state.source.as_ref()?;
        let neuron = [source.name.as_str(), source.neuron().map_or("", Neuron::key)];
        let name = config.letter().map_or_else(|| name(config), String::from);
        let train = source.counts[0];
        reach(&state.reach, neuron, &name, &forecast.recipe, forecast.steps, train)
    }

    /// Says where a budget is enough for more simulations than the data set has, and links to lesson 5.
    fn ask_for_more(&self, forecast: &Forecast) {
        let state = self.state.borrow();
        let wants = forecast.wants.filter(|_| state.source.is_some());
        show(&self.root, part!("more-data"), wants.is_some());
        let (Some(wants), Some(source)) = (wants, &state.source) else { return };
        let message = format!(
            "This is {} passes over {}, which the twin will know by heart. The same time is enough for {wants}: ",
            scale::fixed(forecast.epochs, 0),
            count(source.counts[0], "simulation"),
        );
        write(&self.root, stat!("more-data"), &message);
        let cell = source.neuron().unwrap_or(Neuron::Cable).key();
        let link: Element = place(&self.root, link!("more-data"));
        link.set_attribute("href", &format!("../data-set/#dataset?cell={cell}&n={wants}")).ok();
    }

    fn show_data(&self) {
        let state = self.state.borrow();
        let missing = state.source.is_none() && state.stored.is_some();
        show(&self.root, part!("missing"), missing);
        let message = match (&state.source, &state.stored) {
            (Some(source), _) => data_text(source),
            (None, None) => "Looking for the data set of lesson 5 …".into(),
            (None, Some(_)) => "Nothing to learn from yet.".into(),
        };
        write(&self.root, stat!("data-words"), &message);
    }

    fn write_command(&self, config: &TwinConfig, recipe: &Recipe) {
        let state = self.state.borrow();
        let name = state.source.as_ref().map_or("NEURON", |source| source.name.as_str());
        command::show(&self.root, cli!("train"), &train_command(config, recipe, name, "runs/mine"));
    }

    /// Measures the chosen twin's speed; then starts the training where `then_start` asks for it.
    pub(super) fn measure(self: &Rc<Self>, then_start: bool) {
        let Some(config) = self.state.borrow().config.clone() else { return };
        if self.workers.trainer.is_training() {
            return write(&self.root, stat!("measured"), "Not while a twin is being trained.");
        }
        write(
            &self.root,
            stat!("measured"),
            "Three seconds for each device, and a few to get ready …",
        );
        self.disable(action!("measure"), true);
        let recipe = Budget::Two.recipe(config.kind());
        let work = forecast::step_ms(&recipe);
        let question = Measure {
            config: config.clone(),
            recipe,
            wanted: device::wanted(),
            parts: device::parts(),
        };
        let key = speed_key(&config);
        self.this.ask(question, &self.workers.trainer, move |lesson, reply| {
            let message = match reply {
                Reply::Answer(Measured { text, steps_per_s, all, .. }) => {
                    device::keep_measured(&config, &all);
                    let speed = steps_per_s * work;
                    lesson.state.borrow_mut().speeds.insert(key.clone(), speed);
                    let digits = if steps_per_s < 10.0 { 2 } else { 0 };
                    format!("{} small steps a second. {text}", scale::fixed(steps_per_s, digits))
                }
                Reply::Failed(error) => format!("It could not be measured: {error}"),
            };
            write(&lesson.root, stat!("measured"), &message);
            lesson.disable(action!("measure"), false);
            lesson.show_plan();
            if then_start {
                lesson.start_now();
            }
        });
    }

    pub(super) fn disable(&self, action: Action, disabled: bool) {
        dom::disable(&place(&self.root, action), disabled);
    }
}

/// How the D and the T of a TCN's name come from the sliders, in words.
fn name_text(config: &TwinConfig) -> String {
    let TwinConfig::Tcn(tcn) = config else { return String::new() };
    let depth: usize = tcn.num_layers_per_block_list.iter().sum();
    let taps = tcn.first_layer_temporal_kernel_size;
    let field = config.receptive_field().unwrap_or_default();
    format!(
        "here D {} = 1 + {depth} and T {field} = {taps} + {depth} · {}",
        depth + 1,
        taps.saturating_sub(1)
    )
}

fn reach_text(reach: &Reach) -> String {
    // a twin that is no better than a coin has hardly begun, and foretells nothing
    if reach.auc < 0.55 {
        return "about 0.5: it has hardly begun".into();
    }
    let auc = scale::fixed(reach.auc, 3);
    let (low, high) = reach.interval;
    let interval = format!("({}–{})", scale::fixed(low, 3), scale::fixed(high, 3));
    match reach.beyond {
        Ordering::Less => format!("at most {auc}"),
        Ordering::Equal => format!("{auc} {interval}"),
        Ordering::Greater => format!("about {auc} {interval}"),
    }
}

fn data_text(source: &TwinData) -> String {
    let [train, valid, _] = source.counts;
    let counts = match train {
        0 => String::new(),
        _ => format!(": {} to learn from, {valid} to validate on", count(train, "simulation")),
    };
    let whose = if source.is_recorded() { "Recorded data" } else { "Your data" };
    format!("{whose} of {}{counts}.", source.label())
}

/// The commands of the command line that do the training.
pub(in crate::web::lesson) fn train_command(
    config: &TwinConfig,
    recipe: &Recipe,
    neuron: &str,
    out: &str,
) -> String {
    let (file, twin) = choose::options(config);
    let published = Recipe::of(config.kind());
    let mut options = format!(" --epochs {}", recipe.num_epochs);
    if recipe.train_batch_size != published.train_batch_size {
        options += &format!(" --batch-size {}", recipe.train_batch_size);
    }
    if recipe.train_time_window_size != published.train_time_window_size {
        options += &format!(" --window {}", recipe.train_time_window_size);
    }
    if recipe.learning_rate != published.learning_rate {
        let rate = scale::fixed(recipe.learning_rate, 6);
        options += &format!(" --learning-rate {}", rate.trim_end_matches('0'));
    }
    if recipe.taylor_consistency > 0.0 {
        options += &format!(" --taylor-consistency {}", recipe.taylor_consistency);
    }
    format!(
        "{file}ballstick train --data data/{neuron} {twin} \\\n   {options} --seed {} --out {out}",
        recipe.seed
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::{TcnConfig, TwinKind};

    #[test]
    fn the_name_is_led_back_to_the_sliders() {
        let tcn = |d, t| {
            TwinConfig::Tcn(TcnConfig {
                first_layer_temporal_kernel_size: t,
                num_layers_per_block_list: vec![d],
                temporal_kernel_size_per_block_list: vec![t],
                ..TcnConfig::default()
            })
        };
        let config = tcn(2, 21);
        assert_eq!(name_text(&config), "here D 3 = 1 + 2 and T 61 = 21 + 2 · 20");
        assert!(name(&config).contains("_D_3_") && name(&config).contains("_T_61_"));
        let a = TwinConfig::Tcn(TcnConfig::assignment('A', 8).unwrap());
        assert_eq!(name_text(&a), "here D 2 = 1 + 1 and T 181 = 91 + 1 · 90");
    }

    #[test]
    fn no_forecast_is_below_a_coin() {
        let of = |auc, beyond| reach_text(&Reach { auc, interval: (auc - 0.1, auc + 0.1), beyond });
        assert_eq!(of(0.3076, Ordering::Less), "about 0.5: it has hardly begun");
        assert_eq!(of(0.8, Ordering::Less), "at most 0.800");
        assert_eq!(of(0.8, Ordering::Equal), "0.800 (0.700–0.900)");
    }

    #[test]
    fn the_published_recipe_needs_few_options() {
        let config = TwinConfig::Tcn(TcnConfig::assignment('C', 8).unwrap());
        let text = train_command(&config, &Recipe::of(TwinKind::Tcn), "N", "o");
        let want = "ballstick train --data data/N --twin tcn --config C \\\n    --epochs 100 --seed 0 --out o";
        assert_eq!(text, want);
        let short = Budget::Two.recipe(TwinKind::Tcn);
        let text = train_command(&config, &short, "N", "o");
        assert!(
            text.contains("--batch-size 8 --window 512 --learning-rate 0.002 --seed"),
            "{text}"
        );
    }
}
