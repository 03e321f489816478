//! A place on the page that shows a figure: what the learner does there, and which figures are to be drawn again.

use super::drawing::{Drawing, forget_text_size};
use super::{colours, line};
use crate::plot::Figure;
use crate::web::dom;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use web_sys::{HtmlElement, KeyboardEvent, PointerEvent};

thread_local! {
    static VIEWS: RefCell<Vec<Weak<RefCell<Drawing>>>> = const { RefCell::new(Vec::new()) };
    /// Functions that draw what is no figure in the page's colours.
    static OTHERS: RefCell<Vec<Rc<dyn Fn()>>> = const { RefCell::new(Vec::new()) };
}

/// Draws every figure again, as when the page turned dark.
pub fn redraw_all() {
    all_stale().iter().for_each(schedule);
    redraw_others();
}

/// Draws every figure for paper, at once: the browser prints without another frame. [`redraw_all`] draws them for the
/// screen again.
pub fn draw_for_paper() {
    for view in all_stale() {
        view.borrow_mut().draw_for_paper();
    }
    redraw_others();
}

/// All figures on the page, with every panel out of date; the page's colours are read anew.
fn all_stale() -> Vec<Rc<RefCell<Drawing>>> {
    colours::forget();
    VIEWS.with_borrow_mut(|views| {
        views.retain(|view| view.strong_count() > 0);
        let views: Vec<_> = views.iter().filter_map(Weak::upgrade).collect();
        views.iter().for_each(|view| view.borrow_mut().forget());
        views
    })
}

fn redraw_others() {
    let others = OTHERS.with_borrow(Clone::clone);
    others.iter().for_each(|draw| draw());
}

/// Draws what is no figure again with all figures: `draw` is called whenever the page's colours change.
pub fn redraw_too(draw: impl Fn() + 'static) {
    OTHERS.with_borrow_mut(|others| others.push(Rc::new(draw)));
}

/// A place on the page that shows a figure.
#[derive(Clone)]
pub struct FigureView(Rc<RefCell<Drawing>>);

impl FigureView {
    /// Makes an element the place of a figure; the element's `aria-label` names the figure.
    pub fn new(root: HtmlElement) -> Self {
        root.class_list().add_1("plot").ok();
        root.set_tab_index(0);
        root.set_attribute("role", "group").ok();
        root.set_attribute("aria-roledescription", "plot; arrow keys read values").ok();
        let readout: HtmlElement = dom::element("p", "plot-readout");
        let spoken: HtmlElement = dom::element("p", "visually-hidden");
        spoken.set_attribute("aria-live", "polite").ok();
        root.append_child(&readout).ok();
        root.append_child(&spoken).ok();
        let view = Rc::new(RefCell::new(Drawing::new(root.clone(), readout, spoken)));
        listen(&view, &root);
        VIEWS.with_borrow_mut(|views| views.push(Rc::downgrade(&view)));
        Self(view)
    }

    /// Shows a figure from the next frame on. Of several figures that are set within a frame only the last is drawn;
    /// the figure that is shown already is not drawn again.
    pub fn set(&self, figure: Figure) {
        let figure = figure.placed();
        if self.0.borrow().figure.as_ref() != Some(&figure) {
            self.0.borrow_mut().replace(figure);
            schedule(&self.0);
        }
    }

    /// Puts the cursor at a value of the horizontal axis, as the pointer does.
    pub fn point_at(&self, x: f64) {
        self.0.borrow_mut().cursor = Some(x);
        line::join(&self.0);
    }

    /// Calls `picked` with the place of each click, in the values of the first panel's axes.
    pub fn on_pick(&self, picked: impl Fn(f64, f64) + 'static) {
        let of = Rc::downgrade(&self.0);
        let root = self.0.borrow().root.clone();
        dom::on(&root, "click", move |event: PointerEvent| {
            let place = of.upgrade().and_then(|view| view.borrow().place_of(&event));
            place.inspect(|(x, y)| picked(*x, *y));
        });
    }

    /// Calls `dragged` with the place of each press, and of the pointer as it moves on pressed, in the values of the first
    /// panel's axes.
    #[cfg(feature = "data-lessons")]
    pub fn on_drag(&self, dragged: impl Fn(f64, f64) + 'static) {
        let root = self.0.borrow().root.clone();
        // a finger that moves up or down scrolls the page
        root.style().set_property("touch-action", "pan-y").ok();
        let dragged = Rc::new(dragged);
        for event in ["pointerdown", "pointermove"] {
            let (of, dragged) = (Rc::downgrade(&self.0), dragged.clone());
            dom::on(&root, event, move |event: PointerEvent| {
                // bit 0: the main button, or a finger
                if event.buttons() & 1 == 1 {
                    let place = of.upgrade().and_then(|view| view.borrow().place_of(&event));
                    place.inspect(|(x, y)| dragged(*x, *y));
                }
            });
        }
    }
}

fn listen(view: &Rc<RefCell<Drawing>>, root: &HtmlElement) {
    let of = Rc::downgrade(view);
    dom::on_resize([root.as_ref()], move || {
        if let Some(view) = of.upgrade() {
            let width = f64::from(view.borrow().root.client_width());
            if view.borrow().width != width {
                view.borrow_mut().width = width;
                forget_text_size();
                schedule(&view);
            }
        }
    });
    let of = Rc::downgrade(view);
    dom::on_sight(root, move |in_sight| {
        of.upgrade().inspect(|view| view.borrow_mut().in_sight = in_sight);
    });
    let of = Rc::downgrade(view);
    dom::on(root, "pointermove", move |event: PointerEvent| {
        if let Some(view) = of.upgrade() {
            view.borrow_mut().point(&event);
            line::join(&view);
        }
    });
    let of = Rc::downgrade(view);
    dom::on(root, "pointerleave", move |event: PointerEvent| {
        // a finger that is lifted leaves the cursor where it was
        if let Some(view) = of.upgrade().filter(|_| event.pointer_type() == "mouse") {
            view.borrow_mut().cursor = None;
            line::join(&view);
        }
    });
    let of = Rc::downgrade(view);
    dom::on(root, "keydown", move |event: KeyboardEvent| {
        if let Some(view) = of.upgrade()
            && view.borrow_mut().key(&event.key(), event.shift_key())
        {
            event.prevent_default();
            line::join(&view);
        }
    });
}

fn schedule(view: &Rc<RefCell<Drawing>>) {
    view.borrow_mut().stale = true;
    line::join(view);
}
