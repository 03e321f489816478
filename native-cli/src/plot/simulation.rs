//! The five panels of one simulation: inputs, dendrite, soma, events, rate.

use std::path::Path;

use anyhow::Result;
use ballstick::data::stats::{Quantity, SampleStats};
use ballstick::data::{Model, Sample, Simulation, Targets};
use ballstick::plot::range::padded;
use ballstick::plot::{
    Axis, Colour, Content, Data, Figure, Panel, Series, Sheet, Style, panels, scale,
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
        soma: Data::samples(
            1.0 / model.samples_per_ms() as f64,
            simulation.v_soma_hr.as_slice().unwrap_or(&[]),
        ),
        row_name: model.row_name(),
        soma_cap_mv: model.readout().targets.soma_cap_mv,
        targets: &simulation.targets,
    };
    let mut sheet = Sheet::new([model.short_name()], [WIDTH]);
    sheet.push("", shown.figure());
    save(path, &sheet)
}

/// Draws what a data set holds of a simulation, with its statistics.
///
/// # Errors
/// As [`draw`].
pub fn draw_sample(
    path: &Path,
    title: String,
    sample: &Sample,
    stats: &SampleStats,
    model: &Model,
) -> Result<()> {
    let two =
        |mean, std| format!("mean {}, std {}", fixed(stats.get(mean), 3), fixed(stats.get(std), 3));
    let soma: Vec<f64> = sample.targets.soma_v.iter().map(|v| f64::from(*v)).collect();
    let row = model.row_name();
    let shown = Shown {
        titles: [
            format!(
                "input, by {row}: excitatory {}; inhibitory {}",
                two(Quantity::ExcMean, Quantity::ExcStd),
                two(Quantity::InhMean, Quantity::InhStd)
            ),
            format!(
                "dendritic voltage, capped, by {row}: {} mV",
                two(Quantity::BranchMean, Quantity::BranchStd)
            ),
            format!("soma voltage, capped: {}", two(Quantity::SomaMean, Quantity::SomaStd)),
            format!(
                "events: {:.2} spikes a second, near a spike {:.1}% of the time",
                stats.get(Quantity::FiringRate),
                100.0 * stats.get(Quantity::NearSpike),
            ),
            format!("rate: {}", two(Quantity::RateMean, Quantity::RateStd)),
        ],
        inputs: &sample.weights(),
        dend_mv: sample.targets.dend_v.iter().map(|v| f64::from(*v)).collect(),
        soma: Data::by_ms(&soma),
        row_name: row,
        soma_cap_mv: model.readout().targets.soma_cap_mv,
        targets: &sample.targets,
    };
    let mut sheet = Sheet::new([title], [WIDTH]);
    sheet.push("", shown.figure());
    save(path, &sheet)
}

struct Shown<'a> {
    /// One a panel.
    titles: [String; 5],
    inputs: &'a Inputs,
    /// (segments, ms), row by row.
    dend_mv: Vec<f64>,
    /// mV.
    soma: Data,
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
        let mut all = vec![
            panels::input(exc, inh, rows),
            panels::voltages(dendrite, 180.0, &self.dend_mv, rows),
            soma_panel(soma, self.soma, self.soma_cap_mv, time),
            panels::events(&near, &spikes),
            rate_panel(rate, targets),
        ];
        all[0].y.label = input;
        all[3].y.label = events;
        if let Content::Heat(map) = &mut all[1].content {
            map.row = self.row_name;
            map.range = colours_of(&self.dend_mv);
        }
        Figure::new(Axis::time(time), all)
    }
}

/// From −85 to 0 mV as on the page, and on to what lies beyond, in steps of 5 mV.
fn colours_of(mv: &[f64]) -> (f64, f64) {
    let finite = || mv.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (finite().fold(-85.0, f64::min), finite().fold(0.0, f64::max));
    (5.0 * (low / 5.0).floor(), 5.0 * (high / 5.0).ceil())
}

fn soma_panel(title: String, soma: Data, cap_mv: f64, time: (f64, f64)) -> Panel {
    let Data::Uniform { y, .. } = &soma else { return Panel::lines(Axis::time(time), 0.0, []) };
    let range = padded(y.iter().copied().chain([cap_mv]), 0.05);
    let lines = [
        Series::level(format!("cap, {} mV", scale::short(cap_mv)), cap_mv, time),
        Series::new("soma", Colour::Ink, Style::Line, soma),
    ];
    Panel::lines(Axis::new(title, "mV", range), 180.0, lines)
}

fn rate_panel(title: String, targets: &Targets) -> Panel {
    let rate: Vec<f64> = targets.inst_rate.iter().map(|r| f64::from(*r) * 1000.0).collect();
    let top = rate.iter().copied().fold(20.0, f64::max);
    let line = Series::new("target: rate", Colour::Ink, Style::Bold, Data::by_ms(&rate));
    Panel::lines(Axis::new(title, "Hz", (0.0, 1.08 * top)), 100.0, [line])
}
