//! Work that is done in turns.

use crate::web::curves::{InputOutput, Response};
use crate::web::experiment::{Experiment, RateCurve, Recorded};
use crate::web::protocol::{Reply, Request};
use crate::web::trace::{RandomTrace, Tracer};
use std::cell::RefCell;

/// Work that a worker does a turn at a time. A turn should not take much longer than a few tenths
/// of a second: for so long the worker hears nothing.
pub trait Job {
    /// Does the next part.
    ///
    /// # Errors
    /// Why it cannot be done, for the learner to read.
    fn advance(&mut self) -> Result<Turn, String>;
}

/// How far a job got in a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// More follows.
    Partial(Reply),
    /// That was all.
    Done(Reply),
}

/// The job that answers a request.
pub fn job_for(request: Request) -> Box<dyn Job> {
    match request {
        Request::Simulate(experiment) => Box::new(*experiment),
        Request::Draft(experiment) => Box::new(Drafted { experiment: *experiment, drafted: false }),
        Request::Rates(curve) => Box::new(Rates { curve, done: Vec::new() }),
        Request::Compare(recorded) => Box::new(recorded),
        Request::Curves(curves) => Box::new(Curves { curves, points: Vec::new(), exact: 0 }),
        Request::Trace(trace) => Box::new(Trace { of: *trace, drafted: false }),
        #[cfg(feature = "data-lessons")]
        Request::Data(_) => Box::new(NoTurns),
    }
}

impl Job for Experiment {
    fn advance(&mut self) -> Result<Turn, String> {
        let outcome = self.run().map_err(|error| error.to_string())?;
        Ok(Turn::Done(Reply::Outcome(Box::new(outcome))))
    }
}

/// A simulation, its draft first.
struct Drafted {
    experiment: Experiment,
    drafted: bool,
}

impl Job for Drafted {
    fn advance(&mut self) -> Result<Turn, String> {
        if std::mem::replace(&mut self.drafted, true) {
            return self.experiment.advance();
        }
        let draft = self.experiment.draft().map_err(|error| error.to_string())?;
        Ok(Turn::Partial(Reply::Outcome(Box::new(draft))))
    }
}

impl Job for Recorded {
    fn advance(&mut self) -> Result<Turn, String> {
        let comparison = self.compare().map_err(|error| error.to_string())?;
        Ok(Turn::Done(Reply::Comparison(Box::new(comparison))))
    }
}

/// A rate curve, an amplitude a turn.
struct Rates {
    curve: RateCurve,
    done: Vec<(f64, f64)>,
}

impl Job for Rates {
    fn advance(&mut self) -> Result<Turn, String> {
        if let Some(&amplitude) = self.curve.amplitudes_na.get(self.done.len()) {
            let rate = self.curve.rate_hz(amplitude).map_err(|error| error.to_string())?;
            self.done.push((amplitude, rate));
        }
        let reply = Reply::Rates(self.done.clone());
        let more = self.done.len() < self.curve.amplitudes_na.len();
        Ok(if more { Turn::Partial(reply) } else { Turn::Done(reply) })
    }
}

/// Input-output curves: all of them at once by the batch path, then exactly, a point of each a turn.
struct Curves {
    curves: Vec<InputOutput>,
    /// The points of each curve, exact up to `exact` and as the batch path has them from there on.
    points: Vec<Vec<Response>>,
    exact: usize,
}

impl Job for Curves {
    fn advance(&mut self) -> Result<Turn, String> {
        let failed = |error: crate::sim::SimError| error.to_string();
        if self.points.is_empty() {
            let draft = self.curves.iter().map(InputOutput::draft).collect::<Result<_, _>>();
            self.points = draft.map_err(failed)?;
        } else {
            for (curve, points) in self.curves.iter().zip(&mut self.points) {
                if let Some(point) = points.get_mut(self.exact) {
                    *point = curve.respond(point.count).map_err(failed)?;
                }
            }
            self.exact += 1;
        }
        let more = self.points.iter().any(|points| self.exact < points.len());
        let reply = Reply::Curves(self.points.clone());
        Ok(if more { Turn::Partial(reply) } else { Turn::Done(reply) })
    }
}

thread_local! {
    static TRACER: RefCell<Tracer> = RefCell::default();
}

/// A random trace, its draft first where it is to be simulated.
struct Trace {
    of: RandomTrace,
    drafted: bool,
}

impl Job for Trace {
    fn advance(&mut self) -> Result<Turn, String> {
        let known = TRACER.with_borrow(|tracer| tracer.knows(&self.of));
        if !std::mem::replace(&mut self.drafted, true) && !known {
            let draft = Tracer::draft(&self.of).map_err(|error| error.to_string())?;
            return Ok(Turn::Partial(Reply::Traced(Box::new(draft))));
        }
        let traced = TRACER.with_borrow_mut(|tracer| tracer.trace(self.of.clone()));
        let traced = traced.map_err(|error| error.to_string())?;
        Ok(Turn::Done(Reply::Traced(Box::new(traced))))
    }
}

/// Work that waits for the browser: it goes on beside the turns.
#[cfg(feature = "data-lessons")]
struct NoTurns;

#[cfg(feature = "data-lessons")]
impl Job for NoTurns {
    fn advance(&mut self) -> Result<Turn, String> {
        Err("work on the data set is not done in turns".into())
    }
}
