//! The recipe's schedules over its epochs: learning rate, and the weights of the five losses.

use crate::twin::schedule::Recipe;
use crate::web::plot::{Axis, Colour, Content, Data, Figure, Panel, Series, Style};

/// The five losses: name, colour, and how it is told in a legend.
pub(super) const LOSSES: [(&str, Colour); 5] = [
    ("spikes", Colour::Vermillion),
    ("soma voltage", Colour::Blue),
    ("near spikes", Colour::Orange),
    ("rate", Colour::Green),
    ("dendritic voltages", Colour::Purple),
];

/// The figure, with a mark at the epoch that the training is in.
pub(super) fn figure(recipe: &Recipe, epoch: Option<usize>) -> Figure {
    let epochs = recipe.num_epochs;
    let steps = |value: &dyn Fn(usize) -> f64| -> Data {
        Data::Points((0..epochs).map(|epoch| (epoch as f64 + 0.5, value(epoch))).collect())
    };
    let style = if epochs <= 12 { Style::Dots } else { Style::Bold };
    let line =
        |name: &str, colour, data| Series { name: name.into(), colour, data, style, digits: 2 };
    let rate = 1e3 * recipe.learning_rate;
    let mark = |low, high| {
        epoch.map(|epoch| Series {
            name: String::new(),
            colour: Colour::Ink,
            data: Data::Points([(epoch as f64 + 0.5, low), (epoch as f64 + 0.5, high)].into()),
            style: Style::Dashed,
            digits: 0,
        })
    };
    let mut rates =
        vec![line("of each epoch", Colour::Ink, steps(&|epoch| 1e3 * recipe.learning_rate(epoch)))];
    rates.extend(mark(0.0, 1.1 * rate));
    let weights = LOSSES.iter().enumerate();
    let mut weights: Vec<Series> = weights
        .map(|(k, (name, colour))| {
            line(name, *colour, steps(&|epoch| recipe.loss_weights(epoch)[k]))
        })
        .collect();
    let all = || recipe.loss_weights_init.into_iter().chain(recipe.loss_weights_final);
    let low = all().filter(|w| *w > 0.0).fold(1.0, f64::min);
    let high = all().fold(1.0, f64::max);
    let range = (0.7 * low, 1.4 * high);
    weights.extend(mark(range.0, range.1));
    Figure {
        x: Axis::new("epoch", "", (0.0, epochs.max(1) as f64)),
        panels: vec![
            Panel {
                y: Axis::new("learning rate, thousandths", "", (0.0, 1.1 * rate)),
                height: 90.0,
                content: Content::Lines(rates),
            },
            Panel {
                y: Axis::new("weight of each loss", "", range).log(),
                height: 130.0,
                content: Content::Lines(weights),
            },
        ],
    }
}
