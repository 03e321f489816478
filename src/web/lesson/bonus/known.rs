//! The results that the leaderboard and the first layers are taken from.

use crate::twin::results::Row;
use crate::web::trainer::protocol::RunRecord;

/// The recorded results, and the runs of this browser.
#[derive(Default)]
pub(super) struct Known {
    pub(super) recorded: Vec<Row>,
    /// Why the recorded results could not be read; empty where they were.
    pub(super) problem: String,
    pub(super) runs: Vec<RunRecord>,
}
