//! The making of a data set: simulations are drawn, simulated and written, each independently.
//!
//! A run can be killed safely: a simulation's files depend on the plan alone, a file gets its name only when it is
//! whole, `inputs` is the last of a simulation's six files, and a later run checks the files on disk, makes those that
//! are missing or damaged, and ends with the same bytes.

mod notes;

use ballstick::text::count;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context, Result};
use ballstick::data::layout::sim_name;
use ballstick::data::manifest::Checksums;
use ballstick::data::many::Simulator;
use ballstick::data::member::is_litter;
use ballstick::data::{Manifest, Part, Sample, Split};
use ballstick::sim::{Inputs, SimError};

use crate::files::{self, usage};
use crate::signals::{self, Interrupted};
use crate::store::folder::part_path;
use crate::store::{NeuronFile, neuron};
use crate::work::WorkProgress;
use notes::Notes;

/// The part of a data set that one of several runs makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Number of the shard, from 0.
    pub index: u64,
    /// Number of shards.
    pub count: u64,
}

/// How many simulations a run made, and whether the data set is complete.
#[derive(Debug, Clone, Copy)]
pub struct MakingReport {
    /// Simulations that were on disk already.
    pub kept: u64,
    /// Simulations that were made.
    pub made: u64,
    /// Number of simulations made per second.
    pub rate: f64,
    /// Whether the data set is complete: the simulations of all shards, and `dataset.json`.
    pub complete: bool,
}

type Key = (Split, u64);

enum Event {
    /// A simulation that was on disk, whole.
    Kept(Key, String),
    /// A simulation that was on disk, but damaged.
    Damaged(Key),
    /// A simulation that was made.
    Made(Key, String),
}

/// Makes the simulations of this shard in the folder `root`, and completes the data set if the shard is the last one.
///
/// # Errors
/// A usage error where the folder holds another data set or the neuron cannot be simulated; a full disk;
/// [`Interrupted`].
pub fn make(root: &Path, plan: &Manifest, shard: Shard, threads: usize) -> Result<MakingReport> {
    let simulator = Simulator::new(&plan.neuron, plan.method).map_err(|e| usage("neuron", e))?;
    files::make_folder(root)?;
    let notes = Notes::begin(root, plan, shard)?;
    let present = sweep(root, plan, shard, &notes)?;
    notes.leave_plan()?;
    if let Some(file) = NeuronFile::of(&plan.neuron) {
        neuron::write(&file, root)?;
    }
    for (split, part) in Split::ALL.into_iter().flat_map(|s| Part::ALL.map(|p| (s, p))) {
        files::make_folder(&root.join(split.name()).join(part.folder()))?;
    }
    let maker = Maker { root, plan, simulator, known: notes.known(), present };
    let keys: Vec<Key> = plan.simulations(shard.index, shard.count).collect();
    let (sums, made) = maker.all(&keys, threads)?;
    let complete = notes.end(sums)?;
    Ok(MakingReport { complete, ..made })
}

/// Removes the half-written files of an earlier run of this shard, and lists the simulations on disk.
fn sweep(root: &Path, plan: &Manifest, shard: Shard, notes: &Notes) -> Result<HashSet<Key>> {
    let mut present = HashSet::new();
    for (split, part) in Split::ALL.into_iter().flat_map(|s| Part::ALL.map(|p| (s, p))) {
        let folder = root.join(split.name()).join(part.folder());
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            other => other.map_err(|e| usage(folder.display(), e))?,
        };
        for entry in entries {
            let path = entry.map_err(|e| usage(folder.display(), e))?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some((name, rest)) = file.split_once(".npy").filter(|_| !is_litter(&file)) else {
                continue;
            };
            let index = ballstick::data::layout::sim_index(name);
            let Some(index) = index.filter(|_| plan.holds(split, name)) else {
                let problem = format!(
                    "is not one of the {} asked for; choose another --out",
                    count(plan.num_simulations.of(split), &format!("{split} simulation"))
                );
                return Err(usage(path.display(), problem));
            };
            let ours = plan.chunk(split, index) % shard.count == shard.index;
            if rest.is_empty() {
                if notes.is_new() {
                    let problem = "was not made by `ballstick dataset`; choose another --out";
                    return Err(usage(path.display(), problem));
                }
                if ours && part == Part::Inputs {
                    present.insert((split, index));
                }
            } else if ours && rest.starts_with(".part") {
                fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
    }
    Ok(present)
}

struct Maker<'a> {
    root: &'a Path,
    plan: &'a Manifest,
    simulator: Simulator,
    /// The manifest of an earlier, complete run, with checksums.
    known: Option<Manifest>,
    present: HashSet<Key>,
}

impl Maker<'_> {
    fn all(&self, keys: &[Key], threads: usize) -> Result<(Checksums, MakingReport)> {
        signals::orderly();
        let mut progress = WorkProgress::new("simulations", keys.len() as u64);
        let mut sums = Checksums::new();
        let (mut kept, mut made) = (0, 0);
        let queue = Mutex::new(keys.iter());
        let failed = AtomicBool::new(false);
        let (send, receive) = mpsc::channel();
        let mut first_error = None;
        std::thread::scope(|scope| {
            let worker = || {
                let send = send.clone();
                let (queue, failed) = (&queue, &failed);
                scope.spawn(move || {
                    let done = self.work(queue, &send, failed);
                    if done.is_err() {
                        failed.store(true, Ordering::Relaxed);
                    }
                    done
                })
            };
            let workers: Vec<_> = (0..threads.max(1)).map(|_| worker()).collect();
            drop(send);
            let mut note = |(split, index): Key, sum| {
                sums.entry(split).or_default().insert(sim_name(index), sum);
            };
            loop {
                match receive.recv_timeout(Duration::from_millis(200)) {
                    Ok(Event::Kept(key, sum)) => {
                        kept += 1;
                        note(key, sum);
                        progress.add(false);
                    }
                    Ok(Event::Made(key, sum)) => {
                        made += 1;
                        note(key, sum);
                        progress.add(true);
                    }
                    Ok(Event::Damaged((split, index))) => {
                        let name = sim_name(index);
                        progress.say(&format!("{split} {name}: damaged; it is made again"));
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => progress.tick(),
                    Err(mpsc::RecvTimeoutError::Disconnected) => break,
                }
            }
            for worker in workers {
                // a panic in a worker is a fault of this program, and is passed on
                let done = worker.join().unwrap_or_else(|p| std::panic::resume_unwind(p));
                first_error = first_error.take().or(done.err());
            }
        });
        progress.clear();
        let rate = progress.rate();
        if let Some(error) = first_error {
            return Err(error);
        }
        if progress.done() < keys.len() as u64 {
            let (done, all) = (progress.done(), keys.len());
            let how = "run the same command again to go on";
            return Err(Interrupted(format!(
                "stopped after {done} of {}; {how}",
                count(all, "simulation")
            ))
            .into());
        }
        Ok((sums, MakingReport { kept, made, rate, complete: false }))
    }

    fn work(
        &self,
        queue: &Mutex<std::slice::Iter<'_, Key>>,
        events: &mpsc::Sender<Event>,
        failed: &AtomicBool,
    ) -> Result<()> {
        let stop = || signals::stopped() || failed.load(Ordering::Relaxed);
        // the exact method simulates one by one; batches of one keep the progress current and Ctrl-C quick
        let lanes = self.plan.method.lanes();
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next().copied();
        // sending cannot fail: the receiver lives as long as the workers
        let tell = |event| drop(events.send(event));
        loop {
            let mut batch: Vec<(Key, Inputs)> = Vec::with_capacity(lanes);
            while batch.len() < lanes && !stop() {
                let Some(key) = next() else { break };
                match self.check(key) {
                    OnDisk::Whole(sum) => tell(Event::Kept(key, sum)),
                    OnDisk::Missing => batch.push((key, self.inputs(key)?)),
                    OnDisk::Damaged => {
                        tell(Event::Damaged(key));
                        batch.push((key, self.inputs(key)?));
                    }
                }
            }
            if batch.is_empty() || stop() {
                return Ok(());
            }
            let (keys, inputs): (Vec<Key>, Vec<Inputs>) = batch.into_iter().unzip();
            let targets = self.simulator.simulate(&inputs, &mut |_| {
                if stop() {
                    std::ops::ControlFlow::Break(())
                } else {
                    std::ops::ControlFlow::Continue(())
                }
            });
            let targets = match targets {
                Err(SimError::Cancelled) => return Ok(()),
                other => other.with_context(|| {
                    let (split, index) = keys[0];
                    format!("{split} {} or one of the {} after it", sim_name(index), keys.len() - 1)
                })?,
            };
            for ((key, inputs), targets) in keys.into_iter().zip(&inputs).zip(targets) {
                let sum = self.write(key, &Sample::new(inputs, targets))?;
                tell(Event::Made(key, sum));
            }
        }
    }

    fn inputs(&self, (split, index): Key) -> Result<Inputs> {
        self.plan.inputs(split, index).map_err(|e| usage("perturbation", e))
    }

    fn write(&self, (split, index): Key, sample: &Sample) -> Result<String> {
        let name = sim_name(index);
        let encoded = Part::ALL.map(|part| sample.encode(part));
        // the inputs last: where they exist, the other five files do
        for part in Part::ALL.into_iter().rev() {
            let path = part_path(self.root, split, &name, part);
            files::write_one_of_many(&path, &encoded[part as usize])?;
        }
        Ok(checksum(&encoded))
    }

    /// Compares the files of a simulation on disk with those that this run would write.
    fn check(&self, key: Key) -> OnDisk {
        if !self.present.contains(&key) {
            return OnDisk::Missing;
        }
        let (split, index) = key;
        let name = sim_name(index);
        let mut files: [Vec<u8>; 6] = Default::default();
        for part in Part::ALL {
            match fs::read(part_path(self.root, split, &name, part)) {
                Ok(bytes) => files[part as usize] = bytes,
                Err(_) => return OnDisk::Damaged,
            }
        }
        let sum = checksum(&files);
        let known = self.known.as_ref().and_then(|m| m.checksums.get(&split)?.get(&name));
        let whole = match known {
            Some(known) => *known == sum,
            None => Sample::decode(&files).is_ok_and(|sample| {
                let canonical =
                    Part::ALL.into_iter().all(|p| sample.encode(p) == files[p as usize]);
                canonical && self.inputs(key).is_ok_and(|inputs| sample.weights() == inputs)
            }),
        };
        if whole { OnDisk::Whole(sum) } else { OnDisk::Damaged }
    }
}

/// The state of a simulation on disk.
enum OnDisk {
    Missing,
    Damaged,
    Whole(String),
}

fn checksum(files: &[Vec<u8>; 6]) -> String {
    files.iter().map(|bytes| format!("{:08x}", crc32fast::hash(bytes))).collect()
}

/// The folder of a neuron's data set under `--out`.
pub fn root(out: &Path, plan: &Manifest) -> PathBuf {
    out.join(&plan.neuron_short_name)
}

/// Adds all checksums of `b` to `a`.
fn merge(a: &mut Checksums, b: Checksums) {
    for (split, sums) in b {
        let into: &mut BTreeMap<_, _> = a.entry(split).or_default();
        into.extend(sums);
    }
}
