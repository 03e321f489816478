//! Inputs from a few axons that each reach every segment: the manual input of the original's notebook.

use super::stream::{Purpose, RandomStream};
use crate::sim::Inputs;
use crate::sim::math::pow;

/// The settings of axons that fire at random and reach each segment with a random weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixing {
    /// Number of excitatory axons, and of inhibitory ones.
    pub axons: usize,
    /// Firing rate of an excitatory axon, Hz; it fires at most once a ms.
    pub exc_rate_hz: f64,
    /// Firing rate of an inhibitory axon, Hz.
    pub inh_rate_hz: f64,
    /// A weight is `multiplier · u^power` with u uniform in 0..1: a high power leaves few strong weights.
    pub power: f64,
    /// The largest weight that an axon may have on a segment.
    pub multiplier: f64,
}

impl Default for Mixing {
    /// The notebook's settings.
    fn default() -> Self {
        Self { axons: 64, exc_rate_hz: 10.0, inh_rate_hz: 2.0, power: 5.0, multiplier: 3.0 }
    }
}

impl Mixing {
    /// Reads `AXONS,EXC_HZ,INH_HZ,POWER,MULTIPLIER`; numbers left out at the end are the notebook's.
    ///
    /// # Errors
    /// A message in words that says what a number must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = "AXONS,EXC_HZ,INH_HZ,POWER,MULTIPLIER";
        let all = Self::default();
        let mut numbers =
            [all.axons as f64, all.exc_rate_hz, all.inh_rate_hz, all.power, all.multiplier];
        let given: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split(',').collect() };
        if given.len() > numbers.len() {
            return Err(format!("has {} numbers; there are {form}", given.len()));
        }
        let limits = [1e5, 1000.0, 1000.0, 100.0, 1e4];
        let names = form.split(',');
        for (((number, text), most), name) in numbers.iter_mut().zip(given).zip(limits).zip(names) {
            let least = if name == "AXONS" { 1.0 } else { 0.0 };
            let whole = name != "AXONS" || text.trim().parse::<usize>().is_ok();
            *number = match text.trim().parse::<f64>() {
                Ok(n) if (least..=most).contains(&n) && whole => n,
                _ => {
                    let kind = if name == "AXONS" { "a whole number" } else { "a number" };
                    return Err(format!("{name} = {text:?} must be {kind} in {least}..{most}"));
                }
            };
        }
        let [axons, exc_rate_hz, inh_rate_hz, power, multiplier] = numbers;
        Ok(Self { axons: axons as usize, exc_rate_hz, inh_rate_hz, power, multiplier })
    }

    /// Inputs of `num_segments` segments and `duration_ms` ms; weights are in single precision, as in the notebook.
    #[must_use]
    pub fn inputs(&self, seed: u64, num_segments: usize, duration_ms: usize) -> Inputs {
        let mut stream = RandomStream::new(seed, Purpose::Mixing);
        let mut spikes = |rate_hz: f64| -> Vec<Vec<usize>> {
            // the axons that fire in each ms
            let mut fired = vec![Vec::new(); duration_ms];
            for axon in 0..self.axons {
                for ms in &mut fired {
                    if stream.uniform() < rate_hz / 1000.0 {
                        ms.push(axon);
                    }
                }
            }
            fired
        };
        let fired = [spikes(self.exc_rate_hz), spikes(self.inh_rate_hz)];
        let [exc, inh] = fired.map(|fired| {
            let matrix: Vec<f64> = (0..num_segments * self.axons)
                .map(|_| self.multiplier * pow(stream.uniform(), self.power))
                .collect();
            let mut weights = Vec::with_capacity(num_segments * duration_ms);
            for of_segment in matrix.chunks(self.axons) {
                let sum = |axons: &Vec<usize>| axons.iter().map(|a| of_segment[*a]).sum::<f64>();
                weights.extend(fired.iter().map(|axons| f64::from(sum(axons) as f32)));
            }
            weights
        });
        Inputs { num_segments, duration_ms, exc, inh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_weights_are_the_notebooks() {
        let mixing = Mixing::default();
        let inputs = mixing.inputs(3, 8, 4096);
        let bins = (8 * 4096) as f64;
        let mean = |weights: &[f64]| weights.iter().sum::<f64>() / bins;
        // the mean of 3·u⁵ is 1/2, so that 64 axons at 10 Hz give 0.32 a ms; the matrix has 8·64 draws of deviation
        // 0.75, whose mean is off by 7% at most (95%), and four deviations are allowed
        assert!((mean(&inputs.exc) - 0.32).abs() < 0.15 * 0.32, "{}", mean(&inputs.exc));
        assert!((mean(&inputs.inh) - 0.064).abs() < 0.2 * 0.064, "{}", mean(&inputs.inh));
        // an axon reaches every segment at once
        let silent = (0..4096).filter(|t| (0..8).all(|s| inputs.exc[s * 4096 + t] == 0.0)).count();
        // no axon fires in a ms with probability 0.99⁶⁴ = 0.526
        assert!((silent as f64 / 4096.0 - 0.526).abs() < 0.04, "{silent}");
        let some = (0..4096).filter(|t| inputs.exc[*t] > 0.0).count();
        assert!(some + silent >= 4096 - 40, "{some} {silent}");
        assert_eq!(inputs, mixing.inputs(3, 8, 4096));
        assert_ne!(inputs, mixing.inputs(4, 8, 4096));
        assert!(inputs.validate(8).is_ok());
    }

    #[test]
    fn what_is_typed_is_checked() {
        assert_eq!(Mixing::parse(""), Ok(Mixing::default()));
        let few = Mixing { axons: 16, exc_rate_hz: 20.5, ..Mixing::default() };
        assert_eq!(Mixing::parse("16, 20.5"), Ok(few));
        let none = Mixing { axons: 1, exc_rate_hz: 0.0, ..Mixing::default() };
        assert!(none.inputs(0, 3, 50).exc.iter().all(|w| *w == 0.0));
        for (text, word) in [
            ("0", "AXONS"),
            ("2.5", "whole"),
            ("64,-1", "EXC_HZ"),
            ("64,10,x", "INH_HZ"),
            ("64,10,2,NaN", "POWER"),
            ("64,10,2,5,inf", "MULTIPLIER"),
            ("64,10,2,5,3,1", "6 numbers"),
            ("64,", "EXC_HZ"),
        ] {
            let error = Mixing::parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
