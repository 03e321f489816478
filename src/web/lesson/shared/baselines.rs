//! The baselines that a twin has to beat, in words.

use crate::twin::baseline::Baseline;
use crate::web::plot::scale;

/// The area under the ROC curve of each baseline, in a sentence; empty where there are no baselines.
pub(in crate::web::lesson) fn to_beat(baselines: &[Baseline]) -> String {
    let named = |baseline: &Baseline| {
        format!("{} {}", baseline.kind.title(), scale::fixed(baseline.auc, 4))
    };
    match baselines {
        [] => String::new(),
        some => format!(
            "To beat, on the same simulations: {}.",
            some.iter().map(named).collect::<Vec<_>>().join("; ")
        ),
    }
}
