//! Makes simulations: hands batches to as many workers as the machine has use for, shows progress, can be cancelled,
//! and goes on where an earlier run stopped.

use super::run::{Run, batches, workers};
use super::{Busy, DataSet};
use crate::text::{count, grouped};
use crate::web::data_set::{Key, Make, MakeEvent, SetStoreError, Store, StoredSet};
use crate::web::dom;
use crate::web::lesson::write;
use crate::web::plot::scale;
use crate::web::port::{Port, Reply};
use std::rc::Rc;

/// The least time between two drawings of the charts while simulations come in, ms.
const DRAW_EVERY_MS: f64 = 500.0;

/// A new data set's id.
pub(super) fn new_id() -> String {
    format!("{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 1e9) as u64)
}

impl DataSet {
    /// Starts a run: of the unfinished data set, or of the one that the controls ask for.
    pub(super) fn make(self: &Rc<Self>, unfinished: bool) {
        let (stored, fresh) = {
            let state = self.state.borrow();
            let Some(wish) = &state.wish else { return };
            match state.stored.clone() {
                Some(stored) if unfinished => (stored, false),
                Some(mut stored)
                    if stored.manifest.as_ref().is_some_and(|m| m.difference(wish).is_none()) =>
                {
                    stored.manifest = Some(wish.clone());
                    (stored, false)
                }
                _ => {
                    let (name, manifest) = (wish.neuron_short_name.clone(), Some(wish.clone()));
                    (
                        StoredSet { id: new_id(), name, manifest, file: None, neuron_file: None },
                        true,
                    )
                }
            }
        };
        self.change(Busy::Making, async move |lesson: Rc<Self>| {
            let begun = async {
                let store = Store::open().await?;
                match fresh {
                    true => {
                        store.begin_coming(&stored).await?;
                        store.finish_coming(&stored.id).await
                    }
                    false => store.describe(&stored).await,
                }
            };
            begun.await.map_err(|error: SetStoreError| error.to_string())?;
            lesson.start(stored, fresh).await;
            Ok(())
        });
    }

    async fn start(self: &Rc<Self>, stored: StoredSet, fresh: bool) {
        let Some(plan) = stored.manifest.clone() else { return self.done() };
        let aside = async { Store::open().await?.aside().await }.await;
        let keys: Vec<Key> = {
            let mut state = self.state.borrow_mut();
            state.aside = aside.ok().flatten();
            if fresh {
                state.records.clear();
            }
            plan.simulations(0, 1).filter(|key| !state.records.contains_key(key)).collect()
        };
        let waiting = batches(&keys, workers());
        let count = workers().min(waiting.len());
        let now = dom::now_ms();
        self.run.replace(Some(Run {
            id: stored.id.clone(),
            plan,
            workers: (0..count).map(|_| Port::default()).collect(),
            waiting,
            part: vec![0.0; count],
            batch: vec![0; count],
            done: 0.0,
            total: keys.len() as f64,
            since_ms: now,
            drawn_ms: now,
        }));
        self.state.borrow_mut().stored = Some(stored);
        self.changed();
        (0..count).for_each(|worker| self.next_batch(worker));
        self.progress();
    }

    /// Hands a worker its next batch, or ends the run with the last one.
    fn next_batch(self: &Rc<Self>, worker: usize) {
        let next = {
            let mut run = self.run.borrow_mut();
            let Some(run) = run.as_mut() else { return };
            let keys = run.waiting.pop_front().unwrap_or_default();
            run.done += run.batch[worker] as f64;
            run.part[worker] = 0.0;
            run.batch[worker] = keys.len();
            let (id, plan) = (run.id.clone(), run.plan.clone());
            let task = Make { id, plan, keys: keys.clone() };
            (!keys.is_empty()).then(|| (run.workers[worker].clone(), task))
        };
        if let Some((client, task)) = next {
            self.this.ask(task, &client, move |lesson, reply| lesson.on_reply(worker, reply));
        } else {
            let idle = |run: &Run| run.batch.iter().all(|n| *n == 0);
            let over = self.run.borrow().as_ref().is_some_and(idle);
            if over {
                self.end();
            }
        }
    }

    fn on_reply(self: &Rc<Self>, worker: usize, reply: Reply<Make>) {
        match reply {
            Reply::Part(MakeEvent::Simulated((ms, of))) => {
                if let Some(run) = self.run.borrow_mut().as_mut() {
                    run.part[worker] = run.batch[worker] as f64 * ms / of.max(1.0);
                }
                self.progress();
            }
            Reply::Part(MakeEvent::Kept(record)) => {
                self.state.borrow_mut().records.insert(record.key(), *record);
                let draw = self.run.borrow_mut().as_mut().is_some_and(|run| {
                    let due = dom::now_ms() - run.drawn_ms > DRAW_EVERY_MS;
                    if due {
                        run.drawn_ms = dom::now_ms();
                    }
                    due
                });
                if draw {
                    self.changed();
                }
            }
            Reply::Answer(()) => self.next_batch(worker),
            Reply::Failed(error) => {
                self.trouble(&error);
                self.end();
                // what another tab has changed meanwhile is shown now
                self.read_stored();
            }
        }
    }

    /// Ends the run, finished or not: simulations that are stored stay.
    fn end(&self) {
        if let Some(run) = self.run.take() {
            run.workers.iter().for_each(Port::stop);
            let seconds = run.seconds();
            let done = run.made();
            if done >= run.total {
                let rate = scale::fixed(run.total / seconds.max(1e-3), 1);
                let text = format!(
                    "{} in {} s, {rate} a second.",
                    count(run.total, "simulation"),
                    scale::fixed(seconds, 1)
                );
                write(&self.root, stat!("progress"), &text);
            } else {
                write(&self.root, stat!("progress"), "Stopped. What was made is kept.");
            }
        }
        self.bar(None);
        self.done();
        self.changed();
        self.measure();
    }

    /// Stops making, packing or unpacking.
    pub(super) fn cancel(self: &Rc<Self>) {
        let busy = self.state.borrow().busy;
        match busy {
            Some(Busy::Making) => self.end(),
            Some(_) => self.stop_transfer(),
            None => {}
        }
    }

    fn progress(&self) {
        let run = self.run.borrow();
        let Some(run) = run.as_ref() else { return };
        let done = run.made();
        let seconds = run.seconds();
        let rate = done / seconds.max(1e-3);
        let mut text = format!("{} of {}", grouped(done.floor()), count(run.total, "simulation"));
        if done > 0.0 && seconds > 0.3 {
            let left = scale::fixed(((run.total - done) / rate).ceil(), 0);
            text += &format!(", {} a second, about {left} s left", scale::fixed(rate, 1));
        }
        text += &format!(", {}", count(run.workers.len(), "worker"));
        write(&self.root, stat!("progress"), &text);
        self.bar(Some(done / run.total.max(1.0)));
    }

    /// Shows how much is done, from 0 to 1; `None` hides the bar.
    pub(super) fn bar(&self, fraction: Option<f64>) {
        dom::progress(&dom::must(&self.root, "progress"), fraction);
    }
}
