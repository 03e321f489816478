//! Learning curves, drawn as the original draws them: seven panels over a linear and over a logarithmic axis, and what
//! each loss is of the total.

use ballstick::twin::curves::{Weighed, WeighedCurves};
use ballstick::twin::heads::HEADS;
use ballstick::twin::weights::Checkpoint;
use plotters::style::{Color, RGBColor};

use crate::plot::grid::Grid;
use crate::plot::palette::{APART, BLUE, GREEN, ORANGE, PURPLE, VERMILLION};
use crate::plot::panel::{Axis, Layer, Mark, Panel, thinned};
use crate::plot::scale::Scale;

/// A training and its name in the legend.
pub struct Run<'a> {
    /// Where several are drawn over each other.
    pub name: String,
    /// With its curves.
    pub checkpoint: &'a Checkpoint,
}

/// Runs that one figure can tell apart.
pub const MOST: usize = APART.len();

/// Width and height of a panel, pixels.
const PANEL: (u32, u32) = (640, 200);
/// Pixels across the part with the axes.
const ACROSS: usize = 560;
/// The original's logarithmic axis begins here, where the first steps' noise has passed.
const LOG_FROM: f64 = 30.0;

/// A panel of the figure: its title, and its columns in the train and in the valid curve.
type Row = (&'static str, usize, Option<usize>);

const ROWS: [Row; 7] = [
    ("spikes", 3, Some(2)),
    ("soma voltage", 4, Some(3)),
    ("near spike", 5, Some(4)),
    ("instantaneous rate", 6, Some(5)),
    ("dendritic voltage", 7, Some(6)),
    ("gradient norm before clipping", 9, None),
    ("all, weighted", 8, Some(7)),
];

/// The colours of the five losses in one panel.
const OF_LOSS: [RGBColor; 5] = [BLUE, ORANGE, PURPLE, GREEN, VERMILLION];

/// The figure; of a single run with its weighted losses and their fractions.
pub fn figure(runs: &[Run<'_>]) -> Grid {
    let last = |run: &Run<'_>| run.checkpoint.train_curve.last().map_or(1.0, |row| row[0]);
    let end = f64::from(runs.iter().map(last).fold(1.0, f32::max));
    let from = if end > 4.0 * LOG_FROM { LOG_FROM } else { 1.0 };
    let across = [Scale::linear(0.0, end), Scale::log(from, end)];
    let mut panels = Vec::new();
    for row in ROWS {
        panels.extend(across.iter().map(|scale| losses(runs, row, scale)));
    }
    let mut heights = vec![PANEL.1; ROWS.len()];
    let mut title = vec![match runs {
        [one] => format!("{}, learning curves", one.checkpoint.header.short_name),
        _ => "learning curves: thin, train; thick, valid".to_owned(),
    }];
    if let [run] = runs {
        let curves = WeighedCurves::of(run.checkpoint);
        if !curves.train.is_empty() {
            panels.extend(across.iter().map(|scale| weighed(&curves, scale)));
            panels.extend(across.iter().map(|scale| fractions(&curves, scale)));
            heights.extend([280, 280]);
        }
        title.extend(note(&curves));
    }
    Grid { title, widths: vec![PANEL.0; 2], heights, panels }
}

/// Why weighted losses are missing, where some are.
pub fn note(curves: &WeighedCurves) -> Option<String> {
    (curves.of_another_recipe > 0).then(|| {
        format!(
            "{} steps and validations are of another recipe, whose weights are not known: they are not weighed",
            curves.of_another_recipe
        )
    })
}

fn steps(scale: &Scale) -> Axis {
    Axis::new("training step", scale.clone())
}

fn losses(runs: &[Run<'_>], (title, train, valid): Row, across: &Scale) -> Panel {
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    let mut layers = Vec::new();
    let alone = runs.len() == 1;
    for (i, run) in runs.iter().enumerate() {
        let c = run.checkpoint;
        let points = |rows: &mut dyn Iterator<Item = (f32, f32)>| -> Vec<(f64, f64)> {
            rows.map(|(x, y)| (f64::from(x), f64::from(y))).filter(|p| p.1 > 0.0).collect()
        };
        let of_train = points(&mut c.train_curve.iter().map(|r| (r[0], r[train])));
        let of_valid =
            valid.map(|column| points(&mut c.valid_curve.iter().map(|r| (r[0], r[column]))));
        let of_valid = of_valid.unwrap_or_default();
        let all = of_train.iter().chain(&of_valid).map(|p| p.1);
        low = all.clone().fold(low, f64::min);
        high = high.max(top(&of_train, &of_valid));
        let color = APART[i % MOST];
        let thin = thinned(&of_train, across, ACROSS);
        // several runs' train curves would hide each other
        let (label, strength) = if alone { ("train", 0.7) } else { ("", 0.3) };
        layers.push(Layer::line(label, color.mix(strength), thin));
        let (label, color) = if alone { ("valid", ORANGE) } else { (run.name.as_str(), color) };
        if valid.is_some() {
            layers.push(Layer::new(label, color, Mark::Line(2), of_valid));
        } else if !alone {
            layers.push(Layer::line(label, color, Vec::new()));
        }
        let best = c.valid_curve.iter().rfind(|row| row[8] > 0.0);
        if let (Some(column), Some(best)) = (valid, best) {
            let label = if alone { "best checkpoint" } else { "" };
            let color = if alone { VERMILLION } else { color };
            let at = vec![(f64::from(best[0]), f64::from(best[column]))];
            layers.push(Layer::new(label, color, Mark::Dots(4), at));
        }
        if let (None, Some(recipe), true) = (valid, &c.header.recipe, alone) {
            let (max, (from, to)) = (recipe.max_grad_norm, across.ends());
            high = high.max(1.1 * max);
            let line = vec![(from, max), (to, max)];
            layers.push(Layer::new(format!("clipped at {max}"), VERMILLION, Mark::Dashed, line));
        }
    }
    let y = if valid.is_some() { "loss" } else { "norm" };
    let y = Axis::new(y, Scale::log(0.8 * low, 1.2 * high));
    Panel::new(title, steps(across), y).with(layers)
}

/// Where the vertical axis ends: the original's mean of steps 30 to 50, or what else is to be seen.
fn top(train: &[(f64, f64)], valid: &[(f64, f64)]) -> f64 {
    let all = valid.iter().map(|p| p.1).fold(0.0, f64::max);
    let early: Vec<f64> = train.iter().skip(30).take(20).map(|p| p.1).collect();
    if early.len() < 20 {
        return train.iter().map(|p| p.1).fold(all, f64::max);
    }
    all.max(early.iter().sum::<f64>() / early.len() as f64)
}

/// A line for each loss of the train curve and a thicker one of the valid curve.
fn five(curves: &WeighedCurves, across: &Scale, of: fn(&Weighed) -> [f64; 5]) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (rows, width, strength, named) in
        [(&curves.train, 1, 0.4, false), (&curves.valid, 3, 1.0, true)]
    {
        for (i, (head, color)) in HEADS.iter().zip(OF_LOSS).enumerate() {
            let points: Vec<(f64, f64)> = rows.iter().map(|row| (row.step, of(row)[i])).collect();
            let label = if named { head.replace('_', " ") } else { String::new() };
            let points = thinned(&points, across, ACROSS);
            layers.push(Layer::new(label, color.mix(strength), Mark::Line(width), points));
        }
    }
    layers
}

fn weighed(curves: &WeighedCurves, across: &Scale) -> Panel {
    let all = || curves.train.iter().chain(&curves.valid).flat_map(|row| row.losses);
    let low = all().filter(|v| *v > 0.0).fold(f64::INFINITY, f64::min);
    let y = Scale::log(0.8 * low, 1.2 * all().fold(0.0, f64::max));
    let title = "weighted losses (thin: train)";
    Panel::new(title, steps(across), Axis::new("weight × loss", y)).with(five(
        curves,
        across,
        |row| row.losses,
    ))
}

fn fractions(curves: &WeighedCurves, across: &Scale) -> Panel {
    let y = Axis::new("part of the total", Scale::linear(0.0, 1.0));
    let title = "fraction of the total (thin: train)";
    Panel::new(title, steps(across), y).with(five(curves, across, Weighed::fractions))
}

/// Each loss's fraction of the total in the first and the last epoch, a line each.
pub fn told(curves: &WeighedCurves) -> String {
    let Some([first, last]) = curves.first_and_last() else { return String::new() };
    let mut text =
        format!("{:22}{:>12}{:>12}\n", "fraction of the total", "first epoch", "last epoch");
    for (i, head) in HEADS.iter().enumerate() {
        let name = head.replace('_', " ");
        text += &format!("{name:22}{:>12.3}{:>12.3}\n", first[i], last[i]);
    }
    text
}
