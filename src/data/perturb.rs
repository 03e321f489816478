//! Perturbed partners of inputs, for Taylor consistency: the same inputs apart from a few spikes.
//!
//! A partner x+δ of the inputs x differs within one short window. A twin that has learned the neuron f, not only its
//! outputs, responds to δ as f does: f̂(x+δ) - f̂(x) ≈ f(x+δ) - f(x).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::half::to_f16;
use super::layout::Split;
use crate::ff::Axon;
use crate::random::RandomStream;
use crate::settings::{self, HasSettings, Setting, SettingError, require};
use crate::sim::{Inputs, SimError};
use crate::text::count;

/// A change of one spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A new spike, with the weight of one of the simulation's spikes.
    Added,
    /// A spike is taken away.
    Removed,
    /// A spike moves to another bin of the window, on its row.
    Moved,
    /// A spike's weight is multiplied by a factor.
    Scaled,
}

impl Change {
    /// All kinds of change.
    pub const ALL: [Self; 4] = [Self::Added, Self::Removed, Self::Moved, Self::Scaled];
}

/// The settings of a perturbation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PerturbParams {
    /// Least and greatest number of changes.
    pub num_changes: [usize; 2],
    /// Length of the window that holds all changes, ms.
    pub window_ms: usize,
    /// Bins at either end of the simulation that are never changed, ms (fewer in a simulation too short for that).
    pub margin_ms: usize,
    /// Least and greatest factor of a scaled spike's weight.
    pub scale: [f64; 2],
    /// Upper end of an added spike's weight, drawn uniformly, where the simulation has no spike to take it from.
    pub weight: f64,
    /// The kinds of change that may be drawn, all with the same probability.
    pub changes: Vec<Change>,
}

impl Default for PerturbParams {
    fn default() -> Self {
        Self {
            num_changes: [1, 4],
            window_ms: 16,
            margin_ms: 16,
            scale: [0.25, 4.0],
            weight: 5.0,
            changes: Change::ALL.to_vec(),
        }
    }
}

/// The key of a pair of inputs: the same key gives the same perturbation, whatever else is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairKey {
    /// The data set's seed.
    pub seed: u64,
    /// The split.
    pub split: Split,
    /// Number of the simulation in its split.
    pub index: u64,
    /// Number of the partner, 0..K.
    pub k: u64,
}

/// One entry of δ that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// Excitatory or inhibitory input.
    pub axon: Axon,
    /// Row of the input.
    pub row: usize,
    /// Bin of the input, ms.
    pub ms: usize,
    /// Weight before the perturbation.
    pub from: f64,
    /// Weight after the perturbation.
    pub to: f64,
}

/// The perturbation of one simulation's inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// The key of the pair of inputs.
    pub key: PairKey,
    /// The shortest stretch of bins that holds all of δ, ms.
    pub window: Range<usize>,
    /// The changes made, in order. A change whose effect a later one undid leaves no entry in `delta`.
    pub changes: Vec<Change>,
    /// The entries of δ, by axon, row and bin; there is at least one.
    pub delta: Vec<Delta>,
}

/// The error of a perturbation that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PerturbError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The inputs have no rows or no bins.
    #[error("inputs of {} and {bins} ms have no bin to perturb", count(*rows, "row"))]
    Empty {
        /// Rows of the inputs.
        rows: usize,
        /// Bins of the inputs.
        bins: usize,
    },
    /// The inputs cannot be simulated.
    #[error(transparent)]
    Inputs(#[from] SimError),
}

impl PerturbParams {
    /// Reads and validates the settings of a perturbation. Every key is optional.
    ///
    /// # Errors
    /// [`SettingError`]: an unknown key (with the nearest known one), a value of the wrong type or out of its bounds.
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        settings::read(text)
    }

    /// Checks the settings against their bounds.
    ///
    /// # Errors
    /// [`SettingError`] names the first setting that is out of its bounds.
    pub fn validate(&self) -> Result<(), SettingError> {
        settings::check(self)
    }
}

impl HasSettings for PerturbParams {
    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::other("num_changes", |p: &Self| {
                let [least, most] = p.num_changes;
                let fits = 1 <= least && least <= most && most <= 10_000;
                require(fits, p.num_changes, "must be [least, greatest], within 1..10000")
            }),
            Setting::other("window_ms", |p| {
                require(p.window_ms >= 1, p.window_ms, "must be at least 1 ms")
            }),
            Setting::free("margin_ms"),
            Setting::other("scale", |p| {
                let [low, high] = p.scale;
                let fits = 0.0 <= low && low <= high && high <= 100.0;
                require(fits, p.scale, "must be [least, greatest], within 0..100")?;
                require(low != 1.0 || high != 1.0, p.scale, "must be another factor than 1")
            }),
            // the smallest half-precision number is 6e-8, the largest 65504
            Setting::number("weight", |p| p.weight, [1e-3, 1e4], ""),
            Setting::other("changes", |p| {
                let must = "must name at least one of added, removed, moved, scaled";
                require(!p.changes.is_empty(), &p.changes, must)
            }),
        ]
    }
}

/// The second word of the random stream's key of a perturbation.
const PERTURBATION: u64 = 5;

/// The largest half-precision number.
const LARGEST: f64 = 65_504.0;

/// Inputs that are being perturbed, with the former weight of every changed bin.
struct Draft {
    inputs: Inputs,
    before: BTreeMap<(Axon, usize, usize), f64>,
}

impl Draft {
    fn weights(&mut self, axon: Axon) -> &mut Vec<f64> {
        match axon {
            Axon::Excitatory => &mut self.inputs.exc,
            Axon::Inhibitory => &mut self.inputs.inh,
        }
    }

    fn get(&mut self, (axon, row, ms): (Axon, usize, usize)) -> f64 {
        let at = row * self.inputs.duration_ms + ms;
        self.weights(axon)[at]
    }

    /// Sets a weight, rounded to half precision as in a data set's files, so that δ is the difference of both files.
    fn set(&mut self, place: (Axon, usize, usize), weight: f64) {
        let (axon, row, ms) = place;
        let at = row * self.inputs.duration_ms + ms;
        let rounded = f64::from(to_f16(weight.min(LARGEST)));
        let before = std::mem::replace(&mut self.weights(axon)[at], rounded);
        self.before.entry(place).or_insert(before);
    }

    fn delta(&mut self) -> Vec<Delta> {
        let before = self.before.clone();
        let entry =
            |((axon, row, ms), from)| Delta { axon, row, ms, from, to: self.get((axon, row, ms)) };
        before.into_iter().map(entry).filter(|d| d.from != d.to).collect()
    }
}

/// The partner of `inputs` under a key, and the perturbation that makes it.
///
/// A window of the simulation is drawn, then each change in it. A change of a spike in a window without spikes, or one
/// without an effect, becomes an addition.
///
/// # Errors
/// [`PerturbError`]: settings out of bounds; inputs without a bin, or with a weight that is negative or not finite.
pub fn perturb(
    inputs: &Inputs,
    params: &PerturbParams,
    key: PairKey,
) -> Result<(Inputs, Perturbation), PerturbError> {
    params.validate()?;
    let (rows, bins) = (inputs.num_segments, inputs.duration_ms);
    inputs.validate(rows)?;
    if rows * bins == 0 {
        return Err(PerturbError::Empty { rows, bins });
    }
    let words = [key.seed, PERTURBATION, key.split as u64, key.index];
    let mut stream = RandomStream::from_key(words, key.k);
    let length = params.window_ms.min(bins);
    let margin = params.margin_ms.min((bins - length) / 2);
    let start = margin + stream.below(bins - length - 2 * margin + 1);
    let window = start..start + length;
    let mut draft = Draft { inputs: inputs.clone(), before: BTreeMap::new() };
    let number = stream.whole(params.num_changes);
    let mut changes = Vec::with_capacity(number);
    for _ in 0..number {
        let wanted = stream.choose(&params.changes).copied().unwrap_or(Change::Added);
        let done = match wanted {
            Change::Added => false,
            other => alter(&mut draft, other, &window, params, &mut stream),
        };
        if !done {
            add(&mut draft, &window, params, inputs, &mut stream);
        }
        changes.push(if done { wanted } else { Change::Added });
    }
    let mut delta = draft.delta();
    if delta.is_empty() {
        // the changes undid each other or were lost in rounding: one more, which cannot be
        let place = (Axon::Excitatory, stream.below(rows), window.start);
        let there = draft.get(place) > 0.0;
        draft.set(place, if there { 0.0 } else { params.weight });
        changes.push(if there { Change::Removed } else { Change::Added });
        delta = draft.delta();
    }
    let from = delta.iter().map(|d| d.ms).min().unwrap_or(start);
    let to = delta.iter().map(|d| d.ms + 1).max().unwrap_or(start + 1);
    Ok((draft.inputs, Perturbation { key, window: from..to, changes, delta }))
}

/// Changes a spike of the window; returns false where the window has no spike, or the change has no effect.
fn alter(
    draft: &mut Draft,
    change: Change,
    window: &Range<usize>,
    params: &PerturbParams,
    stream: &mut RandomStream,
) -> bool {
    let mut spikes = Vec::new();
    for axon in [Axon::Excitatory, Axon::Inhibitory] {
        for row in 0..draft.inputs.num_segments {
            spikes.extend(window.clone().map(|ms| (axon, row, ms)));
        }
    }
    spikes.retain(|&place| draft.get(place) > 0.0);
    let Some(&place) = stream.choose(&spikes) else { return false };
    let weight = draft.get(place);
    match change {
        Change::Added => return false,
        Change::Removed => draft.set(place, 0.0),
        Change::Scaled => {
            let factor = stream.between(params.scale);
            draft.set(place, weight * factor);
        }
        Change::Moved => {
            if window.len() < 2 {
                return false;
            }
            let (axon, row, ms) = place;
            let on = 1 + stream.below(window.len() - 1);
            let there = (axon, row, window.start + (ms - window.start + on) % window.len());
            draft.set(place, 0.0);
            let sum = draft.get(there) + weight;
            draft.set(there, sum);
        }
    }
    draft.get(place) != weight
}

/// Adds a spike in the window, with the weight of any spike of its kind in `model`.
fn add(
    draft: &mut Draft,
    window: &Range<usize>,
    params: &PerturbParams,
    model: &Inputs,
    stream: &mut RandomStream,
) {
    let axon = [Axon::Excitatory, Axon::Inhibitory][stream.below(2)];
    let row = stream.below(draft.inputs.num_segments);
    let ms = window.start + stream.below(window.len());
    let weights = if axon == Axon::Excitatory { &model.exc } else { &model.inh };
    let spikes: Vec<f64> = weights.iter().copied().filter(|w| *w > 0.0).collect();
    let weight = match stream.choose(&spikes) {
        Some(&weight) => weight,
        // a weight above 0
        None => params.weight * (1.0 - stream.uniform()),
    };
    let sum = draft.get((axon, row, ms)) + weight;
    draft.set((axon, row, ms), sum);
}

#[cfg(test)]
mod tests;
