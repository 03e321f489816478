//! The receptive field over a real input: the input that one output can depend on is in colour, the rest in grey.

use crate::experiment::nudge::Stretch;
use crate::web::plot::{Colour, Data, Figure, Panel, Style, Tick};
use std::rc::Rc;

/// How much input is shown after the output, ms.
const AFTER: usize = 60;
/// How much input is shown before the output at least, ms.
const LEAST: usize = 240;

/// The figure for an output at `t` ms that sees `field` ms, its own included; `None` for a twin that sees all before
/// it.
pub(super) fn figure(stretch: &Stretch, t: usize, field: Option<usize>) -> Figure {
    let len = stretch.len();
    let t = t.min(len.saturating_sub(1));
    let first = field.map_or(0, |field| (t + 1).saturating_sub(field));
    let shown = field.unwrap_or(t).max(LEAST);
    let from = t.saturating_sub(shown + shown / 5);
    let to = (t + AFTER).min(len);
    let range = (from as f64, to.max(from + 1) as f64);
    let seen = (first..t + 1, from..to);
    let panels = [inputs(stretch, &seen), window(first, t, to), soma(stretch, t, range)];
    Figure::time(range).with_all(panels)
}

type Seen = (std::ops::Range<usize>, std::ops::Range<usize>);

fn inputs(stretch: &Stretch, (seen, shown): &Seen) -> Panel {
    let full = stretch.exc.iter().chain(&stretch.inh).copied().fold(1e-6, f64::max);
    let ticks = |weights: &[f64], inside: bool| -> Vec<Tick> {
        let all = Tick::of_weights(weights, stretch.segments, full);
        let ms = |tick: &&Tick| tick.x as usize;
        let drawn = all.iter().filter(|tick| shown.contains(&ms(tick)));
        drawn
            .filter(|tick| seen.contains(&ms(tick)) == inside)
            .map(|tick| Tick { size: tick.size.max(0.35), ..*tick })
            .collect()
    };
    let unseen = [ticks(&stretch.exc, false), ticks(&stretch.inh, false)].concat();
    let kinds: Vec<(&'static str, Colour, Rc<[Tick]>)> = vec![
        ("out of sight", Colour::Soft, unseen.into()),
        ("excitatory", Colour::Vermillion, ticks(&stretch.exc, true).into()),
        ("inhibitory", Colour::Blue, ticks(&stretch.inh, true).into()),
    ];
    Panel::raster("input, by segment", 130.0, stretch.segments, kinds)
}

/// A bar over the milliseconds that the output sees.
fn window(first: usize, t: usize, to: usize) -> Panel {
    let y: Vec<f64> = (0..to).map(|ms| f64::from(u8::from((first..=t).contains(&ms)))).collect();
    // without a tick: the bar says it all
    Panel::new("receptive field", "", (0.05, 0.95), 16.0)
        .bars("seen by the output", Colour::Orange, Data::in_ms(&y))
        .digits(0)
}

fn soma(stretch: &Stretch, t: usize, (from, to): (f64, f64)) -> Panel {
    let here = stretch.soma_mv.get(t).copied().unwrap_or(f64::NAN);
    let spikes: Rc<[(f64, f64)]> = stretch
        .spikes
        .iter()
        .enumerate()
        .filter(|(ms, spike)| **spike > 0.0 && (from..to).contains(&(*ms as f64)))
        .map(|(ms, _)| (ms as f64, -59.5))
        .collect();
    Panel::new("what is to be predicted: soma voltage", "mV", (-88.0, -57.0), 90.0)
        .line("neuron, capped", Colour::Ink, Data::by_ms(&stretch.soma_mv))
        .add(Style::Scatter, "spikes", Colour::Green, spikes)
        .add(Style::Scatter, "this output", Colour::Orange, [(t as f64, here)])
        .digits(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::plot::Content;

    fn colours(figure: &Figure) -> Vec<Vec<f64>> {
        let Content::Raster(raster) = &figure.panels[0].content else { panic!("a raster") };
        raster.kinds.iter().map(|kind| kind.2.iter().map(|tick| tick.x).collect()).collect()
    }

    #[test]
    fn what_the_output_sees_is_in_colour() {
        let mut exc = vec![0.0; 2 * 600];
        for ms in [100, 399, 400, 500, 501] {
            exc[600 + ms] = 1.0;
        }
        let stretch = Stretch {
            segments: 2,
            exc,
            inh: vec![0.0; 2 * 600],
            soma_mv: vec![-80.0; 600],
            spikes: vec![0.0; 600],
        };
        // an output at 500 ms that sees 101 ms sees 400 to 500
        let found = colours(&figure(&stretch, 500, Some(101)));
        assert_eq!(found, [vec![399.0, 501.0], vec![400.0, 500.0], vec![]]);
        let all = colours(&figure(&stretch, 500, None));
        assert_eq!(all[1], [100.0, 399.0, 400.0, 500.0]);
    }
}
