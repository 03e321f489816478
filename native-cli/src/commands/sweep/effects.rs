//! What a sweep's axes change: tables, a figure, and lines for the terminal.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use ballstick::twin::effects::{Effect, Effects, Estimate};
use ballstick::twin::results::Row;

use crate::files;
use crate::plot::grid::Grid;
use crate::plot::palette::{BLUE, INK, VERMILLION};
use crate::plot::panel::{Axis, Layer, Mark, Panel};
use crate::plot::save;
use crate::plot::scale::Scale;

/// Writes `table.csv`, `differences.csv`, `interactions.csv`, `effects.json` and the figure, and returns the words.
///
/// # Errors
/// A file that cannot be written.
pub fn write(folder: &Path, found: &Effects, rows: &[Row]) -> Result<String> {
    let file = |name: &str, text: &str| files::write(&folder.join(name), text.as_bytes());
    file("table.csv", &Row::to_csv(rows))?;
    file("differences.csv", &csv(&found.differences))?;
    file("interactions.csv", &csv(&found.interactions))?;
    file("effects.json", &(serde_json::to_string_pretty(found)? + "\n"))?;
    for ending in ["svg", "png"] {
        save(&folder.join(format!("effects.{ending}")), &figure(found))?;
    }
    Ok(told(found) + &format!("{}\n", folder.join("effects.svg").display()))
}

fn places(at: &[(String, String)]) -> String {
    at.iter().map(|(axis, value)| format!("{axis}={value}")).collect::<Vec<_>>().join(" ")
}

/// A step and what it is combined with or where it is taken.
fn name(e: &Effect) -> String {
    let step = format!("{} {} → {}", e.step.axis, e.step.from, e.step.to);
    match &e.with {
        Some(with) => format!("{step}, with {} {} → {}", with.axis, with.from, with.to),
        None if e.at.is_empty() => step,
        None => format!("{step}, {}", places(&e.at)),
    }
}

fn csv(effects: &[Effect]) -> String {
    let mut text = "axis,from,to,with_axis,with_from,with_to,at,auc_change,low,high\n".to_owned();
    // a value may be a list
    let cell = |text: &str| {
        if text.contains([',', '"']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    for e in effects {
        let with = e.with.clone();
        let with = with.map_or([const { String::new() }; 3], |w| [w.axis, w.from, w.to]);
        let step = [&e.step.axis, &e.step.from, &e.step.to].map(|s| cell(s)).join(",");
        let with = with.each_ref().map(|s| cell(s)).join(",");
        let number = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.6}"));
        let Estimate { value, low, high } = e.change;
        let numbers = [value, low, high].map(number).join(",");
        let _ = writeln!(text, "{step},{with},{},{numbers}", cell(&places(&e.at)));
    }
    text
}

fn number(x: Option<f64>, signed: bool) -> String {
    match x {
        Some(x) if signed => format!("{x:+.4}"),
        Some(x) => format!("{x:.4}"),
        None => "–".to_owned(),
    }
}

fn line(what: &str, e: &Estimate, signed: bool, wide: usize) -> String {
    let [value, low, high] = [e.value, e.low, e.high].map(|x| number(x, signed));
    format!("{what:wide$}  {value:>8}  ({low} to {high})\n")
}

fn told(found: &Effects) -> String {
    let of_means = || found.means.iter().map(|m| places(&m.at));
    let of_effects = || found.differences.iter().chain(&found.interactions).map(name);
    let wide = of_means().chain(of_effects()).map(|s| s.chars().count()).max().unwrap_or(0);
    let mut text = format!("{}\n\nAUC, mean over seeds, with 95% intervals\n", found.size);
    for mean in &found.means {
        let at = if mean.at.is_empty() { "all".to_owned() } else { places(&mean.at) };
        text += &line(&at, &mean.auc, false, wide);
    }
    for (title, effects) in [
        ("differences of AUC", &found.differences),
        ("differences of differences", &found.interactions),
    ] {
        if !effects.is_empty() {
            text += &format!("\n{title}\n");
            effects.iter().for_each(|e| text += &line(&name(e), &e.change, true, wide));
        }
    }
    text
}

/// Names down the side, a dot with its interval in each row; the first on top.
fn rows(title: &str, x: &str, zero: bool, all: &[(String, Estimate)]) -> Panel {
    let place = |i: usize| (all.len() - 1 - i) as f64;
    let known = |e: &Estimate| e.low.into_iter().chain(e.value).chain(e.high).collect::<Vec<_>>();
    let mut values: Vec<f64> = all.iter().flat_map(|(_, e)| known(e)).collect();
    values.extend(zero.then_some(0.0));
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = (0.06 * (high - low)).max(1e-4);
    let across = Axis::new(x, Scale::linear(low - room, high + room));
    let names = all.iter().rev().map(|(name, _)| name.clone()).collect();
    let mut whiskers = Vec::new();
    for (i, (_, e)) in all.iter().enumerate() {
        if let (Some(low), Some(high)) = (e.low, e.high) {
            whiskers.extend([(low, place(i)), (high, place(i))]);
        }
    }
    let dots = all.iter().enumerate().filter_map(|(i, (_, e))| Some((e.value?, place(i))));
    let mut layers = Vec::new();
    if zero {
        let (from, to) = (-0.5, all.len() as f64 - 0.5);
        layers.push(Layer::new("no change", INK, Mark::Dashed, vec![(0.0, from), (0.0, to)]));
    }
    layers.push(Layer::new("95% interval", BLUE, Mark::Pairs(2), whiskers));
    layers.push(Layer::new("", VERMILLION, Mark::Dots(4), dots.collect()));
    Panel::new(title, across, Axis::new("", Scale::places(names))).with(layers)
}

fn figure(found: &Effects) -> Grid {
    let means: Vec<_> = found.means.iter().map(|m| (places(&m.at), m.auc)).collect();
    let of = |effects: &[Effect]| -> Vec<(String, Estimate)> {
        effects.iter().map(|e| (name(e), e.change)).collect()
    };
    let mut panels = vec![rows("AUC, mean over seeds", "AUC", false, &means)];
    let mut heights = vec![80 + 22 * means.len() as u32];
    for (title, effects) in
        [("differences", &found.differences), ("differences of differences", &found.interactions)]
    {
        if !effects.is_empty() {
            panels.push(rows(title, "change of AUC", true, &of(effects)));
            heights.push(80 + 22 * effects.len() as u32);
        }
    }
    let title = vec!["What the axes change".to_owned(), found.size.clone()];
    Grid { title, widths: vec![1100], heights, panels }
}
