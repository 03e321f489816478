//! What a lesson's controls say: in the page the controls themselves, in a test the markup's defaults. A lesson makes
//! its experiments of these, so that a test of what its text says runs what the page runs.

use super::controls::Controls;

/// Values by the keys that a lesson's markup gives its controls.
pub(super) trait Settings {
    /// The value of a control as its markup has it; empty where the markup has none.
    fn choice(&self, key: &str) -> String;

    /// A number; 0 where there is none.
    fn number(&self, key: &str) -> f64 {
        self.choice(key).parse().unwrap_or(0.0)
    }

    /// Whether a switch is on.
    fn on(&self, key: &str) -> bool {
        self.choice(key) == "1"
    }
}

impl Settings for Controls {
    fn choice(&self, key: &str) -> String {
        Self::choice(self, key)
    }
}

/// A number that a lesson shows where its markup has `data-stat` with this name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// Its name.
    pub(super) name: String,
    /// What it is; not a number where there is nothing to tell.
    pub(super) value: f64,
    /// Digits behind the point.
    pub(super) digits: usize,
}

impl Reading {
    pub(super) fn new(name: impl Into<String>, value: f64, digits: usize) -> Self {
        Self { name: name.into(), value, digits }
    }
}

/// The highest of some voltages, mV.
pub(super) fn highest(mv: &[f64]) -> f64 {
    mv.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The lowest of some voltages, mV.
pub(super) fn lowest(mv: &[f64]) -> f64 {
    mv.iter().copied().fold(f64::INFINITY, f64::min)
}
