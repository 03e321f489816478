//! `ballstick train`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use ballstick::data::{Source, Split};
use ballstick::twin::backend::TwinBackend;
use ballstick::twin::config::{TcnConfig, TwinConfig, TwinKind};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::taylor::TaylorForm;
use ballstick::twin::train::{Control, Event, Outcome, Progress, Trainer};
use ballstick::twin::weights::{Checkpoint, LearntFrom};
use burn::tensor::backend::AutodiffBackend;
use clap::Args;

use crate::files::{self, usage};
use crate::memory;
use crate::store::{DataSet, SplitSource};
use crate::twins::device::{self, Device, Job};
use crate::twins::line::Line;
use crate::twins::loader::{Cached, MEMORY, Prefetch, Sources};
use crate::twins::{data as twin_data, model_file};
use crate::work::{self, Interrupted};

/// Train a twin.
#[derive(Args, Clone)]
pub struct TrainArgs {
    /// The data set: a folder with train and valid
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The architecture: tcn, resnet_tcn, elm or transformer
    #[arg(long, value_name = "KIND", value_parser = |s: &str| s.parse::<TwinKind>())]
    pub twin: Option<TwinKind>,
    /// A to E of the class assignment (tcn), or a JSON with the seed's keys
    /// [default: the seed's for the architecture]
    #[arg(long, value_name = "A-E|FILE")]
    pub config: Option<String>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    pub device: Device,
    /// The folder for checkpoints and learning curves
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// Go on where the run in --out was
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub recipe: RecipeArgs,
}

/// What may differ from the published recipe.
#[derive(Args, Clone, Default)]
pub struct RecipeArgs {
    /// A JSON with the recipe's keys, as a run's recipe.json
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Passes over the data [default: 100]
    #[arg(long, value_name = "N")]
    pub epochs: Option<usize>,
    /// Draws weights, order and windows [default: 0]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Simulations in a step [default: 16]
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,
    /// Longest training window, ms [default: 2048; elm 1024, transformer 1280]
    #[arg(long, value_name = "MS")]
    pub window: Option<usize>,
    /// Highest learning rate [default: 0.0003]
    #[arg(long, value_name = "LR")]
    pub learning_rate: Option<f64>,
    /// Use only the first so many train simulations
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Also learn the neuron's response to small changes, with this weight; the data set needs --perturbations
    /// [default: 0]
    #[arg(long, value_name = "λ")]
    pub taylor_consistency: Option<f64>,
    /// finite: the twin's response from its outputs at both inputs; directional: from its derivative
    /// [default: finite]
    #[arg(long, value_name = "FORM")]
    pub taylor_form: Option<TaylorForm>,
}

impl RecipeArgs {
    /// The published recipe for `kind` with these changes.
    ///
    /// # Errors
    /// A usage error for an impossible value.
    pub fn build(&self, kind: TwinKind) -> Result<Recipe> {
        let mut recipe = match &self.recipe {
            Some(path) => Recipe::from_json(&files::read_text(path)?, kind)
                .map_err(|e| usage(path.display(), e))?,
            None => Recipe::of(kind),
        };
        recipe.num_epochs = self.epochs.unwrap_or(recipe.num_epochs);
        recipe.seed = self.seed.unwrap_or(recipe.seed);
        recipe.train_batch_size = self.batch_size.unwrap_or(recipe.train_batch_size);
        recipe.train_time_window_size = self.window.unwrap_or(recipe.train_time_window_size);
        recipe.learning_rate = self.learning_rate.unwrap_or(recipe.learning_rate);
        recipe.taylor_consistency = self.taylor_consistency.unwrap_or(recipe.taylor_consistency);
        recipe.taylor_form = self.taylor_form.unwrap_or(recipe.taylor_form);
        recipe.check().map_err(|e| usage("recipe", e))?;
        Ok(recipe)
    }
}

/// The architecture that was asked for, for a neuron of `segments` segments.
///
/// # Errors
/// A usage error for an unknown letter or a file that is no configuration.
pub fn architecture(
    kind: Option<TwinKind>,
    config: Option<&str>,
    segments: usize,
) -> Result<TwinConfig> {
    let Some(text) = config else {
        return Ok(TwinConfig::default_of(kind.unwrap_or(TwinKind::Tcn)).with_segments(segments));
    };
    if let [letter] = text.chars().collect::<Vec<_>>()[..] {
        let config = TcnConfig::assignment(letter, segments)
            .ok_or_else(|| usage("--config", format!("there is no {text:?}; there are A to E")))?;
        return match kind {
            None | Some(TwinKind::Tcn) => Ok(TwinConfig::Tcn(config)),
            Some(other) => Err(usage("--config", format!("A to E are TCNs, not {}", other.name()))),
        };
    }
    let json = files::read_text(Path::new(text))?;
    let config = TwinConfig::from_json(&json, kind).map_err(|e| usage(text, e))?;
    if kind.is_some_and(|kind| kind != config.kind()) {
        return Err(usage(
            text,
            format!("is for a {}, not what --twin says", config.kind().name()),
        ));
    }
    Ok(config.with_segments(segments))
}

/// Runs the command.
///
/// # Errors
/// A usage error for input that cannot be used; else what went wrong.
pub fn run(args: TrainArgs) -> Result<()> {
    work::listen_to_ctrl_c();
    match train(args)?.outcome {
        Outcome::Finished => Ok(()),
        Outcome::Stopped => {
            Err(anyhow::Error::new(Interrupted("stopped and saved; --resume goes on".to_owned())))
        }
    }
}

/// How a training went.
#[derive(Debug, Clone, Copy)]
pub struct Trained {
    /// How it ended.
    pub outcome: Outcome,
    /// Steps taken in all.
    pub steps: u64,
}

/// Trains, with the run's files in `args.out`, until it is done or Ctrl-C is pressed.
///
/// # Errors
/// As [`run`].
pub fn train(args: TrainArgs) -> Result<Trained> {
    let data = DataSet::open(&args.data)?;
    let train = twin_data::split(&data, Split::Train, args.recipe.limit)?;
    let valid = twin_data::split(&data, Split::Valid, None)?;
    let segments = twin_data::segments(&train)?;
    let last = args.out.join("last.safetensors");
    let checkpoint = if args.resume {
        let mut found = model_file::read(&last)?;
        let (Some(recipe), Some(_)) = (&found.header.recipe, &found.header.progress) else {
            return Err(usage(last.display(), "holds no training that could go on"));
        };
        // a longer training may be asked for; all else stays as it was
        let mut recipe = recipe.clone();
        recipe.num_epochs = args.recipe.epochs.unwrap_or(recipe.num_epochs);
        found.header.recipe = Some(recipe);
        found
    } else {
        if last.exists() {
            return Err(usage(last.display(), "is there already: --resume goes on with it"));
        }
        let config = architecture(args.twin, args.config.as_deref(), segments)?;
        let recipe = args.recipe.build(config.kind())?;
        let simulations = [train.len(), valid.len()];
        let (name, neuron) = (data.title(), twin_data::neuron(&data));
        Checkpoint::begin(config, recipe, LearntFrom { name, simulations, neuron })
    };
    if checkpoint.header.config.ports().in_spatial_dim != segments {
        return Err(usage(data.path.display(), format!("has {segments} segments, not the run's")));
    }
    let consistency = checkpoint.header.recipe.as_ref().map_or(0.0, |r| r.taylor_consistency);
    let partners = if consistency > 0.0 { train.partners()? } else { Vec::new() };
    if consistency > 0.0 && partners.is_empty() {
        let problem = "has no perturbed simulations for --taylor-consistency: `ballstick dataset \
             --perturbations K` makes them";
        return Err(usage(data.path.display(), problem));
    }
    if let Some(recipe) = &checkpoint.header.recipe {
        let least = least_bytes(&checkpoint.header.config, recipe, train.len());
        memory::require(least, "this training")?;
    }
    std::fs::create_dir_all(&args.out).map_err(|e| usage(args.out.display(), e))?;
    device::on(args.device, Training { args, checkpoint, train, partners, valid, segments })
}

/// What a training takes at the very least: parameters, gradients and two moments, and a batch of inputs.
fn least_bytes(config: &TwinConfig, recipe: &Recipe, simulations: usize) -> u128 {
    let batch = recipe.train_batch_size.min(simulations) * 2 * config.ports().in_spatial_dim;
    let values =
        4 * config.num_parameters() as u128 + batch as u128 * recipe.train_time_window_size as u128;
    4 * values
}

struct Training {
    args: TrainArgs,
    checkpoint: Checkpoint,
    train: SplitSource,
    partners: Vec<SplitSource>,
    valid: SplitSource,
    segments: usize,
}

impl Job for Training {
    type Output = Trained;

    fn run<B>(self, device: &B::Device) -> Result<Trained>
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend,
    {
        let Self { args, mut checkpoint, train, partners, valid, segments } = self;
        let header = &checkpoint.header;
        let recipe = header.recipe.clone().unwrap_or_default();
        let progress = header.progress.unwrap_or_else(Progress::start);
        let scaling: Scaling = header.scaling;
        let last = args.out.join("last.safetensors");
        let mut trainer = checkpoint.trainer::<B>(device).map_err(|e| usage(last.display(), e))?;
        let params = trainer.twin.count_params();
        let header = &checkpoint.header;
        let field = header.config.receptive_field();
        eprintln!(
            "{} · {params} parameters · receptive field {} · {} train, {} valid simulations",
            header.short_name,
            field.map_or("unbounded".to_owned(), |ms| format!("{ms} ms")),
            train.len(),
            valid.len(),
        );
        let recipe_json = serde_json::to_string_pretty(&recipe)? + "\n";
        files::write(&args.out.join("recipe.json"), recipe_json.as_bytes())?;
        let config_json = serde_json::to_string_pretty(&header.config)? + "\n";
        files::write(&args.out.join("config.json"), config_json.as_bytes())?;

        let counts = [train.len(), valid.len()];
        let memory = MEMORY / (1 + partners.len());
        let sources = Sources {
            train: Cached::new(train, memory),
            partners: partners.into_iter().map(|p| Cached::new(p, memory)).collect(),
            valid: Cached::new(valid, MEMORY / 4),
        };
        let mut loader = Prefetch::start(sources, &recipe, progress, scaling, segments);
        let mut record = Recorder {
            folder: &args.out,
            checkpoint,
            line: Line::new(counts[0].div_ceil(recipe.train_batch_size), recipe.num_epochs),
            error: None,
        };
        let outcome =
            pollster::block_on(trainer.run(&mut loader, counts, async |trainer, event| {
                if let Err(error) = record.on(trainer, event).await {
                    record.error = Some(error);
                    return Control::Stop;
                }
                if work::stopped() { Control::Stop } else { Control::Continue }
            }));
        record.line.end();
        if let Some(error) = record.error.take() {
            return Err(error);
        }
        // where it ended, whether by Ctrl-C, at the last epoch, or before it diverged
        pollster::block_on(record.save(&trainer, "last"))?;
        let outcome = outcome.map_err(|e| match e {
            ballstick::twin::train::TrainError::Data(e) => usage(&e.what, &e.problem),
            other => anyhow!("{other}; {} holds it", args.out.join("last.safetensors").display()),
        })?;
        Ok(Trained { outcome, steps: trainer.progress.step })
    }
}

/// Writes what happens to the run's folder and to the terminal.
struct Recorder<'a> {
    folder: &'a Path,
    checkpoint: Checkpoint,
    line: Line,
    error: Option<anyhow::Error>,
}

impl Recorder<'_> {
    async fn on<B>(&mut self, trainer: &Trainer<B>, event: Event) -> Result<()>
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend,
    {
        match event {
            Event::Epoch { .. } | Event::Next => {}
            Event::Step(report) => {
                self.checkpoint.train_curve.push(report.into());
                self.line.step(&report);
            }
            Event::Valid(report) => {
                self.checkpoint.valid_curve.push(report.into());
                self.line.valid(&report);
                self.save(trainer, "last").await?;
                if report.best {
                    self.save(trainer, "best").await?;
                }
            }
        }
        Ok(())
    }

    async fn save<B>(&mut self, trainer: &Trainer<B>, name: &str) -> Result<()>
    where
        B: AutodiffBackend + TwinBackend,
        B::InnerBackend: TwinBackend,
    {
        self.checkpoint.update(trainer).await?;
        let path = self.folder.join(format!("{name}.safetensors"));
        files::write(&path, &self.checkpoint.to_bytes()?)?;
        self.curves()
    }

    /// The learning curves as CSV and as JSON lines.
    fn curves(&self) -> Result<()> {
        let loss = ["spikes", "soma", "near_spike", "inst_rate", "dend_v", "total"];
        let columns = |first: &[&str], last: &[&str]| -> Vec<String> {
            let all = first.iter().chain(&loss).chain(last);
            all.map(|s| (*s).to_owned()).collect()
        };
        let train = columns(&["step", "epoch", "learning_rate"], &["grad_norm"]);
        let valid = columns(&["step", "epoch"], &["best"]);
        let mut lines = String::new();
        let mut table = |name: &str, columns: &[String], rows: &mut dyn Iterator<Item = &[f32]>| {
            let mut csv = columns.join(",") + "\n";
            for row in rows {
                let cells: Vec<String> = row.iter().map(f32::to_string).collect();
                csv += &(cells.join(",") + "\n");
                let cells = columns.iter().zip(row).map(|(c, v)| format!("\"{c}\":{v}"));
                let cells: Vec<String> = cells.collect();
                let _ = writeln!(lines, "{{\"split\":\"{name}\",{}}}", cells.join(","));
            }
            files::write(&self.folder.join(format!("curve_{name}.csv")), csv.as_bytes())
        };
        let c = &self.checkpoint;
        table("train", &train, &mut c.train_curve.iter().map(|r| r.as_slice()))?;
        table("valid", &valid, &mut c.valid_curve.iter().map(|r| r.as_slice()))?;
        files::write(&self.folder.join("curves.jsonl"), lines.as_bytes())
    }
}
