//! The markup says what the lessons' registry says; where `BALLSTICK_WRITE_MARKUP` is set, the test writes the markup
//! so.

use ballstick::web::embed::slug;
use ballstick::web::lesson::registry::{Entry, LESSONS, Page};
use std::path::PathBuf;

#[path = "support/text_of.rs"]
mod text_of;
use text_of::text_of;

fn www(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "www", file].iter().collect()
}

/// The address of a lesson, as a link on the page `from` has it.
fn address(to: &Entry, from: Page) -> String {
    let up = if from == Page::First { "" } else { "../" };
    match to.page == from {
        true => format!("#{}", to.key),
        false => format!("{up}{}#{}", to.page.folder(), to.key),
    }
}

fn navigation() -> String {
    let link = |lesson: &Entry| {
        let number = match lesson.number {
            "" => String::new(),
            number => format!("<span class=\"n\">{number}</span> "),
        };
        format!("    <a href=\"{}\">{number}{}</a>\n", address(lesson, Page::First), lesson.name)
    };
    LESSONS.iter().map(link).collect()
}

fn contents() -> String {
    let mut text = String::new();
    for lesson in LESSONS.iter().filter(|lesson| !lesson.number.is_empty()) {
        if let Some(part) = lesson.part {
            let end = if text.is_empty() { "" } else { "</ol>\n" };
            text += &format!("{end}<h2 class=\"part\">{part}</h2>\n<ol class=\"contents\">\n");
        }
        let Entry { number, title, summary, .. } = lesson;
        let href = address(lesson, Page::First);
        text += &format!(
            "  <li><a data-n=\"{number}\" href=\"{href}\"><b>{title}</b><span>{summary}</span></a></li>\n"
        );
    }
    text
}

/// The links back and on at the end of the lesson with the number `place` in the registry.
fn links(place: usize) -> String {
    let link = |to: &Entry, (before, after): (&str, &str)| {
        let words = match to.number {
            "" => to.name.to_owned(),
            number => format!("Lesson {number}: {}", to.title),
        };
        let href = address(to, LESSONS[place].page);
        format!("<a href=\"{href}\">{before}{words}{after}</a>")
    };
    let back = link(&LESSONS[place - 1], ("← ", ""));
    let on = LESSONS.get(place + 1).map(|next| link(next, ("", " →")));
    std::iter::once(back).chain(on).collect::<Vec<_>>().join(" ")
}

fn includes(page: Page) -> String {
    let of_page = LESSONS.iter().filter(|lesson| lesson.page == page);
    let include =
        |l: &Entry| format!("<link data-trunk rel=\"inline\" href=\"lessons/{}.html\">\n", l.key);
    of_page.map(include).collect()
}

/// How long a lesson takes, minutes, in fives: its words read at 200 a minute, three minutes for each laboratory and each
/// task, one for each question and each thing to try.
fn minutes(markup: &str) -> usize {
    let count = |what: &str| markup.matches(what).count();
    let labs = count("<section class=\"lab");
    let quick = count("<fieldset class=\"check") + count("<fieldset class=\"predict");
    // a tag separates words
    let words = text_of(&markup.replace('<', " <")).split_whitespace().count();
    let seconds = words * 60 / 200
        + 180 * (labs + count("data-task="))
        + 60 * (quick + count("<li><button type=\"button\" data-set"));
    (seconds.div_ceil(300) * 5).max(5)
}

/// Holds the text between `from` and `to` in a file to the registry, or writes it.
fn hold(file: &str, from: &str, to: &str, wanted: &str) {
    let path = www(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let (before, rest) = text.split_once(from).unwrap_or_else(|| panic!("{file}: no {from}"));
    let (now, after) = rest.split_once(to).unwrap_or_else(|| panic!("{file}: no {to}"));
    if now == wanted {
        return;
    }
    if std::env::var_os("BALLSTICK_WRITE_MARKUP").is_some() {
        let written = std::fs::write(&path, format!("{before}{from}{wanted}{to}{after}"));
        return written.unwrap_or_else(|e| panic!("{file}: {e}"));
    }
    panic!("{file} says\n{now}\nand the registry\n{wanted}\nBALLSTICK_WRITE_MARKUP=1 writes it");
}

#[test]
fn navigation_contents_and_links_come_from_the_registry() {
    hold("header.html", "<nav aria-label=\"Lessons\">\n", "  </nav>", &navigation());
    let (from, to) = ("</section>\n<!-- contents -->\n", "</ol>\n<p class=\"small\">");
    hold("lessons/start.html", from, to, &contents());
    for page in Page::ALL {
        hold(page.file(), "<main id=\"content\" tabindex=\"-1\">\n", "</main>", &includes(page));
    }
    for (place, lesson) in LESSONS.iter().enumerate().skip(1) {
        let file = format!("lessons/{}.html", lesson.key);
        hold(&file, "<p class=\"next\">", "</p>", &links(place));
    }
}

#[test]
fn every_lesson_has_its_key_number_title_time_and_goals() {
    for Entry { key, number, title, .. } in LESSONS {
        let file = format!("lessons/{key}.html");
        let text = std::fs::read_to_string(www(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(text.starts_with(&format!("<article data-lesson=\"{key}\"")), "{file}");
        assert!(text.contains(&format!("<h1>{title}</h1>")), "{file}");
        if number.is_empty() {
            continue;
        }
        let kicker = format!("Lesson {number} · about {} minutes", minutes(&text));
        hold(&file, "<p class=\"kicker\">", "</p>", &kicker);
        let goals =
            text.split_once("<ul class=\"goals\">").and_then(|(_, on)| on.split_once("</ul>"));
        let goals = goals.map_or(0, |(goals, _)| goals.matches("<li>").count());
        assert!((2..=4).contains(&goals), "{file}: {goals} goals");
    }
    let files = std::fs::read_dir(www("lessons")).expect("the lessons' folder").count();
    assert_eq!(files, LESSONS.len(), "a lesson's markup without an entry");
}

#[test]
fn the_laboratories_of_a_lesson_have_names_of_their_own() {
    for Entry { key, .. } in LESSONS {
        let text = std::fs::read_to_string(www(&format!("lessons/{key}.html"))).unwrap();
        let mut names: Vec<String> = text
            .split("<section class=\"lab")
            .skip(1)
            .filter_map(|lab| {
                Some(slug(&text_of(lab.split_once("<h2>")?.1.split_once("</h2>")?.0)))
            })
            .collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{key}: laboratories that an address cannot tell apart");
    }
}
