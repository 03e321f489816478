//! The notes that runs of one data set leave for each other, and the `dataset.json` that the last run writes.
//!
//! Beside the folders of the splits lie, while shard i of n works, `.lock-i-of-n`, which is locked, and
//! `.plan-i-of-n.json`; once the shard is done, `.shard-i-of-n.json`, the plan with its checksums. When the checksums
//! of all simulations exist, `dataset.json` is written from them and the notes are removed. Its bytes depend on the
//! plan and the simulations alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use ballstick::data::Manifest;
use ballstick::data::manifest::{Checksums, FILE_NAME};

use super::{Shard, merge};
use crate::claim::Claim;
use crate::files::{self, usage};

/// The notes of one run.
pub struct Notes {
    root: PathBuf,
    plan: Manifest,
    shard: Shard,
    /// The claim on the shard, held until the run ends in any way.
    claim: Option<Claim>,
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
        let mut notes = Self {
            root: root.to_owned(),
            plan: plan.clone(),
            shard,
            claim: None,
            complete,
            is_new,
        };
        notes.claim = Some(notes.claim()?);
        Ok(notes)
    }

    /// Writes the plan, from which later runs learn which data set is made here.
    ///
    /// # Errors
    /// An error of the file system.
    pub fn leave_plan(&self) -> Result<()> {
        files::write(&self.path("plan", ".json"), self.plan.to_json().as_bytes())
    }

    /// Writes the shard's checksums and, where those of all shards exist, completes the data set; returns whether it
    /// did.
    ///
    /// # Errors
    /// An error of the file system.
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
            // two shards may complete the data set at the same time: they write the same
            if written.is_err() && fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                return written.map(|()| false);
            }
            self.tidy();
        }
        Ok(complete)
    }

    /// Removes all notes, and the half-written files of killed runs.
    fn tidy(&self) {
        let notes = [".plan-", ".shard-", ".lock-", &format!("{FILE_NAME}.part")];
        let half_a_neuron =
            |name: &str| name.starts_with("ball_and_stick_neuron_") && name.contains(".pkl.part");
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if notes.iter().any(|n| name.starts_with(n)) || half_a_neuron(&name) {
                // another shard may have removed the file already
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Whether no other run has begun this data set, up to now.
    pub fn is_new(&self) -> bool {
        // a shard that started at the same time may have written its plan in the meantime
        self.is_new && manifests(&self.root).is_ok_and(|m| m.is_empty())
    }

    /// The manifest of an earlier, complete run; `None` without such a run.
    pub fn known(&self) -> Option<Manifest> {
        self.complete.clone()
    }

    fn path(&self, what: &str, ending: &str) -> PathBuf {
        let Shard { index, count } = self.shard;
        self.root.join(format!(".{what}-{}-of-{count}{ending}", index + 1))
    }

    /// Claims this shard, since two runs with the same shard would make the same simulations.
    fn claim(&self) -> Result<Claim> {
        let Shard { index, count } = self.shard;
        let which = |index: &str, count: &str| match count {
            "1" => "it".to_owned(),
            count => format!("shard {index}/{count}"),
        };
        let busy = |who: &str, index: &str, count: &str| {
            let which = which(index, count);
            usage(self.root.display(), format!("another run is making {which} ({who})"))
        };
        let (index, count) = ((index + 1).to_string(), count.to_string());
        let claim = Claim::take(&self.path("lock", ""), |who| busy(who, &index, &count))?;
        for entry in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((theirs, of)) = name.strip_prefix(".lock-").and_then(|n| n.split_once("-of-"))
            else {
                continue;
            };
            if of != count && Claim::is_held(&entry.path()) {
                return Err(busy("another process", theirs, of));
            }
        }
        Ok(claim)
    }
}

/// The manifests in a folder, that of the data set and those of runs, with their files' names.
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
            // the last shard has just removed its notes
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(|e| usage(entry.path().display(), e))?,
        };
        let manifest = Manifest::from_json(&text);
        found.push((name, manifest.map_err(|e| usage(entry.path().display(), e))?));
    }
    Ok(found)
}
