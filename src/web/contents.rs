//! The contents list, which shows how many of each lesson's questions are answered.

use super::dom;
use super::keep::{self, Answers};
use web_sys::{Element, HtmlElement};

/// Marks every lesson in the contents below `root` with how many of its questions are answered.
pub(super) fn mark(root: &Element) {
    for link in dom::all::<Element>(root, ".contents a[href*='#']") {
        let href = link.get_attribute("href").unwrap_or_default();
        let Some((_, key)) = href.split_once('#') else { continue };
        let answers = keep::lesson(key).answers;
        let text = progress_text(&answers);
        let place = dom::find::<HtmlElement>(&link, ".answered").unwrap_or_else(|| {
            let new: HtmlElement = dom::element("small", "answered");
            link.append_child(&new).ok();
            new
        });
        dom::set_text(&place, &text);
        dom::show(&place, !text.is_empty());
        place.class_list().toggle_with_force("all", answers.complete()).ok();
    }
}

/// How many questions are answered, in words; empty where no question is answered, or the lesson asks none.
fn progress_text(answers: &Answers) -> String {
    match (answers.given.len(), answers.questions) {
        (0, _) | (_, 0) => String::new(),
        (given, all) if given < all => format!("{given} of {all} questions answered"),
        (_, 1) => "✓ its question answered".into(),
        (_, all) => format!("✓ all {all} questions answered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lesson_with_every_question_answered_has_a_tick() {
        let mut answers = Answers { questions: 2, ..Answers::default() };
        assert_eq!(progress_text(&answers), "");
        answers.given.insert("a".into(), "1".into());
        assert_eq!(progress_text(&answers), "1 of 2 questions answered");
        answers.given.insert("b".into(), "1".into());
        assert_eq!(progress_text(&answers), "✓ all 2 questions answered");
    }
}
