//! ROC and precision-recall curves with the threshold on them, and what the threshold finds and costs.

use crate::text::grouped;
use crate::twin::evaluate::WANTED_FPR;
use crate::twin::thresholds::{OperatingPoint, scale as logits};
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::{figure, place, write};
use crate::web::names::Stat;
use crate::web::plot::scale::fixed;
use crate::web::plot::{Axis, Colour, Figure, FigureView, Panel, Series, Style};
use crate::web::settings::Settings;
use crate::web::trainer::protocol::Judgement;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};

/// The false-positive rate up to which the second plot shows the ROC curve.
pub(in crate::web::lesson) const ZOOM: f64 = 0.01;
const HEIGHT: f64 = 190.0;

pub(super) struct Curves {
    root: Element,
    roc: FigureView,
    zoom: FigureView,
    pr: FigureView,
    shown: Rc<RefCell<Shown>>,
}

#[derive(Default)]
struct Shown {
    judgement: Option<Rc<Judgement>>,
    /// The slider's place among the thresholds.
    at: usize,
}

impl Curves {
    pub(super) fn mount(root: &Element) -> Self {
        let this = Self {
            root: root.clone(),
            roc: figure(root, plot!("roc")),
            zoom: figure(root, plot!("zoom")),
            pr: figure(root, plot!("pr")),
            shown: Rc::default(),
        };
        let slider: HtmlInputElement = place(root, number!("thr"));
        for (view, of_recall) in [(&this.roc, false), (&this.zoom, false), (&this.pr, true)] {
            let (shown, slider) = (this.shown.clone(), slider.clone());
            view.on_pick(move |x, _| {
                let threshold = {
                    let shown = shown.borrow();
                    let Some(judgement) = &shown.judgement else { return };
                    let curve =
                        if of_recall { &judgement.precision_recall } else { &judgement.roc };
                    nearest(curve, |point| (point.0 - x).abs()).map(|point| point.2)
                };
                if let Some(threshold) = threshold {
                    move_to(&slider, threshold);
                }
            });
        }
        this
    }

    pub(super) fn set(&self, controls: &Controls) {
        self.shown.borrow_mut().at = logits::nearest(controls.number(number!("thr")));
        self.draw();
    }

    pub(super) fn show(&self, judgement: Rc<Judgement>) {
        if let Some(mark) = judgement.mark {
            let button: Element = place(&self.root, action!("at-mark"));
            let at = logits::nearest(logits::logit_of(mark.threshold));
            button.set_attribute("data-set", &format!("thr={:.2}", logits::logit(at))).ok();
        }
        self.shown.borrow_mut().judgement = Some(judgement);
        self.draw();
    }

    pub(super) fn clear(&self) {
        self.shown.borrow_mut().judgement = None;
        self.draw();
    }

    fn draw(&self) {
        let shown = self.shown.borrow();
        let text = |name: Stat, text: &str| write(&self.root, name, text);
        let empty = Judgement::default();
        let judgement = shown.judgement.as_deref().unwrap_or(&empty);
        let here = found(judgement, shown.at);
        let threshold = here.map_or_else(|| logits::threshold(shown.at), |here| here.threshold);
        text(stat!("threshold"), &probability(threshold));
        self.draw_roc(judgement, here);
        self.draw_precision(judgement, here);
        let Some(here) = here.filter(|here| here.negatives > 0) else {
            for name in [
                stat!("hits"),
                stat!("missed"),
                stat!("alarms"),
                stat!("here-tpr"),
                stat!("here-fpr"),
                stat!("precision"),
            ] {
                text(name, "–");
            }
            return;
        };
        text(stat!("hits"), &format!("{} of {}", grouped(here.hits), grouped(here.positives)));
        text(stat!("missed"), &grouped(here.positives - here.hits));
        let [alarms, silent] = [here.false_alarms, here.negatives].map(grouped);
        text(stat!("alarms"), &format!("{alarms} in {silent} silent ms"));
        text(stat!("here-tpr"), &fixed(here.tpr(), 3));
        text(stat!("here-fpr"), &fixed(here.fpr(), 5));
        let precision = match here.hits + here.false_alarms {
            0 => "undefined: nothing is predicted".to_owned(),
            _ => fixed(here.precision(), 3),
        };
        text(stat!("precision"), &precision);
    }

    fn draw_roc(&self, judgement: &Judgement, here: Option<OperatingPoint>) {
        let plain =
            |curve: &[(f64, f64, f64)]| curve.iter().map(|p| (p.0, p.1)).collect::<Vec<_>>();
        let (curve, near) = (plain(&judgement.roc), plain(&judgement.near_roc));
        let here: Vec<(f64, f64)> = here.iter().map(|p| (p.fpr(), p.tpr())).collect();
        let right_of = |up: f64| {
            judgement.baselines.iter().zip([Colour::Green, Colour::Orange]).map(
                move |(b, colour)| {
                    let name = if up < 1.0 { b.kind.key() } else { b.kind.title() };
                    Series::sorted(name, colour, Style::Line, &up_to(&b.curve, up))
                },
            )
        };
        let part = |points: &[(f64, f64)]| up_to(points, ZOOM);
        // the near spikes and the baselines behind, the spikes and the threshold in front
        let lines =
            |panel: Panel, near: (&str, Vec<Point>), up, spikes: &[Point], here: &[Point]| {
                let near = Series::sorted(near.0, Colour::Sky, Style::Line, &near.1);
                panel.with(near).with_all(right_of(up)).with_all(front(spikes, here))
            };
        let x = |end| Axis::new("false alarms (FPR)", "", (0.0, end));
        let whole = Panel::new("spikes found (TPR)", "", (0.0, 1.02), HEIGHT);
        let whole = whole.with(Series::diagonal((0.0, 1.0)));
        let whole = lines(whole, ("near spikes", near.clone()), 1.0, &curve, &here);
        self.roc.set(Figure::over(x(1.0)).with(whole));
        let inside: Vec<Point> = here.into_iter().filter(|p| p.0 <= ZOOM).collect();
        let first = Panel::new("the first hundredth", "", (0.0, 1.02), HEIGHT);
        let first = first.with(Series::upright("", WANTED_FPR, (0.0, 1.02)));
        let first = lines(first, ("near", part(&near)), ZOOM, &part(&curve), &inside);
        self.zoom.set(Figure::over(x(ZOOM)).with(first));
    }

    fn draw_precision(&self, judgement: &Judgement, here: Option<OperatingPoint>) {
        let curve: Vec<Point> = judgement.precision_recall.iter().map(|p| (p.0, p.1)).collect();
        let here: Vec<Point> = here.iter().map(|p| (p.tpr(), p.precision())).collect();
        let panel = Panel::new("precision", "", (0.0, 1.02), HEIGHT).with_all(front(&curve, &here));
        self.pr.set(Figure::over(Axis::new("spikes found (recall)", "", (0.0, 1.0))).with(panel));
    }
}

/// A place on a curve.
type Point = (f64, f64);

/// The twin's curve, and the point of the threshold on it.
fn front(spikes: &[Point], here: &[Point]) -> [Series; 2] {
    [
        Series::sorted("spikes", Colour::Ink, Style::Bold, spikes),
        Series::sorted("", Colour::Vermillion, Style::Scatter, here),
    ]
}

/// The part of a rising curve up to `x`, with its last point exactly there.
fn up_to(points: &[(f64, f64)], x: f64) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = points.iter().copied().take_while(|p| p.0 <= x).collect();
    if let (Some(a), Some(b)) = (out.last().copied(), points.get(out.len())) {
        out.push((x, a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)));
    }
    out
}

/// The operating point of the threshold at a place of the slider, by its counts. The place nearest to the mark's
/// threshold stands for the mark itself, so that the page says the same of it everywhere.
fn found(judgement: &Judgement, at: usize) -> Option<OperatingPoint> {
    let mark =
        judgement.mark.filter(|mark| logits::nearest(logits::logit_of(mark.threshold)) == at);
    if mark.is_some() {
        return mark;
    }
    let &(hits, false_alarms) = judgement.found.get(at)?;
    let [positives, negatives] = judgement.firing_ms.map(|ms| ms as u64);
    Some(OperatingPoint {
        threshold: logits::threshold(at),
        hits: hits.into(),
        false_alarms: false_alarms.into(),
        positives,
        negatives,
    })
}

fn nearest(
    curve: &[(f64, f64, f64)],
    distance: impl Fn(&(f64, f64, f64)) -> f64,
) -> Option<(f64, f64, f64)> {
    curve.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

fn move_to(slider: &HtmlInputElement, threshold: f64) {
    let at = logits::nearest(logits::logit_of(threshold));
    dom::move_to(slider, &format!("{:.2}", logits::logit(at)));
}

/// A probability with as many digits as it takes to tell it from 0 and 1.
fn probability(p: f64) -> String {
    match p {
        p if p < 0.01 => fixed(p, 5),
        p if p > 0.99 => fixed(p, 4),
        p => fixed(p, 3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::thresholds::Thresholds;

    #[test]
    fn a_curve_is_cut_between_its_points() {
        let curve = [(0.0, 0.0), (0.005, 0.5), (0.015, 0.7), (1.0, 1.0)];
        let part = up_to(&curve, 0.01);
        assert_eq!(part.len(), 3);
        assert!((part[2].0 - 0.01).abs() < 1e-12 && (part[2].1 - 0.6).abs() < 1e-12);
        assert_eq!(up_to(&curve[..1], 0.01), [(0.0, 0.0)]);
    }

    /// The counts at the mark are the headline's, and where no spike is predicted, none is found.
    #[test]
    fn a_place_of_the_slider_has_its_counts() {
        let all = Thresholds::new(
            &[true, false, true, false, false, true],
            &[0.9, 0.8, 0.7, 0.4, 0.2, 0.1].map(|p: f32| 0.4 * p),
        );
        let counts = (0..logits::len()).map(|at| {
            let point = all.at(logits::threshold(at));
            (point.hits as u32, point.false_alarms as u32)
        });
        let mark = all.point(2);
        let judgement = Judgement {
            mark: Some(mark),
            found: counts.collect(),
            firing_ms: [3.0, 3.0],
            ..Judgement::default()
        };
        // at 0.5 no spike is predicted: the highest probability is 0.36
        let half = found(&judgement, logits::nearest(0.0)).unwrap();
        assert_eq!((half.hits, half.false_alarms), (0, 0));
        assert!(half.precision().is_nan());
        let at = logits::nearest(logits::logit_of(mark.threshold));
        assert_eq!(found(&judgement, at), Some(mark));
        let lowest = found(&judgement, 0).unwrap();
        assert_eq!((lowest.hits, lowest.false_alarms), (3, 3));
        assert_eq!(found(&Judgement::default(), 7), None);
    }

    /// The page's slider has the ends and the step of the scale on which hits and false alarms are counted.
    #[test]
    fn the_slider_is_the_scale() {
        let page = include_str!("../../../../www/lessons/judge.html");
        let slider = format!(
            "data-key=\"thr\" min=\"{}\" max=\"{}\" step=\"{}\"",
            logits::LOW,
            logits::HIGH,
            logits::STEP
        );
        assert!(page.contains(&slider), "{slider}");
    }
}
