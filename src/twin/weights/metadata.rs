//! The `metadata` that the original keeps with a twin's weights: neuron, training, learning curves and metrics. This
//! room writes and reads them.

use serde_json::{Value, json};

use super::checkpoint::{Checkpoint, Header};
use crate::data::Model;
use crate::data::neuron_file::file_name;
use crate::data::pickle::Object;
use crate::twin::heads::{HEADS, Head};
use crate::twin::train::Progress;
use crate::twin::train::curve::{LearningCurves, Losses, TrainRow, ValidRow};
use crate::twin::train::schedule::Recipe;

/// The least improvement by which the original counts a later validation as the best.
const BEST_SLACK: f32 = 1e-4;

/// The `metadata` of a twin. The key `ballstick` holds our own header, so that nothing is lost on the way back.
///
/// # Errors
/// `serde_json::Error` where a part of the header has no JSON form; its numbers and texts always have one.
pub(super) fn metadata(checkpoint: &Checkpoint) -> Result<Object, serde_json::Error> {
    let header = &checkpoint.header;
    let neuron = Model::from_json(&header.neuron.to_string()).ok().map(|n| n.short_name());
    let by_data = header.data["name"].as_str().unwrap_or("unknown").to_owned();
    let neuron = neuron.unwrap_or(by_data);
    let mut entries = vec![(
        "original_neuron_model",
        Object::from(&json!({
            "original_neuron_model_name": neuron,
            "original_neuron_model_file": file_name(&neuron),
            "original_neuron_model_folder": header.data["name"].as_str().unwrap_or(&neuron),
        })),
    )];
    if let Some(recipe) = &header.recipe {
        entries.push(("training_params", training_params(recipe, checkpoint)));
        if !checkpoint.curves.train.is_empty() {
            entries.push(("learning_curves", learning_curves(recipe, checkpoint)));
        }
    }
    if header.metrics.is_object() {
        entries.push(("eval_metrics", Object::from(&header.metrics)));
    }
    entries.push(("ballstick", Object::from(&serde_json::to_value(header)?)));
    Ok(Object::dict(entries))
}

fn training_params(recipe: &Recipe, checkpoint: &Checkpoint) -> Object {
    let steps = checkpoint.curves.train.iter().filter(|row| row.losses.epoch == 0.0).count();
    let mut params = json!({
        "train_time_window_size": recipe.train_time_window_size,
        "valid_time_window_size": recipe.valid_time_window_size,
        "train_batch_size": recipe.train_batch_size,
        "valid_batch_size": recipe.valid_batch_size,
        "num_epochs": recipe.num_epochs,
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "max_grad_norm": recipe.max_grad_norm,
        "num_warmup_epochs": recipe.warmup_epochs(),
        "num_cooldown_epochs": recipe.cooldown_epochs(),
        "num_batches_per_valid_eval": recipe.steps_per_validation(steps),
    });
    let weights = recipe.loss_weights_init.iter().zip(&recipe.loss_weights_final);
    for (loss, (first, last)) in HEADS.iter().zip(weights) {
        params[format!("{loss}_loss_weight_init")] = (*first).into();
        params[format!("{loss}_loss_weight_final")] = (*last).into();
    }
    let Object::Dict(mut entries) = Object::from(&params) else { return Object::None };
    let pair = |pair: [f64; 2]| Object::Tuple(pair.map(Object::Float).to_vec());
    let [start, end] = recipe.transition_epochs();
    entries.extend([
        ("warmup_lr_start_end_factors".into(), pair(recipe.warmup_lr_start_end_factors)),
        ("cooldown_lr_start_end_factors".into(), pair(recipe.cooldown_lr_start_end_factors)),
        ("loss_weight_transition_start_epoch".into(), Object::Float(start)),
        ("loss_weight_transition_end_epoch".into(), Object::Float(end)),
    ]);
    Object::Dict(entries)
}

/// The learning curves as the original's lists, in which iterations count from 0.
fn learning_curves(recipe: &Recipe, checkpoint: &Checkpoint) -> Object {
    let LearningCurves { train, valid } = &checkpoint.curves;
    let mut lists: Vec<(String, Object)> = Vec::new();
    // a file may say any epoch
    let epochs = train.last().map_or(0, |row| (row.losses.epoch as usize).saturating_add(1));
    let epochs = epochs.min(recipe.num_epochs);
    let rates = (0..epochs).map(|epoch| recipe.learning_rate(epoch));
    lists.push(("learning_rate_list".to_owned(), Object::floats(rates)));
    lists.extend(split_lists("train", train.iter().map(|row| row.losses).collect(), recipe));
    let norms = train.iter().map(|row| f64::from(row.grad_norm));
    lists.push(("train_grad_norms".to_owned(), Object::floats(norms)));
    lists.extend(split_lists("valid", valid.iter().map(|row| row.losses).collect(), recipe));
    Object::Dict(lists.into_iter().map(|(key, list)| (key.as_str().into(), list)).collect())
}

/// The learning curves of one split as the original's lists.
fn split_lists(split: &str, rows: Vec<Losses>, recipe: &Recipe) -> Vec<(String, Object)> {
    let whole = |of: fn(&Losses) -> f32| {
        Object::List(rows.iter().map(|row| Object::Int(of(row) as i64)).collect())
    };
    let mut lists = vec![
        (format!("{split}_iter_list"), whole(|row| row.step - 1.0)),
        (format!("{split}_epoch_list"), whole(|row| row.epoch)),
    ];
    for (i, loss) in HEADS.iter().enumerate() {
        let values = rows.iter().map(|row| f64::from(row.heads[i]));
        lists.push((format!("{split}_losses_{loss}"), Object::floats(values)));
        let weights = rows.iter().map(|row| recipe.loss_weights(row.epoch as usize)[i]);
        lists.push((format!("{split}_losses_weights_{loss}"), Object::floats(weights)));
    }
    let totals = rows.iter().map(|row| f64::from(row.total));
    lists.push((format!("{split}_losses_total"), Object::floats(totals)));
    lists
}

/// Fills in a checkpoint from the original's `metadata`: with our own header where it is there, otherwise with the
/// original's entries.
pub(super) fn adopt(checkpoint: &mut Checkpoint, metadata: &Value) {
    let ours = metadata.get("ballstick").cloned();
    let ours: Option<Header> = ours.and_then(|json| serde_json::from_value(json).ok());
    let header = &mut checkpoint.header;
    header.data = metadata.get("original_neuron_model").cloned().unwrap_or_default();
    header.recipe = metadata.get("training_params").and_then(recipe);
    if let Some(ours) = ours {
        header.data = ours.data;
        header.neuron = ours.neuron;
        header.recipe = ours.recipe.filter(|recipe| recipe.check().is_ok());
        header.progress = ours.progress;
    }
    header.metrics = metadata.get("eval_metrics").cloned().unwrap_or_default();
    let Some(curves) = metadata.get("learning_curves") else { return };
    let epochs = header.recipe.as_ref().map_or(1, |r| r.num_epochs).max(1);
    let rates = column(curves, "learning_rate_list");
    let grads = column(curves, "train_grad_norms");
    let train = read_split(curves, "train", epochs);
    let rate = |epoch: f32| rates.get(epoch as usize).copied().unwrap_or(f32::NAN);
    let train = train.into_iter().enumerate().map(|(i, losses)| TrainRow {
        losses,
        learning_rate: rate(losses.epoch),
        grad_norm: grads.get(i).copied().unwrap_or(f32::NAN),
    });
    checkpoint.curves.train = train.collect();
    let mut best_below = f32::INFINITY;
    let valid = read_split(curves, "valid", epochs).into_iter().map(|losses| {
        let spikes = losses.heads[Head::Spikes.at()];
        let best = spikes < best_below;
        if best {
            best_below = spikes + BEST_SLACK;
        }
        ValidRow { losses, best }
    });
    checkpoint.curves.valid = valid.collect();
    let header = &mut checkpoint.header;
    if header.progress.is_none()
        && let Some(last) = checkpoint.curves.train.last()
    {
        let (step, epoch) =
            (last.losses.step as u64, (last.losses.epoch as usize).saturating_add(1));
        header.progress = Some(Progress { step, epoch, ..Progress::start() });
    }
}

fn column(curves: &Value, key: &str) -> Vec<f32> {
    let list = curves.get(key).and_then(Value::as_array);
    let number = |v: &Value| v.as_f64().map_or(f32::NAN, |x| x as f32);
    list.map(|list| list.iter().map(number).collect()).unwrap_or_default()
}

/// The losses of one split, as many rows as the shortest list has.
fn read_split(curves: &Value, split: &str, epochs: usize) -> Vec<Losses> {
    let iterations = column(curves, &format!("{split}_iter_list"));
    let per_epoch = iterations.len().div_ceil(epochs).max(1);
    let known = column(curves, &format!("{split}_epoch_list"));
    let losses = HEADS.map(|loss| column(curves, &format!("{split}_losses_{loss}")));
    let totals = column(curves, &format!("{split}_losses_total"));
    let rows = losses.iter().map(Vec::len).chain([iterations.len(), totals.len()]).min();
    let rows = rows.unwrap_or(0);
    (0..rows)
        .map(|i| {
            let epoch = known.get(i).copied().unwrap_or((i / per_epoch) as f32);
            let heads = std::array::from_fn(|head| losses[head][i]);
            Losses { step: iterations[i] + 1.0, epoch, heads, total: totals[i] }
        })
        .collect()
}

/// The recipe of the original's `training_params`; `None` where this trainer cannot follow it.
fn recipe(params: &Value) -> Option<Recipe> {
    let mut json = json!({});
    for key in Recipe::ORIGINAL_KEYS {
        if let Some(value) = params.get(key).filter(|value| !value.is_null()) {
            json[key] = value.clone();
        }
    }
    for when in ["init", "final"] {
        let weight = |loss: &&str| params.get(format!("{loss}_loss_weight_{when}"))?.as_f64();
        let weights: Option<Vec<f64>> = HEADS.iter().map(weight).collect();
        if let Some(weights) = weights {
            json[format!("loss_weights_{when}")] = weights.into();
        }
    }
    let recipe: Recipe = serde_json::from_value(json).ok()?;
    recipe.check().is_ok().then_some(recipe)
}

impl Checkpoint {
    /// The original's name of a twin's file: neuron and twin, and for an evaluated twin its AUC and the explained
    /// variances of soma and calibration.
    #[must_use]
    pub fn torch_file_name(&self) -> String {
        let header = &self.header;
        let neuron = Model::from_json(&header.neuron.to_string()).ok().map(|n| n.short_name());
        let neuron = neuron.or_else(|| Some(header.data["name"].as_str()?.to_owned()));
        let name = [neuron.unwrap_or_default(), header.short_name.clone()];
        let name = name.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
        let metric = |key: &str| header.metrics.get(key).and_then(Value::as_f64);
        let all = (
            metric("AUC_score"),
            metric("soma_explained_variance_percent"),
            metric("calibration_explained_variance_percent"),
        );
        let (Some(auc), Some(soma), Some(calibration)) = all else { return name + ".pt" };
        let (auc, soma, calibration) = (1e4 * auc, 10.0 * soma, 100.0 * calibration);
        // both underscores before calibR2 are the original's
        format!("{name}_AUC_0_{auc:.0}_somaR2_{soma:.0}__calibR2_{calibration:.0}.pt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::config::{TwinConfig, TwinKind};
    use crate::twin::scaling::Scaling;
    use crate::twin::weights::{HostTensor, StateDict};

    fn trained() -> Checkpoint {
        let config = TwinConfig::default_of(TwinKind::Elm);
        let mut header = Header::new(config, Scaling::default(), 12_345);
        header.neuron = Model::preset("nmda-cable").unwrap().to_json();
        header.data = json!({"name": "set", "train": 40, "valid": 3});
        header.recipe = Some(Recipe { num_epochs: 12, weight_decay: 0.02, ..Recipe::default() });
        header.progress = Some(Progress { step: 4, epoch: 2, ..Progress::start() });
        let tensor = HostTensor { shape: vec![2], values: vec![0.5, -1.0] };
        let state = StateDict::from([("w".to_owned(), tensor)]);
        let mut checkpoint = Checkpoint::new(header, state);
        checkpoint.curves.train = (0..4)
            .map(|i| {
                let x = i as f32;
                let epoch = (i / 2) as f32;
                let rate = checkpoint.header.recipe.as_ref().unwrap().learning_rate(i / 2) as f32;
                [x + 1.0, epoch, rate, 0.1 * x, 0.2, 0.3, 0.4, 0.5, 6.0, 7.0 + x].into()
            })
            .collect();
        checkpoint.curves.valid = vec![
            [2.0, 0.0, 0.5, 0.2, 0.3, 0.4, 0.5, 6.0, 1.0].into(),
            [4.0, 1.0, 0.6, 0.2, 0.3, 0.4, 0.5, 6.0, 0.0].into(),
        ];
        checkpoint
    }

    fn read(object: &Object) -> Value {
        let bytes = object.pickle(crate::data::pickle::Protocol::Two);
        let pickle = crate::data::pickle::read(&bytes).unwrap();
        pickle.json(pickle.root)
    }

    #[test]
    fn a_training_survives_the_original_s_metadata() {
        let before = trained();
        let json = read(&metadata(&before).unwrap());
        let mut after = Checkpoint::new(
            Header::new(before.header.config.clone(), before.header.scaling, 0),
            StateDict::new(),
        );
        adopt(&mut after, &json);
        assert_eq!(after.header.recipe, before.header.recipe);
        assert_eq!(after.header.progress, before.header.progress);
        assert_eq!(after.header.neuron, before.header.neuron);
        assert_eq!(after.header.data, before.header.data);
        assert_eq!(after.curves, before.curves);
    }

    #[test]
    fn a_training_of_the_original_is_understood() {
        let mut json = read(&metadata(&trained()).unwrap());
        // metadata as the original writes them: without our header and our lists of epochs
        json.as_object_mut().unwrap().remove("ballstick");
        let curves = json["learning_curves"].as_object_mut().unwrap();
        curves.remove("train_epoch_list");
        curves.remove("valid_epoch_list");
        json["training_params"]["num_epochs"] = 2.into();
        json["training_params"]["num_warmup_epochs"] = Value::Null;
        json["training_params"]["num_cooldown_epochs"] = Value::Null;
        let mut after = trained();
        after.header.progress = None;
        adopt(&mut after, &json);
        let recipe = after.header.recipe.unwrap();
        assert_eq!((recipe.num_epochs, recipe.weight_decay), (2, 0.02));
        let step = |row: &TrainRow| [row.losses.step, row.losses.epoch];
        let steps: Vec<[f32; 2]> = after.curves.train.iter().map(step).collect();
        assert_eq!(steps, [[1.0, 0.0], [2.0, 0.0], [3.0, 1.0], [4.0, 1.0]]);
        assert_eq!(after.header.progress.unwrap().step, 4);
        assert_eq!(json["training_params"]["warmup_lr_start_end_factors"], json!([0.001, 0.6]));
        assert_eq!(json["learning_curves"]["train_iter_list"], json!([0, 1, 2, 3]));
    }

    #[test]
    fn an_epoch_that_no_training_has_makes_no_list_of_its_length() {
        let mut before = trained();
        before.curves.train[3].losses.epoch = 1e30;
        let json = read(&metadata(&before).unwrap());
        assert_eq!(json["learning_curves"]["learning_rate_list"].as_array().unwrap().len(), 12);
        let mut after = trained();
        after.header.progress = None;
        let mut foreign = json.clone();
        foreign.as_object_mut().unwrap().remove("ballstick");
        adopt(&mut after, &foreign);
        assert!(after.header.progress.unwrap().epoch > usize::MAX / 4);
    }

    #[test]
    fn a_file_is_named_as_the_original_names_it() {
        let mut checkpoint = trained();
        let short = checkpoint.header.short_name.clone();
        let neuron = "BallAndStickNeuron_Soma_Hay2011_Dend_Lxd_2048um_x_1_0um_8segs";
        assert_eq!(checkpoint.torch_file_name(), format!("{neuron}_{short}.pt"));
        checkpoint.header.metrics = json!({"AUC_score": 0.98764,
            "soma_explained_variance_percent": 93.21,
            "calibration_explained_variance_percent": 99.234});
        let end = "_AUC_0_9876_somaR2_932__calibR2_9923.pt";
        assert_eq!(checkpoint.torch_file_name(), format!("{neuron}_{short}{end}"));
    }
}
