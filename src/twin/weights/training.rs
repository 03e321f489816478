//! A training as a checkpoint, and its continuation from a checkpoint.

use burn::module::AutodiffModule;
use burn::prelude::*;

use super::checkpoint::{Checkpoint, Header};
use super::state::{HostTensor, StateDict, StateError, export, load};
use crate::twin::config::TwinConfig;
use crate::twin::model::Twin;
use crate::twin::ops::backend::TrainBackend;
use crate::twin::scaling::Scaling;
use crate::twin::train::Progress;
use crate::twin::train::Trainer;
use crate::twin::train::schedule::Recipe;

/// The data set of a training, as the checkpoint's header describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct LearntFrom {
    /// The data set's name.
    pub name: String,
    /// Number of training and of validation simulations.
    pub simulations: [usize; 2],
    /// The neuron's parameters under the original's keys; null where the data set does not say.
    pub neuron: serde_json::Value,
    /// Further keys that identify the data set, such as checksums.
    pub identity: serde_json::Map<String, serde_json::Value>,
}

impl Scaling {
    /// The scaling constants of a neuron with these parameters, under the original's keys; a missing parameter has the
    /// value of the public data sets.
    pub fn of_parameters(neuron: &serde_json::Value) -> Self {
        let number =
            |key: &str, or: f64| neuron.get(key).and_then(serde_json::Value::as_f64).unwrap_or(or);
        Self::of_neuron(
            number("epas_mV", -85.0),
            number("soma_voltage_cap_mV", -62.0),
            number("dend_voltage_cap_mV", 0.0),
        )
    }
}

impl Checkpoint {
    /// The checkpoint of a training that is to begin: no weights and no history.
    pub fn begin(config: TwinConfig, recipe: Recipe, data: LearntFrom) -> Self {
        let mut header = Header::new(config, Scaling::of_parameters(&data.neuron), 0);
        let [train, valid] = data.simulations;
        header.data = serde_json::json!({ "name": data.name, "train": train, "valid": valid });
        if let Some(keys) = header.data.as_object_mut() {
            keys.extend(data.identity);
        }
        header.neuron = data.neuron;
        header.recipe = Some(recipe);
        header.progress = Some(Progress::start());
        Self::new(header, StateDict::new())
    }

    /// The checkpoint's twin on a device, ready to be trained.
    ///
    /// # Errors
    /// [`StateError`] where the weights do not fit the configuration.
    pub fn twin<B: Backend>(&self, device: &B::Device) -> Result<Twin<B>, StateError> {
        load(&self.header.config, &self.state, device)
    }

    /// The checkpoint's training on a device, a new one where the checkpoint has no weights yet. Afterwards the header
    /// has the twin's name.
    ///
    /// # Errors
    /// [`StateError`]: the weights do not fit the configuration, or the optimizer's state does not fit the weights.
    pub fn trainer<B: TrainBackend>(
        &mut self,
        device: &B::Device,
    ) -> Result<Trainer<B>, StateError> {
        let header = &self.header;
        let recipe = header.recipe.clone().unwrap_or_default();
        let trainer = if self.state.is_empty() {
            Trainer::new(&header.config, recipe, header.scaling, device)
        } else {
            let twin: Twin<B> = self.twin(device)?;
            let (found, want) = (self.moments.as_ref().map(|m| m[0].len()), twin.count_trained());
            if let Some(found) = found.filter(|found| *found != want) {
                return Err(StateError::Moments { found, want });
            }
            let moments = self.moments.take().map(|moments| {
                moments.map(|m| Tensor::from_data(TensorData::from(m.as_slice()), device))
            });
            let progress = header.progress.unwrap_or_else(Progress::start);
            let segments = header.config.ports().in_spatial_dim;
            Trainer::resume(twin, moments, progress, recipe, header.scaling, segments, device)
        };
        let header = &mut self.header;
        header.short_name = header.config.short_name(trainer.twin.count_params());
        Ok(trainer)
    }

    /// Takes over the state of a training, except its learning curves.
    ///
    /// # Errors
    /// [`StateError::Read`] where the device does not return a value.
    pub async fn update<B: TrainBackend>(
        &mut self,
        trainer: &Trainer<B>,
    ) -> Result<(), StateError> {
        self.header.progress = Some(trainer.progress);
        self.header.recipe = Some(trainer.recipe().clone());
        self.state = export(&trainer.twin.valid(), &self.header.config).await?;
        self.moments = match &trainer.optimizer.moments {
            Some([first, second]) => Some([host(first).await?, host(second).await?]),
            None => None,
        };
        Ok(())
    }

    /// The first layer's kernels, (width, 2, segments, ms); `None` for an ELM, which has none.
    pub fn first_layer(&self) -> Option<&HostTensor> {
        let name = "backbone_and_heads.backbone.first_conv.temporal_conv.weight";
        self.state.get(name).filter(|weight| weight.shape.len() == 4)
    }

    /// Number of parameters as the original counts them: all but running statistics.
    pub fn count_params(&self) -> usize {
        let trained = self.state.iter().filter(|(name, _)| !name.contains(".running_"));
        trained.map(|(_, tensor)| tensor.values.len()).sum()
    }
}

async fn host<B: Backend>(values: &Tensor<B, 1>) -> Result<Vec<f32>, StateError> {
    let failed =
        |e: &dyn std::fmt::Debug| StateError::Read("the moments".to_owned(), format!("{e:?}"));
    let data = values.clone().into_data_async().await.map_err(|e| failed(&e))?;
    data.into_vec().map_err(|e| failed(&e))
}
