//! Lesson 2, the dendrite: one input dragged along two cables, a sweep over space and time, and
//! our trace over NEURON's.

pub(super) mod drag;

use super::fidelity::Fidelity;
use super::stimulus::{SWEEP_MS, cable};
use super::this::This;
use super::{Lesson, Workers, answered, command, figure, write};
use crate::experiment::{Outcome, SynapticEvent};
use crate::web::controls::Controls;
use crate::web::plot::{
    Axis, Colour, Data, Figure, FigureView, Panel, Series, Style, Tick, panels, scale,
};
use crate::web::port::{InStep, Latest};
use crate::web::protocol::Draft;
use crate::web::settings::Settings;
use drag::{DRAG_MS, SHAPES, VOLTAGE, at_the_input};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

struct Dendrite {
    root: Element,
    drag: FigureView,
    profile: FigureView,
    sweep: FigureView,
    ask: InStep<Draft, 2>,
    ask_sweep: Latest<Draft>,
    shown: RefCell<Shown>,
    fidelity: Fidelity,
}

#[derive(Default)]
struct Shown {
    events: Vec<SynapticEvent>,
    long: Option<Outcome>,
    short: Option<Outcome>,
    swept: Option<Outcome>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    This::make(|this: &This<Dendrite>| {
        let hear = |port, at: fn(&mut Shown) -> &mut Option<Outcome>, draw: fn(&Dendrite)| {
            this.newest(port, root, move |lesson, outcome| {
                *at(&mut lesson.shown.borrow_mut()) = Some(outcome);
                draw(lesson);
            })
        };
        Dendrite {
            root: root.clone(),
            drag: figure(root, plot!("drag")),
            profile: figure(root, plot!("profile")),
            sweep: figure(root, plot!("sweep")),
            ask: InStep::new([
                hear(&workers.live, |shown| &mut shown.long, Dendrite::on_drag),
                hear(&workers.second, |shown| &mut shown.short, Dendrite::on_drag),
            ]),
            ask_sweep: hear(&workers.live, |shown| &mut shown.swept, Dendrite::draw_sweep),
            shown: RefCell::default(),
            fidelity: Fidelity::mount(root, workers),
        }
    })
}

impl Lesson for Dendrite {
    fn update(&self, controls: &Controls) {
        self.ask.ask(SHAPES.map(|(_, shape)| Draft(drag::dragged(controls, shape))));
        self.ask_sweep.ask(Draft(drag::swept(controls)));
        self.shown.borrow_mut().events = drag::sweep_events(controls);
        self.write_shape(controls);
        let params = drag::swept_neuron(controls);
        let (every_ms, sweep_weight) =
            (controls.number(number!("every")), controls.number(number!("sw")));
        let (file, neuron) = command::neuron(&params);
        let text = format!(
            "{file}ballstick simulate {neuron} --inputs sweep:{every_ms},{sweep_weight} --duration {SWEEP_MS} \\\n    --out sweep.npz --plot sweep.svg"
        );
        command::show(&self.root, cli!("sweep"), &text);
        self.fidelity.update();
    }
}

impl Dendrite {
    fn write_shape(&self, controls: &Controls) {
        let (place, segments) = (drag::place(controls), drag::segments(controls));
        write(&self.root, stat!("place"), &(place + 1).to_string());
        write(&self.root, stat!("segments"), &segments.to_string());
        for (name, shape) in SHAPES {
            let cell = cable(shape, "ampa", segments);
            let um = (place as f64 + 0.5) / segments as f64 * cell.dend_length_um;
            write(&self.root, stat!("distance-{}", name), &scale::fixed(um, 0));
            let lambda = cell.length_constant_um(cell.dend_diam_um);
            let lambdas = scale::fixed(cell.dend_length_um / lambda, 2);
            write(&self.root, stat!("lambda-{}", name), &lambdas);
        }
    }

    /// Draws both cells, once both have answered for the same input.
    fn on_drag(&self) {
        if self.ask.is_whole() {
            self.draw_drag();
        }
    }

    fn draw_drag(&self) {
        let shown = self.shown.borrow();
        let (Some(long), Some(short)) = (&shown.long, &shown.short) else { return };
        let pair = [
            ("long thin", Colour::Blue, long, "long"),
            ("short thick", Colour::Vermillion, short, "short"),
        ];
        let trace = |name: &str, colour, outcome: &Outcome, mv: &[f64]| {
            Series::new(name, colour, Style::Line, Data::samples(outcome.dt_ms, mv))
        };
        let soma = pair.map(|(name, colour, of, _)| trace(name, colour, of, &of.soma_mv));
        let local = pair.map(|(name, colour, of, _)| trace(name, colour, of, at_the_input(of)));
        let range = drag::axis([long, short]);
        let panel = |title: &str, height, lines: Vec<Series>| {
            Panel::new(title, "mV", range, height).with_all(lines)
        };
        self.drag.set(Figure::time((0.0, DRAG_MS as f64)).with_all([
            panel("soma voltage", 150.0, soma.into()),
            panel("voltage at the synapse", 110.0, local.into()),
        ]));
        let lines = pair.map(|(name, colour, outcome, _)| {
            let peaks = drag::profile(outcome);
            // the soma at 0, each segment at its middle
            let step = 1.0 / (peaks.len() - 1).max(1) as f64;
            let place = |k: usize| (k as f64 - 0.5).max(0.0) * step;
            let points = peaks.iter().enumerate().map(|(k, v)| (place(k), *v)).collect();
            Series::new(name, colour, Style::Dots, Data::Points(points)).digits(1)
        });
        let x = Axis::new("place along the dendrite, soma 0 to tip 1", "", (-0.03, 1.03));
        let peaks = panel("highest voltage at each place", 150.0, lines.into());
        self.profile.set(Figure::over(x).with(peaks));
        for (_, _, outcome, name) in pair.into_iter().filter(|(_, _, outcome, _)| !outcome.draft) {
            answered(&self.root, &drag::of_drag(name, outcome), self.ask.is_settled());
        }
    }

    fn draw_sweep(&self) {
        let shown = self.shown.borrow();
        let Some(outcome) = &shown.swept else { return };
        let rows = outcome.dend_mv.len() / SWEEP_MS;
        let top = shown.events.iter().map(|e| e.weight).fold(1e-9, f64::max);
        let ticks = shown
            .events
            .iter()
            .map(|e| Tick { x: e.t_ms as f64, row: e.segment, size: e.weight / top })
            .collect::<Rc<[Tick]>>();
        let ticks = [("excitatory events", Colour::Vermillion, ticks)];
        let dendrite = "dendritic voltage, by segment from the soma (1)";
        let soma = Data::samples(outcome.dt_ms, &outcome.soma_mv);
        self.sweep.set(Figure::time((0.0, SWEEP_MS as f64)).with_all([
            Panel::raster("input, by segment", 76.0, rows, ticks),
            panels::voltages(dendrite, 180.0, &outcome.dend_mv, rows),
            Panel::new("soma voltage", "mV", VOLTAGE, 120.0).line("soma", Colour::Ink, soma),
        ]));
        if !outcome.draft {
            answered(&self.root, &drag::of_sweep(outcome), self.ask_sweep.is_settled());
        }
    }
}
