//! Lesson 9, bonus: first layers as kernels in space and time, the four architectures by what they cost, and two
//! experiments on the neuron with its twin looking on.

mod board;
mod effects;
mod kernels;
mod known;
mod variant;

use super::shared::{Neuron, recorded};
use super::this::This;
use super::{Lesson, Workers, command};
use crate::data::generate::generate;
use crate::data::{GeneratorConfig, Split};
use crate::experiment::{SynapticEvent, events};
use crate::sim::NeuronParams;
use crate::web::controls::Controls;
use crate::web::settings::Settings;
use crate::web::trainer::store::RunStore;
use board::Board;
use kernels::KernelView;
use known::Known;
use std::cell::RefCell;
use std::rc::Rc;
use variant::{Trial, Variant};
use web_sys::Element;

/// How long both experiments last, ms.
const DURATION_MS: usize = 1000;

struct Bonus {
    root: Element,
    kernels: KernelView,
    board: Board,
    sk: Variant,
    nmda: Variant,
    known: RefCell<Known>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lesson = Rc::new(Bonus {
        root: root.clone(),
        kernels: KernelView::mount(root, workers),
        board: Board::mount(root),
        sk: Variant::mount(root, workers, "sk", ["SK off", "as set"], false),
        nmda: Variant::mount(root, workers, "nmda", ["human", "as set"], true),
        known: RefCell::default(),
    });
    effects::fill(root);
    let found = async { (recorded().await, RunStore::stored().await) };
    This::of(&lesson).after(found, |lesson, (rows, runs)| {
        {
            let mut known = lesson.known.borrow_mut();
            match rows {
                Ok(rows) => known.recorded = rows,
                Err(why) => known.problem = why,
            }
            // a browser that stores nothing has no runs
            known.runs = runs.unwrap_or_default();
        }
        let known = lesson.known.borrow();
        lesson.board.fill(&known);
        lesson.kernels.fill(&known);
    });
    lesson
}

impl Lesson for Bonus {
    fn update(&self, controls: &Controls) {
        self.kernels.set(controls, &self.known.borrow());
        self.board.set(controls, &self.known.borrow());
        self.set_sk(controls);
        self.set_nmda(controls);
    }
}

impl Bonus {
    fn set_sk(&self, controls: &Controls) {
        let cable = controls.choice(choice!("skcell")) == "cable";
        let neuron = if cable { Neuron::Cable } else { Neuron::Point };
        let reference = neuron.params();
        let factor = controls.number(number!("ske")).clamp(0.0, 1.0);
        let variant = NeuronParams { sk_e2_factor: factor, ..reference.clone() };
        let drive = controls.number(number!("drive")).clamp(0.0, 20.0);
        let generator =
            GeneratorConfig { exc_magnitude: [[drive; 2]; 2], ..GeneratorConfig::default() };
        let trial = Trial {
            events: drawn(&generator, controls.seed(number!("skseed")), reference.num_rows()),
            duration_ms: DURATION_MS,
            segment: 0,
            twin: neuron,
            reference,
            variant,
        };
        let (preset, folder) = (neuron.preset(), trial.variant.short_name());
        let twin = neuron.recorded_twin();
        let text = format!(
            "ballstick dataset --preset {preset} --set multiplicative_SKE2_factor={factor} --out data-sk\n\
             ballstick evaluate --model {twin}.safetensors --data data-sk/{folder}   # the old twin on the new neuron\n\
             ballstick train --data data-sk/{folder} --config C --out twin-sk   # a twin of its own"
        );
        command::show(&self.root, cli!("sk"), &text);
        self.sk.ask(trial);
    }

    fn set_nmda(&self, controls: &Controls) {
        let reference = Neuron::Cable.params();
        let (g_ns, gamma) =
            (controls.number(number!("gn")).max(0.0), controls.number(number!("gamma")).max(0.0));
        let g_us = (g_ns * 1e-3 * 1e7).round() / 1e7;
        let variant = NeuronParams { g_max_nmda: g_us, gamma_nmda: gamma, ..reference.clone() };
        let rows = reference.num_rows();
        let segment = controls.whole(number!("nseg")).clamp(1, rows) - 1;
        let folder = variant.short_name();
        let rodent =
            NeuronParams::preset("nmda-cable-rodent").is_ok_and(|preset| preset == variant);
        let options = match rodent {
            true => "--preset nmda-cable-rodent".to_owned(),
            false => {
                format!("--preset nmda-cable --set g_max_NMDA_uS={g_us} --set gamma_NMDA={gamma}")
            }
        };
        let text = format!(
            "ballstick dataset --preset nmda-cable --out data-human\n\
             ballstick dataset {options} --out data-other\n\
             # shallow and deep on both: one sweep each, for they have one name\n\
             ballstick sweep --data data-human/{folder} --configs AD --out sweep-human\n\
             ballstick sweep --data data-other/{folder} --configs AD --out sweep-other"
        );
        command::show(&self.root, cli!("nmda"), &text);
        self.nmda.ask(Trial {
            events: drawn(&GeneratorConfig::default(), controls.seed(number!("nseed")), rows),
            duration_ms: DURATION_MS,
            segment,
            twin: Neuron::Cable,
            reference,
            variant,
        });
    }
}

/// The synaptic events of a random input.
fn drawn(generator: &GeneratorConfig, seed: u64, rows: usize) -> Vec<SynapticEvent> {
    events(&generate(generator, seed, Split::Train, 0, rows, DURATION_MS).inputs)
}
