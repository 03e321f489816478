//! One laboratory in a frame of another page.

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::json;

/// What a frame shows: the titles of the laboratories in sight, whether the bar is, and whether the page is higher than the
/// frame.
const SHOWN: &str = "const inside = document.querySelector('iframe').contentDocument;
    const seen = of => [...inside.querySelectorAll(of)].filter(e => e.getClientRects().length > 0);
    return [seen('.lab h2').map(h => h.textContent), seen('.top').length, seen('.check').length,
        inside.documentElement.scrollHeight > inside.defaultView.innerHeight]";

#[test]
fn a_laboratory_is_shown_alone_at_its_own_height() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#dendrite?sw=25", Shape::Desktop)?;
    page.text_when("[data-stat=sweep-spikes]", |text| text.parse::<u32>().is_ok())?;
    // the lines that the button copies, put into a page of this origin: the policy lets no other frame in
    page.run("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }")?;
    let button = "[data-lesson=dendrite] .lab:has([data-key=sw]) [data-copy=frame]";
    page.click(button)?;
    page.text_when(button, |text| text == "copied")?;
    let copied = page.run("return window.copied")?;
    let copied = copied.as_str().unwrap_or_default();
    assert!(copied.contains("?embed=a-sweep-there-and-back#dendrite?sw=25\""), "{copied}");
    assert!(copied.contains("title=\"A sweep there and back · ballstick\""), "{copied}");

    page.run(
        "const copied = window.copied;
         document.body.innerHTML = '<p style=\"height: 0\"></p>' + copied.slice(0, copied.indexOf('<script>'));
         const script = copied.match(/<script>(.*)<\\/script>/)[1];
         // the policy of this page lets no script of a text run, so its words are said here
         addEventListener('message', e => {
             for (const f of document.querySelectorAll('iframe'))
                 if (f.contentWindow === e.source && e.data.ballstick) f.style.height = e.data.ballstick.height + 'px'
         });
         if (!script.includes('f.style.height=e.data.ballstick.height')) throw new Error(script)",
    )?;
    page.value_when(SHOWN, |shown| shown == &json!([["A sweep there and back"], 0, 0, false]))?;
    let inside =
        |script: &str| format!("return document.querySelector('iframe').contentDocument.{script}");
    page.value_when(&inside("querySelector('[data-key=sw]').value"), |value| value == "25")?;
    page.value_when(&inside("querySelector('[data-stat=sweep-spikes]').textContent"), |text| {
        text.as_str().is_some_and(|text| text.parse::<u32>().is_ok())
    })?;
    let link = page.run(&inside("querySelector('.embedded .frame a').getAttribute('href')"))?;
    assert!(link.as_str().is_some_and(|link| link.ends_with("/#dendrite?sw=25")), "{link}");

    // a page that was entered without naming a lesson
    page.go(&site.url(""))?;
    page.run("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve() }")?;
    page.click("[data-lesson=start] [data-copy=frame]")?;
    page.value_when("return (window.copied ?? '').includes('/?embed=live#start?\"')", |v| {
        v == true
    })?;

    page.go(&site.url("?embed=nothing#dendrite"))?;
    page.text_when("main > .told", |text| text.contains("no laboratory “nothing”"))?;
    Ok(())
}

/// The titles of the laboratories in sight, how often the bar of lessons is, and the lesson in the address.
const PRESENTED: &str = "const seen = of => [...document.querySelectorAll(of)].filter(e => e.getClientRects().length > 0);
    return [seen('.lab h2').map(h => h.textContent), seen('.top').length, location.hash.split('?')[0]]";

#[test]
fn a_lesson_is_presented_one_laboratory_at_a_time() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#soma?amp=0.2", Shape::Desktop)?;
    page.text_when("[data-stat=spikes]", |text| text == "16")?;
    let size = "return parseFloat(getComputedStyle(document.documentElement).fontSize)";
    let before = page.run(size)?;
    page.click("[data-present]")?;
    let shows = |lab: &str, hash: &str| {
        page.value_when(PRESENTED, |shown| shown == &json!([[lab], 0, hash])).map(drop)
    };
    shows("A current step", "#soma")?;
    page.text_when("[data-stat=spikes]", |text| text == "16")?;
    assert!(page.run(size)?.as_f64() > before.as_f64());
    let press = |key: &str| {
        page.run(&format!(
            "dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', cancelable: true }}))"
        ))
    };
    press("PageDown")?;
    shows("One spike, opened", "#soma")?;
    page.text_when(".present-bar .said", |text| text == "The soma: One spike, opened (2 of 3)")?;
    page.click(".present-bar button:last-child")?;
    shows("Rate against current", "#soma")?;
    press("PageDown")?;
    shows("Drag an input along the cable", "#dendrite")?;
    press("PageUp")?;
    shows("A current step", "#soma")?;
    // Escape on a plot takes its cursor away and no more
    page.text_when("[data-stat=spikes]", |text| text == "16")?;
    page.run(
        "const plot = document.querySelector('.embedded [data-figure]');
         plot.focus();
         for (const key of ['ArrowRight', 'Escape'])
             plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))",
    )?;
    shows("A current step", "#soma")?;
    press("Escape")?;
    page.value_when(PRESENTED, |shown| {
        shown[1] == 1 && shown[0].as_array().is_some_and(|labs| labs.len() == 3)
    })?;
    Ok(())
}
