//! Panels of inputs and targets, for a live trace and for a simulation of the data set.

use crate::web::plot::{Axis, Colour, Content, Data, Heat, Panel, Raster, Series, Style, Tick};
use std::rc::Rc;

/// Samples at the start of each millisecond.
pub(super) fn by_ms(y: &[f64]) -> Data {
    Data::Uniform { start: 0.0, step: 1.0, y: y.into() }
}

/// Weights, a row a segment, as ticks that are as long as the weight is large.
pub(super) fn input(exc: &[f64], inh: &[f64], rows: usize) -> Panel {
    let columns = exc.len() / rows.max(1);
    let full = usual_weight(exc, inh);
    let ticks = |weights: &[f64]| -> Rc<[Tick]> {
        let events = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        events
            .map(|(at, weight)| Tick {
                x: (at % columns) as f64,
                row: at / columns,
                size: weight / full,
            })
            .collect()
    };
    let kinds = vec![
        ("excitatory", Colour::Vermillion, ticks(exc)),
        ("inhibitory", Colour::Blue, ticks(inh)),
    ];
    Panel {
        y: Axis::new("input, by segment", "", (0.0, 1.0)),
        height: 110.0,
        content: Content::Raster(Raster { rows, kinds }),
    }
}

/// A weight that nineteen of twenty do not exceed: ticks of that weight fill their row. The few
/// that a modulated interval makes five times as large would leave the others too small to see.
fn usual_weight(exc: &[f64], inh: &[f64]) -> f64 {
    let mut weights: Vec<f64> = exc.iter().chain(inh).copied().filter(|w| *w > 0.0).collect();
    let at = weights.len() * 19 / 20;
    if at >= weights.len() {
        return 1.0;
    }
    *weights.select_nth_unstable_by(at, f64::total_cmp).1
}

/// Spikes over near spikes, each 0 or 1 a millisecond.
pub(super) fn events(near: &[f64], spikes: &[f64]) -> Panel {
    let bars = |name: &str, colour, y: Rc<[f64]>| Series {
        name: name.into(),
        colour,
        data: Data::Uniform { start: 0.5, step: 1.0, y },
        style: Style::Bars,
        digits: 0,
    };
    // lower, so that both are seen where both are
    let near = near.iter().map(|n| 0.55 * n).collect();
    let lines = vec![
        bars("target: near spike", Colour::Orange, near),
        bars("target: spike", Colour::Ink, spikes.into()),
    ];
    Panel { y: Axis::new("events", "", (0.0, 1.1)), height: 56.0, content: Content::Lines(lines) }
}

/// Capped dendritic voltages, a row a segment.
pub(super) fn dendrite(dend_mv: &[f64], rows: usize) -> Panel {
    Panel {
        y: Axis::new("target: dendritic voltage, by segment", "", (0.0, 1.0)),
        height: 110.0,
        content: Content::Heat(Heat {
            values: dend_mv.into(),
            rows,
            start: 0.0,
            step: 1.0,
            range: (-85.0, 0.0),
            value: ("voltage", "mV"),
            row: "segment",
        }),
    }
}
