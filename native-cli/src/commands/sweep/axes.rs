//! The axes of a sweep as they are typed, and the neuron, twin and recipe of each cell.

use anyhow::Result;
use ballstick::data::Model;
use ballstick::settings;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::effects::Axis;

use crate::commands::train::{RecipeArgs, architecture};
use crate::files::usage;

/// The most cells that a sweep may have.
const MOST: usize = 10_000;

/// Keys of an axis that stand for an option of `train` or a property of a TCN; the other keys are `neuron.KEY` and
/// `twin.KEY`.
const KEYS: [&str; 12] = [
    "neuron",
    "twin",
    "config",
    "depth",
    "width",
    "taps",
    "seed",
    "epochs",
    "batch_size",
    "window",
    "learning_rate",
    "limit",
];

/// Reads `--axis`: `KEY=V,V,...`, or several axes in one text, `KEY=V,V,KEY=V,V`.
///
/// # Errors
/// A usage error: an unknown key, a key given twice, a value given twice.
pub fn parse(typed: &[String]) -> Result<Vec<Axis>> {
    let mut axes: Vec<Axis> = Vec::new();
    for text in typed {
        let mut open = false;
        for part in split(text) {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (Some(key.trim()), value.trim()),
                None => (None, part.trim()),
            };
            if let Some(key) = key {
                known(key)?;
                if axes.iter().any(|axis| axis.name == key) {
                    return Err(usage("--axis", format!("{key} stands there twice")));
                }
                axes.push(Axis { name: key.to_owned(), values: Vec::new() });
                open = true;
            }
            let axis = axes.last_mut().filter(|_| open).ok_or_else(|| {
                usage("--axis", format!("{text:?} must be KEY=VALUE,VALUE, such as depth=1,2,4"))
            })?;
            if value.is_empty() {
                return Err(usage("--axis", format!("{} has an empty value", axis.name)));
            }
            if axis.values.iter().any(|v| v == value) {
                let problem = format!("{} has the value {value} twice", axis.name);
                return Err(usage("--axis", problem));
            }
            axis.values.push(value.to_owned());
        }
    }
    let cells: f64 = axes.iter().map(|axis| axis.values.len() as f64).product();
    if cells > MOST as f64 {
        return Err(usage("--axis", format!("{cells} cells are more than {MOST}")));
    }
    Ok(axes)
}

/// Splits at commas outside brackets: a value may be a list, such as twin.num_layers_per_block_list=[2],[1,1].
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(&text[from..i]);
                from = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn known(key: &str) -> Result<()> {
    let dotted = key.strip_prefix("neuron.").or(key.strip_prefix("twin."));
    if KEYS.contains(&key) || dotted.is_some_and(|rest| !rest.is_empty()) {
        return Ok(());
    }
    let near = settings::nearest(key, &KEYS).map(|near| format!("; did you mean {near:?}?"));
    let (near, all) = (near.unwrap_or_default(), KEYS.join(", "));
    let problem = format!("there is no {key:?}{near}; there are {all}, neuron.KEY and twin.KEY");
    Err(usage("--axis", problem))
}

/// A cell of the sweep: its place, and the neuron, twin and recipe there.
#[derive(Clone)]
pub struct Cell {
    /// For each axis the number of the cell's value.
    pub at: Vec<usize>,
    /// The axes and values, such as `depth=2+seed=0`, which name the cell's folder.
    pub label: String,
    /// The axes and values that the neuron depends on; empty where it depends on none.
    pub neuron_label: String,
    /// The cell's neuron.
    pub neuron: Model,
    /// The cell's twin.
    pub config: TwinConfig,
    /// The options of the cell's training.
    pub recipe: RecipeArgs,
}

/// The neuron, twin and recipe that the axes change.
pub struct Base<'a> {
    /// The neuron, before the axes `neuron` and `neuron.KEY`.
    pub neuron: &'a Model,
    /// The letter or file of `--configs`, before the axes of the twin.
    pub config: &'a str,
    /// The options of the training, before its axes.
    pub recipe: &'a RecipeArgs,
}

/// Every cell of the sweep; the last axis varies fastest.
///
/// # Errors
/// A usage error that names the axis and the value at fault.
pub fn cells(axes: &[Axis], base: &Base<'_>) -> Result<Vec<Cell>> {
    let count: usize = axes.iter().map(|axis| axis.values.len()).product();
    (0..count)
        .map(|number| {
            let (mut rest, mut at) = (number, vec![0; axes.len()]);
            for (place, axis) in at.iter_mut().zip(axes).rev() {
                *place = rest % axis.values.len();
                rest /= axis.values.len();
            }
            cell(axes, at, base)
        })
        .collect()
}

fn cell(axes: &[Axis], at: Vec<usize>, base: &Base<'_>) -> Result<Cell> {
    let chosen: Vec<(&str, &str)> =
        axes.iter().zip(&at).map(|(a, v)| (a.name.as_str(), a.values[*v].as_str())).collect();
    let value = |key: &str| chosen.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let fail = |key: &str, value: &str, problem: &dyn std::fmt::Display| {
        usage(format!("--axis {key}={value}"), problem)
    };
    let mut neuron = match value("neuron") {
        Some(name) => Model::preset(name).map_err(|e| fail("neuron", name, &e))?,
        None => base.neuron.clone(),
    };
    for (key, value) in &chosen {
        let Some(parameter) = key.strip_prefix("neuron.") else { continue };
        let mut json = neuron.to_json();
        json[parameter] = settings::typed(value);
        neuron = Model::from_json(&json.to_string()).map_err(|e| fail(key, value, &e))?;
    }
    let segments = neuron.num_rows();
    let kind = match value("twin") {
        Some(name) => Some(name.parse::<TwinKind>().map_err(|e| fail("twin", name, &e))?),
        None => None,
    };
    let typed = value("config").or(kind.is_none().then_some(base.config));
    let config = architecture(kind, typed, segments)?;
    let config = changed(config, &chosen, &fail)?.with_segments(segments);
    config.check().map_err(|e| usage("--axis", e))?;
    let mut recipe = base.recipe.clone();
    for (key, value) in &chosen {
        let whole = || -> Result<usize> {
            let number = value.parse().ok().filter(|n| *n >= 1);
            number.ok_or_else(|| fail(key, value, &"must be a whole number of at least 1"))
        };
        match *key {
            "seed" => {
                let seed = value.parse().ok();
                let problem = "must be a whole number of at least 0";
                recipe.seed = Some(seed.ok_or_else(|| fail(key, value, &problem))?);
            }
            "epochs" => recipe.epochs = Some(whole()?),
            "batch_size" => recipe.batch_size = Some(whole()?),
            "window" => recipe.window = Some(whole()?),
            "limit" => recipe.limit = Some(whole()?),
            "learning_rate" => {
                let rate = value.parse().ok();
                recipe.learning_rate = Some(rate.ok_or_else(|| fail(key, value, &"is no number"))?);
            }
            _ => {}
        }
    }
    recipe.build(config.kind())?;
    let of_neuron = |key: &&(&str, &str)| key.0 == "neuron" || key.0.starts_with("neuron.");
    Ok(Cell {
        at,
        label: label(chosen.iter()),
        neuron_label: label(chosen.iter().filter(of_neuron)),
        neuron,
        config,
        recipe,
    })
}

/// The twin with the values of its axes.
fn changed(
    mut config: TwinConfig,
    chosen: &[(&str, &str)],
    fail: &dyn Fn(&str, &str, &dyn std::fmt::Display) -> anyhow::Error,
) -> Result<TwinConfig> {
    let kind = config.kind();
    for (key, value) in chosen {
        let number = || -> Result<serde_json::Value> {
            if kind != TwinKind::Tcn {
                return Err(fail(key, value, &format!("is of a TCN, not of {}", kind.name())));
            }
            let number: Option<usize> = value.parse().ok().filter(|n| *n >= 1);
            let problem = "must be a whole number of at least 1";
            Ok(number.ok_or_else(|| fail(key, value, &problem))?.into())
        };
        let changes: Vec<(&str, serde_json::Value)> = match *key {
            "depth" => vec![("num_layers_per_block_list", [number()?].into())],
            "width" => vec![("num_features_per_block_list", [number()?].into())],
            "taps" => vec![
                ("first_layer_temporal_kernel_size", number()?),
                ("temporal_kernel_size_per_block_list", [number()?].into()),
            ],
            other => match other.strip_prefix("twin.") {
                Some(field) => vec![(field, settings::typed(value))],
                None => continue,
            },
        };
        let mut keys = serde_json::to_value(&config)?["config"].take();
        for (field, new) in &changes {
            keys[*field] = new.clone();
        }
        config = TwinConfig::from_json(&keys.to_string(), Some(kind))
            .map_err(|e| fail(key, value, &e))?;
        // a key of the original's files that does not describe the architecture is read, and left out
        let kept = serde_json::to_value(&config)?;
        if changes.iter().any(|(field, _)| kept["config"].get(*field).is_none()) {
            return Err(fail(key, value, &"changes nothing about the twin"));
        }
    }
    Ok(config)
}

/// Axes and values as one word that is valid in a file system and in a table's column.
fn label<'a>(chosen: impl Iterator<Item = &'a (&'a str, &'a str)>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let word = |(key, value): &(&str, &str)| {
        format!("{}={}", key, value.chars().map(plain).collect::<String>())
    };
    chosen.map(word).collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &[&str]) -> Result<Vec<Axis>> {
        parse(&text.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn one_option_may_hold_several_axes() {
        let axes = typed(&["depth=1,2,width=8,16", "neuron.g_max_NMDA_uS=0,0.0004"]).unwrap();
        let names: Vec<&str> = axes.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["depth", "width", "neuron.g_max_NMDA_uS"]);
        assert_eq!(axes[1].values, ["8", "16"]);
        let lists = typed(&["twin.num_layers_per_block_list=[2],[1,1]"]).unwrap();
        assert_eq!(lists[0].values, ["[2]", "[1,1]"]);
        for (text, word) in [
            (&["deep=1"][..], "\"deep\""),
            (&["depth=1,1"], "twice"),
            (&["depth=1", "depth=2"], "twice"),
            (&["1,2"], "KEY=VALUE"),
            (&["depth="], "empty"),
            (&["neuron.=1"], "neuron."),
        ] {
            let error = typed(text).unwrap_err().to_string();
            assert!(error.contains(word), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_cell_is_what_its_values_say() {
        let axes = typed(&["depth=1,3", "neuron=ampa-point,nmda-cable", "seed=4", "epochs=2"]);
        let axes = axes.unwrap();
        let neuron = Model::preset("nmda-cable").unwrap();
        let recipe = RecipeArgs::default();
        let base = Base { neuron: &neuron, config: "A", recipe: &recipe };
        let all = cells(&axes, &base).unwrap();
        assert_eq!(all.len(), 4);
        let last = &all[3];
        assert_eq!(last.label, "depth=3+neuron=nmda-cable+seed=4+epochs=2");
        assert_eq!(
            (last.neuron_label.as_str(), &last.at[..]),
            ("neuron=nmda-cable", &[1, 1, 0, 0][..])
        );
        let TwinConfig::Tcn(tcn) = &last.config else { panic!("no TCN") };
        // the width and the filters are A's
        assert_eq!(tcn.num_layers_per_block_list, [3]);
        assert_eq!(
            (tcn.num_features_per_block_list[0], tcn.first_layer_temporal_kernel_size),
            (8, 91)
        );
        assert_eq!((last.recipe.seed, last.recipe.epochs), (Some(4), Some(2)));
        for (text, word) in [
            (&["neuron.g_max_NMDA_uS=much"][..], "neuron.g_max_NMDA_uS=much"),
            (&["neuron.g_max_NMDA=0"], "g_max_NMDA_uS"),
            (&["neuron=mouse"], "mouse"),
            (&["depth=0"], "depth=0"),
            (&["twin=elm", "depth=2"], "of a TCN"),
            (&["twin=mlp"], "mlp"),
            (&["config=Z"], "A to E"),
            (&["seed=-1"], "seed=-1"),
            (&["learning_rate=0"], "learning_rate"),
            (&["twin.norm_type=none_such"], "twin.norm_type=none_such"),
            (&["twin.X_scale=2"], "changes nothing"),
        ] {
            let error = cells(&typed(text).unwrap(), &base).err().unwrap().to_string();
            assert!(error.contains(word), "{text:?}: {error}");
        }
    }
}
