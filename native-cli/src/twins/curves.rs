//! Learning curves, drawn as in the original: seven panels over a linear and over a logarithmic axis, and each loss's
//! fraction of the total.

use ballstick::plot::panels::LOSSES;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::twin::curves::{Weighed, WeighedCurves};
use ballstick::twin::heads::{HEADS, Head};
use ballstick::twin::train::curve::{Losses, TrainRow, ValidRow};
use ballstick::twin::weights::Checkpoint;

/// A training and its name in the legend.
pub struct Run<'a> {
    /// The name in the legend, where several runs are drawn over each other.
    pub name: String,
    /// The run's checkpoint, with its curves.
    pub checkpoint: &'a Checkpoint,
}

/// The most runs that one figure can tell apart.
pub const MOST: usize = Colour::APART.len();

/// Width of a column and height of a panel, CSS pixels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 130.0;
/// Height of a panel with all five losses, CSS pixels.
const HIGH: f64 = 200.0;
/// Training step at which the original's logarithmic axis begins, after the noise of the first steps.
const LOG_FROM: f64 = 30.0;

/// The quantity of a panel.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    /// A head's loss.
    Head(Head),
    /// The gradient's norm before clipping, which a validation does not have.
    GradNorm,
    /// The weighted sum of the losses.
    Total,
}

/// The panels from top to bottom, with their titles.
const PANELS: [(Shown, &str); 7] = [
    (Shown::Head(Head::Spikes), "spikes"),
    (Shown::Head(Head::Soma), "soma voltage"),
    (Shown::Head(Head::NearSpike), "near spike"),
    (Shown::Head(Head::InstRate), "instantaneous rate"),
    (Shown::Head(Head::DendV), "dendritic voltage"),
    (Shown::GradNorm, "gradient norm before clipping"),
    (Shown::Total, "all, weighted"),
];

impl Shown {
    /// The panel's value in a row of losses; `None` for the gradient's norm.
    fn loss(self, losses: &Losses) -> Option<f32> {
        match self {
            Self::Head(head) => Some(losses.heads[head.at()]),
            Self::Total => Some(losses.total),
            Self::GradNorm => None,
        }
    }

    /// The panel's value in the row of a training step.
    fn train(self, row: &TrainRow) -> f32 {
        self.loss(&row.losses).unwrap_or(row.grad_norm)
    }

    /// The panel's colour in a figure of a single run.
    fn colour(self) -> Colour {
        match self {
            Self::Head(head) => LOSSES[head.at()].1,
            Self::GradNorm | Self::Total => Colour::Sky,
        }
    }
}

/// The sheet of learning curves; that of a single run also has its weighted losses and their fractions.
pub fn sheet(runs: &[Run<'_>]) -> Sheet {
    let last =
        |run: &Run<'_>| run.checkpoint.curves.train.last().map_or(1.0, |row| row.losses.step);
    let end = f64::from(runs.iter().map(last).fold(1.0, f32::max)).max(2.0);
    let from = if end > 4.0 * LOG_FROM { LOG_FROM } else { 1.0 };
    let steps = |range| Axis::new("training step", "", range);
    let across = [steps((0.0, end)), steps((from, end)).log()];
    let title = match runs {
        [one] => format!("{}, learning curves", one.checkpoint.header.short_name),
        _ => "learning curves: thin, train; thick, valid".to_owned(),
    };
    let mut sheet = Sheet::new([title], [WIDTH; 2]);
    let mut push = |panel: Panel| {
        for axis in &across {
            sheet.push("", Figure::new(axis.clone(), [panel.clone()]));
        }
    };
    for (shown, title) in PANELS {
        push(losses(runs, shown, title, end));
    }
    if let [run] = runs {
        let curves = WeighedCurves::of(run.checkpoint);
        if !curves.train.is_empty() {
            push(weighed(&curves));
            push(fractions(&curves));
        }
        sheet.title.extend(note(&curves));
    }
    sheet
}

/// A note on missing weighted losses; `None` where none are missing.
pub fn note(curves: &WeighedCurves) -> Option<String> {
    (curves.of_another_recipe > 0).then(|| {
        format!(
            "{} steps and validations are of another recipe, whose weights are not known: they are not weighed",
            curves.of_another_recipe
        )
    })
}

fn losses(runs: &[Run<'_>], shown: Shown, title: &str, end: f64) -> Panel {
    let is_loss = shown != Shown::GradNorm;
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    let mut lines = Vec::new();
    let alone = runs.len() == 1;
    for (run, apart) in runs.iter().zip(Colour::APART) {
        let c = run.checkpoint;
        let points = |rows: &mut dyn Iterator<Item = (f32, f32)>| -> Vec<(f64, f64)> {
            rows.map(|(x, y)| (f64::from(x), f64::from(y))).filter(|p| p.1 > 0.0).collect()
        };
        let of_train = c.curves.train.iter();
        let of_train = points(&mut of_train.map(|row| (row.losses.step, shown.train(row))));
        let valid = |row: &ValidRow| Some((row.losses.step, shown.loss(&row.losses)?));
        let of_valid = points(&mut c.curves.valid.iter().filter_map(valid));
        let all = of_train.iter().chain(&of_valid).map(|p| p.1);
        low = all.fold(low, f64::min);
        high = high.max(top(&of_train, &of_valid));
        // several runs' train curves would hide each other, and are drawn faintly
        lines.push(match (alone, is_loss) {
            (true, _) => Series::new("train", shown.colour(), Style::Line, of_train),
            (false, true) => Series::new("", apart, Style::Faint, of_train),
            (false, false) => Series::new(&run.name, apart, Style::Faint, of_train),
        });
        if is_loss {
            let (name, colour) = if alone { ("valid", Colour::Ink) } else { (&*run.name, apart) };
            // a single validation makes no line, and is drawn as a dot
            let style = if of_valid.len() == 1 { Style::Dots } else { Style::Bold };
            lines.push(Series::new(name, colour, style, of_valid));
        }
        if let Some((step, best)) = c.curves.best().and_then(valid) {
            let at = [(f64::from(step), f64::from(best))];
            let (name, colour) = if alone { ("best checkpoint", Colour::Ink) } else { ("", apart) };
            lines.push(Series::new(name, colour, Style::Scatter, at));
        }
        if let (false, Some(recipe), true) = (is_loss, &c.header.recipe, alone) {
            let max = recipe.max_grad_norm;
            high = high.max(1.1 * max);
            lines.push(Series::level(format!("clipped at {max}"), max, (0.0, end)));
        }
    }
    let title = format!("{title}: {}", if is_loss { "loss" } else { "norm" });
    Panel::lines(log(title, 0.8 * low, 1.2 * high), HEIGHT, lines)
}

/// A logarithmic axis; an upper end that is not above 0 becomes 1, a lower end that is not above 0 becomes a thousandth
/// of the upper.
fn log(title: impl Into<String>, low: f64, high: f64) -> Axis {
    let high = if high.is_finite() && high > 0.0 { high } else { 1.0 };
    let low = if low.is_finite() && low > 0.0 { low } else { 1e-3 * high };
    Axis::new(title, "", (low, high)).log()
}

/// The upper end of the vertical axis: the original's mean of steps 30 to 50, or the highest value where there are
/// fewer steps or a validation is higher.
fn top(train: &[(f64, f64)], valid: &[(f64, f64)]) -> f64 {
    let all = valid.iter().map(|p| p.1).fold(0.0, f64::max);
    let early: Vec<f64> = train.iter().skip(30).take(20).map(|p| p.1).collect();
    if early.len() < 20 {
        return train.iter().map(|p| p.1).fold(all, f64::max);
    }
    all.max(early.iter().sum::<f64>() / early.len() as f64)
}

/// Lines of the five losses, hairlines for the train curves and thick lines for the validation curves.
fn five(curves: &WeighedCurves, of: fn(&Weighed) -> [f64; 5]) -> Vec<Series> {
    let mut lines = Vec::new();
    for (rows, style) in [(&curves.train, Style::Faint), (&curves.valid, Style::Bold)] {
        for (i, (head, (_, colour))) in HEADS.iter().zip(LOSSES).enumerate() {
            let points: Vec<(f64, f64)> = rows.iter().map(|row| (row.step, of(row)[i])).collect();
            let named = style == Style::Bold;
            let name = if named { head.replace('_', " ") } else { String::new() };
            lines.push(Series::new(name, colour, style, points));
        }
    }
    lines
}

fn weighed(curves: &WeighedCurves) -> Panel {
    let all = || curves.train.iter().chain(&curves.valid).flat_map(|row| row.losses);
    let low = all().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
    let y = log("weighted losses (thin: train)", 0.8 * low, 1.2 * all().fold(0.0, f64::max));
    Panel::lines(y, HIGH, five(curves, |row| row.losses))
}

fn fractions(curves: &WeighedCurves) -> Panel {
    let y = Axis::new("fraction of the total (thin: train)", "", (0.0, 1.0));
    Panel::lines(y, HIGH, five(curves, Weighed::fractions))
}

/// Each loss's fraction of the total in the first and the last epoch, one line a loss.
pub fn fractions_text(curves: &WeighedCurves) -> String {
    let Some([first, last]) = curves.first_and_last() else { return String::new() };
    let mut text =
        format!("{:22}{:>12}{:>12}\n", "fraction of the total", "first epoch", "last epoch");
    for (i, head) in HEADS.iter().enumerate() {
        let name = head.replace('_', " ");
        text += &format!("{name:22}{:>12.3}{:>12.3}\n", first[i], last[i]);
    }
    text
}
