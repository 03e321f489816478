//! Lessons 8 and 9 in a real browser: the queue outlives a reload, results of the command line join it, the report says
//! how each twin was made; the leaderboard and the experiments.

use ballstick_e2e::{CommandLine, NO_WEBGPU, Page, Result, Shape, Site};

/// Six hundred steps of small batches: of C, ten seconds on two fast cores, several times what queueing a cell and loading
/// the page again take.
const QUEUE: &str = "twin/#assignment?ep=100&max=600&batch=4&win=1024";

fn cell(page: &Page, key: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-cell={key}] [data-stat=cell-status]"), wanted)
}

fn stat(page: &Page, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-lesson=assignment] [data-stat={name}]"), wanted)
}

/// The cells of the report's lines about a twin.
fn reported(page: &Page, part: &str, neuron: &str, letter: &str) -> Result<Vec<String>> {
    let lines = page.run(&format!(
        "return [...document.querySelectorAll('[data-part={part}] tr')].map(line => [...line.cells].map(c => c.textContent))"
    ))?;
    let lines: Vec<Vec<String>> = serde_json::from_value(lines)?;
    let found = lines.into_iter().find(|line| line[0] == neuron && line[1] == letter);
    found.ok_or_else(|| format!("the report has no {letter} on the {neuron}").into())
}

#[test]
fn the_queue_outlives_a_reload() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, QUEUE, Shape::Desktop, &NO_WEBGPU)?;
    stat(&page, "report-head", |text| text.starts_with("10 of 10 results"))?;
    page.click("[data-cell=point-C] button")?;
    cell(&page, "point-C", |text| !text.starts_with("recorded"))?;
    // while the first goes on
    page.click("[data-cell=cable-A] button")?;
    cell(&page, "cable-A", |text| text == "in the queue, place 1")?;
    page.go(&site.url(QUEUE))?;
    stat(&page, "queue", |text| text.starts_with("2 in the queue, none going on"))?;
    page.click("[data-lesson=assignment] [data-action=run-queue]")?;
    for key in ["point-C", "cable-A"] {
        cell(&page, key, |text| text.starts_with("run here"))?;
    }
    // the recorded number stays beside it
    cell(&page, "cable-A", |text| text.contains("recorded: 0.9270"))?;
    stat(&page, "queue", |text| text == "The queue is empty.")?;
    stat(&page, "report-head", |text| {
        text == "10 of 10 results: 2 run here, 0 imported, 8 recorded."
    })?;
    for (neuron, letter, parameters) in [("AMPA point", "C", "190k"), ("NMDA cable", "A", "17.6k")]
    {
        let line = reported(&page, "training", neuron, letter)?;
        assert_eq!(line[2..4], ["run here", parameters], "{line:?}");
        assert_eq!(line[7..11], ["600", "4 × 1,024 ms", "0.001", "0"], "{line:?}");
        let line = reported(&page, "results", neuron, letter)?;
        let auc: f64 = line[2].split(' ').next().unwrap_or_default().parse()?;
        assert!((0.0..=1.0).contains(&auc), "{line:?}");
    }
    // settings of a recorded twin are its own, not the page's
    let line = reported(&page, "training", "NMDA cable", "D")?;
    assert_eq!(line[8..10], ["8 × 1,024 ms", "0.0003"], "{line:?}");
    Ok(())
}

#[test]
fn results_of_the_command_line_join_the_table() -> Result {
    let line = CommandLine::new("assignment")?;
    let data = ["dataset", "--preset", "nmda-cable", "--train", "4", "--valid", "2", "--test", "2"];
    line.run(&[&data[..], &["--duration", "512", "--seed", "3", "--out", "set"]].concat())?;
    let recipe = ["--epochs", "2", "--batch-size", "2", "--window", "200", "--seed", "6"];
    let sweep = ["sweep", "--data", "set", "--configs", "AB", "--out", "sweep"];
    line.run(&[&sweep[..], &recipe].concat())?;
    let table = line.folder().join("sweep/table.csv");

    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#assignment", Shape::Desktop, &NO_WEBGPU)?;
    cell(&page, "cable-B", |text| text.starts_with("recorded"))?;
    let import = "[data-lesson=assignment] [data-part=import]";
    // a twin itself is judged here
    let neuron = std::fs::read_dir(line.folder().join("sweep"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.is_dir())
        .ok_or("no run")?;
    page.press(import, &neuron.join("B/best.safetensors").to_string_lossy())?;
    cell(&page, "cable-B", |text| text.starts_with("imported"))?;
    page.press(import, &table.to_string_lossy())?;
    cell(&page, "cable-A", |text| text.starts_with("imported"))?;
    for letter in ["A", "B"] {
        let made = reported(&page, "training", "NMDA cable", letter)?;
        assert_eq!(made[2], "imported");
        // of B the best checkpoint, which may be an earlier step
        assert!(letter == "B" || made[7] == "4", "{made:?}");
        assert_eq!(made[5..7], ["4", "2"], "{made:?}");
        assert_eq!(made[8..11], ["2 × 200 ms", "0.0003", "6"], "{made:?}");
    }
    // what is no table is refused, and says so
    let wrong = line.folder().join("wrong.csv");
    std::fs::write(&wrong, "a,b\n1,2\n")?;
    page.press(import, &wrong.to_string_lossy())?;
    page.text_when("[data-lesson=assignment] .problem", |text| text.contains("wrong.csv"))?;
    // and all of it is there after a reload
    page.go(&site.url("twin/#assignment"))?;
    for key in ["cable-A", "cable-B"] {
        cell(&page, key, |text| text.starts_with("imported"))?;
    }
    Ok(())
}

#[test]
fn hints_come_after_an_explanation_which_is_kept() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#assignment", Shape::Desktop, &NO_WEBGPU)?;
    let hidden = "return document.querySelector('[data-part=hints]').hidden";
    stat(&page, "written", |text| text.contains("the hints open at"))?;
    assert_eq!(page.run(hidden)?, true);
    let words = "The point adds its inputs up. ".repeat(5);
    page.press("[data-part=explanation]", words.trim_end())?;
    stat(&page, "report-words", |text| text == words.trim_end())?;
    page.click("[data-lesson=assignment] [data-action=hints]")?;
    assert_eq!(page.run(hidden)?, false);
    // D looks back three times as far as E
    let seen = |name| -> Result<f64> {
        let text = stat(&page, name, |text| text.chars().any(|c| c.is_ascii_digit()))?;
        Ok(text.replace(',', "").parse()?)
    };
    let (d, e) = (seen("seen-d")?, seen("seen-e")?);
    assert!(d > 1.5 * e && e > 0.0, "{d} {e}");
    page.go(&site.url("twin/#assignment"))?;
    stat(&page, "report-words", |text| text == words.trim_end())?;
    assert_eq!(page.run(hidden)?, false);
    Ok(())
}

#[test]
fn the_leaderboard_has_all_four_and_sorts() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#bonus", Shape::Desktop, &NO_WEBGPU)?;
    page.text_when("[data-part=board]", |text| text.contains("TCN A"))?;
    let names = || -> Result<Vec<String>> {
        let names = page.run(
            "return [...document.querySelectorAll('[data-part=board] th')].map(e => e.textContent.split(',')[0])",
        )?;
        Ok(serde_json::from_value(names)?)
    };
    let all = names()?;
    for name in ["TCN D", "ResNet-TCN", "ELM", "Transformer"] {
        assert!(all.iter().any(|found| found == name), "{name} is not in {all:?}");
    }
    // among the twins: a baseline has fewer parameters than any
    let first_tcn = || -> Result<Option<String>> {
        Ok(names()?.into_iter().find(|name| name.starts_with("TCN")))
    };
    page.click("[data-sort=parameters]")?;
    assert_eq!(first_tcn()?.as_deref(), Some("TCN A"));
    page.click("[data-sort=parameters]")?;
    assert_eq!(first_tcn()?.as_deref(), Some("TCN D"));
    Ok(())
}

/// A twin does not hear of a channel that its neuron never had; the neuron does.
#[test]
fn the_experiments_change_the_neuron_and_not_the_twin() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#bonus", Shape::Desktop, &NO_WEBGPU)?;
    let stat = |name: &str, wanted: &dyn Fn(&str) -> bool| {
        page.text_when(&format!("[data-lesson=bonus] [data-stat={name}]"), wanted)
    };
    // "13 spikes"
    let value = |text: &str| text.split(' ').next().and_then(|n| n.parse::<f64>().ok());
    let number = |text: &str| value(text).is_some();
    let before = stat("sk-spikes", &number)?;
    let expected = stat("sk-expected", &number)?;
    page.press("[data-lesson=bonus] [data-key=ske]", "\u{e010}")?; // the End key
    let tired = stat("sk-spikes", &|text| number(text) && text != before)?;
    assert!(value(&tired) < value(&before), "{before} {tired}");
    assert_eq!(stat("sk-base", &number)?, before);
    assert_eq!(stat("sk-expected", &number)?, expected);
    // commands: the same neurons, at full size
    let command = page.text_when("[data-cli=sk] code", |text| text.contains("SKE2"))?;
    assert!(command.contains("--set multiplicative_SKE2_factor=1 "), "{command}");
    let line = CommandLine::new("bonus")?;
    for name in ["sk", "nmda"] {
        let shown =
            page.text_when(&format!("[data-cli={name}] code"), |text| text.contains("ballstick"))?;
        let makes = shown.lines().find(|line| line.contains("--set") || line.contains("rodent"));
        let small = " --train 2 --valid 1 --test 1 --duration 128";
        line.shell(&format!("{}{small}", makes.ok_or("no data set is made")?))?;
    }
    for name in ["data-sk", "data-other"] {
        assert!(line.folder().join(name).is_dir(), "{name}");
    }
    Ok(())
}
