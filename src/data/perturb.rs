//! Partners of inputs for Taylor consistency: the same but for a few spikes.
//!
//! For inputs x a partner x+δ differs within one short window. A twin that has learned the neuron f, not only its
//! outputs, answers δ as f does: f̂(x+δ) - f̂(x) ≈ f(x+δ) - f(x).

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

/// What can be done to a spike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A new one, as strong as one that is there.
    Added,
    /// Taken away.
    Removed,
    /// To another bin of the window, on its row.
    Moved,
    /// Stronger or weaker.
    Scaled,
}

impl Change {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Added, Self::Removed, Self::Moved, Self::Scaled];
}

/// How to perturb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PerturbParams {
    /// Least and greatest number of changes.
    pub num_changes: [usize; 2],
    /// Length of the window that holds them all, ms.
    pub window_ms: usize,
    /// Bins at both ends of the simulation that stay as they are, ms (less where it is too short for that).
    pub margin_ms: usize,
    /// Least and greatest factor of a spike that is scaled.
    pub scale: [f64; 2],
    /// Weight up to which a spike is added, uniformly, where the simulation has no spike to take as a model.
    pub weight: f64,
    /// What may be done, each as likely.
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

/// Which perturbation: the same key gives the same one, whatever else is drawn.
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
    /// The row.
    pub row: usize,
    /// The bin.
    pub ms: usize,
    /// Weight before.
    pub from: f64,
    /// Weight after.
    pub to: f64,
}

/// What was done to an input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// The key of the pair of inputs.
    pub key: PairKey,
    /// The shortest stretch of bins that holds all of δ, ms.
    pub window: Range<usize>,
    /// What was done, in order. A change whose effect a later one undid leaves nothing in `delta`.
    pub changes: Vec<Change>,
    /// δ, by axon, row and bin; never empty.
    pub delta: Vec<Delta>,
}

/// A perturbation that cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PerturbError {
    /// A setting out of bounds.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Inputs without rows or bins.
    #[error("inputs of {} and {bins} ms have no bin to perturb", count(*rows, "row"))]
    Empty {
        /// Rows.
        rows: usize,
        /// Bins.
        bins: usize,
    },
    /// Inputs that cannot be simulated.
    #[error(transparent)]
    Inputs(#[from] SimError),
}

impl PerturbParams {
    /// Reads and validates how to perturb. Every key is optional.
    ///
    /// # Errors
    /// An unknown key (with the nearest known one), a value of the wrong type or out of its bounds.
    pub fn from_json(text: &str) -> Result<Self, SettingError> {
        settings::read(text)
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// The first that is out of bounds.
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

/// The second word of a perturbation's key.
const PERTURBATION: u64 = 5;

/// The largest half-precision number.
const LARGEST: f64 = 65_504.0;

/// Inputs in the making, with what each changed bin held before.
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

    /// Half precision is what a data set stores: δ is what a reader of both files finds.
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

/// The partner of `inputs` under a key, and what makes it one.
///
/// A window of the simulation is drawn, then each change in it. A change to a spike where the window has none, or
/// that comes to nothing, becomes an addition.
///
/// # Errors
/// Settings out of bounds; inputs without a bin, or with a weight that cannot be one.
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
        // changes that undid each other or drowned in rounding: one that cannot
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

/// Changes a spike of the window; false where the window has no spike, or the change has no effect.
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

/// Adds a spike in the window, as strong as any of its kind in `model`.
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
        // above 0
        None => params.weight * (1.0 - stream.uniform()),
    };
    let sum = draft.get((axon, row, ms)) + weight;
    draft.set((axon, row, ms), sum);
}

#[cfg(test)]
mod tests;
