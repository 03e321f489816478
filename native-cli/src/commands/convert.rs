//! `ballstick convert`.

use ballstick::text::count;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use ballstick::data::neuron_io::{self, SimulationDict};
use ballstick::data::{Model, Part, Sample, SourceError, Split, manifest, prune};
use clap::{Args, ValueEnum};

use super::stats::OnDamage;
use crate::claim::Claim;
use crate::files::{self, full_disk, usage};
use crate::parts::{self, Temporary};
use crate::places::{self, Ending};
use crate::say::say;
use crate::store;
use crate::store::archive::{ArchiveWriter, pack};
use crate::store::folder::part_path;
use crate::store::{DataSet, NeuronFile, manifest_for};
use crate::work::{self, WorkProgress};

/// Copy a data set into one compressed .zip, or out of it into folders of .npy files; no bit is lost.
///
/// With --format neuron-io the copy has the form of NeuronIO's data, pickles with input spikes as times by synapse.
/// The .zip is the form that the page gives and takes. `unzip` makes the folders of it, and numpy.load reads an array
/// of it by its path.
#[derive(Args)]
pub struct ConvertArgs {
    /// A data set's folder or .zip
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// A file that ends in .zip, or the folder into which the data set's folder goes
    #[arg(value_name = "TO")]
    to: PathBuf,
    /// How the copy keeps its simulations
    #[arg(long, value_enum, default_value_t = Format::Arrays)]
    format: Format,
    /// Leave out what a filter has dropped
    #[arg(long)]
    without_dropped: bool,
    /// What to do about damaged files
    #[arg(long, value_enum, default_value_t = OnDamage::Fail)]
    on_damage: OnDamage,
}

/// How a copy keeps its simulations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Six arrays of each, in NumPy's form, as a data set has them
    Arrays,
    /// Files of many simulations in NeuronIO's form, a pickle (docs/neuron-io.md); nothing here reads them
    NeuronIo,
}

type Key = (Split, String);
/// Name and bytes of a file beside the folders of the splits.
type SideFile = (String, Vec<u8>);

/// Runs the command.
///
/// # Errors
/// A path without a data set; a target that exists already; damaged files where they are to be fatal; a full disk.
pub fn run(args: ConvertArgs) -> Result<()> {
    let set = DataSet::open(&args.from)?;
    let title = set.title();
    let mut keys: Vec<Key> = Vec::new();
    for split in set.splits() {
        let source = if args.without_dropped { set.split(split) } else { set.whole_split(split) };
        keys.extend(source.names.into_iter().map(|name| (split, name)));
    }
    let mut side_files: Vec<SideFile> = Vec::new();
    if let Some(manifest) = &set.manifest {
        let kept =
            if args.without_dropped { manifest_for(manifest, &keys) } else { (**manifest).clone() };
        side_files.push((manifest::FILE_NAME.to_owned(), kept.to_json().into_bytes()));
    }
    if let Some(list) = set.dropped.as_ref().filter(|_| !args.without_dropped) {
        side_files.push((prune::FILE_NAME.to_owned(), list.to_json().into_bytes()));
    }
    // an older data set of ours, without this file, gets one
    let made = || set.manifest.as_ref().and_then(|m| NeuronFile::of(&m.neuron));
    if let Some(file) = set.neuron_file.as_deref().cloned().or_else(made) {
        side_files.push((file.name, file.bytes));
    }
    let neuron_io = args.format == Format::NeuronIo;
    let is_zip = args.to.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
    if is_zip && neuron_io {
        let problem = "is a .zip; --format neuron-io writes into a folder";
        return Err(usage(args.to.display(), problem));
    }
    let target = if is_zip { args.to.clone() } else { args.to.join(&title) };
    if target.exists() {
        return Err(usage(target.display(), "is there already"));
    }
    let _folder = if is_zip {
        places::file(&target, Ending::OneOf(&["zip"]))?;
        let list = store::archive::list_path(&target);
        if list.exists() {
            let problem =
                "is an earlier archive's list of what is dropped, and would be this one's";
            return Err(usage(list.display(), problem));
        }
        None
    } else {
        Some(places::folder(&args.to)?)
    };
    let mut lock = OsString::from(".lock-");
    lock.push(target.file_name().unwrap_or_default());
    let _claim = Claim::take(&target.with_file_name(lock), |who| {
        usage(target.display(), format!("another run is writing it ({who})"))
    })?;
    parts::sweep(&target, true);
    let copy = Copy { set: &set, keys: &keys, on_damage: args.on_damage };
    let copied = if is_zip {
        copy.to_zip(&target, &title, &side_files)?
    } else if neuron_io {
        in_folder(&target, |root| copy.to_neuron_io(root))?
    } else {
        in_folder(&target, |root| copy.to_folders(root, &side_files))?
    };
    say!("{} → {}", count(copied, "simulation"), target.display());
    Ok(())
}

/// Fills a folder under a name for what is not whole, and then gives it its own.
fn in_folder(target: &Path, fill: impl FnOnce(&Path) -> Result<usize>) -> Result<usize> {
    let part = Temporary::part_of(target);
    let copied = fill(part.path())?;
    let renamed = part.rename(target).map_err(full_disk);
    renamed.with_context(|| format!("cannot write {}", target.display()))?;
    Ok(copied)
}

struct Copy<'a> {
    set: &'a DataSet,
    keys: &'a [Key],
    on_damage: OnDamage,
}

/// Number of simulations that are in memory at once.
const GROUP: usize = 64;

impl Copy<'_> {
    fn to_zip(&self, target: &Path, title: &str, side_files: &[SideFile]) -> Result<usize> {
        let mut zip = ArchiveWriter::create(target)?;
        let texts = side_files.iter().map(|(name, text)| (format!("{title}/{name}"), &text[..]));
        zip.add(&pack(texts)?)?;
        self.each(
            |(split, name), files, _| {
                let member = |part: Part| format!("{title}/{split}/{}/{name}.npy", part.folder());
                let members = Part::ALL.into_iter().zip(files).map(|(p, b)| (member(p), &b[..]));
                pack(members)
            },
            |packed| zip.add(&packed),
        )
        .and_then(|copied| zip.finish().map(|()| copied))
    }

    fn to_folders(&self, root: &Path, side_files: &[SideFile]) -> Result<usize> {
        for (split, part) in Split::ALL.into_iter().flat_map(|s| Part::ALL.map(|p| (s, p))) {
            files::make_folder(&root.join(split.name()).join(part.folder()))?;
        }
        for (name, text) in side_files {
            files::write(&root.join(name), text)?;
        }
        self.each(
            |(split, name), files, _| {
                Part::ALL.into_iter().zip(files).try_for_each(|(part, bytes)| {
                    files::write_one_of_many(&part_path(root, *split, name, part), bytes)
                })
            },
            Ok,
        )
    }

    fn to_neuron_io(&self, root: &Path) -> Result<usize> {
        let manifest = self.set.manifest.as_deref();
        let of_file = self.set.neuron_file.as_deref().map(|file| Model::from(file.params.clone()));
        let neuron = manifest.map(|manifest| manifest.neuron.clone()).or(of_file);
        let seed = manifest.map(|manifest| manifest.seed);
        files::make_folder(root)?;
        // the split of the simulations that wait, and how many files there are of it already
        let (mut waiting, mut files_of) = (Vec::new(), (None, 0));
        let write = |waiting: &mut Vec<SimulationDict>, files_of: &mut (Option<Split>, usize)| {
            let (Some(split), false) = (files_of.0, waiting.is_empty()) else { return Ok(()) };
            let bytes = neuron_io::file(neuron.as_ref(), seed, std::mem::take(waiting));
            let name = format!("{split}_{:05}.p", files_of.1);
            files_of.1 += 1;
            files::write(&root.join(name), &bytes)
        };
        let copied = self.each(
            |(split, _), _, sample| Ok((*split, SimulationDict::of(sample))),
            |(split, one)| {
                let other = waiting.first().is_some_and(|first: &SimulationDict| !first.fits(&one));
                if files_of.0 != Some(split) || other || waiting.len() == neuron_io::PER_FILE {
                    write(&mut waiting, &mut files_of)?;
                }
                if files_of.0 != Some(split) {
                    files_of = (Some(split), 0);
                }
                waiting.push(one);
                Ok(())
            },
        )?;
        write(&mut waiting, &mut files_of)?;
        Ok(copied)
    }

    /// Applies `make` to every simulation on all cores, and `take` to the results in order; returns the number of
    /// results.
    fn each<R: Send>(
        &self,
        make: impl Fn(&Key, &[Vec<u8>; 6], &Sample) -> Result<R> + Sync,
        mut take: impl FnMut(R) -> Result<()>,
    ) -> Result<usize> {
        let mut progress = WorkProgress::new("simulations", self.keys.len() as u64);
        let (mut copied, mut damaged) = (0, 0);
        for group in self.keys.chunks(GROUP) {
            let one = |key: &Key| -> Result<Result<R>, SourceError> {
                let files = self.set.raw(key.0, &key.1)?;
                // a simulation is damaged where it cannot be decoded, whatever its checksum
                let sample = self.set.decode(key.0, &key.1, &files)?;
                Ok(make(key, &files, &sample))
            };
            for result in work::map(group, &mut progress, one)? {
                match result {
                    Ok(made) => {
                        take(made?)?;
                        copied += 1;
                    }
                    Err(error) => {
                        progress.say(&error.to_string());
                        damaged += 1;
                    }
                }
            }
        }
        progress.clear();
        if damaged > 0 && self.on_damage == OnDamage::Fail {
            let problem = "simulations are damaged; --on-damage skip goes on without them";
            return Err(anyhow!("{damaged} of {} {problem}", self.keys.len()));
        }
        Ok(copied)
    }
}
