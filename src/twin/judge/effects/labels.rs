//! The effects of a sweep in words and numbers, for the page and the command line.

use super::{Effect, Effects, Estimate, Mean};
use crate::text::fixed;

impl Mean {
    /// The mean's cells in words, such as "depth 2, neuron human"; "all cells" of a sweep without axes.
    #[must_use]
    pub fn label(&self) -> String {
        if self.at.is_empty() { "all cells".to_owned() } else { places(&self.at) }
    }
}

impl Effect {
    /// The step in words, and the second step or the values at which it is taken.
    #[must_use]
    pub fn label(&self) -> String {
        let step = format!("{} {} → {}", self.step.axis, self.step.from, self.step.to);
        match &self.with {
            Some(with) => {
                let with = format!("{} {} → {}", with.axis, with.from, with.to);
                format!("how much more {step} changes with {with}")
            }
            None if self.at.is_empty() => format!("{step}, on the whole"),
            None => format!("{step}, at {}", places(&self.at)),
        }
    }
}

impl Estimate {
    /// The number and its interval with four decimals, a dash where it is not defined; with `signed` a number above 0
    /// has a plus.
    #[must_use]
    pub fn number_and_interval(&self, signed: bool) -> [String; 2] {
        let number = |x: Option<f64>| {
            let x = x.unwrap_or(f64::NAN);
            let sign = if signed && x > 0.0 { "+" } else { "" };
            format!("{sign}{}", fixed(x, 4))
        };
        [number(self.value), format!("{} to {}", number(self.low), number(self.high))]
    }
}

impl Effects {
    /// Each mean, each step and each pair of steps: its label, its estimate, and whether the estimate is a change.
    pub fn rows(&self) -> impl Iterator<Item = (String, Estimate, bool)> {
        let means = self.means.iter().map(|mean| (mean.label(), mean.auc, false));
        let effects = self.differences.iter().chain(&self.interactions);
        means.chain(effects.map(|effect| (effect.label(), effect.change, true)))
    }
}

fn places(at: &[(String, String)]) -> String {
    at.iter().map(|(axis, value)| format!("{axis} {value}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::effects::Step;

    #[test]
    fn effects_are_told_in_words() {
        let step = |axis: &str| Step { axis: axis.into(), from: "1".into(), to: "2".into() };
        let change = Estimate { value: Some(0.012), low: Some(-0.003), high: None };
        let mut effect = Effect { step: step("depth"), with: None, at: Vec::new(), change };
        assert_eq!(effect.label(), "depth 1 → 2, on the whole");
        assert_eq!(change.number_and_interval(true), ["+0.0120", "−0.0030 to –"]);
        assert_eq!(change.number_and_interval(false)[0], "0.0120");
        effect.at = vec![("width".into(), "8".into())];
        assert_eq!(effect.label(), "depth 1 → 2, at width 8");
        effect.with = Some(step("width"));
        assert_eq!(effect.label(), "how much more depth 1 → 2 changes with width 1 → 2");
        let mean = Mean { at: effect.at.clone(), seeds: 1, auc: change };
        assert_eq!(mean.label(), "width 8");
    }
}
