//! `ballstick model`.

use std::path::PathBuf;

use anyhow::Result;
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::tour::Stop;
use clap::Args;

use super::at_least_one;
use super::train::architecture;
use crate::files::usage;
use crate::say;
use crate::twins::model_file;

/// Walk through a twin layer by layer: each layer's output, parameters, receptive field so far, and multiply-adds.
#[derive(Args)]
pub struct ModelArgs {
    /// The architecture: tcn, resnet_tcn, elm or transformer
    #[arg(long, value_name = "KIND", value_parser = |s: &str| s.parse::<TwinKind>())]
    twin: Option<TwinKind>,
    /// A to E of the class assignment (tcn), or a JSON with the original's keys
    /// [default: the original's for the architecture]
    #[arg(long, value_name = "A-E|FILE")]
    config: Option<String>,
    /// A twin instead: the original's .pt or our .safetensors
    #[arg(long, value_name = "M.pt|M.safetensors", conflicts_with_all = ["twin", "config", "segments"])]
    model: Option<PathBuf>,
    /// Segments of the neuron
    #[arg(long, value_name = "N", default_value = "8", value_parser = at_least_one)]
    segments: usize,
    /// ms of the input
    #[arg(long, value_name = "MS", default_value = "2048", value_parser = at_least_one)]
    time: usize,
    /// Simulations in the input
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one)]
    batch: usize,
    /// Print the walk as JSON
    #[arg(long)]
    json: bool,
}

/// The longest input, ms, whose counts stay within their integer type.
const LONGEST_MS: usize = 1 << 24;

/// Runs the command.
///
/// # Errors
/// A usage error for a configuration or a twin that cannot be used.
pub fn run(args: ModelArgs) -> Result<()> {
    if args.time > LONGEST_MS {
        return Err(usage("--time", format!("may be {LONGEST_MS} ms at most")));
    }
    let config = match &args.model {
        Some(path) => model_file::read(path)?.header.config,
        None => architecture(args.twin, args.config.as_deref(), args.segments)?,
    };
    config.check().map_err(|e| usage("--segments", e))?;
    let stops = config.tour(args.time);
    let text = match args.json {
        true => serde_json::to_string_pretty(&json(&config, args.batch, &stops))? + "\n",
        false => table(&config, args.batch, &stops),
    };
    say::result(&text)
}

fn total(stops: &[Stop], batch: usize) -> u64 {
    let sum = stops.iter().fold(0u64, |sum, stop| sum.saturating_add(stop.multiply_adds));
    sum.saturating_mul(batch as u64)
}

fn json(config: &TwinConfig, batch: usize, stops: &[Stop]) -> serde_json::Value {
    serde_json::json!({
        "short_name": config.short_name(config.num_parameters()),
        "num_parameters": config.num_parameters(),
        "receptive_field_ms": config.receptive_field(),
        "batch": batch,
        "multiply_adds": total(stops, batch),
        "layers": stops,
    })
}

fn table(config: &TwinConfig, batch: usize, stops: &[Stop]) -> String {
    let parameters = config.num_parameters();
    let mut rows = vec![
        ["layer", "output", "parameters", "sees (ms)", "multiply-adds", ""].map(str::to_owned),
    ];
    for stop in stops {
        let [channels, segments, time] = stop.shape;
        rows.push([
            stop.name.clone(),
            format!("{batch} × {channels} × {segments} × {time}"),
            stop.parameters.to_string(),
            stop.receptive_field_ms.map_or("all".to_owned(), |ms| ms.to_string()),
            stop.multiply_adds.saturating_mul(batch as u64).to_string(),
            stop.what.clone(),
        ]);
    }
    let sum = total(stops, batch).to_string();
    rows.push(["all", "", &parameters.to_string(), "", &sum, ""].map(str::to_owned));
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let mut text = config.short_name(parameters) + "\n";
    for row in &rows {
        let [name, shape, parameters, field, products, what] = row;
        let line = format!(
            "{name:<a$}  {shape:<b$}  {parameters:>c$}  {field:>d$}  {products:>e$}  {what}",
            a = widths[0],
            b = widths[1],
            c = widths[2],
            d = widths[3],
            e = widths[4],
        );
        text += line.trim_end();
        text.push('\n');
    }
    text
}
