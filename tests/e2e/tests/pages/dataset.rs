//! Lessons 4 and 5 in a real browser: draw, make, reload and find, download, upload.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;

use crate::common::handed_out;
use ballstick::data::generate::generate;
use ballstick::data::layout::sim_name;
use ballstick::data::manifest::Checksums;
use ballstick::data::many::Simulator;
use ballstick::data::neuron_file::NeuronFile;
use ballstick::data::{Manifest, Part, Sample};
use ballstick_e2e::{Page, Result, Shape, Site, fits_a_phone};

const PAGES: [&str; 2] = ["#targets", "data-set/#dataset"];
/// 224 long simulations.
const LARGE: &str = "data-set/#dataset?ms=8192&n=192";
/// 448 long simulations, as many as the page offers.
const LARGEST: &str = "data-set/#dataset?ms=8192&n=384";
const SMALL: &str = "data-set/#dataset?ms=2048&seed=5";

fn kept(page: &Page, wanted: &str) -> Result<String> {
    page.text_when("[data-stat=kept]", |text| text.contains(wanted))
}

/// A browser that reports `cores` cores, at an address: how long a data set takes does not depend on the machine's.
fn open_with_cores(site: &Site, cores: usize, hash: &str) -> Result<Page> {
    let page = Page::open(site, "nothing.html", Shape::Desktop)?;
    page.before_scripts(&format!(
        "Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {{ get: () => {cores} }})"
    ))?;
    page.go(&site.url(hash))?;
    Ok(page)
}

/// The files of the zip that the page hands out.
fn downloaded(page: &Page) -> Result<BTreeMap<String, Vec<u8>>> {
    let bytes = handed_out(page, "[data-action=download]", ("[data-stat=progress]", ".zip"))?;
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut files = BTreeMap::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        files.insert(file.name()?.to_string(), bytes);
    }
    Ok(files)
}

/// The files of the same data set by the native core.
fn native(manifest: &Manifest) -> Result<BTreeMap<String, Vec<u8>>> {
    let simulator = Simulator::new(&manifest.neuron, manifest.method)?;
    let root = &manifest.neuron_short_name;
    let mut files = BTreeMap::new();
    let neuron = NeuronFile::of(&manifest.neuron).ok_or("no neuron that the original can make")?;
    files.insert(format!("{root}/{}", neuron.name), neuron.bytes);
    for (split, index) in manifest.simulations(0, 1) {
        let segments = manifest.neuron.num_rows();
        let drawn = generate(
            &manifest.generator,
            manifest.seed,
            split,
            index,
            segments,
            manifest.sim_duration_ms,
        );
        let targets = simulator
            .simulate(std::slice::from_ref(&drawn.inputs), &mut |_| ControlFlow::Continue(()))?;
        let sample = Sample::new(&drawn.inputs, targets[0].clone());
        for part in Part::ALL {
            let name = format!("{root}/{split}/{}/{}.npy", part.folder(), sim_name(index));
            files.insert(name, sample.encode(part));
        }
    }
    Ok(files)
}

#[test]
fn a_data_set_is_made_found_after_a_reload_and_taken_out() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, SMALL, Shape::Desktop)?;
    kept(&page, "No data set")?;
    page.click("[data-action=make]")?;
    page.text_when("[data-stat=progress]", |text| text.contains("28 simulations in "))?;
    let words = kept(&page, "28 simulations")?;
    let rate = page.text_when("[data-stat=sample-rate]", |text| text.ends_with("Hz"))?;
    let stays =
        page.text_when("[data-stat=stays]", |text| text.contains(|c: char| c.is_ascii_digit()))?;

    page.go(&site.url(SMALL))?;
    assert_eq!(kept(&page, "28 simulations")?, words);
    page.text_when("[data-stat=sample-rate]", |text| text == rate)?;
    page.text_when("[data-stat=stays]", |text| text == stays)?;

    let mut files = downloaded(&page)?;
    let found = files.keys().find(|name| name.ends_with("/dataset.json")).cloned();
    let text = files.remove(&found.ok_or("no dataset.json")?).unwrap_or_default();
    let manifest = Manifest::from_json(&String::from_utf8(text)?)?;
    assert_eq!((manifest.seed, manifest.sim_duration_ms), (5, 2048));
    let wanted = native(&manifest)?;
    assert_eq!(files.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (name, bytes) in &wanted {
        assert!(files[name] == *bytes, "{name} is not the native file");
    }
    assert_ne!(manifest.checksums, Checksums::new());
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_run_that_is_stopped_is_continued_after_a_reload() -> Result {
    let site = Site::serve()?;
    let page = open_with_cores(&site, 2, LARGE)?;
    kept(&page, "No data set")?;
    // as soon as the first batch is in the browser's database, "Kept in this browser: 28 of 224 …", the page goes away,
    // as when the tab is closed
    page.at_once(
        r"text('[data-stat=kept]').match(/: ([0-9]+) of 224 /)?.[1] > 0",
        "location.reload();",
    )?;
    page.click("[data-action=make]")?;
    let words = page.text_when("[data-action=continue]", |text| text.contains("still to make"))?;
    let left: usize = words.split_whitespace().nth(1).unwrap_or_default().parse()?;
    assert!((1..224).contains(&left), "{words}");
    page.click("[data-action=continue]")?;
    page.text_when("[data-stat=progress]", |text| {
        text.starts_with(&format!("{left} simulations in "))
    })?;
    kept(&page, "224 simulations")?;
    page.click("[data-action=delete]")?;
    kept(&page, "No data set")?;
    Ok(())
}

/// Makes a data set of `count` simulations, and keeps its zip in the page.
fn made(site: &Site, hash: &str, count: usize) -> Result<Page> {
    let page = Page::open(site, hash, Shape::Desktop)?;
    kept(&page, "No data set")?;
    page.click("[data-action=make]")?;
    let done = format!("{count} simulations in ");
    page.text_when("[data-stat=progress]", |text| text.contains(&done))?;
    kept(&page, &format!(": {count} simulations"))?;
    downloaded(&page)?;
    page.run("window.zip = window.handedOut")?;
    Ok(page)
}

/// Chooses the zip that the page handed out, as a learner chooses a file.
fn open_zip(page: &Page) -> Result {
    page.run(
        "const files = new DataTransfer();
         files.items.add(new File([window.zip], 'mine.zip'));
         const picker = document.querySelector('[data-lesson=dataset] input[type=file]');
         picker.files = files.files;
         picker.dispatchEvent(new Event('change'));",
    )?;
    Ok(())
}

/// Opens the zip, and runs the script `then` as soon as the first of its simulations are checked: a click by the driver
/// may come after the last.
fn open_zip_and(page: &Page, then: &str) -> Result {
    let checked =
        "text('[data-lesson=dataset] [data-stat=progress]').includes(' simulations checked')";
    page.at_once(checked, then)?;
    open_zip(page)
}

#[test]
fn what_is_deleted_or_replaced_can_be_brought_back() -> Result {
    let site = Site::serve()?;
    let page = made(&site, SMALL, 28)?;
    page.click("[data-action=delete]")?;
    kept(&page, "No data set")?;
    page.text_when("[data-stat=aside]", |text| text.contains("28 simulations"))?;
    page.click("[data-action=back]")?;
    let before = kept(&page, "28 simulations")?;
    page.text_when("[data-stat=aside]", str::is_empty)?;
    open_zip(&page)?;
    kept(&page, "from mine.zip")?;
    page.click("[data-action=back]")?;
    page.text_when("[data-stat=kept]", |text| text == before)?;
    // the way back stays open until the learner closes it
    page.click("[data-action=forget]")?;
    page.text_when("[data-stat=aside]", str::is_empty)?;
    page.go(&site.url(SMALL))?;
    page.text_when("[data-stat=kept]", |text| text == before)?;
    Ok(())
}

#[test]
fn an_import_that_is_interrupted_leaves_nothing() -> Result {
    let site = Site::serve()?;
    // so many simulations that reading them takes longer than the page takes to hear of the first, however fast both
    // are
    let page = made(&site, "data-set/#dataset?ms=2048&n=192", 224)?;
    let before = kept(&page, ": 224 simulations")?;
    open_zip_and(&page, "document.querySelector('[data-action=cancel]').click();")?;
    page.text_when("[data-stat=progress]", |text| text.contains("Nothing of the zip is kept"))?;
    page.text_when("[data-stat=kept]", |text| text == before)?;
    // the tab is closed in the middle
    open_zip_and(&page, "location.reload();")?;
    let told = page.text_when("[data-lesson=dataset] .problem", |text| !text.is_empty())?;
    assert!(told.starts_with("Reading mine.zip was interrupted"), "{told}");
    page.text_when("[data-stat=kept]", |text| text == before)?;
    Ok(())
}

#[test]
fn a_second_tab_is_told_that_the_first_makes_a_set() -> Result {
    let site = Site::serve()?;
    // one worker has more than a minute's work: it is not done before the worker is stopped
    let page = open_with_cores(&site, 1, LARGEST)?;
    kept(&page, "No data set")?;
    page.click("[data-action=make]")?;
    kept(&page, " of 448 simulations")?;
    page.open_tab(&site.url(LARGEST))?;
    kept(&page, " of 448 simulations")?;
    for action in ["continue", "delete"] {
        page.click(&format!("[data-action={action}]"))?;
        let told = page.text_when("[data-lesson=dataset] .problem", |text| !text.is_empty())?;
        assert!(told.starts_with("Another tab of this page is changing the data set"), "{told}");
        page.text_when("[data-stat=progress]", str::is_empty)?;
        kept(&page, " of 448 simulations")?;
    }
    page.show_tab(0)?;
    page.click("[data-action=cancel]")?;
    page.text_when("[data-stat=progress]", |text| text.starts_with("Stopped"))?;
    // now the second tab may
    page.show_tab(1)?;
    page.click("[data-action=delete]")?;
    kept(&page, "No data set")?;
    Ok(())
}

#[test]
fn a_filter_whose_ends_have_passed_each_other_says_so() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#dataset?ms=2048&seed=5&lo=8&hi=3", Shape::Desktop)?;
    kept(&page, "No data set")?;
    page.click("[data-action=make]")?;
    page.text_when("[data-stat=progress]", |text| text.contains("28 simulations in "))?;
    page.text_when("[data-stat=why]", |text| {
        text == "The lowest firing rate, 8 Hz, is above the highest, 3 Hz: no simulation can pass."
    })?;
    page.text_when("[data-stat=stays]", |text| text == "0")?;
    page.text_when("[data-cli=filter] code", |text| !text.contains("ballstick filter"))?;
    page.run("location.hash = '#dataset?ms=2048&seed=5&lo=3&hi=8'")?;
    page.text_when("[data-stat=why]", |text| {
        text.starts_with("Missed, of 8 criteria: firing rate (")
    })?;
    Ok(())
}

#[test]
fn what_is_no_data_set_is_refused_in_words() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, SMALL, Shape::Desktop)?;
    kept(&page, "No data set")?;
    page.run(
        "const files = new DataTransfer();
         files.items.add(new File(['not a zip'], 'notes.zip'));
         const picker = document.querySelector('[data-lesson=dataset] input[type=file]');
         picker.files = files.files;
         picker.dispatchEvent(new Event('change'));",
    )?;
    let words = page.text_when("[data-lesson=dataset] .problem", |text| !text.is_empty())?;
    assert!(words.starts_with("This is not a zip file"), "{words}");
    kept(&page, "No data set")?;
    Ok(())
}

#[test]
fn the_targets_follow_their_settings() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#targets?seed=0", Shape::Desktop)?;
    let lesson = |name: &str| format!("[data-lesson=targets] [data-stat={name}]");
    // `ballstick simulate --inputs random --seed 0 --duration 2048` counts 27
    page.text_when(&lesson("spikes"), |text| text == "27")?;
    let near =
        page.text_when(&lesson("near"), |text| text.contains(|c: char| c.is_ascii_digit()))?;
    page.press("[data-lesson=targets] [data-key=near]", &"\u{e014}".repeat(20))?;
    let more =
        page.text_when(&lesson("near"), |text| text != near && text.parse::<f64>().is_ok())?;
    assert!(more.parse::<f64>()? > near.parse::<f64>()?, "{more} {near}");
    page.click("[data-lesson=targets] [data-action=draw]")?;
    page.text_when(&lesson("spikes"), |text| text == "2")?;
    let command = page.text_when("[data-cli=targets] code", |text| text.contains("--seed 1"))?;
    assert!(command.contains("--set near_spike_t_diff=30"), "{command}");
    Ok(())
}

#[test]
fn lessons_4_and_5_fit_a_phone() -> Result {
    let site = Site::serve()?;
    for hash in PAGES {
        fits_a_phone(&site, hash)?;
    }
    Ok(())
}
