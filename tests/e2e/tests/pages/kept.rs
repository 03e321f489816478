//! What a lesson keeps: its settings and its answers, through other lessons and reloads, until it is started again.

use ballstick_e2e::{NO_STORAGE, Page, Result, Shape, Site};
use serde_json::json;

const RIGHT: &str = "\u{e014}"; // WebDriver's key code of the right arrow
const AMP: &str = "return document.querySelector('[data-key=amp]').value";
const ANSWER: &str = "[data-lesson=soma] .predict input[value=less]";

fn is(page: &Page, script: &str, wanted: &serde_json::Value) -> Result {
    page.value_when(script, |found| found == wanted)?;
    Ok(())
}

/// Whether the prediction of lesson 1 is answered, and what it opens is shown.
fn answered(page: &Page, wanted: bool) -> Result {
    let script = format!(
        "const reveal = document.querySelector('[data-lesson=soma] .reveal');
         return document.querySelector('{ANSWER}').checked && !reveal.hidden && reveal.closest('[role=status]') !== null"
    );
    is(page, &script, &json!(wanted))
}

fn set_and_answer(page: &Page) -> Result {
    page.press("[data-key=amp]", &RIGHT.repeat(5))?;
    page.address_with("amp=0.2")?;
    page.click(ANSWER)?;
    answered(page, true)
}

#[test]
fn settings_and_answers_outlast_other_lessons_and_reloads() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#soma", Shape::Desktop)?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    set_and_answer(&page)?;
    page.click("nav a[href='#dendrite']")?;
    page.click("nav a[href='#soma']")?;
    is(&page, AMP, &json!("0.2"))?;
    page.address_with("#soma?amp=0.2")?;

    page.go(&site.url("#soma"))?;
    is(&page, AMP, &json!("0.2"))?;
    page.text_when("[data-stat=spikes]", |text| text == "16")?;
    answered(&page, true)?;
    // a link says what is shown
    page.go(&site.url("#soma?amp=0.3"))?;
    is(&page, AMP, &json!("0.3"))?;
    page.go(&site.url("#soma?"))?;
    is(&page, AMP, &json!("0.15"))?;

    page.go(&site.url("#start"))?;
    let tick = ".contents a[href='#soma'] .answered";
    page.text_when(tick, |text| text == "1 of 4 questions answered")?;
    page.click(".again button")?;
    page.text_when(tick, str::is_empty)?;
    page.click(".again button")?; // undo
    page.text_when(tick, |text| text == "1 of 4 questions answered")?;
    page.go(&site.url("#soma?amp=0.3"))?;
    is(&page, AMP, &json!("0.3"))?;
    page.run("for (const check of document.querySelectorAll('[data-lesson=soma] .check')) check.querySelector('input').click()")?;
    page.click("[data-lesson=soma] .again button")?;
    is(&page, AMP, &json!("0.15"))?;
    answered(&page, false)?;
    page.click("[data-lesson=soma] .again button")?; // undo
    is(&page, AMP, &json!("0.3"))?;
    answered(&page, true)?;
    page.go(&site.url("#start"))?;
    page.text_when(tick, |text| text == "all 4 questions answered")?;
    Ok(())
}

#[test]
fn a_page_that_may_keep_nothing_works_until_it_is_left() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "#soma", Shape::Desktop, &[NO_STORAGE])?;
    let denied = "try { return localStorage === null } catch (error) { return error.name }";
    assert_eq!(page.run(denied)?, json!("SecurityError"));
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    set_and_answer(&page)?;
    page.run("location.hash = '#dendrite'")?;
    page.text_when("[data-stat=sweep-spikes]", |text| text.parse::<u32>().is_ok())?;
    page.run("location.hash = '#soma'")?;
    is(&page, AMP, &json!("0.2"))?;
    answered(&page, true)?;
    page.click("#theme")?;
    Ok(())
}

#[test]
fn what_an_address_asks_for_in_vain_is_said() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#nosuch", Shape::Desktop)?;
    page.text_when(".told[role=alert]:not(#no-wasm, #not-loaded)", |text| {
        text.contains("“nosuch”")
    })?;
    page.run("location.hash = '#soma'")?;
    page.value_when(
        "return document.querySelector('.told[role=alert]:not(#no-wasm, #not-loaded)').hidden",
        |h| h == true,
    )?;
    for (hash, words) in [
        ("#targets?seed=-5", "seed=-5"),
        ("#targets?seed=1e30&cap=-60", "seed=1e30"),
        ("#soma?amp=99", "amp=99"),
        ("#dendrite?rec=dog&nokey=1", "rec=dog, nokey=1"),
    ] {
        page.go(&site.url(hash))?;
        page.text_when("main > .told", |text| text.ends_with(&format!("{words}.")))?;
    }
    Ok(())
}

#[test]
fn a_box_holds_the_number_that_runs() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#targets?seed=3", Shape::Desktop)?;
    let seed = "[data-lesson=targets] [data-key=seed]";
    let note = "[data-lesson=targets] .box-note";
    page.text_when("[data-cli=targets] code", |text| text.contains("--seed 3 "))?;
    let type_in = |text: &str| {
        page.run(&format!(
            "const box = document.querySelector('{seed}'); box.focus(); box.select()"
        ))?;
        page.press(seed, text)
    };
    let value = format!("return document.querySelector('{seed}').value");
    let leave = || page.run(&format!("document.querySelector('{seed}').blur()"));
    type_in("-5")?;
    page.text_when(note, |text| text.contains("from 0 to 1,000,000,000; 3 is used"))?;
    leave()?;
    is(&page, &value, &json!("3"))?;
    // the last number within the range that was typed on the way is in use
    for wrong in ["1e30", "2.5"] {
        type_in(wrong)?;
        page.text_when(note, |text| text.contains("from 0 to 1,000,000,000; "))?;
        leave()?;
        page.value_when(&value, |value| value != wrong)?;
    }
    type_in("7")?;
    page.text_when(note, str::is_empty)?;
    page.text_when("[data-cli=targets] code", |text| text.contains("--seed 7 "))?;
    Ok(())
}
