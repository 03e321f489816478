//! One simulation of the data set: its inputs, voltages and targets.

use super::super::{command, figure, place, problem, show, write};
use crate::data::Split;
use crate::data::layout::sim_name;
use crate::data::stats::Statistic;
use crate::web::controls::Controls;
use crate::web::data_set::{Key, Look, Record, Shown};
use crate::web::dom;
use crate::web::plot::{Colour, Data, Figure, FigureView, Panel, panels, scale};
use crate::web::port::{Latest, Port, Reply};
use crate::web::settings::Settings;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

/// The view of one simulation.
pub(super) struct SampleView {
    root: Element,
    view: FigureView,
    ask: Latest<Look>,
    number: HtmlInputElement,
    shown: Rc<RefCell<Picture>>,
    /// The split of the simulation that is asked for, and its place in the split.
    wanted: Cell<(Option<Split>, usize)>,
}

/// The simulation that is drawn.
#[derive(Default)]
struct Picture {
    sample: Option<Shown>,
    /// Where the second that is shown begins, ms; `None` shows the whole simulation.
    from_ms: Option<f64>,
}

impl SampleView {
    pub(super) fn mount(root: &Element) -> Self {
        let view = figure(root, plot!("sample"));
        let shown: Rc<RefCell<Picture>> = Rc::default();
        let (at, to, drawn) = (root.clone(), view.clone(), shown.clone());
        let ask = Latest::quick(&Port::default(), move |reply| match reply {
            Reply::Answer(sample) => {
                drawn.borrow_mut().sample = Some(sample);
                draw(&to, &drawn.borrow());
            }
            Reply::Failed(error) => problem(&at, &error),
        });
        let number = place(root, number!("sim"));
        Self { root: root.clone(), view, ask, number, shown, wanted: Cell::default() }
    }

    /// Takes over from the controls which simulation to show, and how much of it.
    pub(super) fn set(&self, controls: &Controls) {
        let from_ms = (controls.choice(choice!("span")) == "1")
            .then(|| controls.number(number!("from")) * 1000.0);
        self.wanted
            .set((controls.choice(choice!("split")).parse().ok(), controls.whole(number!("sim"))));
        self.shown.borrow_mut().from_ms = from_ms;
        show(&self.root, part!("from"), from_ms.is_some());
    }

    /// Asks a worker for the simulation that the controls name.
    pub(super) fn look(
        &self,
        root: &Element,
        id: &str,
        records: &BTreeMap<Key, Record>,
        folder: &str,
    ) {
        let (split, place) = self.wanted.get();
        let split = split.unwrap_or(Split::Train);
        let of_split: Vec<Key> = records.keys().filter(|key| key.0 == split).copied().collect();
        self.number.set_max(&of_split.len().saturating_sub(1).to_string());
        let key = of_split.get(place).or(of_split.last()).copied();
        let Some(key) = key else { return self.clear() };
        let record = &records[&key];
        let text = |quantity: Statistic| {
            let digits = if quantity == Statistic::NearSpike { 2 } else { 1 };
            let value = scale::fixed(record.values[quantity as usize], digits);
            format!("{value} {}", quantity.unit())
        };
        write(root, stat!("sample-name"), &format!("{split}, {}", sim_name(key.1)));
        write(root, stat!("sample-rate"), &text(Statistic::FiringRate));
        write(root, stat!("sample-near"), &text(Statistic::NearSpike));
        write(root, stat!("sample-soma"), &text(Statistic::SomaMean));
        write(root, stat!("sample-dend"), &text(Statistic::BranchMean));
        let path = format!("{folder}/{split}/inputs/{}.npy", sim_name(key.1));
        command::show(root, cli!("show"), &format!("ballstick show {path} --plot sample.svg"));
        self.ask.ask(Look { id: id.to_owned(), key });
        draw(&self.view, &self.shown.borrow());
    }

    /// Shows that there is no simulation.
    pub(super) fn clear(&self) {
        write(&self.root, stat!("sample-name"), "nothing made yet");
        for name in ["rate", "near", "soma", "dend"] {
            write(&self.root, stat!("sample-{}", name), "–");
        }
    }

    /// Goes `by` simulations on, or back where `by` is negative.
    pub(super) fn step(&self, by: i32) {
        let now: i32 = self.number.value().parse().unwrap_or(0);
        dom::move_to(&self.number, &(now + by).max(0).to_string());
    }

    /// Goes to a simulation that was picked, by its split and its place in the split.
    pub(super) fn choose(&self, (split, at): (Split, usize)) {
        let radio: Option<HtmlInputElement> =
            dom::find(&place(&self.root, choice!("split")), &format!("input[value={split}]"));
        radio.inspect(|radio| radio.set_checked(true));
        self.number.set_max(&at.max(self.number.max().parse().unwrap_or(0)).to_string());
        dom::move_to(&self.number, &at.to_string());
    }
}

fn draw(view: &FigureView, picture: &Picture) {
    let Some(shown) = &picture.sample else { return };
    let (end, targets) = (shown.targets.soma_mv.len() as f64, &shown.targets);
    let range = match picture.from_ms {
        Some(from) => {
            let from = from.clamp(0.0, (end - 1000.0).max(0.0));
            (from, (from + 1000.0).min(end))
        }
        None => (0.0, end),
    };
    let panel = |title: &str, unit, range, height, name: &str, y: &[f64]| {
        let panel = Panel::new(title, unit, range, height);
        panel.line(name, Colour::Ink, Data::by_ms(y))
    };
    let (soma, rate) = ("target: capped", "target: rate");
    let top = 1.08 * targets.rate_hz.iter().copied().fold(20.0, f64::max);
    view.set(Figure::time(range).with_all([
        panels::input(&shown.exc, &shown.inh, shown.segments),
        panel("soma voltage", "mV", (-90.0, -58.0), 110.0, soma, &targets.soma_mv),
        panels::events(&targets.near, &targets.spikes),
        panel("instantaneous rate", "Hz", (0.0, top), 100.0, rate, &targets.rate_hz),
        panels::dendrite(&targets.dend_mv, shown.segments),
    ]));
}
