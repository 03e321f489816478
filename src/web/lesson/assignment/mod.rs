//! Lesson 8, the assignment: five twins on two neurons as a queue that survives reloads, their plot, the learner's
//! explanation, and a report to print.

mod bars;
mod cell;
mod explanation;
mod import;
mod queue;
mod reach;
mod report;
mod settings;
mod state;
mod table;

use super::shared::{Neuron, recorded};
use super::this::{Act, This};
use super::{Lesson, Workers, command, figure, problem, write};
use crate::twin::baseline::Kind;
use crate::twin::results::Row;
use crate::web::controls::Controls;
use crate::web::data_set::Store;
use crate::web::plot::FigureView;
use crate::web::trainer::client::TrainerClient;
use crate::web::trainer::store::RunStore;
use crate::web::{dom, keep};
use cell::{Cell, Known, Origin, SourcedRow};
use explanation::Explanation;
use reach::Reach;
use serde::{Deserialize, Serialize};
use settings::QueueSettings;
use state::State;
use std::cell::RefCell;
use std::rc::Rc;
use table::Table;
use web_sys::Element;

/// The key under which the browser keeps the queue and the imported rows.
const KEPT: &str = "ballstick-assignment";

struct Assignment {
    root: Element,
    this: This<Assignment>,
    trainer: TrainerClient,
    table: Table,
    bars: FigureView,
    report_bars: FigureView,
    reach: Reach,
    explanation: Explanation,
    state: RefCell<State>,
}

/// The part of the state that outlives a reload, besides the runs themselves.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    queue: Vec<String>,
    imported: Vec<Row>,
}

pub(super) fn mount(root: &Element, workers: &Workers) -> Rc<dyn Lesson> {
    let lesson = This::make(|this: &This<Assignment>| Assignment {
        root: root.clone(),
        this: this.clone(),
        trainer: workers.trainer.clone(),
        table: Table::mount(root),
        bars: figure(root, plot!("bars")),
        report_bars: figure(root, plot!("report-bars")),
        reach: Reach::mount(root, workers),
        explanation: Explanation::mount(root, {
            let changed = this.hear(|lesson, ()| lesson.show_report());
            move || changed(())
        }),
        state: RefCell::default(),
    });
    lesson.remember();
    lesson.listen();
    lesson.listen_to_files();
    lesson.read_runs();
    lesson.read_recorded();
    lesson
}

impl Lesson for Assignment {
    fn update(&self, controls: &Controls) {
        let settings = QueueSettings::of(controls);
        command::show(&self.root, cli!("sweep"), &settings.command());
        self.state.borrow_mut().settings = settings;
        self.reach.set(controls);
        self.read_stored_data();
        self.show();
    }
}

impl Assignment {
    fn listen(&self) {
        let acts: [Act<Self>; 5] = [
            (action!("run-queue"), |lesson| lesson.next()),
            (action!("queue-all"), |lesson| lesson.queue_all()),
            (action!("stop"), |lesson| lesson.stop()),
            (action!("empty"), |lesson| lesson.empty_queue()),
            (action!("report"), |lesson| report::print(&lesson.root)),
        ];
        self.this.on_actions(&self.root, acts);
        report::listen(&self.root);
        // another tab changed the queue: what that tab has done is not done again here
        self.this.on(&dom::window(), "storage", |lesson, event: web_sys::Event| {
            let idle = lesson.state.borrow().queue.running.is_none();
            let key = js_sys::Reflect::get(&event, &"key".into()).ok();
            if key.and_then(|key| key.as_string()).as_deref() == Some(KEPT) && idle {
                lesson.remember();
                lesson.read_runs();
            }
        });
        self.table.on_press(self.this.hear(|lesson, cell| lesson.pressed(cell)));
    }

    /// Takes over what an earlier visit kept: the queue, and the rows from files.
    fn remember(&self) {
        let text = keep::of_page(KEPT).unwrap_or_default();
        let memory: Memory = serde_json::from_str(&text).unwrap_or_default();
        let mut state = self.state.borrow_mut();
        state.queue.waiting = memory.queue.iter().filter_map(|key| Cell::of_key(key)).collect();
        for row in memory.imported {
            if let Some(cell) = Cell::of_row(&row) {
                state.known.entry(cell).or_default().imported = Some(row);
            }
        }
    }

    /// Keeps the queue and the rows from files.
    fn memorise(&self) {
        let state = self.state.borrow();
        let memory = Memory {
            queue: state.queue.open().map(Cell::key).collect(),
            imported: state.known.values().filter_map(|known| known.imported.clone()).collect(),
        };
        keep::page(KEPT, &serde_json::to_string(&memory).unwrap_or_default());
    }

    /// Reads the runs that the browser stores, each into its cell.
    fn read_runs(&self) {
        self.this.after(RunStore::stored(), |lesson, records| {
            match records {
                Ok(records) => {
                    let mut state = lesson.state.borrow_mut();
                    for known in state.known.values_mut() {
                        known.records.clear();
                    }
                    for record in records {
                        if let Some(cell) = Cell::of_run(&record.plan.id) {
                            state.known.entry(cell).or_default().keep(record);
                        }
                    }
                }
                Err(error) => problem(&lesson.root, &error.to_string()),
            }
            lesson.show();
        });
    }

    fn read_recorded(&self) {
        self.this.after(recorded(), |lesson, rows| {
            match rows {
                Ok(rows) => {
                    let mut state = lesson.state.borrow_mut();
                    for row in rows {
                        if let Some(cell) = Cell::of_row(&row) {
                            state.known.entry(cell).or_default().recorded = Some(row);
                        } else if Kind::named(&row.config).is_some() {
                            state.baselines.push(row);
                        }
                    }
                }
                Err(why) => write(&lesson.root, stat!("recorded"), &why),
            }
            lesson.show();
        });
    }

    /// Finds out of which neuron the stored data set is.
    fn read_stored_data(&self) {
        let stored = async { Store::open().await.ok()?.stored().await.ok()? };
        self.this.after(stored, |lesson, stored| {
            let name = stored.map(|stored| stored.name).unwrap_or_default();
            lesson.state.borrow_mut().stored_data = Neuron::named(&name);
            lesson.show();
        });
    }

    /// Every result with its cell, and the baselines that the twins have to beat, once for each test set that a result
    /// was judged on.
    fn rows(&self) -> (Vec<(Cell, SourcedRow)>, Vec<SourcedRow>) {
        let state = self.state.borrow();
        let fill = state.settings.fill;
        let of = |cell: Cell| {
            let results =
                state.known.get(&cell).map_or(Vec::new(), |known| known.results(cell.letter, fill));
            results.into_iter().map(move |result| (cell, result)).collect::<Vec<_>>()
        };
        let rows: Vec<(Cell, SourcedRow)> = Cell::all().flat_map(of).collect();
        let mut baselines: Vec<SourcedRow> = Vec::new();
        for (cell, result) in &rows {
            let record = state.known.get(cell).and_then(Known::best);
            let own = record.filter(|record| result.run.as_ref() == Some(&record.plan.id));
            let judgement = own.and_then(|record| record.judgement.as_ref());
            for baseline in judgement.iter().flat_map(|judgement| &judgement.baselines) {
                let row = Row {
                    test_set: result.row.test_set.clone(),
                    test_simulations: result.row.test_simulations,
                    ..baseline.row(&result.row.neuron)
                };
                let same = |known: &SourcedRow| {
                    let (a, b) = (&known.row, &row);
                    a.config == b.config && a.neuron == b.neuron && a.test_set == b.test_set
                };
                if !baselines.iter().any(same) {
                    baselines.push(SourcedRow { origin: result.origin, row, run: None });
                }
            }
        }
        let recorded = state.baselines.iter().filter(|_| fill);
        let recorded_result =
            |row: &Row| SourcedRow { origin: Origin::Recorded, row: row.clone(), run: None };
        baselines.extend(recorded.map(recorded_result));
        (rows, baselines)
    }

    /// Brings table, plot and report in line with the state.
    fn show(&self) {
        let (rows, baselines) = self.rows();
        {
            let state = self.state.borrow();
            self.table.show(&state, &rows);
            self.queue_text(&state);
            let text = match state.stored_data {
                Some(neuron) => format!(
                    "For the {} the twins learn from the data set that you made in lesson 5, for the other from a small recorded one.",
                    neuron.label()
                ),
                None => "The twins learn from small recorded data sets. If you make one of either neuron in lesson 5, it is taken in place of the recorded one.".to_owned(),
            };
            write(&self.root, stat!("data-words"), &text);
        }
        self.bars.set(bars::figure(&rows, &baselines));
        self.report_bars.set(bars::figure(&rows, &baselines));
        table::show_baselines(&self.root, &baselines);
        report::fill(&self.root, &rows, &baselines, &self.explanation);
    }

    /// Fills the report anew, after the learner has written something in it.
    fn show_report(&self) {
        let (rows, baselines) = self.rows();
        report::fill(&self.root, &rows, &baselines, &self.explanation);
    }
}
