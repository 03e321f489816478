//! Lesson 7 in a real browser: a recorded twin is judged as the command line judges it, its threshold moves, and neuron
//! and twin answer the same input.

use crate::common::spikes_of_command;
use ballstick_e2e::{CommandLine, NO_WEBGPU, Page, Result, Shape, Site};
use serde_json::Value;

const HOME: &str = "\u{e011}"; // WebDriver's key codes
const END: &str = "\u{e010}";

fn stat(page: &Page, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-lesson=judge] [data-stat={name}]"), wanted)
}

fn value(page: &Page, name: &str) -> Result<f64> {
    Ok(stat(page, name, |text| text.parse::<f64>().is_ok())?.parse()?)
}

#[test]
fn a_recorded_twin_is_judged_as_on_the_command_line() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#judge", Shape::Desktop, &NO_WEBGPU)?;
    let (auc, tpr) = (value(&page, "auc")?, value(&page, "tpr")?);
    let line = CommandLine::new("judge")?;
    for file in ["twin_cable_C.safetensors", "nmda_cable_small.zip"] {
        std::fs::copy(Site::dist()?.join("recorded").join(file), line.folder().join(file))?;
    }
    let command =
        page.text_when("[data-cli=judge] code", |text| text.starts_with("ballstick evaluate"))?;
    let there: Value = serde_json::from_str(&line.shell(&format!("{command} --json"))?)?;
    for (here, key, digits) in [(auc, "AUC_score", 4), (tpr, "true_positive_at_FP", 3)] {
        let there = there[key].as_f64().ok_or(key)?;
        // what the page shows is rounded; a rank that changes moves a metric by less than a digit
        assert!((here - there).abs() < 1.6 * 10f64.powi(-digits), "{key} {here} {there}");
    }

    // the threshold of the mark: its rate of false alarms, and its number of spikes
    page.click("[data-lesson=judge] [data-action=at-mark]")?;
    let fpr =
        stat(&page, "here-fpr", |text| text.parse().is_ok_and(|x: f64| (x - 0.002).abs() < 5e-4))?;
    // what is found at the mark is what the headline says, to the digit
    stat(&page, "here-tpr", |text| text.parse() == Ok(tpr))
        .map_err(|error| format!("{fpr}: {error}"))?;
    let hits = stat(&page, "hits", |text| text.contains(" of "))?;
    stat(&page, "tpr-words", |text| text.contains(&format!("{hits} spikes")))?;
    // above every probability no spike is found, and no precision is defined
    page.press("[data-lesson=judge] [data-key=thr]", END)?;
    stat(&page, "alarms", |text| text.starts_with("0 in "))?;
    stat(&page, "precision", |text| text.starts_with("undefined"))?;
    // the baselines that the twin has to beat
    for name in ["filter-auc", "logistic-auc"] {
        let beside = value(&page, name)?;
        assert!(beside > 0.7 && beside < auc, "{name} {beside}");
    }
    // at the lowest threshold everything is a spike
    page.press("[data-lesson=judge] [data-key=thr]", HOME)?;
    stat(&page, "missed", |text| text == "0")?;
    assert!(value(&page, "here-fpr")? > 0.2);
    // the settings are in the link
    page.address_with("thr=-10")?;

    // calibration: with the bins of the published numbers, and with another number of bins
    let percent = |name: &str| -> Result<f64> {
        let text = stat(&page, name, |text| text.ends_with('%'))?;
        Ok(text.trim_end_matches('%').parse()?)
    };
    let published = percent("cal-explained")?;
    assert_eq!(published, percent("ours-cal")?);
    let close = |here: f64, there: &Value, key: &str, digit: f64| {
        let there = there[key].as_f64().unwrap_or(f64::NAN);
        assert!((here - there).abs() < 1.6 * digit, "{key} {here} {there}");
    };
    close(published, &there, "calibration_explained_variance_percent", 0.01);
    page.run(
        "const bins = document.querySelector('[data-lesson=judge] [data-key=bins]');
         bins.value = '32';
         bins.dispatchEvent(new Event('input', { bubbles: true }))",
    )?;
    let command =
        page.text_when("[data-cli=judge] code", |text| text.contains("--calibration-bins 32"))?;
    let finer: Value = serde_json::from_str(&line.shell(&format!("{command} --json"))?)?;
    stat(&page, "cal-explained", |text| {
        text.trim_end_matches('%').parse::<f64>().is_ok_and(|percent| percent != published)
    })?;
    close(percent("cal-explained")?, &finer, "calibration_explained_variance_percent", 0.01);
    close(value(&page, "cal-correlation")?, &finer, "calibration_correlation", 1e-4);
    // the numbers beside the published ones stay comparable with them
    assert_eq!(percent("ours-cal")?, published);
    page.address_with("bins=32")?;

    // the active cable's twin is judged on the active cable, and stands beside it
    page.run(
        "const twins = document.querySelector('[data-lesson=judge] [data-key=model]');
         twins.value = 'recorded-twin_active_C';
         twins.dispatchEvent(new Event('input', { bubbles: true }))",
    )?;
    let command =
        page.text_when("[data-cli=judge] code", |text| text.contains("twin_active_C.safetensors"))?;
    for file in ["twin_active_C.safetensors", "active_cable_small.zip", "active_cable.json"] {
        std::fs::copy(Site::dist()?.join("recorded").join(file), line.folder().join(file))?;
    }
    let there: Value = serde_json::from_str(&line.shell(&format!("{command} --json"))?)?;
    let expected = there["AUC_score"].as_f64().ok_or("AUC")?;
    stat(&page, "auc", |text| {
        text.parse::<f64>().is_ok_and(|here| (here - expected).abs() < 1.6e-4)
    })?;
    let command =
        page.text_when("[data-cli=live] code", |text| text.contains("--neuron active_cable.json"))?;
    line.shell(&command)?;
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn neuron_and_twin_answer_the_same_input() -> Result {
    let site = Site::serve()?;
    for hash in ["twin/#judge", "twin/#judge?kind=inh&n=4&seed=9&seg=2", "twin/#judge?bg=0&n=9"] {
        let page = Page::open_with(&site, hash, Shape::Desktop, &NO_WEBGPU)?;
        stat(&page, "live-spikes", |text| text.parse::<u32>().is_ok())?;
        let command =
            page.text_when("[data-cli=live] code", |text| text.contains("ballstick predict"))?;
        let simulate = command.split("\nballstick predict").next().unwrap_or_default();
        let spikes = spikes_of_command(simulate, "neuron.npz")?;
        stat(&page, "live-spikes", |text| text == spikes)?;
        let expected = value(&page, "live-expected")?;
        assert!((0.0..=500.0).contains(&expected), "{expected}");
        let took = |name| stat(&page, name, |text| text.ends_with("ms") && !text.contains('–'));
        took("live-neuron-ms")?;
        took("live-twin-ms")?;
        // both follow when the volley moves
        let picture = "return [...document.querySelectorAll('[data-figure=live] canvas')].map(c => c.toDataURL()).join()";
        page.draws("[data-lesson=judge] [data-figure=live]")?;
        let before = page.run(picture)?;
        page.press("[data-lesson=judge] [data-key=at]", &"\u{e014}".repeat(8))?; // right arrow
        page.value_when(picture, |now| *now != before)?;
    }
    Ok(())
}
