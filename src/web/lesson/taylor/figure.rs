//! The outputs of neuron and twin before and after the change, and the change of each.

use crate::experiment::nudge::{Nudged, Stretch, difference};
use crate::plot::range::with_zero;
use crate::twin::metrics::regression;
use crate::web::plot::{Colour, Data, Figure, Panel, Style, Tick};
use crate::web::trainer::protocol::Outputs;
use std::rc::Rc;

/// Outputs for the input before the change, and after it.
pub(super) type Pair = (Rc<Outputs>, Rc<Outputs>);

/// Neuron and twins before and after a change, as they are drawn.
pub(super) struct Picture<'a> {
    pub(super) stretch: &'a Stretch,
    pub(super) nudged: &'a Nudged,
    pub(super) neuron: Option<&'a Pair>,
    pub(super) twin: Option<&'a Pair>,
    pub(super) second: Option<&'a Pair>,
    /// The segment whose voltage is drawn, from 0.
    pub(super) segment: usize,
    /// First and last ms of the axis.
    pub(super) range: (f64, f64),
}

impl Picture<'_> {
    pub(super) fn figure(&self) -> Figure {
        let (segment, len) = (self.segment, self.stretch.len());
        let title = format!("change of the dendritic voltage, segment {}", segment + 1);
        let row =
            |o: &Outputs| o.dend_mv.get(segment * len..(segment + 1) * len).unwrap_or(&[]).to_vec();
        Figure::time(self.range).with_all([
            self.inputs(),
            self.voltages(),
            self.change("change of the soma voltage", "mV", 0.2, 2, |o| o.soma_mv.to_vec()),
            self.change("change of the spike probability", "", 0.02, 3, |o| o.spikes.to_vec()),
            self.change(&title, "mV", 0.5, 2, row),
        ])
    }

    fn inputs(&self) -> Panel {
        let full = self.stretch.exc.iter().chain(&self.stretch.inh).copied().fold(1e-6, f64::max);
        let ticks = |weights: &[f64]| -> Rc<[Tick]> {
            let all = Tick::of_weights(weights, self.stretch.segments, full);
            all.iter().map(|tick| Tick { size: tick.size.max(0.35), ..*tick }).collect()
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
        let pair = |panel: Panel, pair: Option<&Pair>, names: [&str; 2], colour| match pair {
            Some((before, after)) => panel
                .add(Style::Dashed, names[0], colour, Data::by_ms(&before.soma_mv))
                .line(names[1], colour, Data::by_ms(&after.soma_mv)),
            None => panel,
        };
        let panel = Panel::new("soma voltage", "mV", (-88.0, -58.0), 110.0);
        let names = ["neuron before (broken)", "neuron after"];
        let panel = pair(panel, self.neuron, names, Colour::Ink);
        let names = ["twin before (broken)", "twin after"];
        pair(panel, self.twin, names, Colour::Vermillion).digits(1)
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
        let (from, to) = (self.range.0 as usize, self.range.1 as usize);
        let seen = all.iter().flat_map(|y| y.iter().take(to).skip(from).copied());
        let range = with_zero(seen, least);
        let [neuron, twin, second] = all.each_ref().map(|change| Data::by_ms(change));
        let mut panel = Panel::new(title, unit, range, 92.0).bold("neuron", Colour::Ink, neuron);
        if self.twin.is_some() {
            panel = panel.line("twin", Colour::Vermillion, twin);
        }
        if self.second.is_some() {
            panel = panel.line("the other twin", Colour::Green, second);
        }
        panel.digits(digits)
    }
}

/// Percent of the variance of the neuron's change that the twin's change explains, within `ms`; `None` where the
/// neuron's outputs did not change.
pub(super) fn explained(neuron: &[f64], twin: &[f64], ms: std::ops::Range<usize>) -> Option<f64> {
    let part = |of: &[f64]| -> Vec<f32> {
        of.get(ms.start..ms.end.min(of.len())).unwrap_or(&[]).iter().map(|x| *x as f32).collect()
    };
    let (neuron, twin) = (part(neuron), part(twin));
    // a change below a microvolt counts as no change
    let moved = neuron.iter().any(|x| x.abs() > 1e-3);
    (moved && neuron.len() == twin.len())
        .then(|| regression(&neuron, &twin).explained_variance_percent)
        .filter(|percent| percent.is_finite())
}

#[cfg(test)]
mod tests {
    use super::explained;

    #[test]
    fn a_change_explains_itself_and_no_change_nothing() {
        let change: Vec<f64> =
            (0..300).map(|ms| if ms < 150 { 0.0 } else { f64::from(ms) }).collect();
        assert_eq!(explained(&change, &change, 150..290), Some(100.0));
        assert_eq!(explained(&change, &change, 0..140), None);
    }
}
