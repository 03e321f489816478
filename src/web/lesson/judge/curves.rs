//! ROC and precision-recall curves with the threshold on them, and what it costs.

use crate::twin::evaluate::WANTED_FPR;
use crate::web::controls::Controls;
use crate::web::dom;
use crate::web::lesson::shared::{diagonal, dots, panel, upright};
use crate::web::lesson::{figure, stat};
use crate::web::plot::scale::{fixed, short};
use crate::web::plot::{Axis, Colour, Figure, FigureView, Style};
use crate::web::trainer::protocol::Judgement;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, Event, HtmlInputElement};

/// Up to which false-positive rate the second plot shows the first.
const ZOOM: f64 = 0.01;
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
    threshold: f64,
}

impl Curves {
    pub(super) fn mount(root: &Element) -> Self {
        let this = Self {
            root: root.clone(),
            roc: figure(root, "roc"),
            zoom: figure(root, "zoom"),
            pr: figure(root, "pr"),
            shown: Rc::default(),
        };
        let slider: HtmlInputElement = dom::must(root, "[data-key=thr]");
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
        let logit = controls.number("thr");
        self.shown.borrow_mut().threshold = 1.0 / (1.0 + (-logit).exp());
        self.draw();
    }

    pub(super) fn show(&self, judgement: Rc<Judgement>) {
        let at_mark = nearest(&judgement.roc, |point| (point.0 - WANTED_FPR).abs());
        if let (Some(mark), Some(button)) =
            (at_mark, dom::find::<Element>(&self.root, "[data-action=at-mark]"))
        {
            button.set_attribute("data-set", &format!("thr={:.2}", logit(mark.2))).ok();
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
        let text = |name: &str, text: &str| stat(&self.root, name, text);
        text("threshold", &probability(shown.threshold));
        let empty = Judgement::default();
        let judgement = shown.judgement.as_deref().unwrap_or(&empty);
        let here = at(&judgement.roc, shown.threshold);
        let of_precision = at(&judgement.precision_recall, shown.threshold);
        self.draw_roc(judgement, here);
        self.draw_precision(judgement, of_precision);
        let [spikes, silent] = judgement.firing_ms;
        let Some((fpr, tpr, _)) = here.filter(|_| silent > 0.0) else {
            for name in ["hits", "missed", "alarms", "here-tpr", "here-fpr", "precision"] {
                text(name, "–");
            }
            return;
        };
        let (hits, alarms) = (tpr * spikes, fpr * silent);
        text("hits", &format!("{} of {}", fixed(hits, 0), fixed(spikes, 0)));
        text("missed", &fixed(spikes - hits, 0));
        text("alarms", &format!("{} in {} silent ms", fixed(alarms, 0), short(silent)));
        text("here-tpr", &fixed(tpr, 3));
        text("here-fpr", &fixed(fpr, 5));
        text("precision", &fixed(of_precision.map_or(f64::NAN, |point| point.1), 3));
    }

    fn draw_roc(&self, judgement: &Judgement, here: Option<(f64, f64, f64)>) {
        let (curve, near) = (from_origin(&judgement.roc), from_origin(&judgement.near_roc));
        let here: Vec<(f64, f64)> = here.iter().map(|p| (p.0, p.1)).collect();
        let part = |points: &[(f64, f64)]| up_to(points, ZOOM);
        let y = || Axis::new("spikes found (TPR)", "", (0.0, 1.02));
        self.roc.set(Figure {
            x: Axis::new("false alarms (FPR)", "", (0.0, 1.0)),
            panels: vec![panel(
                y(),
                HEIGHT,
                vec![
                    diagonal((0.0, 1.0)),
                    dots("near spikes", Colour::Sky, Style::Line, &near),
                    dots("spikes", Colour::Ink, Style::Bold, &curve),
                    dots("", Colour::Vermillion, Style::Scatter, &here),
                ],
            )],
        });
        let inside: Vec<(f64, f64)> = here.into_iter().filter(|p| p.0 <= ZOOM).collect();
        self.zoom.set(Figure {
            x: Axis::new("false alarms (FPR)", "", (0.0, ZOOM)),
            panels: vec![panel(
                Axis::new("the first hundredth", "", (0.0, 1.02)),
                HEIGHT,
                vec![
                    upright("", WANTED_FPR, (0.0, 1.02)),
                    dots("near", Colour::Sky, Style::Line, &part(&near)),
                    dots("spikes", Colour::Ink, Style::Bold, &part(&curve)),
                    dots("", Colour::Vermillion, Style::Scatter, &inside),
                ],
            )],
        });
    }

    fn draw_precision(&self, judgement: &Judgement, here: Option<(f64, f64, f64)>) {
        let curve: Vec<(f64, f64)> =
            judgement.precision_recall.iter().map(|p| (p.0, p.1)).collect();
        let here: Vec<(f64, f64)> = here.iter().map(|p| (p.0, p.1)).collect();
        self.pr.set(Figure {
            x: Axis::new("spikes found (recall)", "", (0.0, 1.0)),
            panels: vec![panel(
                Axis::new("right alarms (precision)", "", (0.0, 1.02)),
                HEIGHT,
                vec![
                    dots("spikes", Colour::Ink, Style::Bold, &curve),
                    dots("", Colour::Vermillion, Style::Scatter, &here),
                ],
            )],
        });
    }
}

/// A ROC curve with the threshold above all probabilities, which finds nothing.
fn from_origin(curve: &[(f64, f64, f64)]) -> Vec<(f64, f64)> {
    let origin = (!curve.is_empty()).then_some((0.0, 0.0));
    origin.into_iter().chain(curve.iter().map(|p| (p.0, p.1))).collect()
}

/// The part of a rising curve up to `x`, with its last point exactly there.
fn up_to(points: &[(f64, f64)], x: f64) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = points.iter().copied().take_while(|p| p.0 <= x).collect();
    if let (Some(a), Some(b)) = (out.last().copied(), points.get(out.len())) {
        out.push((x, a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)));
    }
    out
}

/// The point of a curve at a threshold: the one whose threshold is nearest on the scale of the slider.
fn at(curve: &[(f64, f64, f64)], threshold: f64) -> Option<(f64, f64, f64)> {
    let wanted = logit(threshold);
    nearest(curve, |point| (logit(point.2) - wanted).abs())
}

fn nearest(
    curve: &[(f64, f64, f64)],
    distance: impl Fn(&(f64, f64, f64)) -> f64,
) -> Option<(f64, f64, f64)> {
    curve.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// ln(p / (1 - p)); a curve's first threshold may lie above all probabilities.
fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

fn move_to(slider: &HtmlInputElement, threshold: f64) {
    slider.set_value(&format!("{:.2}", logit(threshold)));
    let options = web_sys::EventInit::new();
    options.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &options) {
        slider.dispatch_event(&event).ok();
    }
}

/// A probability with as many digits as tell it from 0 and 1.
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

    #[test]
    fn a_curve_is_cut_between_its_points() {
        let curve = [(0.0, 0.0), (0.005, 0.5), (0.015, 0.7), (1.0, 1.0)];
        let part = up_to(&curve, 0.01);
        assert_eq!(part.len(), 3);
        assert!((part[2].0 - 0.01).abs() < 1e-12 && (part[2].1 - 0.6).abs() < 1e-12);
        assert_eq!(up_to(&curve[..1], 0.01), [(0.0, 0.0)]);
    }

    #[test]
    fn a_threshold_finds_its_point() {
        let curve =
            [(0.0, 0.0, f64::INFINITY), (0.001, 0.3, 0.9), (0.01, 0.8, 0.2), (1.0, 1.0, 0.0)];
        assert_eq!(at(&curve, 0.88).map(|p| p.0), Some(0.001));
        assert_eq!(at(&curve, 0.1).map(|p| p.0), Some(0.01));
        assert_eq!(at(&[], 0.5), None);
    }
}
