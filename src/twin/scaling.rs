//! The scaling of inputs and targets, and the scaling back of outputs.

use serde::{Deserialize, Serialize};

/// Scaling constants, under the original's keys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case)] // serialised keys are the original's
pub struct Scaling {
    /// Divisor of the input weights.
    pub X_scale: f64,
    /// Soma voltage that becomes 0, mV.
    pub V_bias_soma: f64,
    /// Divisor of the soma voltage above `V_bias_soma`, mV.
    pub V_scale_soma: f64,
    /// Lowest soma voltage, mV.
    pub V_clip_soma_min: f64,
    /// Highest soma voltage, mV.
    pub V_clip_soma_max: f64,
    /// Dendritic voltage that becomes 0, mV.
    pub V_bias_dend: f64,
    /// Divisor of the dendritic voltage above `V_bias_dend`, mV.
    pub V_scale_dend: f64,
    /// Lowest dendritic voltage, mV.
    pub V_clip_dend_min: f64,
    /// Highest dendritic voltage, mV.
    pub V_clip_dend_max: f64,
    /// Factor of the instantaneous rate in spikes/ms.
    pub y_inst_rate_multiplier: f64,
}

/// The error of constants with which numbers would become infinite.
#[derive(Debug, thiserror::Error)]
#[error("{key} is {value}: scaling constants are finite, scales above 0, lowest below highest")]
pub struct ScalingError {
    key: &'static str,
    value: f64,
}

impl Scaling {
    /// The constants for a neuron's resting potential and voltage caps, mV.
    pub fn of_neuron(e_pas: f64, soma_cap: f64, dend_cap: f64) -> Self {
        Self {
            X_scale: 10.0,
            V_bias_soma: e_pas,
            V_scale_soma: (soma_cap - e_pas) / 2.0,
            V_clip_soma_min: e_pas - 5.0,
            V_clip_soma_max: soma_cap + 5.0,
            V_bias_dend: e_pas,
            V_scale_dend: (dend_cap - e_pas) / 2.0,
            V_clip_dend_min: e_pas - 5.0,
            V_clip_dend_max: dend_cap + 5.0,
            y_inst_rate_multiplier: 10.0,
        }
    }

    /// Checks that every scaled number stays finite.
    ///
    /// # Errors
    /// [`ScalingError`] names the first constant that is impossible.
    pub fn check(&self) -> Result<(), ScalingError> {
        let all = [
            ("X_scale", self.X_scale, true),
            ("V_bias_soma", self.V_bias_soma, false),
            ("V_scale_soma", self.V_scale_soma, true),
            ("V_clip_soma_min", self.V_clip_soma_min, false),
            ("V_clip_soma_max", self.V_clip_soma_max, false),
            ("V_bias_dend", self.V_bias_dend, false),
            ("V_scale_dend", self.V_scale_dend, true),
            ("V_clip_dend_min", self.V_clip_dend_min, false),
            ("V_clip_dend_max", self.V_clip_dend_max, false),
            ("y_inst_rate_multiplier", self.y_inst_rate_multiplier, true),
        ];
        for (key, value, positive) in all {
            if !value.is_finite() || (positive && value <= 0.0) {
                return Err(ScalingError { key, value });
            }
        }
        if self.V_clip_soma_max <= self.V_clip_soma_min {
            return Err(ScalingError { key: "V_clip_soma_max", value: self.V_clip_soma_max });
        }
        if self.V_clip_dend_max <= self.V_clip_dend_min {
            return Err(ScalingError { key: "V_clip_dend_max", value: self.V_clip_dend_max });
        }
        Ok(())
    }

    /// A soma voltage in mV, clipped and scaled.
    pub fn soma(&self, v: f32) -> f32 {
        let v = v.clamp(self.V_clip_soma_min as f32, self.V_clip_soma_max as f32);
        (v - self.V_bias_soma as f32) / self.V_scale_soma as f32
    }

    /// A dendritic voltage in mV, clipped and scaled.
    pub fn dend(&self, v: f32) -> f32 {
        let v = v.clamp(self.V_clip_dend_min as f32, self.V_clip_dend_max as f32);
        (v - self.V_bias_dend as f32) / self.V_scale_dend as f32
    }

    /// A rate in spikes/ms, scaled.
    pub fn rate(&self, rate: f32) -> f32 {
        rate * self.y_inst_rate_multiplier as f32
    }

    /// The soma head's output `y` in mV.
    pub fn soma_mv(&self, y: f32) -> f32 {
        self.V_scale_soma as f32 * y + self.V_bias_soma as f32
    }

    /// The dendrite head's output `y` in mV.
    pub fn dend_mv(&self, y: f32) -> f32 {
        self.V_scale_dend as f32 * y + self.V_bias_dend as f32
    }

    /// The rate head's output `y` in spikes/ms.
    pub fn rate_per_ms(&self, y: f32) -> f32 {
        y / self.y_inst_rate_multiplier as f32
    }
}

impl Default for Scaling {
    /// The constants for the original's neurons: e_pas -85 mV, caps -62 and 0 mV.
    fn default() -> Self {
        Self::of_neuron(-85.0, -62.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_neurons() {
        let s = Scaling::default();
        assert_eq!((s.V_scale_soma, s.V_scale_dend), (11.5, 42.5));
        assert_eq!((s.V_clip_soma_min, s.V_clip_soma_max), (-90.0, -57.0));
        assert_eq!((s.V_clip_dend_min, s.V_clip_dend_max), (-90.0, 5.0));
        assert_eq!(s.soma(-40.0), s.soma(-57.0));
        assert!((s.soma_mv(s.soma(-70.0)) + 70.0).abs() < 1e-5);
    }
}
