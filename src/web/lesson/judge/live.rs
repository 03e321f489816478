//! A volley of input that the learner moves, for the neuron and for its twin.

use crate::data::Split;
use crate::data::generate::random_inputs;
use crate::data::mixing::Mixing;
use crate::experiment::{SynapticEvent, events};
use crate::web::controls::Controls;
use crate::web::lesson::shared::{Chosen, Duet, Neuron, Scene};
use crate::web::lesson::{Workers, command, figure, say, write};
use crate::web::names::Number;
use crate::web::plot::Figure;
use crate::web::plot::scale::fixed;
use crate::web::settings::Settings;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Element;

/// How long neuron and twin are shown, ms.
const DURATION_MS: usize = 500;

/// What is said of a twin from a file, or of a neuron of the learner's own.
const UNKNOWN: &str =
    "Which neuron this twin is of is not known here: the neuron beside it is the NMDA cable.";

/// The background that the volley is added to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Background {
    None,
    /// Random inputs, drawn as those of a data set are.
    Random,
    /// Axons that each reach all segments.
    Mixing,
}

impl Background {
    fn of(controls: &Controls) -> Self {
        match (controls.on(switch!("mix")), controls.on(switch!("bg"))) {
            (true, _) => Self::Mixing,
            (false, true) => Self::Random,
            (false, false) => Self::None,
        }
    }
}

pub(super) struct Live {
    root: Element,
    duet: Duet,
    segment: Rc<Cell<usize>>,
}

impl Live {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Self {
        let view = figure(root, plot!("live"));
        let segment: Rc<Cell<usize>> = Rc::default();
        let (at, of) = (root.clone(), segment.clone());
        let duet = Duet::new(workers, move |both| {
            view.set(Figure::time((0.0, DURATION_MS as f64)).with_all(both.panels(of.get())));
            say(&at, problem!("live"), &both.twin_problem);
            if let Some(outcome) = &both.neuron {
                write(&at, stat!("live-spikes"), &outcome.spikes_ms.len().to_string());
                let took = format!("{}\u{202f}ms", fixed(both.neuron_ms, 0));
                write(&at, stat!("live-neuron-ms"), &took);
            }
            let (expected, took) = match &both.twin {
                Some(twin) => (twin.spikes.iter().sum(), twin.took_ms),
                None => (f64::NAN, f64::NAN),
            };
            write(&at, stat!("live-expected"), &fixed(expected, 1));
            write(&at, stat!("live-twin-ms"), &format!("{}\u{202f}ms", fixed(took, 0)));
        });
        Self { root: root.clone(), duet, segment }
    }

    pub(super) fn set(&self, controls: &Controls, chosen: Option<&Chosen>) {
        let (params, neuron) =
            chosen.map_or_else(|| Neuron::default().with_option(), Chosen::params);
        let known = chosen.is_none_or(Chosen::has_known_neuron);
        write(&self.root, stat!("live-of"), if known { "" } else { UNKNOWN });
        let rows = params.num_rows();
        let number = |key: Number| controls.whole(key);
        let segment = number(number!("seg")).clamp(1, rows) - 1;
        self.segment.set(segment);
        let seed = controls.seed(number!("seed"));
        let mut all = match Background::of(controls) {
            Background::None => Vec::new(),
            Background::Random => events(&random_inputs(seed, Split::Train, 0, rows, DURATION_MS)),
            Background::Mixing => events(&Mixing::default().inputs(seed, rows, DURATION_MS)),
        };
        let excitatory = controls.choice(choice!("kind")) != "inh";
        let volley: Vec<SynapticEvent> = (0..number(number!("n")))
            .map(|k| SynapticEvent {
                segment,
                t_ms: number(number!("at")) + k * number(number!("gap")),
                excitatory,
                weight: controls.number(number!("w")),
            })
            .filter(|event| event.t_ms < DURATION_MS)
            .collect();
        self.show_command(controls, &neuron, &volley, chosen);
        all.extend(volley);
        let scene = Scene { params, duration_ms: DURATION_MS, events: all };
        self.duet.ask(scene, chosen.map(|chosen| chosen.model.clone()));
    }

    /// Shows the command that does the same, the background included.
    fn show_command(
        &self,
        controls: &Controls,
        neuron: &str,
        volley: &[SynapticEvent],
        chosen: Option<&Chosen>,
    ) {
        let seed = controls.seed(number!("seed"));
        let background = match Background::of(controls) {
            Background::None => "none".to_owned(),
            Background::Random => format!("random --seed {seed}"),
            Background::Mixing => format!("mixing --seed {seed}"),
        };
        let events = command::events(volley.iter().copied());
        let path = chosen.map_or("twin.safetensors", |chosen| chosen.path.as_str());
        let text = format!(
            "ballstick simulate {neuron} --inputs {background} --duration {DURATION_MS}{events} \\\n    \
             --out neuron.npz --plot neuron.svg\n\
             ballstick predict --model {path} --inputs neuron.npz --out twin.npz"
        );
        command::show(&self.root, cli!("live"), &text);
    }
}
