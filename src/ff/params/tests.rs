use super::*;
use crate::ff::{Axon, FfNeuron};

fn fault(json: &str) -> String {
    FfParams::from_json(json).unwrap_err().to_string()
}

#[test]
fn every_preset_reads_back_and_is_named_for_its_nonlinearity() {
    for name in FfParams::PRESETS {
        let params = FfParams::preset(name).unwrap();
        params.validate().unwrap();
        let json = serde_json::to_string(&params).unwrap();
        assert_eq!(FfParams::from_json(&json).unwrap(), params);
        assert!(params.short_name().contains(params.nonlinearity.name()));
    }
    let unknown = FfParams::preset("ff-nmd").unwrap_err().to_string();
    assert!(unknown.contains("ff-nmda"), "{unknown}");
}

#[test]
fn the_list_of_keys_is_the_list_of_fields() {
    let all = FfParams { contacts: Some(vec![]), sim_duration_ms: Some(1), ..FfParams::default() };
    let serde_json::Value::Object(map) = serde_json::to_value(all).unwrap() else { panic!() };
    let mut written: Vec<&str> = map.keys().map(String::as_str).collect();
    let mut listed = FfParams::keys();
    written.sort_unstable();
    listed.sort_unstable();
    assert_eq!(written, listed);
}

#[test]
fn every_fault_names_its_key_and_its_unit() {
    let cases = [
        ("[1]", "not a JSON object"),
        ("{\"soma_tau\": 3}", "did you mean \"soma_tau_ms\""),
        ("{\"soma_tau_ms\": \"x\"}", "key \"soma_tau_ms\""),
        ("{\"nonlinearity\": \"cubic\"}", "key \"nonlinearity\""),
        ("{\"soma_tau_ms\": 0}", "soma_tau_ms = 0: must lie in 0.01..10000 ms"),
        ("{\"threshold_mV\": -90}", "threshold_mV = -90: must lie in -84.9..200 mV, above rest"),
        ("{\"reset_mV\": -50}", "reset_mV = -50"),
        ("{\"spike_peak_mV\": -70}", "spike_peak_mV = -70"),
        ("{\"refractory_ms\": 0.5}", "refractory_ms = 0.5: must lie in 1..10000 ms"),
        ("{\"num_branches\": 0}", "num_branches = 0"),
        ("{\"num_branches\": 100000, \"contacts_per_axon\": 500}", "contacts_per_axon = 100000000"),
        ("{\"delay_range_ms\": [3, 1]}", "delay_range_ms = [3, 1]: must be [least, greatest]"),
        ("{\"tau_rise_range_ms\": [0, 1]}", "tau_rise_range_ms = [0, 1]"),
        ("{\"tau_rise_range_ms\": [1]}", "key \"tau_rise_range_ms\""),
    ];
    for (json, expected) in cases {
        let found = fault(json);
        assert!(found.contains(expected), "{json}: {found}");
    }
    let contact = |change: &str| {
        let own = r#""axon": "exc", "input": 0, "branch": 1, "weight_mV": 1, "tau_rise_ms": 1"#;
        format!("{{\"contacts\": [{{{own}, \"tau_decay_ms\": 5{change}}}]}}")
    };
    FfParams::from_json(&contact("")).unwrap();
    assert!(fault(&contact(", \"delay_ms\": -1")).contains("contacts[0].delay_ms = -1"));
    assert!(fault(&contact(", \"delay\": 1")).contains("key \"contacts\": unknown field `delay`"));
    let short = contact("").replace("\"tau_decay_ms\": 5", "\"tau_decay_ms\": 1");
    assert!(fault(&short).contains("contacts[0].tau_decay_ms = 1: must lie in 1.01"));
    let far = contact("").replace("\"branch\": 1", "\"branch\": 8");
    assert!(fault(&far).contains("contacts[0].branch = 8: must be a whole number in 0..7"));
}

#[test]
fn drawn_contacts_keep_their_ranges_and_their_place() {
    let params = FfParams { num_branches: 40, ..FfParams::default() };
    let contacts = params.contacts();
    assert_eq!(contacts.len(), 40 * 2 * 5);
    let within = |x: f64, [least, most]: [f64; 2]| least <= x && x <= most;
    for (i, c) in contacts.iter().enumerate() {
        c.validate(i, 40).unwrap();
        assert!(within(c.tau_rise_ms, params.tau_rise_range_ms));
        assert!(within(c.tau_decay_ms, params.tau_decay_range_ms));
        assert!(c.tau_decay_ms >= 1.5 * c.tau_rise_ms);
        assert!(within(c.delay_ms, params.delay_range_ms));
        let weights = match c.axon {
            Axon::Excitatory => params.weight_exc_range_mv,
            Axon::Inhibitory => params.weight_inh_range_mv,
        };
        assert!(within(c.weight_mv, weights));
        assert!(!i.is_multiple_of(5) || c.branch == c.input, "an axon's first contact is at home");
    }
    let away = contacts.iter().filter(|c| c.branch != c.input).count();
    assert!(away > 250, "spread: {away} of 320 that may be");
    let clustered = FfParams { placement: Placement::Clustered, ..params.clone() };
    assert!(clustered.contacts().iter().all(|c| c.branch == c.input));
    let other = FfParams { wiring_seed: 1, ..params.clone() };
    assert_ne!(other.contacts(), contacts);
    assert_eq!(params.contacts(), contacts);
}

#[test]
fn listed_contacts_are_taken_as_they_are() {
    let json = r#"{"num_branches": 2, "contacts": [
        {"axon": "exc", "input": 0, "branch": 1, "weight_mV": 3, "tau_rise_ms": 1, "tau_decay_ms": 5},
        {"axon": "exc", "input": 0, "branch": 1, "weight_mV": 2, "tau_rise_ms": 2, "tau_decay_ms": 9, "delay_ms": 4},
        {"axon": "inh", "input": 1, "branch": 0, "weight_mV": 1, "tau_rise_ms": 1, "tau_decay_ms": 5}]}"#;
    let params = FfParams::from_json(json).unwrap();
    assert_eq!(params.short_name(), "FilterAndFireNeuron_linear_2branches_3contacts");
    let mut neuron = FfNeuron::new(&params).unwrap();
    neuron.deliver(0, 1.0, 1.0);
    (0..6).for_each(|_| neuron.step());
    assert_eq!(neuron.branch_sum_mv(0), 0.0, "row 0 has no inhibitory contact");
    assert!(neuron.branch_sum_mv(1) > 0.0);
}
