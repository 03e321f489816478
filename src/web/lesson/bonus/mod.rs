//! Lesson 9, bonus.

use super::{Lesson, Workers};
use crate::web::controls::Controls;
use std::rc::Rc;
use web_sys::Element;

struct Page;

pub(super) fn mount(_root: &Element, _workers: &Workers) -> Rc<dyn Lesson> {
    Rc::new(Page)
}

impl Lesson for Page {
    fn update(&self, _controls: &Controls) {}
}
