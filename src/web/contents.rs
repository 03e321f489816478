//! The contents list, which shows how far the learner is with each lesson, and the navigation, which ticks the lessons that
//! are done.

use super::dom;
use super::keep::{self, LessonState};
use web_sys::{Element, HtmlElement};

/// The links of the contents.
pub(super) const CONTENTS: &str = ".contents a[href*='#']";

/// Marks every lesson in the contents below `root` with how many of its questions are answered and tasks done.
pub(super) fn mark(root: &Element) {
    for (link, key) in links(root, CONTENTS) {
        let state = keep::lesson(&key);
        let text = progress_text(&state);
        let place = dom::find::<HtmlElement>(&link, ".answered").unwrap_or_else(|| {
            let new: HtmlElement = dom::element("small", "answered");
            link.append_child(&new).ok();
            new
        });
        dom::set_text(&place, &text);
        dom::show(&place, !text.is_empty());
        place.class_list().toggle_with_force("all", state.complete()).ok();
    }
}

/// Ticks every lesson in the navigation of which all questions are answered and all tasks done.
pub(super) fn tick() {
    for (link, key) in links(&dom::body(), ".top nav a[href*='#']") {
        let done = keep::lesson(&key).complete();
        link.class_list().toggle_with_force("done", done).ok();
        match (done, dom::find::<Element>(&link, ".visually-hidden")) {
            (true, None) => {
                let said: Element = dom::element("span", "visually-hidden");
                said.set_text_content(Some(" (done)"));
                link.append_child(&said).ok();
            }
            (false, Some(said)) => said.remove(),
            _ => {}
        }
    }
}

/// The links below `root` that a selector names, each with the key of its lesson.
pub(super) fn links(root: &Element, selector: &str) -> Vec<(Element, String)> {
    let with_key = |link: Element| {
        let key = link.get_attribute("href")?.split_once('#')?.1.to_owned();
        Some((link, key))
    };
    dom::all(root, selector).into_iter().filter_map(with_key).collect()
}

/// How far the learner is with a lesson, in words; empty where nothing is answered or done.
fn progress_text(state: &LessonState) -> String {
    let LessonState { answers, tasks, .. } = state;
    let parts = [(answers, "question", "answered"), (tasks, "task", "done")].map(
        |(part, what, done)| match (part.done.len(), part.of) {
            (0, _) | (_, 0) => String::new(),
            (given, all) if given < all => format!("{given} of {all} {what}s {done}"),
            (_, 1) => format!("its {what} {done}"),
            (_, all) => format!("all {all} {what}s {done}"),
        },
    );
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    if state.complete() { format!("✓ {text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lesson_with_all_answered_and_done_has_a_tick() {
        let mut state = LessonState::default();
        assert_eq!(progress_text(&state), "");
        state.answers.of = 2;
        state.answers.done.insert("a".into(), "1".into());
        assert_eq!(progress_text(&state), "1 of 2 questions answered");
        state.answers.done.insert("b".into(), "1".into());
        assert_eq!(progress_text(&state), "✓ all 2 questions answered");
        state.tasks.of = 1;
        assert_eq!(progress_text(&state), "all 2 questions answered");
        state.tasks.done.insert("c".into(), "1".into());
        assert_eq!(progress_text(&state), "✓ all 2 questions answered, its task done");
    }
}
