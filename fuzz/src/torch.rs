//! Checkpoints of both kinds: PyTorch's archives, and safetensors.

use std::io::Cursor;
use std::sync::OnceLock;

use ballstick::data::Model;
use ballstick::data::pickle::{Object, Protocol};
use ballstick::twin::config::{TwinConfig, TwinKind};
use ballstick::twin::scaling::Scaling;
use ballstick::twin::schedule::Recipe;
use ballstick::twin::train::Progress;
use ballstick::twin::weights::{Checkpoint, Header, HostTensor, StateDict, read_pt};
use serde_json::{Map, Value, json};

use crate::json::some;
use crate::{Result, Unstructured, damage, one, rarely, zip};

/// What the files of one architecture's twin hold beside weights.
struct Twin {
    /// The header of a `.safetensors`.
    header: Value,
    /// The constructor's arguments and the scaling of a `.pt`.
    arguments: Value,
    /// A `.pt`'s metadata.
    metadata: Value,
}

/// A twin of each architecture.
fn twins() -> &'static [Twin] {
    static TWINS: OnceLock<Vec<Twin>> = OnceLock::new();
    TWINS.get_or_init(|| TwinKind::ALL.map(twin).into())
}

fn one_of(u: &mut Unstructured<'_>) -> Result<&'static Twin> {
    u.choose(twins())
}

fn twin(kind: TwinKind) -> Twin {
    let config = TwinConfig::default_of(kind);
    let mut header = Header::new(config.clone(), Scaling::default(), 12_345);
    header.neuron = Model::preset("nmda-cable").map(|neuron| neuron.to_json()).unwrap_or_default();
    header.data = json!({"name": "set", "train": 40, "valid": 3});
    header.recipe = Some(Recipe::of(kind));
    header.progress = Some(Progress { step: 4, epoch: 2, ..Progress::start() });
    header.metrics = json!({"AUC_score": 0.9, "soma_explained_variance_percent": 90.0});
    let mut checkpoint = Checkpoint::new(header, state());
    checkpoint.curves.train = vec![[1.0, 0.0, 1e-3, 0.1, 0.2, 0.3, 0.4, 0.5, 6.0, 7.0].into(); 2];
    checkpoint.curves.valid = vec![[2.0, 0.0, 0.5, 0.2, 0.3, 0.4, 0.5, 6.0, 1.0].into()];
    let pt = checkpoint.to_torch().expect("a checkpoint is written");
    let metadata = read_pt(Cursor::new(pt)).expect("what is written is read").metadata;
    let mut arguments = serde_json::to_value(config).unwrap_or_default()["config"].take();
    let scaling = serde_json::to_value(Scaling::default()).unwrap_or_default();
    if let (Some(all), Value::Object(scaling)) = (arguments.as_object_mut(), scaling) {
        all.extend(scaling);
    }
    let header = serde_json::to_value(&checkpoint.header).unwrap_or_default();
    Twin { header, arguments, metadata }
}

fn state() -> StateDict {
    StateDict::from([("w".to_owned(), HostTensor { shape: vec![2], values: vec![0.5, -1.0] })])
}

/// Names of tensors, of which some mean something.
const NAMES: [&str; 9] = [
    "w",
    "module.w",
    "_orig_mod.b",
    "optimizer.exp_avg",
    "optimizer.exp_avg_sq",
    "curve.train",
    "curve.valid",
    "x.running_mean",
    "x.num_batches_tracked",
];

fn name(u: &mut Unstructured<'_>) -> Result<String> {
    if rarely(u, 8)? { u.arbitrary() } else { Ok(one(u, &NAMES)?.to_owned()) }
}

/// A length, mostly a short one.
fn length(u: &mut Unstructured<'_>) -> Result<usize> {
    if rarely(u, 32)? { u.arbitrary() } else { u.int_in_range(0..=10) }
}

/// A `.safetensors`.
pub fn safetensors(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let twin = one_of(u)?;
    let header = some(u, &twin.header)?.to_string();
    let (mut all, mut data) = (Map::new(), Vec::new());
    all.insert("__metadata__".to_owned(), json!({ "ballstick": header }));
    for _ in 0..u.int_in_range(0..=5)? {
        let name = name(u)?;
        let (kind, size) = u
            .choose(&[("F32", 4), ("F64", 8), ("F16", 2), ("BF16", 2), ("I64", 8), ("U8", 1)])
            .copied()?;
        let shape = match name.as_str() {
            "curve.train" if !rarely(u, 8)? => vec![u.int_in_range(0..=3)?, 10],
            "curve.valid" if !rarely(u, 8)? => vec![u.int_in_range(0..=3)?, 9],
            _ => {
                let axes = u.int_in_range(0..=3)?;
                (0..axes).map(|_| length(u)).collect::<Result<Vec<usize>>>()?
            }
        };
        let bytes = shape.iter().fold(size, |n: usize, &d| n.saturating_mul(d)).min(1 << 16);
        let from = data.len();
        let given = u.bytes(u.len().min(bytes))?;
        data.extend(given);
        data.resize(from + bytes, 0x3c);
        let to = if rarely(u, 32)? { u.arbitrary()? } else { data.len() };
        all.insert(name, json!({"dtype": kind, "shape": shape, "data_offsets": [from, to]}));
    }
    let text = Value::Object(all).to_string();
    let mut out = (text.len() as u64).to_le_bytes().to_vec();
    out.extend(text.as_bytes());
    out.extend(data);
    damage(u, &mut out)?;
    Ok(out)
}

fn pairs(json: &Value) -> Vec<(Object, Object)> {
    match Object::from(json) {
        Object::Dict(entries) => entries,
        _ => Vec::new(),
    }
}

fn ordered(entries: Vec<(Object, Object)>) -> Object {
    Object::Filled(Box::new(Object::Global("collections", "OrderedDict")), entries)
}

/// A view into a storage.
fn tensor(u: &mut Unstructured<'_>, storages: usize) -> Result<Object> {
    const KINDS: [&str; 6] = [
        "FloatStorage",
        "DoubleStorage",
        "HalfStorage",
        "BFloat16Storage",
        "LongStorage",
        "ByteStorage",
    ];
    let axes = u.int_in_range(0..=3)?;
    let shape = (0..axes).map(|_| length(u)).collect::<Result<Vec<usize>>>()?;
    let mut strides = vec![1_usize; axes];
    for i in (1..axes).rev() {
        strides[i - 1] = strides[i].saturating_mul(shape[i]);
    }
    if rarely(u, 8)? {
        strides = (0..axes).map(|_| length(u)).collect::<Result<Vec<usize>>>()?;
    }
    let tuple = |sizes: &[usize]| Object::Tuple(sizes.iter().map(|&n| n.into()).collect());
    let key = if storages > 0 { u.choose_index(storages)? } else { 0 };
    let storage = Object::Persistent(Box::new(Object::Tuple(vec![
        "storage".into(),
        Object::Global("torch", one(u, &KINDS)?),
        Object::Str(key.to_string()),
        "cpu".into(),
        length(u)?.into(),
    ])));
    let offset = if rarely(u, 4)? { length(u)? } else { 0 };
    let arguments = vec![
        storage,
        offset.into(),
        tuple(&shape),
        tuple(&strides),
        Object::Bool(false),
        ordered(Vec::new()),
    ];
    Ok(Object::Call(Box::new(Object::Global("torch._utils", "_rebuild_tensor_v2")), arguments))
}

/// A `.pt`.
pub fn pt(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let twin = one_of(u)?;
    let arguments = some(u, &twin.arguments)?;
    let metadata = some(u, &twin.metadata)?;
    let mut storages = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let length = 4 * u.int_in_range(0..=100)?;
        let mut bytes = u.bytes(u.len().min(length))?.to_vec();
        bytes.resize(length, 0x3c);
        storages.push(bytes);
    }
    let mut state = Vec::new();
    for _ in 0..u.int_in_range(0..=5)? {
        let name = name(u)?;
        state.push((Object::Str(name), tensor(u, storages.len())?));
    }
    let mut root = vec![(Object::from("model_state_dict"), ordered(state))];
    root.extend(pairs(&arguments));
    root.push(("metadata".into(), Object::from(&metadata)));
    let protocol = if u.arbitrary()? { Protocol::Four } else { Protocol::Two };
    let mut pickle = Object::Dict(root).pickle(protocol);
    damage(u, &mut pickle)?;
    let mut files = vec![("twin/data.pkl".to_owned(), pickle)];
    if rarely(u, 4)? {
        files.push(("twin/byteorder".to_owned(), one(u, &["little", "big"])?.into()));
    }
    files.extend(
        storages.into_iter().enumerate().map(|(i, bytes)| (format!("twin/data/{i}"), bytes)),
    );
    zip::archive(u, &files)
}
