//! The pages' markup, as far as it can be checked without a browser.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "support/text_of.rs"]
mod text_of;
use text_of::text_of;

fn www() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("www")
}

/// Every lesson's name and text.
fn lessons() -> Vec<(String, String)> {
    let folder = fs::read_dir(www().join("lessons")).expect("the lessons' folder");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a lesson");
        (path.file_stem().expect("a name").to_string_lossy().into_owned(), text)
    };
    let all: Vec<_> = folder.map(|entry| read(entry.expect("an entry").path())).collect();
    assert!(all.len() >= 12, "{}", all.len());
    all
}

/// The texts between `from` and the next `to`, at every place where `from` stands.
fn all_between<'a>(text: &'a str, from: &'a str, to: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(from).skip(1).map(move |rest| rest.split(to).next().unwrap_or_default())
}

#[test]
fn every_column_and_row_has_a_name() {
    for (lesson, text) in lessons() {
        for head in all_between(&text, "<th", "</th>").filter(|head| !head.starts_with("ead")) {
            let name = head.split_once('>').map_or("", |(_, inner)| inner);
            assert!(!text_of(name).is_empty(), "{lesson}: an empty table header: <th{head}</th>");
        }
    }
}

#[test]
fn every_box_for_a_number_says_what_it_takes() {
    for (lesson, text) in lessons() {
        for input in all_between(&text, "<input type=\"number\"", ">") {
            for needed in [" min=\"", " max=\"", " step=\"", " value=\""] {
                assert!(input.contains(needed), "{lesson}: no{needed} in {input}");
            }
        }
    }
}

#[test]
fn what_an_answer_opens_is_spoken() {
    for (lesson, text) in lessons() {
        for check in all_between(&text, "<fieldset class=\"check\"", "</fieldset>") {
            let (before, after) = check.split_once("role=\"status\"").unwrap_or((check, ""));
            assert!(
                !before.contains("class=\"feedback\"") && after.contains("class=\"feedback\""),
                "{lesson}: feedback outside a live region: {check}"
            );
        }
        // src/web/lesson/quiz.rs puts what follows a prediction into a live region
        for after in text.split("<fieldset class=\"predict\"").skip(1) {
            let next = after.split_once("</fieldset>").map_or("", |(_, next)| next.trim_start());
            assert!(next.starts_with("<div class=\"reveal\" hidden>"), "{lesson}: {next:.60}");
        }
    }
}

#[test]
fn pages_without_scripts_or_webassembly_say_so() {
    let header = fs::read_to_string(www().join("header.html")).expect("the header");
    assert!(header.contains("<noscript>") && header.contains("id=\"no-wasm\""));
    for page in ["index.html", "data-set.html", "twin.html"] {
        let text = fs::read_to_string(www().join(page)).expect("a page");
        assert!(text.contains("href=\"header.html\""), "{page} has no header");
    }
}
