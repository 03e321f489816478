//! The experiments of lesson 3½, after Larkum, Zhu and Sakmann 1999 (*Nature* 398:338) in the form of Hay et al. 2011: a
//! current pulse into the soma, a current of the form of an EPSP into the apical dendrite, and both.

use super::cell::Pyramid;
use crate::experiment::{Experiment, Outcome};
use crate::sim::region::{Density, Law};
use crate::sim::{Channel, Clamp, NeuronParams};
use crate::web::names::Stat;
use crate::web::settings::{Reading, Settings, highest};

/// How long the cell is simulated, ms.
pub(super) const DURATION_MS: usize = 200;
/// When the pulse into the soma begins, ms: the cell, which starts at one voltage everywhere, has come to rest by then.
pub(in crate::web::lesson) const PULSE_MS: f64 = 100.0;
const PULSE_LENGTH_MS: f64 = 5.0;
/// Time constants of the dendritic current's rise and decay, ms.
const RISE_MS: f64 = 0.5;
const DECAY_MS: f64 = 5.0;
/// The pieces of constant current that make it, and how long they last together, ms.
const PIECE_MS: f64 = 0.5;
const EPSP_LENGTH_MS: f64 = 30.0;
/// A calcium spike is above this voltage, mV.
pub(in crate::web::lesson) const PLATEAU_MV: f64 = -40.0;

/// What is injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::lesson) enum Case {
    /// The pulse into the soma.
    Soma,
    /// The current into the dendrite.
    Dendrite,
    /// Both.
    Both,
}

impl Case {
    /// All three, in the order of the table.
    pub(in crate::web::lesson) const ALL: [Self; 3] = [Self::Soma, Self::Dendrite, Self::Both];

    /// The case's part of the names of its numbers.
    pub(in crate::web::lesson) fn key(self) -> &'static str {
        match self {
            Self::Soma => "soma",
            Self::Dendrite => "dend",
            Self::Both => "both",
        }
    }
}

/// The cell with the channels and densities that the controls say.
pub(in crate::web::lesson) fn membrane(settings: &impl Settings, cell: &Pyramid) -> NeuronParams {
    let mut params = cell.params.clone();
    let calcium = [Channel::CaHva, Channel::CaLvast];
    let (zone_um, width_um) = (settings.number(number!("zone")), settings.number(number!("wide")));
    let [hot, steep] = [number!("hot"), number!("steep")].map(|key| settings.number(key));
    for (name, region) in &mut params.regions {
        for (channel, density) in &mut region.channels {
            match density {
                Density::Law(Law::Window { from_um, to_um, inside, .. }) => {
                    // the published zone begins at 685 µm; a cell whose apical dendrite begins elsewhere has it moved
                    *from_um += zone_um - 685.0;
                    *to_um = *from_um + width_um;
                    *inside *= hot;
                }
                Density::Law(Law::Exponential { offset, scale, .. }) => {
                    // the density at the soma stays, what it gains on the way is multiplied
                    *offset += *scale * (1.0 - steep);
                    *scale *= steep;
                }
                Density::Law(Law::Linear { .. }) | Density::Constant(_) => {}
            }
            let blocked = (*channel == Channel::Ih && !settings.on(switch!("Ih")))
                || (calcium.contains(channel) && !settings.on(switch!("Ca")))
                || (*channel == Channel::NaTa && name == "apical" && !settings.on(switch!("Na")));
            if blocked {
                *density = Density::Constant(0.0);
            }
        }
    }
    params
}

/// The row of the segment into which the dendritic current flows, and its path distance from the soma, µm.
pub(in crate::web::lesson) fn place(settings: &impl Settings, cell: &Pyramid) -> (usize, f64) {
    cell.nearest(settings.number(number!("at")))
}

/// The cell with its electrodes.
pub(super) fn injected(settings: &impl Settings, cell: &Pyramid, case: Case) -> NeuronParams {
    let mut params = membrane(settings, cell);
    let [pulse_na, epsp_na, gap_ms] =
        [number!("amp"), number!("epsp"), number!("gap")].map(|key| settings.number(key));
    if case != Case::Dendrite {
        params.clamps.push(Clamp {
            at: "soma".to_owned(),
            x: 0.5,
            start_ms: PULSE_MS,
            duration_ms: PULSE_LENGTH_MS,
            amplitude_na: pulse_na,
        });
    }
    if case != Case::Soma {
        let (row, _) = place(settings, cell);
        let branches = params.branches();
        if let Some((at, number)) = crate::plot::neuron::place_of(&branches, row) {
            let x = (number as f64 + 0.5) / branches[at].num_segments as f64;
            for (start_ms, amplitude_na) in epsp(PULSE_MS + gap_ms, epsp_na) {
                let at = branches[at].name.clone();
                params.clamps.push(Clamp { at, x, start_ms, duration_ms: PIECE_MS, amplitude_na });
            }
        }
    }
    params
}

/// A current of the form of an EPSP with this peak, in pieces: the start (ms) and the current (nA, to a thousandth of the
/// peak) of each.
pub(super) fn epsp(start_ms: f64, peak_na: f64) -> impl Iterator<Item = (f64, f64)> {
    let form = |t: f64| f64::exp(-t / DECAY_MS) - f64::exp(-t / RISE_MS);
    let peak_ms = RISE_MS * DECAY_MS / (DECAY_MS - RISE_MS) * f64::ln(DECAY_MS / RISE_MS);
    let pieces = (EPSP_LENGTH_MS / PIECE_MS) as usize;
    (0..pieces).map(move |n| {
        let t = n as f64 * PIECE_MS;
        let share = form(t + 0.5 * PIECE_MS) / form(peak_ms);
        (start_ms + t, peak_na * (1e3 * share).round() / 1e3)
    })
}

/// The experiment of a case; the segment of the dendritic current is watched.
pub(in crate::web::lesson) fn experiment(
    settings: &impl Settings,
    cell: &Pyramid,
    case: Case,
) -> Experiment {
    let watch = vec![place(settings, cell).0];
    let params = injected(settings, cell, case);
    Experiment { watch, ..Experiment::of_events(params, DURATION_MS, Vec::new()) }
}

/// The voltage where the dendritic current flows in, at every step, mV.
pub(super) fn at_the_place(outcome: &Outcome) -> &[f64] {
    outcome.watched_mv.first().map_or(&[], |(_, mv)| mv)
}

/// The numbers of a case: the soma's spikes, the highest voltage where the dendritic current flows in, and for how long
/// it is above [`PLATEAU_MV`] there.
pub(in crate::web::lesson) fn readings(case: Case, outcome: &Outcome) -> [Reading; 3] {
    let from = (PULSE_MS / outcome.dt_ms) as usize;
    let mv = at_the_place(outcome).get(from..).unwrap_or_default();
    let above = mv.iter().filter(|v| **v > PLATEAU_MV).count() as f64 * outcome.dt_ms;
    let key = case.key();
    [
        Reading::new(stat!("spikes-{}", key), outcome.spikes_ms.len() as f64, 0),
        Reading::new(stat!("peak-{}", key), highest(mv), 1),
        Reading::new(stat!("above-{}", key), above, 1),
    ]
}

/// The soma's voltage before the pulse.
pub(in crate::web::lesson) fn rest(outcome: &Outcome) -> Reading {
    let before = (PULSE_MS / outcome.dt_ms) as usize;
    let mv = outcome.soma_mv.get(before).copied().unwrap_or(f64::NAN);
    let name: Stat = stat!("rest");
    Reading::new(name, mv, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_has_its_peak_and_form() {
        let pieces: Vec<(f64, f64)> = epsp(105.0, 0.5).collect();
        assert_eq!(pieces[0].0, 105.0);
        let most = pieces.iter().map(|p| p.1).fold(0.0, f64::max);
        // pieces of half a millisecond around a peak that is round within one
        assert!((most - 0.5).abs() < 0.01, "{most}");
        let last = pieces.last().unwrap();
        // e^(-30/5) of the decay is left, 0.2 % of 0.5 nA over the form's 0.7 at its peak
        assert!(last.1 < 0.003 && last.0 == 134.5, "{last:?}");
    }
}
