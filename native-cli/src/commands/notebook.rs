//! `ballstick notebook`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::files::{self, usage};
use crate::{places, say};

/// Write the original's seven notebooks, which drive this command line and need numpy and matplotlib alone.
#[derive(Args)]
pub struct NotebookArgs {
    /// The folder for them; none that is there is replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// A notebook: its name, which is the original's, its text, and the texts for the gaps in it.
type Walk = (&'static str, &'static str, [(&'static str, &'static str); 3]);

const SIMULATE: &str = include_str!("../../assets/notebooks/simulate.py");
const DATASET: &str = include_str!("../../assets/notebooks/dataset.py");
const TRAIN: &str = include_str!("../../assets/notebooks/train.py");
const HEAD: &str = include_str!("../../assets/notebooks/head.py");

const CABLE: [(&str, &str); 3] = [
    ("NEURON", "a neuron with a long dendrite and NMDA synapses"),
    ("PRESET", "nmda-cable"),
    ("CONFIG", "C"),
];
const RODENT: [(&str, &str); 3] = [
    ("NEURON", "a neuron with a long dendrite and rodent NMDA synapses"),
    ("PRESET", "nmda-cable-rodent"),
    ("CONFIG", "C"),
];
const POINT: [(&str, &str); 3] =
    [("NEURON", "a point neuron with AMPA synapses"), ("PRESET", "ampa-point"), ("CONFIG", "C")];

const WALKS: [Walk; 7] = [
    ("simulate_ball_and_stick_neuron", SIMULATE, CABLE),
    ("create_dataset_BS_neuron", DATASET, RODENT),
    ("create_dataset_BS_neuron_AMPA_point", DATASET, POINT),
    ("create_dataset_BS_neuron_NMDA_cable", DATASET, CABLE),
    ("train_DNN_twin_of_BS_neuron", TRAIN, RODENT),
    ("train_DNN_twin_of_BS_neuron_AMPA_point", TRAIN, POINT),
    ("train_DNN_twin_of_BS_neuron_NMDA_cable", TRAIN, CABLE),
];

/// Runs the command.
///
/// # Errors
/// A folder that cannot be written, or that holds one of the notebooks already.
pub fn run(args: NotebookArgs) -> Result<()> {
    let _folder = places::folder(&args.out)?;
    let path = |name: &str| args.out.join(format!("{name}.ipynb"));
    if let Some((name, ..)) = WALKS.iter().find(|(name, ..)| path(name).exists()) {
        return Err(usage(path(name).display(), "is there already, perhaps with your changes"));
    }
    let mut text = String::new();
    for (name, walk, gaps) in &WALKS {
        let notebook = serde_json::to_string_pretty(&notebook(name, walk, gaps))? + "\n";
        files::write(&path(name), notebook.as_bytes())?;
        text += &format!("{}\n", path(name).display());
    }
    say::result(&text)
}

/// A notebook in nbformat 4.5 from its text: cells begin with a line `# %%`, or with `# %% [markdown]` where their
/// lines are comments.
fn notebook(name: &str, walk: &str, gaps: &[(&str, &str)]) -> Value {
    let head = HEAD.trim_end().replace("{{FOLDER}}", name);
    let mut text = walk.replace("{{HEAD}}", &head);
    for (gap, filling) in gaps {
        text = text.replace(&format!("{{{{{gap}}}}}"), filling);
    }
    let cell = |(i, part): (usize, &str)| {
        let (kind, body) = match part.strip_prefix(" [markdown]\n") {
            Some(body) => ("markdown", body),
            None => ("code", part),
        };
        let lines = body.trim().lines().map(|line| match kind {
            "markdown" => line.strip_prefix("# ").or(line.strip_prefix('#')).unwrap_or(line),
            _ => line,
        });
        let source = lines.collect::<Vec<_>>().join("\n");
        let source: Vec<&str> = source.split_inclusive('\n').collect();
        let mut cell = json!({
            "cell_type": kind, "id": format!("cell-{i}"), "metadata": {}, "source": source,
        });
        if kind == "code" {
            cell["execution_count"] = Value::Null;
            cell["outputs"] = json!([]);
        }
        cell
    };
    let cells: Vec<Value> = text.split("# %%").skip(1).enumerate().map(cell).collect();
    json!({
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    })
}
