//! The contacts of a neuron: a list, or drawn by its wiring seed.

use super::contact::{Axon, Contact, Placement};
use super::params::FfParams;
use crate::random::RandomStream;

/// The least ratio of a drawn decay to the rise, as in the paper's code.
const DECAY_OVER_RISE: f64 = 1.5;

/// The second word of the random stream's key of a wiring.
const WIRING: u64 = 4;

impl FfParams {
    /// The listed contacts, or else those that the wiring seed draws.
    ///
    /// Drawn contacts have rise, decay, delay and weight uniform in their ranges; a decay below 1.5 times the rise is
    /// raised to that. Each axon has its own stream: with more branches the first ones' axons keep their contacts,
    /// apart from the branches that these reach.
    #[must_use]
    pub fn contacts(&self) -> Vec<Contact> {
        if let Some(contacts) = &self.contacts {
            return contacts.clone();
        }
        let axons = (0..self.num_branches)
            .flat_map(|input| [(Axon::Excitatory, input), (Axon::Inhibitory, input)]);
        axons.flat_map(|(axon, input)| self.draw_contacts(axon, input)).collect()
    }

    fn draw_contacts(&self, axon: Axon, input: usize) -> Vec<Contact> {
        let key = [self.wiring_seed, WIRING, axon as u64, input as u64];
        let mut stream = RandomStream::from_key(key, 0);
        let weights = match axon {
            Axon::Excitatory => self.weight_exc_range_mv,
            Axon::Inhibitory => self.weight_inh_range_mv,
        };
        (0..self.contacts_per_axon)
            .map(|k| {
                let tau_rise_ms = stream.between(self.tau_rise_range_ms);
                let decay = stream.between(self.tau_decay_range_ms);
                let delay_ms = stream.between(self.delay_range_ms);
                let weight_mv = stream.between(weights);
                let any = stream.below(self.num_branches);
                let own = k == 0 || self.placement == Placement::Clustered;
                Contact {
                    axon,
                    input,
                    branch: if own { input } else { any },
                    weight_mv,
                    tau_rise_ms,
                    tau_decay_ms: decay.max(DECAY_OVER_RISE * tau_rise_ms),
                    delay_ms,
                }
            })
            .collect()
    }
}
