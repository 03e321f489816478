//! The one internal unit system, NEURON's, and the constants that it needs.
//!
//! | quantity | unit |
//! |---|---|
//! | time | ms |
//! | voltage | mV |
//! | length, diameter | µm |
//! | current of a point process | nA |
//! | conductance of a point process | µS |
//! | current density | mA/cm² |
//! | conductance density | S/cm² |
//! | specific capacitance | µF/cm² |
//! | axial resistivity, membrane resistance | Ω·cm, Ω·cm² |
//! | resistance | MΩ |
//! | concentration | mM |

/// Faraday's constant, C/mol (CODATA 2018, the digits that NEURON 9 uses).
pub const FARADAY: f64 = 96_485.332_123_310_01;

/// The gas constant, J/(K·mol) (CODATA 2018).
pub const GAS: f64 = 8.314_462_618_153_24;

/// 0 °C in kelvin.
pub const KELVIN_AT_0C: f64 = 273.15;

/// The current density of 1 nA through 1 µm², in mA/cm².
pub const NA_PER_UM2: f64 = 1e2; // nA/µm² -> mA/cm²

/// RT/F in mV at a temperature in °C.
#[must_use]
pub fn thermal_voltage_mv(celsius: f64) -> f64 {
    1000.0 * GAS * (celsius + KELVIN_AT_0C) / FARADAY
}
