//! An axis: linear, logarithmic, or of named places.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// From where to where an axis goes, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Linear,
    Log,
    /// Names at 0, 1, 2, …
    Places(Vec<String>),
}

impl Scale {
    /// Even steps; a range without a width gets one.
    pub fn linear(low: f64, high: f64) -> Self {
        let (low, high) =
            if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let least = 1e-9 + 1e-6 * low.abs().max(high.abs());
        let high = if high - low < least { low + least.max(1e-3) } else { high };
        Self { low, high, kind: Kind::Linear }
    }

    /// Even factors. What is not above 0 begins at a thousandth of the end.
    pub fn log(low: f64, high: f64) -> Self {
        let high = if high.is_finite() && high > 0.0 { high } else { 1.0 };
        let low = if low.is_finite() && low > 0.0 { low } else { high * 1e-3 };
        let high = if high <= low * 1.001 { low * 2.0 } else { high };
        Self { low, high, kind: Kind::Log }
    }

    /// Names side by side, the first at 0.
    pub fn places(names: Vec<String>) -> Self {
        Self { low: -0.5, high: names.len().max(1) as f64 - 0.5, kind: Kind::Places(names) }
    }

    /// Its least and greatest value.
    pub fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Room that its values' texts take beside a vertical axis, pixels.
    pub fn room(&self) -> u32 {
        let longest = |names: &Vec<String>| names.iter().map(|n| n.chars().count()).max();
        match &self.kind {
            // of the letters of a text of 12 pixels
            Kind::Places(names) => (longest(names).unwrap_or(0) as u32 * 7 + 30).max(58),
            _ => 58,
        }
    }

    /// Where a value lies, 0 at the beginning and 1 at the end; beyond them outside 0..1.
    pub fn part(&self, value: f64) -> f64 {
        match self.kind {
            // below any drawn part
            Kind::Log if value <= 0.0 => -1e6,
            Kind::Log => (value / self.low).ln() / (self.high / self.low).ln(),
            _ => (value - self.low) / (self.high - self.low),
        }
    }

    /// The value at a part.
    pub fn at(&self, part: f64) -> f64 {
        match self.kind {
            Kind::Log => self.low * (self.high / self.low).powf(part),
            _ => self.low + part * (self.high - self.low),
        }
    }

    /// At most about so many values that an axis is marked at.
    fn ticks(&self, most: usize) -> Vec<f64> {
        let most = most.max(2);
        match &self.kind {
            Kind::Linear => self.even(most),
            Kind::Places(names) => (0..names.len()).map(|i| i as f64).collect(),
            Kind::Log => {
                let first = self.low.log10().floor() as i32;
                let last = self.high.log10().ceil() as i32;
                let inside = |v: &f64| (self.low..=self.high).contains(v);
                let of = |factors: &[f64], every: i32| -> Vec<f64> {
                    let decades = (first..=last).filter(|d| d.rem_euclid(every) == 0);
                    let all = decades.flat_map(|d| factors.iter().map(move |f| f * 10f64.powi(d)));
                    all.filter(inside).collect()
                };
                let every = ((last - first) as usize).div_ceil(most).max(1) as i32;
                let choices = [of(&[1.0, 2.0, 5.0], 1), of(&[1.0, 3.0], 1), of(&[1.0], every)];
                let fits = |ticks: &Vec<f64>| (2..=most).contains(&ticks.len());
                choices.into_iter().find(fits).unwrap_or_else(|| self.even(most))
            }
        }
    }

    fn even(&self, most: usize) -> Vec<f64> {
        let step = self.step(most);
        let (from, to) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        (from..=to).map(|i| i as f64 * step).collect()
    }

    /// 1, 2 or 5 times a power of ten, so that at most `most` steps fit.
    fn step(&self, most: usize) -> f64 {
        let rough = (self.high - self.low) / most as f64;
        let power = 10f64.powf(rough.log10().floor());
        let nice = [1.0, 2.0, 5.0, 10.0].into_iter().find(|n| n * power >= rough * (1.0 - 1e-9));
        nice.unwrap_or(10.0) * power
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (f64::from(to - from) * self.part(*value).clamp(-4.0, 4.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks(hint.max_num_points())
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        match &self.kind {
            Kind::Places(names) => names.get(value.round() as usize).cloned().unwrap_or_default(),
            Kind::Linear if (self.high - self.low) < 2e5 => {
                let digits = (-(self.step(8).log10().floor())).clamp(0.0, 7.0) as usize;
                let text = format!("{value:.digits$}");
                // a step counted from below 0 may miss it by the last digit
                if text.trim_start_matches('-').bytes().all(|b| b"0.".contains(&b)) {
                    "0".to_owned()
                } else {
                    text
                }
            }
            _ if *value != 0.0 && !(1e-3..1e6).contains(&value.abs()) => format!("{value:.0e}"),
            _ => format!("{:.2e}", value).parse::<f64>().unwrap_or(*value).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_parts_are_each_others_inverse() {
        for scale in [Scale::linear(-85.0, 12.0), Scale::log(0.02, 700.0)] {
            for part in [0.0, 0.25, 0.9, 1.0] {
                assert!((scale.part(scale.at(part)) - part).abs() < 1e-12, "{scale:?}");
            }
        }
        assert!(Scale::log(0.1, 1.0).part(0.0) < -1.0);
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(Scale::linear(0.0, 1024.0).ticks(6), [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]);
        assert_eq!(Scale::log(30.0, 3000.0).ticks(7), [50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0]);
        assert_eq!(Scale::log(1e-3, 1e5).ticks(5).len(), 4); // every second decade
        // less than a factor of two: even steps
        assert!(Scale::log(0.30, 0.41).ticks(6).len() >= 3);
        for most in 2..12 {
            for scale in [Scale::linear(3.2, 3.9), Scale::log(0.5, 2e4), Scale::log(1.0, 1.3)] {
                let ticks = scale.ticks(most);
                assert!(!ticks.is_empty() && ticks.len() <= most + 1, "{scale:?} {most} {ticks:?}");
            }
        }
    }

    #[test]
    fn ticks_are_told_shortly() {
        let told = |scale: Scale, value: f64| scale.format_ext(&value);
        assert_eq!(told(Scale::linear(-1.0, 1.0), -1e-17), "0");
        assert_eq!(told(Scale::linear(0.0, 0.02), 0.005), "0.005");
        assert_eq!(told(Scale::log(0.01, 100.0), 0.05), "0.05");
        assert_eq!(told(Scale::log(1.0, 1e9), 1e7), "1e7");
        assert_eq!(told(Scale::places(vec!["A".into(), "B".into()]), 1.0), "B");
    }

    #[test]
    fn no_range_is_empty_or_infinite() {
        for (low, high) in [(1.0, 1.0), (f64::NAN, 2.0), (3.0, f64::INFINITY), (5.0, -5.0)] {
            for scale in [Scale::linear(low, high), Scale::log(low, high)] {
                let (a, b) = scale.ends();
                assert!(a.is_finite() && b.is_finite() && a < b, "{low} {high} {scale:?}");
            }
        }
    }
}
