//! Lesson 3 in a real browser: curves, a tree that takes synapses by pointer and keyboard, an
//! editor, files, and the commands that do the same.

use crate::common::spikes_of_command;
use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::json;

const RIGHT: &str = "\u{e014}"; // WebDriver's key codes
const ENTER: &str = "\u{e007}";
const DELETE: &str = "\u{e017}";
/// A stick lies across the middle of its picture; a click there hits the middle of seven segments.
const EMPTY_STICK: &str = "#synapses?cell=own&own=dend~soma~1~2100~1~7&syn=&keep=&pick=";

fn stat(page: &Page, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-lesson=synapses] [data-stat={name}]"), wanted)
}

#[test]
fn the_curves_say_what_the_text_says() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#synapses", Shape::Desktop)?;
    stat(&page, "steepest-human", |text| text == "no. 12")?;
    stat(&page, "steepest-ampa", |text| text == "none")?;
    stat(&page, "needs-nmda-clustered", |text| text == "17")?;
    stat(&page, "needs-nmda-spread", |text| text == "37")?;
    stat(&page, "needs-ampa-spread", |text| text == "more than 40")?;
    page.click("[data-lesson=synapses] [name=tree][value=four] + span")?;
    stat(&page, "needs-ampa-spread", |text| text == "24")?;
    // with fewer synapses the soma does not fire
    page.press("[data-key=n]", &"\u{e012}".repeat(4))?; // left arrow
    stat(&page, "spikes-ampa-spread", |text| text == "0")?;
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_click_places_a_synapse_and_keys_do_too() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, EMPTY_STICK, Shape::Desktop)?;
    let rest = stat(&page, "tree-dend", |text| text.contains(|c: char| c.is_ascii_digit()))?;
    stat(&page, "synapses", |text| text == "0")?;
    page.click("[data-picture]")?;
    stat(&page, "synapses", |text| text == "1")?;
    let one = stat(&page, "tree-dend", |text| text != rest)?;
    page.click("[data-picture]")?;
    stat(&page, "synapses", |text| text == "2")?;
    stat(&page, "tree-dend", |text| text != one && text != rest)?;
    // the keyboard goes one segment outwards and adds there, twice, and takes one away
    page.press("[data-picture]", &format!("{RIGHT}{ENTER}{ENTER}"))?;
    stat(&page, "synapses", |text| text == "4")?;
    // what was spoken of segment 4 stands until the voltage of segment 5 is there
    let spoken =
        stat(&page, "spoken", |text| text.contains("segment 5") && text.contains("2 synapses"))?;
    assert!(spoken.starts_with("dend, segment 5 of 7: 1350 µm from the soma"), "{spoken}");
    page.press("[data-picture]", DELETE)?;
    stat(&page, "synapses", |text| text == "3")?;
    let link = page.address_with("syn=3.2,4.1")?;
    // the link brings the synapses back
    page.go(&link)?;
    stat(&page, "synapses", |text| text == "3")?;
    stat(&page, "tree-dend", |text| text.contains(|c: char| c.is_ascii_digit()))?;
    page.click("[name=mode][value=remove] + span")?;
    page.click("[data-picture]")?;
    stat(&page, "synapses", |text| text == "2")?;
    Ok(())
}

#[test]
fn time_goes_on_and_stops() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#synapses?t=150", Shape::Desktop)?;
    stat(&page, "tree-spikes", |text| text == "1")?;
    let picture = "return document.querySelector('[data-picture] canvas').toDataURL()";
    let before = page.run(picture)?;
    // the play takes less than two seconds
    page.at_once("text('[data-action=play]') === 'stop'", "window.played = true;")?;
    page.click("[data-action=play]")?;
    page.text_when("[data-of=t]", |text| text.starts_with("200"))?;
    page.text_when("[data-action=play]", |text| text == "play")?;
    assert_eq!(page.run("return window.played")?, true);
    page.address_with("t=200")?;
    page.value_when(picture, |after| *after != before)?;
    Ok(())
}

#[test]
fn a_tree_is_edited_and_a_wrong_one_refused() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#synapses", Shape::Desktop)?;
    stat(&page, "tree-spikes", |text| text == "1")?;
    page.run("document.querySelector('details.branches').open = true")?;
    let set = |field: &str, value: &str| {
        page.run(&format!(
            "const input = document.querySelector('.branch:last-child [data-field={field}]');
             input.value = '{value}';
             input.dispatchEvent(new Event('change', {{bubbles: true}}));"
        ))
    };
    set("L_um", "450")?;
    page.text_when("[data-json] code", |text| text.contains("\"L_um\": 450.0"))?;
    let own = "return document.querySelector('[data-lab=tree] [data-key=cell]').value";
    page.value_when(own, |cell| cell == "own")?;
    page.click("[data-action=sprout]")?;
    page.text_when("[data-json] code", |text| text.contains("\"name\": \"b1\""))?;
    let link = page.address_with("b1~right")?;
    set("diam_um", "-1")?;
    let told = page.text_when("[data-lab=tree] .problem", |text| !text.is_empty())?;
    assert!(told.contains("diam_um") && told.contains("b1"), "{told}");
    page.go(&link)?;
    page.text_when("[data-json] code", |text| text.contains("\"name\": \"b1\""))?;
    page.run("document.querySelector('details.branches').open = true")?;
    page.click("[aria-label='remove right']")?; // and b1, which is on it
    page.text_when("[data-json] code", |text| !text.contains("right") && !text.contains("b1"))?;
    Ok(())
}

#[test]
fn cells_come_from_files() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#synapses?cell=swc&syn=40.20", Shape::Desktop)?;
    page.text_when("[data-json] code", |text| text.starts_with("36 branches, 120 segments"))?;
    let give = |text: &str| {
        page.run(&format!(
            "const files = new DataTransfer();
             files.items.add(new File([{}], 'mine.swc'));
             const picker = document.querySelector('[data-lab=tree] input[type=file]');
             picker.files = files.files;
             picker.dispatchEvent(new Event('change'));",
            json!(text)
        ))
    };
    give("1 1 0 0 0 10 -1\n2 3 0 10 0 0 1\n")?;
    let told = page.text_when("[data-lab=tree] .problem", |text| !text.is_empty())?;
    assert!(told.starts_with("mine.swc: line 2: the radius of point 2 is 0"), "{told}");
    assert!(told.contains("A least radius, below, raises it"), "{told}");
    let least = |um: &str| {
        page.run(&format!(
            "const slider = document.querySelector('[data-key=minr]');
             slider.value = '{um}';
             slider.dispatchEvent(new Event('input', {{ bubbles: true }}));"
        ))
    };
    least("0.1")?;
    page.text_when("[data-stat=cell-told]", |text| text.contains("1 radius below 0.1 µm raised"))?;
    page.text_when("[data-cli=tree] code", |text| {
        text.starts_with("ballstick swc mine.swc --min-radius 0.1 --out neuron.json")
    })?;
    least("0")?;
    give("1 1 0 0 0 10 -1\n2 3 0 10 0 1 1\n3 3 0 210 0 1 2\n")?;
    page.text_when("[data-json] code", |text| text.starts_with("1 branch, 5 segments"))?;
    page.text_when("[data-cli=tree] code", |text| text.contains("--swc mine.swc"))?;
    let hidden = "return document.querySelector('[data-lab=tree] .problem').hidden";
    page.value_when(hidden, |hidden| hidden == true)?;
    Ok(())
}

#[test]
fn the_commands_shown_do_what_lesson_3_shows() -> Result {
    let site = Site::serve()?;
    for hash in ["#synapses", "#synapses?cell=three&syn=6.7,7.7,1.9&volleys=4&gap=7&pw=1.3"] {
        let page = Page::open(&site, hash, Shape::Desktop)?;
        let command = page.text_when("[data-cli=tree] code", |text| text.contains("--event"))?;
        let spikes = spikes_of_command(&command, "tree.npz")?;
        stat(&page, "tree-spikes", |text| text == spikes)?;
        let command =
            page.text_when("[data-cli=clusters] code", |text| text.contains("--event"))?;
        let spikes = spikes_of_command(&command, "clustered.npz")?;
        stat(&page, "spikes-nmda-clustered", |text| text == spikes)?;
        let command = page.text_when("[data-cli=curves] code", |text| text.contains("--event"))?;
        assert_eq!(spikes_of_command(&command, "twelve.npz")?, "0", "{command}");
    }
    Ok(())
}
