//! The arguments by which every command chooses its neuron.

use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::data::Model;
use ballstick::settings;
use ballstick::sim::NeuronParams;
use ballstick::sim::swc::Options;
use clap::Args;

use super::swc;
use crate::files::{self, usage};
use crate::say::say;

/// Which neuron.
#[derive(Args)]
pub struct NeuronArgs {
    /// The kind of neuron; a file or a preset says it by itself [default: ball-and-stick]
    #[arg(long, value_name = "KIND", value_parser = [Model::BALL_AND_STICK, Model::FILTER_AND_FIRE])]
    model: Option<String>,
    /// The neuron's parameters, a JSON with the original's keys, or with "model": "ff" a filter-and-fire neuron's
    #[arg(long, value_name = "N.json", conflicts_with = "preset")]
    neuron: Option<PathBuf>,
    /// A neuron by name: ampa-point, nmda-cable (human NMDA) or nmda-cable-rodent; hay2011, Hay et al.'s layer-5
    /// pyramidal cell on a drawn cell or that of --swc; filter-and-fire: ff-linear, ff-ampa, ff-nmda or ff-two-sided
    /// [default: nmda-cable, ff-nmda]
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// A cell, SWC or Neurolucida (.asc), whose soma and dendrites take the place of the neuron's; `ballstick swc` has
    /// options
    #[arg(long, value_name = "CELL")]
    swc: Option<PathBuf>,
    /// Change a parameter, such as multiplicative_SKE2_factor=1; may be given again
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl NeuronArgs {
    /// The neuron chosen, of either kind, after all checks.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key, a value out of bounds, arguments that contradict each other.
    pub fn model(&self) -> Result<Model> {
        let (mut model, place) = self.base()?;
        if let Some(kind) = self.model.as_deref().filter(|kind| *kind != model.kind()) {
            return Err(usage("--model", format!("{place} is not {kind} but {}", model.kind())));
        }
        if let Some(path) = &self.swc {
            let Model::BallAndStick(params) = model else {
                return Err(usage("--swc", "a filter-and-fire neuron has no shape"));
            };
            let pyramidal = self.preset.as_deref() == Some(NeuronParams::PYRAMIDAL);
            let options = Options { segments: swc::default_rule(pyramidal), ..Options::default() };
            let (neuron, description) =
                swc::onto(path, &options, params, pyramidal, "`ballstick swc` with ")?;
            say!("{}: {description}", path.display());
            model = neuron.into();
        }
        if self.set.is_empty() {
            return Ok(model);
        }
        let mut json = model.to_json();
        let mut keys: Vec<&str> = Vec::new();
        for change in &self.set {
            let Some((key, value)) = change.split_once('=') else {
                return Err(usage("--set", format!("\"{change}\" is not of the form KEY=VALUE")));
            };
            let key = key.trim();
            if keys.contains(&key) {
                return Err(usage("--set", format!("{key} is set twice")));
            }
            keys.push(key);
            json[key] = settings::typed(value);
        }
        let model = Model::from_json(&json.to_string()).map_err(|e| usage("--set", e))?;
        let decided = self.decided(&model);
        if let Some((key, by)) = decided.iter().find(|(key, _)| keys.contains(key)) {
            return Err(usage("--set", format!("{key} would change nothing: {by} decides it")));
        }
        Ok(model)
    }

    /// The duration of `--duration`, or else of the neuron's parameters, ms; `None` where neither gives one.
    ///
    /// # Errors
    /// A usage error where `--set` and `--duration` differ.
    pub fn duration(&self, model: &Model, typed: Option<usize>) -> Result<Option<usize>> {
        let (set, here) = (self.sets(DURATION), model.sim_duration_ms());
        match (typed, here) {
            (Some(ms), Some(other)) if set && ms != other => {
                Err(usage("--duration", format!("is {ms}, but --set {DURATION} is {other}")))
            }
            _ => Ok(typed.or(here)),
        }
    }

    /// Whether `--set` names a parameter.
    pub fn sets(&self, parameter: &str) -> bool {
        let key =
            |change: &String| change.split_once('=').is_some_and(|(k, _)| k.trim() == parameter);
        self.set.iter().any(key)
    }

    /// The parameters without effect on this neuron, each with the one that decides in its place.
    fn decided(&self, model: &Model) -> Vec<(&'static str, &'static str)> {
        let by = |keys: &[&'static str], by| keys.iter().map(|key| (*key, by)).collect();
        match model {
            Model::BallAndStick(_) if self.swc.is_some() => by(SHAPE, "--swc"),
            Model::BallAndStick(params) if params.branches.is_some() => by(DENDRITE, "branches"),
            Model::BallAndStick(_) => Vec::new(),
            Model::FilterAndFire(params) => params.without_effect(),
        }
    }

    /// The biophysical neuron chosen.
    ///
    /// # Errors
    /// The errors of [`model`](Self::model); a filter-and-fire neuron.
    #[allow(dead_code)] // for commands that cannot use a filter-and-fire neuron
    pub fn params(&self) -> Result<NeuronParams> {
        match self.model()? {
            Model::BallAndStick(params) => Ok(params),
            Model::FilterAndFire(_) => {
                Err(usage("--model", "this command takes no filter-and-fire neuron"))
            }
        }
    }

    /// The neuron before `--set` and `--swc`, and where it comes from, in words.
    fn base(&self) -> Result<(Model, String)> {
        if let Some(path) = &self.neuron {
            let place = path.display().to_string();
            return Ok((read(path)?, place));
        }
        let ff = self.model.as_deref() == Some(Model::FILTER_AND_FIRE);
        let default = if ff { "ff-nmda" } else { "nmda-cable" };
        let name = self.preset.as_deref().unwrap_or(default);
        let model = Model::preset(name).map_err(|e| usage("--preset", e))?;
        Ok((model, format!("preset {name}")))
    }
}

/// The parameter that is the default of `--duration`.
pub const DURATION: &str = "sim_duration_ms";

/// The parameters that `--swc` takes from the cell.
const SHAPE: &[&str] =
    &["num_segments", "soma_L_um", "soma_diam_um", "dend_L_um", "dend_diam_um", "branches"];

/// The parameters that a tree of branches replaces.
const DENDRITE: &[&str] = &["num_segments", "dend_L_um", "dend_diam_um"];

fn read(path: &Path) -> Result<Model> {
    Model::from_json(&files::read_text(path)?).map_err(|e| usage(path.display(), e))
}
