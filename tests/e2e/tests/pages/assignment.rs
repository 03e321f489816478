//! Lessons 8 and 9 in a real browser: the queue outlives a reload, results of the command line join it, the report says
//! how each twin was made; the leaderboard and the experiments.

use ballstick_e2e::{CommandLine, NO_WEBGPU, Page, Result, Shape, Site};

/// The queue with six hundred steps of small batches: of C, ten seconds on two fast cores.
const QUEUE: &str = "twin/#assignment?ep=100&max=600&batch=4&win=1024";

fn cell(page: &Page, key: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-cell={key}] [data-stat=cell-status]"), wanted)
}

fn stat(page: &Page, name: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
    page.text_when(&format!("[data-lesson=assignment] [data-stat={name}]"), wanted)
}

/// The cells of a twin's line in the report's part `part`, once the line gives the twin's origin.
fn reported(
    page: &Page,
    part: &str,
    (neuron, letter): (&str, &str),
    origin: &str,
) -> Result<Vec<String>> {
    let line = format!(
        "return [...document.querySelectorAll('[data-part={part}] tr')].map(line => [...line.cells].map(c => c.textContent))
             .find(line => line[0] === '{neuron}' && line[1] === '{letter}') ?? []"
    );
    let line = page.value_when(&line, |line| line.to_string().contains(origin))?;
    Ok(serde_json::from_value(line)?)
}

#[test]
fn the_queue_outlives_a_reload() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, QUEUE, Shape::Desktop, &NO_WEBGPU)?;
    stat(&page, "report-head", |text| text.starts_with("10 of 10 results"))?;
    // the second is queued as soon as the first is begun, and the page is loaded again as soon as the first trains
    let status = |key: &str| format!("text('[data-cell={key}] [data-stat=cell-status]')");
    page.at_once(
        &format!("!{}.startsWith('recorded')", status("point-C")),
        "document.querySelector('[data-cell=cable-A] button').click();",
    )?;
    page.at_once(
        &format!("{}.startsWith('step ')", status("point-C")),
        &format!("sessionStorage.setItem('queued', {}); location.reload();", status("cable-A")),
    )?;
    page.click("[data-cell=point-C] button")?;
    stat(&page, "queue", |text| text.starts_with("2 in the queue, none going on"))?;
    assert_eq!(page.run("return sessionStorage.getItem('queued')")?, "in the queue, place 1");
    stat(&page, "report-head", |text| text.starts_with("10 of 10 results"))?;
    page.click("[data-lesson=assignment] [data-action=run-queue]")?;
    for key in ["point-C", "cable-A"] {
        cell(&page, key, |text| text.starts_with("run here"))?;
    }
    // the recorded result stays beside the run's
    cell(&page, "cable-A", |text| text.contains("recorded: 0.9270"))?;
    stat(&page, "queue", |text| text == "The queue is empty.")?;
    stat(&page, "report-head", |text| {
        text == "10 of 10 results: 2 run here, 0 imported, 8 recorded."
    })?;
    for (neuron, letter, parameters) in [("AMPA point", "C", "190k"), ("NMDA cable", "A", "17.6k")]
    {
        let line = reported(&page, "training", (neuron, letter), "run here")?;
        assert_eq!(line[2..4], ["run here", parameters], "{line:?}");
        assert_eq!(line[7..11], ["600", "4 × 1,024 ms", "0.001", "0"], "{line:?}");
        let line = reported(&page, "results", (neuron, letter), "0.")?;
        let auc: f64 = line[2].split(' ').next().unwrap_or_default().parse()?;
        assert!((0.0..=1.0).contains(&auc), "{line:?}");
    }
    // a recorded twin's settings are its own, and not the page's
    let line = reported(&page, "training", ("NMDA cable", "D"), "recorded")?;
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
    // a twin itself is judged here, also where its cell waits in a queue that was stopped
    for key in ["cable-C", "cable-B", "cable-C"] {
        page.click(&format!("[data-cell={key}] button"))?;
    }
    stat(&page, "queue", |text| text.starts_with("2 in the queue, none going on"))?;
    let neuron = std::fs::read_dir(line.folder().join("sweep"))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.is_dir())
        .ok_or("no run")?;
    page.press(import, &neuron.join("B/best.safetensors").to_string_lossy())?;
    cell(&page, "cable-B", |text| text.starts_with("imported"))?;
    stat(&page, "queue", |text| text.starts_with("1 in the queue, none going on"))?;
    page.press(import, &table.to_string_lossy())?;
    cell(&page, "cable-A", |text| text.starts_with("imported"))?;
    for letter in ["A", "B"] {
        let made = reported(&page, "training", ("NMDA cable", letter), "imported")?;
        assert_eq!(made[2], "imported");
        // of B the best checkpoint, which may be an earlier step
        assert!(letter == "B" || made[7] == "4", "{made:?}");
        assert_eq!(made[5..7], ["4", "2"], "{made:?}");
        assert_eq!(made[8..11], ["2 × 200 ms", "0.0003", "6"], "{made:?}");
    }
    // a file that is no table is refused, and the page says so
    let wrong = line.folder().join("wrong.csv");
    std::fs::write(&wrong, "a,b\n1,2\n")?;
    page.press(import, &wrong.to_string_lossy())?;
    page.text_when("[data-lesson=assignment] .problem", |text| text.contains("wrong.csv"))?;
    // and both results are there after a reload
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
    let hidden = |wanted: bool| -> Result {
        let script = "return document.querySelector('[data-part=hints]').hidden";
        page.value_when(script, |hidden| *hidden == wanted)?;
        Ok(())
    };
    stat(&page, "written", |text| text.contains("the hints open at"))?;
    hidden(true)?;
    let words = "The point adds its inputs up. ".repeat(5);
    page.press("[data-part=explanation]", words.trim_end())?;
    stat(&page, "report-words", |text| text == words.trim_end())?;
    page.click("[data-lesson=assignment] [data-action=hints]")?;
    hidden(false)?;
    // D looks back three times as far as E
    let seen = |name| -> Result<f64> {
        let text = stat(&page, name, |text| text.chars().any(|c| c.is_ascii_digit()))?;
        Ok(text.replace(',', "").parse()?)
    };
    let (d, e) = (seen("seen-d")?, seen("seen-e")?);
    assert!(d > 1.5 * e && e > 0.0, "{d} {e}");
    page.go(&site.url("twin/#assignment"))?;
    stat(&page, "report-words", |text| text == words.trim_end())?;
    hidden(false)
}

#[test]
fn the_leaderboard_has_all_four_and_sorts() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#bonus", Shape::Desktop, &NO_WEBGPU)?;
    page.text_when("[data-part=board]", |text| text.contains("TCN A"))?;
    let names = "const names = [...document.querySelectorAll('[data-part=board] th')].map(e => e.textContent.split(',')[0]);";
    page.value_when(&format!("{names} return names"), |all| {
        ["TCN D", "ResNet-TCN", "ELM", "Transformer"]
            .into_iter()
            .all(|name| all.as_array().is_some_and(|all| all.iter().any(|found| found == name)))
    })?;
    // of the TCNs alone: a baseline, which has fewer parameters than any twin, would be the first
    let first_tcn = format!("{names} return names.find(name => name.startsWith('TCN'))");
    for wanted in ["TCN A", "TCN D"] {
        page.click("[data-sort=parameters]")?;
        page.value_when(&first_tcn, |first| first == wanted)?;
    }
    Ok(())
}

/// A channel that its neuron never had does not change the twin's answer; it changes the neuron's.
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
    stat("sk-base", &|text| text == before)?;
    stat("sk-expected", &|text| text == expected)?;
    // the commands make the same neurons; here they make fewer and shorter simulations
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
