//! The neuron on a canvas, every segment in the colour of its voltage, with its synapses; and what a pointer or an
//! arrow key does to it.

use super::paint::Painter;
use super::scene::{Fit, Scene, height};
use crate::plot::neuron::Step;
use crate::web::dom;
use crate::web::plot::view::redraw_too;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, KeyboardEvent, PointerEvent,
};

/// The distance within which a pointer is at a segment, CSS pixels.
const REACH: f64 = 18.0;

/// What a learner does to a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::lesson) enum Act {
    /// Points at a segment; `None` where the pointer is at none.
    Look(Option<usize>),
    /// Clicks on a segment.
    Pick(usize),
    /// Presses an arrow key.
    Go(Step),
    /// Presses a key that adds a synapse to the chosen segment.
    Add,
    /// Presses a key that takes a synapse away from the chosen segment.
    Remove,
}

/// A canvas that fills its element's width.
#[derive(Clone)]
pub(in crate::web::lesson) struct Picture(Rc<Inner>);

struct Inner {
    root: HtmlElement,
    canvas: HtmlCanvasElement,
    scene: RefCell<Scene>,
    scheduled: Cell<bool>,
}

impl Picture {
    /// Takes over an element; `act` is called with what the learner does in it.
    pub(in crate::web::lesson) fn new(root: HtmlElement, act: impl Fn(Act) + 'static) -> Self {
        let canvas: HtmlCanvasElement = dom::element("canvas", "");
        canvas.set_attribute("aria-hidden", "true").ok();
        root.append_child(&canvas).ok();
        root.set_tab_index(0);
        root.set_attribute("role", "application").ok();
        let (scene, scheduled) = (RefCell::default(), Cell::new(false));
        let this = Self(Rc::new(Inner { root: root.clone(), canvas, scene, scheduled }));
        let act = Rc::new(act);
        let (of, act_on) = (Rc::downgrade(&this.0), act.clone());
        dom::on(&root, "click", move |event: PointerEvent| {
            let row = of.upgrade().and_then(|inner| inner.row_at(&event));
            row.into_iter().for_each(|row| act_on(Act::Pick(row)));
        });
        let (of, act_on) = (Rc::downgrade(&this.0), act.clone());
        dom::on(&root, "pointermove", move |event: PointerEvent| {
            let row = of.upgrade().and_then(|inner| inner.row_at(&event));
            act_on(Act::Look(row));
        });
        let act_on = act.clone();
        dom::on(&root, "pointerleave", move |_: PointerEvent| act_on(Act::Look(None)));
        dom::on(&root, "keydown", move |event: KeyboardEvent| {
            let what = match (event.key().as_str(), event.shift_key()) {
                ("ArrowRight", _) => Act::Go(Step::Outwards),
                ("ArrowLeft", _) => Act::Go(Step::Inwards),
                ("ArrowDown", _) => Act::Go(Step::NextBranch),
                ("ArrowUp", _) => Act::Go(Step::BranchBefore),
                ("Enter", true) | ("Delete" | "Backspace" | "-", _) => Act::Remove,
                ("Enter" | " " | "+", _) => Act::Add,
                _ => return,
            };
            event.prevent_default();
            act(what);
        });
        let of = Rc::downgrade(&this.0);
        redraw_too(move || schedule(&of));
        let of = Rc::downgrade(&this.0);
        dom::on_resize([root.as_ref()], move || schedule(&of));
        this
    }

    /// Shows a scene from the next frame on.
    pub(in crate::web::lesson) fn set(&self, scene: Scene) {
        self.0.scene.replace(scene);
        schedule(&Rc::downgrade(&self.0));
    }
}

fn schedule(of: &Weak<Inner>) {
    let Some(inner) = of.upgrade() else { return };
    if !inner.scheduled.replace(true) {
        dom::next_frame(move || {
            inner.scheduled.set(false);
            inner.draw();
        });
    }
}

impl Inner {
    fn fit(&self) -> Fit {
        let bounds = self.scene.borrow().shape.bounds();
        let width = f64::from(self.root.client_width());
        Fit::new(bounds, width, height(bounds, width))
    }

    fn row_at(&self, event: &PointerEvent) -> Option<usize> {
        let at = self.canvas.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let fit = self.fit();
        let point = fit.um(x - at.left(), y - at.top());
        self.scene.borrow().shape.nearest(point, REACH / fit.scale)
    }

    /// Fits the canvas to its place and draws the scene; a hidden canvas is left as it is.
    fn draw(&self) {
        let width = f64::from(self.root.client_width());
        let context = self.canvas.get_context("2d").ok().flatten();
        let Some(context) = context.and_then(|c| c.dyn_into::<CanvasRenderingContext2d>().ok())
        else {
            return;
        };
        let scene = self.scene.borrow();
        if width <= 0.0 || scene.shape.segments.is_empty() {
            return;
        }
        let bounds = scene.shape.bounds();
        let (height, ratio) = (height(bounds, width), dom::window().device_pixel_ratio());
        let size = ((width * ratio) as u32, (height * ratio) as u32);
        if (self.canvas.width(), self.canvas.height()) != size {
            self.canvas.set_width(size.0);
            self.canvas.set_height(size.1);
            let style = self.canvas.style();
            style.set_property("width", &format!("{width}px")).ok();
            style.set_property("height", &format!("{height}px")).ok();
        }
        context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok();
        context.clear_rect(0.0, 0.0, width, height);
        let fit = Fit::new(bounds, width, height);
        let style = dom::window().get_computed_style(&self.root).ok().flatten();
        let ink = |name: &str| {
            let value = style.as_ref().and_then(|s| s.get_property_value(name).ok());
            value.filter(|v| !v.is_empty()).unwrap_or_else(|| "#888888".into())
        };
        Painter { context: &context, scene: &scene, fit, ink: &ink }.paint(height);
        let count = self.root.get_attribute("data-drawn").and_then(|n| n.parse::<u32>().ok());
        self.root.set_attribute("data-drawn", &(count.unwrap_or(0) + 1).to_string()).ok();
    }
}
