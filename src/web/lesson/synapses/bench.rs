//! The third laboratory: a neuron drawn in the colours of its voltage, synapses placed on it by
//! pointer or keyboard, traces of chosen segments, and time to walk through.

use super::editor::Editor;
use super::load::{self, DrawnNeuron};
use super::trees::decode_placed;
use crate::experiment::curves::of_several;
use crate::experiment::{Experiment, Outcome, SynapticEvent};
use crate::plot::neuron::{Shape, name_of};
use crate::sim::swc::Options;
use crate::sim::{Branch, NeuronParams};
use crate::text::count;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::neuron_view::picture::Picture;
use crate::web::lesson::neuron_view::player::Player;
use crate::web::lesson::neuron_view::scene::{Placed, Scene, segment_mv, segments_mv, soma_mv};
use crate::web::lesson::this::{Act, This};
use crate::web::lesson::{figure, problem, read_out, write};
use crate::web::names::Choice;
use crate::web::plot::{Colour, FigureView, scale};
use crate::web::port::{Latest, Port};
use crate::web::protocol::{Draft, Simulator};
use crate::web::settings::{Reading, Settings, highest, rise};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

pub(super) const DURATION_MS: usize = 200;
pub(super) const START_MS: usize = 20;
/// Colours of the pinned segments' traces.
pub(super) const PINNED: [Colour; 3] = [Colour::Blue, Colour::Orange, Colour::Purple];

pub(super) struct Bench {
    pub(super) root: Element,
    pub(super) this: This<Bench>,
    pub(super) controls: RefCell<Option<Controls>>,
    picture: Picture,
    pub(super) traces: FigureView,
    pub(super) ask: Latest<Draft>,
    /// The segment that screen readers are still to be told of.
    pub(super) to_speak: Cell<Option<usize>>,
    editor: Editor,
    pub(super) state: RefCell<State>,
    player: Rc<Player>,
    /// The text of the page's own cell, once it is loaded; below, name and text of the learner's cell.
    own_cell: RefCell<Option<String>>,
    file: RefCell<Option<(String, String)>>,
}

/// What the laboratory shows.
#[derive(Default)]
pub(super) struct State {
    pub(super) neuron: Option<DrawnNeuron>,
    pub(super) shape: Rc<Shape>,
    pub(super) branches: Vec<Branch>,
    pub(super) placed: Placed,
    pub(super) pinned: Vec<usize>,
    pub(super) chosen: Option<usize>,
    /// The segments whose traces are drawn: the pinned ones, and the one chosen.
    pub(super) watched: Vec<usize>,
    pub(super) pointed: Option<usize>,
    pub(super) volleys_ms: Vec<usize>,
    pub(super) weight: f64,
    pub(super) outcome: Option<Outcome>,
}

impl State {
    /// Number of segments.
    pub(super) fn rows(&self) -> usize {
        self.shape.segments.len()
    }
}

impl Bench {
    pub(super) fn mount(root: &Element, client: &Port<Simulator>) -> Rc<Self> {
        let place = dom::must(root, "[data-picture]");
        let bench = This::make(|this: &This<Self>| {
            let draw = this.hear(|bench: &Rc<Self>, ()| bench.draw());
            Self {
                root: root.clone(),
                this: this.clone(),
                controls: RefCell::default(),
                picture: Picture::new(place, this.hear(|bench, act| bench.act(act))),
                traces: figure(root, plot!("tree-traces")),
                ask: this.quick(client, |bench, reply| match reply.newest() {
                    Ok(one) => bench.on_outcome(one),
                    Err(error) => problem(&bench.root, &error),
                }),
                to_speak: Cell::default(),
                editor: Editor::mount(
                    root,
                    this.hear(|bench, tree: Vec<Branch>| bench.edited(&tree)),
                ),
                state: RefCell::default(),
                player: Player::mount(root, DURATION_MS, move || draw(())),
                own_cell: RefCell::default(),
                file: RefCell::default(),
            }
        });
        bench.listen();
        bench
    }

    fn listen(self: &Rc<Self>) {
        let picker: HtmlInputElement = dom::must(&self.root, "input[type=file]");
        self.this.on_files(&picker, |bench, mut files| {
            let file = files.remove(0);
            let name = file.name();
            bench.this.after(load::read(file), |bench, text| match text {
                Ok(text) => bench.opened(name, text),
                Err(message) => problem(&bench.root, &message),
            });
        });
        let acts: [Act<Self>; 3] = [
            (action!("keep"), |bench| bench.keep()),
            (action!("forget"), |bench| bench.forget()),
            (action!("clear"), |bench| bench.clear()),
        ];
        self.this.on_actions(&self.root, acts);
    }

    fn on_outcome(&self, outcome: Outcome) {
        self.state.borrow_mut().outcome = Some(outcome);
        self.draw_traces();
        self.draw();
        // a newer answer may be on its way
        if !self.ask.is_waiting() {
            self.speak();
        }
    }

    /// Writes controls, as if the learner had moved them.
    pub(super) fn write(&self, values: &[(Choice, &str)]) {
        let controls = self.controls.borrow().clone();
        controls.inspect(|controls| controls.write(values));
    }

    pub(super) fn again(&self) {
        let controls = self.controls.borrow().clone();
        controls.inspect(|controls| self.update(controls));
    }

    /// The neuron that the controls ask for; `None` while its cell is being loaded.
    fn neuron(&self, controls: &Controls) -> Result<Option<DrawnNeuron>, String> {
        let receptors = controls.choice(choice!("rec3"));
        match controls.choice(choice!("cell")).as_str() {
            "swc" => match &*self.own_cell.borrow() {
                Some(text) => named(controls, text).map(Some),
                None => {
                    self.load_own_cell();
                    Ok(None)
                }
            },
            "file" => match &*self.file.borrow() {
                Some((name, text)) => load::cell(text, &receptors, &load::repairs(controls))
                    .map(Some)
                    .map_err(|error| format!("{name}: {error}")),
                None => Err("This shows a cell from a file: open the file below.".into()),
            },
            _ => named(controls, "").map(Some),
        }
    }

    fn load_own_cell(&self) {
        self.this.after(load::own_cell(), |bench, text| match text {
            Ok(text) => {
                bench.own_cell.replace(Some(text));
                bench.again();
            }
            Err(message) => problem(&bench.root, &message),
        });
    }

    fn opened(&self, name: String, text: String) {
        let options = self.controls.borrow().as_ref().map(load::repairs).unwrap_or_default();
        // a cell that a repair would mend is kept, for the learner to choose the repair
        if let Err(error) = load::cell(&text, "human", &options)
            && !load::can_be_mended(&text, &options)
        {
            return problem(&self.root, &format!("{name}: {error}"));
        }
        self.file.replace(Some((name, text)));
        self.write(&[
            (choice!("syn"), ""),
            (choice!("keep"), ""),
            (choice!("pick"), ""),
            (choice!("cell"), "file"),
        ]);
        self.again();
    }

    pub(super) fn update(&self, controls: &Controls) {
        self.controls.replace(Some(controls.clone()));
        let neuron = match self.neuron(controls) {
            Ok(Some(neuron)) => neuron,
            Ok(None) => return,
            Err(message) => return problem(&self.root, &message),
        };
        problem(&self.root, "");
        let rows = neuron.params.num_rows();
        let volleys_ms = volleys(controls);
        let row = |text: String| text.parse::<usize>().ok().filter(|row| *row < rows);
        let placed = placed(controls, rows);
        let mut state = self.state.borrow_mut();
        state.weight = controls.number(number!("pw"));
        let mut pinned: Vec<usize> = controls
            .choice(choice!("keep"))
            .split(',')
            .filter_map(|text| row(text.into()))
            .collect();
        pinned.truncate(PINNED.len());
        state.chosen =
            row(controls.choice(choice!("pick"))).or_else(|| placed.keys().next().copied());
        (state.placed, state.pinned, state.volleys_ms) = (placed, pinned, volleys_ms);
        if state.neuron.as_ref() != Some(&neuron) {
            state.branches = neuron.params.branches();
            state.shape = Rc::new(neuron.shape.clone());
            state.outcome = None;
        }
        // the voltages whose traces are drawn are recorded at every step
        let chosen = state.chosen.filter(|row| !state.pinned.contains(row));
        state.watched = state.pinned.iter().copied().chain(chosen).collect();
        let watch = state.watched.clone();
        let experiment = Experiment { watch, ..experiment(controls, &neuron.params) };
        self.editor.show(&state.branches, neuron.editable);
        let notes = neuron.notes.iter().map(|line| format!("{line}. ")).collect::<String>();
        write(&self.root, stat!("cell-told"), notes.trim_end());
        state.neuron = Some(neuron);
        drop(state);
        self.player.go_to(controls.number(number!("t")));
        self.write_command(&controls.choice(choice!("cell")), self.file_name().as_deref());
        self.ask.ask(Draft(experiment));
        if !self.ask.is_blank() {
            self.draw_traces();
        }
        self.draw();
    }

    fn file_name(&self) -> Option<String> {
        self.file.borrow().as_ref().map(|(name, _)| name.clone())
    }

    /// A segment in words: its name, its distance, its voltage now, its synapses.
    pub(super) fn description(&self, row: Option<usize>) -> String {
        let state = self.state.borrow();
        let Some((row, segment)) = row.and_then(|r| Some((r, state.shape.segments.get(r)?))) else {
            return "Point at a branch, or choose a segment with the arrow keys.".into();
        };
        let name = name_of(&state.branches, row);
        let distance = scale::fixed(segment.distance_um, 0);
        let voltage =
            state.outcome.as_ref().and_then(|o| segment_mv(o, row, self.player.time_ms()));
        let voltage = scale::fixed(voltage.unwrap_or(f64::NAN), 1);
        let synapses = match state.placed.get(&row).copied().unwrap_or(0) {
            0 => "no synapse".to_owned(),
            many => count(many, "synapse"),
        };
        format!(
            "{name}: {distance} µm from the soma, {synapses}, {voltage} mV; row {row} on the command line"
        )
    }

    /// Draws the neuron at the time that is shown.
    pub(super) fn draw(&self) {
        let time_ms = self.player.time_ms();
        let state = self.state.borrow();
        let rows = state.shape.segments.len();
        let outcome = state.outcome.as_ref();
        let soma_mv = outcome.and_then(|o| soma_mv(o, time_ms));
        let voltages = outcome.map_or_else(Vec::new, |o| segments_mv(o, rows, time_ms));
        let watched = state
            .pinned
            .iter()
            .zip(PINNED)
            .map(|(row, colour)| (*row, colour.property()))
            .collect();
        let active = state.volleys_ms.iter().any(|t| (0.0..3.0).contains(&(time_ms - *t as f64)));
        self.picture.set(Scene {
            shape: state.shape.clone(),
            soma_mv,
            voltages,
            placed: state.placed.clone(),
            active,
            chosen: state.chosen,
            watched,
        });
        let (segment, total) = (state.pointed.or(state.chosen), state.placed.values().sum::<u32>());
        if let Some(outcome) = outcome.filter(|outcome| !outcome.draft) {
            read_out(&self.root, &readings(outcome));
        }
        write(&self.root, stat!("synapses"), &total.to_string());
        drop(state);
        write(&self.root, stat!("there"), &self.description(segment));
        self.traces.point_at(time_ms);
    }
}

/// The neuron that the controls name: a tree, or the page's own cell, whose text is `own_cell`.
fn named(settings: &impl Settings, own_cell: &str) -> Result<DrawnNeuron, String> {
    let receptors = settings.choice(choice!("rec3"));
    match settings.choice(choice!("cell")).as_str() {
        "swc" => load::cell(own_cell, &receptors, &Options::default()),
        name => load::tree(name, &settings.choice(choice!("own")), &receptors),
    }
}

/// The parameters of the neuron that [`named`] gives.
#[cfg(all(test, feature = "data-lessons"))]
pub(in crate::web::lesson) fn params_of(
    settings: &impl Settings,
    own_cell: &str,
) -> Result<NeuronParams, String> {
    named(settings, own_cell).map(|neuron| neuron.params)
}

/// The times at which all synapses are active, ms.
fn volleys(settings: &impl Settings) -> Vec<usize> {
    let (count, gap) = (settings.whole(number!("volleys")), settings.number(number!("gap")));
    (0..count.clamp(1, 10))
        .map(|k| START_MS + (k as f64 * gap) as usize)
        .filter(|t| *t < DURATION_MS)
        .collect()
}

/// The synapses that the controls place on segments that the neuron has.
fn placed(settings: &impl Settings, rows: usize) -> Placed {
    let mut placed = decode_placed(&settings.choice(choice!("syn")));
    placed.retain(|row, _| *row < rows);
    placed
}

/// The experiment in which every synapse is active in every volley.
pub(in crate::web::lesson) fn experiment(
    settings: &impl Settings,
    params: &NeuronParams,
) -> Experiment {
    let placed = placed(settings, params.num_rows());
    let weight = settings.number(number!("pw"));
    let volley = |t_ms: usize| {
        placed.iter().map(move |(&segment, &count)| {
            SynapticEvent::excitatory(segment, t_ms, of_several(count, weight))
        })
    };
    let events = volleys(settings).into_iter().flat_map(volley).collect();
    Experiment::of_events(params.clone(), DURATION_MS, events)
}

/// The numbers under the traces: the number of spikes, and how far soma and dendrite rise above their voltages before
/// the first volley.
pub(in crate::web::lesson) fn readings(outcome: &Outcome) -> [Reading; 3] {
    let start = (START_MS as f64 / outcome.dt_ms) as usize;
    let columns = DURATION_MS + 1;
    let before = outcome.dend_mv.iter().skip(START_MS).step_by(columns);
    let rises: Vec<f64> = outcome.dend_peaks_mv.iter().zip(before).map(|(p, b)| p - b).collect();
    [
        Reading::new(stat!("tree-spikes"), outcome.spikes_ms.len() as f64, 0),
        Reading::new(stat!("tree-soma"), rise(&outcome.soma_mv, start), 1),
        Reading::new(stat!("tree-dend"), highest(&rises), 1),
    ]
}
