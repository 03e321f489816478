//! What the browser keeps of each lesson between visits: its settings and the answers to its questions. Where the
//! browser stores nothing, as in some private windows, both last as long as the page.
//!
//! Both are written as [`Address`]es, so that they read as a link does: the settings as
//! `#soma?amp=0.3`, the answers as `#4?QUESTION=ANSWER`, where 4 is how many questions there are.

use super::dom;
use super::state::Address;
use std::cell::RefCell;
use std::collections::BTreeMap;
use web_sys::Storage;

thread_local! {
    /// The texts that the browser would not store, by their keys.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// The answers given in a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    /// How many questions the lesson asks; 0 where it was never opened.
    pub(super) questions: usize,
    /// The value chosen for each question answered, by the question's text.
    pub(super) given: BTreeMap<String, String>,
}

impl Answers {
    /// Whether the lesson asks questions and every one of them is answered.
    pub(super) fn complete(&self) -> bool {
        self.questions > 0 && self.given.len() >= self.questions
    }

    fn parse(text: &str) -> Self {
        let Address { lesson, values, .. } = Address::parse(text);
        Self { questions: lesson.parse().unwrap_or(0), given: values }
    }

    fn to_text(&self) -> String {
        Address::of(&self.questions.to_string(), self.given.clone()).to_hash()
    }
}

/// The settings and the answers that are kept of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LessonState {
    pub(super) settings: BTreeMap<String, String>,
    pub(super) answers: Answers,
}

impl LessonState {
    /// Whether no setting differs from its default and no question is answered.
    pub(super) fn is_fresh(&self) -> bool {
        self.settings.is_empty() && self.answers.given.is_empty()
    }
}

/// Reads a lesson's settings and answers as the browser stores them.
pub(super) fn lesson(key: &str) -> LessonState {
    let settings = read(&name(key, "settings")).map(|text| Address::parse(&text).values);
    let answers = read(&name(key, "answers")).map(|text| Answers::parse(&text));
    LessonState { settings: settings.unwrap_or_default(), answers: answers.unwrap_or_default() }
}

/// Keeps those settings of a lesson that are not at their defaults.
pub(super) fn settings(key: &str, values: &BTreeMap<String, String>) {
    match values.is_empty() {
        true => forget(&name(key, "settings")),
        false => write(&name(key, "settings"), &Address::of(key, values.clone()).to_hash()),
    }
}

/// Keeps a lesson's answers; of a lesson without questions nothing is kept.
pub(super) fn answers(key: &str, answers: &Answers) {
    match answers.questions {
        0 => forget(&name(key, "answers")),
        _ => write(&name(key, "answers"), &answers.to_text()),
    }
}

/// Keeps a setting of the whole page, such as its colours, under the name `what`.
pub(super) fn page(what: &str, value: &str) {
    write(what, value);
}

/// The setting of the whole page that is kept under the name `what`.
pub(super) fn of_page(what: &str) -> Option<String> {
    read(what)
}

/// The key in the browser's storage, with a prefix: an origin may hold other pages than this one.
fn name(lesson: &str, what: &str) -> String {
    format!("ballstick/{lesson}/{what}")
}

/// The browser's storage; `None` where the browser has none or denies it, as some private windows do.
fn storage() -> Option<Storage> {
    dom::window().local_storage().ok().flatten()
}

fn read(name: &str) -> Option<String> {
    MEMORY
        .with_borrow(|memory| memory.get(name).cloned())
        .or_else(|| storage()?.get_item(name).ok().flatten())
}

fn write(name: &str, text: &str) {
    let written = storage().is_some_and(|storage| storage.set_item(name, text).is_ok());
    MEMORY.with_borrow_mut(|memory| {
        memory.remove(name);
        if !written {
            memory.insert(name.to_owned(), text.to_owned());
        }
    });
}

fn forget(name: &str) {
    MEMORY.with_borrow_mut(|memory| memory.remove(name));
    storage().inspect(|storage| {
        storage.remove_item(name).ok();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were() {
        let mut answers = Answers { questions: 2, ..Answers::default() };
        assert!(!answers.complete());
        answers.given.insert("Why? a&b = c, “d” …".into(), "double".into());
        assert_eq!(Answers::parse(&answers.to_text()), answers);
        assert!(!answers.complete());
        answers.given.insert("And?".into(), "b".into());
        assert!(Answers::parse(&answers.to_text()).complete());
    }

    #[test]
    fn what_another_page_wrote_there_is_no_answer() {
        for text in ["", "{}", "#", "#-1?", "null"] {
            let answers = Answers::parse(text);
            assert_eq!((answers.questions, answers.complete()), (0, false), "{text}");
        }
    }
}
