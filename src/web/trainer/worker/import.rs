//! Stores a file's twin as a run.

use super::data::Set;
use super::hub::{AnswerTo, Answered, Hub};
use super::{model, run};
use crate::data::Split;
use crate::sim::NeuronParams;
use crate::twin::schedule::Recipe;
use crate::web::port::QuestionId;
use crate::web::trainer::protocol::{DataRef, Import, RunPlan};
use crate::web::trainer::store::RunStore;

impl Answered for Import {
    async fn answer(self, _: &Hub, _: QuestionId) -> AnswerTo<Self> {
        let Self { file, id, label, data } = self;
        run::check_id(&id)?;
        let mut checkpoint = (*model::load(&file).await?).clone();
        // the file's weights must fit its configuration; a twin on the CPU is made in no time
        let device = Default::default();
        checkpoint
            .twin::<burn::backend::Flex>(&device)
            .map_err(|error| format!("{}: {error}", model::name(&file)))?;
        let header = &mut checkpoint.header;
        let config = header.config.clone();
        let recipe = header.recipe.clone().unwrap_or_else(|| Recipe::of(config.kind()));
        let progress = header.progress.filter(|_| header.recipe.is_some());
        let count_of = |key: &str| header.data.get(key).and_then(|value| value.as_u64());
        let neuron = header.data.get("name").unwrap_or(&header.data).as_str().unwrap_or_default();
        let neuron = neuron.to_owned();
        let data = fitting(data, &neuron).await;
        let simulations = match (count_of("train"), count_of("valid")) {
            (Some(train), Some(valid)) => [train as usize, valid as usize],
            // a missing data set matters only once the training goes on
            _ => Set::open(&data)
                .await
                .map_or([0; 2], |set| [Split::Train, Split::Valid].map(|s| set.len(s))),
        };
        let plan = RunPlan { id, label, config, recipe, data, max_steps: None, parts: 1 };
        let mut record = run::record(plan, &checkpoint, simulations, neuron);
        let recipe = &record.plan.recipe;
        record.finished = progress.is_none_or(|p| p.epoch >= recipe.num_epochs);
        record.steps = recipe.steps(simulations[0]);
        if progress.is_none() {
            (record.step, record.steps) = (0, 0);
        }
        record.best_step = Some(progress.and_then(|p| p.best_step).unwrap_or(record.step));
        record.imported = true;
        let bytes = checkpoint.to_bytes()?;
        let store = RunStore::open().await?;
        store.delete(&record.plan.id).await?;
        store.put(&record, Some(&bytes), Some(&bytes)).await?;
        Ok(record)
    }
}

/// Recorded data sets, and a part of the short name of each one's neuron.
const RECORDED: [(&str, &str); 2] =
    [("ampa_point_small", "Dend_Lxd_128um"), ("nmda_cable_small", "Dend_Lxd_2048um")];

/// The chosen data set where it is of the twin's neuron, else a recorded data set of that neuron where one ships.
async fn fitting(data: DataRef, neuron: &str) -> DataRef {
    let chosen = Set::open(&data).await.ok();
    if chosen.as_ref().is_some_and(|set| neuron.is_empty() || set.name == neuron) {
        return data;
    }
    let plain = |part: &str| neuron.contains(part) && !NeuronParams::names_regions(neuron);
    match RECORDED.iter().find(|(_, part)| plain(part)) {
        Some((name, _)) => DataRef::Recorded((*name).to_owned()),
        // a twin of an unknown neuron is shown with the recorded cable rather than with no data set
        None if chosen.is_none() => DataRef::Recorded(RECORDED[1].0.to_owned()),
        None => data,
    }
}
