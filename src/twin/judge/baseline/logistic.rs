//! Logistic regression on filtered inputs, by Newton's method.

use super::filter::{filtered, fits};
use super::kind::TAUS_MS;
use crate::data::sample::{Sample, SourceError};

/// The most ms with a spike, and without one, that the regression learns from. Where there are more, it takes every
/// n-th and counts it n times.
const MOST: usize = 16_000;

/// Weight of the penalty: a Gaussian prior of variance 1 on the weights of standardised inputs.
const RIDGE: f64 = 1.0;

/// The most steps of Newton's method; from a start at 0 it takes fewer than ten.
const STEPS: usize = 30;

/// The collected data of a regression that is to be fitted.
#[derive(Debug, Clone)]
pub struct Learner {
    segments: usize,
    /// Number of simulations added.
    simulations: usize,
    /// Filtered inputs of the kept ms, one after another: of ms with a spike, and of ms without.
    rows: [Vec<f32>; 2],
    /// Number of ms seen so far, with a spike and without.
    seen: [usize; 2],
    /// The n of every n-th ms that is kept, with a spike and without.
    every: [usize; 2],
}

/// A fitted regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    segments: usize,
    /// Number of simulations that the regression learnt from.
    pub simulations: usize,
    /// The weight of each filtered input, and the constant last.
    pub(super) weights: Vec<f64>,
}

impl Learner {
    /// A learner that has no data yet.
    #[must_use]
    pub fn new(segments: usize) -> Self {
        Self { segments, simulations: 0, rows: Default::default(), seen: [0; 2], every: [1; 2] }
    }

    fn columns(&self) -> usize {
        2 * self.segments * TAUS_MS.len()
    }

    /// Adds all ms of a train simulation.
    ///
    /// # Errors
    /// [`SourceError`] where the simulation has another number of segments than those before.
    pub fn add(&mut self, sample: &Sample, index: usize) -> Result<(), SourceError> {
        fits(sample, index, self.segments)?;
        self.simulations += 1;
        let columns = self.columns();
        filtered(sample, 0, sample.duration_ms(), &TAUS_MS, |ms, states| {
            let kind = usize::from(!sample.targets.spikes[ms]);
            if self.seen[kind].is_multiple_of(self.every[kind]) {
                self.rows[kind].extend(states.iter().map(|&x| x as f32));
                if self.rows[kind].len() > 2 * MOST * columns {
                    self.every[kind] *= 2;
                    let all = std::mem::take(&mut self.rows[kind]);
                    let second = all.chunks_exact(2 * columns).flat_map(|two| &two[..columns]);
                    self.rows[kind] = second.copied().collect();
                }
            }
            self.seen[kind] += 1;
        });
        Ok(())
    }

    /// Fits the regression.
    ///
    /// # Errors
    /// A message in words where no ms, or every ms, of the simulations has a spike.
    pub fn fit(mut self) -> Result<Logistic, String> {
        let columns = self.columns();
        if self.seen.contains(&0) {
            let lacks = if self.seen[0] == 0 { "spikes" } else { "silence" };
            return Err(format!("{} train simulations without {lacks}", self.simulations));
        }
        let (mean, deviation) = self.standardise();
        let mut weights = vec![0.0; columns + 1];
        let mut value = self.value(&weights);
        for _ in 0..STEPS {
            let (gradient, hessian) = self.slope(&weights);
            let Some(mut step) = solve(hessian, gradient) else { break };
            // a full step may overshoot far from the solution
            let mut halvings = 0;
            let next = loop {
                let next: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w + s).collect();
                let found = self.value(&next);
                if found >= value || halvings == 20 {
                    value = found;
                    break next;
                }
                halvings += 1;
                step.iter_mut().for_each(|s| *s *= 0.5);
            };
            weights = next;
            // steps far too small to change a probability
            if step.iter().all(|s| s.abs() < 1e-9) {
                break;
            }
        }
        // weights of the inputs as they are, not standardised
        let mut constant = weights[columns];
        for column in 0..columns {
            weights[column] /= deviation[column];
            constant -= weights[column] * mean[column];
        }
        weights[columns] = constant;
        Ok(Logistic { segments: self.segments, simulations: self.simulations, weights })
    }

    /// Calls `of` with each kept row, its label, and the number of ms that it stands for.
    fn each(&self, mut of: impl FnMut(&[f32], bool, f64)) {
        for kind in 0..2 {
            let times = self.every[kind] as f64;
            for row in self.rows[kind].chunks_exact(self.columns()) {
                of(row, kind == 0, times);
            }
        }
    }

    /// Gives every column mean 0 and variance 1, and returns the former means and standard deviations. A constant
    /// column only loses its mean.
    pub(super) fn standardise(&mut self) -> (Vec<f64>, Vec<f64>) {
        let columns = self.columns();
        let (mut total, mut sum, mut squares) = (0.0, vec![0.0; columns], vec![0.0; columns]);
        self.each(|row, _, times| {
            total += times;
            for (column, &x) in row.iter().enumerate() {
                let x = f64::from(x);
                sum[column] += times * x;
                squares[column] += times * x * x;
            }
        });
        let mean: Vec<f64> = sum.iter().map(|s| s / total).collect();
        let deviation = |(s, m): (&f64, &f64)| {
            let variance = s / total - m * m;
            if variance > 1e-12 { variance.sqrt() } else { 1.0 }
        };
        let deviation: Vec<f64> = squares.iter().zip(&mean).map(deviation).collect();
        for row in self.rows.iter_mut().flat_map(|rows| rows.chunks_exact_mut(columns)) {
            for (column, x) in row.iter_mut().enumerate() {
                *x = ((f64::from(*x) - mean[column]) / deviation[column]) as f32;
            }
        }
        (mean, deviation)
    }

    /// The logarithm of the likelihood minus the penalty.
    fn value(&self, weights: &[f64]) -> f64 {
        let mut value = 0.0;
        self.each(|row, spike, times| {
            let z = logit(row, weights);
            let z = if spike { z } else { -z };
            // ln σ(z), without overflow
            value += times
                * if z > 0.0 { -libm::log1p(libm::exp(-z)) } else { z - libm::log1p(libm::exp(z)) };
        });
        let (_, slopes) = weights.split_last().unwrap_or((&0.0, &[]));
        value - 0.5 * RIDGE * slopes.iter().map(|w| w * w).sum::<f64>()
    }

    /// The gradient of [`value`](Self::value) and its negative second derivatives, whose lower half is returned row by
    /// row.
    pub(super) fn slope(&self, weights: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n = weights.len();
        let mut gradient = vec![0.0; n];
        let mut hessian: Vec<Vec<f64>> = (0..n).map(|i| vec![0.0; i + 1]).collect();
        let mut x = vec![1.0; n];
        self.each(|row, spike, times| {
            let p = 1.0 / (1.0 + libm::exp(-logit(row, weights)));
            let (off, bend) = (times * (f64::from(u8::from(spike)) - p), times * p * (1.0 - p));
            for (x, &value) in x.iter_mut().zip(row) {
                *x = f64::from(value);
            }
            for i in 0..n {
                gradient[i] += off * x[i];
                let factor = bend * x[i];
                for (h, x) in hessian[i].iter_mut().zip(&x) {
                    *h += factor * x;
                }
            }
        });
        for i in 0..n - 1 {
            gradient[i] -= RIDGE * weights[i];
            hessian[i][i] += RIDGE;
        }
        (gradient, hessian)
    }
}

/// The sum of weighted inputs and the constant, which is the last weight.
fn logit(row: &[f32], weights: &[f64]) -> f64 {
    let terms = row.iter().zip(weights).map(|(&x, w)| f64::from(x) * w);
    terms.sum::<f64>() + weights.last().copied().unwrap_or_default()
}

/// Solves a symmetric positive definite system, given by its lower half, by Cholesky's decomposition; `None` where the
/// system is not positive definite.
fn solve(mut half: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| half[i][k] * half[j][k]).sum();
            let rest = half[i][j] - dot;
            half[i][j] = if i == j { rest.sqrt() } else { rest / half[j][j] };
        }
        if !half[i][i].is_finite() || half[i][i] <= 0.0 {
            return None;
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| half[i][k] * b[k]).sum();
        b[i] = (b[i] - dot) / half[i][i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| half[k][i] * b[k]).sum();
        b[i] = (b[i] - dot) / half[i][i];
    }
    Some(b)
}

impl Logistic {
    /// The probability of a spike in each of `length` ms of a simulation from ms `from` on, with filters at rest before
    /// `from`.
    ///
    /// # Errors
    /// [`SourceError`] where the simulation has another number of segments than those learnt from.
    pub fn probabilities(
        &self,
        sample: &Sample,
        index: usize,
        from: usize,
        length: usize,
    ) -> Result<Vec<f32>, SourceError> {
        fits(sample, index, self.segments)?;
        let mut out = Vec::with_capacity(length);
        filtered(sample, from, length, &TAUS_MS, |_, states| {
            let terms = states.iter().zip(&self.weights).map(|(x, w)| x * w);
            let z = terms.sum::<f64>() + self.weights.last().copied().unwrap_or_default();
            out.push((1.0 / (1.0 + libm::exp(-z))) as f32);
        });
        Ok(out)
    }
}
