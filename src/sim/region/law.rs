//! Densities that depend on the path distance from the soma.

use serde::Serialize;
use serde_json::Value;

use super::read::{Fields, number};
use crate::settings;
use crate::sim::math::exp;

/// A channel's density in a region, S/cm².
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Density {
    /// The same everywhere.
    Constant(f64),
    /// By the path distance from the soma.
    Law(Law),
}

/// A density (S/cm²) by the path distance d from the middle of the soma (µm).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "law", rename_all = "snake_case")]
pub enum Law {
    /// g·(offset + scale·e^(rate·d/length)), not clipped.
    Exponential {
        /// The factor, S/cm².
        g: f64,
        /// What the exponential is added to.
        offset: f64,
        /// The exponential at the soma.
        scale: f64,
        /// How often it grows by e over the length.
        rate: f64,
        /// The length, µm.
        length_um: f64,
    },
    /// One density from a distance to another, both included, and a second one elsewhere.
    Window {
        /// Where it begins, µm.
        from_um: f64,
        /// Where it ends, µm.
        to_um: f64,
        /// The density within, S/cm².
        inside: f64,
        /// The density elsewhere, S/cm².
        outside: f64,
    },
    /// A straight line, where it is above 0.
    Linear {
        /// Its value at the soma, S/cm².
        at_soma: f64,
        /// What is added along the path, S/cm² per µm.
        per_um: f64,
    },
}

/// The laws, each with its keys.
const LAWS: [(&str, &[&str]); 3] = [
    ("exponential", &["law", "g", "offset", "scale", "rate", "length_um"]),
    ("window", &["law", "from_um", "to_um", "inside", "outside"]),
    ("linear", &["law", "at_soma", "per_um"]),
];

/// The largest density, S/cm².
pub(super) const MOST_DENSITY: f64 = 1e3;

/// Bounds of densities that are written as numbers, S/cm².
const DENSITY: [f64; 2] = [0.0, MOST_DENSITY];
/// Bounds of distances, µm.
const DISTANCE: [f64; 2] = [-1e7, 1e7];
/// Bounds of what has no bounds of its own.
const ANY: [f64; 2] = [-1e9, 1e9];

impl Density {
    /// The density at a path distance of `d_um` µm, S/cm².
    #[must_use]
    pub fn at(self, d_um: f64) -> f64 {
        match self {
            Self::Constant(g) => g,
            Self::Law(Law::Exponential { g, offset, scale, rate, length_um }) => {
                g * (offset + scale * exp(rate * d_um / length_um))
            }
            Self::Law(Law::Window { from_um, to_um, inside, outside }) => {
                if (from_um..=to_um).contains(&d_um) { inside } else { outside }
            }
            Self::Law(Law::Linear { at_soma, per_um }) => (at_soma + per_um * d_um).max(0.0),
        }
    }

    /// Reads a density at this place of a JSON.
    pub(super) fn read(place: &str, value: &Value) -> Result<Self, String> {
        let Value::Object(map) = value else {
            return Ok(Self::Constant(number(place, value, DENSITY, "S/cm²")?));
        };
        let names = LAWS.map(|(name, _)| name);
        let Some(law) = map.get("law") else {
            return Err(format!("{place}: law is missing: {}", names.join(", ")));
        };
        let Some((name, keys)) = LAWS.into_iter().find(|(name, _)| law == name) else {
            let hint = settings::hint_at(law.as_str().unwrap_or_default(), &names, "laws");
            return Err(format!("{place}: unknown law {law}{hint}"));
        };
        let fields = Fields::new(place, value, keys)?;
        let any = |key: &str| fields.number(key, ANY, "");
        let density = |key: &str| fields.number(key, DENSITY, "S/cm²");
        let distance = |key: &str| fields.number(key, DISTANCE, "µm");
        Ok(Self::Law(match name {
            "exponential" => Law::Exponential {
                g: density("g")?,
                offset: any("offset")?,
                scale: any("scale")?,
                rate: any("rate")?,
                length_um: fields.positive("length_um", DISTANCE[1], "µm")?,
            },
            "window" => {
                let (from_um, to_um) = (distance("from_um")?, distance("to_um")?);
                if from_um > to_um {
                    return Err(format!("{place}.to_um = {to_um}: must be from_um at least"));
                }
                let (inside, outside) = (density("inside")?, density("outside")?);
                Law::Window { from_um, to_um, inside, outside }
            }
            _ => Law::Linear { at_soma: any("at_soma")?, per_um: any("per_um")? },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The two numbers that NEURON had in the case `stick_ih_gradient`.
    #[test]
    fn the_ih_gradient_is_neuron_s() {
        let (offset, scale, rate) = (-0.8696, 2.087, 3.6161);
        let ih = Density::Law(Law::Exponential { g: 2e-4, offset, scale, rate, length_um: 1e3 });
        assert_eq!(ih.at(25.0), 0.000_282_972_208_127_594_46);
        assert_eq!(ih.at(600.0), 0.003_480_545_029_243_262_6);
    }

    #[test]
    fn a_window_has_its_ends_and_a_line_stops_at_0() {
        let (inside, outside) = (2.0, 1.0);
        let window = Density::Law(Law::Window { from_um: 4.0, to_um: 6.0, inside, outside });
        assert_eq!([3.9, 4.0, 6.0, 6.1].map(|d| window.at(d)), [1.0, 2.0, 2.0, 1.0]);
        let line = Density::Law(Law::Linear { at_soma: 1.0, per_um: -0.5 });
        assert_eq!([0.0, 1.0, 3.0].map(|d| line.at(d)), [1.0, 0.5, 0.0]);
    }
}
