//! The table's cells: each stands for one of the five twins on one of the two neurons, and holds its runs and results.

use crate::twin::config::{TcnConfig, TwinConfig};
use crate::twin::results::Row;
use crate::web::lesson::shared::Neuron;
use crate::web::trainer::protocol::RunRecord;

/// The assignment's five configurations.
pub(super) const LETTERS: [char; 5] = ['A', 'B', 'C', 'D', 'E'];

/// A cell of the table: a configuration on a neuron.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) neuron: Neuron,
    pub(super) letter: char,
}

impl Cell {
    /// All ten cells, those of the small twins first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        LETTERS.into_iter().flat_map(|letter| Neuron::ALL.map(|neuron| Self { neuron, letter }))
    }

    /// The cell's name in markup and in the browser's storage.
    pub(super) fn key(self) -> String {
        format!("{}-{}", self.neuron.key(), self.letter)
    }

    /// The cell whose [`key`](Self::key) this is.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Self::all().find(|cell| cell.key() == key)
    }

    /// What the ids of the cell's runs begin with; an earlier version of the page took it for the whole id.
    fn prefix(self) -> String {
        format!("assign-{}-{}", self.neuron.preset(), self.letter)
    }

    /// The id of a run of this cell that begins at `now_ms`, ms since 1970: each run has an id of its own, so that none
    /// replaces another.
    pub(super) fn run_id(self, now_ms: f64) -> String {
        format!("{}-{:x}", self.prefix(), now_ms.max(0.0) as u64)
    }

    /// The cell of a run's id; `None` where the run is not one of the assignment's.
    pub(super) fn of_run(id: &str) -> Option<Self> {
        Self::all().find(|cell| {
            let rest = id.strip_prefix(&cell.prefix());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    }

    /// The label of the cell's runs, for the learner.
    pub(super) fn label(self) -> String {
        format!("assignment {}", self.letter)
    }

    /// The configuration of the cell's twin.
    pub(super) fn config(self) -> TwinConfig {
        let segments = self.neuron.params().num_rows();
        TwinConfig::Tcn(TcnConfig::assignment(self.letter, segments).unwrap_or_default())
    }

    /// The cell that a row of results belongs to; `None` where it belongs to no cell, or has no AUC.
    pub(super) fn of_row(row: &Row) -> Option<Self> {
        let neuron = Neuron::named(&row.neuron)?;
        // a result without an AUC has no bar to stand for it
        Self::all()
            .filter(|_| row.auc.is_some())
            .find(|cell| cell.neuron == neuron && row.config == cell.letter.to_string())
    }
}

/// Where a result comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Trained in this browser.
    Run,
    /// Brought from the command line.
    Imported,
    /// Ships with the page.
    Recorded,
}

impl Origin {
    /// The origin as the learner reads it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Run => "run here",
            Self::Imported => "imported",
            Self::Recorded => "recorded",
        }
    }
}

/// A cell's runs and results.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The cell's runs, the oldest first.
    pub(super) records: Vec<RunRecord>,
    pub(super) imported: Option<Row>,
    pub(super) recorded: Option<Row>,
}

/// Whether a run's training can go on; a twin from a file is judged as it is.
fn is_open(record: &RunRecord) -> bool {
    !record.finished && !record.imported
}

impl Known {
    /// Adds a run's record, or puts it in the place of the older record of the same run.
    pub(super) fn keep(&mut self, record: RunRecord) {
        match self.records.iter_mut().find(|old| old.plan.id == record.plan.id) {
            Some(old) => *old = record,
            None => self.records.push(record),
        }
    }

    /// The newest run that can go on.
    pub(super) fn open(&self) -> Option<&RunRecord> {
        self.records.iter().rev().find(|record| is_open(record))
    }

    /// The newest run that is trained and not judged.
    pub(super) fn unjudged(&self) -> Option<&RunRecord> {
        let done = |record: &&RunRecord| !is_open(record) && record.judgement.is_none();
        self.records.iter().rev().find(done)
    }

    /// The best of the runs that were judged: a later run that is worse, such as a taste of 60 steps, does not take its
    /// place.
    pub(super) fn best(&self) -> Option<&RunRecord> {
        let auc = |record: &RunRecord| {
            record.judgement.as_ref().map(|judgement| judgement.auc).filter(|auc| auc.is_finite())
        };
        let judged = self.records.iter().filter(|record| auc(record).is_some());
        judged.max_by(|a, b| auc(a).unwrap_or(0.0).total_cmp(&auc(b).unwrap_or(0.0)))
    }

    /// The learner's own row: that of the best run or the one from a file, whichever has the higher AUC.
    fn own(&self, letter: char) -> Option<SourcedRow> {
        let of_run = self.best().and_then(|record| {
            let origin = if record.imported { Origin::Imported } else { Origin::Run };
            let run = Some(record.plan.id.clone());
            Some(SourcedRow { origin, row: record.row(&letter.to_string())?, run })
        });
        let of_file = self.imported.clone().map(|row| SourcedRow {
            origin: Origin::Imported,
            row,
            run: None,
        });
        // of two rows with the same AUC, the run's
        let auc = |result: &SourcedRow| result.row.auc.unwrap_or(0.0);
        of_file.into_iter().chain(of_run).max_by(|a, b| auc(a).total_cmp(&auc(b)))
    }

    /// The cell's results: the learner's own row, and the recorded row where `recorded` asks for it.
    pub(super) fn results(&self, letter: char, recorded: bool) -> Vec<SourcedRow> {
        let shipped = || {
            let row = self.recorded.clone().filter(|_| recorded)?;
            Some(SourcedRow { origin: Origin::Recorded, row, run: None })
        };
        self.own(letter).into_iter().chain(shipped()).collect()
    }
}

/// A row, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SourcedRow {
    pub(super) origin: Origin,
    pub(super) row: Row,
    /// The id of the run that the row is of; `None` where the row is of no run of this browser.
    pub(super) run: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::trainer::protocol::Judgement;

    #[test]
    fn ten_cells_with_names_that_lead_back() {
        let all: Vec<Cell> = Cell::all().collect();
        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|cell| Cell::of_key(&cell.key()) == Some(*cell)));
        assert_eq!(all[5].run_id(255.0), "assign-nmda-cable-C-ff");
        assert!(all.iter().all(|cell| Cell::of_run(&cell.run_id(1e12)) == Some(*cell)));
        assert_eq!(Cell::of_run("assign-nmda-cable-C"), Some(all[5]));
        assert_eq!(Cell::of_run("assign-nmda-cable-rodent-C"), None);
        let fields: Vec<usize> =
            all.iter().step_by(2).filter_map(|c| c.config().receptive_field()).collect();
        // the numbers that the lesson's text gives
        assert_eq!(fields, [181, 181, 201, 241, 81]);
    }

    fn judged(id: &str, auc: f64, finished: bool) -> RunRecord {
        let mut record = crate::web::trainer::protocol::RunRecord::of_name(id);
        record.finished = finished;
        record.judgement = (!auc.is_nan()).then(|| {
            Box::new(Judgement {
                auc,
                metrics: format!("{{\"AUC_score\": {auc}}}"),
                ..Judgement::default()
            })
        });
        record
    }

    #[test]
    fn own_results_stand_before_recorded_ones_and_do_not_take_their_place() {
        let row = |auc| Row { auc: Some(auc), ..Row::default() };
        let mut known = Known { recorded: Some(row(0.9)), ..Known::default() };
        let result = |known: &Known, fill| {
            let all = known.results('A', fill).into_iter();
            all.filter_map(|result| Some((result.origin, result.row.auc?))).collect::<Vec<_>>()
        };
        assert_eq!(result(&known, true), [(Origin::Recorded, 0.9)]);
        assert_eq!(result(&known, false), []);
        known.imported = Some(row(0.8));
        assert_eq!(result(&known, true), [(Origin::Imported, 0.8), (Origin::Recorded, 0.9)]);
        // a run that is worse than the row from a file, such as a taste, does not take the row's place
        known.keep(judged("taste", 0.7, true));
        assert_eq!(result(&known, false), [(Origin::Imported, 0.8)]);
        known.keep(judged("a", 0.85, true));
        assert_eq!(result(&known, true), [(Origin::Run, 0.85), (Origin::Recorded, 0.9)]);
        assert_eq!(result(&known, false), [(Origin::Run, 0.85)]);
    }

    #[test]
    fn a_taste_never_replaces_a_better_result() {
        let mut known = Known::default();
        known.keep(judged("long", 0.93, true));
        known.keep(judged("taste", 0.31, true));
        assert_eq!(known.best().map(|record| record.plan.id.as_str()), Some("long"));
        // nor does a run that is not judged yet, or not trained to its end
        known.keep(judged("open", f64::NAN, false));
        known.keep(judged("trained", f64::NAN, true));
        assert_eq!(known.best().map(|record| record.plan.id.as_str()), Some("long"));
        assert_eq!(known.open().map(|record| record.plan.id.as_str()), Some("open"));
        assert_eq!(known.unjudged().map(|record| record.plan.id.as_str()), Some("trained"));
        known.keep(judged("better", 0.95, true));
        assert_eq!(known.best().map(|record| record.plan.id.as_str()), Some("better"));
        assert_eq!(known.records.len(), 5);
    }
}
