//! The five panels of one simulation: inputs, dendritic voltages, soma voltage, events, rate.

use std::path::Path;

use anyhow::Result;
use ballstick::data::stats::{SampleStats, Statistic};
use ballstick::data::{Model, Sample, Simulation, Targets};
use ballstick::plot::range::padded;
use ballstick::plot::{
    Axis, Colour, Data, Figure, Heat, Panel, Series, Sheet, Style, panels, scale,
};
use ballstick::sim::Inputs;
use ballstick::text::fixed;

use super::save;

const WIDTH: f64 = 1200.0;

/// Draws a simulation into a file.
///
/// # Errors
/// A name with another ending than .svg or .png, or a file that cannot be written.
pub fn draw(path: &Path, simulation: &Simulation, model: &Model) -> Result<()> {
    let shown = Shown {
        titles: [
            format!("input, by {}", model.row_name()),
            format!("dendritic voltage, by {}", model.row_name()),
            "soma voltage, every step".to_owned(),
            "events".to_owned(),
            "rate".to_owned(),
        ],
        inputs: &simulation.inputs,
        dend_mv: simulation.v_dend.iter().copied().collect(),
        soma_step_ms: 1.0 / model.samples_per_ms() as f64,
        soma_mv: simulation.v_soma_hr.to_vec(),
        row_name: model.row_name(),
        soma_cap_mv: model.readout().targets.soma_cap_mv,
        targets: &simulation.targets,
    };
    let mut sheet = Sheet::new([model.short_name()], [WIDTH]);
    sheet.push("", shown.figure());
    save(path, &sheet)
}

/// Draws a data set's sample of a simulation into a file, with its statistics.
///
/// # Errors
/// The errors of [`draw`].
pub fn draw_sample(
    path: &Path,
    title: String,
    sample: &Sample,
    stats: &SampleStats,
    model: &Model,
) -> Result<()> {
    let two =
        |mean, std| format!("mean {}, std {}", fixed(stats.get(mean), 3), fixed(stats.get(std), 3));
    let row = model.row_name();
    let shown = Shown {
        titles: [
            format!(
                "input, by {row}: excitatory {}; inhibitory {}",
                two(Statistic::ExcMean, Statistic::ExcStd),
                two(Statistic::InhMean, Statistic::InhStd)
            ),
            format!(
                "dendritic voltage, capped, by {row}: {} mV",
                two(Statistic::BranchMean, Statistic::BranchStd)
            ),
            format!("soma voltage, capped: {}", two(Statistic::SomaMean, Statistic::SomaStd)),
            format!(
                "events: {:.2} spikes a second, near a spike {:.1}% of the time",
                stats.get(Statistic::FiringRate),
                100.0 * stats.get(Statistic::NearSpike),
            ),
            format!("rate: {}", two(Statistic::RateMean, Statistic::RateStd)),
        ],
        inputs: &sample.weights(),
        dend_mv: sample.targets.dend_v.iter().map(|v| f64::from(*v)).collect(),
        soma_step_ms: 1.0,
        soma_mv: sample.targets.soma_v.iter().map(|v| f64::from(*v)).collect(),
        row_name: row,
        soma_cap_mv: model.readout().targets.soma_cap_mv,
        targets: &sample.targets,
    };
    let mut sheet = Sheet::new([title], [WIDTH]);
    sheet.push("", shown.figure());
    save(path, &sheet)
}

struct Shown<'a> {
    /// The titles of the five panels.
    titles: [String; 5],
    inputs: &'a Inputs,
    /// Dendritic voltages, (segments, ms) row by row, mV.
    dend_mv: Vec<f64>,
    /// Time between two of the soma's voltages, ms.
    soma_step_ms: f64,
    /// The soma's voltages, mV.
    soma_mv: Vec<f64>,
    row_name: &'static str,
    soma_cap_mv: f64,
    targets: &'a Targets,
}

impl Shown<'_> {
    fn figure(self) -> Figure {
        let Inputs { num_segments: rows, duration_ms, ref exc, ref inh, .. } = *self.inputs;
        let time = (0.0, duration_ms as f64);
        let [input, dendrite, soma, events, rate] = self.titles;
        let targets = self.targets;
        let flags = |flags: &mut dyn Iterator<Item = bool>| -> Vec<f64> {
            flags.map(|flag| f64::from(u8::from(flag))).collect()
        };
        let near = flags(&mut targets.near_spike.iter().copied());
        let spikes = flags(&mut targets.spikes.iter().copied());
        let map = Heat::voltages(&self.dend_mv, rows, colours_of(&self.dend_mv));
        let mut inputs = panels::input(exc, inh, rows);
        inputs.y.label = input;
        let mut flags = panels::events(&near, &spikes);
        flags.y.label = events;
        let dendrite = Panel::heat(dendrite, 180.0, Heat { row: self.row_name, ..map });
        let soma = soma_panel(soma, self.soma_step_ms, &self.soma_mv, self.soma_cap_mv, time);
        let rate = rate_panel(rate, targets);
        Figure::new(Axis::time(time), [inputs, dendrite, soma, flags, rate])
    }
}

/// The range of the colours: −85 to 0 mV as on the page, extended to voltages beyond in steps of 5 mV.
fn colours_of(mv: &[f64]) -> (f64, f64) {
    let finite = || mv.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(-85.0, f64::min), finite().fold(0.0, f64::max));
    (5.0 * (low / 5.0).floor(), 5.0 * (high / 5.0).ceil())
}

fn soma_panel(title: String, step_ms: f64, mv: &[f64], cap_mv: f64, time: (f64, f64)) -> Panel {
    let range = padded(mv.iter().copied().chain([cap_mv]), 0.05);
    let lines = [
        cap(cap_mv, time),
        Series::new("soma", Colour::Ink, Style::Line, Data::samples(step_ms, mv)),
    ];
    Panel::lines(Axis::new(title, "mV", range), 180.0, lines)
}

/// The level at which the soma's voltage is capped in the target.
pub fn cap(mv: f64, time: (f64, f64)) -> Series {
    Series::level(format!("cap, {} mV", scale::short(mv)), mv, time)
}

fn rate_panel(title: String, targets: &Targets) -> Panel {
    let rate: Vec<f64> = targets.inst_rate.iter().map(|r| f64::from(*r) * 1000.0).collect();
    let top = rate.iter().copied().fold(20.0, f64::max);
    let line = Series::new("target: rate", Colour::Ink, Style::Bold, Data::by_ms(&rate));
    Panel::lines(Axis::new(title, "Hz", (0.0, 1.08 * top)), 100.0, [line])
}
