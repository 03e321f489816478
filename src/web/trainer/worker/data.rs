//! The simulations of a data set, which are decoded once and then kept in memory.

use crate::text::count;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use web_sys::Blob;

use super::fetch;
use crate::data::perturb::PerturbParams;
use crate::data::{Manifest, Model, Sample, SampleCache, SourceError, Split};
use crate::twin::batch::{Batch, Window};
use crate::twin::scaling::Scaling;
use crate::twin::train::Loader;
use crate::twin::train::plan::PlannedBatch;
use crate::twin::weights::LearntFrom;
use crate::web::data_set::unpack::{self, Files};
use crate::web::data_set::{Key, Record, Store, look, make};
use crate::web::port::PortError;
use crate::web::trainer::protocol::DataRef;

/// The most bytes of simulations that are kept in memory; those beyond are read again each time. A wasm has 4 GiB in
/// all.
const MEMORY: usize = 3 << 29;

/// Where the files of a data set are.
enum Place {
    /// In the browser's database, under this id.
    Kept(Store, String),
    /// In a zip that came with the page.
    Recorded(Blob, BTreeMap<Key, Files>),
}

/// A data set, open for reading.
pub(super) struct Set {
    /// The neuron's short name.
    pub name: String,
    /// What the data set was made from, where that is known.
    pub manifest: Option<Manifest>,
    /// The neuron, where that is known.
    neuron: Option<Model>,
    /// Numbers of the simulations of each split, in order.
    numbers: BTreeMap<Split, Vec<u64>>,
    place: Place,
    /// Simulations in memory by their keys; `true` marks those that are partners for Taylor consistency.
    memory: RefCell<SampleCache<(bool, Key)>>,
}

thread_local! {
    /// The data set that was opened last: most likely the next one is the same.
    static LAST: RefCell<Option<(DataRef, Rc<Set>)>> = const { RefCell::new(None) };
}

impl Set {
    /// Opens a data set.
    ///
    /// # Errors
    /// A data set that is not stored or does not load, in words.
    pub async fn open(data: &DataRef) -> Result<Rc<Self>, PortError> {
        let last = LAST.with_borrow(|last| last.clone()).filter(|(of, _)| of == data);
        let set = match (data, last) {
            (DataRef::Recorded(_), Some((_, set))) => return Ok(set),
            (DataRef::Recorded(name), None) => Self::recorded(name).await?,
            (DataRef::Kept, last) => match Self::stored(last.map(|(_, set)| set)).await? {
                Ok(same) => return Ok(same),
                Err(other) => other,
            },
        };
        let set = Rc::new(set);
        LAST.set(Some((data.clone(), set.clone())));
        Ok(set)
    }

    /// The data set that the browser keeps: `last` itself (the inner `Ok`) where nothing has changed since, else opened
    /// anew.
    async fn stored(last: Option<Rc<Self>>) -> Result<Result<Rc<Self>, Self>, PortError> {
        let store = Store::open().await?;
        let stored = store.stored().await?.ok_or(
            "No data set is kept here yet: make one in lesson 5, or choose a recorded one.",
        )?;
        let records = store.records(&stored.id).await?;
        let numbers = numbers(records.iter().map(Record::key));
        let same = |set: &Rc<Self>| {
            let place = matches!(&set.place, Place::Kept(_, id) if *id == stored.id);
            place && set.numbers == numbers
        };
        if let Some(last) = last.filter(same) {
            return Ok(Ok(last));
        }
        let neuron = stored.neuron();
        let place = Place::Kept(store, stored.id);
        Ok(Err(Self::new(stored.name, stored.manifest, neuron, numbers, place)))
    }

    async fn recorded(name: &str) -> Result<Self, PortError> {
        let blob = fetch::recorded(name, "zip").await?;
        let found = unpack::list(&blob, &format!("{name}.zip")).await?;
        let numbers = numbers(found.simulations.keys().copied());
        let place = Place::Recorded(blob, found.simulations);
        let neuron = found.manifest.as_ref().map(|manifest| manifest.neuron.clone());
        Ok(Self::new(found.name, found.manifest, neuron, numbers, place))
    }

    fn new(
        name: String,
        manifest: Option<Manifest>,
        neuron: Option<Model>,
        numbers: BTreeMap<Split, Vec<u64>>,
        place: Place,
    ) -> Self {
        let memory = RefCell::new(SampleCache::new(MEMORY));
        Self { name, manifest, neuron, numbers, place, memory }
    }

    /// The number of simulations of a split.
    pub fn len(&self, split: Split) -> usize {
        self.numbers.get(&split).map_or(0, Vec::len)
    }

    /// Number of segments of the neuron; of a neuron that is not known, by the data set's first simulation.
    ///
    /// # Errors
    /// A data set without simulations, or with a damaged one.
    pub async fn segments(&self) -> Result<usize, PortError> {
        if let Some(neuron) = &self.neuron {
            return Ok(neuron.num_rows());
        }
        let split = Split::ALL.into_iter().find(|split| self.len(*split) > 0);
        let split = split.ok_or("The data set has no simulations.")?;
        Ok(self.sample(split, 0).await?.segments())
    }

    /// What the header of a run's checkpoint says of the data set.
    pub fn learnt_from(&self) -> LearntFrom {
        let neuron = self.neuron.as_ref().and_then(|neuron| serde_json::to_value(neuron).ok());
        LearntFrom {
            name: self.name.clone(),
            simulations: [self.len(Split::Train), self.len(Split::Valid)],
            neuron: neuron.unwrap_or_default(),
            identity: serde_json::Map::new(),
        }
    }

    fn key(&self, split: Split, index: usize) -> Result<Key, PortError> {
        let number = self.numbers.get(&split).and_then(|numbers| numbers.get(index));
        let number = number.ok_or_else(|| {
            format!(
                "The data set has {}, and no number {index}.",
                count(self.len(split), &format!("{split} simulation"))
            )
        })?;
        Ok((split, *number))
    }

    /// A simulation, by its place in the order of its split.
    ///
    /// # Errors
    /// A simulation that is not there or is damaged, in words.
    pub async fn sample(&self, split: Split, index: usize) -> Result<Arc<Sample>, PortError> {
        let key = self.key(split, index)?;
        if let Some(sample) = self.memory.borrow().get(&(false, key)) {
            return Ok(sample);
        }
        let sample = match &self.place {
            Place::Kept(store, id) => look::load(store, id, key).await,
            Place::Recorded(blob, files) => match files.get(&key) {
                Some(files) => unpack::sample(blob, files).await,
                None => Err("is not in the file.".to_owned()),
            },
        };
        let sample = sample.map_err(|error| format!("Simulation {} of {split}: {error}", key.1))?;
        Ok(self.memory.borrow_mut().keep((false, key), sample))
    }

    /// The partners of train simulations for Taylor consistency, made where they are not in memory yet.
    ///
    /// # Errors
    /// A data set that does not say its neuron; a simulation that cannot be made.
    pub fn partners(&self, indices: &[usize]) -> Result<Vec<Arc<Sample>>, PortError> {
        let manifest = self.manifest.as_ref().ok_or(
            "Taylor consistency needs the neuron itself, and this data set does not say which it is.",
        )?;
        let keys: Vec<Key> =
            indices.iter().map(|&index| self.key(Split::Train, index)).collect::<Result<_, _>>()?;
        let known = |key: &Key| self.memory.borrow().get(&(true, *key));
        let missing: Vec<Key> = keys.iter().copied().filter(|key| known(key).is_none()).collect();
        let plan = manifest.perturbed(0, &PerturbParams::default());
        let partners = make::samples(&plan, &missing, &|_| {})?;
        let keep = |(key, sample)| (key, self.memory.borrow_mut().keep((true, key), sample));
        let mut partners: BTreeMap<Key, Arc<Sample>> =
            missing.into_iter().zip(partners).map(keep).collect();
        let mut partner = |key: &Key| partners.remove(key).or_else(|| known(key));
        keys.iter()
            .map(|key| {
                partner(key).ok_or_else(|| format!("The partner of {} is lost.", key.1).into())
            })
            .collect()
    }
}

fn numbers(keys: impl Iterator<Item = Key>) -> BTreeMap<Split, Vec<u64>> {
    let mut numbers: BTreeMap<Split, Vec<u64>> = BTreeMap::new();
    for (split, number) in keys {
        numbers.entry(split).or_default().push(number);
    }
    numbers
}

/// The batches that a training takes from a data set.
pub(super) struct Batches {
    /// The data set.
    pub set: Rc<Set>,
    /// How the twin's inputs and targets are scaled.
    pub scaling: Scaling,
    /// Segments of the twin's neuron.
    pub segments: usize,
    /// Whether train batches have partners for Taylor consistency.
    pub pairs: bool,
}

impl Batches {
    async fn samples(
        &self,
        split: Split,
        windows: &[Window],
    ) -> Result<Vec<Arc<Sample>>, SourceError> {
        let mut samples = Vec::with_capacity(windows.len());
        for window in windows {
            samples.push(self.set.sample(split, window.index).await.map_err(fault)?);
        }
        Ok(samples)
    }
}

fn fault(problem: PortError) -> SourceError {
    SourceError { what: "the data set".to_owned(), problem: problem.to_string() }
}

impl Loader for Batches {
    async fn train(&mut self, planned: &PlannedBatch) -> Result<Batch, SourceError> {
        let samples = self.samples(Split::Train, &planned.windows).await?;
        let windows = planned.windows.iter().copied();
        if !self.pairs {
            let parts: Vec<_> = windows.zip(samples).collect();
            return Batch::new(&parts, &self.scaling, self.segments);
        }
        let indices: Vec<usize> = windows.clone().map(|window| window.index).collect();
        let partners = self.set.partners(&indices).map_err(fault)?;
        let pairs = samples.into_iter().zip(partners).map(|(base, partner)| [base, partner]);
        let parts: Vec<_> = windows.zip(pairs).collect();
        Batch::pairs(&parts, &self.scaling, self.segments)
    }

    async fn valid(&mut self, windows: &[Window]) -> Result<Batch, SourceError> {
        super::turn::yield_now().await;
        let samples = self.samples(Split::Valid, windows).await?;
        let parts: Vec<_> = windows.iter().copied().zip(samples).collect();
        Batch::new(&parts, &self.scaling, self.segments)
    }
}
