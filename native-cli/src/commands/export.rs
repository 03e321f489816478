//! `ballstick export`.

use std::path::PathBuf;

use anyhow::Result;
use ballstick::data::Split;
use ballstick::twin::evaluate::Evaluation;
use ballstick::twin::onnx::ScalingPlace;
use clap::{Args, ValueEnum};

use super::evaluate::judge_all;
use crate::files::{self, usage};
use crate::places::{self, Ending};
use crate::say;
use crate::store::DataSet;
use crate::twins::device::Device;
use crate::twins::{data, model_file};

/// A form of a twin's file.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The original's: its `load_model` takes it
    Pt,
    /// Ours
    Safetensors,
    /// For ONNX's runtimes
    Onnx,
}

impl Format {
    const ENDINGS: [&str; 3] = ["pt", "safetensors", "onnx"];

    fn ending(self) -> &'static str {
        Self::ENDINGS[self as usize]
    }
}

/// Where an .onnx scales.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scales {
    /// X divided by its scale is taken, the heads' raw outputs are given
    Outside,
    /// Synaptic weights are taken; probabilities, mV and spikes per ms are given
    Inside,
}

/// Write a twin in another form: the original's .pt, our .safetensors, or an .onnx.
///
/// A .pt holds the weights, the architecture, the scaling, and under `metadata` the neuron, the recipe, the learning
/// curves and the metrics, under the original's names; what AdamW remembers stays behind.
///
/// An .onnx (opset 17) takes X (batch × channels × segments × ms), of any batch and any time, and gives spikes, soma,
/// near_spike, inst_rate and dend_v (batch × channels × 1 × ms).
#[derive(Args)]
pub struct ExportArgs {
    /// The twin: the original's .pt or our .safetensors
    #[arg(long, value_name = "M.pt|M.safetensors")]
    model: PathBuf,
    /// What is written
    #[arg(long, value_enum)]
    format: Format,
    /// The file, or a folder, into which it goes under the original's name
    #[arg(long, value_name = "FILE|DIR")]
    out: PathBuf,
    /// Where an .onnx scales its input and outputs [default: outside]
    #[arg(long, value_enum)]
    scaling: Option<Scales>,
    /// Evaluate the twin on this data set's test simulations first: its metrics go into the file and its name
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu, requires = "data")]
    device: Device,
}

/// Runs the command.
///
/// # Errors
/// A usage error for a twin or a data set that cannot be used, or a file that exists already.
pub fn run(args: ExportArgs) -> Result<()> {
    if args.scaling.is_some() && args.format != Format::Onnx {
        return Err(usage("--scaling", "is for --format onnx; the other forms hold the constants"));
    }
    let mut checkpoint = model_file::read(&args.model)?;
    if checkpoint.state.is_empty() {
        return Err(usage(args.model.display(), "holds a twin without weights"));
    }
    // weights that do not fit the architecture are refused here
    model_file::twin::<burn::backend::Flex>(&checkpoint, &args.model, &Default::default())?;
    let ending = args.format.ending();
    // the place is checked before the work
    if args.out.is_dir() {
        drop(places::folder(&args.out)?);
    } else if args.out.extension().is_none_or(|e| e != ending) {
        let problem = format!("must be a folder that is there, or a file that ends in .{ending}");
        return Err(usage(args.out.display(), problem));
    } else if args.out.exists() {
        return Err(usage(args.out.display(), "is there already"));
    } else {
        places::file(&args.out, Ending::OneOf(&Format::ENDINGS))?;
    }
    if let Some(path) = &args.data {
        let set = DataSet::open(path)?;
        let split = data::split(&set, Split::Test, None)?;
        let (judged, _) = judge_all(args.device, checkpoint.clone(), &args.model, split, true)?;
        checkpoint.header.metrics = serde_json::to_value(Evaluation::new(&judged))?;
    }
    let name = checkpoint.torch_file_name();
    let bytes = match args.format {
        Format::Pt => checkpoint.to_torch().map_err(|e| usage(args.model.display(), e))?,
        Format::Safetensors => checkpoint.to_bytes()?,
        Format::Onnx => {
            let place = match args.scaling {
                Some(Scales::Inside) => ScalingPlace::Inside,
                _ => ScalingPlace::Outside,
            };
            checkpoint.to_onnx(place).map_err(|e| usage(args.model.display(), e))?
        }
    };
    let path = if args.out.is_dir() {
        args.out.join(name.replace(".pt", &format!(".{ending}")))
    } else {
        args.out
    };
    if path.exists() {
        return Err(usage(path.display(), "is there already"));
    }
    files::write(&path, &bytes)?;
    say::result(&format!("{}\n", path.display()))
}
