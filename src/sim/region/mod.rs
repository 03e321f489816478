//! Regions: what the membrane of a part of the neuron has.
//!
//! A branch belongs to a region by name, the soma to [`"soma"`](super::Branch::SOMA). A region that a neuron lists has
//! the leak, the channels and the calcium pool that are written there and no others; one that it does not list is a
//! passive branch, or the built-in soma. `docs/neuron-format.md` has the format.

mod law;
pub(super) mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use law::{Density, Law};

use self::law::MOST_DENSITY;
use self::read::Fields;
use super::channel::pool::Pool;
use super::channel::{Channel, Gating};
use super::morphology::{Morphology, Place};
use crate::settings::SettingError;

/// The membrane of a region.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    /// Leak conductance density, S/cm².
    pub g_pas: f64,
    /// Reversal of the leak, mV.
    #[serde(rename = "e_pas_mV")]
    pub e_pas_mv: f64,
    /// Specific membrane capacitance, µF/cm².
    #[serde(rename = "cm_uF_cm2")]
    pub capacitance: f64,
    /// Axial resistivity, Ω·cm.
    #[serde(rename = "Ra_ohm_cm")]
    pub axial_resistivity: f64,
    /// Its channels. One whose density is 0 everywhere counts among them: it decides with the others how calcium's
    /// reversal potential is found ([`Reversal`]).
    pub channels: BTreeMap<Channel, Density>,
    /// The calcium pool of every segment, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calcium: Option<CalciumPool>,
}

/// A region's calcium pool, CaDynamics_E2 (Destexhe et al. 1994).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalciumPool {
    /// Time constant of removal, ms.
    pub decay_ms: f64,
    /// Share of the influx that stays free.
    pub gamma: f64,
}

impl From<CalciumPool> for Pool {
    fn from(CalciumPool { decay_ms, gamma }: CalciumPool) -> Self {
        Self { gamma, decay_ms }
    }
}

/// Where calcium's reversal potential comes from in a region. Without a pool calcium stays at its initial
/// concentration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversal {
    /// The Nernst potential of the pool's concentration, at the start of each step.
    Pool,
    /// The Nernst potential of the initial concentration: a channel reads the concentration, which makes NEURON compute
    /// the potential.
    Initial,
    /// NEURON's default: nothing makes it compute the potential.
    Default,
}

/// The keys of a region.
const KEYS: [&str; 6] = ["g_pas", "e_pas_mV", "cm_uF_cm2", "Ra_ohm_cm", "channels", "calcium"];

impl Region {
    /// Where calcium's reversal potential comes from.
    #[must_use]
    pub fn reversal(&self) -> Reversal {
        let reads_calcium = |channel: &Channel| channel.about().gating == Gating::Calcium;
        match self.calcium {
            Some(_) => Reversal::Pool,
            None if self.channels.keys().any(reads_calcium) => Reversal::Initial,
            None => Reversal::Default,
        }
    }

    /// Reads a region at this place of a JSON.
    ///
    /// # Errors
    /// What is wrong, with its place.
    fn read(place: &str, value: &Value) -> Result<Self, String> {
        let fields = Fields::new(place, value, &KEYS)?;
        let mut channels = BTreeMap::new();
        if let Some(listed) = fields.get("channels") {
            let place = format!("{place}.channels");
            let Value::Object(listed) = listed else {
                return Err(format!("{place}: expected {{\"channel\": density, ...}}"));
            };
            for (name, density) in listed {
                let channel = name.parse().map_err(|e| format!("{place}: {e}"))?;
                channels.insert(channel, Density::read(&format!("{place}.{name}"), density)?);
            }
        }
        let calcium = fields.get("calcium").map(|pool| -> Result<CalciumPool, String> {
            let place = format!("{place}.calcium");
            let fields = Fields::new(&place, pool, &["decay_ms", "gamma"])?;
            Ok(CalciumPool {
                decay_ms: fields.positive("decay_ms", 1e6, "ms")?,
                gamma: fields.number("gamma", [0.0, 1.0], "(the share that stays free)")?,
            })
        });
        Ok(Self {
            g_pas: fields.number("g_pas", [0.0, 1e3], "S/cm²")?,
            e_pas_mv: fields.number("e_pas_mV", [-200.0, 100.0], "mV")?,
            capacitance: fields.positive("cm_uF_cm2", 1e3, "µF/cm²")?,
            axial_resistivity: fields.positive("Ra_ohm_cm", 1e6, "Ω·cm")?,
            channels,
            calcium: calcium.transpose()?,
        })
    }
}

/// A neuron's regions, by name.
pub type Regions = BTreeMap<String, Region>;

/// Reads the value of `regions`.
///
/// # Errors
/// What is wrong, with its place.
pub(super) fn read_regions<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Regions, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let Value::Object(listed) = value else {
        return Err(serde::de::Error::custom("expected {\"name\": {...}, ...}"));
    };
    let read = |(name, value): (String, Value)| {
        let region = Region::read(&name, &value)?;
        Ok((name, region))
    };
    listed.into_iter().map(read).collect::<Result<_, String>>().map_err(serde::de::Error::custom)
}

/// Requires every number of the regions to be one that can be, the densities of every channel included.
///
/// # Errors
/// A [`SettingError`] names the region, the channel and the place on the neuron.
pub(super) fn validate(regions: &Regions, morphology: &Morphology) -> Result<(), SettingError> {
    for (name, region) in regions {
        // by the bounds with which it is read
        let json = serde_json::to_value(region).unwrap_or_default();
        Region::read(name, &json)
            .map_err(|problem| SettingError::Type { key: "regions".to_owned(), problem })?;
    }
    if regions.is_empty() {
        return Ok(());
    }
    for Place { region: name, at, d_um } in morphology.places() {
        for (channel, density) in regions.get(name).iter().flat_map(|region| &region.channels) {
            let g = density.at(d_um);
            // false for what is no number
            let fits = g.abs() <= MOST_DENSITY;
            if !fits {
                let key = format!("regions.{name}.channels.{channel}");
                let must = format!(
                    "must lie within ±{MOST_DENSITY} S/cm² everywhere; it does not {d_um} µm from the soma, on \"{at}\""
                );
                return Err(SettingError::range(key, g.to_string(), must));
            }
        }
    }
    Ok(())
}
