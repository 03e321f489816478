//! The worker's answers, in a real worker: the same bits as natively. The fixture is written by
//! `BALLSTICK_WRITE=1 cargo test --features web --test worker`.
#![cfg(feature = "web")]

use ballstick::experiment::samples::Samples;
use ballstick::experiment::{CloseUp, Experiment, Outcome, SynapticEvent};
use ballstick::sim::{Channel, CurrentClamp, NeuronParams};
use serde::{Deserialize, Serialize};

/// What identifies an outcome to the last bit.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Fingerprint {
    samples: usize,
    spikes_ms: Vec<f64>,
    soma: String,
    dend: String,
    every_step: String,
    close_up: String,
}

/// FNV-1a over the bits of the samples.
fn hash<'a>(traces: impl IntoIterator<Item = &'a Samples>) -> String {
    let bytes = traces.into_iter().flat_map(|trace| trace.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn fingerprint(outcome: &Outcome) -> Fingerprint {
    let opened = outcome.close_up.as_ref();
    let channels = opened.into_iter().flat_map(|opened| {
        let gates =
            opened.channels.iter().flat_map(|c| [&c.current, &c.activation, &c.inactivation]);
        gates.chain([&opened.cai_mm, &opened.leak])
    });
    Fingerprint {
        samples: outcome.soma_mv.len(),
        spikes_ms: outcome.spikes_ms.clone(),
        soma: hash([&outcome.soma_mv]),
        dend: hash([&outcome.dend_mv]),
        every_step: hash(
            outcome.watched_mv.iter().map(|(_, mv)| mv).chain([&outcome.dend_peaks_mv]),
        ),
        close_up: hash(channels),
    }
}

/// Synapses of both kinds, a current step, SK_E2 on and a channel off: everything a lesson sets.
fn experiment() -> Experiment {
    let mut params = NeuronParams { sk_e2_factor: 1.0, ..NeuronParams::default() };
    params.channel_factors.insert(Channel::Im, 0.0);
    let events = (0..60)
        .map(|k| SynapticEvent {
            segment: (5 * k) % 8,
            t_ms: 7 * k,
            excitatory: k % 4 != 0,
            weight: 1.5 + (k % 5) as f64,
        })
        .collect();
    let clamp = Some(CurrentClamp { start_ms: 20.0, duration_ms: 300.0, amplitude_na: 0.2 });
    let close_up =
        Some(CloseUp { spike: 1, without_spike_ms: 20.0, before_ms: 3.0, after_ms: 7.0 });
    Experiment { params, duration_ms: 512, clamp, events, close_up, watch: vec![3, 7] }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_fixture_is_what_is_simulated_natively() -> Result<(), Box<dyn std::error::Error>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/worker.json");
    let native = fingerprint(&experiment().run()?);
    assert!(native.spikes_ms.len() > 2);
    if std::env::var_os("BALLSTICK_WRITE").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&native)? + "\n")?;
    }
    assert_eq!(native, serde_json::from_str(&std::fs::read_to_string(path)?)?);
    Ok(())
}

#[cfg(target_arch = "wasm32")]
mod in_a_worker {
    use super::*;
    use ballstick::experiment::RateCurve;
    use ballstick::experiment::curves::InputOutput;
    use ballstick::web::port::{FromWorker, Question, QuestionId, ToWorker, from_js, to_js};
    use ballstick::web::protocol::{Curves, Draft, Simulate, Simulator, SimulatorOrder};
    use ballstick::web::worker::Queue;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_dedicated_worker);

    /// A reply of a queue to a question.
    #[derive(Debug, PartialEq)]
    enum Said<Q: Question> {
        Part(Q::Part),
        Answer(Q::Answer),
        Failed(String),
    }

    /// Asks a question as if it had been posted and delivered.
    fn send<Q: Question<Service = Simulator>>(queue: &mut Queue, id: u32, question: Q) {
        let message = ToWorker::Ask(QuestionId(id), question.order());
        let delivered = to_js(&message).and_then(from_js).expect("a message");
        assert_eq!(delivered, message);
        let ToWorker::Ask(id, SimulatorOrder::Computation(computation)) = delivered else {
            panic!("{delivered:?}");
        };
        queue.add(id, computation);
    }

    /// The next reply of the queue to a question of type `Q`, with the question's number; `None` once no work is left.
    fn hear<Q: Question>(queue: &mut Queue) -> Option<(u32, Said<Q>)> {
        let message = loop {
            match queue.turn() {
                Some(message) => break message,
                None if queue.is_empty() => return None,
                None => {}
            }
        };
        let message = to_js(&message).and_then(from_js).expect("a message");
        Some(match message {
            FromWorker::Part(QuestionId(id), js) => (id, Said::Part(from_js(js).expect("a part"))),
            FromWorker::Answer(QuestionId(id), js) => {
                (id, Said::Answer(from_js(js).expect("an answer")))
            }
            FromWorker::Failed(QuestionId(id), why) => (id, Said::Failed(why)),
            other => panic!("{other:?}"),
        })
    }

    #[wasm_bindgen_test]
    fn a_simulation_has_the_native_bits() {
        let mut queue = Queue::default();
        send(&mut queue, 7, Simulate(experiment()));
        let Some((7, Said::Answer(outcome))) = hear::<Simulate>(&mut queue) else {
            panic!("no outcome");
        };
        let native: Fingerprint =
            serde_json::from_str(include_str!("fixtures/worker.json")).expect("the fixture");
        assert_eq!(fingerprint(&outcome), native);
        assert!(queue.is_empty());
    }

    fn curve() -> RateCurve {
        let params = NeuronParams { num_segments: 1, ..NeuronParams::default() };
        let amplitudes_na = vec![0.0, 0.2, 0.4];
        RateCurve { params, amplitudes_na, duration_ms: 200 }
    }

    #[wasm_bindgen_test]
    fn a_curve_comes_in_parts_and_lets_others_in_between() {
        let mut queue = Queue::default();
        send(&mut queue, 1, curve());
        let first = hear::<RateCurve>(&mut queue);
        assert!(matches!(&first, Some((1, Said::Part(rates))) if rates.len() == 1));
        send(&mut queue, 2, Simulate(experiment()));
        // a question that has had no turn yet comes first
        assert!(matches!(hear::<Simulate>(&mut queue), Some((2, Said::Answer(_)))));
        hear::<RateCurve>(&mut queue); // the curve's second amplitude
        let Some((1, Said::Answer(rates))) = hear::<RateCurve>(&mut queue) else {
            panic!("no curve");
        };
        assert!(rates.windows(2).all(|w| w[0].1 <= w[1].1) && rates[2].1 > 0.0, "{rates:?}");
    }

    #[wasm_bindgen_test]
    fn a_draft_comes_before_what_it_is_of() {
        let mut queue = Queue::default();
        send(&mut queue, 4, Draft(experiment()));
        let Some((4, Said::Part(draft))) = hear::<Draft>(&mut queue) else {
            panic!("no draft");
        };
        let Some((4, Said::Answer(fine))) = hear::<Draft>(&mut queue) else {
            panic!("no outcome");
        };
        assert!(draft.draft && draft.soma_mv.len() == fine.soma_mv.len());
        assert_eq!(fine, experiment().run().expect("a valid experiment"));
        assert!(queue.is_empty());
    }

    #[wasm_bindgen_test]
    fn curves_are_whole_at_once_and_exact_in_the_end() {
        let curve = InputOutput {
            params: NeuronParams::default(),
            order: vec![4],
            weight: 1.0,
            counts: vec![0, 1, 12],
            probe: 4,
            start_ms: 20,
            duration_ms: 100,
        };
        let mut queue = Queue::default();
        send(&mut queue, 5, Curves(vec![curve.clone()]));
        let mut parts = Vec::new();
        while let Some((5, said)) = hear::<Curves>(&mut queue) {
            let (Said::Part(points) | Said::Answer(points)) = said else { panic!("{said:?}") };
            assert_eq!(points.curves[0].len(), 3);
            // the first part alone is a draft, whose numbers a lesson does not show in its table
            assert_eq!(points.draft, parts.is_empty());
            parts.push(points.curves);
        }
        // the draft, the curve by the batch path, and a part per point
        assert_eq!(parts.len(), 5);
        let exact = curve.counts.iter().map(|n| curve.respond(*n).expect("a valid experiment"));
        assert_eq!(parts[4][0], exact.collect::<Vec<_>>());
        // the batch path looks at the dendrite each ms, and so misses a hundredth of its peak at most
        let [draft, fast, exact] = [0, 1, 4].map(|part| parts[part][0][2].dend_mv);
        assert!((fast - exact).abs() < 0.1 + 0.01 * exact, "{fast} {exact}");
        assert!((draft - exact).abs() < 0.6 + 0.01 * exact, "{draft} {exact}");
    }

    #[wasm_bindgen_test]
    fn a_newer_question_is_heard_in_the_middle_of_a_simulation() {
        let mut queue = Queue::default();
        send(&mut queue, 1, Simulate(experiment()));
        assert_eq!(queue.turn(), None, "a simulation takes more than a turn");
        send(&mut queue, 2, curve());
        let next = hear::<RateCurve>(&mut queue);
        assert!(matches!(next, Some((2, Said::Part(_)))), "{next:?}");
        // the simulation that had begun goes on before the curve does, with the same bits
        let Some((1, Said::Answer(outcome))) = hear::<Simulate>(&mut queue) else {
            panic!("no outcome");
        };
        assert_eq!(outcome, experiment().run().expect("a valid experiment"));
    }

    #[wasm_bindgen_test]
    fn what_is_cancelled_is_never_answered() {
        let mut queue = Queue::default();
        send(&mut queue, 1, curve());
        hear::<RateCurve>(&mut queue);
        queue.cancel(QuestionId(1));
        assert_eq!(hear::<RateCurve>(&mut queue), None);
    }

    #[wasm_bindgen_test]
    fn a_neuron_that_cannot_be_fails_with_its_reason() {
        let mut queue = Queue::default();
        let mut wrong = experiment();
        wrong.params.capacitance = -1.0;
        send(&mut queue, 3, Simulate(wrong));
        let Some((3, Said::Failed(message))) = hear::<Simulate>(&mut queue) else {
            panic!("no failure");
        };
        assert!(message.contains("cm_uF_cm2"), "{message}");
    }
}
