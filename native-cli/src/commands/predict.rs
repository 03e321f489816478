//! `ballstick predict`.

use ballstick::text::count;
use std::path::PathBuf;

use anyhow::Result;
use ballstick::data::npy::{Npz, NpzWriter};
use ballstick::twin::backend::TrainBackend;
use ballstick::twin::evaluate::{RawOutputs, predict, probability};
use ballstick::twin::heads::HEADS;
use ballstick::twin::scaling::Scaling;
use ballstick::twin::weights::Checkpoint;
use clap::Args;
use ndarray::{Array3, Array4, ArrayD, IxDyn};

use crate::files::{self, usage};
use crate::memory;
use crate::places::{self, Ending};
use crate::twins::device::{self, Device, Job};
use crate::twins::model_file;

/// Let a twin predict, from any inputs.
#[derive(Args)]
pub struct PredictArgs {
    /// The twin: the original's .pt or our .safetensors
    #[arg(long, value_name = "M.pt|M.safetensors")]
    model: PathBuf,
    /// Inputs: X (batch × 2 × segments × ms), or x_exc and x_inh (segments × ms)
    #[arg(long, value_name = "X.npz")]
    inputs: PathBuf,
    /// Where to write the predictions
    #[arg(long, value_name = "P.npz")]
    out: PathBuf,
    /// X is scaled already; write the heads' raw outputs
    #[arg(long)]
    raw: bool,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = Device::Cpu)]
    device: Device,
}

/// Runs the command.
///
/// # Errors
/// An error that names the file at fault.
pub fn run(args: PredictArgs) -> Result<()> {
    let checkpoint = model_file::read(&args.model)?;
    let x = read_inputs(&args)?;
    places::file(&args.out, NPZ)?;
    let ports = checkpoint.header.config.ports();
    let (batch, channels, segments, time) = x.dim();
    if (channels, segments) != (ports.in_channels, ports.in_spatial_dim) {
        return Err(usage(
            args.inputs.display(),
            format!(
                "X has {} and {}; the twin wants {} and {}",
                count(channels, "channel"),
                count(segments, "segment"),
                ports.in_channels,
                ports.in_spatial_dim
            ),
        ));
    }
    let least = memory::of_predicting(&checkpoint.header.config, batch, time, at_once(batch, time));
    memory::require(least, "the predictions")?;
    let scaling = checkpoint.header.scaling;
    let (out, raw) = (args.out.clone(), args.raw);
    let scale = if raw { 1.0 } else { scaling.X_scale as f32 };
    let x = x.mapv(|v| v / scale);
    let outputs = device::on(args.device, Predict { args, checkpoint, x })?;
    files::write(&out, &archive(&outputs, &scaling, raw)?)
}

/// The ending by which `numpy.load` recognises an archive; a name without an ending is the user's choice.
pub const NPZ: Ending = Ending::Or("npz");

fn read_inputs(args: &PredictArgs) -> Result<Array4<f32>> {
    let bytes = files::read(&args.inputs)?;
    let fail = |e: &dyn std::fmt::Display| usage(args.inputs.display(), e);
    let mut npz = Npz::new(&bytes).map_err(|e| fail(&e))?;
    let names = npz.names();
    let x = if names.iter().any(|n| n == "X") {
        npz.read_real("X").map_err(|e| fail(&e))?
    } else if names.iter().any(|n| n == "x_exc") {
        let exc = npz.read_real("x_exc").map_err(|e| fail(&e))?;
        let inh = npz.read_real("x_inh").map_err(|e| fail(&e))?;
        let both = ndarray::stack(ndarray::Axis(0), &[exc.view(), inh.view()]);
        let both: ArrayD<f64> = both.map_err(|_| fail(&"x_exc and x_inh differ in shape"))?;
        both.insert_axis(ndarray::Axis(0))
    } else {
        return Err(fail(&format!("has neither X nor x_exc and x_inh, but {}", names.join(", "))));
    };
    let shape = x.shape().to_vec();
    let x = x.into_dimensionality::<ndarray::Ix4>();
    let x = x.map_err(|_| fail(&format!("X has shape {shape:?}, not (batch, 2, segments, ms)")))?;
    if x.is_empty() {
        return Err(fail(&format!("X is empty: its shape is {shape:?}")));
    }
    let most = f64::from(f32::MAX);
    if let Some((at, value)) = x.indexed_iter().find(|(_, v)| v.abs() > most) {
        let (a, b, c, d) = at;
        let problem = format!("holds {value:e} at [{a}, {b}, {c}, {d}], beyond what a twin takes");
        return Err(fail(&problem));
    }
    Ok(x.mapv(|v| v as f32))
}

/// Number of series that are predicted at a time, so that memory does not grow with the batch.
fn at_once(batch: usize, time: usize) -> usize {
    (65_536 / time).clamp(1, batch)
}

struct Predict {
    args: PredictArgs,
    checkpoint: Checkpoint,
    x: Array4<f32>,
}

impl Job for Predict {
    type Output = Result<RawOutputs>;

    async fn run<B: TrainBackend>(self, device: &B::Device) -> Self::Output {
        let twin = model_file::twin::<B::InnerBackend>(&self.checkpoint, &self.args.model, device)?;
        let (batch, channels, segments, time) = self.x.dim();
        let at_once = at_once(batch, time);
        let mut all = RawOutputs { values: Vec::new(), dims: [batch, 0, time] };
        for chunk in self.x.axis_chunks_iter(ndarray::Axis(0), at_once) {
            let dims = [chunk.shape()[0], channels, segments, time];
            let x = chunk.iter().copied().collect();
            let some = predict(&twin, x, dims, device).await?;
            all.dims[1] = some.dims[1];
            all.values.extend(some.values);
        }
        Ok(all)
    }
}

/// The heads' outputs as an archive of arrays: raw in PyTorch's shapes, otherwise scaled back and without axes of
/// length 1.
fn archive(outputs: &RawOutputs, scaling: &Scaling, raw: bool) -> Result<Vec<u8>> {
    let [batch, channels, time] = outputs.dims;
    let all = Array3::from_shape_vec((batch, channels, time), outputs.values.clone())?;
    let mut npz = NpzWriter::default();
    for (i, head) in HEADS.iter().enumerate() {
        let rows = if i < 4 { i..i + 1 } else { 4..channels };
        let count = rows.len();
        let part = all.slice(ndarray::s![.., rows, ..]);
        let part = part.mapv(|v| match (raw, i) {
            (true, _) => v,
            (_, 0 | 2) => probability(v),
            (_, 1) => scaling.soma_mv(v),
            (_, 3) => scaling.rate_per_ms(v),
            _ => scaling.dend_mv(v),
        });
        let shape = match (raw, i) {
            (true, _) => vec![batch, count, 1, time],
            (_, 4) => vec![batch, count, time],
            _ => vec![batch, time],
        };
        let part = part.into_shape_with_order(IxDyn(&shape))?;
        npz.add(head, &part)?;
    }
    Ok(npz.finish()?)
}
