//! An axis: a quantity, its unit, the range shown, and the ruler that places values.

use super::scale;
use std::rc::Rc;

/// A quantity with its unit and the range shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Name of the quantity, in words.
    pub label: String,
    /// Unit of the quantity; empty for a pure number.
    pub unit: &'static str,
    /// Lowest and highest value shown.
    pub range: (f64, f64),
    /// The ruler, which says where values lie.
    pub ruler: Ruler,
}

/// The scale of an axis. A lesson gives values; a figure is placed once, and drawn in positions from then on.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ruler {
    /// A linear scale: equal distances are equal differences.
    #[default]
    Linear,
    /// A scale of categories: the values 0, 1, 2 ... have names.
    Places(Rc<[String]>),
    /// A scale of nines, at −log₁₀(1 − value): 0.9, 0.99 and 0.999 are equally far apart.
    Nines,
    /// A logarithmic scale, at log₁₀(value): equal distances are equal ratios.
    Log,
}

impl Axis {
    /// A linear axis with a fixed range.
    pub fn new(label: impl Into<String>, unit: &'static str, range: (f64, f64)) -> Self {
        Self { label: label.into(), unit, range, ruler: Ruler::Linear }
    }

    /// The axis title: label and unit.
    pub fn title(&self) -> String {
        if self.unit.is_empty() {
            self.label.clone()
        } else {
            format!("{} ({})", self.label, self.unit)
        }
    }

    /// A time axis in ms.
    pub fn time(range: (f64, f64)) -> Self {
        Self::new("time", "ms", range)
    }

    /// The axis on a logarithmic scale.
    pub fn log(self) -> Self {
        let low = self.range.0.max(1e-12);
        Self { range: (low, self.range.1.max(2.0 * low)), ruler: Ruler::Log, ..self }
    }

    /// The axis on a scale of nines: 0.9, 0.99 and 0.999 are equally far apart.
    pub fn nines(self) -> Self {
        Self { ruler: Ruler::Nines, ..self }
    }

    /// The axis on a scale of categories, with these names at 0, 1, 2 ...
    pub fn places(self, names: impl IntoIterator<Item = String>) -> Self {
        Self { ruler: Ruler::Places(names.into_iter().collect()), ..self }
    }

    /// The axis with its range turned into positions.
    #[must_use]
    pub fn placed(self) -> Self {
        let place = |value| self.ruler.position(value);
        Self { range: (place(self.range.0), place(self.range.1)), ..self }
    }
}

/// Values that may be labelled on a scale of nines, in three sets from many to very few.
const NINES: [&[f64]; 3] = [
    &[
        0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999,
        0.99999,
    ],
    &[0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9999, 0.99999],
    &[0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999],
];

impl Ruler {
    /// The position of a value; NaN for a value that the scale cannot show, such as 0 on a logarithmic one.
    pub fn position(&self, value: f64) -> f64 {
        match self {
            Self::Linear | Self::Places(_) => value,
            Self::Nines => -(1.0 - value).max(1e-6).log10(),
            Self::Log if value > 0.0 => value.log10(),
            Self::Log => f64::NAN,
        }
    }

    /// The value at a position.
    pub fn value(&self, position: f64) -> f64 {
        match self {
            Self::Linear | Self::Places(_) => position,
            Self::Nines => 1.0 - 10f64.powf(-position),
            Self::Log => 10f64.powf(position),
        }
    }

    /// The value at a position in words, with `digits` decimals on a linear scale.
    pub fn read(&self, position: f64, digits: usize) -> String {
        match self {
            Self::Linear => scale::fixed(position, digits),
            Self::Places(names) => {
                let near = position.round();
                let name = (near >= 0.0).then(|| names.get(near as usize)).flatten();
                name.cloned().unwrap_or_else(|| "–".into())
            }
            Self::Nines => scale::fixed(self.value(position), digits.max(4)),
            Self::Log => scale::short(self.value(position)),
        }
    }

    /// About `wanted` positions of evenly spaced values with their labels, for a logarithmic axis too short for two
    /// round ones.
    pub fn even_ticks(&self, range: (f64, f64), wanted: usize) -> Vec<(f64, String)> {
        let values = scale::ticks((self.value(range.0), self.value(range.1)), wanted.max(3));
        let labels = scale::labels(&values);
        values.into_iter().map(|value| self.position(value)).zip(labels).collect()
    }

    /// About `wanted` positions within `range`, with the label of each.
    pub fn ticks(&self, range: (f64, f64), wanted: usize) -> Vec<(f64, String)> {
        let inside = |at: f64| at >= range.0 - 1e-9 && at <= range.1 + 1e-9;
        match self {
            Self::Linear => {
                let ticks = scale::ticks(range, wanted);
                let labels = scale::labels(&ticks);
                ticks.into_iter().zip(labels).collect()
            }
            Self::Places(names) => {
                let all = names.iter().enumerate().map(|(at, name)| (at as f64, name.clone()));
                all.filter(|(at, _)| inside(*at)).collect()
            }
            Self::Nines => {
                let of = |values: &[f64]| -> Vec<(f64, String)> {
                    let places = values.iter().map(|v| (self.position(*v), format!("{v}")));
                    places.filter(|(at, _)| inside(*at)).collect()
                };
                let fits = NINES.iter().map(|v| of(v)).find(|ticks| ticks.len() <= wanted.max(2));
                fits.unwrap_or_else(|| of(NINES[2]))
            }
            Self::Log => {
                let (first, last) = (range.0.floor() as i32, range.1.ceil() as i32);
                // a range of NaN has no ticks
                let last = last.min(first.saturating_add(60));
                let of = |steps: &[f64]| -> Vec<(f64, String)> {
                    (first..=last)
                        .flat_map(|power| steps.iter().map(move |s| s * 10f64.powi(power)))
                        .map(|value| (value.log10(), scale::short(value)))
                        .filter(|(at, _)| inside(*at))
                        .collect()
                };
                let (fine, tens) = (of(&[1.0, 2.0, 5.0]), of(&[1.0]));
                let wanted = wanted.max(2);
                match tens.len() {
                    _ if fine.len() <= wanted || tens.is_empty() => fine,
                    n => tens.into_iter().step_by(n.div_ceil(wanted)).collect(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nines_are_equally_far_apart_and_read_back() {
        let at = |value| Ruler::Nines.position(value);
        // log10 of a difference from 1 keeps about 13 digits
        assert!((at(0.99) - at(0.9) - (at(0.999) - at(0.99))).abs() < 1e-12);
        assert_eq!(Ruler::Nines.read(at(0.9755), 0), "0.9755");
        assert!(at(1.0).is_finite() && Ruler::Log.position(0.0).is_nan());
        assert!((Ruler::Log.value(Ruler::Log.position(30.0)) - 30.0).abs() < 1e-12);
        let ticks = Ruler::Nines.ticks((at(0.5), at(0.9995)), 4);
        let labels: Vec<&str> = ticks.iter().map(|t| t.1.as_str()).collect();
        assert_eq!(labels, ["0.5", "0.9", "0.99", "0.999"]);
    }

    #[test]
    fn places_have_names_and_logs_are_short() {
        let places = Ruler::Places(["A".to_owned(), "B".to_owned()].into());
        assert_eq!(places.read(0.8, 0), "B");
        assert_eq!(places.read(7.0, 0), "–");
        assert_eq!(places.ticks((-0.6, 0.4), 5), [(0.0, "A".to_owned())]);
        let labels = |range, wanted| -> Vec<String> {
            Ruler::Log.ticks(range, wanted).into_iter().map(|t| t.1).collect()
        };
        assert_eq!(labels((3.0, 6.0), 5), ["1k", "10k", "100k", "1M"]);
        assert_eq!(labels((-1.7, 1.5), 6), ["0.1", "1", "10"]);
        assert_eq!(labels((-0.5, -0.05), 6), ["0.5"]);
        assert!(labels((f64::NAN, f64::NAN), 6).is_empty());
        let even = Ruler::Log.even_ticks((-0.5, -0.05), 3);
        assert_eq!(even.iter().map(|t| t.1.as_str()).collect::<Vec<_>>(), ["0.4", "0.6", "0.8"]);
    }
}
