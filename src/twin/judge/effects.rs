//! The effects of a sweep's axes: differences of AUC between cells, and differences of these differences.
//!
//! Every cell is judged on simulations of the same inputs, and every resampling holds the same simulations in all
//! cells. Differences are therefore resampled in pairs, so that a simulation that is hard for all cells does not widen
//! their intervals. Where a cell was trained from several seeds, each resampling also draws as many seeds with
//! replacement. A few seeds are too few to show how much seeds differ; such intervals are rather too narrow than too
//! wide.

mod labels;

use serde::{Deserialize, Serialize};

use super::interval::middle;
use crate::random::{GOLDEN, split_mix};

/// The name of the axis whose values repeat a cell with other seeds.
pub const SEED: &str = "seed";

/// An axis of a sweep and its values; the others are compared with the first value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Name of the axis, as it was typed.
    pub name: String,
    /// The axis's values, as they were typed.
    pub values: Vec<String>,
}

/// The result of a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// For each axis the number of the cell's value.
    pub at: Vec<usize>,
    /// Area under the spikes' ROC curve on the test simulations; `None` where it is not defined.
    pub auc: Option<f64>,
    /// The area in each resampling; `None` where it is not defined.
    pub resampled: Vec<Option<f64>>,
}

/// A step from one value of an axis to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name of the axis.
    pub axis: String,
    /// The value before the step.
    pub from: String,
    /// The value after the step.
    pub to: String,
}

/// A number with its 95% interval; `None`, null in JSON, where it is not defined.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The number.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// The mean AUC of the cells that differ in their seed alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The axes and values of these cells, without the seed.
    pub at: Vec<(String, String)>,
    /// Number of cells, which differ in their seeds.
    pub seeds: usize,
    /// The cells' mean AUC.
    pub auc: Estimate,
}

/// The change that a step makes, or the difference that a second step makes to that change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// The step.
    pub step: Step,
    /// The second step; `None` for a simple difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Step>,
    /// The values of the other axes; empty for the mean over them.
    pub at: Vec<(String, String)>,
    /// The change of AUC.
    pub change: Estimate,
}

/// All effects of a sweep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Effects {
    /// The axes.
    pub axes: Vec<Axis>,
    /// Mean AUCs over seeds.
    pub means: Vec<Mean>,
    /// Differences: for each step the mean over the other axes first, then those at each of their values.
    pub differences: Vec<Effect>,
    /// Differences of differences, as means over the other axes.
    pub interactions: Vec<Effect>,
    /// The size of the sweep, in words.
    #[serde(default)]
    pub size: String,
}

/// An AUC and its values in the resamplings.
type Sampled = (f64, Vec<f64>);

impl Effects {
    /// The effects of a sweep's axes over all of its cells.
    #[must_use]
    pub fn of(axes: &[Axis], cells: &[Cell]) -> Self {
        let shown: Vec<usize> = (0..axes.len()).filter(|i| axes[*i].name != SEED).collect();
        let groups = combinations(axes, &shown);
        let of_group: Vec<Sampled> =
            groups.iter().enumerate().map(|(g, at)| group(g, &shown, at, cells)).collect();
        let find = |at: &[usize]| groups.iter().position(|g| g == at).map(|g| &of_group[g]);
        let named = |at: &[usize], but: &[usize]| -> Vec<(String, String)> {
            let kept = shown.iter().zip(at).filter(|(axis, _)| !but.contains(axis));
            kept.map(|(a, v)| (axes[*a].name.clone(), axes[*a].values[*v].clone())).collect()
        };
        let mean = |(at, sampled): (&Vec<usize>, &Sampled)| Mean {
            at: named(at, &[]),
            seeds: of_cell(&shown, at, cells).count(),
            auc: estimate(sampled),
        };
        let mut all = Self {
            axes: axes.to_vec(),
            means: groups.iter().zip(&of_group).map(mean).collect(),
            ..Self::default()
        };
        let steps = |place: usize| {
            let axis = &axes[shown[place]];
            (1..axis.values.len()).map(move |v| {
                let step = Step {
                    axis: axis.name.clone(),
                    from: axis.values[0].clone(),
                    to: axis.values[v].clone(),
                };
                (v, step)
            })
        };
        // the mean of the group at `at`, with the values of `to` in place of its own
        let moved = |at: &[usize], to: &[(usize, usize)]| -> Option<&Sampled> {
            let mut at = at.to_vec();
            to.iter().for_each(|(place, value)| at[*place] = *value);
            find(&at)
        };
        for a in 0..shown.len() {
            let rest: Vec<&Vec<usize>> = groups.iter().filter(|g| g[a] == 0).collect();
            for (v, step) in steps(a) {
                let one = |at: &&Vec<usize>| {
                    Some(combined(&[(1.0, moved(at, &[(a, v)])?), (-1.0, moved(at, &[])?)]))
                };
                let each: Vec<Option<Sampled>> = rest.iter().map(one).collect();
                let known: Vec<&Sampled> = each.iter().flatten().collect();
                let effect = |at, change| Effect { step: step.clone(), with: None, at, change };
                if rest.len() > 1 {
                    all.differences.push(effect(Vec::new(), estimate(&mean_of(&known))));
                }
                for (at, sampled) in rest.iter().zip(&each) {
                    if let Some(sampled) = sampled {
                        all.differences.push(effect(named(at, &[shown[a]]), estimate(sampled)));
                    }
                }
            }
            for b in a + 1..shown.len() {
                let rest = groups.iter().filter(|g| g[a] == 0 && g[b] == 0);
                let rest: Vec<&Vec<usize>> = rest.collect();
                for (v, step) in steps(a) {
                    for (w, with) in steps(b) {
                        let one = |at: &&Vec<usize>| {
                            Some(combined(&[
                                (1.0, moved(at, &[(a, v), (b, w)])?),
                                (-1.0, moved(at, &[(b, w)])?),
                                (-1.0, moved(at, &[(a, v)])?),
                                (1.0, moved(at, &[])?),
                            ]))
                        };
                        let each: Vec<Sampled> = rest.iter().filter_map(one).collect();
                        let change = estimate(&mean_of(&each.iter().collect::<Vec<_>>()));
                        let (step, with) = (step.clone(), Some(with));
                        all.interactions.push(Effect { step, with, at: Vec::new(), change });
                    }
                }
            }
        }
        all
    }
}

/// Every combination of values of the axes `shown`.
fn combinations(axes: &[Axis], shown: &[usize]) -> Vec<Vec<usize>> {
    shown.iter().fold(vec![Vec::new()], |all, axis| {
        let with = |at: &Vec<usize>| {
            let at = at.clone();
            (0..axes[*axis].values.len()).map(move |v| [at.as_slice(), &[v]].concat())
        };
        all.iter().flat_map(with).collect()
    })
}

/// The cells of a group, which differ in their seeds.
fn of_cell<'a>(
    shown: &'a [usize],
    at: &'a [usize],
    cells: &'a [Cell],
) -> impl Iterator<Item = &'a Cell> {
    cells.iter().filter(move |cell| shown.iter().zip(at).all(|(axis, v)| cell.at[*axis] == *v))
}

/// The mean AUC over the seeds, and in each resampling over seeds drawn with replacement.
fn group(number: usize, shown: &[usize], at: &[usize], cells: &[Cell]) -> Sampled {
    let cells: Vec<&Cell> = of_cell(shown, at, cells).collect();
    let n = cells.len();
    let value = |x: Option<f64>| x.unwrap_or(f64::NAN);
    let mean = cells.iter().map(|cell| value(cell.auc)).sum::<f64>() / n as f64;
    let resamples = cells.iter().map(|cell| cell.resampled.len()).min().unwrap_or(0);
    // each group draws other seeds
    let mut state = GOLDEN.wrapping_mul(number as u64 + 1);
    let mut draw = || {
        let drawn = split_mix(state);
        state = state.wrapping_add(GOLDEN);
        (drawn >> 33) as usize % n
    };
    let one = |i: usize| (0..n).map(|_| value(cells[draw()].resampled[i])).sum::<f64>() / n as f64;
    (mean, (0..resamples).map(one).collect())
}

/// A weighted sum of AUCs, in every resampling too.
fn combined(parts: &[(f64, &Sampled)]) -> Sampled {
    let count = parts.iter().map(|(_, (_, r))| r.len()).min().unwrap_or(0);
    let sum = |of: &dyn Fn(&Sampled) -> f64| parts.iter().map(|(w, s)| w * of(s)).sum::<f64>();
    (sum(&|s| s.0), (0..count).map(|i| sum(&|s| s.1[i])).collect())
}

fn mean_of(all: &[&Sampled]) -> Sampled {
    let weight = 1.0 / all.len() as f64;
    match all {
        [] => (f64::NAN, Vec::new()),
        some => combined(&some.iter().map(|s| (weight, *s)).collect::<Vec<_>>()),
    }
}

fn estimate((value, resampled): &Sampled) -> Estimate {
    let (low, high) = middle(resampled.clone());
    let known = |x: f64| x.is_finite().then_some(x);
    Estimate { value: known(*value), low: known(low), high: known(high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes() -> Vec<Axis> {
        let axis = |name: &str, values: &[&str]| Axis {
            name: name.into(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        };
        vec![axis("depth", &["1", "2", "4"]), axis(SEED, &["0", "1"]), axis("sk", &["0", "1"])]
    }

    /// Cells with AUC = 0.8 + 0.01·depth's number - 0.02·sk + 0.003·both, ± 0.001 for the seed; each resampling shifts
    /// all cells by the same amount.
    fn cells() -> Vec<Cell> {
        let mut cells = Vec::new();
        for d in 0..3 {
            for s in 0..2 {
                for k in 0..2 {
                    let (x, y) = (d as f64, k as f64);
                    let seed = if s == 0 { 0.001 } else { -0.001 };
                    let auc = 0.8 + 0.01 * x - 0.02 * y + 0.003 * x * y + seed;
                    let shift = |i: usize| (i as f64 - 99.5) * 1e-4;
                    let resampled = (0..200).map(|i| Some(auc + shift(i))).collect();
                    cells.push(Cell { at: vec![d, s, k], auc: Some(auc), resampled });
                }
            }
        }
        cells
    }

    fn near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|x| (x - wanted).abs() < 1e-9)
    }

    #[test]
    fn differences_are_between_cells_of_the_same_rest() {
        let all = Effects::of(&axes(), &cells());
        assert_eq!((all.means.len(), all.means[0].seeds), (6, 2));
        assert!(near(all.means[0].auc.value, 0.8));
        // depth has two steps, each with the mean and two values of sk; sk has one step, with the mean and three depths
        assert_eq!(all.differences.len(), 2 * 3 + 4);
        let of = |axis: &str, to: &str, at: usize| {
            let found = all.differences.iter().filter(|e| e.step.axis == axis && e.step.to == to);
            found.clone().nth(at).unwrap()
        };
        // 0.02 at sk = 0 and 0.026 at sk = 1: 0.023 on average
        assert!(near(of("depth", "4", 0).change.value, 0.023) && of("depth", "4", 0).at.is_empty());
        assert!(near(of("depth", "4", 2).change.value, 0.026));
        assert_eq!(of("depth", "4", 2).at, [("sk".to_owned(), "1".to_owned())]);
        assert!(near(of("sk", "1", 0).change.value, -0.017));
        // a common shift of all cells is not in a difference; the seeds' is, at most 0.002
        let e = of("depth", "4", 1).change;
        let (low, high) = (e.low.unwrap(), e.high.unwrap());
        assert!(low < 0.02 && high > 0.02 && high - low <= 0.004 + 1e-9, "{low} {high}");
    }

    #[test]
    fn interactions_are_differences_of_differences() {
        let all = Effects::of(&axes(), &cells());
        assert_eq!(all.interactions.len(), 2);
        let last = &all.interactions[1];
        assert_eq!((last.step.to.as_str(), last.with.as_ref().unwrap().axis.as_str()), ("4", "sk"));
        assert!(near(last.change.value, 0.006), "{last:?}");
        // without seeds nothing varies between resamplings
        let alone: Vec<Cell> = cells().into_iter().filter(|c| c.at[1] == 0).collect();
        let all = Effects::of(&axes(), &alone);
        let change = all.interactions[0].change;
        assert!(near(change.low, 0.003) && near(change.high, 0.003), "{change:?}");
    }

    #[test]
    fn what_is_not_defined_or_not_there_is_no_number() {
        let mut cells = cells();
        cells[0].auc = None;
        let all = Effects::of(&axes(), &cells);
        assert_eq!(all.means[0].auc.value, None);
        assert!(near(all.means[1].auc.value, 0.78));
        // a missing cell: its group has no mean, and the text has no NaN
        let part: Vec<Cell> = cells.into_iter().filter(|c| c.at[0] != 2).collect();
        let text = serde_json::to_string(&Effects::of(&axes(), &part)).unwrap();
        assert!(!text.contains("NaN"), "{text}");
        assert!(serde_json::from_str::<Effects>(&text).is_ok());
    }
}
