//! The recorded sweep over axes: what a dendrite's receptors and a twin's depth change, and what they change together.

use crate::twin::effects::{Effect, Effects, Estimate};
use crate::web::dom;
use crate::web::lesson::stat;
use crate::web::plot::scale::fixed;
use web_sys::Element;

/// As `ballstick sweep --axis` wrote it.
const RECORDED: &str = include_str!("../../../../www/recorded/effects.json");

/// Fills the table in.
pub(super) fn fill(root: &Element) {
    let Ok(found) = serde_json::from_str::<Effects>(RECORDED) else { return };
    let body: Element = dom::must(root, "[data-part=effects]");
    for (what, change) in rows(&found) {
        let row: Element = dom::element("tr", "");
        for (tag, text) in [("th", what), ("td", change.0), ("td", change.1)] {
            let cell: Element = dom::element(tag, "");
            cell.set_text_content(Some(&text));
            row.append_child(&cell).ok();
        }
        body.append_child(&row).ok();
    }
    stat(root, "effects-words", &format!("Recorded: {}.", found.size));
}

/// What is told of a sweep: each mean, each step, each pair of steps; a number and its interval.
fn rows(found: &Effects) -> Vec<(String, (String, String))> {
    let of_means = found.means.iter().map(|mean| (places(&mean.at), told(&mean.auc, false)));
    let effects = found.differences.iter().chain(&found.interactions);
    of_means.chain(effects.map(|e| (name(e), told(&e.change, true)))).collect()
}

fn places(at: &[(String, String)]) -> String {
    at.iter().map(|(axis, value)| format!("{axis} {value}")).collect::<Vec<_>>().join(", ")
}

fn name(e: &Effect) -> String {
    let step = format!("{} {} → {}", e.step.axis, e.step.from, e.step.to);
    match &e.with {
        Some(with) => {
            format!("how much more {step} changes with {} {} → {}", with.axis, with.from, with.to)
        }
        None if e.at.is_empty() => format!("{step}, on the whole"),
        None => format!("{step}, at {}", places(&e.at)),
    }
}

fn told(e: &Estimate, signed: bool) -> (String, String) {
    let number = |x: Option<f64>| {
        let x = x.unwrap_or(f64::NAN);
        let sign = if signed && x > 0.0 { "+" } else { "" };
        format!("{sign}{}", fixed(x, 4))
    };
    (number(e.value), format!("{} to {}", number(e.low), number(e.high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_sweep_answers_the_lessons_question() {
        let found: Effects = serde_json::from_str(RECORDED).unwrap();
        let names: Vec<&str> = found.axes.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(names, ["neuron", "depth", "seed"]);
        let [interaction] = found.interactions.as_slice() else { panic!("not one pair of steps") };
        // the claim's own signs: human receptors take from the shallow twin more than from the deep one, or not
        let change = interaction.change;
        assert!(change.low <= change.value && change.value <= change.high, "{change:?}");
        let rows = rows(&found);
        assert_eq!(rows.len(), found.means.len() + found.differences.len() + 1);
        assert!(rows.iter().all(|(what, (value, _))| !what.is_empty() && value != "–"), "{rows:?}");
        assert!(found.size.contains("cells, each trained on"), "{}", found.size);
    }
}
