//! Learning curves: a row for each training step and each validation, in single precision as in checkpoints, and their
//! form in files.

use serde::{Deserialize, Serialize};

use super::event::{Event, StepReport, ValidReport};
use crate::table;

/// The losses of a row, and the step and epoch in which they were measured.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Losses {
    /// Training steps taken.
    pub step: f32,
    /// The epoch, from 0.
    pub epoch: f32,
    /// The five losses in the order of [`HEADS`](crate::twin::heads::HEADS), unweighted.
    pub heads: [f32; 5],
    /// The weighted sum of the losses, Taylor consistency included.
    pub total: f32,
}

/// The row of a training step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 10]", into = "[f32; 10]")]
pub struct TrainRow {
    /// The losses of the step's batch.
    pub losses: Losses,
    /// The learning rate.
    pub learning_rate: f32,
    /// The gradient's norm before clipping.
    pub grad_norm: f32,
}

/// The row of a validation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 9]", into = "[f32; 9]")]
pub struct ValidRow {
    /// Mean losses over the validation batches.
    pub losses: Losses,
    /// Whether the spikes' loss is the lowest so far.
    pub best: bool,
}

/// A row as numbers with names: a line of a table, or a row of a checkpoint's array.
pub trait CurveRow: Copy {
    /// The row's numbers, `[f32; N]`.
    type Cells: AsRef<[f32]>;

    /// The split that the rows are of.
    const SPLIT: &'static str;

    /// The names of the row's numbers.
    const COLUMNS: &'static [&'static str];

    /// The row's numbers.
    fn cells(self) -> Self::Cells;
}

impl CurveRow for TrainRow {
    type Cells = [f32; 10];
    const SPLIT: &'static str = "train";
    const COLUMNS: &'static [&'static str] = &[
        "step",
        "epoch",
        "learning_rate",
        "spikes",
        "soma",
        "near_spike",
        "inst_rate",
        "dend_v",
        "total",
        "grad_norm",
    ];

    fn cells(self) -> [f32; 10] {
        let Losses { step, epoch, heads: [a, b, c, d, e], total } = self.losses;
        [step, epoch, self.learning_rate, a, b, c, d, e, total, self.grad_norm]
    }
}

impl CurveRow for ValidRow {
    type Cells = [f32; 9];
    const SPLIT: &'static str = "valid";
    const COLUMNS: &'static [&'static str] =
        &["step", "epoch", "spikes", "soma", "near_spike", "inst_rate", "dend_v", "total", "best"];

    fn cells(self) -> [f32; 9] {
        let Losses { step, epoch, heads: [a, b, c, d, e], total } = self.losses;
        [step, epoch, a, b, c, d, e, total, f32::from(u8::from(self.best))]
    }
}

impl From<[f32; 10]> for TrainRow {
    fn from([step, epoch, learning_rate, a, b, c, d, e, total, grad_norm]: [f32; 10]) -> Self {
        let losses = Losses { step, epoch, heads: [a, b, c, d, e], total };
        Self { losses, learning_rate, grad_norm }
    }
}

impl From<TrainRow> for [f32; 10] {
    fn from(row: TrainRow) -> Self {
        row.cells()
    }
}

impl From<[f32; 9]> for ValidRow {
    fn from([step, epoch, a, b, c, d, e, total, best]: [f32; 9]) -> Self {
        let losses = Losses { step, epoch, heads: [a, b, c, d, e], total };
        Self { losses, best: best > 0.0 }
    }
}

impl From<ValidRow> for [f32; 9] {
    fn from(row: ValidRow) -> Self {
        row.cells()
    }
}

impl From<StepReport> for TrainRow {
    fn from(r: StepReport) -> Self {
        let (step, epoch) = (r.step as f32, r.epoch as f32);
        let losses = Losses { step, epoch, heads: r.losses, total: r.total };
        Self { losses, learning_rate: r.learning_rate as f32, grad_norm: r.grad_norm }
    }
}

impl From<ValidReport> for ValidRow {
    fn from(r: ValidReport) -> Self {
        let (step, epoch) = (r.step as f32, r.epoch as f32);
        let losses = Losses { step, epoch, heads: r.losses, total: r.total };
        Self { losses, best: r.best }
    }
}

/// The learning curves of a training, recorded while it runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LearningCurves {
    /// A row for each training step.
    pub train: Vec<TrainRow>,
    /// A row for each validation.
    pub valid: Vec<ValidRow>,
}

impl LearningCurves {
    /// Adds the row of a step or of a validation; other events have no row.
    pub fn record(&mut self, event: &Event) {
        match event {
            Event::Epoch { .. } | Event::Next => {}
            Event::Step(report) => self.train.push((*report).into()),
            Event::Valid(report) => self.valid.push((*report).into()),
        }
    }

    /// Removes the rows of steps after `step`, for a training that returns to its last sound twin.
    pub fn back_to(&mut self, step: u64) {
        self.train.retain(|row| row.losses.step <= step as f32);
    }

    /// Adds later rows, in place of the old rows of the same steps.
    pub fn append(&mut self, later: Self) {
        if let Some(first) = later.train.first() {
            self.train.retain(|row| row.losses.step < first.losses.step);
        }
        if let Some(first) = later.valid.first() {
            self.valid.retain(|row| row.losses.step < first.losses.step);
        }
        self.train.extend(later.train);
        self.valid.extend(later.valid);
    }

    /// The number of rows of steps, and of validations.
    #[must_use]
    pub fn lengths(&self) -> [usize; 2] {
        [self.train.len(), self.valid.len()]
    }

    /// The rows added since the curves had these lengths.
    #[must_use]
    pub fn since(&self, [train, valid]: [usize; 2]) -> (&[TrainRow], &[ValidRow]) {
        let train = self.train.get(train..).unwrap_or_default();
        (train, self.valid.get(valid..).unwrap_or_default())
    }

    /// The last validation that was the best so far; `None` before the first validation.
    #[must_use]
    pub fn best(&self) -> Option<&ValidRow> {
        self.valid.iter().rfind(|row| row.best)
    }

    /// A line for each row, a JSON object; the steps come before the validations.
    #[must_use]
    pub fn json_lines(&self) -> String {
        lines(&self.train) + &lines(&self.valid)
    }
}

/// Rows as CSV.
#[must_use]
pub fn to_csv<R: CurveRow>(rows: &[R]) -> String {
    let cells = |row: &R| row.cells().as_ref().iter().map(f32::to_string).collect::<Vec<_>>();
    table::to_csv(R::COLUMNS, rows.iter().map(cells))
}

fn lines<R: CurveRow>(rows: &[R]) -> String {
    let line = |row: &R| {
        let cells = row.cells();
        let cells = R::COLUMNS.iter().zip(cells.as_ref());
        let cells: Vec<String> = cells.map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{\"split\":\"{}\",{}}}\n", R::SPLIT, cells.join(","))
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::heads::HEADS;

    fn at(step: f32) -> TrainRow {
        TrainRow { losses: Losses { step, ..Losses::default() }, ..TrainRow::default() }
    }

    fn steps(curves: &LearningCurves) -> Vec<f32> {
        curves.train.iter().map(|row| row.losses.step).collect()
    }

    #[test]
    fn rows_are_numbers_and_back() {
        let numbers = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let row = TrainRow::from(numbers);
        assert_eq!((row.learning_rate, row.losses.heads[0], row.losses.total), (2.0, 3.0, 8.0));
        assert_eq!(row.cells(), numbers);
        let numbers = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 1.0];
        let row = ValidRow::from(numbers);
        assert_eq!((row.losses.heads[4], row.losses.total, row.best), (6.0, 7.0, true));
        assert_eq!(row.cells(), numbers);
        assert_eq!((TrainRow::COLUMNS.len(), ValidRow::COLUMNS.len()), (10, 9));
        assert_eq!((&TrainRow::COLUMNS[3..8], &ValidRow::COLUMNS[2..7]), (&HEADS[..], &HEADS[..]));
    }

    #[test]
    fn rows_that_are_computed_again_stand_once() {
        let of = |all: &[f32]| LearningCurves {
            train: all.iter().map(|step| at(*step)).collect(),
            valid: Vec::new(),
        };
        let mut curves = of(&[1.0, 2.0, 3.0]);
        curves.append(of(&[2.0, 3.0, 4.0]));
        assert_eq!(steps(&curves), [1.0, 2.0, 3.0, 4.0]);
        curves.back_to(3);
        assert_eq!(steps(&curves), [1.0, 2.0, 3.0]);
        assert_eq!(curves.since([2, 0]).0, [at(3.0)]);
        assert!(curves.since([9, 9]).0.is_empty());
    }

    #[test]
    fn files_are_as_they_were() {
        let train = vec![TrainRow::from([1.0, 0.0, 3e-4, 0.5, 1.5, 2.0, 0.25, 8.0, 12.25, 1e-7])];
        let valid = vec![ValidRow::from([1.0, 0.0, 0.5, 1.5, 2.0, 0.25, f32::NAN, 12.25, 1.0])];
        let curves = LearningCurves { train, valid };
        assert_eq!(
            to_csv(&curves.train),
            "step,epoch,learning_rate,spikes,soma,near_spike,inst_rate,dend_v,total,grad_norm\n\
             1,0,0.0003,0.5,1.5,2,0.25,8,12.25,0.0000001\n"
        );
        assert_eq!(
            to_csv(&curves.valid),
            "step,epoch,spikes,soma,near_spike,inst_rate,dend_v,total,best\n\
             1,0,0.5,1.5,2,0.25,NaN,12.25,1\n"
        );
        assert_eq!(
            curves.json_lines(),
            "{\"split\":\"train\",\"step\":1,\"epoch\":0,\"learning_rate\":0.0003,\"spikes\":0.5,\
             \"soma\":1.5,\"near_spike\":2,\"inst_rate\":0.25,\"dend_v\":8,\"total\":12.25,\
             \"grad_norm\":0.0000001}\n\
             {\"split\":\"valid\",\"step\":1,\"epoch\":0,\"spikes\":0.5,\"soma\":1.5,\"near_spike\":2,\
             \"inst_rate\":0.25,\"dend_v\":NaN,\"total\":12.25,\"best\":1}\n"
        );
    }
}
