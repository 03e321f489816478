//! The filter-and-fire neuron: its state, one step of it, and the loop over time.

use super::branch::BranchFunction;
use super::contact::{Axon, Contact};
use super::params::FfParams;
use crate::settings::SettingError;
use crate::sim::math::{exp, exprelr};
use crate::sim::{Inputs, SimError};

/// A filter-and-fire neuron at one moment; [the module](super) has its equations.
#[derive(Debug, Clone, PartialEq)]
pub struct FfNeuron {
    dt_ms: f64,
    synapses: Vec<Synapse>,
    /// The synapses of each axon, by index: of row r the excitatory axon is 2r, the inhibitory 2r + 1.
    of_axon: Vec<Vec<usize>>,
    /// The inputs that arrive in the coming steps (synapse and weight), by step modulo the length.
    arriving: Vec<Vec<(usize, f64)>>,
    now: usize,
    function: BranchFunction,
    u: Vec<f64>,        // branch sums, mV
    response: Vec<f64>, // f(u), mV above rest
    soma: Soma,
}

/// A contact's filter and its two states, mV.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Synapse {
    branch: usize,
    /// Steps from the input to the first sample at or after its arrival at the branch.
    delay_steps: usize,
    /// The amounts that a weight of 1 adds to the states `rise` and `decay` at that sample, mV.
    jump_rise: f64,
    jump_decay: f64,
    factor_rise: f64, // over a step
    factor_decay: f64,
    rise: f64,
    decay: f64,
}

impl Synapse {
    fn new(contact: &Contact, dt_ms: f64) -> Self {
        let peak = contact.amplitude_mv() * contact.shape().factor();
        let delay_steps = (contact.delay_ms / dt_ms).ceil();
        let since = delay_steps * dt_ms - contact.delay_ms; // arrival to sample, 0..dt
        Self {
            branch: contact.branch,
            delay_steps: delay_steps as usize,
            jump_rise: peak * exp(-since / contact.tau_rise_ms),
            jump_decay: peak * exp(-since / contact.tau_decay_ms),
            factor_rise: exp(-dt_ms / contact.tau_rise_ms),
            factor_decay: exp(-dt_ms / contact.tau_decay_ms),
            rise: 0.0,
            decay: 0.0,
        }
    }

    fn arrive(&mut self, weight: f64) {
        self.rise += weight * self.jump_rise;
        self.decay += weight * self.jump_decay;
    }
}

/// The soma: leak, threshold, and after-spike current.
#[derive(Debug, Clone, PartialEq)]
struct Soma {
    rest: f64,
    gain: f64,
    threshold: f64,
    reset: f64,
    peak: f64,
    after_spike: f64,
    refractory_steps: usize,
    // over a step: factor of V, weights of the drive at the step's start and end, weight of s, factor of s
    leak: f64,
    drive_begin: f64,
    drive_end: f64,
    from_after_spike: f64,
    after_spike_factor: f64,
    v: f64,       // mV, the spike's peak aside
    shown: f64,   // mV, the spike's peak included
    drive: f64,   // mV
    current: f64, // s, mV
    held: usize,  // steps of the refractory time that are left
}

impl Soma {
    fn new(params: &FfParams, dt_ms: f64) -> Self {
        let tau = params.soma_tau_ms;
        let leak = exp(-dt_ms / tau);
        let mean_leak = (1.0 - leak) * tau / dt_ms;
        let rest = params.e_pas_mv;
        Self {
            rest,
            gain: params.soma_gain,
            threshold: params.threshold_mv,
            reset: params.reset_mv,
            peak: params.spike_peak_mv,
            after_spike: params.after_spike_mv,
            refractory_steps: (params.refractory_ms / dt_ms).round().max(1.0) as usize,
            leak,
            drive_begin: mean_leak - leak,
            drive_end: 1.0 - mean_leak,
            // (1/τ)·∫ e^(-(dt-t)/τ)·e^(-t/τ_s) dt = (dt/τ)·leak·(e^z - 1)/z, z = dt·(1/τ - 1/τ_s)
            from_after_spike: dt_ms / tau * leak
                / exprelr(dt_ms * (1.0 / tau - 1.0 / params.after_spike_tau_ms)),
            after_spike_factor: exp(-dt_ms / params.after_spike_tau_ms),
            v: rest,
            shown: rest,
            drive: 0.0,
            current: 0.0,
            held: 0,
        }
    }

    fn step(&mut self, mean_response: f64) {
        let drive = self.gain * mean_response;
        let above = self.leak * (self.v - self.rest)
            + self.drive_begin * self.drive
            + self.drive_end * drive
            - self.from_after_spike * self.current;
        self.drive = drive;
        self.current *= self.after_spike_factor;
        self.v = self.rest + above;
        if self.held > 0 {
            self.held -= 1;
            self.v = self.reset;
        }
        self.shown = self.v;
        if self.v >= self.threshold {
            self.shown = self.peak;
            self.v = self.reset;
            self.current += self.after_spike;
            self.held = self.refractory_steps;
        }
    }
}

impl FfNeuron {
    /// A neuron at rest.
    ///
    /// # Errors
    /// [`SettingError`] names the first parameter that is out of its bounds.
    pub fn new(params: &FfParams) -> Result<Self, SettingError> {
        params.validate()?;
        let dt_ms = 1.0 / params.samples_per_ms as f64;
        let contacts = params.contacts();
        let mut of_axon = vec![Vec::new(); 2 * params.num_branches];
        for (i, contact) in contacts.iter().enumerate() {
            let aside = usize::from(contact.axon == Axon::Inhibitory);
            of_axon[2 * contact.input + aside].push(i);
        }
        let synapses: Vec<Synapse> = contacts.iter().map(|c| Synapse::new(c, dt_ms)).collect();
        let longest = synapses.iter().map(|s| s.delay_steps).max().unwrap_or(0);
        Ok(Self {
            dt_ms,
            synapses,
            of_axon,
            arriving: vec![Vec::new(); longest + 1],
            now: 0,
            function: BranchFunction::of(params),
            u: vec![0.0; params.num_branches],
            response: vec![0.0; params.num_branches],
            soma: Soma::new(params, dt_ms),
        })
    }

    /// Delivers a spike now: weight `exc` on the row's excitatory axon, weight `inh` on its inhibitory one.
    pub fn deliver(&mut self, input: usize, exc: f64, inh: f64) {
        for (axon, weight) in [(2 * input, exc), (2 * input + 1, inh)] {
            if weight == 0.0 {
                continue;
            }
            for &i in &self.of_axon[axon] {
                match self.synapses[i].delay_steps {
                    0 => self.synapses[i].arrive(weight),
                    steps => {
                        let slots = self.arriving.len();
                        self.arriving[(self.now + steps) % slots].push((i, weight));
                    }
                }
            }
        }
    }

    /// Goes one dt ahead.
    pub fn step(&mut self) {
        self.now += 1;
        let slot = self.now % self.arriving.len();
        self.u.fill(0.0);
        for synapse in &mut self.synapses {
            synapse.rise *= synapse.factor_rise;
            synapse.decay *= synapse.factor_decay;
        }
        for (i, weight) in self.arriving[slot].drain(..) {
            self.synapses[i].arrive(weight);
        }
        for synapse in &self.synapses {
            self.u[synapse.branch] += synapse.decay - synapse.rise;
        }
        for (response, &u) in self.response.iter_mut().zip(&self.u) {
            *response = self.function.apply(u);
        }
        self.soma.step(self.response.iter().sum::<f64>() / self.response.len() as f64);
    }

    /// Length of a step, ms.
    #[must_use]
    pub fn dt_ms(&self) -> f64 {
        self.dt_ms
    }

    /// Soma voltage, mV; in a spike's sample the spike's peak.
    #[must_use]
    pub fn v_soma_mv(&self) -> f64 {
        self.soma.shown
    }

    /// Voltage of every branch, mV.
    pub fn v_branches_mv(&self) -> impl Iterator<Item = f64> + '_ {
        self.response.iter().map(|f| self.soma.rest + f)
    }

    /// Synaptic sum of a branch, before its nonlinearity, mV above rest.
    #[must_use]
    pub fn branch_sum_mv(&self, branch: usize) -> f64 {
        self.u[branch]
    }

    /// After-spike current times the soma's resistance, mV.
    #[must_use]
    pub fn after_spike_mv(&self) -> f64 {
        self.soma.current
    }

    /// Number of branches.
    #[must_use]
    pub fn num_branches(&self) -> usize {
        self.u.len()
    }
}

/// Simulates `inputs.duration_ms` ms from rest and returns the neuron in its final state. `record` is called before the
/// first step with 0, and after each step with its number.
///
/// # Errors
/// [`SimError`]: parameters or inputs that are out of bounds.
pub fn simulate(
    params: &FfParams,
    inputs: &Inputs,
    mut record: impl FnMut(usize, &FfNeuron),
) -> Result<FfNeuron, SimError> {
    let mut neuron = FfNeuron::new(params)?;
    inputs.validate(params.num_branches)?;
    let per_ms = params.samples_per_ms;
    record(0, &neuron);
    for t in 0..inputs.duration_ms {
        for row in 0..inputs.num_segments {
            let at = row * inputs.duration_ms + t;
            neuron.deliver(row, inputs.exc[at], inputs.inh[at]);
        }
        for k in t * per_ms..(t + 1) * per_ms {
            neuron.step();
            record(k + 1, &neuron);
        }
        if !neuron.v_soma_mv().is_finite() {
            return Err(SimError::Diverged { t_ms: (t + 1) as f64 });
        }
    }
    Ok(neuron)
}

#[cfg(test)]
mod tests;
