//! What follows from the list of channels.

use super::about::{About, Gating, Model};

/// Something done with one channel, whose formulas the compiler knows.
pub(crate) trait Visit {
    /// What comes of it.
    type Found;

    /// Does it with `M`.
    fn visit<M: Model>(self) -> Self::Found;
}

/// Makes the enumeration of channels, each with the module that has a [`Model`] of the same name.
macro_rules! channels {
    ($($(#[$doc:meta])* $channel:ident = $module:ident),* $(,)?) => {
        /// The channels, in the order in which NEURON sums their currents.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Channel {
            $($(#[$doc])* $channel),*
        }

        /// Their descriptions, by [`Channel`].
        const ABOUT: &[About] = &[$(<$module::$channel as Model>::ABOUT),*];

        impl Channel {
            /// All of them, in their order.
            pub const ALL: [Self; ABOUT.len()] = [$(Self::$channel),*];

            /// Its description.
            #[must_use]
            pub const fn about(self) -> &'static About {
                &ABOUT[self as usize]
            }

            /// Does something with this channel.
            #[inline(always)]
            pub(crate) fn visit<V: Visit>(self, what: V) -> V::Found {
                match self {
                    $(Self::$channel => what.visit::<$module::$channel>()),*
                }
            }
        }

        /// Hands on the kinetics of every gate that follows the voltage `v` (mV), in their order.
        #[inline(always)]
        fn each_by_voltage(
            v: f64,
            e: &mut impl Exponentials,
            gate: &mut impl FnMut(Kinetics),
        ) {
            $(<$module::$channel as Model>::by_voltage(v, e, gate);)*
        }

        /// Hands on the kinetics of every gate that follows the calcium inside (mM), in their order.
        fn each_by_calcium(cai: f64, gate: &mut impl FnMut(Kinetics)) {
            $(if let Some(kinetics) = <$module::$channel as Model>::by_calcium(cai) {
                gate(kinetics);
            })*
        }
    };
}
pub(super) use channels;

/// How many gates of the channels before this one follow the voltage.
pub(super) const fn count_by_voltage(all: &[About], before: usize) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < before {
        count += all[i].gating.by_voltage();
        i += 1;
    }
    count
}

/// How many gates of the channels before this one follow calcium.
pub(super) const fn count_by_calcium(all: &[About], before: usize) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < before {
        count += matches!(all[i].gating, Gating::Calcium) as usize;
        i += 1;
    }
    count
}

/// Exponentials in the rates of all gates.
pub(super) const fn count_exponentials(all: &[About]) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < all.len() {
        count += all[i].exponentials;
        i += 1;
    }
    count
}

/// The most exponentials that one channel has.
pub(super) const fn most_exponentials(all: &[About]) -> usize {
    let (mut most, mut i) = (0, 0);
    while i < all.len() {
        if all[i].exponentials > most {
            most = all[i].exponentials;
        }
        i += 1;
    }
    most
}
