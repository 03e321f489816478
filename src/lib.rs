//! Ball-and-stick neurons, exact and fast, and the networks that learn to be their twins.
//!
//! # From the equation to the twin
//!
//! A neuron's membrane obeys `C dV/dt = -Σ g(V, t)·(V - E) + axial currents`. [`sim`] cuts the dendrite into
//! compartments ([`sim::morphology`]), gives the soma its channels ([`sim::channel`]) and every segment its synapses
//! ([`sim::synapse`]), and steps them as NEURON's fixed step does ([`sim::neuron`]): currents at the present voltage,
//! one implicit solve of the tree ([`sim::cable`]), every gate by its exact exponential.
//!
//! ```
//! use ballstick::sim::{CurrentClamp, Inputs, NeuronParams, Quantity, Recording, simulate};
//!
//! let neuron = NeuronParams::preset("ampa-point")?;
//! let clamp = CurrentClamp { start_ms: 20.0, duration_ms: 150.0, amplitude_na: 0.6 };
//! let mut recording = Recording::new().with(Quantity::SomaVoltage, 1);
//! simulate(&neuron, &Inputs::silent(8, 200), Some(clamp), &mut recording)?;
//! let v = recording.values(Quantity::SomaVoltage);
//! assert!(v.iter().any(|&v| v > 20.0), "it fires");
//! # Ok::<(), ballstick::sim::SimError>(())
//! ```
//!
//! [`data`] turns voltages into what a network can learn: spikes, capped voltages, near spikes, a smoothed rate
//! ([`data::target`]), in NumPy's files ([`data::npy`]).
//!
//! ```
//! use ballstick::data::{Simulation, input::sweep};
//! use ballstick::sim::NeuronParams;
//!
//! let neuron = NeuronParams::default();
//! let simulation = Simulation::run(&neuron, sweep(8, 400, 25.0, 20.0), None, &[])?;
//! assert_eq!(simulation.targets.dend_v.dim(), (8, 400));
//! assert!(simulation.targets.spikes.iter().any(|&spike| spike));
//! # Ok::<(), ballstick::sim::SimError>(())
//! ```
//!
//! [`experiment`] runs the lessons' experiments on one neuron, such as a current step or a row of synapses.
//!
//! [`ff`] is another neuron, filter-and-fire, whose synapses and branches have closed forms; [`data::Model`] is either
//! of the two, for code that serves both.
//!
//! With the feature `twin`, the room `twin` holds the networks: their architectures, training, judging and weights.
//! With `plot`, the room `plot` describes and draws figures; with `web`, the room `web` is the page.
//!
//! *The original* is, throughout, the tutorial of Beniaguev et al., `tutorial_NEURON_pytorch`: its neurons, data sets,
//! twins and file formats are those that ballstick reads, writes and is compared with.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | (none) | simulator and data |
//! | `twin` | the networks, in Burn, on the CPU |
//! | `wgpu`, `cuda` | the same on a graphics device |
//! | `wgpu-dependencies` | what `wgpu` depends on, without our code for it: for builds that share dependencies |
//! | `plot` | figures: panels, axes, colours, and their drawing |
//! | `web` | the page: bindings, workers |

pub mod data;
#[cfg(test)]
#[path = "../tests/support/difference.rs"]
mod difference;
pub mod experiment;
pub mod ff;
#[cfg(feature = "plot")]
pub mod plot;
pub mod random;
pub mod settings;
pub mod sim;
pub mod simd;
#[cfg(feature = "twin")]
pub mod table;
pub mod text;
#[cfg(feature = "twin")]
pub mod twin;
pub mod units;
#[cfg(feature = "web")]
pub mod web;
