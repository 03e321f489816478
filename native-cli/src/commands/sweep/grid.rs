//! A sweep over axes: each cell is a job, and any number of runs share the jobs; the last run writes the axes' effects.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use ballstick::data::manifest::Counts;
use ballstick::data::{GeneratorConfig, Manifest, Model};
use ballstick::sim::batch::Method;
use ballstick::text::count;
use ballstick::twin::effects::{self, Axis, Effects};
use ballstick::twin::interval::resampled_aucs;
use ballstick::twin::results::{Row, defined};
use clap::Args;
use serde::{Deserialize, Serialize};

use super::axes::{self, Base, Cell};
use super::{SweepArgs, judged_row, save_row};
use crate::claim::Claim;
use crate::commands::train::TrainArgs;
use crate::files::{self, usage};
use crate::making::{self, Shard};
use crate::say::{self, say};
use crate::signals::{self, Interrupted};
use crate::store::DataSet;
use crate::{places, work};

/// What a sweep over axes has beside the assignment's options.
#[derive(Args, Clone)]
pub struct GridArgs {
    /// Vary this: depth, width or taps (of a TCN), seed, epochs, limit, ..., config=A,B, twin=tcn,elm, neuron=PRESET,
    /// neuron.KEY of a neuron's JSON, twin.KEY of a twin's; every combination is a cell, and the first value of
    /// each axis is what others are compared with
    #[arg(long, value_name = "KEY=V,V,...")]
    pub axis: Vec<String>,
    /// Do only every n-th cell from the i-th on, such as 3/8; the runs share one --out
    #[arg(long, value_name = "i/n", default_value = "1/1", requires = "axis")]
    job: Shard,
    /// The neuron where no axis says otherwise [default: nmda-cable]
    #[arg(long, value_name = "NAME", requires = "axis", conflicts_with = "data")]
    preset: Option<String>,
    /// Train simulations of each neuron's data set; valid and test have a twelfth and a sixth
    #[arg(long, value_name = "N", requires = "axis", conflicts_with = "data", value_parser = clap::value_parser!(u64).range(12..=1_000_000))]
    train: Option<u64>,
    /// Their duration, ms [default: 2048]
    #[arg(long, value_name = "MS", requires = "axis", conflicts_with = "data", value_parser = clap::value_parser!(u32).range(64..=1_000_000))]
    duration: Option<u32>,
    /// Seed of their random inputs, the same for every neuron [default: 0]
    #[arg(long, value_name = "S", requires = "axis", conflicts_with = "data")]
    data_seed: Option<u64>,
}

/// The plan of a sweep's folder: runs that share the folder must have the same plan.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plan {
    axes: Vec<Axis>,
    config: String,
    neuron: serde_json::Value,
    data: serde_json::Value,
    recipe: serde_json::Value,
}

/// Does this run's cells, and writes the result once all cells are done.
///
/// # Errors
/// A usage error for axes or a folder that cannot be used; otherwise the failure.
pub fn run(args: &SweepArgs) -> Result<()> {
    let grid = &args.grid;
    if args.architectures || args.keep_finished || args.data.len() > 1 {
        let problem = "goes with neither --architectures, --keep-finished nor several --data";
        return Err(usage("--axis", problem));
    }
    let axes = axes::parse(&grid.axis)?;
    let varies = axes.iter().any(|a| a.name == "neuron" || a.name.starts_with("neuron."));
    if varies && !args.data.is_empty() {
        return Err(usage(
            "--data",
            "is of one neuron; with a neuron's axis each gets a set of its own",
        ));
    }
    let neuron = neuron(args)?;
    let config = args.configs.as_deref().unwrap_or("C");
    let cells = axes::cells(&axes, &Base { neuron: &neuron, config, recipe: &args.recipe })?;
    let _folder = places::folder(&args.out)?;
    keep_plan(args, &axes, config, &neuron, &cells)?;
    let mine = cells.iter().skip(grid.job.index as usize).step_by(grid.job.count as usize);
    for cell in mine {
        if signals::stopped() {
            let message = "stopped between cells; the same command goes on".to_owned();
            return Err(Interrupted(message).into());
        }
        if !outcome(&args.out, cell).exists() {
            one(args, cell)?;
        }
    }
    let missing = cells.iter().filter(|cell| !outcome(&args.out, cell).exists()).count();
    if missing > 0 {
        say!("{} still to come, by other --job", count(missing, "cell"));
        return Ok(());
    }
    tell(args, &axes, &cells)
}

fn neuron(args: &SweepArgs) -> Result<Model> {
    match args.data.first() {
        Some(path) => {
            let set = DataSet::open(path)?;
            let unknown = "does not say which neuron it is of";
            set.neuron().ok_or_else(|| usage(path.display(), unknown))
        }
        None => {
            let name = args.grid.preset.as_deref().unwrap_or("nmda-cable");
            Model::preset(name).map_err(|e| usage("--preset", e))
        }
    }
}

fn cell_folder(out: &Path, cell: &Cell) -> PathBuf {
    out.join("cells").join(&cell.label)
}

/// The file that a finished cell leaves.
fn outcome(out: &Path, cell: &Cell) -> PathBuf {
    cell_folder(out, cell).join("cell.json")
}

/// Writes the plan into the folder, or compares it with the plan there.
fn keep_plan(
    args: &SweepArgs,
    axes: &[Axis],
    config: &str,
    neuron: &Model,
    cells: &[Cell],
) -> Result<()> {
    let data = match args.data.first() {
        Some(path) => DataSet::open(path)?.title().into(),
        None => serde_json::to_value(manifest(args, neuron))?,
    };
    // the cells' axes are in the plan above; the rest of the recipe is the same in all cells
    let recipe = match cells.first() {
        Some(cell) => serde_json::to_value(cell.recipe.build(cell.config.kind())?)?,
        None => serde_json::Value::Null,
    };
    let (axes, config) = (axes.to_vec(), config.to_owned());
    let plan = Plan { axes, config, neuron: neuron.to_json(), data, recipe };
    let path = args.out.join("axes.json");
    if path.exists() {
        let bytes = files::read_back(&path)?;
        let there: Option<Plan> = serde_json::from_slice(&bytes).ok();
        // compared in their written form
        let text = serde_json::to_value(&plan)?;
        if there.is_none_or(|there| serde_json::to_value(there).ok() != Some(text)) {
            let problem = "is of a sweep with other axes or options; choose another --out";
            return Err(usage(path.display(), problem));
        }
        return Ok(());
    }
    files::write(&path, (serde_json::to_string_pretty(&plan)? + "\n").as_bytes())
}

/// The manifest of a neuron's data set: the same inputs for every neuron, none filtered out, so that all cells are
/// judged on the same ones.
fn manifest(args: &SweepArgs, neuron: &Model) -> Manifest {
    let train = args.grid.train.unwrap_or(96);
    let counts = Counts { train, valid: train.div_ceil(12), test: train.div_ceil(6) };
    let method = match neuron {
        Model::BallAndStick(_) => Method::Fast,
        Model::FilterAndFire(_) => Method::Exact,
    };
    let duration = args.grid.duration.unwrap_or(2048) as usize;
    let seed = args.grid.data_seed.unwrap_or(0);
    Manifest::plan(neuron, &GeneratorConfig::default(), seed, method, duration, counts)
}

/// The data set that a cell learns from, made by the first run that needs it while the others wait.
fn data(args: &SweepArgs, cell: &Cell) -> Result<PathBuf> {
    if let Some(path) = args.data.first() {
        return Ok(path.clone());
    }
    let name = if cell.neuron_label.is_empty() { "all" } else { &cell.neuron_label };
    let folder = args.out.join("data").join(name);
    files::make_folder(&folder)?;
    let plan = manifest(args, &cell.neuron);
    let root = making::root(&folder, &plan);
    let busy = |who: &str| usage(folder.display(), format!("{who} makes it"));
    let _claim = loop {
        match Claim::take(&folder.join(".lock"), busy) {
            Ok(claim) => break claim,
            Err(error) if !error.is::<files::Usage>() => return Err(error),
            Err(_) if signals::stopped() => {
                let message = "stopped; the same command goes on".to_owned();
                return Err(Interrupted(message).into());
            }
            Err(_) => std::thread::sleep(Duration::from_millis(500)),
        }
    };
    // of a complete data set, the files are only looked through
    making::make(&root, &plan, Shard { index: 0, count: 1 }, work::all_threads())?;
    Ok(root)
}

/// Trains and judges a cell, unless another run is doing so.
fn one(args: &SweepArgs, cell: &Cell) -> Result<()> {
    say!("— {}", cell.label);
    let data = data(args, cell)?;
    let folder = cell_folder(&args.out, cell);
    files::make_folder(&folder)?;
    let config = folder.join("twin.json");
    files::write(&config, (serde_json::to_string_pretty(&cell.config)? + "\n").as_bytes())?;
    let job = TrainArgs {
        data,
        twin: None,
        config: Some(config.display().to_string()),
        device: args.device,
        resume: folder.join("last.safetensors").exists(),
        tensorboard: false,
        out: folder.clone(),
        recipe: cell.recipe.clone(),
    };
    let neuron = if cell.neuron_label.is_empty() { "neuron" } else { &cell.neuron_label };
    let (row, judged) = judged_row(job, neuron, &cell.label)?;
    save_row(&folder.join("row.json"), &row)?;
    let resampled = resampled_aucs(&judged).into_iter().map(defined).collect();
    let result = effects::Cell { at: cell.at.clone(), auc: row.auc, resampled };
    files::write(&outcome(&args.out, cell), serde_json::to_string(&result)?.as_bytes())
}

/// Writes the tables and the figure, and prints the effects in words.
fn tell(args: &SweepArgs, axes: &[Axis], cells: &[Cell]) -> Result<()> {
    let (mut results, mut rows) = (Vec::new(), Vec::new());
    for cell in cells {
        let path = outcome(&args.out, cell);
        let bytes = files::read_back(&path)?;
        let result: effects::Cell =
            serde_json::from_slice(&bytes).map_err(|e| usage(path.display(), e))?;
        results.push(result);
        let path = cell_folder(&args.out, cell).join("row.json");
        let text = files::read_back(&path)?;
        let found = Row::from_json(&String::from_utf8_lossy(&text));
        rows.extend(found.map_err(|e| usage(path.display(), e))?);
    }
    let mut found = Effects::of(axes, &results);
    found.size = size(&rows, cells.len());
    say::result(&super::effects::write(&args.out, &found, &rows)?)
}

/// The size of the sweep, in a sentence.
fn size(rows: &[Row], cells: usize) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let [simulations, steps] = [row.train_simulations, row.steps]
        .map(|count| count.map_or("–".to_owned(), |count| count.to_string()));
    format!(
        "{cells} cells, each trained on {simulations} simulations for {steps} steps and judged on {}",
        row.test_set
    )
}
