//! Panels of inputs and targets, for the live trace, a simulation and a sample of a data set.

use super::axis::Axis;
use super::heat::Heat;
use super::palette::Colour;
use super::panel::{Figure, Panel};
use super::raster::Tick;
use super::series::{Data, Series, Style};

/// The names and colours of a twin's five losses, in the order of its heads.
pub const LOSSES: [(&str, Colour); 5] = [
    ("spikes", Colour::Vermillion),
    ("soma voltage", Colour::Blue),
    ("near spikes", Colour::Orange),
    ("rate", Colour::Green),
    ("dendritic voltages", Colour::Purple),
];

/// A panel of input weights, a row a segment: ticks whose lengths are the weights.
pub fn input(exc: &[f64], inh: &[f64], rows: usize) -> Panel {
    let full = usual_weight(exc, inh);
    let kinds = [
        ("excitatory", Colour::Vermillion, Tick::of_weights(exc, rows, full)),
        ("inhibitory", Colour::Blue, Tick::of_weights(inh, rows, full)),
    ];
    Panel::raster("input, by segment", 110.0, rows, kinds)
}

/// The weight that nineteen of twenty weights do not exceed; a tick of this weight fills its row. The few weights that
/// a modulated interval makes five times as large would leave the others too small to see.
fn usual_weight(exc: &[f64], inh: &[f64]) -> f64 {
    let mut weights: Vec<f64> = exc.iter().chain(inh).copied().filter(|w| *w > 0.0).collect();
    let at = weights.len() * 19 / 20;
    if at >= weights.len() {
        return 1.0;
    }
    *weights.select_nth_unstable_by(at, f64::total_cmp).1
}

/// A panel of spikes in front of near spikes, each 0 or 1 a millisecond.
pub fn events(near: &[f64], spikes: &[f64]) -> Panel {
    let bars = |name, colour, y| Series::new(name, colour, Style::Bars, y).digits(0);
    // near spikes are drawn lower, so that both show where both occur
    let near: Vec<f64> = near.iter().map(|n| 0.55 * n).collect();
    let lines = [
        bars("target: near spike", Colour::Orange, Data::in_ms(&near)),
        bars("target: spike", Colour::Ink, Data::in_ms(spikes)),
    ];
    Panel::lines(Axis::new("events", "", (0.0, 1.1)), 56.0, lines)
}

/// A panel of capped dendritic voltages in mV, a row a segment.
pub fn dendrite(dend_mv: &[f64], rows: usize) -> Panel {
    voltages("target: dendritic voltage, by segment", 110.0, dend_mv, rows)
}

/// A map of dendritic voltages, a row a segment and a sample a millisecond; the colours go from −85 to 0 mV.
pub fn voltages(title: impl Into<String>, height: f64, mv: &[f64], rows: usize) -> Panel {
    Panel::heat(title, height, Heat::voltages(mv, rows, (-85.0, 0.0)))
}

/// The time axis of a kernel of `taps` ms, whose last tap is the present.
pub fn back(taps: usize) -> Axis {
    Axis::new("time before present", "ms", (-(taps as f64 - 0.5), 0.5))
}

/// The heat maps of one output channel's kernel, of excitation and of inhibition; the colours end at `top`, or at the
/// kernel's largest weight.
///
/// # Shapes
/// - `kernel`: (kinds, segments, taps), row by row
pub fn kernel(
    channel: usize,
    kernel: &[f64],
    segments: usize,
    taps: usize,
    top: Option<f64>,
) -> Figure {
    let top = top.unwrap_or_else(|| largest(kernel));
    let kinds = kernel.chunks_exact((segments * taps).max(1)).zip(["excitation", "inhibition"]);
    let maps = kinds.map(|(weights, name)| {
        let map = Heat {
            values: weights.into(),
            rows: segments,
            start: -(taps as f64 - 0.5),
            step: 1.0,
            range: (-top, top),
            value: ("weight", ""),
            row: "segment",
        };
        Panel::heat(format!("{} · {name}", channel + 1), 56.0, map)
    });
    Figure::new(back(taps), maps)
}

/// The largest absolute weight, at least 1e-9.
pub fn largest(weights: &[f64]) -> f64 {
    weights.iter().map(|w| w.abs()).filter(|w| w.is_finite()).fold(1e-9, f64::max)
}
