//! The twin of the controls, layer by layer: how far back each layer looks, its parameters and its work.

use crate::text::grouped;
use crate::twin::tour::Stop;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::shared::put_in;
use crate::web::plot::{Axis, Colour, Data, Figure, Panel};
use web_sys::Element;

/// The length of the simulation that is walked through, ms.
pub(in crate::web::lesson) const WALKED_MS: usize = 2048;

/// The figure of the walk: a bar for each stop, in three panels.
pub(super) fn figure(stops: &[Stop]) -> Figure {
    let bars = |name: &str, unit, colour, values: Vec<f64>| -> Panel {
        let top = 1.08 * values.iter().copied().fold(1.0, f64::max);
        let panel = Panel::new(name, unit, (0.0, top), 70.0);
        panel.bars(name, colour, Data::in_ms(&values)).digits(0)
    };
    let field = |stop: &Stop| stop.receptive_field_ms.map_or(f64::NAN, |ms| ms as f64);
    // an unbounded receptive field is drawn as long as the simulation
    let seen = stops.iter().map(field).map(|ms| if ms.is_nan() { WALKED_MS as f64 } else { ms });
    let parameters = stops.iter().map(|stop| stop.parameters as f64);
    let work = stops.iter().map(|stop| stop.multiply_adds as f64 / WALKED_MS as f64);
    let x = Axis::new("layer, from the input to the five heads", "", (0.0, stops.len() as f64));
    Figure::over(x).with_all([
        bars("sees so far", "ms", Colour::Orange, seen.collect()),
        bars("parameters", "", Colour::Blue, parameters.collect()),
        bars("multiply-adds a ms", "", Colour::Green, work.collect()),
    ])
}

/// Fills the table with a row for each stop.
pub(super) fn table(root: &Element, stops: &[Stop]) {
    let body: Element = place(root, part!("walk"));
    let rows: Vec<Element> = stops.iter().enumerate().map(|(n, stop)| row(n, stop)).collect();
    put_in(&body, &rows);
}

fn row(number: usize, stop: &Stop) -> Element {
    let [channels, segments, time] = stop.shape;
    let sees = stop.receptive_field_ms.map_or("all".into(), |ms| format!("{} ms", grouped(ms)));
    let cells = [
        format!("{number} {}", stop.name),
        format!("{channels} × {segments} × {}", grouped(time)),
        grouped(stop.parameters),
        sees,
        grouped(stop.multiply_adds),
        stop.what.clone(),
    ];
    dom::table_row("", 1, cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::{TwinConfig, TwinKind};
    use crate::web::plot::Content;

    #[test]
    fn each_layer_has_its_bar() {
        for kind in TwinKind::ALL {
            let stops = TwinConfig::default_of(kind).tour(WALKED_MS);
            let figure = figure(&stops);
            assert_eq!(figure.x.range, (0.0, stops.len() as f64));
            for panel in &figure.panels {
                let Content::Lines(lines) = &panel.content else { panic!("lines") };
                let Data::Uniform { y, .. } = &lines[0].data else { panic!("bars") };
                assert_eq!(y.len(), stops.len());
                assert!(y.iter().all(|v| v.is_finite() && *v <= panel.y.range.1), "{kind:?}");
            }
        }
    }
}
