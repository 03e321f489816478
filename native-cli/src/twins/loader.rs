//! Batches that are read ahead, so that the device does not wait for data.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use ballstick::data::{Sample, SampleCache, Source, SourceError};
use ballstick::twin::batch::{Batch, Window};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::plan::{PlannedBatch, TrainingPlan};
use ballstick::twin::train::{Loader, Progress};

/// A source that keeps simulations in memory after their first reading, up to a budget.
pub struct Cached<S> {
    source: S,
    kept: RefCell<SampleCache<usize>>,
}

impl<S: Source> Cached<S> {
    /// A source that keeps up to `budget` bytes.
    pub fn new(source: S, budget: usize) -> Self {
        Self { source, kept: RefCell::new(SampleCache::new(budget)) }
    }

    /// Number of simulations.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// The simulation of this number.
    ///
    /// # Errors
    /// [`SourceError`] where the simulation cannot be read.
    pub fn get(&self, index: usize) -> Result<Arc<Sample>, SourceError> {
        if let Some(sample) = self.kept.borrow().get(&index) {
            return Ok(sample);
        }
        let sample = self.source.load(index)?;
        Ok(self.kept.borrow_mut().keep(index, sample))
    }
}

/// The sources of a training: simulations to train on, the sets of their partners, and simulations to validate on.
pub struct Sources<S> {
    /// The simulations to train on.
    pub train: Cached<S>,
    /// The sets of perturbed partners of the train simulations, for Taylor consistency; empty without it.
    pub partners: Vec<Cached<S>>,
    /// The simulations to validate on.
    pub valid: Cached<S>,
}

/// The most bytes of simulations that are kept in memory.
pub const MEMORY: usize = 4 << 30;

fn batch<S: Source>(
    source: &Cached<S>,
    windows: &[Window],
    scaling: &Scaling,
    segments: usize,
) -> Result<Batch, SourceError> {
    let sample = |window: &Window| Ok((*window, source.get(window.index)?));
    let samples = windows.iter().map(sample).collect::<Result<Vec<_>, SourceError>>()?;
    Batch::new(&samples, scaling, segments)
}

/// The batch of windows of each simulation and of one of its partners.
fn pairs<S: Source>(
    source: &Cached<S>,
    partners: &[Cached<S>],
    windows: &[Window],
    scaling: &Scaling,
    segments: usize,
) -> Result<Batch, SourceError> {
    let pair = |window: &Window| {
        let partner = &partners[window.partner(partners.len())];
        Ok((*window, [source.get(window.index)?, partner.get(window.index)?]))
    };
    let samples = windows.iter().map(pair).collect::<Result<Vec<_>, SourceError>>()?;
    Batch::pairs(&samples, scaling, segments)
}

type Ahead = (PlannedBatch, Result<Batch, SourceError>);

/// Reads training batches ahead in a thread, and validation batches when they are requested.
pub struct Prefetch<S> {
    ahead: Receiver<Ahead>,
    valid: Cached<S>,
    scaling: Scaling,
    segments: usize,
}

/// The number of batches that are kept ready.
const DEPTH: usize = 4;

impl<S: Source + 'static> Prefetch<S> {
    /// Starts reading at a training's progress. The thread ends when the receiver is dropped.
    pub fn start(
        sources: Sources<S>,
        recipe: &Recipe,
        progress: Progress,
        scaling: Scaling,
        segments: usize,
    ) -> Self {
        let (sender, ahead) = sync_channel::<Ahead>(DEPTH);
        let Sources { train, partners, valid } = sources;
        let plan = TrainingPlan::new(recipe, train.len());
        std::thread::spawn(move || {
            for planned in plan.rest(progress) {
                let windows = &planned.windows;
                let batch = if partners.is_empty() {
                    batch(&train, windows, &scaling, segments)
                } else {
                    pairs(&train, &partners, windows, &scaling, segments)
                };
                if sender.send((planned, batch)).is_err() {
                    return;
                }
            }
        });
        Self { ahead, valid, scaling, segments }
    }
}

impl<S: Source> Loader for Prefetch<S> {
    async fn train(&mut self, planned: &PlannedBatch) -> Result<Batch, SourceError> {
        let lost = |problem: &str| SourceError {
            what: "reading ahead".to_owned(),
            problem: problem.to_owned(),
        };
        let (found, batch) = self.ahead.recv().map_err(|_| lost("the reading thread ended"))?;
        if found != *planned {
            return Err(lost("the batches came in another order"));
        }
        batch
    }

    async fn valid(&mut self, windows: &[Window]) -> Result<Batch, SourceError> {
        batch(&self.valid, windows, &self.scaling, self.segments)
    }
}
