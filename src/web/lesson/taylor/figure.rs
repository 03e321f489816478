//! Before and after, neuron and twin, and the change of each.

use super::nudge::{Nudged, difference};
use crate::web::lesson::source::Stretch;
use crate::web::plot::{Axis, Colour, Data, Figure, Panel, Series, Style, Tick};
use crate::web::trainer::protocol::Outputs;
use std::rc::Rc;

/// Outputs for the input as it was and as it is.
pub(super) type Pair = (Rc<Outputs>, Rc<Outputs>);

/// What is drawn.
pub(super) struct Picture<'a> {
    pub(super) stretch: &'a Stretch,
    pub(super) nudged: &'a Nudged,
    pub(super) neuron: Option<&'a Pair>,
    pub(super) twin: Option<&'a Pair>,
    pub(super) second: Option<&'a Pair>,
    /// The segment whose voltage is drawn.
    pub(super) segment: usize,
    /// ms.
    pub(super) range: (f64, f64),
}

fn line(name: &str, colour: Colour, style: Style, y: &[f64], digits: usize) -> Series {
    Series::new(name, colour, style, Data::by_ms(y)).digits(digits)
}

/// An axis that holds all values within the range of time, and 0; it spans at least `least`.
fn span(of: &[&[f64]], (from, to): (f64, f64), least: f64) -> (f64, f64) {
    let inside = of.iter().flat_map(|y| {
        let to = (to as usize).min(y.len());
        y.get((from as usize).min(to)..to).unwrap_or(&[]).iter().copied()
    });
    let (low, high) =
        inside.fold((0.0, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
    let room = 0.12 * (high - low).max(least);
    (low - room, high.max(low + least) + room)
}

impl Picture<'_> {
    pub(super) fn figure(&self) -> Figure {
        let mut panels = vec![self.inputs(), self.voltages()];
        panels
            .push(self.change("change of the soma voltage", "mV", 0.2, 2, |o| o.soma_mv.to_vec()));
        panels.push(
            self.change("change of the spike probability", "", 0.02, 3, |o| o.spikes.to_vec()),
        );
        let (segment, len) = (self.segment, self.stretch.len());
        let title = format!("change of the dendritic voltage, segment {}", segment + 1);
        panels.push(self.change(&title, "mV", 0.5, 2, |o| {
            o.dend_mv.get(segment * len..(segment + 1) * len).unwrap_or(&[]).to_vec()
        }));
        Figure::new(Axis::time(self.range), panels)
    }

    fn inputs(&self) -> Panel {
        let columns = self.stretch.len().max(1);
        let full = self.stretch.exc.iter().chain(&self.stretch.inh).copied().fold(1e-6, f64::max);
        let ticks = |weights: &[f64]| -> Rc<[Tick]> {
            let events = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
            events
                .map(|(at, weight)| Tick {
                    x: (at % columns) as f64,
                    row: at / columns,
                    size: (weight / full).max(0.35),
                })
                .collect()
        };
        let changed = self.nudged.at.map(|(row, ms)| Tick { x: ms as f64, row, size: 1.0 });
        let kinds = vec![
            ("excitatory", Colour::Vermillion, ticks(&self.stretch.exc)),
            ("inhibitory", Colour::Blue, ticks(&self.stretch.inh)),
            ("changed", Colour::Ink, changed.into_iter().collect()),
        ];
        Panel::raster("input, by segment", 120.0, self.stretch.segments, kinds)
    }

    fn voltages(&self) -> Panel {
        let mut lines = Vec::new();
        let mut pair = |pair: Option<&Pair>, names: [&str; 2], colour| {
            if let Some((before, after)) = pair {
                lines.push(line(names[0], colour, Style::Dashed, &before.soma_mv, 1));
                lines.push(line(names[1], colour, Style::Line, &after.soma_mv, 1));
            }
        };
        pair(self.neuron, ["neuron before (broken)", "neuron after"], Colour::Ink);
        pair(self.twin, ["twin before (broken)", "twin after"], Colour::Vermillion);
        Panel::lines(Axis::new("soma voltage", "mV", (-88.0, -58.0)), 110.0, lines)
    }

    fn change(
        &self,
        title: &str,
        unit: &'static str,
        least: f64,
        digits: usize,
        of: impl Fn(&Outputs) -> Vec<f64>,
    ) -> Panel {
        let delta = |pair: Option<&Pair>| {
            pair.map(|(before, after)| difference(&of(after), &of(before))).unwrap_or_default()
        };
        let all = [delta(self.neuron), delta(self.twin), delta(self.second)];
        let range = span(&all.each_ref().map(Vec::as_slice), self.range, least);
        let mut lines = vec![line("neuron", Colour::Ink, Style::Bold, &all[0], digits)];
        if self.twin.is_some() {
            lines.push(line("twin", Colour::Vermillion, Style::Line, &all[1], digits));
        }
        if self.second.is_some() {
            lines.push(line("the other twin", Colour::Green, Style::Line, &all[2], digits));
        }
        Panel::lines(Axis::new(title, unit, range), 92.0, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_holds_the_response_and_zero() {
        let response = [0.0, 3.0, -1.0, 90.0];
        let (low, high) = span(&[&response], (0.0, 3.0), 0.2);
        assert!(low < -1.0 && low > -2.0 && high > 3.0 && high < 4.0, "{low} {high}");
        let (low, high) = span(&[&[], &[0.0; 4]], (0.0, 3.0), 0.2);
        assert!(low < 0.0 && high > 0.2 && high < 0.3, "{low} {high}");
    }
}
