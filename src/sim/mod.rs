//! The simulator: a Hay et al. (2011) soma on a tree, passive or with channels, with AMPA, NMDA and GABA_A synapses.
//!
//! ```
//! use ballstick::sim::{Inputs, NeuronParams, Quantity, Recording, simulate};
//!
//! let neuron = NeuronParams::preset("nmda-cable")?;
//! let mut inputs = Inputs::silent(neuron.num_rows(), 100);
//! inputs.exc[10] = 5.0; // at 10 ms, next to the soma
//! let mut recording = Recording::new().with(Quantity::SomaVoltage, 1);
//! simulate(&neuron, &inputs, None, &mut recording)?;
//! let v = recording.values(Quantity::SomaVoltage);
//! assert_eq!(v.len(), 100 * 40 + 1);
//! assert!(v.iter().any(|&v| v > -80.0));
//! # Ok::<(), ballstick::sim::SimError>(())
//! ```

pub mod asc;
pub mod batch;
pub mod cable;
pub mod channel;
pub mod clamp;
pub mod hay2011;
pub mod math;
pub mod morphology;
pub mod neuron;
pub mod params;
pub mod readout;
pub mod reconstruction;
pub mod record;
pub mod region;
pub mod run;
pub mod swc;
pub mod synapse;

pub use batch::{BatchSimulator, Method};
pub use channel::{Channel, Gate};
pub use clamp::{Clamp, CurrentClamp};
pub use morphology::Branch;
pub use neuron::Neuron;
pub use params::NeuronParams;
pub use readout::{Readout, TargetParams};
pub use record::{OutOfMemory, Quantity, Recorder, Recording, Trace};
pub use region::{CalciumPool, Density, Law, Region};
pub use run::{Inputs, SimError, simulate};
