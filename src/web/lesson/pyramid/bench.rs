//! Lesson 3½'s laboratory: the cell in the colours of its voltage, three experiments at once, and what they show.

use super::cell::Pyramid;
use super::densities::densities;
use super::figures::{profile, traces};
use super::meet::{self, Case, DURATION_MS};
use crate::experiment::Outcome;
use crate::plot::neuron::name_of;
use crate::sim::{Branch, NeuronParams};
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::neuron_view::picture::{Act, Picture};
use crate::web::lesson::neuron_view::player::Player;
use crate::web::lesson::neuron_view::scene::{Placed, Scene, segment_mv, segments_mv, soma_mv};
use crate::web::lesson::synapses::load;
use crate::web::lesson::this::This;
use crate::web::lesson::{Lesson, Workers, answered, command, figure, place, problem, write};
use crate::web::plot::{Colour, FigureView, scale};
use crate::web::port::InStep;
use crate::web::protocol::Draft;
use crate::web::settings::{Reading, Settings};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

pub(super) struct Bench {
    root: Element,
    controls: RefCell<Option<Controls>>,
    picture: Picture,
    traces: FigureView,
    profile: FigureView,
    densities: FigureView,
    ask: InStep<Draft, 3>,
    player: Rc<Player>,
    drawn: Pyramid,
    /// The learner's cell and the name of its file; `None` until one is opened.
    file: RefCell<Option<(String, Pyramid)>>,
    state: RefCell<State>,
    /// The segment that screen readers are still to be told of.
    to_speak: Cell<Option<usize>>,
}

/// What the laboratory shows.
#[derive(Default)]
struct State {
    branches: Vec<Branch>,
    /// The row of the segment into which the dendritic current flows.
    place: usize,
    /// The cell with both electrodes.
    injected: Option<NeuronParams>,
    /// The newest answer to each experiment.
    answers: [Option<Rc<Outcome>>; 3],
    /// The answers that are shown: all three of the same settings.
    outcomes: Option<[Rc<Outcome>; 3]>,
    pointed: Option<usize>,
}

impl Bench {
    pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<Self> {
        let place = dom::must(root, "[data-picture]");
        let ports = [&workers.live, &workers.second, &workers.background];
        let bench = This::make(|this: &This<Self>| {
            let draw = this.hear(|bench: &Rc<Self>, ()| bench.draw_cell());
            let mut case = 0;
            let asks = ports.map(|port| {
                let at = case;
                case += 1;
                this.newest(port, root, move |bench, outcome| {
                    bench.state.borrow_mut().answers[at] = Some(Rc::new(outcome));
                    bench.on_answer();
                })
            });
            Self {
                root: root.clone(),
                controls: RefCell::default(),
                picture: Picture::new(place, this.hear(|bench, act| bench.act(act))),
                traces: figure(root, plot!("traces")),
                profile: figure(root, plot!("profile")),
                densities: figure(root, plot!("densities")),
                ask: InStep::new(asks),
                player: Player::mount(root, DURATION_MS, move || draw(())),
                drawn: Pyramid::drawn(),
                file: RefCell::default(),
                state: RefCell::default(),
                to_speak: Cell::default(),
            }
        });
        bench.listen();
        bench
    }

    fn listen(self: &Rc<Self>) {
        let this = This::of(self);
        let drag = this.hear(|bench: &Rc<Self>, um| bench.drag_zone(um));
        self.densities.on_drag(move |um, _| drag(um));
        this.on_actions(&self.root, [(action!("save"), |bench| bench.save())]);
        let picker: HtmlInputElement = dom::must(&self.root, "input[type=file]");
        let of = this.clone();
        this.on_files(&picker, move |_, mut files| {
            let file = files.remove(0);
            let name = file.name();
            of.after(load::read(file), |bench, text| {
                let cell = text.and_then(|text| {
                    Pyramid::reconstructed(&text).map_err(|error| format!("{name}: {error}"))
                });
                match cell {
                    Ok(cell) => bench.opened(name, cell),
                    Err(message) => problem(&bench.root, &message),
                }
            });
        });
    }

    /// Hands out the cell with both electrodes as the command line's `pyramid.json`.
    fn save(&self) {
        let state = self.state.borrow();
        let Some(injected) = &state.injected else { return };
        let parts = js_sys::Array::of1(&command::json(injected).into());
        let handed_out = web_sys::Blob::new_with_str_sequence(&parts).is_ok_and(|blob| {
            dom::hand_out(&place(&self.root, link!("file")), "pyramid.json", &blob)
        });
        if !handed_out {
            problem(&self.root, "The browser could not hand out the file.");
        }
    }

    fn opened(&self, name: String, cell: Pyramid) {
        self.file.replace(Some((name, cell)));
        let controls = self.controls.borrow().clone();
        controls.inspect(|controls| {
            controls.write(&[(choice!("pyr"), "file")]);
            self.update(controls);
        });
    }

    /// Calls `act` with the cell that the controls ask for; an error where it is a file that is not open.
    fn with_cell<T>(
        &self,
        settings: &impl Settings,
        act: impl FnOnce(&Pyramid) -> T,
    ) -> Result<T, String> {
        if settings.choice(choice!("pyr")) != "file" {
            return Ok(act(&self.drawn));
        }
        match &*self.file.borrow() {
            Some((_, cell)) => Ok(act(cell)),
            None => Err("This shows a cell from a file: open the file below.".to_owned()),
        }
    }

    /// Moves the calcium zone so that its middle is at this distance, µm.
    fn drag_zone(&self, um: f64) {
        let Some(controls) = self.controls.borrow().clone() else { return };
        let wide = controls.number(number!("wide"));
        let from = (um - 0.5 * wide).max(0.0).round();
        dom::move_to(&dom::must(&self.root, "[data-key=zone]"), &from.to_string());
    }

    fn act(&self, act: Act) {
        let Some(controls) = self.controls.borrow().clone() else { return };
        let state = self.state.borrow();
        let place = state.place;
        let row = match act {
            Act::Look(row) => {
                drop(state);
                if std::mem::replace(&mut self.state.borrow_mut().pointed, row) != row {
                    self.write_there();
                }
                return;
            }
            Act::Pick(row) => row,
            Act::Go(step) => {
                let to = self.with_cell(&controls, |cell| cell.shape.step(place, step));
                to.unwrap_or(place)
            }
            Act::Add | Act::Remove => return,
        };
        drop(state);
        // the input goes to the place on the apical path that is as far out
        let um = self.with_cell(&controls, |cell| {
            let known = cell.path.iter().find(|(of_path, _)| *of_path == row);
            let drawn = cell.shape.segments.get(row).map_or(0.0, |segment| segment.distance_um);
            known.map_or(drawn, |(_, um)| *um)
        });
        if let Ok(um) = um {
            self.to_speak.set(Some(row));
            dom::move_to(&dom::must(&self.root, "[data-key=at]"), &um.round().to_string());
            self.speak();
        }
    }

    /// Tells screen readers, once, of the segment that the learner acted on last.
    fn speak(&self) {
        if self.to_speak.take().is_some() {
            let place = self.state.borrow().place;
            write(&self.root, stat!("spoken"), &self.description(place));
        }
    }

    /// Draws, once all three experiments of the same settings have been answered.
    fn on_answer(&self) {
        if !self.ask.is_whole() {
            return;
        }
        {
            let mut state = self.state.borrow_mut();
            let [Some(a), Some(b), Some(c)] = state.answers.clone() else { return };
            state.outcomes = Some([a, b, c]);
        }
        self.draw();
    }

    fn draw(&self) {
        let Some(controls) = self.controls.borrow().clone() else { return };
        {
            let state = self.state.borrow();
            let (Some(outcomes), Some(injected)) = (&state.outcomes, &state.injected) else {
                return;
            };
            self.traces.set(traces(outcomes, injected));
            let drawn = self.with_cell(&controls, |cell| self.profile.set(profile(outcomes, cell)));
            if drawn.is_err() {
                return;
            }
            if outcomes.iter().all(|outcome| !outcome.draft) {
                let cases = Case::ALL.into_iter().zip(outcomes);
                let mut all: Vec<Reading> =
                    cases.flat_map(|(case, outcome)| meet::readings(case, outcome)).collect();
                all.push(meet::rest(&outcomes[0]));
                answered(&self.root, &all, self.ask.is_settled());
            }
        }
        self.draw_cell();
    }

    /// Draws the cell at the time that is shown, with both currents.
    fn draw_cell(&self) {
        let Some(controls) = self.controls.borrow().clone() else { return };
        let time_ms = self.player.time_ms();
        let state = self.state.borrow();
        let both = state.outcomes.as_ref().map(|[.., both]| both);
        let shape = self.with_cell(&controls, |cell| cell.shape.clone());
        let Ok(shape) = shape else { return };
        let rows = shape.segments.len();
        let voltages = both.map_or_else(Vec::new, |both| segments_mv(both, rows, time_ms));
        self.picture.set(Scene {
            shape,
            soma_mv: both.and_then(|both| soma_mv(both, time_ms)),
            voltages,
            placed: Placed::new(),
            active: false,
            chosen: None,
            watched: vec![(state.place, Colour::Orange.property())],
        });
        drop(state);
        self.write_there();
        self.traces.point_at(time_ms);
    }

    fn write_there(&self) {
        let state = self.state.borrow();
        let row = state.pointed.unwrap_or(state.place);
        drop(state);
        write(&self.root, stat!("there"), &self.description(row));
    }

    /// A segment in words: its name, its distance, its voltage now.
    fn description(&self, row: usize) -> String {
        let Some(controls) = self.controls.borrow().clone() else { return String::new() };
        let state = self.state.borrow();
        let both = state.outcomes.as_ref().map(|[.., both]| both);
        let voltage = both.and_then(|both| segment_mv(both, row, self.player.time_ms()));
        let distance = self.with_cell(&controls, |cell| {
            cell.shape.segments.get(row).map(|segment| segment.distance_um)
        });
        let distance = distance.ok().flatten().unwrap_or(f64::NAN);
        let input = if row == state.place { ", the dendritic input arrives here" } else { "" };
        format!(
            "{}: {} µm from the soma, {} mV{input}; row {row} on the command line",
            name_of(&state.branches, row),
            scale::fixed(distance, 0),
            scale::fixed(voltage.unwrap_or(f64::NAN), 1),
        )
    }

    fn write_command(&self, injected: &NeuronParams) {
        let text = format!(
            "ballstick simulate --neuron pyramid.json --inputs none --duration {DURATION_MS} \\\n    --out pyramid.npz --plot pyramid.svg"
        );
        command::show(&self.root, cli!("meet"), &text);
        if let Some(place) = dom::find::<Element>(&self.root, "[data-json] code") {
            dom::set_text(&place, &command::json(injected));
        }
    }
}

impl Lesson for Bench {
    fn update(&self, controls: &Controls) {
        self.controls.replace(Some(controls.clone()));
        let asked = self.with_cell(controls, |cell| {
            let questions = Case::ALL.map(|case| Draft(meet::experiment(controls, cell, case)));
            let (place, at_um) = meet::place(controls, cell);
            let injected = meet::injected(controls, cell, Case::Both);
            self.densities.set(densities(cell, &injected, at_um));
            write(&self.root, stat!("at-um"), &scale::fixed(at_um, 0));
            let mut state = self.state.borrow_mut();
            let branches = injected.branches();
            if state.branches != branches {
                state.branches = branches;
                (state.outcomes, state.answers) = Default::default();
            }
            state.place = place;
            state.injected = Some(injected);
            questions
        });
        let questions = match asked {
            Ok(questions) => questions,
            Err(message) => return problem(&self.root, &message),
        };
        problem(&self.root, "");
        if let Some(injected) = &self.state.borrow().injected {
            self.write_command(injected);
        }
        let name = self.file.borrow().as_ref().map_or_else(String::new, |(name, _)| name.clone());
        let from_file = controls.choice(choice!("pyr")) == "file";
        write(&self.root, stat!("cell-name"), if from_file { &name } else { "" });
        self.ask.ask(questions);
        self.player.go_to(controls.number(number!("t")));
        self.draw_cell();
    }
}
