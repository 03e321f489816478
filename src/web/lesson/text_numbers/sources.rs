//! What the tests read: the lessons' markup, and files of the repository.

#[path = "../../../../tests/support/markup.rs"]
pub(super) mod markup;

use crate::web::lesson::registry::LESSONS;
use crate::web::settings::Settings;
use markup::{Markup, Set};

impl Settings for Set {
    fn value(&self, key: &str) -> Option<String> {
        Self::value(self, key).map(str::to_owned)
    }
}

/// A file of the repository.
pub(super) fn file(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lessons' keys.
pub(super) fn lessons() -> impl Iterator<Item = &'static str> {
    LESSONS.iter().map(|lesson| lesson.key)
}

/// A lesson's markup.
pub(super) fn read(lesson: &str) -> Markup {
    Markup::read(&file(&format!("www/lessons/{lesson}.html")))
}
