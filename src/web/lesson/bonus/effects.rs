//! The recorded sweep over axes: what a dendrite's receptors and a twin's depth change, and what they change together.

use crate::twin::effects::Effects;
use crate::twin::test_set;
use crate::web::dom;
use crate::web::lesson::{place, write};
use web_sys::Element;

/// The recorded effects, as `ballstick sweep --axis` wrote them.
const RECORDED: &str = include_str!("effects.json");

/// Fills the table of effects.
pub(super) fn fill(root: &Element) {
    let Ok(found) = serde_json::from_str::<Effects>(RECORDED) else { return };
    let body: Element = place(root, part!("effects"));
    for (what, estimate, is_change) in found.rows() {
        let [value, interval] = estimate.number_and_interval(is_change);
        body.append_child(&dom::table_row("", 1, [what, value, interval])).ok();
    }
    write(root, stat!("effects-words"), &format!("Recorded: {}.", test_set::readable(&found.size)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::effects::Estimate;

    #[test]
    fn the_recorded_sweep_answers_the_lessons_question() {
        let found: Effects = serde_json::from_str(RECORDED).unwrap();
        let names: Vec<&str> = found.axes.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(names, ["neuron", "depth", "seed"]);
        let [interaction] = found.interactions.as_slice() else { panic!("not one pair of steps") };
        // whatever its sign, the estimate is within its own interval
        let change = interaction.change;
        assert!(change.low <= change.value && change.value <= change.high, "{change:?}");
        let rows: Vec<_> = found.rows().collect();
        assert_eq!(rows.len(), found.means.len() + found.differences.len() + 1);
        let is_shown = |(what, of, change): &(String, Estimate, bool)| {
            !what.is_empty() && of.number_and_interval(*change)[0] != "–"
        };
        assert!(rows.iter().all(is_shown), "{rows:?}");
        assert!(found.size.contains("cells, each trained on"), "{}", found.size);
    }
}
