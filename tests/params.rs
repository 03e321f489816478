//! A neuron's JSON: what is accepted, and what the refusals say.
#![allow(clippy::unwrap_used)] // a test may

use ballstick::sim::{
    Branch, Channel, Inputs, Neuron, NeuronParams, Recording, SimError, simulate,
};

fn refusal(json: &str) -> String {
    NeuronParams::from_json(json).unwrap_err().to_string()
}

#[test]
fn an_empty_object_is_the_default_and_json_comes_back() {
    assert_eq!(NeuronParams::from_json("{}").unwrap(), NeuronParams::default());
    for name in NeuronParams::PRESETS {
        let params = NeuronParams::preset(name).unwrap();
        let text = serde_json::to_string(&params).unwrap();
        assert_eq!(NeuronParams::from_json(&text).unwrap(), params);
    }
    assert!(NeuronParams::preset("granule").unwrap_err().to_string().contains("nmda-cable"));
}

#[test]
fn every_key_is_listed() {
    let json = serde_json::to_value(NeuronParams {
        branches: Some(NeuronParams::default().branches()),
        channel_factors: [(Channel::SkE2, 0.5)].into(),
        sim_duration_ms: Some(3),
        ..NeuronParams::default()
    });
    let json = json.unwrap();
    for key in json.as_object().unwrap().keys() {
        assert!(NeuronParams::keys().contains(&key.as_str()), "{key} is not in keys()");
    }
}

#[test]
fn refusals_name_the_key_and_the_unit() {
    assert!(refusal(r#"{"g_max_AMPA_us": 1}"#).contains("did you mean \"g_max_AMPA_uS\"?"));
    assert!(refusal(r#"{"num_segments": "8"}"#).contains("\"num_segments\""));
    assert!(refusal(r#"{"num_segments": 0}"#).contains("segments"));
    assert!(refusal(r#"{"num_segments": 2.5}"#).contains("\"num_segments\""));
    assert!(refusal(r#"{"Ra_ohm_cm": -1}"#).contains("Ω·cm"));
    assert!(refusal(r#"{"epas_mV": 1e300}"#).contains("mV"));
    assert!(refusal(r#"{"channel_factors": {"NaTa": 1}}"#).contains("NaTa_t"));
    assert!(refusal(r#"{"channel_factors": {"NaTa_t": -1}}"#).contains("channel_factors.NaTa_t"));
    assert!(refusal("[]").contains("JSON object"));
    assert!(refusal("{").contains("JSON object"));
}

#[test]
fn whole_numbers_may_be_written_as_floats() {
    let params = NeuronParams::from_json(r#"{"num_segments": 4.0, "near_spike_V_diff": 5}"#);
    assert_eq!(params.unwrap().num_segments, 4);
}

#[test]
fn branches_are_checked() {
    let with = |branches: &str| refusal(&format!("{{\"branches\": {branches}}}"));
    let branch = |name: &str, parent: &str| {
        format!(
            r#"{{"name": "{name}", "parent": "{parent}", "L_um": 10, "diam_um": 1, "num_segments": 1}}"#
        )
    };
    assert!(with("[]").contains("at least one"));
    let orphan = format!("[{}]", branch("a", "b"));
    assert!(with(&orphan).contains("branches[0] (\"a\").parent"));
    let twice = format!("[{}, {}]", branch("a", "soma"), branch("a", "soma"));
    assert!(with(&twice).contains("branches[1] (\"a\").name"));
    let itself = format!("[{}]", branch("soma", "soma"));
    assert!(with(&itself).contains("name"));
    let thin = branch("a", "soma").replace("\"diam_um\": 1", "\"diam_um\": 0");
    assert!(with(&format!("[{thin}]")).contains("µm"));
}

#[test]
fn one_branch_is_the_ball_and_stick() {
    let stick = NeuronParams { num_segments: 3, ..NeuronParams::default() };
    let tree = NeuronParams { branches: Some(stick.branches()), ..NeuronParams::default() };
    assert_eq!(Neuron::new(&stick).unwrap(), Neuron::new(&tree).unwrap());
}

/// Branches of one segment: the first `comb` on each other, the others along them.
fn comb(comb: usize, branches: usize) -> NeuronParams {
    let branch = |i: usize| Branch {
        name: format!("b{i}"),
        parent: if i == 0 { Branch::SOMA.to_owned() } else { format!("b{}", (i - 1) % comb) },
        parent_x: if i < comb { 1.0 } else { (i % 3) as f64 / 2.0 },
        length_um: 10.0,
        diam_um: 1.0,
        num_segments: 1,
        region: Branch::DEND.to_owned(),
    };
    let branches = Some((0..branches).map(branch).collect());
    NeuronParams { branches, ..NeuronParams::default() }
}

#[test]
fn a_hundred_thousand_branches_are_placed_as_ten_are() {
    let large = comb(1000, 100_000);
    let shape = large.morphology();
    assert_eq!(shape.validate(), Ok(()));
    let (tree, places) = (shape.tree(), shape.places());
    assert_eq!((tree.segments.len(), places.len()), (100_000, 100_001));
    // every branch has a junction at its end, the soma two
    assert_eq!(tree.nodes.len(), 2 * 100_000 + 3);
    assert!(tree.nodes.iter().enumerate().skip(1).all(|(i, node)| node.parent < i));
    // the middle of the 1000th of the comb: half of the soma, and 999 branches and a half
    let soma = places[1].d_um - 5.0;
    assert!((places[1000].d_um - soma - 9995.0).abs() < 1e-6); // sums of 1000 roundings

    // breadth first; of siblings the smaller parent_x first, of those at the same one the last listed
    let tree = comb(2, 8).morphology().tree();
    let order = |i: usize| tree.segments.iter().filter(|&&node| node < tree.segments[i]).count();
    let order: Vec<usize> = (0..8).map(order).collect();
    // b0 on the soma; on b0: b3 (0.0), b7 (0.5), b1 and b5 (1.0); on b1: b6 (0.0), b4 (0.5), b2 (1.0)
    assert_eq!(order, [0, 4, 7, 1, 6, 3, 5, 2]);
}

#[test]
fn inputs_are_checked() {
    let params = NeuronParams::default();
    let error = |inputs: Inputs| simulate(&params, &inputs, None, &mut Recording::new());
    assert!(matches!(error(Inputs::silent(3, 10)), Err(SimError::Rows { expected: 8, .. })));
    let mut inputs = Inputs::silent(8, 10);
    inputs.exc[25] = f64::NAN;
    let weight = error(inputs).unwrap_err();
    assert!(matches!(weight, SimError::Weight { segment: 2, ms: 5, .. }), "{weight}");
    let mut inputs = Inputs::silent(8, 10);
    inputs.inh.pop();
    assert!(matches!(error(inputs), Err(SimError::Shape { found: 79, .. })));
}

#[test]
fn a_channel_can_be_switched_off() {
    let mut params = NeuronParams::default();
    for channel in [Channel::NaTa, Channel::NaTs2, Channel::NapEt2] {
        params.channel_factors.insert(channel, 0.0);
    }
    let mut inputs = Inputs::silent(8, 100);
    inputs.exc[10] = 50.0;
    let peak = |params: &NeuronParams| {
        let simulation = ballstick::data::Simulation::run(params, inputs.clone(), None, &[]);
        simulation.unwrap().v_soma_hr.iter().copied().fold(f64::MIN, f64::max)
    };
    assert!(peak(&NeuronParams::default()) > 20.0);
    assert!(peak(&params) < 0.0);
}
