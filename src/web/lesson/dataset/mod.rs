//! Lesson 5, the data set: made in background workers, kept in the browser, looked at, filtered, downloaded and
//! uploaded.

mod aside;
mod changing;
mod charts;
mod making;
mod run;
mod sample;
mod stored;
mod transfer;

use super::this::{Act, This};
use super::{Lesson, Workers, command, place, problem, show, write};
use crate::data::Model;
use crate::data::manifest::Counts;
use crate::data::{GeneratorConfig, Manifest, Split};
use crate::sim::{Method, NeuronParams};
use crate::text::{bytes, count, grouped, noun};
use crate::web::controls::Controls;
use crate::web::data_set::{Key, Record, Store, StoredSet};
use crate::web::dom;
use crate::web::lock::Lock;
use crate::web::names::Action;
use crate::web::port::Port;
use crate::web::protocol::Simulator;
use crate::web::settings::Settings;
use charts::Charts;
use run::Run;
use sample::SampleView;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};

struct DataSet {
    root: Element,
    this: This<DataSet>,
    state: RefCell<State>,
    /// The run that makes simulations; `None` where none goes on.
    run: RefCell<Option<Run>>,
    charts: Charts,
    sample: SampleView,
    /// The worker that packs and unpacks.
    transfer: Port<Simulator>,
    /// Whether the stored data set has been read.
    read: Cell<bool>,
    /// The lock that is held while this tab changes the stored data set; `None` at all other times.
    lock: RefCell<Option<Lock>>,
}

#[derive(Default)]
struct State {
    /// The data set that the controls ask for; `None` before they were read.
    wish: Option<Manifest>,
    stored: Option<StoredSet>,
    records: BTreeMap<Key, Record>,
    /// The data set that was deleted or replaced and can be brought back, with the number of its simulations.
    aside: Option<(StoredSet, usize)>,
    busy: Option<Busy>,
}

/// The work on the data set that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Busy {
    Making,
    Packing,
    Unpacking,
    /// Deleting the data set, or bringing the one put aside back.
    Moving,
}

pub(super) fn mount(root: &Element, _: &Workers) -> Rc<dyn Lesson> {
    let lesson = This::make(|this: &This<DataSet>| DataSet {
        root: root.clone(),
        this: this.clone(),
        state: RefCell::default(),
        run: RefCell::default(),
        charts: Charts::mount(root),
        sample: SampleView::mount(root),
        transfer: Port::default(),
        read: Cell::default(),
        lock: RefCell::default(),
    });
    lesson.listen();
    lesson.look_again_when_shown();
    lesson.read_stored();
    lesson
}

/// The data set that the controls ask for.
pub(super) fn wish(settings: &impl Settings) -> Manifest {
    let preset = match settings.choice(choice!("cell")).as_str() {
        "point" => "ampa-point",
        "rodent" => "nmda-cable-rodent",
        _ => "nmda-cable",
    };
    let neuron = NeuronParams::preset(preset).unwrap_or_default();
    let train = settings.number(number!("n")) as u64;
    let counts = Counts { train, valid: train.div_ceil(12), test: train.div_ceil(12) };
    let (seed, duration) = (settings.seed(number!("seed")), settings.whole(number!("ms")));
    let generator = GeneratorConfig::default();
    Manifest::plan(&neuron.into(), &generator, seed, Method::Fast, duration, counts)
}

impl Lesson for DataSet {
    fn update(&self, controls: &Controls) {
        self.state.borrow_mut().wish = Some(wish(controls));
        self.charts.set(controls);
        self.sample.set(controls);
        self.show();
        self.draw_charts();
        self.look();
    }
}

impl DataSet {
    fn listen(&self) {
        let acts: [Act<Self>; 9] = [
            (action!("make"), |lesson| lesson.make(false)),
            (action!("continue"), |lesson| lesson.make(true)),
            (action!("cancel"), |lesson| lesson.cancel()),
            (action!("delete"), |lesson| lesson.delete()),
            (action!("back"), |lesson| lesson.bring_back()),
            (action!("forget"), |lesson| lesson.forget_aside()),
            (action!("download"), |lesson| lesson.download()),
            (action!("before"), |lesson| lesson.sample.step(-1)),
            (action!("after"), |lesson| lesson.sample.step(1)),
        ];
        self.this.on_actions(&self.root, acts);
        self.listen_to_files();
        self.charts.on_pick(self.this.hear(|lesson, key| lesson.sample.choose(key)));
    }

    /// Reads the data sets that an earlier visit left.
    fn read_stored(&self) {
        self.this.after(stored::read(), |lesson, found| {
            match found {
                Ok(found) => {
                    let mut state = lesson.state.borrow_mut();
                    // a run that began meanwhile has a newer state
                    if state.busy.is_none() {
                        state.stored = found.stored;
                        state.records = found.records.into_iter().map(|r| (r.key(), r)).collect();
                    }
                    state.aside = found.aside;
                    drop(state);
                    found.notice.inspect(|notice| lesson.trouble(notice));
                }
                Err(message) => lesson.trouble(&message),
            }
            lesson.read.set(true);
            lesson.changed();
            lesson.measure();
        });
    }

    /// Shows anew what depends on the stored data set.
    fn changed(&self) {
        self.show();
        self.draw_charts();
        self.look();
    }

    fn trouble(&self, message: &str) {
        problem(&self.root, message);
    }

    fn draw_charts(&self) {
        let state = self.state.borrow();
        self.charts.draw(&state.records, state.stored.as_ref(), self.folder(&state));
    }

    fn look(&self) {
        let state = self.state.borrow();
        if let Some(stored) = &state.stored {
            self.sample.look(&self.root, &stored.id, &state.records, &self.folder(&state));
        } else {
            self.sample.clear();
        }
    }

    /// The folder in which the command line would have the data set.
    fn folder(&self, state: &State) -> String {
        let name = match (&state.stored, &state.wish) {
            (Some(stored), _) => stored.name.clone(),
            (None, Some(wish)) => wish.neuron_short_name.clone(),
            (None, None) => String::new(),
        };
        format!("data/{name}")
    }

    /// Brings buttons, numbers and words in line with the stored data set and with what goes on.
    fn show(&self) {
        let state = self.state.borrow();
        let Some(wish) = &state.wish else { return };
        let stored = state.stored.as_ref();
        let plan = stored.and_then(|k| k.manifest.as_ref());
        let missing = |plan: &Manifest| {
            plan.simulations(0, 1).filter(|key| !state.records.contains_key(key)).count()
        };
        let same = plan.is_some_and(|plan| plan.difference(wish).is_none());
        let (busy, read) = (state.busy, self.read.get());
        let named = |name: Action, shown: bool, text: String| {
            let button: HtmlElement = place(&self.root, name);
            dom::show(&button, shown);
            if shown {
                dom::set_text(&button, &text);
            }
        };
        let wanted = wish.num_simulations.total();
        let to_make = if same { missing(wish) } else { wanted as usize };
        let in_place = match stored.is_some() && !same {
            true if state.records.is_empty() => "",
            true => " in place of these",
            false => "",
        };
        let more = if same && !state.records.is_empty() { " more" } else { "" };
        let unfinished = plan.map_or(0, missing);
        let covered = same && plan.is_some_and(|plan| plan.num_simulations.total() >= wanted);
        let idle = busy.is_none();
        named(
            action!("make"),
            idle && read && to_make > 0 && !(covered && unfinished > 0),
            format!("Make {to_make}{more} {}{in_place}", noun(to_make, "simulation")),
        );
        let left = format!("Continue: {} still to make", count(unfinished, "simulation"));
        named(action!("continue"), idle && unfinished > 0, left);
        show(&self.root, action!("cancel"), !idle);
        show(&self.root, action!("delete"), idle && stored.is_some());
        self.show_aside(&state);
        show(&self.root, action!("download"), idle && !state.records.is_empty());
        self.show_stored(&state);
        let neuron = match &wish.neuron {
            Model::BallAndStick(params) => super::command::neuron(params).1,
            Model::FilterAndFire(_) => "--neuron neuron.json".into(),
        };
        let Counts { train, valid, test } = wish.num_simulations;
        let text = format!(
            "ballstick dataset {neuron} --train {train} --valid {valid} --test {test} \\\n    --duration {} --seed {} --out data",
            wish.sim_duration_ms, wish.seed
        );
        command::show(&self.root, cli!("make"), &text);
        let folder = self.folder(&state);
        let name = folder.trim_start_matches("data/");
        let text = format!(
            "ballstick convert {folder} {name}.zip   # the same zip\nballstick convert {name}.zip data   # and back into folders"
        );
        command::show(&self.root, cli!("pack"), &text);
    }

    fn show_stored(&self, state: &State) {
        let number = state.records.len();
        let text = match &state.stored {
            None if !self.read.get() => "Looking for what an earlier visit left …".to_owned(),
            None => "No data set is kept in this browser yet.".to_owned(),
            Some(stored) => {
                let size: f64 = state.records.values().map(Record::packed_bytes).sum();
                let origin = match (&stored.file, &stored.manifest) {
                    (Some(file), _) => format!("from {file}"),
                    (None, Some(plan)) => {
                        format!("seed {}, {} ms each", plan.seed, grouped(plan.sim_duration_ms))
                    }
                    (None, None) => String::new(),
                };
                let of = stored.manifest.as_ref().map_or(0, |plan| plan.num_simulations.total());
                let of_all = of.max(number as u64);
                let of =
                    if of > number as u64 { format!(" of {}", grouped(of)) } else { String::new() };
                format!(
                    "Kept in this browser: {}{of} {} of {}, {origin}; {}.",
                    grouped(number),
                    noun(of_all, "simulation"),
                    readable(&stored.name),
                    bytes(size)
                )
            }
        };
        write(&self.root, stat!("kept"), &text);
        self.root.class_list().toggle_with_force("empty", number == 0).ok();
        let plan = state
            .stored
            .as_ref()
            .and_then(|stored| stored.manifest.as_ref())
            .or(state.wish.as_ref());
        for split in Split::ALL {
            let present = state.records.keys().filter(|key| key.0 == split).count();
            let planned = plan.map_or(0, |plan| plan.num_simulations.of(split));
            let of = format!("{} of {}", grouped(present), grouped(planned.max(present as u64)));
            write(&self.root, stat!("{}-count", split), &of);
            let (seed, last) = (plan.map_or(0, |plan| plan.seed), planned.max(1) - 1);
            let seeds = format!("({seed}, {split}, 0) … ({seed}, {split}, {last})");
            write(&self.root, stat!("{}-seed", split), &seeds);
        }
    }

    /// Asks the browser how much storage the site uses and may use, and shows it.
    fn measure(&self) {
        self.this.after(Store::usage(), |lesson, usage| {
            let Some([used, quota]) = usage.map(|usage| [usage.used, usage.quota].map(bytes))
            else {
                return;
            };
            let text = format!("Storage in use by this site: {used} of up to {quota}.");
            write(&lesson.root, stat!("storage"), &text);
        });
    }
}

/// A neuron's short name, or the words of the lesson for it where it is one of the presets.
fn readable(name: &str) -> String {
    let of =
        |preset: &str| NeuronParams::preset(preset).is_ok_and(|params| params.short_name() == name);
    match () {
        () if of("nmda-cable") => "the long thin neuron".into(),
        () if of("ampa-point") => "the short thick neuron".into(),
        () => name.to_owned(),
    }
}
