//! Drafts: approximate outcomes of an experiment, shown until it is simulated exactly.

use super::ready::{Voltages, in_draft_steps, voltages};
use super::samples::Samples;
use super::spikes::spikes;
use super::{Experiment, Opened, OpenedChannel, Outcome};
use crate::sim::{BatchSimulator, Method, NeuronParams, SimError};

impl Experiment {
    /// Simulates the experiment in steps of a tenth of a millisecond, or of a twentieth where the neuron has regions or
    /// electrodes, by the batch path unless there is a clamp or a close-up, and interpolates linearly between the steps:
    /// an approximation of [`run`](Self::run) in a quarter of the time, by the batch path in a fifteenth (of a cell with
    /// channels everywhere, a seventh). Spikes may be off by about a millisecond, or in a long train by more.
    ///
    /// # Errors
    /// The errors of [`run`](Self::run).
    pub fn draft(&self) -> Result<Outcome, SimError> {
        let Some(params) = in_draft_steps(&self.params) else {
            return Ok(Outcome { draft: true, ..self.run()? });
        };
        let times = self.params.samples_per_ms / params.samples_per_ms;
        let coarse = match (self.clamp, self.close_up) {
            (None, None) if BatchSimulator::takes(&params, Method::FastF32) => {
                self.by_the_batch_path(&params)?
            }
            _ => Self { params, ..self.clone() }.run()?,
        };
        let opened = coarse.close_up.map(|opened| Opened {
            cai_mm: between(&opened.cai_mm, times),
            leak: between(&opened.leak, times),
            channels: opened
                .channels
                .iter()
                .map(|channel| OpenedChannel {
                    current: between(&channel.current, times),
                    activation: between(&channel.activation, times),
                    inactivation: between(&channel.inactivation, times),
                })
                .collect(),
            ..opened
        });
        Ok(Outcome {
            dt_ms: 1.0 / self.params.samples_per_ms as f64,
            soma_mv: between(&coarse.soma_mv, times),
            watched_mv: coarse
                .watched_mv
                .iter()
                .map(|(row, v)| (*row, between(v, times)))
                .collect(),
            close_up: opened,
            draft: true,
            ..coarse
        })
    }

    /// Simulates the experiment with these parameters, without clamp and close-up, by the batch path in single
    /// precision.
    fn by_the_batch_path(&self, params: &NeuronParams) -> Result<Outcome, SimError> {
        let (per_ms, rows) = (params.samples_per_ms, params.num_rows());
        let Voltages { soma_mv, dend_mv } = voltages::<true>(params, self.all_inputs())?;
        let dt_ms = 1.0 / per_ms as f64;
        let trace = |row: usize| dend_mv.iter().skip(row).step_by(rows).copied();
        let from = self.first_ms() * per_ms;
        let peak = |row| trace(row).skip(from).fold(f64::NEG_INFINITY, f64::max);
        let watch = self.watch.iter().copied().filter(|row| *row < rows);
        let spikes = spikes(&soma_mv, dt_ms, params.spike_threshold_mv);
        Ok(Outcome {
            dt_ms,
            dend_mv: (0..rows).flat_map(|row| trace(row).step_by(per_ms)).collect(),
            dend_peaks_mv: (0..rows).map(peak).collect(),
            watched_mv: watch.map(|row| (row, trace(row).collect())).collect(),
            spikes_ms: spikes.into_iter().map(|k| k as f64 * dt_ms).collect(),
            soma_mv: soma_mv.into(),
            close_up: None,
            draft: true,
        })
    }
}

/// The samples with `times` - 1 more on a straight line between each two neighbours.
fn between(samples: &Samples, times: usize) -> Samples {
    let mut all = Vec::with_capacity(samples.len() * times);
    for pair in samples.windows(2) {
        let (from, rise) = (pair[0], pair[1] - pair[0]);
        all.extend((0..times).map(|k| from + rise * k as f64 / times as f64));
    }
    all.extend(samples.last());
    Samples(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{CloseUp, SynapticEvent};
    use crate::sim::{Clamp, CurrentClamp};

    fn step() -> Experiment {
        let clamp = Some(CurrentClamp { start_ms: 20.0, duration_ms: 200.0, amplitude_na: 0.2 });
        let at = CloseUp { spike: 0, without_spike_ms: 25.0, before_ms: 3.0, after_ms: 7.0 };
        let (params, events) = (NeuronParams::default(), Vec::new());
        Experiment {
            params,
            duration_ms: 256,
            clamp,
            events,
            close_up: Some(at),
            watch: Vec::new(),
        }
    }

    #[test]
    fn a_draft_looks_as_what_it_is_a_draft_of() {
        let (fine, draft) = (step().run().unwrap(), step().draft().unwrap());
        assert!(draft.draft && !fine.draft);
        assert_eq!(draft.dt_ms, fine.dt_ms);
        assert_eq!(draft.soma_mv.len(), fine.soma_mv.len());
        assert_eq!(draft.dend_mv.len(), fine.dend_mv.len());
        let (first, close) = (fine.spikes_ms[0], draft.close_up.unwrap());
        // a spike's upstroke takes half a millisecond: an error below that does not show
        assert!((draft.spikes_ms[0] - first).abs() < 0.5, "{} {first}", draft.spikes_ms[0]);
        let window = |opened: &Opened| opened.leak.len();
        // windows begin and end on a step, and the two have different steps
        assert!(window(&close).abs_diff(window(fine.close_up.as_ref().unwrap())) <= 8);
        assert!(close.channels.iter().all(|c| c.current.len() == window(&close)));
        // before the current step both are at the same resting voltage
        assert!((draft.soma_mv[799] - fine.soma_mv[799]).abs() < 0.05);
    }

    #[test]
    fn a_draft_by_the_batch_path_looks_as_what_it_is_a_draft_of() {
        // a synapse beside the soma, which makes it fire, and one far out, which does not
        for (segment, weight, fires) in [(0, 40.0, true), (5, 12.0, false)] {
            let event = SynapticEvent::excitatory(segment, 20, weight);
            let events = Experiment::of_events(NeuronParams::default(), 150, vec![event]);
            let experiment = Experiment { watch: vec![segment, 99], ..events };
            let (fine, draft) = (experiment.run().unwrap(), experiment.draft().unwrap());
            assert!(draft.draft && draft.dt_ms == fine.dt_ms);
            let lengths = |o: &Outcome| {
                let watched: Vec<_> = o.watched_mv.iter().map(|(row, v)| (*row, v.len())).collect();
                (o.soma_mv.len(), o.dend_mv.len(), o.dend_peaks_mv.len(), watched)
            };
            assert_eq!(lengths(&draft), lengths(&fine));
            assert_eq!(draft.spikes_ms.len(), fine.spikes_ms.len());
            assert_eq!(!fine.spikes_ms.is_empty(), fires);
            for (a, b) in draft.spikes_ms.iter().zip(&fine.spikes_ms) {
                assert!((a - b).abs() < 1.0, "{a} {b}");
            }
            // an upstroke of 30 mV/ms that is half a step late is 1.5 mV too low then, which is a tenth of a pixel to
            // the side; a panel is 145 mV and 100 pixels high, so that all other errors are within a pixel
            let off = |a: &Samples, b: &Samples| -> Vec<f64> {
                a.iter().zip(b.iter()).map(|(a, b)| (a - b).abs()).collect()
            };
            let most = |off: &[f64]| off.iter().copied().fold(0.0, f64::max);
            if !fires {
                for (a, b) in [
                    (&draft.soma_mv, &fine.soma_mv),
                    (&draft.dend_mv, &fine.dend_mv),
                    (&draft.watched_mv[0].1, &fine.watched_mv[0].1),
                ] {
                    let off = off(a, b);
                    let mean = off.iter().sum::<f64>() / off.len() as f64;
                    assert!(most(&off) < 3.0 && mean < 0.2, "{} mV, {mean} mV", most(&off));
                }
                let peaks = most(&off(&draft.dend_peaks_mv, &fine.dend_peaks_mv));
                assert!(peaks < 1.0, "{peaks} mV");
            }
        }
    }

    #[test]
    fn a_draft_of_a_cell_with_channels_everywhere_has_its_spikes() {
        let mut params = NeuronParams::pyramidal();
        let clamp = |at: &str, x, start_ms, duration_ms, amplitude_na| Clamp {
            at: at.to_owned(),
            x,
            start_ms,
            duration_ms,
            amplitude_na,
        };
        params.clamps =
            vec![clamp("soma", 0.5, 60.0, 5.0, 1.9), clamp("trunk_5", 0.9, 65.0, 8.0, 0.4)];
        let experiment =
            Experiment { watch: vec![150], ..Experiment::of_events(params, 110, Vec::new()) };
        let (fine, draft) = (experiment.run().unwrap(), experiment.draft().unwrap());
        assert!(draft.draft && draft.dt_ms == fine.dt_ms);
        assert_eq!(draft.watched_mv[0].1.len(), fine.watched_mv[0].1.len());
        // both meet: the calcium spike makes more than the pulse's one spike
        assert!(fine.spikes_ms.len() > 1, "{:?}", fine.spikes_ms);
        assert_eq!(draft.spikes_ms.len(), fine.spikes_ms.len());
        // twice the step: within what a draft promises
        for (a, b) in draft.spikes_ms.iter().zip(&fine.spikes_ms) {
            assert!((a - b).abs() < 1.5, "{a} {b}");
        }
        assert_eq!(draft.dend_peaks_mv.len(), fine.dend_peaks_mv.len());
        for (row, (a, b)) in draft.dend_peaks_mv.iter().zip(fine.dend_peaks_mv.iter()).enumerate() {
            // 4 % of the panel's 150 mV: two or three pixels
            assert!((a - b).abs() < 6.0, "{row}: {a} {b}");
        }
    }

    #[test]
    fn a_neuron_of_long_steps_is_its_own_draft() {
        let params = NeuronParams { samples_per_ms: 8, ..NeuronParams::default() };
        let event = SynapticEvent::excitatory(3, 5, 10.0);
        let experiment = Experiment::of_events(params, 40, vec![event]);
        let fine = experiment.run().unwrap();
        assert_eq!(experiment.draft().unwrap(), Outcome { draft: true, ..fine });
    }

    #[test]
    fn lines_go_through_the_samples() {
        assert_eq!(
            between(&Samples(vec![0.0, 4.0, 2.0]), 4).0,
            [0.0, 1.0, 2.0, 3.0, 4.0, 3.5, 3.0, 2.5, 2.0]
        );
        assert_eq!(between(&Samples(vec![]), 4).0, [0.0; 0]);
    }
}
