//! Jobs: work that answers a question, and is done in turns.

use crate::experiment::curves::{InputOutput, Response, Responses};
use crate::experiment::running::Running;
use crate::experiment::trace::{RandomTrace, Tracer};
use crate::experiment::{Experiment, Outcome, RateCurve, Recorded};
use crate::sim::run::Run;
use crate::sim::{Inputs, Recording};
use crate::web::port::{FromWorker, PortError, Question, QuestionId};
use crate::web::protocol::{Computation, Curves, Draft, Simulate};
use std::cell::RefCell;

/// Work that a worker does a turn at a time. A turn should take some 10 ms: meanwhile the worker receives no message,
/// and a slider that is moved waits.
trait Job {
    /// The question that the work answers.
    type Question: Question;

    /// Does the next part of the work.
    ///
    /// # Errors
    /// Why it cannot be done, for the learner to read.
    fn advance(&mut self) -> Result<Advance<Self::Question>, PortError>;
}

/// How far a part of the work brought a job.
enum Advance<Q: Question> {
    /// No message for the page yet; the job goes on before the jobs that have sent one.
    More,
    /// A first answer, which the page draws now; more follows.
    Draft(Q::Part),
    /// A first or improved answer; more follows.
    Part(Q::Part),
    /// The answer; the job is done.
    Answer(Q::Answer),
}

impl<A, Q: Question<Part = A, Answer = A>> Advance<Q> {
    /// The newest answer: a part of the answer where `more` follows, else the answer.
    fn newest(newest: A, more: bool) -> Self {
        if more { Self::Part(newest) } else { Self::Answer(newest) }
    }
}

/// A [`Job`] whatever its question.
pub(super) trait AnyJob {
    /// Does the next part of the work; gives the message for the page, where the part made one, and what follows the
    /// turn.
    fn turn(&mut self, id: QuestionId) -> (Option<FromWorker>, Next);
}

/// What a job needs after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// More turns.
    More,
    /// More turns, once the page has drawn the draft.
    AfterDrawing,
    /// Nothing: the job is done.
    Over,
}

impl<J: Job> AnyJob for J {
    fn turn(&mut self, id: QuestionId) -> (Option<FromWorker>, Next) {
        let part = |part, next| (Some(FromWorker::part::<J::Question>(id, &part)), next);
        let answer = match self.advance() {
            Ok(Advance::More) => return (None, Next::More),
            Ok(Advance::Draft(draft)) => return part(draft, Next::AfterDrawing),
            Ok(Advance::Part(newer)) => return part(newer, Next::More),
            Ok(Advance::Answer(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        (Some(FromWorker::end::<J::Question>(id, answer)), Next::Over)
    }
}

/// The job that answers a question.
pub(super) fn job_for(computation: Computation) -> Box<dyn AnyJob> {
    match computation {
        Computation::Simulate(simulate) => Box::new(Exact::ToBegin(simulate.0)),
        Computation::Draft(draft) => Box::new(Drafted::ToDraft(draft.0)),
        Computation::RateCurve(curve) => Box::new(Rates { curve: *curve, done: Vec::new() }),
        Computation::Recorded(recorded) => recorded,
        Computation::Curves(curves) => {
            let (draft, points) = (Vec::new(), Vec::new());
            Box::new(Points { curves: curves.0, draft, points, exact: (0, 0) })
        }
        Computation::RandomTrace(of) => Box::new(Trace { of: *of, drafted: false, run: None }),
    }
}

/// How many milliseconds a turn simulates, for a neuron of `rows` segments: a step of the simulation costs as much as
/// ten segments, and one more for each segment.
fn turn_ms(rows: usize) -> usize {
    (1800 / (10 + rows)).max(4)
}

/// The job of one simulation.
enum Exact {
    ToBegin(Experiment),
    Begun(Running, usize),
}

impl Exact {
    /// Simulates for a turn; gives the outcome once the simulation is at its end.
    fn simulate(&mut self) -> Result<Option<Outcome>, PortError> {
        if let Self::ToBegin(experiment) = self {
            let turn_ms = turn_ms(experiment.params.num_rows());
            *self = Self::Begun(Running::new(experiment.clone())?, turn_ms);
        }
        let Self::Begun(running, turn_ms) = self else { return Ok(None) };
        Ok(running.advance(*turn_ms)?)
    }
}

impl Job for Exact {
    type Question = Simulate;

    fn advance(&mut self) -> Result<Advance<Simulate>, PortError> {
        Ok(self.simulate()?.map_or(Advance::More, Advance::Answer))
    }
}

/// The job of one simulation with its draft first.
enum Drafted {
    ToDraft(Experiment),
    ToRun(Exact),
}

impl Job for Drafted {
    type Question = Draft;

    fn advance(&mut self) -> Result<Advance<Draft>, PortError> {
        match self {
            Self::ToRun(exact) => Ok(exact.simulate()?.map_or(Advance::More, Advance::Answer)),
            Self::ToDraft(experiment) => {
                let draft = experiment.draft()?;
                *self = Self::ToRun(Exact::ToBegin(experiment.clone()));
                Ok(Advance::Draft(draft))
            }
        }
    }
}

impl Job for Recorded {
    type Question = Self;

    fn advance(&mut self) -> Result<Advance<Self>, PortError> {
        Ok(Advance::Answer(self.compare()?))
    }
}

/// A rate curve, computed an amplitude per turn.
struct Rates {
    curve: RateCurve,
    done: Vec<(f64, f64)>,
}

impl Job for Rates {
    type Question = RateCurve;

    fn advance(&mut self) -> Result<Advance<RateCurve>, PortError> {
        if let Some(&amplitude) = self.curve.amplitudes_na.get(self.done.len()) {
            self.done.push((amplitude, self.curve.rate_hz(amplitude)?));
        }
        let more = self.done.len() < self.curve.amplitudes_na.len();
        Ok(Advance::newest(self.done.clone(), more))
    }
}

/// Input-output curves: all of them as a draft, then by the batch path, a curve per turn, then exactly, a point per
/// turn.
struct Points {
    curves: Vec<InputOutput>,
    /// The points of the curves as drafted.
    draft: Vec<Vec<Response>>,
    /// The points of the curves by the batch path, and exact up to `exact`.
    points: Vec<Vec<Response>>,
    /// The next point to compute exactly: its number in its curve, and the curve's number.
    exact: (usize, usize),
}

impl Job for Points {
    type Question = Curves;

    fn advance(&mut self) -> Result<Advance<Curves>, PortError> {
        if let Some(curve) = self.curves.get(self.draft.len()) {
            self.draft.push(curve.draft()?);
            if self.draft.len() < self.curves.len() {
                return Ok(Advance::More);
            }
            return Ok(Advance::Draft(Responses { curves: self.draft.clone(), draft: true }));
        }
        if let Some(curve) = self.curves.get(self.points.len()) {
            self.points.push(curve.respond_all()?);
            if self.points.len() < self.curves.len() {
                return Ok(Advance::More);
            }
        } else {
            let (number, of) = self.exact;
            if let (Some(curve), Some(points)) = (self.curves.get(of), self.points.get_mut(of))
                && let Some(point) = points.get_mut(number)
            {
                *point = curve.respond(point.count)?;
            }
            if of + 1 < self.curves.len() {
                self.exact.1 += 1;
                return Ok(Advance::More);
            }
            self.exact = (number + 1, 0);
        }
        let more = self.points.iter().any(|points| self.exact.0 < points.len());
        Ok(Advance::newest(Responses { curves: self.points.clone(), draft: false }, more))
    }
}

thread_local! {
    static TRACER: RefCell<Tracer> = RefCell::default();
}

/// A random trace, which begins with a draft where its targets have to be simulated.
struct Trace {
    of: RandomTrace,
    drafted: bool,
    /// The simulation, once it has begun.
    run: Option<Run<Inputs, Recording>>,
}

impl Job for Trace {
    type Question = RandomTrace;

    fn advance(&mut self) -> Result<Advance<RandomTrace>, PortError> {
        if !TRACER.with_borrow(|tracer| tracer.knows(&self.of)) {
            if !std::mem::replace(&mut self.drafted, true) {
                return Ok(Advance::Draft(Tracer::draft(&self.of)?));
            }
            let mut run = match self.run.take() {
                Some(run) => run,
                None => Tracer::begin(&self.of)?,
            };
            if !run.advance(turn_ms(self.of.params.num_rows()))? {
                self.run = Some(run);
                return Ok(Advance::More);
            }
            TRACER.with_borrow_mut(|tracer| tracer.keep(&self.of, run));
        }
        Ok(Advance::Answer(TRACER.with_borrow_mut(|tracer| tracer.trace(self.of.clone()))?))
    }
}
