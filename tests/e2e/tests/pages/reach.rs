//! Every control of every lesson can be scrolled into sight and clicked, on every screen.

use crate::common::PAGES;
use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::{Value, json};

/// A phone, a laptop at 200 %, a phone on its side, and three desktops.
const SIZES: [(u32, u32); 6] =
    [(390, 664), (720, 450), (844, 390), (1280, 720), (1440, 900), (1920, 1080)];

/// The script that gives the number of the shown lesson's controls and, in words, those that cannot be clicked where
/// they are scrolled to, that stick out of their card, or that a focus leaves out of sight, from above or from below,
/// and what sticks too high.
const UNREACHED: &str = r#"
document.documentElement.style.scrollBehavior = 'auto';
const lesson = document.querySelector('[data-lesson]:not([hidden])');
lesson.querySelectorAll('details').forEach(details => details.open = true);
const shown = [...lesson.querySelectorAll('input, select, button, textarea, summary, a[href]')]
    .filter(control => !control.disabled && control.checkVisibility());
// what is seen of a control that is drawn by its label
const seen = control => control.matches('.segmented input, .visually-hidden') ? control.closest('label') : control;
const hit = control => {
    // a link that goes on in the next line has two boxes
    const box = seen(control).getClientRects()[0];
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const at = document.elementFromPoint(x, y);
    return at && (seen(control).contains(at) || at.contains(seen(control)) && at.matches('label'));
};
const name = control => control.outerHTML.slice(0, 90);
const found = new Set();
for (const control of shown) {
    seen(control).scrollIntoView({ block: 'center' });
    if (!hit(control)) found.add('not clickable: ' + name(control));
    // but for what scrolls sideways by itself
    const frame = control.closest('.scroll') ? null : control.closest('.lab');
    const [right, most] = [seen(control), frame].map(e => e?.getBoundingClientRect().right);
    if (right > most + 1) found.add(`sticks out by ${Math.round(right - most)} px: ` + name(control));
}
for (const from of [0, document.documentElement.scrollHeight]) for (const control of shown) {
    document.activeElement.blur();
    scrollTo(0, from);
    control.focus();
    if (!hit(control)) found.add(`focused from ${from && 'below' || 'above'}, not in sight: ` + name(control));
}
document.activeElement.blur();
for (const e of document.querySelectorAll('body *')) {
    const sticks = e.offsetHeight > 0.45 * innerHeight && getComputedStyle(e).position;
    if (sticks === 'sticky' || sticks === 'fixed')
        found.add(`sticks with ${e.offsetHeight} of ${innerHeight} px: ` + name(e));
}
return [shown.length, ...found];
"#;

/// Goes to another lesson of the page, and waits until it stands.
fn show(page: &Page, lesson: &str) -> Result {
    page.run(&format!("location.hash = '#{lesson}'"))?;
    page.stands(&format!("#{lesson}"))
}

/// The number of controls of the lesson that is shown, and those that are out of reach, in words.
fn unreached(page: &Page) -> Result<(u64, Vec<String>)> {
    let mut found: Vec<Value> = serde_json::from_value(page.run(UNREACHED)?)?;
    let count = found.remove(0).as_u64().unwrap_or(0);
    Ok((count, found.iter().map(|words| words.as_str().unwrap_or_default().to_owned()).collect()))
}

#[test]
fn every_control_is_reached_by_pointer_and_keyboard() -> Result {
    let site = Site::serve()?;
    let mut wrong = Vec::new();
    let mut controls = 0;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    for (address, lessons) in PAGES {
        page.go(&site.url(&format!("{address}#{}", lessons[0])))?;
        for lesson in lessons {
            show(&page, lesson)?;
            for (width, height) in SIZES {
                page.resize(width, height)?;
                let (count, found) = unreached(&page)?;
                controls += count;
                wrong.extend(
                    found.iter().map(|words| format!("{width} × {height}, {lesson}: {words}")),
                );
            }
        }
    }
    assert!(controls > 450 * SIZES.len() as u64, "{controls} controls");
    assert!(wrong.is_empty(), "{} of {controls}:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// The fault that the test above looks for, a plot that sticks over the controls below it, is found where it is brought
/// back.
#[test]
fn what_sticks_over_controls_is_found() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#targets", Shape::Desktop)?;
    show(&page, "targets")?;
    page.resize(390, 664)?;
    assert_eq!(unreached(&page)?.1, Vec::<String>::new());
    page.run(
        "const style = document.createElement('style');
         style.textContent = '.pin .stage:not(.wide) .plot { position: sticky; top: 0; z-index: 2; min-height: 90vh; }';
         document.head.append(style)",
    )?;
    let found = unreached(&page)?.1;
    for words in ["not clickable:", "focused from below, not in sight:", "sticks with"] {
        assert!(found.iter().any(|found| found.starts_with(words)), "{words} {found:?}");
    }
    Ok(())
}

/// A control that is wider than its place is found too.
#[test]
fn what_sticks_out_of_its_card_is_found() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#dataset", Shape::Desktop)?;
    show(&page, "dataset")?;
    assert_eq!(unreached(&page)?.1, Vec::<String>::new());
    page.run("document.querySelector('[data-lesson=dataset] .controls select').style.maxWidth = 'none';
              document.querySelector('[data-lesson=dataset] .controls select').style.width = '40rem'")?;
    let found = unreached(&page)?.1;
    assert!(found.iter().any(|found| found.starts_with("sticks out by")), "{found:?}");
    Ok(())
}

#[test]
fn all_lessons_stand_in_the_bar() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    page.stands("#start")?;
    for (width, height) in [(1280, 720), (1366, 768), (1440, 900), (1920, 1080)] {
        page.resize(width, height)?;
        let hidden = page.run(
            "const nav = document.querySelector('.top nav').getBoundingClientRect();
             return [...document.querySelectorAll('.top nav a')].filter(a => {
                 const box = a.getBoundingClientRect();
                 return box.left < nav.left - 1 || box.right > nav.right + 1;
             }).map(a => a.textContent)",
        )?;
        assert_eq!(hidden, json!([]), "at {width}");
    }
    Ok(())
}
