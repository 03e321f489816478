//! What the page says where it cannot work as usual, and what it says to those who do not see it.

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::json;

const RIGHT: &str = "\u{e014}"; // WebDriver's key codes
const ENTER: &str = "\u{e007}";

#[test]
fn the_tree_is_spoken_of_as_it_is_now() -> Result {
    let site = Site::serve()?;
    let hash = "#synapses?cell=own&own=dend~soma~1~2100~1~7&syn=&keep=&pick=&t=40";
    let page = Page::open(&site, hash, Shape::Desktop)?;
    let lesson = |name: &str| format!("[data-lesson=synapses] [data-stat={name}]");
    page.text_when(&lesson("tree-dend"), |text| text.contains(|c: char| c.is_ascii_digit()))?;
    page.press("[data-picture]", RIGHT)?;
    let before = page.text_when(&lesson("spoken"), |text| text.contains("no synapse"))?;
    page.press("[data-picture]", ENTER)?;
    let spoken = page.text_when(&lesson("spoken"), |text| text.contains("1 synapse"))?;
    // the voltage is that with the synapse: the one that is shown, and not the one that was spoken before
    let voltage =
        |text: &str| text.split(", ").find(|part| part.contains(" mV")).map(str::to_owned);
    assert_ne!(voltage(&spoken), voltage(&before), "{spoken}");
    page.text_when(&lesson("there"), |text| text == spoken)?;
    // one convention, and the other one beside it: segments from 1, rows from 0
    let number: usize = spoken.split_whitespace().nth(2).unwrap_or_default().parse()?;
    assert!(spoken.ends_with(&format!("; row {} on the command line", number - 1)), "{spoken}");
    page.text_when("[data-cli=tree] code", |text| {
        text.contains(&format!("--event {},", number - 1))
    })?;
    Ok(())
}

#[test]
fn what_scrolls_by_itself_is_reached_by_keyboard() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Sized(390, 664))?;
    for hash in [
        "#soma",
        "#dendrite",
        "#synapses",
        "#targets",
        "data-set/#pyramid",
        "data-set/#dataset",
        "twin/#judge",
        "twin/#bonus",
    ] {
        page.go(&site.url(hash))?;
        page.stands(hash)?;
        let lost = page.run(
            "return [...document.querySelectorAll('[data-lesson]:not([hidden]) *')].filter(e => {
                 const style = getComputedStyle(e);
                 const may = way => way === 'auto' || way === 'scroll';
                 const scrolls = may(style.overflowX) && e.scrollWidth > e.clientWidth + 1
                     || may(style.overflowY) && e.scrollHeight > e.clientHeight + 1;
                 return scrolls && e.tabIndex < 0 && !e.matches('textarea, select');
             }).map(e => e.outerHTML.slice(0, 90))",
        )?;
        assert_eq!(lost, json!([]), "{hash}");
    }
    Ok(())
}
