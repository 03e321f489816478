//! Histograms and a scatter plot of the simulations' statistics, before and after the filter.

use super::super::{command, figure, mini, place, write};
use crate::data::Split;
use crate::data::layout::sim_name;
use crate::data::prune::Criteria;
use crate::data::stats::Statistic;
use crate::plot::range::{counts, padded};
use crate::text::grouped;
use crate::web::controls::Controls;
use crate::web::data_set::{Key, Record, StoredSet};
use crate::web::names::Choice;
use crate::web::plot::{Axis, Colour, Data, Figure, FigureView, Panel, Series, Style};
use crate::web::settings::Settings;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::{Element, HtmlElement};

/// The statistics that have a histogram, besides the intervals between spikes.
const HISTOGRAMS: [Statistic; 11] = [
    Statistic::FiringRate,
    Statistic::NearSpike,
    Statistic::RateMean,
    Statistic::RateStd,
    Statistic::SomaMean,
    Statistic::SomaStd,
    Statistic::BranchMean,
    Statistic::BranchStd,
    Statistic::ExcMean,
    Statistic::InhMean,
    Statistic::ExcStd,
];
const BINS: usize = 24;

/// The charts, and the settings by which they are drawn.
pub(super) struct Charts {
    root: Element,
    histograms: Vec<FigureView>,
    isis: FigureView,
    scatter: FigureView,
    set: RefCell<Set>,
    /// The dots of the scatter plot, for picking.
    dots: Rc<RefCell<Dots>>,
}

struct Set {
    criteria: Criteria,
    filter: bool,
    x: Statistic,
    y: Statistic,
}

#[derive(Default)]
struct Dots {
    /// The dots, each with its place, its split and its place in the split.
    all: Vec<(f64, f64, Split, usize)>,
    x: (f64, f64),
    y: (f64, f64),
}

impl Charts {
    pub(super) fn mount(root: &Element) -> Self {
        let grid: HtmlElement = place(root, grid!("histograms"));
        let one = |label: &str| mini(&grid, &format!("Histogram: {label}")).1;
        let histograms = HISTOGRAMS.iter().map(|quantity| one(quantity.title())).collect();
        let set = Set {
            criteria: Criteria::default(),
            filter: true,
            x: Statistic::ExcMean,
            y: Statistic::FiringRate,
        };
        Self {
            root: root.clone(),
            histograms,
            isis: one("intervals between spikes"),
            scatter: figure(root, plot!("scatter")),
            set: RefCell::new(set),
            dots: Rc::default(),
        }
    }

    /// Calls `picked` with split and place of the simulation whose dot is clicked.
    pub(super) fn on_pick(&self, picked: impl Fn((Split, usize)) + 'static) {
        let dots = self.dots.clone();
        self.scatter.on_pick(move |x, y| {
            let near = {
                let dots = dots.borrow();
                let far = |dot: &(f64, f64, Split, usize)| {
                    // the plot is about twice as wide as it is high
                    let dx = 2.0 * (dot.0 - x) / (dots.x.1 - dots.x.0);
                    let dy = (dot.1 - y) / (dots.y.1 - dots.y.0);
                    dx.hypot(dy)
                };
                dots.all.iter().min_by(|a, b| far(a).total_cmp(&far(b))).copied()
            };
            near.inspect(|dot| picked((dot.2, dot.3)));
        });
    }

    /// Takes over the learner's settings.
    pub(super) fn set(&self, controls: &Controls) {
        let quantity = |key: Choice, default: Statistic| {
            let name = controls.choice(key);
            Statistic::ALL.into_iter().find(|q| q.key() == name).unwrap_or(default)
        };
        let (low, high) = (controls.number(number!("lo")), controls.number(number!("hi")));
        self.set.replace(Set {
            criteria: Criteria { firing_rate_hz_range: [low, high], ..Criteria::default() },
            filter: controls.on(switch!("filter")),
            x: quantity(choice!("sx"), Statistic::ExcMean),
            y: quantity(choice!("sy"), Statistic::FiringRate),
        });
    }

    /// Draws the charts.
    pub(super) fn draw(
        &self,
        records: &BTreeMap<Key, Record>,
        stored: Option<&StoredSet>,
        folder: String,
    ) {
        let set = self.set.borrow();
        let seed = stored.and_then(|stored| stored.manifest.as_ref()).map_or(0, |plan| plan.seed);
        let mut missed: BTreeMap<String, usize> = BTreeMap::new();
        let [low, high] = set.criteria.firing_rate_hz_range;
        self.mark_passed(set.filter && low > high);
        let passes: Vec<bool> = records
            .values()
            .map(|record| {
                let name = sim_name(record.index);
                let reasons = set.criteria.judge(seed, record.split, &name, &record.stats());
                for reason in &reasons {
                    *missed.entry(reason.criterion.clone()).or_default() += 1;
                }
                !set.filter || reasons.is_empty()
            })
            .collect();
        self.show_filter(&set, &missed, &passes, &folder);
        for (quantity, view) in HISTOGRAMS.iter().zip(&self.histograms) {
            let values = |record: &Record| vec![record.values[*quantity as usize]];
            let limits = set.criteria.list().into_iter().find(|c| c.1 == *quantity).map(|c| c.2);
            let limits = limits.filter(|_| set.filter);
            let columns = columns(records, &passes, values);
            histogram(view, quantity.title(), quantity.unit(), columns, limits);
        }
        let isis = |record: &Record| record.isis.iter().map(|i| f64::from(*i).min(500.0)).collect();
        let isis = columns(records, &passes, isis);
        histogram(&self.isis, "intervals between spikes", "ms", isis, None);
        self.draw_scatter(&set, records, &passes);
    }

    fn show_filter(
        &self,
        set: &Set,
        missed: &BTreeMap<String, usize>,
        passes: &[bool],
        folder: &str,
    ) {
        let stays = passes.iter().filter(|pass| **pass).count();
        write(&self.root, stat!("all"), &grouped(passes.len()));
        write(&self.root, stat!("stays"), &grouped(stays));
        let title = |key: &str| {
            let found = set.criteria.list().into_iter().find(|c| c.0 == key);
            found.map_or(key.to_owned(), |c| c.1.title().to_owned())
        };
        let why: Vec<String> =
            missed.iter().map(|(key, n)| format!("{} ({})", title(key), grouped(n))).collect();
        let [low, high] = set.criteria.firing_rate_hz_range;
        let why = match (set.filter, why.is_empty()) {
            (false, _) => "The filter is off.".into(),
            (true, _) if low > high => {
                format!(
                    "The lowest firing rate, {low} Hz, is above the highest, {high} Hz: no simulation can pass."
                )
            }
            (true, true) => "Every simulation meets all criteria.".into(),
            (true, false) => reasons(&why, set.criteria.list().len()),
        };
        write(&self.root, stat!("why"), &why);
        // the command line refuses a range whose lowest is above its highest
        let text = match low > high {
            true => "# lowest above highest: no filter to show".to_owned(),
            false => {
                let (file, option) = command::ranges(&set.criteria);
                format!(
                    "{file}ballstick filter {folder}{option}   # --undo takes it back\nballstick stats {folder} --plot figures"
                )
            }
        };
        command::show(&self.root, cli!("filter"), &text);
    }

    /// Marks the two sliders of the firing rate as invalid where the lowest is above the highest.
    fn mark_passed(&self, passed: bool) {
        for key in [number!("lo"), number!("hi")] {
            let slider: Element = place(&self.root, key);
            match passed {
                true => slider.set_attribute("aria-invalid", "true").ok(),
                false => slider.remove_attribute("aria-invalid").ok(),
            };
        }
    }

    fn draw_scatter(&self, set: &Set, records: &BTreeMap<Key, Record>, passes: &[bool]) {
        let mut places: BTreeMap<Split, usize> = BTreeMap::new();
        let (mut all, mut dropped, mut passing) = (Vec::new(), Vec::new(), Vec::new());
        for (record, passes) in records.values().zip(passes) {
            let place = places.entry(record.split).or_default();
            let (x, y) = (record.values[set.x as usize], record.values[set.y as usize]);
            all.push((x, y, record.split, *place));
            *place += 1;
            if *passes { passing.push((x, y)) } else { dropped.push((x, y)) }
        }
        let x = padded(all.iter().map(|dot| dot.0), 0.05);
        let y = padded(all.iter().map(|dot| dot.1), 0.05);
        let series = |name: &str, colour, mut points: Vec<(f64, f64)>| {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            Series::new(name, colour, Style::Scatter, points)
        };
        self.scatter.set(
            Figure::over(Axis::new(set.x.title(), set.x.unit(), x)).with(
                Panel::new(set.y.title(), set.y.unit(), y, 240.0)
                    .with(series("dropped", Colour::Vermillion, dropped))
                    .with(series("kept", Colour::Blue, passing)),
            ),
        );
        self.dots.replace(Dots { all, x, y });
    }
}

/// How many simulations miss each criterion, in words: a simulation that misses several is counted at each.
fn reasons(missed: &[String], criteria: usize) -> String {
    match missed {
        [one] => format!("Missed, of {criteria} criteria: {one}."),
        many => format!(
            "Missed, of {criteria} criteria: {}. A simulation that misses several is counted at each, so these can add up to more than are dropped.",
            many.join("; ")
        ),
    }
}

/// The values of all simulations, and of those that pass.
fn columns(
    records: &BTreeMap<Key, Record>,
    passes: &[bool],
    values: impl Fn(&Record) -> Vec<f64>,
) -> (Vec<f64>, Vec<f64>) {
    let (mut all, mut passing) = (Vec::new(), Vec::new());
    for (record, passes) in records.values().zip(passes) {
        let values = values(record);
        if *passes {
            passing.extend(&values);
        }
        all.extend(values);
    }
    (all, passing)
}

fn histogram(
    view: &FigureView,
    title: &str,
    unit: &'static str,
    (all, passing): (Vec<f64>, Vec<f64>),
    limits: Option<[f64; 2]>,
) {
    let range = padded(all.iter().copied(), 0.05);
    let (all, passing) = (counts(&all, range, BINS), counts(&passing, range, BINS));
    let top = all.iter().copied().fold(1.0, f64::max) * 1.08;
    let step = (range.1 - range.0) / BINS as f64;
    let bars = |y: &[f64]| Data::uniform(range.0 + 0.5 * step, step, y);
    let inside = |limit: &f64| range.0 < *limit && *limit < range.1;
    let limits = limits
        .into_iter()
        .flatten()
        .filter(inside)
        .map(|limit| Series::new("", Colour::Ink, Style::Dashed, [(limit, 0.0), (limit, top)]));
    let panel = Panel::new(title, "", (0.0, top), 96.0)
        .bars("all", Colour::Orange, bars(&all))
        .bars("kept", Colour::Blue, bars(&passing))
        .with_all(limits)
        .digits(0);
    let unit = if unit.is_empty() { "fraction" } else { unit };
    view.set(Figure::over(Axis::new(unit, "", range)).with(panel));
}
