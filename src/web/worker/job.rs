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
        Request::Rates(curve) => Box::new(Rates { curve, done: Vec::new() }),
        Request::Compare(recorded) => Box::new(recorded),
        Request::Curves(curves) => {
            Box::new(Curves { done: vec![Vec::new(); curves.len()], curves })
        }
        Request::Trace(trace) => Box::new(*trace),
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

/// Input-output curves, a few points a turn: the curves grow side by side.
struct Curves {
    curves: Vec<InputOutput>,
    done: Vec<Vec<Response>>,
}

impl Job for Curves {
    fn advance(&mut self) -> Result<Turn, String> {
        for (curve, done) in self.curves.iter().zip(&mut self.done) {
            if let Some(&count) = curve.counts.get(done.len()) {
                done.push(curve.respond(count).map_err(|error| error.to_string())?);
            }
        }
        let more = self.curves.iter().zip(&self.done).any(|(c, done)| done.len() < c.counts.len());
        let reply = Reply::Curves(self.done.clone());
        Ok(if more { Turn::Partial(reply) } else { Turn::Done(reply) })
    }
}

thread_local! {
    static TRACER: RefCell<Tracer> = RefCell::default();
}

impl Job for RandomTrace {
    fn advance(&mut self) -> Result<Turn, String> {
        let traced = TRACER.with_borrow_mut(|tracer| tracer.trace(self.clone()));
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
