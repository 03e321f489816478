//! The parts that the commands about twins share.

pub mod baselines;
pub mod calibration_figure;
pub mod comparison;
pub mod curves;
pub mod data;
pub mod device;
pub mod figures;
pub mod line;
pub mod loader;
pub mod model_file;
pub mod recorder;
pub mod responses;
pub mod resume;
pub mod sample_figures;
pub mod summary;
pub mod tensorboard;
pub mod weights_figure;
