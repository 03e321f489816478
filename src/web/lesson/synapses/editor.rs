//! The editor of branches: a row of fields for each branch of the tree.

use super::trees::{sprout, without};
use crate::sim::Branch;
use crate::web::dom;
use crate::web::lesson::place;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement};

/// The numbers of a branch: key, label, least value, step.
const FIELDS: [(&str, &str, &str, &str); 4] = [
    ("parent_x", "at (0 to 1)", "0", "0.05"),
    ("L_um", "length, µm", "1", "any"),
    ("diam_um", "diameter, µm", "0.05", "any"),
    ("num_segments", "segments", "1", "1"),
];

type Edited = Rc<dyn Fn(Vec<Branch>)>;

/// Fields for every branch.
pub(super) struct Editor {
    rows: HtmlElement,
    add: HtmlElement,
    /// The branches that the fields show.
    shown: Rc<RefCell<Vec<Branch>>>,
}

impl Editor {
    /// Takes over the laboratory's `[data-editor]`; `edited` is called with every new tree, whether it can be simulated
    /// or not.
    pub(super) fn mount(root: &Element, edited: impl Fn(Vec<Branch>) + 'static) -> Self {
        let rows: HtmlElement = dom::must(root, "[data-editor]");
        let add: HtmlElement = place(root, action!("sprout"));
        let (shown, edited) = (Rc::new(RefCell::new(Vec::new())), Rc::new(edited) as Edited);
        let (of, edited_to, place) = (Rc::clone(&shown), edited.clone(), rows.clone());
        dom::on(&rows, "change", move |_: Event| {
            let tree = read(&place, &of.borrow());
            // the fields are as they are: nothing is built anew, and the focus stays
            of.replace(tree.clone());
            edited_to(tree);
        });
        let (of, edited_to) = (Rc::clone(&shown), edited.clone());
        dom::on(&rows, "click", move |event: Event| {
            let button = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            let at =
                button.and_then(|b| b.get_attribute("data-remove")).and_then(|n| n.parse().ok());
            let left = at.map(|at| without(&of.borrow(), at)).filter(|left| !left.is_empty());
            left.into_iter().for_each(|left| edited_to(left));
        });
        let of = Rc::clone(&shown);
        dom::on(&add, "click", move |_: Event| {
            let mut tree = of.borrow().clone();
            tree.extend(sprout(&tree));
            edited(tree);
        });
        Self { rows, add, shown }
    }

    /// Shows the fields of a tree; where the tree is not `editable` (a reconstructed cell), the editor is hidden.
    pub(super) fn show(&self, branches: &[Branch], editable: bool) {
        dom::show(&self.rows, editable);
        dom::show(&self.add, editable);
        if !editable {
            self.shown.take();
            self.rows.set_inner_html("");
            return;
        }
        if *self.shown.borrow() == branches {
            return;
        }
        self.shown.replace(branches.to_vec());
        self.rows.set_inner_html("");
        for (at, branch) in branches.iter().enumerate() {
            self.rows.append_child(&row(branches, at, branch)).ok();
        }
    }
}

fn labelled(text: &str, control: &Element) -> Element {
    let label: Element = dom::element("label", "");
    label.append_child(&dom::text_element("span", "", text)).ok();
    label.append_child(control).ok();
    label
}

fn row(branches: &[Branch], at: usize, branch: &Branch) -> Element {
    let row: Element = dom::element("div", "branch");
    row.set_attribute("role", "group").ok();
    row.set_attribute("aria-label", &branch.name).ok();
    row.append_child(&dom::text_element("b", "", &branch.name)).ok();
    let select: HtmlSelectElement = dom::element("select", "");
    select.set_attribute("data-field", "parent").ok();
    let earlier = branches[..at].iter().map(|b| b.name.as_str());
    for parent in std::iter::once(Branch::SOMA).chain(earlier) {
        select.append_child(&dom::option(parent, parent)).ok();
    }
    select.set_value(&branch.parent);
    row.append_child(&labelled("on", &select)).ok();
    let values = [branch.parent_x, branch.length_um, branch.diam_um, branch.num_segments as f64];
    for ((key, label, least, step), value) in FIELDS.into_iter().zip(values) {
        let input: HtmlInputElement = dom::element("input", "");
        for (name, text) in
            [("type", "number"), ("data-field", key), ("min", least), ("step", step)]
        {
            input.set_attribute(name, text).ok();
        }
        input.set_value(&value.to_string());
        row.append_child(&labelled(label, &input)).ok();
    }
    let remove = dom::text_element("button", "", "remove");
    remove.set_attribute("type", "button").ok();
    remove.set_attribute("data-remove", &at.to_string()).ok();
    remove.set_attribute("aria-label", &format!("remove {}", branch.name)).ok();
    row.append_child(&remove).ok();
    row
}

/// The branches that the fields hold. A field without a number gives NaN or 0, which is refused later, with an error in
/// words.
fn read(rows: &HtmlElement, before: &[Branch]) -> Vec<Branch> {
    let rows = dom::all::<Element>(rows, ".branch");
    let number = |row: &Element, key: &str| {
        dom::find::<HtmlInputElement>(row, &format!("[data-field={key}]"))
            .and_then(|input| input.value().parse::<f64>().ok())
    };
    rows.iter()
        .zip(before)
        .map(|(row, branch)| Branch {
            name: branch.name.clone(),
            parent: dom::find::<HtmlSelectElement>(row, "[data-field=parent]")
                .map_or_else(|| branch.parent.clone(), |select| select.value()),
            parent_x: number(row, "parent_x").unwrap_or(f64::NAN),
            length_um: number(row, "L_um").unwrap_or(f64::NAN),
            diam_um: number(row, "diam_um").unwrap_or(f64::NAN),
            // a part of a segment does not count
            num_segments: number(row, "num_segments").map_or(0, |n| n.clamp(0.0, 1e6) as usize),
            region: branch.region.clone(),
        })
        .collect()
}
