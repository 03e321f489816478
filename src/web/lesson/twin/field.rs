//! The receptive field over a real input: what one output can depend on, in colour; the rest in grey.

use crate::web::lesson::source::Stretch;
use crate::web::plot::{Axis, Colour, Data, Figure, Panel, Series, Style, Tick};
use std::rc::Rc;

/// Input that is shown after the output, ms.
const AFTER: usize = 60;
/// The least that is shown, ms.
const LEAST: usize = 240;

/// The figure for an output at `t` ms that sees `field` ms, itself included; all before it where there is no limit.
pub(super) fn figure(stretch: &Stretch, t: usize, field: Option<usize>) -> Figure {
    let len = stretch.len();
    let t = t.min(len.saturating_sub(1));
    let first = field.map_or(0, |field| (t + 1).saturating_sub(field));
    let shown = field.unwrap_or(t).max(LEAST);
    let from = t.saturating_sub(shown + shown / 5);
    let to = (t + AFTER).min(len);
    let range = (from as f64, to.max(from + 1) as f64);
    let seen = (first..t + 1, from..to);
    Figure::new(
        Axis::time(range),
        [inputs(stretch, &seen), window(first, t, to), soma(stretch, t, range)],
    )
}

type Seen = (std::ops::Range<usize>, std::ops::Range<usize>);

fn inputs(stretch: &Stretch, (seen, shown): &Seen) -> Panel {
    let columns = stretch.len();
    let full = stretch.exc.iter().chain(&stretch.inh).copied().fold(1e-6, f64::max);
    let ticks = |weights: &[f64], inside: bool| -> Vec<Tick> {
        weights
            .iter()
            .enumerate()
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(at, weight)| (at / columns, at % columns, weight / full))
            .filter(|(_, ms, _)| shown.contains(ms) && seen.contains(ms) == inside)
            .map(|(row, ms, size)| Tick { x: ms as f64, row, size: size.max(0.35) })
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
    let seen =
        Series::new("seen by the output", Colour::Orange, Style::Bars, Data::in_ms(&y)).digits(0);
    // without a tick: the bar says it all
    Panel::lines(Axis::new("receptive field", "", (0.05, 0.95)), 16.0, [seen])
}

fn soma(stretch: &Stretch, t: usize, (from, to): (f64, f64)) -> Panel {
    let line = |name: &str, colour, style, data| Series::new(name, colour, style, data).digits(1);
    let here = stretch.soma_mv.get(t).copied().unwrap_or(f64::NAN);
    let soma = Data::by_ms(&stretch.soma_mv);
    let spikes: Rc<[(f64, f64)]> = stretch
        .spikes
        .iter()
        .enumerate()
        .filter(|(ms, spike)| **spike > 0.0 && (from..to).contains(&(*ms as f64)))
        .map(|(ms, _)| (ms as f64, -59.5))
        .collect();
    let at: Rc<[(f64, f64)]> = Rc::new([(t as f64, here)]);
    Panel::lines(
        Axis::new("what is to be predicted: soma voltage", "mV", (-88.0, -57.0)),
        90.0,
        [
            line("neuron, capped", Colour::Ink, Style::Line, soma),
            line("spikes", Colour::Green, Style::Scatter, Data::Points(spikes)),
            line("this output", Colour::Orange, Style::Scatter, Data::Points(at)),
        ],
    )
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
