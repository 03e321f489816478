//! The table's cells: a twin of the five on one of the two neurons, and where its number comes from.

use crate::twin::config::{TcnConfig, TwinConfig};
use crate::twin::results::Row;
use crate::web::lesson::shared::Neuron;
use crate::web::trainer::protocol::RunRecord;

/// The five.
pub(super) const LETTERS: [char; 5] = ['A', 'B', 'C', 'D', 'E'];

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cell {
    pub(super) neuron: Neuron,
    pub(super) letter: char,
}

impl Cell {
    /// All ten, the small ones first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        LETTERS.into_iter().flat_map(|letter| Neuron::ALL.map(|neuron| Self { neuron, letter }))
    }

    /// Its name in markup and in what is kept.
    pub(super) fn key(self) -> String {
        let neuron = match self.neuron {
            Neuron::Point => "point",
            Neuron::Cable => "cable",
        };
        format!("{neuron}-{}", self.letter)
    }

    /// The cell of such a name.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Self::all().find(|cell| cell.key() == key)
    }

    /// The name of its run.
    pub(super) fn run_id(self) -> String {
        format!("assign-{}-{}", self.neuron.preset(), self.letter)
    }

    /// What the run is called.
    pub(super) fn label(self) -> String {
        format!("assignment {}", self.letter)
    }

    /// Its twin.
    pub(super) fn config(self) -> TwinConfig {
        let segments = self.neuron.params().num_rows();
        TwinConfig::Tcn(TcnConfig::assignment(self.letter, segments).unwrap_or_default())
    }

    /// The cell that a row belongs to.
    pub(super) fn of_row(row: &Row) -> Option<Self> {
        let neuron = Neuron::named(&row.neuron)?;
        // a result without an AUC has no bar to stand for it
        Self::all()
            .filter(|_| row.auc.is_finite())
            .find(|cell| cell.neuron == neuron && row.config == cell.letter.to_string())
    }
}

/// Where a number comes from.
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
    /// For the learner.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Run => "run here",
            Self::Imported => "imported",
            Self::Recorded => "recorded",
        }
    }
}

/// All that is known of a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) record: Option<RunRecord>,
    pub(super) imported: Option<Row>,
    pub(super) recorded: Option<Row>,
}

impl Known {
    /// The row to show: the learner's own, else a recorded one where these are wanted.
    pub(super) fn row(&self, fill: bool) -> Option<(Origin, Row)> {
        if let Some(record) = &self.record
            && let Some(row) = record.row(record.plan.id.rsplit('-').next().unwrap_or_default())
        {
            let origin = if record.imported { Origin::Imported } else { Origin::Run };
            return Some((origin, row));
        }
        let imported = self.imported.clone().map(|row| (Origin::Imported, row));
        let recorded = || self.recorded.clone().filter(|_| fill).map(|row| (Origin::Recorded, row));
        imported.or_else(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_cells_with_names_that_lead_back() {
        let all: Vec<Cell> = Cell::all().collect();
        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|cell| Cell::of_key(&cell.key()) == Some(*cell)));
        assert_eq!(all[5].run_id(), "assign-nmda-cable-C");
        let fields: Vec<usize> =
            all.iter().step_by(2).filter_map(|c| c.config().receptive_field()).collect();
        // the numbers that the lesson's text gives
        assert_eq!(fields, [181, 181, 201, 241, 81]);
    }

    #[test]
    fn own_results_come_before_recorded_ones() {
        let row = |auc| Row { auc, ..Row::default() };
        let mut known = Known { recorded: Some(row(0.9)), ..Known::default() };
        assert_eq!(known.row(true).map(|r| (r.0, r.1.auc)), Some((Origin::Recorded, 0.9)));
        assert!(known.row(false).is_none());
        known.imported = Some(row(0.8));
        assert_eq!(known.row(true).map(|r| (r.0, r.1.auc)), Some((Origin::Imported, 0.8)));
    }
}
