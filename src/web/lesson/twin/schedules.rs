//! The recipe's schedules over its epochs: learning rate, and the weights of the five losses.

use crate::plot::panels::LOSSES;
use crate::twin::schedule::Recipe;
use crate::web::plot::{Axis, Colour, Data, Figure, Panel, Series, Style};

/// The figure of the schedules, with a mark at the epoch that the training is in.
pub(super) fn figure(recipe: &Recipe, epoch: Option<usize>) -> Figure {
    let epochs = recipe.num_epochs;
    let steps = |value: &dyn Fn(usize) -> f64| -> Data {
        Data::Points((0..epochs).map(|epoch| (epoch as f64 + 0.5, value(epoch))).collect())
    };
    let style = if epochs <= 12 { Style::Dots } else { Style::Bold };
    let line = |name: &str, colour, data| Series::new(name, colour, style, data);
    let rate = 1e3 * recipe.learning_rate;
    let mark = |low, high| {
        let at = epoch.map(|epoch| epoch as f64 + 0.5)?;
        Some(Series::new("", Colour::Ink, Style::Dashed, [(at, low), (at, high)]).digits(0))
    };
    let of_epochs =
        line("of each epoch", Colour::Ink, steps(&|epoch| 1e3 * recipe.learning_rate(epoch)));
    let weights = LOSSES.iter().enumerate();
    let weights = weights.map(|(k, (name, colour))| {
        line(name, *colour, steps(&|epoch| recipe.loss_weights(epoch)[k]))
    });
    let all = || recipe.loss_weights_init.into_iter().chain(recipe.loss_weights_final);
    let low = all().filter(|w| *w > 0.0).fold(1.0, f64::min);
    let high = all().fold(1.0, f64::max);
    let range = (0.7 * low, 1.4 * high);
    Figure::over(Axis::new("epoch", "", (0.0, epochs.max(1) as f64))).with_all([
        Panel::new("learning rate, thousandths", "", (0.0, 1.1 * rate), 90.0)
            .with(of_epochs)
            .with_all(mark(0.0, 1.1 * rate)),
        Panel::new("weight of each loss", "", range, 130.0)
            .log()
            .with_all(weights)
            .with_all(mark(range.0, range.1)),
    ])
}
