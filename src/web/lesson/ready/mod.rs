//! Lesson 5½, ready?: which devices, storage, data and runs this machine has, and how far they go.

mod measure;
pub(super) mod speed;

use super::source::TwinData;
use super::this::This;
use super::{Lesson, Workers, device, place, problem, write};
use crate::text::bytes;
use crate::web::controls::Controls;
use crate::web::data_set::Store;
use crate::web::dom;
use crate::web::names::Row;
use crate::web::port::Reply;
use crate::web::trainer::protocol::{Device, DeviceReport, Probe, Wanted};
use crate::web::trainer::store::RunStore;
use speed::Speeds;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

struct Ready {
    root: Element,
    this: This<Ready>,
    workers: Workers,
    devices: RefCell<Vec<DeviceReport>>,
    speeds: RefCell<Speeds>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lesson = This::make(|this: &This<Ready>| Ready {
        root: root.clone(),
        this: this.clone(),
        workers: workers.clone(),
        devices: RefCell::default(),
        speeds: RefCell::default(),
    });
    lesson.listen();
    lesson.probe();
    lesson
}

impl Lesson for Ready {
    fn update(&self, _: &Controls) {
        // data sets or runs may have been made since the last visit
        self.look_around();
        self.show();
    }
}

impl Ready {
    /// The two choices of this page are kept in the browser, not in the address: they are of the machine.
    fn listen(&self) {
        for radio in dom::all::<HtmlInputElement>(&place(&self.root, pick!("device")), "input") {
            radio.set_checked(radio.value() == device::wanted_key());
            let of = radio.clone();
            self.this.on(&radio, "change", move |lesson, _: Event| {
                device::set_wanted(&of.value());
                lesson.show();
            });
        }
        let workers: HtmlSelectElement = place(&self.root, pick!("workers"));
        workers.set_value(&device::workers_key());
        let of = workers.clone();
        self.this.on(&workers, "change", move |lesson, _: Event| {
            device::set_workers(&of.value());
            lesson.show();
        });
        let switch: HtmlInputElement = place(&self.root, pick!("recorded"));
        switch.set_checked(device::recorded());
        let of = switch.clone();
        self.this.on(&switch, "change", move |lesson, _: Event| {
            device::set_recorded(of.checked());
            lesson.show();
        });
        self.this.on_actions(&self.root, [(action!("measure"), |lesson| lesson.measure())]);
    }

    fn probe(&self) {
        self.this.ask(Probe, &self.workers.trainer, |lesson, reply| match reply {
            Reply::Answer(devices) => {
                lesson.devices.replace(devices);
                lesson.show();
            }
            Reply::Failed(error) => {
                problem(&lesson.root, &error);
                for name in [stat!("webgpu"), stat!("cpu"), stat!("device")] {
                    write(&lesson.root, name, "not known");
                }
            }
        });
    }

    /// Looks at storage, data set and runs, and shows them.
    fn look_around(&self) {
        let root = self.root.clone();
        spawn_local(async move {
            let usage = Store::usage().await;
            let opened = Store::open().await;
            let usage = usage.map(|usage| {
                // a few hundred MB are what private windows get; a full data set takes some 500
                (bytes(usage.used), bytes(usage.quota), usage.quota < 6e8)
            });
            let (text, fine) = match (&opened, usage) {
                (Err(error), _) => (error.to_string(), false),
                (Ok(_), Some((used, quota, true))) => (
                    format!(
                        "{used} in use of {quota}, which is little. Is this a private window? It also forgets everything when it is closed."
                    ),
                    false,
                ),
                (Ok(_), Some((used, quota, false))) => {
                    (format!("{used} in use of up to {quota}"), true)
                }
                (Ok(_), None) => ("there is some; the browser does not say how much".into(), true),
            };
            row(&root, "storage", &text, Some(fine));
            let keeps = if opened.is_ok() {
                "loses at most the last half minute of a training; the page offers to go on with it. Data and twins stay until you delete them."
            } else {
                "loses everything: this browser keeps nothing for the page. Export what you want to keep."
            };
            write(&root, stat!("works-keep"), keeps);
            mark(&root, row!("w-keep"), Some(opened.is_ok()));
            match TwinData::stored().await {
                Ok(Some(source)) => {
                    let [train, valid, test] = source.counts;
                    let text = format!(
                        "{train} + {valid} + {test} simulations of {}, train + valid + test",
                        source.label()
                    );
                    row(&root, "data", &text, Some(train > 0 && valid > 0));
                }
                Ok(None) => row(&root, "data", "none yet: make one, or use recorded results", None),
                Err(message) => row(&root, "data", &message, Some(false)),
            }
            match RunStore::stored().await {
                Ok(records) if records.is_empty() => row(&root, "runs", "none yet", None),
                Ok(records) => {
                    let open = records.iter().filter(|record| !record.finished).count();
                    let more = if open > 0 { format!(", {open} unfinished") } else { "".into() };
                    row(&root, "runs", &format!("{} kept{more}", records.len()), Some(true));
                }
                Err(error) => row(&root, "runs", &error.to_string(), Some(false)),
            }
        });
    }

    /// The device that the learner's choice leads to for one of the assignment's twins, or why that device cannot be
    /// used; `None` before the devices are known.
    fn chosen(&self, letter: char) -> Option<Result<Device, String>> {
        let devices = self.devices.borrow();
        let of = |device| devices.iter().find(|report| report.device == device);
        let first = devices.iter().find(|report| report.usable)?;
        Some(match device::wanted_for(&speed::twin(letter)) {
            Wanted::Auto => Ok(first.device),
            Wanted::Measured { webgpu, cpu } => match Wanted::faster(webgpu, cpu) {
                Device::WebGpu if of(Device::WebGpu).is_some_and(|report| report.usable) => {
                    Ok(Device::WebGpu)
                }
                _ => Ok(Device::Cpu),
            },
            Wanted::Only(device) if of(device).is_some_and(|report| report.usable) => Ok(device),
            Wanted::Only(device) => Err(of(device).map_or_else(String::new, |r| r.text.clone())),
        })
    }

    /// Which device trains the twins, and by which numbers.
    fn device_text(&self, [small, large]: [Device; 2]) -> String {
        let both = |letter: char| {
            let measured = device::measured(&speed::twin(letter));
            let rate = |device| measured.of(device).map(speed::rate);
            let (webgpu, cpu) = (rate(Device::WebGpu)?, rate(Device::Cpu)?);
            Some(format!("twin {letter}: {cpu} steps a second on the CPU, {webgpu} on WebGPU"))
        };
        let rates: Vec<String> = ['A', 'C'].into_iter().filter_map(both).collect();
        let rates = match rates.is_empty() || !matches!(device::wanted(), Wanted::Auto) {
            true => String::new(),
            false => format!(" ({})", rates.join("; ")),
        };
        match small == large {
            true => format!("{}{rates}", device::name(small)),
            false => format!(
                "{} for small twins, {} for large ones{rates}",
                device::name(small),
                device::name(large)
            ),
        }
    }

    fn show(&self) {
        for report in self.devices.borrow().iter() {
            let name = key(report.device);
            let text =
                if report.usable { report.text.clone() } else { format!("no: {}", report.text) };
            row(&self.root, name, &text, Some(report.usable));
        }
        let recorded = device::recorded();
        match (self.chosen('A'), self.chosen('C')) {
            (Some(Ok(device)), Some(Ok(large))) => {
                write(&self.root, stat!("device"), &self.device_text([device, large]));
                problem(&self.root, "");
                let speed = self.speeds.borrow().of(device, 'A');
                let text = match speed {
                    Some(speed) => format!(
                        "train on {}: twin A takes about {} in two minutes.",
                        device::name(device),
                        speed::two_minutes(speed)
                    ),
                    None => format!(
                        "train on {}; measure above how far that goes.",
                        device::name(device)
                    ),
                };
                write(&self.root, stat!("works-train"), &text);
                mark(&self.root, row!("w-train"), Some(true));
            }
            (Some(Err(text)), _) | (_, Some(Err(text))) => {
                let nothing = "nothing: the device that you chose cannot be used";
                write(&self.root, stat!("device"), nothing);
                problem(&self.root, &format!("Choose another device: {text}."));
                let none = "no training on the device that you chose.";
                write(&self.root, stat!("works-train"), none);
                mark(&self.root, row!("w-train"), Some(false));
            }
            (None, _) | (_, None) => {}
        }
        let text = if recorded {
            "begin with a recorded twin; exchange it for your own at any time."
        } else {
            "begin with the twin that you train in lesson 6; or switch to recorded results."
        };
        write(&self.root, stat!("works-judge"), text);
        mark(&self.root, row!("w-judge"), Some(true));
        mark(&self.root, row!("w-neuron"), Some(true));
        self.show_speeds();
    }
}

/// The device's key in the markup.
fn key(device: Device) -> &'static str {
    match device {
        Device::WebGpu => "webgpu",
        Device::Cpu => "cpu",
    }
}

/// Fills a row of the table and marks it.
fn row(root: &Element, name: &str, text: &str, fine: Option<bool>) {
    write(root, stat!("{}", name), text);
    mark(root, row!("{}", name), fine);
}

/// Marks a row: fine, not fine, or neither.
fn mark(root: &Element, name: Row, fine: Option<bool>) {
    let row: Element = place(root, name);
    row.class_list().toggle_with_force("fine", fine == Some(true)).ok();
    row.class_list().toggle_with_force("lacking", fine == Some(false)).ok();
}
