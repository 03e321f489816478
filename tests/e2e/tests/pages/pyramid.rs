//! Lesson 3½ in a real browser: the three experiments, channels that are blocked, densities that are dragged, a
//! reconstruction of the learner's, and the command that does the same.

use ballstick::data::npy::Npz;
use ballstick_e2e::{CommandLine, Page, Result, Shape, Site};
use serde_json::json;

const RIGHT: &str = "\u{e014}"; // WebDriver's key code

fn stat(page: &Page, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-lesson=pyramid] [data-stat={name}]"), wanted)
}

fn spikes(page: &Page, wanted: [&str; 3]) -> Result {
    for (case, wanted) in ["soma", "dend", "both"].into_iter().zip(wanted) {
        stat(page, &format!("spikes-{case}"), |text| text == wanted)?;
    }
    Ok(())
}

#[test]
fn a_burst_needs_both_and_calcium() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#pyramid", Shape::Desktop)?;
    spikes(&page, ["1", "0", "3"])?;
    for figure in ["traces", "profile", "densities"] {
        page.draws(&format!("[data-lesson=pyramid] [data-figure={figure}]"))?;
    }
    page.click("[data-lesson=pyramid] [data-key=Ca]")?;
    spikes(&page, ["1", "0", "1"])?;
    page.click("[data-lesson=pyramid] [data-set='']")?;
    spikes(&page, ["1", "0", "3"])?;
    // a key moves the input one segment outwards
    let there = stat(&page, "there", |text| text.contains("arrives here"))?;
    page.press("[data-lesson=pyramid] [data-picture]", RIGHT)?;
    let next = stat(&page, "there", |text| text != there && text.contains("arrives here"))?;
    assert!(next.starts_with("trunk_5, segment") || next.starts_with("tuft_1"), "{next}");
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_drag_moves_the_calcium_zone() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#pyramid", Shape::Desktop)?;
    spikes(&page, ["1", "0", "3"])?;
    let figure = "[data-lesson=pyramid] [data-figure=densities]";
    page.draws(figure)?;
    // a press in the middle of the plot, then a move to the left with the button held
    let zone = |page: &Page| page.run("return +document.querySelector('[data-key=zone]').value");
    let at = |share: f64, event: &str| {
        page.run(&format!(
            "const place = document.querySelector('{figure} canvas').getBoundingClientRect();
             const at = {{clientX: place.left + {share} * place.width, clientY: place.top + 20}};
             document.querySelector('{figure}').dispatchEvent(
                 new PointerEvent('{event}', {{...at, buttons: 1, bubbles: true}}))"
        ))
    };
    at(0.5, "pointerdown")?;
    let middle = zone(&page)?.as_f64().unwrap_or_default();
    // the plot is 1,284 µm wide and the zone 200 µm long; axis labels take up to a tenth on the left
    assert!((500.0..680.0).contains(&middle), "{middle}");
    at(0.4, "pointermove")?;
    let left = zone(&page)?.as_f64().unwrap_or_default();
    assert!(left < middle - 80.0, "{left} {middle}");
    // so near, the pulse alone opens the zone
    page.go(&page.address_with("zone=")?)?;
    stat(&page, "spikes-soma", |text| text.parse::<u32>().is_ok_and(|n| n >= 2))?;
    Ok(())
}

#[test]
fn the_command_shown_fires_as_the_page_does() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#pyramid?gap=0&hot=1.5", Shape::Desktop)?;
    let both = stat(&page, "spikes-both", |text| text.parse::<u32>().is_ok())?;
    let json =
        page.run("return document.querySelector('[data-lesson=pyramid] [data-json]').textContent")?;
    let command = page.text_when("[data-cli=meet] code", |text| text.contains("pyramid.json"))?;
    let line = CommandLine::new("pyramid")?;
    std::fs::write(line.folder().join("pyramid.json"), json.as_str().unwrap_or_default())?;
    line.shell(&command)?;
    let bytes = std::fs::read(line.folder().join("pyramid.npz"))?;
    let spikes = Npz::new(&bytes)?.read::<bool>("y_spike")?;
    assert_eq!(spikes.iter().filter(|spike| **spike).count().to_string(), both);
    Ok(())
}

#[test]
fn a_reconstruction_gets_the_membrane_and_a_wrong_one_is_refused() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#pyramid", Shape::Desktop)?;
    spikes(&page, ["1", "0", "3"])?;
    let open = |name: &str, text: &str| {
        page.run(&format!(
            "const files = new DataTransfer();
             files.items.add(new File([{}], {}));
             const picker = document.querySelector('[data-lesson=pyramid] input[type=file]');
             picker.files = files.files;
             picker.dispatchEvent(new Event('change', {{bubbles: true}}))",
            json!(text),
            json!(name)
        ))
    };
    open("bad.asc", "((Dendrite) (0 0")?;
    page.text_when("[data-lesson=pyramid] .problem", |text| text.contains("bad.asc: "))?;
    spikes(&page, ["1", "0", "3"])?;
    open("cell.asc", include_str!("../../../fixtures/asc/pyramidal.asc"))?;
    stat(&page, "cell-name", |text| text == "cell.asc")?;
    stat(&page, "there", |text| text.contains("apical"))?;
    stat(&page, "rest", |text| text.starts_with('−'))?;
    Ok(())
}
