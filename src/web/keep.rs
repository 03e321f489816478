//! What the browser keeps of each lesson between visits: its settings, the answers to its questions and its tasks that are
//! done. Where the browser stores nothing, as in some private windows, they last as long as the page.
//!
//! All are written as [`Address`]es, so that they read as a link does: the settings as
//! `#soma?amp=0.3`, the answers as `#4?QUESTION=ANSWER`, where 4 is how many questions there are, the tasks as `#2?TASK=1`.

use super::state::Address;
use super::{dom, embed};
use std::cell::RefCell;
use std::collections::BTreeMap;
use web_sys::Storage;

thread_local! {
    /// The texts that the browser would not store, by their keys.
    static MEMORY: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// How far a learner is with a lesson's questions, or with its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// How many the lesson has; 0 where it was never opened.
    pub(super) of: usize,
    /// Those that are answered or done, by their texts: the value chosen, of a task 1.
    pub(super) done: BTreeMap<String, String>,
}

impl Progress {
    /// Whether the lesson has any, and every one of them is done.
    pub(super) fn complete(&self) -> bool {
        self.of > 0 && self.done.len() >= self.of
    }

    fn parse(text: &str) -> Self {
        let Address { lesson, values, .. } = Address::parse(text);
        Self { of: lesson.parse().unwrap_or(0), done: values }
    }

    fn to_text(&self) -> String {
        Address::of(&self.of.to_string(), self.done.clone()).to_hash()
    }
}

/// What is kept of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LessonState {
    pub(super) settings: BTreeMap<String, String>,
    /// The answers to the lesson's questions.
    pub(super) answers: Progress,
    /// The lesson's tasks.
    pub(super) tasks: Progress,
}

impl LessonState {
    /// Whether no setting differs from its default, no question is answered and no task done.
    pub(super) fn is_fresh(&self) -> bool {
        self.settings.is_empty() && self.answers.done.is_empty() && self.tasks.done.is_empty()
    }

    /// Whether every question is answered and every task done.
    pub(super) fn complete(&self) -> bool {
        let both = [&self.answers, &self.tasks];
        both.iter().any(|of| of.of > 0) && both.iter().all(|of| of.of == 0 || of.complete())
    }
}

/// Reads what the browser stores of a lesson.
pub(super) fn lesson(key: &str) -> LessonState {
    let settings = read(&name(key, "settings")).map(|text| Address::parse(&text).values);
    let [answers, tasks] = ["answers", "tasks"]
        .map(|what| read(&name(key, what)).map(|text| Progress::parse(&text)).unwrap_or_default());
    LessonState { settings: settings.unwrap_or_default(), answers, tasks }
}

/// Keeps those settings of a lesson that are not at their defaults.
pub(super) fn settings(key: &str, values: &BTreeMap<String, String>) {
    match values.is_empty() {
        true => forget(&name(key, "settings")),
        false => write(&name(key, "settings"), &Address::of(key, values.clone()).to_hash()),
    }
}

/// Keeps a lesson's answers; of a lesson without questions nothing is kept.
pub(super) fn answers(key: &str, answers: &Progress) {
    progress(&name(key, "answers"), answers);
}

/// Keeps which of a lesson's tasks are done; of a lesson without tasks nothing is kept.
pub(super) fn tasks(key: &str, tasks: &Progress) {
    progress(&name(key, "tasks"), tasks);
}

fn progress(name: &str, progress: &Progress) {
    match progress.of {
        0 => forget(name),
        _ => write(name, &progress.to_text()),
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

/// The browser's storage; `None` where the browser has none or denies it, as some private windows do, and in a frame of
/// another page, which must not change what the learner has set on the course's own.
fn storage() -> Option<Storage> {
    if embed::is_on() {
        return None;
    }
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
        let mut answers = Progress { of: 2, ..Progress::default() };
        assert!(!answers.complete());
        answers.done.insert("Why? a&b = c, “d” …".into(), "double".into());
        assert_eq!(Progress::parse(&answers.to_text()), answers);
        assert!(!answers.complete());
        answers.done.insert("And?".into(), "b".into());
        assert!(Progress::parse(&answers.to_text()).complete());
    }

    #[test]
    fn a_lesson_is_complete_with_all_that_it_has() {
        let mut state = LessonState::default();
        assert!(!state.complete(), "a lesson that was never opened");
        let done = |texts: &[&str], of| {
            let done = texts.iter().map(|text| ((*text).to_owned(), "1".to_owned())).collect();
            Progress { of, done }
        };
        state.answers = done(&["a", "b"], 2);
        assert!(state.complete(), "questions alone");
        state.tasks = done(&["c"], 2);
        assert!(!state.complete() && !state.is_fresh());
        state.tasks = done(&["c", "d"], 2);
        assert!(state.complete());
    }

    #[test]
    fn what_another_page_wrote_there_is_no_answer() {
        for text in ["", "{}", "#", "#-1?", "null"] {
            let answers = Progress::parse(text);
            assert_eq!((answers.of, answers.complete()), (0, false), "{text}");
        }
    }
}
