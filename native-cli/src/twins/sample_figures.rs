//! One simulation in full: the neuron's and the twin's traces, whole and with a stretch enlarged.

use std::ops::Range;

use ballstick::plot::range::padded;
use ballstick::plot::{Axis, Colour, Data, Figure, Panel, Series, Sheet, Style, panels};
use ballstick::sim::Inputs;
use ballstick::text::{count, fixed};
use ballstick::twin::evaluate::Judged;
use ballstick::twin::sample_metrics::{CALLED, SampleMetrics, ValueMetrics};

use super::summary::metric;
use crate::plot::simulation;

/// Length of the enlarged stretch, ms.
pub const ZOOM_MS: usize = 512;

/// The content of a sample's figures.
pub struct Shown<'a> {
    /// Title above the figure.
    pub title: String,
    /// The inputs of the whole simulation; those outside the judged window are not drawn.
    pub inputs: &'a Inputs,
    /// The truth and the prediction.
    pub judged: &'a Judged,
    /// The cap of the soma's voltage in the targets, mV.
    pub soma_cap_mv: f64,
    /// First ms of the enlarged stretch; `None`: the stretch around the middle spike.
    pub zoom_ms: Option<usize>,
}

/// Titles of a figure's panels: whole sentences for the whole simulation, short ones for the enlarged stretch.
struct Titles {
    spikes: String,
    soma: String,
    near: String,
    rate: String,
    dendrite: String,
}

impl Titles {
    fn with_metrics(m: &SampleMetrics) -> Self {
        Self {
            spikes: told_spikes(m),
            soma: format!("soma voltage: {}", accuracy(&m.soma, "mV", 1.0)),
            near: format!("near spikes: AUC {}", metric(m.near_spike.AUC, 4, "")),
            rate: format!("instantaneous rate: {}", accuracy(&m.inst_rate, "Hz", 1000.0)),
            dendrite: format!("dendritic voltage: {}", accuracy(&m.dend_v, "mV", 1.0)),
        }
    }

    fn plain() -> Self {
        let [spikes, soma, near, rate, dendrite] =
            ["spikes", "soma voltage", "near spikes", "instantaneous rate", "dendritic voltage"]
                .map(str::to_owned);
        Self { spikes, soma, near, rate, dendrite }
    }
}

impl Shown<'_> {
    fn whole(&self) -> Range<usize> {
        self.judged.from_ms..self.judged.from_ms + self.judged.spikes.len()
    }

    /// The enlarged stretch, which lies within the judged window.
    fn zoom(&self) -> Range<usize> {
        let j = self.judged;
        let length = ZOOM_MS.min(j.spikes.len());
        let spikes: Vec<usize> = (0..j.spikes.len()).filter(|i| j.spikes[*i]).collect();
        let middle = spikes.get(spikes.len() / 2).copied().unwrap_or(j.spikes.len() / 2);
        let wanted = self
            .zoom_ms
            .map_or(middle.saturating_sub(length / 2), |ms| ms.saturating_sub(j.from_ms));
        let from = j.from_ms + wanted.min(j.spikes.len() - length);
        from..from + length
    }

    /// A trace over the judged window, one sample a ms.
    fn trace(&self, values: impl Iterator<Item = f64>) -> Data {
        Data::uniform(self.judged.from_ms as f64, 1.0, &values.collect::<Vec<_>>())
    }

    /// Events in the judged window, as bars that fill their ms.
    fn bars(&self, flags: &[bool]) -> Data {
        let values: Vec<f64> = flags.iter().map(|flag| f64::from(u8::from(*flag))).collect();
        Data::uniform(self.judged.from_ms as f64 + 0.5, 1.0, &values)
    }

    /// A panel of the inputs by segment, with ticks as long as their weights.
    fn inputs(&self) -> Panel {
        let Inputs { num_segments, ref exc, ref inh, .. } = *self.inputs;
        let largest = exc.iter().chain(inh).copied().fold(0.0, f64::max);
        let mut panel = panels::input(exc, inh, num_segments);
        panel.y.label = format!(
            "inputs (the longest ticks are weights of up to {largest:.1}), excitation and inhibition by segment"
        );
        panel.height = (12.0 * num_segments as f64).clamp(60.0, 400.0);
        panel
    }

    fn spikes(&self, title: String) -> Panel {
        let j = self.judged;
        let first = j.from_ms as f64;
        let called = j.spikes_predicted.iter().enumerate();
        let called: Vec<(f64, f64)> = called
            .filter(|(_, p)| f64::from(**p) >= CALLED)
            .map(|(ms, _)| (first + ms as f64, 1.1))
            .collect();
        let twin = self.trace(j.spikes_predicted.iter().map(|p| f64::from(*p)));
        let lines = [
            Series::new("neuron’s spikes", Colour::Sky, Style::Bars, self.bars(&j.spikes)),
            Series::new("twin’s probability", Colour::Vermillion, Style::Line, twin),
            Series::new("twin, above 0.5", Colour::Vermillion, Style::Scatter, called),
        ];
        Panel::lines(Axis::new(title, "", (0.0, 1.2)), 90.0, lines)
    }

    fn near(&self, title: String) -> Panel {
        let j = self.judged;
        let twin = self.trace(j.near_spike_predicted.iter().map(|p| f64::from(*p)));
        let lines = [
            Series::new("neuron", Colour::Sky, Style::Bars, self.bars(&j.near_spike)),
            Series::new("twin’s probability", Colour::Vermillion, Style::Line, twin),
        ];
        Panel::lines(Axis::new(title, "", (0.0, 1.05)), 80.0, lines)
    }

    /// A panel of truth and prediction over each other.
    fn both(&self, y: Axis, height: f64, [truth, prediction]: [&[f32]; 2], factor: f64) -> Panel {
        let values = |of: &[f32]| of.iter().map(|v| factor * f64::from(*v)).collect::<Vec<_>>();
        let [truth, prediction] = [values(truth), values(prediction)];
        let range = padded(truth.iter().chain(&prediction).copied(), 0.04);
        let lines = [
            Series::new("neuron", Colour::Ink, Style::Bold, self.trace(truth.into_iter())),
            Series::new(
                "twin",
                Colour::Vermillion,
                Style::Line,
                self.trace(prediction.into_iter()),
            ),
        ];
        Panel::lines(Axis { range, ..y }, height, lines)
    }

    fn soma(&self, title: String) -> Panel {
        let (j, cap) = (self.judged, self.soma_cap_mv);
        let y = Axis::new(title, "mV", (0.0, 1.0));
        let mut panel = self.both(y, 130.0, [&j.soma, &j.soma_predicted], 1.0);
        let whole = self.whole();
        panel.push(simulation::cap(cap, (whole.start as f64, whole.end as f64)));
        panel
    }

    fn rate(&self, title: String) -> Panel {
        let j = self.judged;
        self.both(Axis::new(title, "Hz", (0.0, 1.0)), 90.0, [&j.rate, &j.rate_predicted], 1000.0)
    }

    /// A panel of the dendritic voltages, each segment in a lane of its own; all lanes have the same range.
    fn dendrite(&self, title: &str) -> Panel {
        let j = self.judged;
        let time = j.spikes.len();
        let segments = j.dend.len() / time.max(1);
        let both = j.dend.iter().chain(&j.dend_predicted).map(|v| f64::from(*v));
        let (low, high) = padded(both, 0.04);
        let mut lines = Vec::new();
        let kinds =
            [("neuron", Colour::Ink, &j.dend), ("twin", Colour::Vermillion, &j.dend_predicted)];
        for segment in 0..segments {
            for (name, colour, values) in kinds {
                let of = &values[segment * time..(segment + 1) * time];
                let lane =
                    |v: &f32| segment as f64 + 0.53 + 0.94 * (f64::from(*v) - low) / (high - low);
                let name = if segment == 0 { name } else { "" };
                lines.push(Series::new(name, colour, Style::Line, self.trace(of.iter().map(lane))));
            }
        }
        let title =
            format!("{title}; a lane is {} to {} mV; by segment", fixed(low, 0), fixed(high, 0));
        let rows = Axis::new(title, "", (0.4, segments as f64 + 0.6));
        Panel::lines(rows, (28.0 * segments as f64).clamp(80.0, 900.0), lines)
    }

    /// A figure of input, spikes and soma voltage over a stretch.
    fn three(&self, titles: Titles, part: &Range<usize>) -> Figure {
        let panels = [self.inputs(), self.spikes(titles.spikes), self.soma(titles.soma)];
        Figure::new(time(part), panels)
    }

    /// A figure of the inputs and the five outputs over a stretch.
    fn six(&self, titles: Titles, part: &Range<usize>) -> Figure {
        let panels = [
            self.inputs(),
            self.spikes(titles.spikes),
            self.soma(titles.soma),
            self.near(titles.near),
            self.rate(titles.rate),
            self.dendrite(&titles.dendrite),
        ];
        Figure::new(time(part), panels)
    }

    /// A sheet of the whole simulation with a frame around the enlarged stretch, and of that stretch, in these columns.
    fn sheet(
        &self,
        columns: Vec<f64>,
        figure: impl Fn(&Self, Titles, &Range<usize>) -> Figure,
    ) -> Sheet {
        let m = SampleMetrics::new(0, self.judged);
        let zoom = self.zoom();
        let spikes = count(m.total_num_spikes, "spike");
        let title = [self.title.clone(), format!("{spikes} ({:.2} Hz)", m.firing_rate_hz)];
        let mut sheet = Sheet::new(title, columns);
        sheet.push("the whole simulation", figure(self, Titles::with_metrics(&m), &self.whole()));
        sheet.push(
            format!("{} to {} ms", zoom.start, zoom.end),
            figure(self, Titles::plain(), &zoom),
        );
        sheet.cells[0].frame = Some((zoom.start as f64, zoom.end as f64));
        sheet
    }

    /// A sheet of input, spikes and soma voltage: the whole simulation, and below it the enlarged stretch.
    pub fn minimal(&self) -> Sheet {
        self.sheet(vec![1300.0], Self::three)
    }

    /// A sheet of the inputs and the five outputs: the whole simulation beside the enlarged stretch.
    pub fn full(&self) -> Sheet {
        self.sheet(vec![960.0, 640.0], Self::six)
    }
}

fn time(part: &Range<usize>) -> Axis {
    Axis::time((part.start as f64, part.end as f64))
}

fn told_spikes(m: &SampleMetrics) -> String {
    format!(
        "spikes: precision {}, recall {} at 0.5, AUC {}",
        metric(m.spikes.precision, 4, ""),
        metric(m.spikes.recall, 4, ""),
        metric(m.spikes.AUC, 4, "")
    )
}

fn accuracy(fit: &ValueMetrics, unit: &str, factor: f64) -> String {
    format!(
        "MAE {:.2} {unit}, RMSE {:.2} {unit}, R² {}",
        factor * fit.MAE,
        factor * fit.RMSE,
        metric(fit.R2, 4, "")
    )
}

/// The metrics of a sample in lines, for the terminal.
pub fn lines(m: &SampleMetrics) -> String {
    let spikes = count(m.total_num_spikes, "spike");
    format!(
        "{spikes} ({:.2} Hz)\n{}\nnear spikes: AUC {}\nsoma voltage: {}\ninstantaneous rate: {}\ndendritic voltage: {}\n",
        m.firing_rate_hz,
        told_spikes(m),
        metric(m.near_spike.AUC, 4, ""),
        accuracy(&m.soma, "mV", 1.0),
        accuracy(&m.inst_rate, "Hz", 1000.0),
        accuracy(&m.dend_v, "mV", 1.0),
    )
}
