//! The filter-and-fire neuron (FF): inputs filtered by their synapses, nonlinear branches, a soma that fires.
//!
//! After Beniaguev, Shapira, Segev & London (2022), *Multiple synaptic contacts combined with dendritic filtering
//! enhance spatio-temporal pattern recognition of single neurons*, bioRxiv 2022.01.28.478132. Its neuron has one linear
//! sum; here the contacts are spread over branches, each with its own nonlinearity.
//!
//! An input spike of weight w on an axon reaches every contact c of that axon after the contact's delay and adds
//!
//! ```text
//! ±w·A_c·N_c·(e^(-t/τ_decay) - e^(-t/τ_rise))      mV, t ms after its arrival
//! ```
//!
//! to the sum u_b of the contact's branch b; N_c makes the peak A_c, excitatory axons add and inhibitory ones subtract.
//! The branch is at `E + f(u_b)`, with E the resting voltage and f one of [`BranchNonlinearity`]. The soma is a leaky
//! filter of the branches' mean, minus an after-spike current s:
//!
//! ```text
//! τ·dV/dt = -(V - E) + gain·mean_b f(u_b) - s,     τ_s·ds/dt = -s
//! ```
//!
//! At V ≥ threshold it fires: V shows a peak for one sample, s grows by its amplitude, and V is held at the reset
//! voltage for the refractory time. Every exponential advances by its exact factor over a step, whatever the step's
//! length, and delays need not be multiples of the step. The soma's drive is taken to be a straight line between two
//! samples, and the soma's equation is integrated exactly for that drive.
//!
//! ```
//! use ballstick::ff::{FfNeuron, FfParams};
//!
//! let params = FfParams::preset("ff-nmda")?;
//! let mut neuron = FfNeuron::new(&params)?;
//! neuron.deliver(3, 5.0, 0.0); // a weight of 5 on the excitatory axon of row 3
//! (0..20).for_each(|_| neuron.step());
//! assert!(neuron.v_soma_mv() > params.e_pas_mv);
//! # Ok::<(), ballstick::settings::SettingError>(())
//! ```

pub mod branch;
pub mod contact;
pub mod neuron;
pub mod nonlinearity;
pub mod params;
mod wiring;

pub use branch::BranchFunction;
pub use contact::{Axon, Contact, Placement};
pub use neuron::{FfNeuron, simulate};
pub use nonlinearity::BranchNonlinearity;
pub use params::FfParams;
