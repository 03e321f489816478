//! Choosing a trained twin, a run of the learner's, a recorded one or a file, and the data to judge it on.

use super::recorded::{ACTIVE_DATA, ACTIVE_LABEL, ACTIVE_NEURON, ACTIVE_TWIN, Neuron};
use super::titles::{option, title};
use crate::sim::NeuronParams;
use crate::web::dom;
use crate::web::lesson::place;
use crate::web::lesson::this::This;
use crate::web::state::Address;
use crate::web::trainer::protocol::{DataRef, ModelRef, RunRecord};
use crate::web::trainer::store::RunStore;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, File, HtmlInputElement, HtmlSelectElement};

/// A select of twins, marked `data-models`; recorded ones are in its markup as `recorded-NAME`.
pub(in crate::web::lesson) struct Models {
    select: HtmlSelectElement,
    runs: RefCell<Vec<RunRecord>>,
    file: RefCell<Option<File>>,
    /// The value that the address asked for, until the runs are known.
    wanted: RefCell<Option<String>>,
}

/// The twin that is chosen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web::lesson) struct Chosen {
    /// The twin as the trainer takes it.
    pub(in crate::web::lesson) model: ModelRef,
    /// The twin's name for the learner.
    pub(in crate::web::lesson) text: String,
    /// The twin's path in a command.
    pub(in crate::web::lesson) path: String,
    /// The neuron that the twin is of; `None` where it is neither of the assignment's.
    pub(in crate::web::lesson) neuron: Option<Neuron>,
    /// The record of the twin's run; `None` where the twin is of no run of this browser.
    pub(in crate::web::lesson) record: Option<RunRecord>,
}

impl Chosen {
    fn is_active(&self) -> bool {
        matches!(&self.model, ModelRef::Recorded(twin) if twin == ACTIVE_TWIN)
    }

    /// Whether it is known which neuron the twin is of.
    pub(in crate::web::lesson) fn has_known_neuron(&self) -> bool {
        self.neuron.is_some() || self.is_active()
    }

    /// The neuron that the twin is shown beside, and the option by which a command makes it; the default one where it is not
    /// known which neuron the twin is of.
    pub(in crate::web::lesson) fn params(&self) -> (NeuronParams, String) {
        if self.is_active() {
            let params = NeuronParams::from_json(ACTIVE_NEURON).unwrap_or_default();
            return (params, "--neuron active_cable.json".to_owned());
        }
        self.neuron.unwrap_or_default().with_option()
    }
}

impl Models {
    /// Takes over the select, and the file input marked `data-model-file` where there is one.
    pub(in crate::web::lesson) fn mount(root: &Element) -> Rc<Self> {
        let select: HtmlSelectElement = place(root, choice!("model"));
        let key = select.get_attribute("data-key").unwrap_or_default();
        let hash = dom::window().location().hash().unwrap_or_default();
        let wanted = Address::parse(&hash).values.remove(&key);
        let this = Rc::new(Self {
            select,
            runs: RefCell::default(),
            file: RefCell::default(),
            wanted: RefCell::new(wanted),
        });
        if let Some(input) = dom::find::<HtmlInputElement>(root, "input[data-model-file]") {
            This::of(&this).on_files(&input, |models, mut files| models.take(files.remove(0)));
        }
        this.refresh();
        this
    }

    /// Reads the browser's runs anew and offers them.
    pub(in crate::web::lesson) fn refresh(self: &Rc<Self>) {
        // a browser that stores nothing has no runs to offer
        This::of(self).after(RunStore::stored(), |models, records| {
            records.into_iter().for_each(|records| models.offer(records));
        });
    }

    fn offer(&self, records: Vec<RunRecord>) {
        let before = self.select.value();
        for old in dom::all::<Element>(&self.select, "option[data-run]") {
            old.remove();
        }
        let usable = |record: &RunRecord| record.step > 0 || record.best_step.is_some();
        let records: Vec<RunRecord> = records.into_iter().filter(usable).collect();
        for record in records.iter().rev() {
            let option = option(&format!("run-{}", record.plan.id), record, "");
            option.set_attribute("data-run", "").ok();
            self.select.append_child(&option).ok();
        }
        self.runs.replace(records);
        let wanted = self.wanted.take().unwrap_or(before.clone());
        self.set(&wanted);
        if self.select.value() != before {
            dom::moved(&self.select);
        }
    }

    fn set(&self, value: &str) {
        let before = self.select.value();
        self.select.set_value(value);
        if self.select.selected_index() < 0 {
            self.select.set_value(&before);
        }
    }

    fn take(&self, file: File) {
        if let Some(old) = dom::find::<Element>(&self.select, "option[value=file]") {
            old.remove();
        }
        self.select.append_child(&dom::option("file", &file.name())).ok();
        self.file.replace(Some(file));
        self.set("file");
        dom::moved(&self.select);
    }

    /// The twin that is chosen now; `None` where the choice names no twin that is there.
    pub(in crate::web::lesson) fn chosen(&self) -> Option<Chosen> {
        let value = self.select.value();
        if let Some(name) = value.strip_prefix("recorded-") {
            let (plain, data) = match name.strip_suffix("_full") {
                Some(plain) => (plain, ", all data"),
                None => (name, ""),
            };
            let neuron = Neuron::ALL.into_iter().find(|n| n.recorded_twin() == plain);
            let label = neuron.map_or(ACTIVE_LABEL, Neuron::label);
            return Some(Chosen {
                model: ModelRef::Recorded(name.to_owned()),
                text: format!("{label}, config C{data} (recorded)"),
                path: format!("{name}.safetensors"),
                neuron,
                record: None,
            });
        }
        if let Some(id) = value.strip_prefix("run-") {
            let runs = self.runs.borrow();
            let record = runs.iter().find(|record| record.plan.id == id)?.clone();
            return Some(Chosen {
                model: record.twin(),
                text: title(&record),
                path: format!("{id}.safetensors"),
                neuron: Neuron::named(&record.neuron),
                record: Some(record),
            });
        }
        let file = self.file.borrow().clone()?;
        Some(Chosen {
            text: file.name(),
            path: file.name(),
            model: ModelRef::File(file),
            neuron: None,
            record: None,
        })
    }
}

/// The data set that a select's value means; any value but `kept`, `point`, `cable` and `active` means the one that fits
/// the twin.
pub(in crate::web::lesson) fn data_ref(value: &str, chosen: &Chosen) -> DataRef {
    match value {
        "kept" => DataRef::Kept,
        "point" => Neuron::Point.recorded_data(),
        "cable" => Neuron::Cable.recorded_data(),
        "active" => DataRef::Recorded(ACTIVE_DATA.to_owned()),
        _ if chosen.is_active() => DataRef::Recorded(ACTIVE_DATA.to_owned()),
        _ => match &chosen.record {
            Some(record) => record.plan.data.clone(),
            None => chosen.neuron.unwrap_or(Neuron::Cable).recorded_data(),
        },
    }
}
