//! Work that is done in turns.

use crate::sim::run::Run;
use crate::sim::{Inputs, Recording, SimError};
use crate::web::curves::{InputOutput, Response};
use crate::web::experiment::{Experiment, Outcome, RateCurve, Recorded};
use crate::web::protocol::{Reply, Request};
use crate::web::running::Running;
use crate::web::trace::{RandomTrace, Traced, Tracer};
use std::cell::RefCell;

/// Work that a worker does a turn at a time. A turn should take some 10 ms: for so long the worker hears nothing, and a
/// slider that is moved waits.
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
    /// Nothing to say yet; the job goes on before those that had their turn.
    More,
    /// More follows.
    Partial(Reply),
    /// That was all.
    Done(Reply),
}

/// The job that answers a request.
pub fn job_for(request: Request) -> Box<dyn Job> {
    match request {
        Request::Simulate(experiment) => Box::new(Exact::new(*experiment)),
        Request::Draft(experiment) => Box::new(Drafted::ToDraft(*experiment)),
        Request::Rates(curve) => Box::new(Rates { curve, done: Vec::new() }),
        Request::Compare(recorded) => Box::new(recorded),
        Request::Curves(curves) => Box::new(Curves { curves, points: Vec::new(), exact: (0, 0) }),
        Request::Trace(trace) => Box::new(Trace { of: *trace, drafted: false, run: None }),
        #[cfg(feature = "data-lessons")]
        Request::Data(_) => Box::new(NoTurns),
    }
}

/// How much of a simulation is a turn, ms: a step of it costs as much as ten segments, and one more for each segment.
fn turn_ms(rows: usize) -> usize {
    (1800 / (10 + rows)).max(4)
}

fn in_words(error: SimError) -> String {
    error.to_string()
}

fn answer(outcome: Outcome) -> Reply {
    Reply::Outcome(Box::new(outcome))
}

/// A simulation.
enum Exact {
    ToBegin(Experiment),
    Begun(Running, usize),
}

impl Exact {
    fn new(experiment: Experiment) -> Self {
        Self::ToBegin(experiment)
    }
}

impl Job for Exact {
    fn advance(&mut self) -> Result<Turn, String> {
        if let Self::ToBegin(experiment) = self {
            let turn_ms = turn_ms(experiment.params.num_rows());
            *self = Self::Begun(Running::new(experiment.clone()).map_err(in_words)?, turn_ms);
        }
        let Self::Begun(running, turn_ms) = self else { return Ok(Turn::More) };
        let outcome = running.advance(*turn_ms).map_err(in_words)?;
        Ok(outcome.map_or(Turn::More, |outcome| Turn::Done(answer(outcome))))
    }
}

/// A simulation, its draft first.
enum Drafted {
    ToDraft(Experiment),
    ToRun(Exact),
}

impl Job for Drafted {
    fn advance(&mut self) -> Result<Turn, String> {
        match self {
            Self::ToRun(exact) => exact.advance(),
            Self::ToDraft(experiment) => {
                let draft = experiment.draft().map_err(in_words)?;
                *self = Self::ToRun(Exact::new(experiment.clone()));
                Ok(Turn::Partial(answer(draft)))
            }
        }
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

/// Input-output curves: all of them by the batch path, a curve a turn, then exactly, a point a turn.
struct Curves {
    curves: Vec<InputOutput>,
    /// The points of each curve, exact where `exact` has been and as the batch path has them elsewhere.
    points: Vec<Vec<Response>>,
    /// The next point to be exact: its number, and of which curve.
    exact: (usize, usize),
}

impl Job for Curves {
    fn advance(&mut self) -> Result<Turn, String> {
        if let Some(curve) = self.curves.get(self.points.len()) {
            self.points.push(curve.draft().map_err(in_words)?);
            if self.points.len() < self.curves.len() {
                return Ok(Turn::More);
            }
        } else {
            let (number, of) = self.exact;
            if let (Some(curve), Some(points)) = (self.curves.get(of), self.points.get_mut(of))
                && let Some(point) = points.get_mut(number)
            {
                *point = curve.respond(point.count).map_err(in_words)?;
            }
            if of + 1 < self.curves.len() {
                self.exact.1 += 1;
                return Ok(Turn::More);
            }
            self.exact = (number + 1, 0);
        }
        let more = self.points.iter().any(|points| self.exact.0 < points.len());
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
    /// The simulation, once it has begun.
    run: Option<Run<Inputs, Recording>>,
}

impl Trace {
    fn known(&self) -> bool {
        TRACER.with_borrow(|tracer| tracer.knows(&self.of))
    }
}

impl Job for Trace {
    fn advance(&mut self) -> Result<Turn, String> {
        let traced = |traced: Traced| Reply::Traced(Box::new(traced));
        if !self.known() {
            if !std::mem::replace(&mut self.drafted, true) {
                return Ok(Turn::Partial(traced(Tracer::draft(&self.of).map_err(in_words)?)));
            }
            let mut run = match self.run.take() {
                Some(run) => run,
                None => Tracer::begin(&self.of).map_err(in_words)?,
            };
            if !run.advance(turn_ms(self.of.params.num_rows())).map_err(in_words)? {
                self.run = Some(run);
                return Ok(Turn::More);
            }
            TRACER.with_borrow_mut(|tracer| tracer.keep(&self.of, run));
        }
        let fine = TRACER.with_borrow_mut(|tracer| tracer.trace(self.of.clone()));
        Ok(Turn::Done(traced(fine.map_err(in_words)?)))
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
