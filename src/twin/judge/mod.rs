//! The judging of a twin: its predictions, their metrics, and baselines to compare with.

pub mod baseline;
pub mod calibrated;
pub mod curves;
pub mod effects;
pub mod evaluate;
pub mod field_metrics;
pub mod interval;
pub mod judge_inputs;
pub mod metrics;
pub mod predict;
pub mod probabilities;
pub mod response;
pub mod results;
pub mod sample_metrics;
pub mod set;
pub mod test_set;
pub mod thresholds;
