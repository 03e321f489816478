//! What runs that make a data set together leave for each other, and the `dataset.json` that the last one writes.
//!
//! Beside the splits' folders, while shard i of n works: `.lock-i-of-n`, held, and `.plan-i-of-n.json`; once it is
//! done: `.shard-i-of-n.json`, the plan with its checksums. When the checksums of all simulations are there,
//! `dataset.json` is written from them and the rest goes. Its bytes depend on the plan and the simulations alone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ballstick::data::Manifest;
use ballstick::data::manifest::{Checksums, FILE_NAME};

use super::{Shard, merge};
use crate::files::{self, usage};

/// This run's notes.
pub struct Notes {
    root: PathBuf,
    plan: Manifest,
    shard: Shard,
    /// Held until the end.
    lock: Option<File>,
    complete: Option<Manifest>,
    is_new: bool,
}

impl Notes {
    /// Claims the shard, and checks that the folder holds this data set or none.
    ///
    /// # Errors
    /// A usage error where the folder holds another data set, or where another run makes this shard.
    pub fn begin(root: &Path, plan: &Manifest, shard: Shard) -> Result<Self> {
        let mut is_new = true;
        let mut complete = None;
        for (name, manifest) in manifests(root)? {
            if let Some((key, theirs, ours)) = manifest.difference(plan) {
                let problem = format!(
                    "holds another data set: its {key} is {theirs}, here it is {ours}; choose another --out"
                );
                return Err(usage(root.display(), problem));
            }
            is_new = false;
            if name == FILE_NAME {
                complete = Some(manifest);
            }
        }
        let mut notes =
            Self { root: root.to_owned(), plan: plan.clone(), shard, lock: None, complete, is_new };
        notes.lock = notes.claim()?;
        Ok(notes)
    }

    /// Leaves the plan, so that later runs know what is made here.
    ///
    /// # Errors
    /// What the file system says.
    pub fn leave_plan(&self) -> Result<()> {
        files::write(&self.path("plan", ".json"), self.plan.to_json().as_bytes())
    }

    /// Leaves the shard's checksums; and where all shards' are there, completes the data set. Whether it did.
    ///
    /// # Errors
    /// What the file system says.
    pub fn end(self, sums: Checksums) -> Result<bool> {
        let mut all = Checksums::new();
        if self.shard.count > 1 {
            let done = Manifest { checksums: sums.clone(), ..self.plan.clone() };
            files::write(&self.path("shard", ".json"), done.to_json().as_bytes())?;
        }
        for (_, manifest) in manifests(&self.root)? {
            merge(&mut all, manifest.checksums);
        }
        merge(&mut all, sums);
        for (split, names) in &mut all {
            names.retain(|name, _| self.plan.holds(*split, name));
        }
        all.retain(|_, names| !names.is_empty());
        let there: u64 = all.values().map(|names| names.len() as u64).sum();
        let complete = there == self.plan.num_simulations.total();
        if complete {
            let path = self.root.join(FILE_NAME);
            let text = Manifest { checksums: all, ..self.plan.clone() }.to_json();
            let written = files::write(&path, text.as_bytes());
            // two shards may come to this at once: they write the same
            if written.is_err() && fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                return written.map(|()| false);
            }
            self.tidy();
        }
        Ok(complete)
    }

    /// Removes all notes, and what killed runs left half-written.
    fn tidy(&self) {
        let notes = [".plan-", ".shard-", ".lock-", &format!("{FILE_NAME}.part")];
        let half_a_neuron =
            |name: &str| name.starts_with("ball_and_stick_neuron_") && name.contains(".pkl.part");
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if notes.iter().any(|n| name.starts_with(n)) || half_a_neuron(&name) {
                // another shard may have been quicker
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Whether nobody has begun this data set, up to now.
    pub fn is_new(&self) -> bool {
        // a shard that started at the same time may have left its plan since
        self.is_new && manifests(&self.root).is_ok_and(|m| m.is_empty())
    }

    /// What an earlier run has completed.
    pub fn known(&self) -> Option<Manifest> {
        self.complete.clone()
    }

    fn path(&self, what: &str, ending: &str) -> PathBuf {
        let Shard { index, count } = self.shard;
        self.root.join(format!(".{what}-{}-of-{count}{ending}", index + 1))
    }

    fn claim(&self) -> Result<Option<File>> {
        let path = self.path("lock", "");
        let opened = File::options().create(true).append(true).open(&path);
        let lock = opened.map_err(files::full_disk);
        let lock = lock.with_context(|| format!("cannot write {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => {
                let which = match self.shard.count {
                    1 => "it".to_owned(),
                    count => format!("shard {}/{count}", self.shard.index + 1),
                };
                Err(usage(self.root.display(), format!("another run is making {which}")))
            }
            // a file system without locks: the user sees to it
            Err(TryLockError::Error(_)) => Ok(None),
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        // the claim ends with the run, however it ends
        if self.lock.is_some() {
            let _ = fs::remove_file(self.path("lock", ""));
        }
    }
}

/// The manifests that stand in a folder: the data set's and those of runs, with their files' names.
fn manifests(root: &Path) -> Result<Vec<(String, Manifest)>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(root).map_err(|e| usage(root.display(), e))?;
    for entry in entries {
        let entry = entry.map_err(|e| usage(root.display(), e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_note = [".plan-", ".shard-"].iter().any(|n| name.starts_with(n));
        if !(name == FILE_NAME || is_note && name.ends_with(".json")) {
            continue;
        }
        let text = match fs::read_to_string(entry.path()) {
            // the last shard has just tidied up
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(|e| usage(entry.path().display(), e))?,
        };
        let manifest = Manifest::from_json(&text);
        found.push((name, manifest.map_err(|e| usage(entry.path().display(), e))?));
    }
    Ok(found)
}
