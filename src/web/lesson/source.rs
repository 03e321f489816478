//! The data set that the twins' lessons learn from: the one that the browser keeps, or one that ships with the page.

use super::Workers;
use super::shared::Neuron;
use crate::data::{Model, Split};
use crate::experiment::nudge::Stretch;
use crate::experiment::samples::Samples;
use crate::sim::NeuronParams;
use crate::web::data_set::{Key, Look, Record, Shown, Store};
use crate::web::port::PortError;
use crate::web::trainer::protocol::{DataRef, ModelRef, Predict, Prediction};

/// A data set, with what a lesson has to know of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TwinData {
    /// The name by which the trainer finds the data set.
    pub(super) data: DataRef,
    /// The neuron's short name.
    pub(super) name: String,
    /// The neuron's parameters; `None` where the neuron is not known, or is no ball-and-stick neuron.
    pub(super) params: Option<NeuronParams>,
    /// Number of dendritic segments.
    pub(super) segments: usize,
    /// Numbers of train, validation and test simulations.
    pub(super) counts: [usize; 3],
    /// The stored data set's id, and the keys of its simulations in order; `None` for a recorded data set.
    stored: Option<(String, Vec<Key>)>,
}

impl TwinData {
    /// The data set that the browser stores; `None` where it stores none to train on.
    ///
    /// # Errors
    /// The database's, in words.
    pub(super) async fn stored() -> Result<Option<Self>, String> {
        let store = Store::open().await.map_err(|error| error.to_string())?;
        let Some(stored) = store.stored().await.map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let records = store.records(&stored.id).await.map_err(|error| error.to_string())?;
        let count = |split| records.iter().filter(|record| record.split == split).count();
        let Some(segments) = records.first().map(|record| record.segments) else {
            return Ok(None);
        };
        let params = stored.neuron().and_then(|neuron| match neuron {
            Model::BallAndStick(params) => Some(params),
            Model::FilterAndFire(_) => None,
        });
        let keys = records.iter().map(Record::key).collect();
        Ok(Some(Self {
            data: DataRef::Kept,
            name: stored.name,
            params,
            segments,
            counts: Split::ALL.map(count),
            stored: Some((stored.id, keys)),
        }))
    }

    /// The recorded data set of a neuron; its numbers of simulations are 0 until they are known.
    pub(super) fn recorded(neuron: Neuron) -> Self {
        let params = neuron.params();
        Self {
            data: neuron.recorded_data(),
            name: params.short_name(),
            segments: params.num_rows(),
            params: Some(params),
            counts: [0; 3],
            stored: None,
        }
    }

    /// Whether the data set ships with the page.
    pub(super) fn is_recorded(&self) -> bool {
        matches!(self.data, DataRef::Recorded(_))
    }

    /// The assignment's neuron that the data set is of; `None` where it is of neither.
    pub(super) fn neuron(&self) -> Option<Neuron> {
        Neuron::ALL.into_iter().find(|neuron| neuron.params().short_name() == self.name)
    }

    /// The neuron in words.
    pub(super) fn label(&self) -> String {
        self.neuron().map_or_else(|| self.name.clone(), |neuron| neuron.looks().to_owned())
    }

    /// The recorded twin of the same neuron; `None` where none ships with the page.
    pub(super) fn recorded_twin(&self) -> Option<ModelRef> {
        self.neuron().map(|neuron| ModelRef::Recorded(neuron.recorded_twin()))
    }

    /// Asks for the first `len` ms of a simulation of a split; `listener` gets them, or why there are none, and of a
    /// recorded data set also the number of simulations in the split.
    pub(super) fn stretch(
        &self,
        workers: &Workers,
        (split, index): (Split, usize),
        len: usize,
        listener: impl Fn(Result<(Stretch, Option<usize>), PortError>) + 'static,
    ) {
        if let Some((id, keys)) = &self.stored {
            let of_split: Vec<Key> = keys.iter().filter(|key| key.0 == split).copied().collect();
            let Some(key) = of_split.get(index).or(of_split.last()).copied() else {
                return listener(Err(
                    format!("There is no {split} simulation in the data set.").into()
                ));
            };
            workers.live.ask(Look { id: id.clone(), key }, move |reply| {
                listener(reply.answer().map(|shown| (of_shown(&shown, len), None)));
            });
            return;
        }
        let Some(model) = self.recorded_twin() else {
            return listener(Err("There is no recorded twin of this neuron.".into()));
        };
        let question = Predict { model, data: self.data.clone(), split, index, from: 0, len };
        workers.trainer.ask(question, move |reply| {
            listener(reply.answer().map(|p| (of_prediction(&p), Some(p.simulations))));
        });
    }
}

/// The first `len` samples of each row.
fn cut(values: &Samples, rows: usize, len: usize) -> Vec<f64> {
    let columns = values.len() / rows.max(1);
    let rows = values.chunks(columns.max(1));
    rows.flat_map(|row| row.iter().take(len).copied()).collect()
}

fn of_shown(shown: &Shown, len: usize) -> Stretch {
    Stretch {
        segments: shown.segments,
        exc: cut(&shown.exc, shown.segments, len),
        inh: cut(&shown.inh, shown.segments, len),
        soma_mv: cut(&shown.targets.soma_mv, 1, len),
        spikes: cut(&shown.targets.spikes, 1, len),
    }
}

fn of_prediction(prediction: &Prediction) -> Stretch {
    Stretch {
        segments: prediction.segments,
        exc: prediction.exc.0.clone(),
        inh: prediction.inh.0.clone(),
        soma_mv: prediction.truth.soma_mv.0.clone(),
        spikes: prediction.truth.spikes.0.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_cut() {
        let values = Samples(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(cut(&values, 2, 2), [1.0, 2.0, 4.0, 5.0]);
        assert_eq!(cut(&values, 1, 9), values.0);
    }

    #[test]
    fn a_recorded_neuron_knows_its_names() {
        let cable = TwinData::recorded(Neuron::Cable);
        assert_eq!((cable.neuron(), cable.segments), (Some(Neuron::Cable), 8));
        assert_eq!(cable.data, DataRef::Recorded("nmda_cable_small".into()));
        assert_eq!(cable.recorded_twin(), Some(ModelRef::Recorded("twin_cable_C".into())));
        assert_eq!(cable.label(), "the long thin neuron");
        assert!(TwinData::recorded(Neuron::Point).name.contains("128um"));
    }
}
