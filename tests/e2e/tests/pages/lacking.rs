//! What a learner sees in a browser that lacks what the page computes with: plain words, and the lessons to read.

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::{Value, json};

/// The script that notes the errors that nothing caught.
const NOTE_ERRORS: &str = "window.uncaught = [];
    addEventListener('error', event => window.uncaught.push(String(event.message)));
    addEventListener('unhandledrejection', event => window.uncaught.push(String(event.reason)));";

/// A browser that lacks something, at an address; `without` is the script that takes it away.
fn open(site: &Site, without: &str, hash: &str) -> Result<Page> {
    let page = Page::open(site, "nothing.html", Shape::Phone)?;
    page.before_scripts(NOTE_ERRORS)?;
    page.before_scripts(without)?;
    page.go(&site.url(hash))?;
    Ok(page)
}

/// Requires that the words `line` above the lessons are shown, no others are, and every lesson of the page can be read.
fn says_that_it_cannot_compute(page: &Page, line: &str, what: &str) -> Result {
    let told = page
        .text_when(&format!("#{line}:not([hidden])"), |text| !text.is_empty())
        .map_err(|error| format!("{what}: {error}"))?;
    assert!(told.contains("ou can read all lessons below"), "{what}: {told}");
    let script = "const lines = [...document.querySelectorAll('main ~ .told, header ~ .told')].filter(line => line.checkVisibility());
         return [lines.map(line => line.id), lines.every(line => line.getBoundingClientRect().top < innerHeight),
             [...document.querySelectorAll('[data-lesson]')].filter(lesson => !lesson.innerText.includes(' ')).length]";
    let wanted = json!([[line], true, 0]);
    page.value_when(script, |seen| *seen == wanted).map_err(|error| format!("{what}: {error}"))?;
    Ok(())
}

#[test]
fn without_webassembly_the_page_says_so_and_can_be_read() -> Result {
    let site = Site::serve()?;
    // a browser without WebAssembly, one without vector instructions, one that a setting forbids WebAssembly
    let lacks = [
        ("no WebAssembly", "delete window.WebAssembly"),
        ("no vectors", "WebAssembly.validate = () => false"),
        (
            "refused",
            "for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming'])
                 WebAssembly[name] = async () => { throw new WebAssembly.CompileError('blocked by policy'); }",
        ),
    ];
    for (what, without) in lacks {
        let page = open(&site, without, "nothing.html")?;
        for hash in ["#soma", "data-set/#dataset", "twin/#judge"] {
            page.go(&site.url(hash))?;
            says_that_it_cannot_compute(&page, "no-wasm", &format!("{what}, {hash}"))?;
        }
    }
    // and where nothing is lacking, the page does not say so
    let page = open(&site, "", "#soma")?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    assert_eq!(page.run("return document.getElementById('no-wasm').hidden")?, json!(true));
    assert_eq!(page.run("return window.uncaught")?, json!([]));
    Ok(())
}

/// A connection that breaks off is no fault of the browser's.
#[test]
fn what_does_not_load_is_said() -> Result {
    let site = Site::serve()?;
    let breaks = "for (const name of ['instantiate', 'instantiateStreaming'])
        WebAssembly[name] = async () => { throw new TypeError('Failed to fetch'); }";
    let page = open(&site, breaks, "#soma")?;
    says_that_it_cannot_compute(&page, "not-loaded", "broken off")
}

/// A lesson, and what has to be pressed in it before it computes.
type Lesson = (&'static str, Option<&'static str>);

/// Each page's folder and lessons.
const PAGES: [(&str, &[Lesson]); 3] = [
    (
        "",
        &[
            ("start", None),
            ("soma", None),
            ("dendrite", None),
            ("synapses", None),
            ("targets", None),
        ],
    ),
    ("data-set/", &[("pyramid", None), ("dataset", Some("[data-action=make]"))]),
    ("twin/", &[("judge", None), ("taylor", None)]),
];

/// An error unless a lesson in a browser without workers says that none starts, and leaves no error uncaught.
fn says_that_no_worker_starts(page: &Page, lesson: &str, press: Option<&str>) -> Result {
    const WORDS: &str = "This browser does not let the page start a worker";
    if let Some(button) = press {
        page.value_when(
            &format!("return document.querySelector('{button}')?.disabled === false"),
            |ready| ready == true,
        )?;
        page.click(button)?;
    }
    let said = page.value_when(
        &format!(
            "return [...document.querySelectorAll('[data-lesson={lesson}]:not([hidden]) .problem')]
                 .filter(line => line.checkVisibility()).map(line => line.textContent)"
        ),
        |said| said.to_string().contains(WORDS),
    )?;
    // in words, and not in those of an exception
    let in_words = |line: &Value| {
        let line = line.as_str().unwrap_or_default();
        line.starts_with(WORDS) && !line.contains("Error") && !line.contains("wasm")
    };
    if !said.as_array().is_some_and(|lines| lines.iter().all(in_words)) {
        return Err(format!("it says {said}").into());
    }
    let uncaught = page.run("return window.uncaught")?;
    if uncaught != json!([]) {
        return Err(format!("nobody caught {uncaught}").into());
    }
    Ok(())
}

/// Each page is loaded once and its lessons are opened as a reader opens them: loading is what takes long.
#[test]
fn without_workers_each_lesson_says_so() -> Result {
    let site = Site::serve()?;
    let lacks = [
        ("no Worker", "delete window.Worker"),
        (
            "refused",
            "window.Worker = function () { throw new DOMException('no', 'SecurityError'); }",
        ),
    ];
    let mut wrong = Vec::new();
    for (what, without) in lacks {
        let page = open(&site, without, "nothing.html")?;
        for (folder, lessons) in PAGES {
            page.go(&site.url(&format!("{folder}#{}", lessons[0].0)))?;
            for (lesson, press) in lessons {
                page.run(&format!("location.hash = '#{lesson}'"))?;
                if let Err(error) = says_that_no_worker_starts(&page, lesson, *press) {
                    wrong.push(format!("{what}, {folder}#{lesson}: {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// On a server without HTTPS browsers give a page no clipboard object; its buttons copy all the same, a second press
/// within the moment of "copied" too.
#[test]
fn without_https_buttons_copy() -> Result {
    let site = Site::serve()?;
    let page = open(&site, "", "nothing.html")?;
    page.go(&site.plain_url("#soma"))?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    assert_eq!(
        page.run("return [isSecureContext, navigator.clipboard === undefined]")?,
        json!([false, true])
    );
    page.run(
        "document.addEventListener('copy', event => { window.copied = event.target.value; })",
    )?;
    for (button, wanted) in
        [("link", "/some/where/ballstick/#soma"), ("code", "ballstick simulate")]
    {
        let button = format!("[data-lesson=soma] [data-copy={button}]");
        let before = page.text_when(&button, |text| !text.is_empty())?;
        for _ in 0..2 {
            page.click(&button)?;
            page.text_when(&button, |text| text == "copied")?;
        }
        let copied = page.run("return window.copied")?;
        assert!(copied.as_str().is_some_and(|text| text.contains(wanted)), "{copied}");
        page.text_when(&button, |text| text == before)?;
    }
    assert_eq!(page.run("return window.uncaught")?, json!([]));
    Ok(())
}
