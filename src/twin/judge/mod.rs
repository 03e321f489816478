//! How good a twin is: what it predicts, the metrics of that, and what they are compared with.

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
