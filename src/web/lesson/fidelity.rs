//! The fidelity panel: our simulation over NEURON's recording, compared sample by sample.

use super::{Workers, figure, place, problem, write};
use crate::experiment::samples::Samples;
use crate::experiment::{Comparison, Experiment, Recorded};
use crate::text::grouped;
use crate::web::dom;
use crate::web::plot::{Colour, Data, Figure, FigureView, Panel, scale};
use crate::web::port::Reply;
use js_sys::Uint8Array;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement};

/// The recorded case: experiment (JSON) and NEURON's trace (64-bit floats, little-endian). A test checks that it is the
/// golden case of that name.
const CASE: &str = "recorded/nmda_cable_human";

/// A panel that loads its recording when it comes into sight.
pub(super) struct Fidelity {
    place: HtmlElement,
    started: Rc<Cell<bool>>,
    start: Rc<dyn Fn()>,
}

impl Fidelity {
    /// Takes over the lesson's element marked `data-figure="fidelity"`.
    pub(super) fn mount(root: &Element, workers: &Workers) -> Self {
        let view = figure(root, plot!("fidelity"));
        let (lesson, client) = (root.clone(), workers.background.clone());
        let start = Rc::new(move || {
            let (view, lesson, client) = (view.clone(), lesson.clone(), client.clone());
            spawn_local(async move {
                match load().await {
                    Ok(recorded) => {
                        let since = dom::now_ms();
                        client.ask(recorded, move |reply| match reply {
                            Reply::Answer(comparison) => {
                                show(&lesson, &view, &comparison, dom::now_ms() - since);
                            }
                            Reply::Failed(error) => problem(&lesson, &error),
                        });
                    }
                    Err(why) => {
                        problem(&lesson, &format!("The recording could not be loaded: {why}."))
                    }
                }
            });
        });
        let place = place(root, plot!("fidelity"));
        Self { place, started: Rc::default(), start }
    }

    /// Waits for the panel to come into sight, once.
    pub(super) fn update(&self) {
        if self.started.replace(true) {
            return;
        }
        let (start, begun) = (self.start.clone(), Cell::new(false));
        dom::on_sight(&self.place, move |seen| {
            if seen && !begun.replace(true) {
                start();
            }
        });
    }
}

async fn load() -> Result<Recorded, String> {
    let json = dom::fetch_text(&format!("{CASE}.json")).await?;
    let experiment: Experiment = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let cut_short = || "it is cut short".to_owned();
    let buffer = dom::fetch(&format!("{CASE}.f64")).await?.array_buffer();
    let buffer = JsFuture::from(buffer.map_err(|_| cut_short())?).await.map_err(|_| cut_short())?;
    let neuron_mv = Samples::from_le_bytes(&Uint8Array::new(&buffer).to_vec());
    Ok(Recorded { experiment, neuron_mv: neuron_mv.ok_or_else(cut_short)? })
}

fn show(root: &Element, view: &FigureView, comparison: &Comparison, took_ms: f64) {
    let ours = &comparison.ours;
    let samples = |mv: &[f64]| Data::samples(ours.dt_ms, mv);
    let both = ours.soma_mv.iter().zip(comparison.neuron_mv.iter());
    let difference: Vec<f64> = both.map(|(a, b)| 1e9 * (a - b)).collect();
    let top = (1e9 * comparison.max_difference_mv).max(1.0) * 1.1;
    let end = (ours.soma_mv.len() - 1) as f64 * ours.dt_ms;
    view.set(
        Figure::time((0.0, end)).with_all([
            Panel::new("soma voltage", "mV", (-90.0, 55.0), 170.0)
                .bold("NEURON 9.0.2", Colour::Orange, samples(&comparison.neuron_mv))
                .line("this page", Colour::Blue, samples(&ours.soma_mv))
                .digits(9),
            Panel::new("difference", "pV", (-top, top), 70.0)
                .line("this page − NEURON", Colour::Ink, samples(&difference))
                .digits(3),
        ]),
    );
    let max = comparison.max_difference_mv;
    let (largest, at) = match max {
        0.0 => ("0".to_owned(), String::new()),
        max => {
            let at = scale::fixed(comparison.at_ms, 3);
            (scale::scientific(max, 1), format!(" at {at} ms"))
        }
    };
    write(root, stat!("max-difference"), &largest);
    write(root, stat!("difference-at"), &at);
    write(root, stat!("samples"), &grouped(ours.soma_mv.len()));
    write(root, stat!("took"), &scale::fixed(took_ms, 0));
    write(root, stat!("fidelity-spikes"), &ours.spikes_ms.len().to_string());
}
