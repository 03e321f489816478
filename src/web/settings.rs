//! The values of a lesson's controls: in the page those of the controls themselves, in a test the markup's defaults. A
//! lesson makes its experiments from these values, so that a test of the lesson's text runs what the page runs.

use super::controls::Controls;
use super::names::{Choice, Named, Number, Stat, Switch};

/// Values by the keys that a lesson's markup gives its controls.
pub(super) trait Settings {
    /// The value of a control as its markup has it; `None` where the markup has no control of this key.
    fn value(&self, key: &str) -> Option<String>;

    /// The value of a control that the code names. Tests hold that the markup has the control; debug builds panic
    /// without it.
    fn of(&self, control: &impl Named) -> String {
        let value = self.value(control.name());
        debug_assert!(value.is_some(), "no control is called {}", control.name());
        value.unwrap_or_default()
    }

    /// The value of a choice.
    fn choice(&self, key: Choice) -> String {
        self.of(&key)
    }

    /// The number of a slider or a box; 0 where its text is no number.
    fn number(&self, key: Number) -> f64 {
        self.of(&key).parse().unwrap_or(0.0)
    }

    /// The number of a slider or a box without its fraction, at least 0.
    fn whole(&self, key: Number) -> usize {
        self.number(key) as usize
    }

    /// The seed of a random draw, from 0 to 10⁹.
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
    /// The number, in the unit that the markup shows; NaN where there is nothing to show.
    pub(super) value: f64,
    /// Digits after the decimal point.
    pub(super) digits: usize,
}

impl Reading {
    pub(super) fn new(name: Stat, value: f64, digits: usize) -> Self {
        Self { name, value, digits }
    }
}

/// How far voltages rise above that of sample `start`, from `start` on, mV; NaN where `start` is past the last sample.
pub(super) fn rise(mv: &[f64], start: usize) -> f64 {
    match mv.get(start..) {
        Some(after @ [before, ..]) => highest(after) - before,
        _ => f64::NAN,
    }
}

/// The highest of some voltages, mV; −∞ of no voltages.
pub(super) fn highest(mv: &[f64]) -> f64 {
    mv.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The lowest of some voltages, mV; ∞ of no voltages.
pub(super) fn lowest(mv: &[f64]) -> f64 {
    mv.iter().copied().fold(f64::INFINITY, f64::min)
}
