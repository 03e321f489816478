//! What a lesson's controls say: in the page the controls themselves, in a test the markup's defaults. A lesson makes
//! its experiments of these, so that a test of what its text says runs what the page runs.

use super::controls::Controls;
use super::names::{Choice, Named, Number, Stat, Switch};

/// Values by the keys that a lesson's markup gives its controls.
pub(super) trait Settings {
    /// The value of a control as its markup has it; none where the markup has no such control.
    fn value(&self, key: &str) -> Option<String>;

    /// The value of a control that the code names. That the markup has it is tested; in debug builds it is an error here.
    fn of(&self, control: &impl Named) -> String {
        let value = self.value(control.name());
        debug_assert!(value.is_some(), "no control is called {}", control.name());
        value.unwrap_or_default()
    }

    /// The value of a choice.
    fn choice(&self, key: Choice) -> String {
        self.of(&key)
    }

    /// A number; the markup has it, and it is finite.
    fn number(&self, key: Number) -> f64 {
        self.of(&key).parse().unwrap_or(0.0)
    }

    /// A number without its fraction, at least 0.
    fn whole(&self, key: Number) -> usize {
        self.number(key) as usize
    }

    /// The seed of something that is drawn.
    fn seed(&self, key: Number) -> u64 {
        self.number(key).clamp(0.0, 1e9) as u64
    }

    /// Whether a switch is on.
    fn on(&self, key: Switch) -> bool {
        self.of(&key) == "1"
    }
}

impl Settings for Controls {
    fn value(&self, key: &str) -> Option<String> {
        Self::value(self, key)
    }
}

/// A number that a lesson shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    /// The number's place in the markup.
    pub(super) name: Stat,
    /// What it is; not a number where there is nothing to tell.
    pub(super) value: f64,
    /// Digits behind the point.
    pub(super) digits: usize,
}

impl Reading {
    pub(super) fn new(name: Stat, value: f64, digits: usize) -> Self {
        Self { name, value, digits }
    }
}

/// How far voltages rise from the sample number `start` on, mV; no number where there is no such sample.
pub(super) fn rise(mv: &[f64], start: usize) -> f64 {
    match mv.get(start..) {
        Some(after @ [before, ..]) => highest(after) - before,
        _ => f64::NAN,
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
