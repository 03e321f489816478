//! Predictions and checks: radio buttons in the markup, feedback beside each answer.
//!
//! A `fieldset.predict` opens the `.reveal` after it when an answer is chosen. A `fieldset.check`
//! shows the `.feedback` whose `data-for` is the chosen value; `data-right` marks right answers.

use crate::web::dom;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// Makes every prediction and check below `root` work.
pub(in crate::web) fn mount(root: &Element) {
    for (number, quiz) in
        dom::all::<Element>(root, "fieldset.predict, fieldset.check").iter().enumerate()
    {
        let lesson = root.get_attribute("data-lesson").unwrap_or_default();
        for radio in dom::all::<HtmlInputElement>(quiz, "input[type=radio]") {
            radio.set_name(&format!("quiz-{lesson}-{number}"));
        }
        let answered = quiz.clone();
        dom::on(quiz, "change", move |event: Event| {
            use wasm_bindgen::JsCast;
            if let Some(chosen) = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
            {
                answer(&answered, &chosen);
            }
        });
    }
}

fn answer(quiz: &Element, chosen: &HtmlInputElement) {
    quiz.class_list().add_1("answered").ok();
    if quiz.class_list().contains("predict") {
        let next = quiz.next_element_sibling().filter(|e| e.class_list().contains("reveal"));
        if let Some(reveal) = next {
            reveal.remove_attribute("hidden").ok();
            reveal.set_attribute("data-predicted", &chosen.value()).ok();
        }
        return;
    }
    let right = chosen.has_attribute("data-right");
    quiz.class_list().toggle_with_force("right", right).ok();
    quiz.class_list().toggle_with_force("wrong", !right).ok();
    for feedback in dom::all::<HtmlElement>(quiz, ".feedback") {
        let this = feedback.get_attribute("data-for").as_deref() == Some(&chosen.value());
        dom::show(&feedback, this);
    }
}
