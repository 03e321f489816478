//! First layers as maps: segments up, milliseconds back, one pair of maps per channel.

use super::known::Known;
use crate::twin::config::TwinConfig;
use crate::twin::results::Kernels;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::shared::{Neuron, option};
use crate::web::lesson::{Workers, command, figure, mini, place, say, write};
use crate::web::plot::{Colour, Data, Figure, FigureView, Panel, panels};
use crate::web::port::{Latest, Reply};
use crate::web::settings::Settings;
use crate::web::trainer::protocol::{ModelRef, ReadFirstLayer, RunRecord};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlElement, HtmlSelectElement};

/// The number of channels that are drawn at most: the strongest.
const MOST: usize = 16;

pub(super) struct KernelView {
    root: Element,
    select: HtmlSelectElement,
    ask: Latest<ReadFirstLayer>,
    shown: Rc<RefCell<Shown>>,
}

struct Shown {
    root: Element,
    profile: FigureView,
    place: Element,
    views: Vec<(HtmlElement, FigureView)>,
    layer: Option<Kernels>,
    one_scale: bool,
}

impl KernelView {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Self {
        let shown = Rc::new(RefCell::new(Shown {
            root: root.clone(),
            profile: figure(root, plot!("profile")),
            place: place(root, part!("kernels")),
            views: Vec::new(),
            layer: None,
            one_scale: false,
        }));
        let (of, at) = (shown.clone(), root.clone());
        let ask =
            Latest::quick(&workers.trainer, move |reply: Reply<ReadFirstLayer>| match reply {
                Reply::Answer(layer) => {
                    let layer = Kernels { dims: layer.dims, values: layer.values.0 };
                    say(&at, problem!("layer"), "");
                    of.borrow_mut().show(Some(layer));
                }
                Reply::Failed(error) => {
                    say(&at, problem!("layer"), &error);
                    of.borrow_mut().show(None);
                }
            });
        Self { root: root.clone(), select: place(root, choice!("layer")), ask, shown }
    }

    /// Offers the learner's runs, and shows the first layer that is chosen.
    pub(super) fn fill(&self, known: &Known) {
        for record in known.runs.iter().rev().filter(|record| has_kernels(record)) {
            let option = option(&format!("run-{}", record.plan.id), record, "");
            self.select.append_child(&option).ok();
        }
        self.follow(known);
    }

    pub(super) fn set(&self, controls: &Controls, known: &Known) {
        let one_scale = controls.choice(choice!("scale")) == "all";
        {
            let mut shown = self.shown.borrow_mut();
            if shown.one_scale != one_scale {
                shown.one_scale = one_scale;
                shown.draw();
            }
        }
        self.follow(known);
    }

    /// Shows the first layer that is chosen, from a recorded row or from the trainer.
    fn follow(&self, known: &Known) {
        let value = self.select.value();
        let neuron = if value.contains("point") { Neuron::Point } else { Neuron::Cable };
        let folder = neuron.params().short_name();
        let text = format!(
            "ballstick sweep --data data/{folder} --configs AB --out first-layers\n\
             # first-layers/{folder}/A/first_layer.svg, and B/first_layer.svg"
        );
        command::show(&self.root, cli!("layer"), &text);
        if let Some(id) = value.strip_prefix("run-") {
            let record = known.runs.iter().find(|record| record.plan.id == id);
            record.inspect(|record| self.ask.ask(ReadFirstLayer(record.twin())));
            return;
        }
        if let Some(name) = value.strip_prefix("twin-") {
            return self.ask.ask(ReadFirstLayer(ModelRef::Recorded(name.to_owned())));
        }
        let letter = value.rsplit('-').next().unwrap_or_default();
        let row = known
            .recorded
            .iter()
            .find(|row| Neuron::named(&row.neuron) == Some(neuron) && row.config == letter);
        let layer = row.and_then(|row| row.first_layer.clone());
        let why = match (&layer, known.recorded.is_empty()) {
            (Some(_), _) => String::new(),
            (None, true) => known.problem.clone(),
            (None, false) => format!(
                "The recorded results hold no first layer of {letter}: choose another twin."
            ),
        };
        say(&self.root, problem!("layer"), &why);
        self.shown.borrow_mut().show(layer);
    }
}

/// Whether a run has a checkpoint whose twin begins with kernels, as all but an ELM do.
fn has_kernels(record: &RunRecord) -> bool {
    let some = record.step > 0 || record.best_step.is_some();
    some && !matches!(record.plan.config, TwinConfig::Elm(_))
}

impl Shown {
    fn show(&mut self, layer: Option<Kernels>) {
        // a layer whose numbers do not fill its shape is not drawn
        let whole = |layer: &Kernels| {
            layer.dims[1] == 2
                && layer.dims.iter().all(|n| *n > 0)
                && layer.dims.iter().product::<usize>() == layer.values.len()
        };
        self.layer = layer.filter(whole);
        self.draw();
    }

    fn draw(&mut self) {
        let Some(layer) = self.layer.clone() else {
            self.views.iter().for_each(|(element, _)| dom::show(element, false));
            write(&self.root, stat!("layer-words"), "");
            return;
        };
        let [channels, kinds, segments, taps] = layer.dims;
        let order = strongest(&layer);
        let count = order.len().min(MOST);
        let more = match channels > count {
            true => format!(" The {count} strongest are drawn."),
            false => String::new(),
        };
        let text = format!(
            "{channels} kernels of 2 kinds of input × {segments} segments × {taps} ms. Orange raises the channel, blue lowers it; segment 1 is next to the soma, and the present is at the right.{more}"
        );
        write(&self.root, stat!("layer-words"), &text);
        while self.views.len() < count {
            self.views.push(mini(&self.place, "Kernel"));
        }
        let kernels: Vec<&[f64]> = layer.values.chunks_exact(kinds * segments * taps).collect();
        let all = panels::largest(&layer.values);
        for (n, (element, view)) in self.views.iter().enumerate() {
            dom::show(element, n < count);
            let Some(channel) = order.get(n).copied().filter(|_| n < count) else { continue };
            element.set_attribute("aria-label", &format!("Kernel {}", channel + 1)).ok();
            let top = self.one_scale.then_some(all);
            view.set(panels::kernel(channel, kernels[channel], segments, taps, top));
        }
        self.profile.set(profile(&layer));
    }
}

/// The channels by the sum of their weights' absolute values, the strongest first.
fn strongest(layer: &Kernels) -> Vec<usize> {
    let size = layer.dims[1..].iter().product::<usize>();
    let strength: Vec<f64> = layer
        .values
        .chunks_exact(size.max(1))
        .map(|kernel| kernel.iter().map(|w| w.abs()).filter(|w| w.is_finite()).sum())
        .collect();
    let mut order: Vec<usize> = (0..strength.len()).collect();
    order.sort_by(|a, b| strength[*b].total_cmp(&strength[*a]));
    order
}

/// The mean absolute weight at each ms, over channels and segments; `kind` 0 is excitation, 1 inhibition.
fn strength_in_time(layer: &Kernels, kind: usize) -> Vec<f64> {
    let [channels, kinds, segments, taps] = layer.dims;
    let mut sums = vec![0.0; taps];
    for channel in 0..channels {
        let at = (channel * kinds + kind) * segments * taps;
        for (n, weight) in layer.values[at..at + segments * taps].iter().enumerate() {
            sums[n % taps] += weight.abs();
        }
    }
    sums.iter().map(|sum| sum / (channels * segments) as f64).collect()
}

fn profile(layer: &Kernels) -> Figure {
    let taps = layer.dims[3];
    let start = -(taps as f64 - 1.0);
    let [exc, inh] = [0, 1].map(|kind| strength_in_time(layer, kind));
    let top = exc.iter().chain(&inh).copied().fold(1e-9, f64::max);
    let data = |y: &[f64]| Data::uniform(start, 1.0, y);
    let title = "how strongly each moment counts: mean size of a weight";
    let panel = Panel::new(title, "", (0.0, 1.1 * top), 110.0)
        .bold("excitation", Colour::Vermillion, data(&exc))
        .bold("inhibition", Colour::Blue, data(&inh))
        .digits(4);
    Figure::over(panels::back(taps)).with(panel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer() -> Kernels {
        let segments = 8;
        let dims = [2, 2, segments, 3];
        let mut values = vec![0.1; dims.iter().product()];
        // the second channel's inhibition of the last ms
        let size = segments * 3;
        for segment in 0..segments {
            values[3 * size + segment * 3 + 2] = -1.0;
        }
        Kernels { dims, values }
    }

    #[test]
    fn the_strongest_come_first_and_the_present_is_last() {
        assert_eq!(strongest(&layer()), [1, 0]);
        let inh = strength_in_time(&layer(), 1);
        assert!((inh[2] - 0.55).abs() < 1e-12 && (inh[0] - 0.1).abs() < 1e-12);
        let exc = strength_in_time(&layer(), 0);
        // a mean of sixteen numbers has sixteen roundings
        assert!(exc.len() == 3 && exc.iter().all(|w| (w - 0.1).abs() < 1e-12));
    }
}
