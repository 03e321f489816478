//! Resuming a run: options that agree with the run are kept, and those that contradict it are refused.
//!
//! Only `--epochs` and `--device` may change. The data may have another path, but must be the same simulations.

use anyhow::Result;
use ballstick::data::manifest::difference;
use ballstick::data::{Model, Source, Split};
use ballstick::text::{count, from_json};
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Progress;
use ballstick::twin::weights::{Header, LearntFrom};
use serde_json::{Map, Value};

use super::data;
use crate::commands::train::{RecipeArgs, TrainArgs, architecture};
use crate::files::{self, usage};
use crate::store::identity::Identity;
use crate::store::{DataSet, SplitSource};

/// The settings and data with which a run is resumed.
pub struct Continued {
    /// The run's recipe, perhaps with another number of epochs.
    pub recipe: Recipe,
    /// The simulations that the run trains on.
    pub train: SplitSource,
    /// The simulations that the run validates on.
    pub valid: SplitSource,
    /// Notes for the user, such as on data that have changed.
    pub notes: Vec<String>,
}

/// Number of a run's epochs that are over; one that has begun counts.
pub fn epochs_done(progress: &Progress) -> usize {
    progress.epoch + usize::from(progress.batch > 0)
}

/// The settings and data of a run's header together with the options typed.
///
/// # Errors
/// A usage error that names the option or the data that contradict the run.
pub fn continued(header: &Header, args: &TrainArgs, set: &DataSet) -> Result<Continued> {
    let progress = header.progress.unwrap_or_else(Progress::start);
    let before = header.recipe.clone().unwrap_or_default();
    let recipe = recipe(&before, &args.recipe)?;
    twin(header, args)?;
    let done = epochs_done(&progress);
    if recipe.num_epochs < done {
        let problem = format!(
            "is {}, but the run has had {} already",
            recipe.num_epochs,
            count(done, "epoch")
        );
        return Err(usage("--epochs", problem));
    }
    let mut notes = Vec::new();
    let (from, to) = (before.num_epochs, recipe.num_epochs);
    if from != to {
        let rest = "learning rate and loss weights go on as in a run of";
        notes.push(format!("{} instead of {from}: {rest} {to}", count(to, "epoch")));
    }
    if progress.epoch >= to {
        notes.push(format!("its epochs are all done ({to}); a larger --epochs goes on"));
    }
    let [train, valid] = simulations(header, set, args.recipe.limit, &mut notes)?;
    Ok(Continued { recipe, train, valid, notes })
}

/// The error of an option that contradicts the run.
fn contradicts(
    option: &str,
    here: impl std::fmt::Display,
    run: impl std::fmt::Display,
) -> anyhow::Error {
    let rule =
        "going on, only --epochs and --device may change; choose another --out for another run";
    usage(option, format!("is {here}, but the run's is {run}; {rule}"))
}

/// The run's recipe, if the options agree with it.
fn recipe(before: &Recipe, args: &RecipeArgs) -> Result<Recipe> {
    let before_keys = keys_of(before);
    // a key that a recipe's JSON leaves out counts as null
    let of_run = |key: &str| before_keys.get(key).cloned().unwrap_or_default();
    let mut typed = before.clone();
    args.change(&mut typed);
    typed.check().map_err(|e| usage("recipe", e))?;
    let mut num_epochs = typed.num_epochs;
    for (key, value) in keys_of(&typed) {
        if of_run(&key) != value && key != EPOCHS {
            return Err(contradicts(option(&key), value, of_run(&key)));
        }
    }
    if args.taylor_form.is_some() && before.taylor_consistency == 0.0 {
        return Err(usage("--taylor-form", "the run learns without --taylor-consistency"));
    }
    if let Some(path) = &args.recipe {
        let fault = |e: &dyn std::fmt::Display| usage(path.display(), e);
        let text = files::read_text(path)?;
        let mut whole: Recipe = from_json(&text).map_err(|e| fault(&e))?;
        // options take precedence over the file, which counts only for the keys that it gives
        args.change(&mut whole);
        whole.check().map_err(|e| fault(&e))?;
        let said: Map<String, Value> = from_json(&text).map_err(|e| fault(&e))?;
        let whole_keys = keys_of(&whole);
        for key in said.keys() {
            let value = whole_keys.get(key).cloned().unwrap_or_default();
            if key == EPOCHS {
                num_epochs = whole.num_epochs;
            } else if of_run(key) != value {
                return Err(contradicts(&format!("--recipe, {key}"), value, of_run(key)));
            }
        }
    }
    Ok(Recipe { num_epochs, ..before.clone() })
}

const EPOCHS: &str = "num_epochs";

/// All keys of a recipe, also those that its JSON leaves out.
fn keys_of(recipe: &Recipe) -> Map<String, Value> {
    let mut keys = match serde_json::to_value(recipe) {
        Ok(Value::Object(keys)) => keys,
        _ => Map::new(),
    };
    keys.insert("taylor_consistency".to_owned(), recipe.taylor_consistency.into());
    keys.insert("taylor_form".to_owned(), serde_json::json!(recipe.taylor_form));
    keys
}

/// The option by which a key of the recipe is typed.
fn option(key: &str) -> &str {
    match key {
        "seed" => "--seed",
        "train_batch_size" => "--batch-size",
        "train_time_window_size" => "--window",
        "learning_rate" => "--learning-rate",
        "taylor_consistency" => "--taylor-consistency",
        "taylor_form" => "--taylor-form",
        other => other,
    }
}

/// Checks that `--twin` and `--config` agree with the run.
fn twin(header: &Header, args: &TrainArgs) -> Result<()> {
    let run = &header.config;
    if let Some(kind) = args.twin.filter(|kind| *kind != run.kind()) {
        return Err(contradicts("--twin", kind.name(), run.kind().name()));
    }
    let Some(text) = args.config.as_deref() else { return Ok(()) };
    let asked = architecture(args.twin, Some(text), run.ports().in_spatial_dim)?;
    if asked.kind() != run.kind() {
        return Err(contradicts("--config", asked.kind().name(), run.kind().name()));
    }
    let json = |config| serde_json::to_value(config).unwrap_or_default();
    match difference("", &json(&asked), &json(run)) {
        None => Ok(()),
        Some((key, here, there)) => {
            let key = key.trim_start_matches("config.");
            Err(contradicts(&format!("--config {text}, {key}"), here, there))
        }
    }
}

/// The run's train and validation simulations in a data set, which must be the one on which the run was begun.
fn simulations(
    header: &Header,
    set: &DataSet,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<[SplitSource; 2]> {
    same_neuron(header, set)?;
    let number = |key: &str| header.data.get(key).and_then(Value::as_u64).map(|n| n as usize);
    let of_run = number("limit");
    let known = of_run.or(number("train"));
    let agrees = |limit| Some(limit) == of_run || Some(limit) == number("train");
    if let (Some(limit), Some(known)) = (limit.filter(|limit| !agrees(*limit)), known) {
        return Err(contradicts("--limit", limit, known));
    }
    let mut both = [data::split(set, Split::Train, None)?, data::split(set, Split::Valid, None)?];
    for source in &mut both {
        let split = source.split();
        let (there, Some(wanted)) = (source.len(), number(split.name())) else { continue };
        if there < wanted {
            let problem = format!(
                "has {}; the run was begun on {wanted}",
                count(there, &format!("{split} simulation"))
            );
            return Err(usage(set.path.display(), problem));
        }
        if there > wanted && (split != Split::Train || of_run.is_none()) {
            notes.push(format!(
                "{there} {split} simulations are there now; the run goes on with its {wanted}"
            ));
        }
        source.names.truncate(wanted);
    }
    let found = identity(&both)?;
    let mut compared = true;
    for (source, found) in both.iter().zip(found) {
        let split = source.split();
        let begun = header.data.get("identity").and_then(|both| both.get(split.name()));
        let begun: Option<Identity> = begun.and_then(|i| serde_json::from_value(i.clone()).ok());
        if begun.as_ref().is_some_and(|begun| !begun.agrees(&found)) {
            let problem = format!(
                "its {split} simulations are not those that the run was begun on; choose another --out"
            );
            return Err(usage(set.path.display(), problem));
        }
        compared &= begun.is_some();
    }
    let begun = header.data.get("identity").and_then(|identity| identity.get(PARTNERS));
    let begun: Option<Vec<Identity>> = begun.and_then(|i| serde_json::from_value(i.clone()).ok());
    // without Taylor consistency the partners do not matter
    let learns = header.recipe.as_ref().is_some_and(|recipe| recipe.taylor_consistency > 0.0);
    if let Some(begun) = begun.filter(|_| learns) {
        let found = partners(&both[0])?;
        if begun.len() != found.len() || !begun.iter().zip(&found).all(|(a, b)| a.agrees(b)) {
            let problem = "its perturbed simulations are not those that the run was begun on; \
                choose another --out";
            return Err(usage(set.path.display(), problem));
        }
    }
    if !compared {
        let name = header.data.get("name").and_then(Value::as_str).unwrap_or("a data set");
        notes.push(format!("the run does not tell the checksums of {name}, which it was begun on; it goes on all the same"));
    }
    Ok(both)
}

/// Checks that the data set's neuron is the run's, as far as both name one.
fn same_neuron(header: &Header, set: &DataSet) -> Result<()> {
    let Some(manifest) = set.manifest.as_ref().filter(|_| !header.neuron.is_null()) else {
        return Ok(());
    };
    // a parameter that an earlier version did not write has its default
    let run = Model::from_json(&header.neuron.to_string());
    let run = run.map_or_else(|_| header.neuron.clone(), |model| model.to_json());
    match difference("", &manifest.neuron.to_json(), &run) {
        None => Ok(()),
        Some((key, here, there)) => {
            let problem = format!(
                "is of another neuron than the run: its {key} is {here}, the run's {there}; choose another --out"
            );
            Err(usage(set.path.display(), problem))
        }
    }
}

fn identity(both: &[SplitSource; 2]) -> Result<[Identity; 2]> {
    let of = |source| Identity::of(source).map_err(|e| usage(e.what, e.problem));
    let [train, valid] = both;
    Ok([of(train)?, of(valid)?])
}

/// The key of the partners' identities in the header.
const PARTNERS: &str = "perturbed";

/// The identities of each set of partners of the train simulations.
fn partners(train: &SplitSource) -> Result<Vec<Identity>> {
    let partners = train.partners()?;
    let of = |source| Identity::of(source).map_err(|e| usage(e.what, e.problem));
    partners.iter().map(of).collect()
}

/// The description of a new run's data.
///
/// # Errors
/// A usage error for a simulation that cannot be read.
pub fn learnt_from(
    set: &DataSet,
    both: &[SplitSource; 2],
    limit: Option<usize>,
) -> Result<LearntFrom> {
    let [train, valid] = identity(both)?;
    let mut keys = Map::new();
    let mut identity = serde_json::json!({ "train": train, "valid": valid });
    let partners = partners(&both[0])?;
    if !partners.is_empty() {
        identity[PARTNERS] = serde_json::json!(partners);
    }
    keys.insert("identity".to_owned(), identity);
    if let Some(limit) = limit {
        keys.insert("limit".to_owned(), limit.into());
    }
    Ok(LearntFrom {
        name: set.title(),
        simulations: both.each_ref().map(Source::len),
        neuron: data::neuron(set),
        identity: keys,
    })
}
