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

    page.go(&site.url("?embed=nothing#dendrite"))?;
    page.text_when("main > .told", |text| text.contains("no laboratory “nothing”"))?;
    Ok(())
}
