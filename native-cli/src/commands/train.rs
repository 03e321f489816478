//! `ballstick train`.

use ballstick::text::count;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use ballstick::data::{Source, Split};
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::config::{TcnConfig, TwinConfig, TwinKind};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::taylor::TaylorForm;
use ballstick::twin::train::{Control, Outcome, Progress};
use ballstick::twin::weights::Checkpoint;
use clap::Args;

use super::at_least_one;
use crate::claim::Claim;
use crate::files::{self, usage};
use crate::memory;
use crate::say::say;
use crate::signals::{self, Interrupted};
use crate::store::{DataSet, SplitSource};
use crate::twins::device::{self, Device, Job};
use crate::twins::line::Line;
use crate::twins::loader::{Cached, MEMORY, Prefetch, Sources};
use crate::twins::recorder::{DRAWN, Recorder};
use crate::twins::resume::{self, Continued};
use crate::twins::tensorboard::Events;
use crate::twins::{data as twin_data, model_file};
use crate::{parts, places};

/// Train a twin.
#[derive(Args, Clone)]
pub struct TrainArgs {
    /// The data set: a folder with train and valid
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The architecture: tcn, resnet_tcn, elm or transformer
    #[arg(long, value_name = "KIND", value_parser = |s: &str| s.parse::<TwinKind>())]
    pub twin: Option<TwinKind>,
    /// A to E of the class assignment (tcn), or a JSON with the original's keys
    /// [default: the original's for the architecture]
    #[arg(long, value_name = "A-E|FILE")]
    pub config: Option<String>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    pub device: Device,
    /// The folder for checkpoints and learning curves
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// Go on where the run in --out was: --epochs and --device may change, all else stays as the run has it
    #[arg(long)]
    pub resume: bool,
    /// Also write the curves as TensorBoard's event files, into --out
    #[arg(long)]
    pub tensorboard: bool,
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
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub epochs: Option<usize>,
    /// Draws weights, order and windows [default: 0]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Simulations in a step [default: 16]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub batch_size: Option<usize>,
    /// Longest training window, ms [default: 2048; elm 1024, transformer 1280]
    #[arg(long, value_name = "MS", value_parser = at_least_one)]
    pub window: Option<usize>,
    /// Highest learning rate [default: 0.0003]
    #[arg(long, value_name = "LR")]
    pub learning_rate: Option<f64>,
    /// Use only the first so many train simulations
    #[arg(long, value_name = "N", value_parser = at_least_one)]
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
    /// The published recipe for `kind` with the changes of these arguments.
    ///
    /// # Errors
    /// A usage error for an impossible value.
    pub fn build(&self, kind: TwinKind) -> Result<Recipe> {
        let mut recipe = match &self.recipe {
            Some(path) => Recipe::from_json(&files::read_text(path)?, kind)
                .map_err(|e| usage(path.display(), e))?,
            None => Recipe::of(kind),
        };
        self.change(&mut recipe);
        recipe.check().map_err(|e| usage("recipe", e))?;
        if self.taylor_form.is_some() && recipe.taylor_consistency == 0.0 {
            let problem = "says how --taylor-consistency is reckoned, which is not asked for";
            return Err(usage("--taylor-form", problem));
        }
        Ok(recipe)
    }

    /// Changes a recipe by the options that were given, apart from `--recipe`.
    pub fn change(&self, recipe: &mut Recipe) {
        recipe.num_epochs = self.epochs.unwrap_or(recipe.num_epochs);
        recipe.seed = self.seed.unwrap_or(recipe.seed);
        recipe.train_batch_size = self.batch_size.unwrap_or(recipe.train_batch_size);
        recipe.train_time_window_size = self.window.unwrap_or(recipe.train_time_window_size);
        recipe.learning_rate = self.learning_rate.unwrap_or(recipe.learning_rate);
        recipe.taylor_consistency = self.taylor_consistency.unwrap_or(recipe.taylor_consistency);
        recipe.taylor_form = self.taylor_form.unwrap_or(recipe.taylor_form);
    }
}

/// The architecture chosen, for a neuron of `segments` segments.
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
/// A usage error for input that cannot be used; otherwise the failure.
pub fn run(args: TrainArgs) -> Result<()> {
    signals::orderly();
    let claimed = claim(&args.out)?;
    match train(args, &claimed)?.outcome {
        Outcome::Finished => Ok(()),
        Outcome::Stopped => {
            Err(anyhow::Error::new(Interrupted("stopped and saved; --resume goes on".to_owned())))
        }
    }
}

/// The result of a training.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The recipe of the training at its end; the best checkpoint may have trained for fewer epochs.
    pub recipe: Recipe,
    /// The end of the training.
    pub outcome: Outcome,
    /// Number of steps taken in all.
    pub steps: u64,
}

/// The files of a run.
const FILES: [&str; 8] = [
    "recipe.json",
    "config.json",
    "last.safetensors",
    "best.safetensors",
    "curve_train.csv",
    "curve_valid.csv",
    "curves.jsonl",
    DRAWN,
];

/// A run's folder that this process has claimed.
pub struct Claimed {
    // in this order: the folder can only be removed, if it is empty, after the claim's file
    _claim: Claim,
    _folder: places::Folder,
}

/// Makes a run's folder, claims it, and removes the half-written files of a killed run.
///
/// # Errors
/// A usage error where another process trains in the folder; a folder that cannot be written.
pub fn claim(out: &Path) -> Result<Claimed> {
    let folder = places::folder(out)?;
    let claim = Claim::take(&out.join(".lock"), |who| {
        usage(out.display(), format!("another run is at work there ({who}); choose another --out"))
    })?;
    for name in FILES {
        parts::sweep(&out.join(name), false);
    }
    Ok(Claimed { _claim: claim, _folder: folder })
}

/// Trains until the recipe ends or a signal comes, with the run's files in `args.out`, which is claimed.
///
/// # Errors
/// The errors of [`run`].
pub fn train(args: TrainArgs, _claimed: &Claimed) -> Result<Trained> {
    let data = DataSet::open(&args.data)?;
    places::not_an_input(&args.out)?;
    let last = args.out.join("last.safetensors");
    let (checkpoint, train, valid, notes) = if args.resume {
        let mut found = model_file::read_back(&last)?;
        if found.header.recipe.is_none() || found.header.progress.is_none() {
            return Err(usage(last.display(), "holds no training that could go on"));
        }
        let go_on = resume::continued(&found.header, &args, &data)?;
        let Continued { recipe, train, valid, notes } = go_on;
        found.header.recipe = Some(recipe);
        (found, train, valid, notes)
    } else {
        if last.exists() {
            return Err(usage(last.display(), "is there already: --resume goes on with it"));
        }
        let train = twin_data::split(&data, Split::Train, args.recipe.limit)?;
        let valid = twin_data::split(&data, Split::Valid, None)?;
        let segments = twin_data::segments(&train)?;
        let config = architecture(args.twin, args.config.as_deref(), segments)?;
        let recipe = args.recipe.build(config.kind())?;
        let both = [train, valid];
        let learnt_from = resume::learnt_from(&data, &both, args.recipe.limit)?;
        let [train, valid] = both;
        (Checkpoint::begin(config, recipe, learnt_from), train, valid, Vec::new())
    };
    let segments = twin_data::segments(&train)?;
    if checkpoint.header.config.ports().in_spatial_dim != segments {
        return Err(usage(
            data.path.display(),
            format!("has {}, not the run's", count(segments, "segment")),
        ));
    }
    let consistency = checkpoint.header.recipe.as_ref().map_or(0.0, |r| r.taylor_consistency);
    let partners = if consistency > 0.0 { train.partners()? } else { Vec::new() };
    if consistency > 0.0 && partners.is_empty() {
        let problem = "has no perturbed simulations for --taylor-consistency: `ballstick dataset \
             --perturbations K` makes them";
        return Err(usage(data.path.display(), problem));
    }
    if let Some(recipe) = &checkpoint.header.recipe {
        let least = memory::of_training(&checkpoint.header.config, recipe, train.len());
        memory::require(least, "this training")?;
    }
    for name in FILES {
        places::not_an_input(&args.out.join(name))?;
    }
    let training = Training { args, checkpoint, notes, train, partners, valid, segments };
    device::on(training.args.device, training)
}

struct Training {
    args: TrainArgs,
    checkpoint: Checkpoint,
    /// Notes that are printed once the training can no longer be refused.
    notes: Vec<String>,
    train: SplitSource,
    partners: Vec<SplitSource>,
    valid: SplitSource,
    segments: usize,
}

impl Job for Training {
    type Output = Result<Trained>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let Self { args, mut checkpoint, notes, train, partners, valid, segments } = self;
        let header = &checkpoint.header;
        let recipe = header.recipe.clone().unwrap_or_default();
        let progress = header.progress.unwrap_or_else(Progress::start);
        let scaling: Scaling = header.scaling;
        let last = args.out.join("last.safetensors");
        let mut trainer = checkpoint.trainer::<B>(device).map_err(|e| usage(last.display(), e))?;
        let params = trainer.twin.count_params();
        let header = &checkpoint.header;
        let field = header.config.receptive_field();
        notes.iter().for_each(|note| say!("{note}"));
        say!(
            "{} · {params} parameters · receptive field {} · {} train, {}",
            header.short_name,
            field.map_or("unbounded".to_owned(), |ms| format!("{ms} ms")),
            train.len(),
            count(valid.len(), "valid simulation"),
        );
        let recipe_json = serde_json::to_string_pretty(&recipe)? + "\n";
        let config_json = serde_json::to_string_pretty(&header.config)? + "\n";
        let texts = [("recipe.json", recipe_json), ("config.json", config_json)];
        let texts = texts.map(|(name, text)| (args.out.join(name), text));
        for (path, text) in &texts {
            // a run that was killed before its first checkpoint may have left the same files
            if !args.resume && files::read_back(path).is_ok_and(|old| old != text.as_bytes()) {
                let problem = "is there already, and says something else; choose another --out";
                return Err(usage(path.display(), problem));
            }
        }
        for (path, text) in &texts {
            files::write(path, text.as_bytes())?;
        }

        let counts = [train.len(), valid.len()];
        let memory = MEMORY / (1 + partners.len());
        let sources = Sources {
            train: Cached::new(train, memory),
            partners: partners.into_iter().map(|p| Cached::new(p, memory)).collect(),
            valid: Cached::new(valid, MEMORY / 4),
        };
        let mut loader = Prefetch::start(sources, &recipe, progress, scaling, segments);
        let line = Line::new(recipe.steps_per_epoch(counts[0]), recipe.num_epochs);
        let events =
            args.tensorboard.then(|| Events::create(&args.out, &checkpoint)).transpose()?;
        let written = texts.into_iter().map(|(path, _)| path).collect();
        let mut record =
            Recorder { folder: &args.out, checkpoint, line, events, error: None, written };
        let outcome =
            pollster::block_on(trainer.run(&mut loader, counts, async |trainer, event| {
                if let Err(error) = record.on(trainer, event).await {
                    record.error = Some(error);
                    return Control::Stop;
                }
                if signals::stopped() { Control::Stop } else { Control::Continue }
            }));
        record.line.end();
        if let Some(error) = record.error.take() {
            return Err(error);
        }
        // the checkpoint at the training's end: after Ctrl-C, after the last epoch, or before it diverged
        record.save(&trainer, "last").await?;
        record.is_whole()?;
        let outcome = outcome.map_err(|e| match e {
            ballstick::twin::train::TrainError::Data(e) => usage(&e.what, &e.problem),
            other => anyhow!("{other}; {} holds it", args.out.join("last.safetensors").display()),
        })?;
        record.fractions().lines().for_each(|line| say!("{line}"));
        Ok(Trained { recipe, outcome, steps: trainer.progress.step })
    }
}
