//! What the published twins reached: configuration C on the full data sets.

use super::recorded::Neuron;
use serde::Serialize;

/// A published twin's results on its test set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(in crate::web::lesson) struct Published {
    /// The neuron that the twin is of.
    #[serde(skip)]
    pub(in crate::web::lesson) neuron: Neuron,
    /// Area under the spikes' ROC curve.
    pub(in crate::web::lesson) auc: f64,
    /// True-positive rate at a false-positive rate of 0.002.
    tpr: f64,
    /// Area under the near spikes' ROC curve.
    near_auc: f64,
    /// Explained variance of the soma voltage, %.
    soma_explained_percent: f64,
    /// Root-mean-square error of the soma voltage, mV.
    soma_rmse_mv: f64,
    /// Explained variance of the rate, %.
    rate_explained_percent: f64,
    /// Explained variance of the dendritic voltages, %.
    dend_explained_percent: f64,
    /// Explained variance of the mean rates of a simulation's bins, %.
    calibration_explained_percent: f64,
    /// Simulations that the twin learned from.
    train_simulations: u32,
    /// Simulations that the twin was judged on.
    test_simulations: u32,
}

/// The two published twins. Source: the evaluation that `SelfishGene/tutorial_NEURON_pytorch` publishes with its twins.
pub(in crate::web::lesson) const PUBLISHED: [Published; 2] = [
    Published {
        neuron: Neuron::Point,
        auc: 0.9990,
        tpr: 0.886,
        near_auc: 0.9981,
        soma_explained_percent: 93.94,
        soma_rmse_mv: 1.42,
        rate_explained_percent: 94.71,
        dend_explained_percent: 87.83,
        calibration_explained_percent: 99.23,
        train_simulations: 3068,
        test_simulations: 251,
    },
    Published {
        neuron: Neuron::Cable,
        auc: 0.9755,
        tpr: 0.248,
        near_auc: 0.9802,
        soma_explained_percent: 66.12,
        soma_rmse_mv: 3.01,
        rate_explained_percent: 85.73,
        dend_explained_percent: 93.61,
        calibration_explained_percent: 98.38,
        train_simulations: 7132,
        test_simulations: 598,
    },
];
