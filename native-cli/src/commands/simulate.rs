//! `ballstick simulate`.

use ballstick::text::count;
use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::data::generate::random_inputs;
use ballstick::data::input::{one_a_segment, read_inputs, sweep, write_inputs};
use ballstick::data::mixing::Mixing;
use ballstick::data::npy::{Npz, NpzWriter};
use ballstick::data::{Model, Simulation, Split};
use ballstick::sim::{CurrentClamp, Inputs, Quantity};
use ballstick::twin::sample_metrics::SampleMetrics;
use clap::Args;
use ndarray::Array2;

use super::neuron::{DURATION, NeuronArgs};
use super::predict::NPZ;
use crate::files::{self, usage};
use crate::say::{self, say};
use crate::twins::comparison::{self, Comparison};
use crate::twins::device::{self, Device};
use crate::twins::{model_file, sample_figures};
use crate::{memory, places, plot};

/// Simulate one neuron and write its voltages and targets.
#[derive(Args)]
pub struct SimulateArgs {
    #[command(flatten)]
    neuron: NeuronArgs,
    /// Input spikes: an .npz with x_exc and x_inh (segments × ms), or `random`, `none`,
    /// `sweep` or `sweep:MS,WEIGHT` (strong inputs from the soma to the tip and back, one every MS),
    /// `mixing` or `mixing:AXONS,EXC_HZ,INH_HZ,POWER,MULTIPLIER` (axons that each reach all
    /// segments, by weights MULTIPLIER·u^POWER of a random u; 64,10,2,5,3)
    #[arg(long, value_name = "IN.npz|random|none|sweep|mixing", default_value = "random")]
    inputs: String,
    /// Seed of random inputs: those of the first training simulation of a data set with this seed;
    /// or of mixing [default: 0]
    #[arg(long)]
    seed: Option<u64>,
    /// Duration in ms of inputs that come from no file [default: the neuron's sim_duration_ms, or 1024]
    #[arg(long, value_name = "MS")]
    duration: Option<usize>,
    /// Also an excitatory event: row (the segment, from 0), ms and weight, with `,inh` an inhibitory
    /// one; may be given again
    #[arg(long = "event", value_name = "ROW,MS,WEIGHT[,inh]", value_parser = parse_event)]
    events: Vec<InputEvent>,
    /// Current into the soma: start and duration in ms, amplitude in nA
    #[arg(long, value_name = "START,DURATION,NA", value_parser = parse_clamp, allow_hyphen_values = true)]
    clamp: Option<CurrentClamp>,
    /// Further traces, such as i_NaTa_t,m_NaTa_t,g_NMDA; `all` for every one
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "out")]
    record: Vec<String>,
    /// Steps between samples of the further traces
    #[arg(long, value_name = "STEPS", default_value_t = 1, requires = "record", value_parser = clap::value_parser!(u32).range(1..))]
    record_every: u32,
    /// Where to write the result
    #[arg(long, value_name = "OUT.npz", required_unless_present = "plot")]
    out: Option<PathBuf>,
    /// Also draw the simulation, as .svg or .png; with --twin both over each other
    #[arg(long, value_name = "FIGURE")]
    plot: Option<PathBuf>,
    /// Also let this twin answer the same inputs: the original's .pt or our .safetensors
    #[arg(long, value_name = "M", conflicts_with = "clamp")]
    twin: Option<PathBuf>,
    /// Where the twin computes
    #[arg(long, value_enum, default_value_t = Device::Cpu, requires = "twin")]
    device: Device,
}

/// An event given on the command line.
#[derive(Clone, Copy)]
struct InputEvent {
    row: usize,
    ms: usize,
    weight: f64,
    excitatory: bool,
}

fn parse_event(text: &str) -> Result<InputEvent, String> {
    let event = || {
        let (text, excitatory) = match text.rsplit_once(',') {
            Some((event, kind)) if kind.trim() == "inh" => (event, false),
            _ => (text, true),
        };
        let [row, ms, weight] = text.split(',').collect::<Vec<_>>().try_into().ok()?;
        let weight: f64 = weight.trim().parse().ok()?;
        let fits = weight.is_finite() && weight >= 0.0;
        let (row, ms) = (row.trim().parse().ok()?, ms.trim().parse().ok()?);
        fits.then_some(InputEvent { row, ms, weight, excitatory })
    };
    event().ok_or_else(|| {
        "expected ROW,MS,WEIGHT, such as 3,20,1.5 or 3,20,1.5,inh: two whole numbers and a weight \
         of at least 0"
            .to_owned()
    })
}

fn parse_clamp(text: &str) -> Result<CurrentClamp, String> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|n| n.trim().parse().map_err(|_| format!("\"{n}\" is not a number")))
        .collect::<Result<_, _>>()?;
    match numbers[..] {
        [start_ms, duration_ms, amplitude_na] => {
            Ok(CurrentClamp { start_ms, duration_ms, amplitude_na })
        }
        _ => Err("expected START,DURATION,NA, such as 100,500,0.4".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// Input that cannot be used; output that cannot be written. In either case no file is written.
pub fn run(args: SimulateArgs) -> Result<()> {
    let model = args.neuron.model()?;
    let extra = quantities(&args, &model)?;
    if is_file(&args.inputs) {
        places::is_input(Path::new(&args.inputs));
    }
    if let Some(path) = &args.out {
        places::file(path, NPZ)?;
    }
    if let Some(path) = &args.plot {
        places::file(path, plot::ENDING)?;
    }
    let inputs = with_events(inputs(&args, &model)?, &args.events)?;
    if let Some(clamp) = &args.clamp {
        let end = inputs.duration_ms as f64;
        if clamp.duration_ms == 0.0
            || clamp.start_ms >= end
            || clamp.start_ms + clamp.duration_ms <= 0.0
        {
            let (from, lasts) = (clamp.start_ms, clamp.duration_ms);
            let problem =
                format!("{lasts} ms from {from} ms on flow never in the {end} ms simulated");
            return Err(usage("--clamp", problem));
        }
    }
    let twin = match &args.twin {
        Some(path) => {
            let checkpoint = model_file::read(path)?;
            Comparison::check(path, &checkpoint, inputs.num_segments, inputs.duration_ms)?;
            Some((path, checkpoint))
        }
        None => None,
    };
    let simulation = simulate(&args, &model, inputs, &extra)?;
    let judged = match &twin {
        Some((path, checkpoint)) => {
            let comparison = Comparison { path, checkpoint, simulation: &simulation };
            Some(device::on(args.device, comparison)?)
        }
        None => None,
    };
    if let Some(path) = &args.out {
        let mut npz = archive(&simulation, &model, &extra)?;
        judged.iter().try_for_each(|judged| comparison::add(&mut npz, judged))?;
        files::write(path, &npz.finish()?)?;
    }
    match (&args.plot, &judged, &twin) {
        (Some(path), Some(judged), Some((_, checkpoint))) => {
            let title = format!("{} beside {}", model.short_name(), checkpoint.header.short_name);
            let cap = model.readout().targets.soma_cap_mv;
            comparison::draw(path, title, &simulation, judged, cap)?;
        }
        (Some(path), ..) => plot::simulation::draw(path, &simulation, &model)?,
        _ => {}
    }
    let spikes = simulation.targets.spikes.iter().filter(|s| **s).count();
    let duration = simulation.inputs.duration_ms;
    say!(
        "{}: {duration} ms, {} ({:.2} Hz){}{}",
        model.short_name(),
        count(spikes, "spike"),
        spikes as f64 * 1000.0 / duration as f64,
        written(args.out.as_deref()),
        written(args.plot.as_deref()),
    );
    judged.map_or(Ok(()), |judged| {
        say::result(&sample_figures::lines(&SampleMetrics::new(0, &judged)))
    })
}

fn written(path: Option<&Path>) -> String {
    path.map(|p| format!(" → {}", p.display())).unwrap_or_default()
}

fn simulate(
    args: &SimulateArgs,
    model: &Model,
    inputs: Inputs,
    extra: &[(Quantity, usize)],
) -> Result<Simulation> {
    memory::require(bytes(model, inputs.duration_ms, extra), "the simulation's traces")?;
    let simulation = match model {
        Model::BallAndStick(params) => Simulation::run(params, inputs, args.clamp, extra),
        Model::FilterAndFire(_) if args.clamp.is_some() => {
            return Err(usage("--clamp", "a filter-and-fire neuron takes no current"));
        }
        Model::FilterAndFire(_) if !extra.is_empty() => {
            return Err(usage(
                "--record",
                "a filter-and-fire neuron has no channels and conductances",
            ));
        }
        Model::FilterAndFire(_) => model.run(inputs),
    };
    simulation.map_err(|e| usage("cannot simulate", e))
}

/// Memory of the traces, bytes: each as it is recorded, and again as it is written.
fn bytes(model: &Model, duration_ms: usize, extra: &[(Quantity, usize)]) -> u128 {
    let Model::BallAndStick(params) = model else {
        return 3 * 8 * model.num_rows() as u128 * duration_ms as u128;
    };
    let steps = duration_ms as u128 * params.samples_per_ms as u128;
    let rows = |q: &Quantity| if q.per_segment() { params.num_rows() as u128 } else { 1 };
    let extra: u128 = extra.iter().map(|(q, every)| steps / *every as u128 * rows(q)).sum();
    let by_ms = if params.has_dendritic_pools() { 2 } else { 1 };
    let usual = steps + duration_ms as u128 * (by_ms * params.num_rows() as u128 + 1);
    2 * 8 * (usual + extra)
}

/// Whether the inputs come from a file.
fn is_file(inputs: &str) -> bool {
    !matches!(inputs, "none" | "sweep" | "random" | "mixing")
        && !inputs.starts_with("sweep:")
        && !inputs.starts_with("mixing:")
}

fn inputs(args: &SimulateArgs, model: &Model) -> Result<Inputs> {
    let segments = model.num_rows();
    let kind = args.inputs.as_str();
    let draws = kind == "random" || (!is_file(kind) && kind.starts_with("mixing"));
    if args.seed.is_some() && !draws {
        return Err(usage("--seed", format!("is of random inputs; --inputs {kind} draws nothing")));
    }
    if is_file(kind) && (args.duration.is_some() || args.neuron.sets(DURATION)) {
        let what = if args.duration.is_some() { "--duration" } else { "--set sim_duration_ms" };
        return Err(usage(what, format!("{kind} says by itself how long it is")));
    }
    let duration = args.neuron.duration(model, args.duration)?.unwrap_or(1024);
    if !(1..=10_000_000).contains(&duration) {
        return Err(usage("--duration", format!("{duration} ms must lie in 1..10000000 ms")));
    }
    // excitatory and inhibitory weights
    let bytes = 2 * 8 * segments as u128 * duration as u128;
    if !is_file(kind) {
        memory::require(bytes, &format!("inputs of {duration} ms"))?;
    }
    match kind {
        "none" => Ok(Inputs::silent(segments, duration)),
        "sweep" => {
            let every_ms = one_a_segment(segments, duration);
            Ok(sweep(segments, duration, every_ms, SWEEP_WEIGHT))
        }
        // the inputs of the first training simulation of a data set with this seed
        "random" => Ok(random_inputs(args.seed.unwrap_or(0), Split::Train, 0, segments, duration)),
        mixed if mixed.starts_with("mixing") && !is_file(mixed) => {
            let numbers = mixed.strip_prefix("mixing:").unwrap_or_default();
            let mixing =
                Mixing::parse(numbers).map_err(|e| usage(format!("--inputs {mixed}"), e))?;
            Ok(mixing.inputs(args.seed.unwrap_or(0), segments, duration))
        }
        denser if denser.starts_with("sweep:") => {
            let (every_ms, weight) = parse_sweep(&denser["sweep:".len()..])?;
            Ok(sweep(segments, duration, every_ms, weight))
        }
        path => {
            let bytes = files::read(Path::new(path))?;
            let inputs = Npz::new(&bytes).and_then(|mut npz| read_inputs(&mut npz));
            let inputs = inputs.map_err(|e| usage(path, e))?;
            inputs.validate(segments).map_err(|e| usage(path, e))?;
            Ok(inputs)
        }
    }
}

/// The inputs with the events of `--event` added.
fn with_events(mut inputs: Inputs, events: &[InputEvent]) -> Result<Inputs> {
    for InputEvent { row, ms, weight, excitatory } in events {
        let (rows, duration) = (inputs.num_segments, inputs.duration_ms);
        if *row >= rows || *ms >= duration {
            let must = format!("must lie in rows 0..{rows} and 0..{duration} ms");
            return Err(usage("--event", format!("{row},{ms},{weight} {must}")));
        }
        let weights = if *excitatory { &mut inputs.exc } else { &mut inputs.inh };
        weights[row * duration + ms] += weight;
    }
    Ok(inputs)
}

/// Reads an interval in ms and a weight, such as `16,15`.
fn parse_sweep(text: &str) -> Result<(f64, f64)> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    text.split_once(',')
        .and_then(|(every, weight)| Some((number(every)?, number(weight)?)))
        .filter(|(every, weight)| (1.0..=1e7).contains(every) && (0.0..=1e6).contains(weight))
        .ok_or_else(|| {
            let must = "must be sweep:MS,WEIGHT, at least 1 ms apart, with a weight of at least 0";
            usage("--inputs", format!("sweep:{text} {must}"))
        })
}

/// The weight of the sweep's events: strong enough for a local NMDA spike.
const SWEEP_WEIGHT: f64 = 20.0;

fn quantities(args: &SimulateArgs, model: &Model) -> Result<Vec<(Quantity, usize)>> {
    let pools = matches!(model, Model::BallAndStick(params) if params.has_dendritic_pools());
    let every = args.record_every as usize;
    let mut asked: Vec<Quantity> = Vec::new();
    for name in args.record.iter().map(|name| name.trim()).filter(|name| *name != "all") {
        let quantity = name.parse().map_err(|e| usage("--record", e))?;
        if asked.contains(&quantity) {
            return Err(usage("--record", format!("{name} stands there twice")));
        }
        asked.push(quantity);
    }
    if asked.len() < args.record.len() {
        asked = Quantity::all();
        asked.retain(|quantity| pools || quantity.is_everywhere());
    }
    if !pools && asked.iter().any(|quantity| !quantity.is_everywhere()) {
        return Err(usage("--record", "no segment of this neuron has a calcium pool"));
    }
    Ok(asked.into_iter().map(|quantity| (quantity, every)).collect())
}

fn archive(
    simulation: &Simulation,
    model: &Model,
    extra: &[(Quantity, usize)],
) -> Result<NpzWriter> {
    let inputs = &simulation.inputs;
    let targets = &simulation.targets;
    let mut npz = NpzWriter::default();
    write_inputs(&mut npz, inputs)?;
    npz.add("v_soma_hr_mV", &simulation.v_soma_hr)?;
    npz.add("v_dend_1ms_mV", &simulation.v_dend)?;
    if !simulation.cai.is_empty() {
        npz.add("cai_1ms_mM", &simulation.cai)?;
    }
    if !simulation.cai_dend.is_empty() {
        npz.add("cai_seg_1ms_mM", &simulation.cai_dend)?;
    }
    npz.add("branch_voltages", &targets.dend_v)?;
    npz.add("y_soma", &targets.soma_v)?;
    npz.add("y_spike", &targets.spikes)?;
    npz.add("y_near_spike", &targets.near_spike)?;
    npz.add("y_inst_rate", &targets.inst_rate)?;
    npz.add_file("neuron.json", &serde_json::to_vec_pretty(model)?)?;
    // the recording begins with the traces that are always recorded
    let own = simulation.recording.traces().len() - extra.len();
    let asked = simulation.recording.traces().iter().skip(own);
    for (trace, _) in asked.zip(extra) {
        let samples = trace.values.len() / trace.width;
        let rows = Array2::from_shape_vec((samples, trace.width), trace.values.clone())?;
        let rows = rows.reversed_axes();
        if trace.quantity.per_segment() {
            npz.add(&trace.quantity.to_string(), &rows)?;
        } else {
            npz.add(&trace.quantity.to_string(), &rows.row(0))?;
        }
    }
    Ok(npz)
}
