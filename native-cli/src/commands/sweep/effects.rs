//! The effects of a sweep's axes: tables, a figure, and lines for the terminal.

use std::path::Path;

use anyhow::Result;
use ballstick::plot::range::padded;
use ballstick::plot::{Axis, Colour, Figure, Panel, Series, Sheet, Style};
use ballstick::table;
use ballstick::twin::effects::{Effect, Effects, Estimate, Step};
use ballstick::twin::results::Row;

use crate::files;
use crate::plot::save;

/// Writes `table.csv`, `differences.csv`, `interactions.csv`, `effects.json` and the figure, and returns the effects in
/// words.
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
        save(&folder.join(format!("effects.{ending}")), &sheet(found))?;
    }
    Ok(summary(found) + &format!("{}\n", folder.join("effects.svg").display()))
}

/// The values of the other axes at which an effect is taken, as the tables write them.
fn places(at: &[(String, String)]) -> String {
    at.iter().map(|(axis, value)| format!("{axis}={value}")).collect::<Vec<_>>().join(" ")
}

fn csv(effects: &[Effect]) -> String {
    let head = [
        "axis",
        "from",
        "to",
        "with_axis",
        "with_from",
        "with_to",
        "at",
        "auc_change",
        "low",
        "high",
    ];
    let number = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:.6}"));
    let rows = effects.iter().map(|e| {
        let cells = |step: Step| [step.axis, step.from, step.to];
        let with = e.with.clone().map_or([const { String::new() }; 3], cells);
        let Estimate { value, low, high } = e.change;
        let step = cells(e.step.clone()).into_iter().chain(with);
        step.chain([places(&e.at)]).chain([value, low, high].map(number))
    });
    table::to_csv(&head, rows)
}

fn line(what: &str, e: &Estimate, signed: bool, wide: usize) -> String {
    let [value, interval] = e.number_and_interval(signed);
    format!("{what:wide$}  {value:>8}  ({interval})\n")
}

fn summary(found: &Effects) -> String {
    let wide = found.rows().map(|(what, ..)| what.chars().count()).max().unwrap_or(0);
    let mut text = format!("{}\n\nAUC, mean over seeds, with 95% intervals\n", found.size);
    for mean in &found.means {
        text += &line(&mean.label(), &mean.auc, false, wide);
    }
    for (title, effects) in [
        ("differences of AUC", &found.differences),
        ("differences of differences", &found.interactions),
    ] {
        if !effects.is_empty() {
            text += &format!("\n{title}\n");
            effects.iter().for_each(|e| text += &line(&e.label(), &e.change, true, wide));
        }
    }
    text
}

/// A figure with names down the side and in each row a dot with its interval; the first row is on top.
fn rows(title: &str, x: &str, is_change: bool, all: &[(String, Estimate)]) -> Figure {
    let place = |i: usize| (all.len() - 1 - i) as f64;
    let known = all.iter().flat_map(|(_, e)| e.low.into_iter().chain(e.value).chain(e.high));
    let across = padded(known.chain(is_change.then_some(0.0)), 0.06);
    let up = (-0.5, all.len() as f64 - 0.5);
    let mut ends = Vec::new();
    for (i, (_, e)) in all.iter().enumerate() {
        if let (Some(low), Some(high)) = (e.low, e.high) {
            ends.extend([(low, place(i)), (high, place(i))]);
        }
    }
    let dots = all.iter().enumerate().filter_map(|(i, (_, e))| Some((e.value?, place(i))));
    let mut lines = Vec::new();
    if is_change {
        lines.push(Series::upright("no change", 0.0, up));
    }
    lines.push(Series::new("95% interval", Colour::Blue, Style::Whiskers, ends));
    lines.push(Series::new("mean", Colour::Vermillion, Style::Scatter, dots.collect::<Vec<_>>()));
    let names = all.iter().rev().map(|(name, _)| name.clone());
    let y = Axis::new(title, "", up).places(names);
    Figure::new(Axis::new(x, "", across), [Panel::lines(y, 22.0 * all.len() as f64, lines)])
}

fn sheet(found: &Effects) -> Sheet {
    let title = ["What the axes change".to_owned(), found.size.clone()];
    let mut sheet = Sheet::new(title, [1100.0]);
    let means: Vec<_> = found.means.iter().map(|m| (m.label(), m.auc)).collect();
    sheet.push("", rows("AUC, mean over seeds", "AUC", false, &means));
    for (title, effects) in
        [("differences", &found.differences), ("differences of differences", &found.interactions)]
    {
        if !effects.is_empty() {
            let all: Vec<_> = effects.iter().map(|e| (e.label(), e.change)).collect();
            sheet.push("", rows(title, "change of AUC", true, &all));
        }
    }
    sheet
}
