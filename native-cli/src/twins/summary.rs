//! An evaluation in words.

use ballstick::text::count;
use std::fmt::Write as _;

use ballstick::twin::evaluate::Evaluation;
use ballstick::twin::response::ResponseAccuracy;

/// A metric with its unit, or a dash where it is not defined.
pub fn metric(value: f64, digits: usize, unit: &str) -> String {
    if value.is_finite() { format!("{value:.digits$}{unit}") } else { "–".to_owned() }
}

/// The metrics of a twin of this name with this prediction time, and the reasons for undefined ones.
pub fn summary(name: &str, e: &Evaluation, seconds: f64) -> String {
    let m = metric;
    let simulations = count(e.num_simulations, "simulation");
    let mut text = format!("{name}, {simulations}\n");
    let mut line = |text_of_line: String| {
        text += &text_of_line;
        text.push('\n');
    };
    let ((low, high), found) = (e.AUC_interval, e.at_FP.unwrap_or_default());
    line(format!(
        "spikes      AUC {} ({}-{}), {} found ({} of {}) at a false-positive rate of {}, average precision {}",
        m(e.AUC_score, 4, ""),
        m(low, 4, ""),
        m(high, 4, ""),
        m(e.true_positive_at_FP, 3, ""),
        found.hits,
        found.positives,
        m(e.requested_false_positive_rate, 4, ""),
        m(e.average_precision, 3, ""),
    ));
    line(format!(
        "near spike  AUC {}, {} found at a false-positive rate of {}",
        m(e.near_spike_AUC_score, 4, ""),
        m(e.near_spike_true_positive_at_FP, 3, ""),
        m(e.near_spike_requested_false_positive_rate, 4, ""),
    ));
    let mut row = |what: &str, explained: f64, rmse: f64, mae: f64, unit: &str| {
        let explained = m(explained, 2, "% explained");
        line(format!("{what:<11} {explained}, RMSE {rmse:.4} {unit}, MAE {mae:.4} {unit}"));
    };
    row("soma", e.soma_explained_variance_percent, e.soma_RMSE, e.soma_MAE, "mV");
    row("rate", e.inst_rate_explained_variance_percent, e.inst_rate_RMSE, e.inst_rate_MAE, "/ms");
    row("dendrite", e.dend_v_explained_variance_percent, e.dend_v_RMSE, e.dend_v_MAE, "mV");
    line(format!(
        "calibration {}, correlation {}, {} a simulation",
        m(e.calibration_explained_variance_percent, 2, "% explained"),
        m(e.calibration_correlation, 4, ""),
        count(e.calibration_bins, "bin"),
    ));
    let found = e.field.true_positive_at_other_FP.iter().map(|at| {
        let (tpr, fpr) = (m(at.true_positive_rate, 3, ""), at.wanted_false_positive_rate);
        format!("{tpr} found at {fpr}")
    });
    line(format!(
        "of others   FCI {}, AUC after 500 ms {}, {}",
        m(e.field.FCI, 3, ""),
        m(e.field.AUC_after_500_ms, 4, ""),
        found.collect::<Vec<_>>().join(", "),
    ));
    let groups = e.field.AUC_by_num_spikes.iter().map(|g| {
        let spikes = match (g.fewest_spikes, g.most_spikes) {
            (a, b) if a == b => a.to_string(),
            (a, b) => format!("{a}-{b}"),
        };
        format!("{spikes}: {} ({})", m(g.AUC, 4, ""), g.num_simulations)
    });
    line(format!("AUC by spikes in the simulation  {}", groups.collect::<Vec<_>>().join(", ")));
    for reason in &e.not_defined {
        line(reason.clone());
    }
    let _ = writeln!(text, "{:.1} ms for a simulation", 1e3 * seconds / e.num_simulations as f64);
    text
}

/// A table of the metrics of every simulation, each head by itself.
pub fn samples(e: &Evaluation) -> String {
    let mut text = format!(
        "{:>10} {:>6}  {:>17} {:>6}  {:>17} {:>6}  {:>20}  {:>20}  {:>20}\n{:>10} {:>6}  ",
        "simulation",
        "spikes",
        "spikes",
        "",
        "near spikes",
        "",
        "soma (mV)",
        "rate (1/ms)",
        "dendrite (mV)",
        "",
        "",
    );
    for _ in 0..2 {
        let _ = write!(text, "{:>9} {:>7} {:>6}  ", "precision", "recall", "AUC");
    }
    for _ in 0..3 {
        let _ = write!(text, "{:>6} {:>6} {:>6}  ", "RMSE", "MAE", "R²");
    }
    text = text.trim_end().to_owned() + "\n";
    for row in &e.per_sample {
        let _ = write!(text, "{:>10} {:>6}  ", row.simulation, row.total_num_spikes);
        for of in [row.spikes, row.near_spike] {
            let [a, b, c] = [of.precision, of.recall, of.AUC].map(|v| metric(v, 4, ""));
            let _ = write!(text, "{a:>9} {b:>7} {c:>6}  ");
        }
        for (of, digits) in [(row.soma, 2), (row.inst_rate, 4), (row.dend_v, 2)] {
            let [a, b] = [of.RMSE, of.MAE].map(|v| metric(v, digits, ""));
            let _ = write!(text, "{a:>6} {b:>6} {:>6}  ", metric(of.R2, 3, ""));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// The accuracy of a twin's responses to perturbations.
pub fn of_response(r: &ResponseAccuracy) -> String {
    let m = |percent: f64| metric(percent, 1, "%");
    format!(
        "response to {}: soma {} explained, dendrite {}, rate {}, near spike {}, spikes {}\n            \
         direction right in {} of the {} that change the number of spikes\n",
        count(r.num_pairs, "perturbation"),
        m(r.soma_explained_variance_percent),
        m(r.dend_v_explained_variance_percent),
        m(r.inst_rate_explained_variance_percent),
        m(r.near_spike_explained_variance_percent),
        m(r.spikes_explained_variance_percent),
        m(100.0 * r.spike_direction_agreement),
        r.num_pairs_with_other_spikes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ballstick::twin::evaluate::Judged;

    #[test]
    fn nothing_is_told_as_nan_or_infinite() {
        let flat = || vec![0.0_f32; 64];
        let silent = Judged {
            spikes: vec![false; 64],
            spikes_predicted: vec![0.1; 64],
            near_spike: vec![false; 64],
            near_spike_predicted: flat(),
            soma: flat(),
            soma_predicted: flat(),
            rate: flat(),
            rate_predicted: flat(),
            dend: flat(),
            dend_predicted: flat(),
            ..Judged::default()
        };
        let evaluation = Evaluation::new(&[silent]);
        let text = summary("twin", &evaluation, 0.5);
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.contains("no spike in the test set: AUC"), "{text}");
        assert!(text.contains("calibration –, correlation –"), "{text}");
        let table = samples(&evaluation);
        assert!(!table.contains("NaN") && !table.contains("inf"), "{table}");
        assert_eq!(table.lines().count(), 3, "{table}");
    }
}
