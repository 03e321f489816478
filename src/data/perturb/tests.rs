use super::*;

/// Inputs as in a data set, in half precision, with a spike in about one bin of `every`.
fn inputs(rows: usize, bins: usize, every: usize, seed: u64) -> Inputs {
    let mut stream = RandomStream::from_key([seed, 1, 2, 3], 0);
    let mut weights = || {
        let mut one = || if stream.below(every) == 0 { stream.between([0.0, 5.0]) } else { 0.0 };
        (0..rows * bins).map(|_| f64::from(to_f16(one()))).collect()
    };
    Inputs { num_segments: rows, duration_ms: bins, exc: weights(), inh: weights() }
}

fn key(index: u64, k: u64) -> PairKey {
    PairKey { seed: 7, split: Split::Valid, index, k }
}

/// Every entry in which two inputs differ.
fn differences(a: &Inputs, b: &Inputs) -> Vec<Delta> {
    let kinds = [(Axon::Excitatory, &a.exc, &b.exc), (Axon::Inhibitory, &a.inh, &b.inh)];
    let bins = a.duration_ms;
    let mut all = Vec::new();
    for (axon, a, b) in kinds {
        let differ = a.iter().zip(b).enumerate().filter(|(_, (a, b))| a != b);
        all.extend(differ.map(|(i, (&from, &to))| Delta {
            axon,
            row: i / bins,
            ms: i % bins,
            from,
            to,
        }));
    }
    all
}

/// Many inputs and settings, among them extreme ones.
fn cases() -> impl Iterator<Item = (Inputs, PerturbParams, PairKey)> {
    let shapes = [(8, 400, 20), (1, 1, 1), (1, 3, 2), (3, 40, 1), (2, 17, 1000), (64, 33, 5)];
    let each = PerturbParams::default();
    let only = |change| PerturbParams { changes: vec![change], ..each.clone() };
    let mut settings: Vec<PerturbParams> = Change::ALL.into_iter().map(only).collect();
    settings.push(PerturbParams { num_changes: [20, 40], ..each.clone() });
    settings.push(PerturbParams { window_ms: 1, margin_ms: 0, ..each.clone() });
    settings.push(PerturbParams { window_ms: 10_000, ..each.clone() });
    settings.push(PerturbParams { scale: [0.0, 0.0], ..each.clone() });
    settings.push(each);
    (0..40).flat_map(move |k| {
        let settings = settings.clone();
        shapes.into_iter().enumerate().flat_map(move |(i, (rows, bins, every))| {
            let x = inputs(rows, bins, every, k);
            settings.clone().into_iter().map(move |s| (x.clone(), s, key(i as u64, k)))
        })
    })
}

#[test]
fn delta_is_exactly_what_differs_and_lies_in_its_window() {
    let mut seen = 0;
    for (x, settings, key) in cases() {
        let (partner, made) = perturb(&x, &settings, key).unwrap();
        assert_eq!(made.delta, differences(&x, &partner), "{settings:?} {key:?}");
        assert!(!made.delta.is_empty());
        let bins = || made.delta.iter().map(|d| d.ms);
        assert_eq!(
            (bins().min(), bins().max()),
            (Some(made.window.start), Some(made.window.end - 1))
        );
        assert!(made.window.len() <= settings.window_ms);
        let margin =
            settings.margin_ms.min((x.duration_ms - settings.window_ms.min(x.duration_ms)) / 2);
        assert!(made.window.start >= margin && made.window.end <= x.duration_ms - margin);
        // a spike that moves changes two bins
        assert!(made.delta.len() <= 2 * made.changes.len());
        assert!(made.changes.len() <= settings.num_changes[1] + 1);
        assert!(made.changes.len() >= settings.num_changes[0]);
        assert_eq!(made.key, key);
        partner.validate(x.num_segments).unwrap();
        let stored = |w: &f64| f64::from(to_f16(*w)) == *w;
        assert!(partner.exc.iter().chain(&partner.inh).all(stored), "half precision holds it");
        seen += 1;
    }
    assert_eq!(seen, 40 * 6 * 9);
}

#[test]
fn the_key_decides_and_nothing_else() {
    let x = inputs(8, 400, 20, 0);
    let settings = PerturbParams::default();
    let of = |key| perturb(&x, &settings, key).unwrap();
    let first = key(3, 0);
    assert_eq!(of(first), of(first));
    let others = [
        PairKey { seed: 8, ..first },
        PairKey { split: Split::Test, ..first },
        PairKey { index: 4, ..first },
        PairKey { k: 1, ..first },
    ];
    for other in others {
        assert_ne!(of(first).1.delta, of(other).1.delta, "{other:?}");
    }
}

#[test]
fn each_change_does_what_it_says() {
    let sum = |x: &Inputs| x.exc.iter().chain(&x.inh).sum::<f64>();
    let count = |x: &Inputs| x.exc.iter().chain(&x.inh).filter(|w| **w > 0.0).count();
    for change in Change::ALL {
        for k in 0..200 {
            // a dense window: it always holds a spike to change, and mostly an empty bin
            let x = inputs(8, 200, 5, k);
            let settings = PerturbParams {
                num_changes: [1, 1],
                changes: vec![change],
                ..PerturbParams::default()
            };
            let (partner, made) = perturb(&x, &settings, key(0, k)).unwrap();
            assert_eq!(made.changes, [change]);
            let (before, after) = (count(&x), count(&partner));
            match change {
                Change::Added => assert!(sum(&partner) > sum(&x) && after >= before),
                Change::Removed => assert!(after + 1 == before && made.delta[0].to == 0.0),
                Change::Scaled => {
                    let factor = made.delta[0].to / made.delta[0].from;
                    // half precision rounds by 2^-11
                    assert!(made.delta.len() == 1 && (0.2498..4.002).contains(&factor), "{factor}");
                }
                Change::Moved => {
                    assert!(made.delta.len() == 2 && after <= before);
                    assert_eq!(made.delta[0].row, made.delta[1].row);
                    // a spike moved onto another is added to it, and the sum is rounded
                    assert!((sum(&partner) - sum(&x)).abs() < 0.01);
                }
            }
        }
    }
}

#[test]
fn even_inputs_that_nothing_can_be_added_to_get_a_partner() {
    let mut full = inputs(2, 20, 1, 0);
    full.exc.fill(LARGEST);
    full.inh.fill(LARGEST);
    let only = PerturbParams { changes: vec![Change::Added], ..PerturbParams::default() };
    let (partner, made) = perturb(&full, &only, key(0, 0)).unwrap();
    assert_eq!(made.delta, differences(&full, &partner));
    assert!(!made.delta.is_empty() && made.changes.contains(&Change::Removed));
}

#[test]
fn settings_and_inputs_that_cannot_be_are_refused() {
    let x = inputs(2, 20, 3, 0);
    let ok = PerturbParams::default();
    let bad = [
        PerturbParams { num_changes: [0, 4], ..ok.clone() },
        PerturbParams { num_changes: [3, 2], ..ok.clone() },
        PerturbParams { window_ms: 0, ..ok.clone() },
        PerturbParams { scale: [f64::NAN, 2.0], ..ok.clone() },
        PerturbParams { scale: [1.0, 1.0], ..ok.clone() },
        PerturbParams { weight: 0.0, ..ok.clone() },
        PerturbParams { changes: vec![], ..ok.clone() },
    ];
    for settings in bad {
        let found = perturb(&x, &settings, key(0, 0));
        assert!(matches!(found, Err(PerturbError::Setting(_))), "{settings:?}");
    }
    let empty = Inputs::silent(3, 0);
    assert!(matches!(perturb(&empty, &ok, key(0, 0)), Err(PerturbError::Empty { .. })));
    let mut broken = x.clone();
    broken.exc.pop();
    assert!(matches!(perturb(&broken, &ok, key(0, 0)), Err(PerturbError::Inputs(_))));
}

#[test]
fn a_description_reads_back() {
    let (_, made) = perturb(&inputs(4, 60, 9, 1), &PerturbParams::default(), key(2, 5)).unwrap();
    let text = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<Perturbation>(&text).unwrap(), made);
    let settings = serde_json::from_str::<PerturbParams>("{\"window_ms\": 4}").unwrap();
    assert_eq!(settings, PerturbParams { window_ms: 4, ..PerturbParams::default() });
}
