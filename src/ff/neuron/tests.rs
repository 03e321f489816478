use super::*;
use crate::difference::max_abs_difference;
use crate::ff::{BranchNonlinearity, Contact};

/// Bound of the rounding: sums of a few exponentials of about 10 mV, each off by some units in the last place, mV.
const ROUNDING: f64 = 1e-11;

fn contact(axon: Axon, input: usize, branch: usize, delay_ms: f64) -> Contact {
    Contact { axon, input, branch, weight_mv: 1.7, tau_rise_ms: 2.3, tau_decay_ms: 11.0, delay_ms }
}

fn neuron_of(contacts: Vec<Contact>) -> FfParams {
    FfParams { num_branches: 2, contacts: Some(contacts), ..FfParams::default() }
}

/// The branch sums at every step.
fn sums(params: &FfParams, inputs: &Inputs) -> Vec<Vec<f64>> {
    let mut sums = vec![Vec::new(); params.num_branches];
    simulate(params, inputs, |_, neuron| {
        for (b, sums) in sums.iter_mut().enumerate() {
            sums.push(neuron.branch_sum_mv(b));
        }
    })
    .unwrap();
    sums
}

fn inputs(events: &[(Axon, usize, usize, f64)], rows: usize, duration: usize) -> Inputs {
    let mut inputs = Inputs::silent(rows, duration);
    for &(axon, row, t, weight) in events {
        match axon {
            Axon::Excitatory => inputs.exc[row * duration + t] += weight,
            Axon::Inhibitory => inputs.inh[row * duration + t] += weight,
        }
    }
    inputs
}

#[test]
fn a_single_input_gives_exactly_its_kernel() {
    for (axon, sign) in [(Axon::Excitatory, 1.0), (Axon::Inhibitory, -1.0)] {
        for delay in [0.0, 0.3, 1.0, 4.25, 7.0] {
            for samples_per_ms in [1, 4, 10, 40] {
                let contact = contact(axon, 0, 1, delay);
                let params = FfParams { samples_per_ms, ..neuron_of(vec![contact]) };
                let u = sums(&params, &inputs(&[(axon, 0, 20, 3.0)], 2, 150));
                assert!(u[0].iter().all(|&u| u == 0.0), "the other branch is silent");
                let mut largest = 0.0_f64;
                for (k, &u) in u[1].iter().enumerate() {
                    let t = k as f64 / samples_per_ms as f64 - 20.0;
                    let exact = 3.0 * contact.kernel(t);
                    assert!((u - exact).abs() < ROUNDING, "{delay} ms, {samples_per_ms}/ms, {t}");
                    largest = largest.max(sign * u);
                }
                // a peak between samples of 1 ms is missed by at most half a ms
                assert!((4.9..3.0 * 1.7 + ROUNDING).contains(&largest), "peak {largest}");
            }
        }
    }
}

#[test]
fn several_contacts_of_an_axon_add_up() {
    let (a, b) = (contact(Axon::Excitatory, 0, 1, 0.0), contact(Axon::Excitatory, 0, 1, 6.5));
    let u = sums(&neuron_of(vec![a, b]), &inputs(&[(Axon::Excitatory, 0, 3, 1.0)], 2, 60));
    for (t, &u) in u[1].iter().enumerate() {
        let t = t as f64 - 3.0;
        assert!((u - a.kernel(t) - b.kernel(t)).abs() < ROUNDING);
    }
}

/// Soma and branch voltages above rest.
fn voltages(params: &FfParams, inputs: &Inputs) -> Vec<f64> {
    let mut all = Vec::new();
    simulate(params, inputs, |_, neuron| {
        all.push(neuron.v_soma_mv() - params.e_pas_mv);
        all.extend(neuron.v_branches_mv().map(|v| v - params.e_pas_mv));
    })
    .unwrap();
    all
}

#[test]
fn superposition_holds_for_linear_branches_and_no_others() {
    let one = inputs(&[(Axon::Excitatory, 0, 5, 4.0), (Axon::Inhibitory, 2, 9, 3.0)], 8, 120);
    let two = inputs(&[(Axon::Excitatory, 1, 7, 6.0), (Axon::Excitatory, 0, 30, 2.0)], 8, 120);
    let mut both = one.clone();
    both.exc.iter_mut().zip(&two.exc).for_each(|(a, b)| *a += b);
    for nonlinearity in BranchNonlinearity::ALL {
        // an edge and a step so near rest that the curvature matters
        let params = FfParams {
            nonlinearity,
            threshold_mv: 100.0,
            spike_peak_mv: 100.0,
            nmda_threshold_mv: 5.0,
            saturation_high_mv: 5.0,
            ..FfParams::default()
        };
        let sum: Vec<f64> = voltages(&params, &one)
            .iter()
            .zip(voltages(&params, &two))
            .map(|(a, b)| a + b)
            .collect();
        let together = voltages(&params, &both);
        let apart = max_abs_difference(&sum, &together);
        if nonlinearity == BranchNonlinearity::Linear {
            assert!(apart < ROUNDING, "{apart}");
        } else {
            assert!(apart > 0.1, "{nonlinearity:?}: {apart}");
        }
    }
}

#[test]
fn the_soma_filters_a_branch_as_its_equation_has_it() {
    // the closed form of the three exponentials' cascade: a drive that is straight between samples errs by the second
    // order
    let c = contact(Axon::Excitatory, 0, 0, 0.0);
    let mut errors = Vec::new();
    for samples_per_ms in [10, 20, 40] {
        let params = FfParams { num_branches: 1, samples_per_ms, ..neuron_of(vec![c]) };
        let tau = params.soma_tau_ms;
        let through = |t: f64, own: f64| own / (own - tau) * (exp(-t / own) - exp(-t / tau));
        let exact = |t: f64| {
            let course = through(t, c.tau_decay_ms) - through(t, c.tau_rise_ms);
            5.0 * c.amplitude_mv() * c.shape().factor() * course
        };
        let (mut found_mv, mut exact_mv) = (vec![], vec![]);
        simulate(&params, &inputs(&[(Axon::Excitatory, 0, 0, 5.0)], 1, 100), |k, neuron| {
            found_mv.push(neuron.v_soma_mv() - params.e_pas_mv);
            exact_mv.push(exact(k as f64 / samples_per_ms as f64));
        })
        .unwrap();
        errors.push(max_abs_difference(&found_mv, &exact_mv));
    }
    assert!(errors[0] < 2e-3, "{errors:?}");
    for pair in errors.windows(2) {
        let ratio = pair[0] / pair[1];
        assert!((3.5..4.5).contains(&ratio), "halving dt quarters the error: {errors:?}");
    }
}

/// A neuron that only a strong, steady drive moves.
fn driven(refractory_ms: f64, after_spike_mv: f64, samples_per_ms: usize) -> (FfParams, Inputs) {
    let mut c = contact(Axon::Excitatory, 0, 0, 0.0);
    c.tau_decay_ms = 1e5; // steady for as long as the test lasts
    let params = FfParams {
        num_branches: 1,
        refractory_ms,
        after_spike_mv,
        samples_per_ms,
        ..neuron_of(vec![c])
    };
    (params, inputs(&[(Axon::Excitatory, 0, 0, 30.0)], 1, 400))
}

/// The steps in which a spike peaks.
fn spikes(params: &FfParams, inputs: &Inputs) -> Vec<usize> {
    let mut spikes = Vec::new();
    simulate(params, inputs, |k, neuron| {
        if neuron.v_soma_mv() == params.spike_peak_mv {
            spikes.push(k);
        }
    })
    .unwrap();
    spikes
}

#[test]
fn intervals_without_after_spike_current_are_the_leaky_integrators() {
    for (refractory_ms, samples_per_ms) in [(1.0, 1), (2.0, 1), (5.0, 10), (20.0, 40)] {
        let (params, inputs) = driven(refractory_ms, 0.0, samples_per_ms);
        let spikes = spikes(&params, &inputs);
        // V climbs from reset towards E + I: threshold after τ·ln((E + I - reset)/(E + I - threshold))
        let target = params.e_pas_mv + 30.0 * 1.7;
        let climb =
            params.soma_tau_ms * ((target - params.reset_mv) / (target - params.threshold_mv)).ln();
        let steps = ((refractory_ms + climb) * samples_per_ms as f64).ceil() as usize;
        let late: Vec<usize> = spikes
            .windows(2)
            .filter(|w| w[0] > 100 * samples_per_ms)
            .map(|w| w[1] - w[0])
            .collect();
        assert!(late.len() > 3);
        // the drive loses 0.4% in these 400 ms, which can cost a step
        assert!(late.iter().all(|&d| d == steps || d == steps + 1), "{late:?}, not {steps}");
    }
}

#[test]
fn it_is_held_at_reset_for_the_refractory_time() {
    let (params, inputs) = driven(5.0, 10.0, 4);
    let mut v = Vec::new();
    simulate(&params, &inputs, |_, neuron| v.push(neuron.v_soma_mv())).unwrap();
    let spikes = spikes(&params, &inputs);
    assert!(spikes.len() > 5);
    for &k in spikes.iter().filter(|&&k| k + 21 < v.len()) {
        assert!(v[k + 1..=k + 20].iter().all(|&v| v == params.reset_mv));
        assert!(v[k + 21] > params.reset_mv);
    }
    let mut below = v.iter().filter(|&&v| v != params.spike_peak_mv);
    assert!(below.all(|&v| v < params.threshold_mv));
}

#[test]
fn the_after_spike_current_follows_its_closed_form() {
    // a threshold so low that one input reaches it; the difference from the free response is then the current's effect
    let c = contact(Axon::Excitatory, 0, 0, 0.0);
    for (soma_tau_ms, after_spike_tau_ms) in [(10.0, 15.0), (15.0, 15.0), (15.0, 15.0 + 1e-9)] {
        let base = FfParams {
            num_branches: 1,
            soma_tau_ms,
            after_spike_tau_ms,
            refractory_ms: 1.0,
            threshold_mv: -84.0,
            reset_mv: -86.0,
            ..neuron_of(vec![c])
        };
        let free = FfParams {
            after_spike_mv: 0.0,
            threshold_mv: 100.0,
            spike_peak_mv: 100.0,
            ..base.clone()
        };
        let inputs = inputs(&[(Axon::Excitatory, 0, 0, 3.0)], 1, 40);
        let trace = |params: &FfParams| {
            let mut v = Vec::new();
            simulate(params, &inputs, |_, neuron| v.push(neuron.v_soma_mv())).unwrap();
            v
        };
        let (spiking, free) = (trace(&base), trace(&free));
        let first = spikes(&base, &inputs)[0];
        let from = first + 1; // held at reset until then
        for k in from..spikes(&base, &inputs).get(1).copied().unwrap_or(40) {
            let t = (k - from) as f64;
            let (a, b) = (1.0 / soma_tau_ms, 1.0 / after_spike_tau_ms);
            let s = base.after_spike_mv * (-b).exp(); // a step after the spike
            let course = if (a - b).abs() < 1e-6 {
                a * t * (-a * t).exp()
            } else {
                a / (a - b) * ((-b * t).exp() - (-a * t).exp())
            };
            // linear: the free response, from another start, minus the current's
            let exact = free[k] + (base.reset_mv - free[from]) * (-a * t).exp() - s * course;
            // the equal case is off by (1/τ - 1/τ_s)·t
            assert!((spiking[k] - exact).abs() < 1e-8, "{k}: {} {exact}", spiking[k]);
        }
        assert!(spikes(&base, &inputs).get(1).is_none_or(|&second| second > first + 10));
    }
}

#[test]
fn the_same_input_gives_the_same_bits() {
    let (params, inputs) = driven(2.0, 20.0, 1);
    assert_eq!(voltages(&params, &inputs), voltages(&params, &inputs));
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let params = FfParams::default();
    let wrong = Inputs::silent(3, 10);
    assert!(matches!(simulate(&params, &wrong, |_, _| {}), Err(SimError::Rows { .. })));
    let mut bad = Inputs::silent(8, 10);
    bad.exc[5] = f64::NAN;
    assert!(matches!(simulate(&params, &bad, |_, _| {}), Err(SimError::Weight { .. })));
    let broken = FfParams { soma_tau_ms: f64::NAN, ..params };
    assert!(matches!(
        simulate(&broken, &Inputs::silent(8, 10), |_, _| {}),
        Err(SimError::Params(_))
    ));
}
