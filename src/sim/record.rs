//! Recorders, which keep what a simulation computes.

use std::fmt;
use std::str::FromStr;

use super::channel::{Channel, Gating};
use super::neuron::Neuron;
use crate::settings;

/// An observer of the neuron at every step.
pub trait Recorder {
    /// Called once before the first [`record`](Self::record), with the number of steps, to reserve memory for them.
    ///
    /// # Errors
    /// [`OutOfMemory`] where the traces need more memory than can be had.
    fn reserve(&mut self, _steps: usize, _neuron: &Neuron) -> Result<(), OutOfMemory> {
        Ok(())
    }

    /// Called before the first step with `step` = 0, and after each step with its number, 1, 2, ...
    fn record(&mut self, step: usize, neuron: &Neuron);
}

impl<R: Recorder + ?Sized> Recorder for &mut R {
    fn reserve(&mut self, steps: usize, neuron: &Neuron) -> Result<(), OutOfMemory> {
        (**self).reserve(steps, neuron)
    }

    fn record(&mut self, step: usize, neuron: &Neuron) {
        (**self).record(step, neuron);
    }
}

/// The error of traces that are larger than the memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} needs {} MiB of memory, which are not to be had: simulate less, or record it at fewer steps", bytes >> 20)]
pub struct OutOfMemory {
    /// The name of the quantity that is recorded.
    pub what: String,
    /// Bytes needed.
    pub bytes: u128,
}

/// A quantity that can be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Soma voltage, mV.
    SomaVoltage,
    /// Voltage of every segment, mV.
    DendVoltage,
    /// Calcium under the soma's membrane, mM; NaN where the soma has no pool.
    Calcium,
    /// Calcium under the membrane of every segment, mM; NaN where there is no pool.
    DendCalcium,
    /// Reversal potential of the soma's calcium, mV.
    CalciumReversal,
    /// Leak current density of the soma, mA/cm².
    Leak,
    /// Current density of a channel of the soma, mA/cm².
    Current(Channel),
    /// Activation gate of a channel of the soma (SK_E2's z).
    Activation(Channel),
    /// Inactivation gate of a channel of the soma.
    Inactivation(Channel),
    /// AMPA conductance of every segment, µS.
    Ampa,
    /// NMDA conductance of every segment with its magnesium block, µS.
    Nmda,
    /// GABA_A conductance of every segment, µS.
    Gaba,
}

/// A name that no quantity has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown trace \"{0}\"{hint}", hint = hint(.0))]
pub struct UnknownQuantity(pub String);

/// A hint at the quantity that an unknown name may have meant, or else at the names of all quantities.
fn hint(name: &str) -> String {
    let all: Vec<String> = Quantity::all().iter().map(ToString::to_string).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    settings::hint_at(name, &all, "traces")
}

impl Quantity {
    /// Every quantity.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::SomaVoltage,
            Self::DendVoltage,
            Self::Calcium,
            Self::DendCalcium,
            Self::CalciumReversal,
            Self::Leak,
            Self::Ampa,
            Self::Nmda,
            Self::Gaba,
        ];
        all.extend(Channel::ALL.map(Self::Current));
        all.extend(Channel::ALL.map(Self::Activation));
        all.extend(
            Channel::ALL
                .into_iter()
                .filter(|c| c.about().gating.inactivates())
                .map(Self::Inactivation),
        );
        all
    }

    /// The quantity's unit; empty for a gate, which has none.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::SomaVoltage | Self::DendVoltage | Self::CalciumReversal => "mV",
            Self::Calcium | Self::DendCalcium => "mM",
            Self::Leak | Self::Current(_) => "mA/cm²",
            Self::Activation(_) | Self::Inactivation(_) => "",
            Self::Ampa | Self::Nmda | Self::Gaba => "µS",
        }
    }

    /// Whether a sample holds one value per segment, not a single one of the soma.
    #[must_use]
    pub fn per_segment(self) -> bool {
        matches!(self, Self::DendVoltage | Self::DendCalcium | Self::Ampa | Self::Nmda | Self::Gaba)
    }

    /// Whether every neuron has it: calcium of segments is where a region has a pool.
    #[must_use]
    pub fn is_everywhere(self) -> bool {
        self != Self::DendCalcium
    }

    fn read(self, neuron: &Neuron, out: &mut Vec<f64>) {
        let segments = 0..neuron.tree().segments.len();
        match self {
            Self::SomaVoltage => out.push(neuron.v_soma_mv()),
            Self::DendVoltage => out.extend(segments.map(|s| neuron.v_segment_mv(s))),
            Self::Calcium => out.push(neuron.cai_mm()),
            Self::DendCalcium => neuron.all_cai_mm(out),
            Self::CalciumReversal => out.push(neuron.e_ca_mv()),
            Self::Leak => out.push(neuron.leak_current()),
            Self::Current(channel) => out.push(neuron.current(channel)),
            Self::Activation(channel) => out.push(neuron.gates(channel)[0]),
            Self::Inactivation(channel) => out.push(neuron.gates(channel)[1]),
            Self::Ampa => out.extend(segments.map(|s| neuron.synaptic_conductances(s).ampa)),
            Self::Nmda => out.extend(segments.map(|s| neuron.synaptic_conductances(s).nmda)),
            Self::Gaba => out.extend(segments.map(|s| neuron.synaptic_conductances(s).gaba)),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SomaVoltage => f.write_str("v_soma"),
            Self::DendVoltage => f.write_str("v_dend"),
            Self::Calcium => f.write_str("cai"),
            Self::DendCalcium => f.write_str("cai_dend"),
            Self::CalciumReversal => f.write_str("e_ca"),
            Self::Leak => f.write_str("i_pas"),
            Self::Current(channel) => write!(f, "i_{}", channel.name()),
            Self::Activation(channel) if channel.about().gating == Gating::Calcium => {
                write!(f, "z_{}", channel.name())
            }
            Self::Activation(channel) => write!(f, "m_{}", channel.name()),
            Self::Inactivation(channel) => write!(f, "h_{}", channel.name()),
            Self::Ampa => f.write_str("g_AMPA"),
            Self::Nmda => f.write_str("g_NMDA"),
            Self::Gaba => f.write_str("g_GABA_A"),
        }
    }
}

impl FromStr for Quantity {
    type Err = UnknownQuantity;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::all()
            .into_iter()
            .find(|q| q.to_string() == name)
            .ok_or_else(|| UnknownQuantity(name.to_owned()))
    }
}

/// One recorded quantity.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The recorded quantity.
    pub quantity: Quantity,
    /// Steps between samples; the first sample is the initial value, before any step.
    pub every: usize,
    /// Values a sample: 1 for a quantity of the soma, otherwise the number of segments.
    pub width: usize,
    /// The samples one after another, each of `width` values, in the quantity's unit.
    pub values: Vec<f64>,
}

impl Trace {
    /// The values of one row over time: `row` is the segment, or 0 for a quantity of the soma.
    pub fn row(&self, row: usize) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().skip(row).step_by(self.width.max(1)).copied()
    }
}

/// A recorder that keeps chosen quantities, each at its own interval.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    traces: Vec<Trace>,
}

impl Recording {
    /// A recorder that keeps nothing yet; see [`with`](Self::with).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also keeps `quantity`, every `every` steps (1: every step).
    #[must_use]
    pub fn with(mut self, quantity: Quantity, every: usize) -> Self {
        self.traces.push(Trace { quantity, every: every.max(1), width: 1, values: Vec::new() });
        self
    }

    /// The first trace of a quantity; `None` where it is not recorded.
    #[must_use]
    pub fn trace(&self, quantity: Quantity) -> Option<&Trace> {
        self.traces.iter().find(|t| t.quantity == quantity)
    }

    /// The values of a quantity; empty where it is not recorded.
    #[must_use]
    pub fn values(&self, quantity: Quantity) -> &[f64] {
        self.trace(quantity).map_or(&[], |t| &t.values)
    }

    /// All traces, in the order in which they were added.
    #[must_use]
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }
}

impl Recorder for Recording {
    fn reserve(&mut self, steps: usize, neuron: &Neuron) -> Result<(), OutOfMemory> {
        for trace in &mut self.traces {
            if trace.quantity.per_segment() {
                trace.width = neuron.tree().segments.len();
            }
            let values = (steps / trace.every + 1).saturating_mul(trace.width);
            let bytes = values as u128 * size_of::<f64>() as u128;
            let room = trace.values.try_reserve_exact(values);
            room.map_err(|_| OutOfMemory { what: trace.quantity.to_string(), bytes })?;
        }
        Ok(())
    }

    fn record(&mut self, step: usize, neuron: &Neuron) {
        for trace in &mut self.traces {
            if step.is_multiple_of(trace.every) {
                if trace.quantity.per_segment() {
                    trace.width = neuron.tree().segments.len();
                }
                trace.quantity.read(neuron, &mut trace.values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::NeuronParams;

    #[test]
    fn traces_have_their_room_before_they_begin() {
        let neuron = Neuron::new(&NeuronParams::default()).unwrap();
        let mut recording = Recording::new().with(Quantity::SomaVoltage, 1);
        recording = recording.with(Quantity::DendVoltage, 40);
        recording.reserve(4000, &neuron).unwrap();
        let [soma, dendrite] = &recording.traces[..] else { panic!("two traces") };
        // the initial value, and one a step (soma) or one a ms (dendrite)
        assert!(soma.values.capacity() >= 4001 && dendrite.values.capacity() >= 101 * 8);
        // no address space holds so many values
        let refusal = recording.reserve(usize::MAX / 16, &neuron).unwrap_err();
        assert_eq!(refusal.what, Quantity::SomaVoltage.to_string());
        assert!(
            refusal.to_string().contains("MiB of memory, which are not to be had"),
            "{refusal}"
        );
    }
}
