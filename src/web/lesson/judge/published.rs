//! The judged twin's numbers beside the published ones.

use crate::text::grouped;
use crate::web::lesson::shared::Chosen;
use crate::web::lesson::write;
use crate::web::names::Stat;
use crate::web::plot::scale::fixed;
use crate::web::trainer::protocol::Judgement;
use serde_json::Value;
use web_sys::Element;

const NAMES: [Stat; 13] = [
    stat!("ours-auc"),
    stat!("ours-fci"),
    stat!("ours-settled"),
    stat!("ours-tpr"),
    stat!("ours-tpr-25"),
    stat!("ours-tpr-100"),
    stat!("ours-near"),
    stat!("ours-soma"),
    stat!("ours-rmse"),
    stat!("ours-rate"),
    stat!("ours-dend"),
    stat!("ours-cal"),
    stat!("ours-test"),
];

/// The baselines' cells: AUC, TPR and number of train simulations of each, in the order of their kinds.
const BESIDE: [Stat; 6] = [
    stat!("filter-auc"),
    stat!("filter-tpr"),
    stat!("filter-train"),
    stat!("logistic-auc"),
    stat!("logistic-tpr"),
    stat!("logistic-train"),
];

pub(super) fn clear(root: &Element) {
    for name in NAMES {
        write(root, name, "–");
    }
    for name in BESIDE {
        write(root, name, "–");
    }
    write(root, stat!("ours-train"), "–");
    write(root, stat!("ours-name"), "this one");
}

/// Fills the table's first column, and gives the near spikes' AUC.
pub(super) fn show(root: &Element, chosen: &Chosen, judgement: &Judgement) -> f64 {
    let metrics: Value = serde_json::from_str(&judgement.metrics).unwrap_or_default();
    let number = |key: &str| metrics[key].as_f64().unwrap_or(f64::NAN);
    let percent = |key: &str| match number(key) {
        share if share.is_finite() => format!("{}%", fixed(share, 2)),
        _ => "–".to_owned(),
    };
    write(root, stat!("ours-name"), &chosen.text);
    let near = number("near_spike_AUC_score");
    let cells = [
        fixed(judgement.auc, 4),
        fixed(number("FCI"), 3),
        fixed(number("AUC_after_500_ms"), 4),
        fixed(judgement.tpr, 3),
        at_other_rate(&metrics, 0),
        at_other_rate(&metrics, 1),
        fixed(near, 4),
        percent("soma_explained_variance_percent"),
        format!("{} mV", fixed(number("soma_RMSE"), 2)),
        percent("inst_rate_explained_variance_percent"),
        percent("dend_v_explained_variance_percent"),
        percent("calibration_explained_variance_percent"),
        test_set(judgement.simulations, &metrics),
    ];
    for (name, text) in NAMES.into_iter().zip(cells) {
        write(root, name, &text);
    }
    for baseline in &judgement.baselines {
        let of = baseline.kind.key();
        write(root, stat!("{}-auc", of), &fixed(baseline.auc, 4));
        write(root, stat!("{}-tpr", of), &fixed(baseline.tpr(), 3));
        write(root, stat!("{}-train", of), &grouped(baseline.train_simulations));
    }
    near
}

/// The true-positive rate at the false-positive rate with this number among those that other work reports.
fn at_other_rate(metrics: &Value, number: usize) -> String {
    let at = &metrics["true_positive_at_other_FP"][number];
    fixed(at["true_positive_rate"].as_f64().unwrap_or(f64::NAN), 3)
}

/// How many test simulations there are, and which metrics they leave undefined, with the reasons.
fn test_set(simulations: usize, metrics: &Value) -> String {
    let reasons = metrics["not_defined"].as_array().into_iter().flatten();
    let reasons: Vec<&str> = reasons.filter_map(Value::as_str).collect();
    match reasons.is_empty() {
        true => grouped(simulations),
        false => format!("{} ({})", grouped(simulations), reasons.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_test_set_does_not_define_is_said() {
        assert_eq!(test_set(8, &Value::Null), "8");
        let silent = serde_json::json!({"not_defined": ["no spike: AUC is not defined"]});
        assert_eq!(test_set(2, &silent), "2 (no spike: AUC is not defined)");
    }
}
