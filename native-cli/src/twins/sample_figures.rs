//! One simulation in full: the neuron's answers and the twin's, whole and a stretch enlarged.

use std::ops::Range;

use ballstick::sim::Inputs;
use ballstick::text::count;
use ballstick::twin::evaluate::Judged;
use ballstick::twin::sample_metrics::{CALLED, SampleMetrics, ValueMetrics};
use plotters::style::Color;

use super::summary::metric;
use crate::plot::grid::Grid;
use crate::plot::palette::{BLUE, INK, VERMILLION};
use crate::plot::panel::{Axis, Layer, Mark, Panel, thinned};
use crate::plot::scale::Scale;

/// How long the enlarged stretch is, ms.
pub const ZOOM_MS: usize = 512;

/// What is drawn.
pub struct Shown<'a> {
    /// Above it.
    pub title: String,
    /// The inputs of the whole simulation; what the twin was not judged on is left out.
    pub inputs: &'a Inputs,
    /// Truth and prediction.
    pub judged: &'a Judged,
    /// Where the soma's voltage is capped, mV.
    pub soma_cap_mv: f64,
    /// First ms of the enlarged stretch; none for one around the spike in the middle.
    pub zoom_ms: Option<usize>,
}

/// Pixels across the widest plot.
const ACROSS: usize = 1200;

impl Shown<'_> {
    fn whole(&self) -> Range<f64> {
        let from = self.judged.from_ms as f64;
        from..from + self.judged.spikes.len() as f64
    }

    /// The enlarged stretch, inside the whole.
    fn zoom(&self) -> Range<f64> {
        let j = self.judged;
        let length = ZOOM_MS.min(j.spikes.len());
        let spikes: Vec<usize> = (0..j.spikes.len()).filter(|i| j.spikes[*i]).collect();
        let middle = spikes.get(spikes.len() / 2).copied().unwrap_or(j.spikes.len() / 2);
        let wanted = self
            .zoom_ms
            .map_or(middle.saturating_sub(length / 2), |ms| ms.saturating_sub(j.from_ms));
        let from = (j.from_ms + wanted.min(j.spikes.len() - length)) as f64;
        from..from + length as f64
    }

    fn time(&self, part: &Range<f64>) -> Axis {
        Axis::new("time (ms)", Scale::linear(part.start, part.end))
    }

    /// A trace within a stretch, thinned to what can be seen.
    fn trace(&self, values: &[f32], factor: f64, part: &Range<f64>) -> Vec<(f64, f64)> {
        let from = self.judged.from_ms;
        let points: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .map(|(i, v)| ((from + i) as f64, factor * f64::from(*v)))
            .filter(|p| (part.start - 1.0..=part.end).contains(&p.0))
            .collect();
        thinned(&points, &Scale::linear(part.start, part.end), ACROSS)
    }

    /// A stroke for each bin with input, up for excitation and down for inhibition, from its segment's line. Of bins
    /// that share a pixel the largest.
    fn inputs(&self, part: &Range<f64>) -> Panel {
        let Inputs { num_segments, duration_ms, exc, inh } = self.inputs;
        let largest = exc.iter().chain(inh).copied().fold(0.0, f64::max).max(1e-12);
        let step = (part.end - part.start) / ACROSS as f64;
        let strokes = |weights: &[f64], sign: f64| {
            let mut pairs: Vec<(f64, f64)> = Vec::new();
            for row in 0..*num_segments {
                let base = row as f64;
                let (mut pixel, mut tallest) = (i64::MIN, 0.0);
                for ms in part.start as usize..(part.end as usize).min(*duration_ms) {
                    let weight = weights[row * duration_ms + ms];
                    if weight <= 0.0 {
                        continue;
                    }
                    let here = ((ms as f64 - part.start) / step.max(1.0)).floor() as i64;
                    if here == pixel && weight <= tallest {
                        continue;
                    }
                    if here == pixel {
                        pairs.truncate(pairs.len() - 2);
                    }
                    (pixel, tallest) = (here, weight);
                    let x = ms as f64;
                    pairs.extend([(x, base), (x, base + sign * 0.48 * weight / largest)]);
                }
            }
            pairs
        };
        let rows = Axis::new("segment", Scale::linear(-0.6, *num_segments as f64 - 0.4));
        let title = format!("inputs (the longest stroke is a weight of {largest:.1})");
        Panel::new(title, self.time(part), rows).with(vec![
            Layer::new("excitation", VERMILLION, Mark::Pairs(1), strokes(exc, 1.0)),
            Layer::new("inhibition", BLUE, Mark::Pairs(1), strokes(inh, -1.0)),
        ])
    }

    fn spikes(&self, title: String, part: &Range<f64>) -> Panel {
        let j = self.judged;
        let at = |is: &dyn Fn(usize) -> bool, y: f64| -> Vec<(f64, f64)> {
            let all = (0..j.spikes.len()).filter(|i| is(*i));
            all.map(|i| ((j.from_ms + i) as f64, y)).collect()
        };
        let truth = at(&|i| j.spikes[i], 1.32);
        let said = at(&|i| f64::from(j.spikes_predicted[i]) >= CALLED, 1.12);
        let y = Axis::new("probability", Scale::linear(0.0, 1.45));
        let probability = self.trace(&j.spikes_predicted, 1.0, part);
        Panel::new(title, self.time(part), y).with(vec![
            Layer::line("twin’s probability", VERMILLION.mix(0.8), probability),
            Layer::new("twin, above 0.5", VERMILLION, Mark::Ticks(12), said),
            Layer::new("neuron’s spikes", BLUE, Mark::Ticks(12), truth),
        ])
    }

    /// Truth and prediction over each other.
    fn both(
        &self,
        title: String,
        unit: &str,
        [truth, prediction]: [&[f32]; 2],
        factor: f64,
        part: &Range<f64>,
    ) -> Panel {
        let all = self.whole();
        let (truth_all, said_all) =
            (self.trace(truth, factor, &all), self.trace(prediction, factor, &all));
        let (low, high) = ends(truth_all.iter().chain(&said_all).map(|p| p.1));
        let y = Axis::new(unit, Scale::linear(low, high));
        let (truth, said) = (self.trace(truth, factor, part), self.trace(prediction, factor, part));
        Panel::new(title, self.time(part), y).with(vec![
            Layer::line("neuron", BLUE, truth),
            Layer::line("twin", VERMILLION.mix(0.85), said),
        ])
    }

    fn soma(&self, title: String, part: &Range<f64>) -> Panel {
        let j = self.judged;
        let mut panel = self.both(title, "mV", [&j.soma, &j.soma_predicted], 1.0, part);
        let cap = self.soma_cap_mv;
        let line = vec![(part.start, cap), (part.end, cap)];
        panel.layers.push(Layer::new(format!("cap, {cap} mV"), INK, Mark::Dashed, line));
        panel
    }

    /// Every segment in a lane of its own, all lanes of the same range.
    fn dendrite(&self, fit: Option<&ValueMetrics>, part: &Range<f64>) -> Panel {
        let j = self.judged;
        let time = j.spikes.len();
        let segments = j.dend.len() / time.max(1);
        let both = j.dend.iter().chain(&j.dend_predicted).map(|v| f64::from(*v));
        let (low, high) = ends(both);
        let mut layers = Vec::new();
        let kinds =
            [("neuron", BLUE.mix(1.0), &j.dend), ("twin", VERMILLION.mix(0.85), &j.dend_predicted)];
        for segment in 0..segments {
            for (label, color, values) in kinds {
                let of = &values[segment * time..(segment + 1) * time];
                let lane = |(x, v): (f64, f64)| {
                    (x, segment as f64 - 0.47 + 0.94 * (v - low) / (high - low))
                };
                let points = self.trace(of, 1.0, part).into_iter().map(lane).collect();
                let label = if segment == 0 { label } else { "" };
                layers.push(Layer::line(label, color, points));
            }
        }
        let lanes = format!("a lane is {low:.0} to {high:.0} mV");
        let title = fit.map_or(lanes.clone(), |fit| {
            format!("dendritic voltage: {}; {lanes}", told(fit, "mV", 1.0))
        });
        let rows = Axis::new("segment", Scale::linear(-0.6, segments as f64 - 0.4));
        Panel::new(title, self.time(part), rows).with(layers)
    }

    /// Input, spikes and soma, each for the whole simulation and enlarged.
    pub fn minimal(&self) -> Grid {
        let m = SampleMetrics::new(0, self.judged);
        let (whole, zoom) = (self.whole(), self.zoom());
        let mut top = [
            self.inputs(&whole),
            self.spikes(told_spikes(&m), &whole),
            self.soma(format!("soma voltage: {}", told(&m.soma, "mV", 1.0)), &whole),
        ];
        top.iter_mut().for_each(|panel| panel.zoom = Some(zoom.clone()));
        let enlarged = format!("{:.0} to {:.0} ms", zoom.start, zoom.end);
        let below = [
            self.inputs(&zoom),
            self.spikes(format!("spikes, {enlarged}"), &zoom),
            self.soma(format!("soma voltage, {enlarged}"), &zoom),
        ];
        let rows = self.rows();
        let heights = [90 + 16 * rows, 170, 230].repeat(2);
        let panels = top.into_iter().chain(below).collect();
        Grid { title: self.titles(&m), widths: vec![1300], heights, panels }
    }

    /// The inputs and the five answers, the whole beside the enlarged stretch.
    pub fn full(&self) -> Grid {
        let (j, m) = (self.judged, SampleMetrics::new(0, self.judged));
        let (whole, zoom) = (self.whole(), self.zoom());
        let near = format!("near spikes: AUC {}", metric(m.near_spike.AUC, 4, ""));
        let rows = |part: &Range<f64>, of_whole: bool| {
            let title = |text: String| if of_whole { text } else { String::new() };
            let near_truth: Vec<f32> =
                j.near_spike.iter().map(|n| f32::from(u8::from(*n))).collect();
            let soma = format!("soma voltage: {}", told(&m.soma, "mV", 1.0));
            let rate = format!("instantaneous rate: {}", told(&m.inst_rate, "Hz", 1000.0));
            [
                self.inputs(part),
                self.spikes(title(told_spikes(&m)), part),
                self.soma(title(soma), part),
                self.both(
                    title(near.clone()),
                    "probability",
                    [&near_truth, &j.near_spike_predicted],
                    1.0,
                    part,
                ),
                self.both(title(rate), "Hz", [&j.rate, &j.rate_predicted], 1000.0, part),
                self.dendrite(of_whole.then_some(&m.dend_v), part),
            ]
        };
        let mut panels = Vec::new();
        for (mut left, mut right) in rows(&whole, true).into_iter().zip(rows(&zoom, false)) {
            left.zoom = Some(zoom.clone());
            // told once, on the left
            right.layers.iter_mut().for_each(|layer| layer.label.clear());
            if right.title.is_empty() || right.title.starts_with("inputs") {
                right.title = format!("{:.0} to {:.0} ms", zoom.start, zoom.end);
            }
            panels.extend([left, right]);
        }
        let n = self.rows();
        let heights = vec![90 + 16 * n, 170, 220, 170, 170, 90 + 34 * n];
        Grid { title: self.titles(&m), widths: vec![960, 640], heights, panels }
    }

    fn rows(&self) -> u32 {
        (self.inputs.num_segments as u32).min(40)
    }

    fn titles(&self, m: &SampleMetrics) -> Vec<String> {
        let spikes = count(m.total_num_spikes, "spike");
        vec![self.title.clone(), format!("{spikes} ({:.2} Hz)", m.firing_rate_hz)]
    }
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    let room = (0.04 * (high - low)).max(1e-6);
    (low - room, high + room)
}

fn told_spikes(m: &SampleMetrics) -> String {
    format!(
        "spikes: precision {}, recall {} at 0.5, AUC {}",
        metric(m.spikes.precision, 4, ""),
        metric(m.spikes.recall, 4, ""),
        metric(m.spikes.AUC, 4, "")
    )
}

fn told(fit: &ValueMetrics, unit: &str, factor: f64) -> String {
    format!(
        "MAE {:.2} {unit}, RMSE {:.2} {unit}, R² {}",
        factor * fit.MAE,
        factor * fit.RMSE,
        metric(fit.R2, 4, "")
    )
}

/// The same in lines, for the terminal.
pub fn lines(m: &SampleMetrics) -> String {
    let spikes = count(m.total_num_spikes, "spike");
    format!(
        "{spikes} ({:.2} Hz)\n{}\nnear spikes: AUC {}\nsoma voltage: {}\ninstantaneous rate: {}\ndendritic voltage: {}\n",
        m.firing_rate_hz,
        told_spikes(m),
        metric(m.near_spike.AUC, 4, ""),
        told(&m.soma, "mV", 1.0),
        told(&m.inst_rate, "Hz", 1000.0),
        told(&m.dend_v, "mV", 1.0),
    )
}
