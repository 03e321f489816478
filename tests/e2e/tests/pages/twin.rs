//! Lesson 6 in a real browser, with a software WebGPU adapter and without WebGPU: a twin trains, is judged, goes on after
//! its tab is gone, and is the same twin on the command line.

use crate::common::handed_out;
use ballstick_e2e::{
    CommandLine, NO_WEBGPU, Page, Result, SOFTWARE_WEBGPU, Shape, Site, TRACED, stays_free,
};
use serde_json::Value;

/// 28 simulations of 2 s, made in a moment.
const DATA: &str = "data-set/#dataset?ms=2048&seed=5";

const CHOOSE_WEBGPU: &str = "localStorage.setItem('device', 'webgpu')";

/// A small TCN; short windows, so that a software adapter has its 60 steps done in a minute.
fn twin(steps: u32) -> String {
    // so few epochs that the warm-up of the learning rate takes a tenth of the steps
    let epochs = (steps / 2).min(200);
    format!(
        "twin/#twin?kind=tcn&d=1&w=8&t=11&data=own&budget=own&epochs={epochs}&batch=4&window=256&lr=10&most={steps}"
    )
}

/// A training that on a fast processor is not over before a test has done something to it.
fn slow(training: &str) -> String {
    training.replace("d=1&w=8", "d=3&w=48")
}

/// The same training on the data set that ships with the page.
fn recorded(steps: u32) -> String {
    twin(steps).replace("data=own", "data=cable")
}

/// On the CPU a second worker helps, unless the learner wants one only.
#[test]
fn workers_share_a_batch() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#ready", Shape::Desktop, &NO_WEBGPU)?;
    page.run("localStorage.setItem('workers', '2')")?;
    page.go(&site.url(&slow(&recorded(2000))))?;
    start(&page)?;
    page.text_when("[data-lesson=twin] [data-stat=device]", |text| text.contains("2 workers"))?;
    page.click("[data-lesson=twin] [data-action=stop]")?;
    Ok(())
}

/// The weighted loss of every step, out of a `.safetensors`: the eighth of ten columns.
fn losses(file: &[u8]) -> Result<Vec<f32>> {
    let (length, rest) = file.split_first_chunk::<8>().ok_or("no file")?;
    let (header, arrays) = rest.split_at(usize::try_from(u64::from_le_bytes(*length))?);
    let header: Value = serde_json::from_slice(header)?;
    let place = &header["curve.train"]["data_offsets"];
    let at = |end: usize| place[end].as_u64().and_then(|at| usize::try_from(at).ok());
    let bytes = &arrays[at(0).ok_or("no curve")?..at(1).ok_or("no curve")?];
    let (values, _) = bytes.as_chunks::<4>();
    Ok(values.iter().map(|b| f32::from_le_bytes(*b)).skip(8).step_by(10).collect())
}

/// The metrics that are stored with the newest run.
fn judged(page: &Page) -> Result<Value> {
    let text = page.run_async(
        "const wait = request => new Promise((done, failed) => {
             request.onsuccess = () => done(request.result);
             request.onerror = () => failed(request.error);
         });
         const database = await wait(indexedDB.open('ballstick-runs'));
         const runs = await wait(database.transaction('runs').objectStore('runs').getAll());
         runs.sort((a, b) => a.started_ms - b.started_ms);
         database.close();
         return runs.at(-1).judgement.metrics;",
    )?;
    Ok(serde_json::from_str(text.as_str().ok_or("no metrics")?)?)
}

fn number(text: &str) -> Option<f64> {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.parse().ok()
}

/// The number of steps that are taken, out of "60 of 200".
fn step(text: &str) -> Option<f64> {
    text.split_whitespace().next().and_then(number)
}

/// Waits until a training has taken more steps than `from`.
fn goes_beyond(page: &Page, from: f64) -> Result {
    page.text_when("[data-lesson=twin] [data-stat=step]", |text| step(text) > Some(from))?;
    Ok(())
}

/// Starts a training once the page knows which data set there is to learn from.
fn start(page: &Page) -> Result {
    page.text_when("[data-lesson=twin] [data-stat=data-words]", |text| {
        !text.starts_with("Looking") && text.contains(|c: char| c.is_alphabetic())
    })?;
    page.click("[data-lesson=twin] [data-action=start]")
}

/// Starts a training and waits for a checkpoint with some steps in it.
fn training_with_a_checkpoint(page: &Page) -> Result {
    start(page)?;
    page.text_when("[data-lesson=twin] [data-stat=saved]", |text| {
        number(text).is_some_and(|step| step >= 10.0)
    })?;
    Ok(())
}

/// Waits until the page says that another worker goes on from a checkpoint, and until that worker does; gives the
/// page's words.
fn replaced(page: &Page) -> Result<String> {
    let notice = page.text_when("[data-lesson=twin] [data-part=replaced]", |text| {
        text.contains("goes on from step")
    })?;
    let from = number(notice.rsplit("step").next().unwrap_or_default()).unwrap_or_default();
    assert!(from >= 10.0, "{notice}");
    goes_beyond(page, from)?;
    Ok(notice)
}

/// Waits until the training has taken `steps` steps and is over.
fn trained(page: &Page, steps: f64) -> Result {
    page.text_when("[data-lesson=twin] [data-stat=step]", |text| step(text) >= Some(steps))?;
    let over = "return !document.querySelector('[data-lesson=twin] [data-action=start]').hidden";
    page.value_when(over, |over| over == true)?;
    Ok(())
}

/// Makes the data set of lesson 5.
fn make_data(page: &Page) -> Result {
    page.text_when("[data-stat=kept]", |text| text.contains("No data set"))?;
    page.click("[data-action=make]")?;
    page.text_when("[data-stat=progress]", |text| text.contains("28 simulations in "))?;
    page.text_when("[data-stat=kept]", |text| text.contains(": 28 simulations"))?;
    Ok(())
}

/// Trains 60 steps, during which the main thread stays free.
fn trained_60_steps(site: &Site, page: &Page, name: &str, device: &str) -> Result {
    stays_free(name, || {
        page.go(&site.url(&twin(60)))?;
        page.note_long_tasks()?;
        start(page)?;
        page.text_when("[data-lesson=twin] [data-stat=device]", |text| text.contains(device))?;
        trained(page, 60.0)?;
        page.leave_busy()
    })
}

/// The page's verdict on its twin is the command line's on the file that the page hands out.
fn judged_as_on_the_command_line(site: &Site, page: &Page, name: &str, data: &[u8]) -> Result {
    page.go(&site.url(&twin(60)))?;
    page.text_when("[data-lesson=twin] [data-stat=chosen-words]", |text| !text.is_empty())?;
    page.click("[data-lesson=twin] [data-action=evaluate]")?;
    let auc = page.text_when("[data-lesson=twin] [data-stat=auc]", |text| {
        number(text).is_some_and(|n| n > 0.0)
    })?;
    assert!(number(&auc).is_some_and(|auc| auc <= 1.0), "{auc}");
    let here = judged(page)?;
    let exported =
        handed_out(page, "[data-lesson=twin] [data-action=export]", ("[data-stat=auc]", ""))?;
    let line = CommandLine::new(name)?;
    std::fs::write(line.folder().join("set.zip"), data)?;
    std::fs::write(line.folder().join("best.safetensors"), exported)?;
    let there =
        line.run(&["evaluate", "--model", "best.safetensors", "--data", "set.zip", "--json"])?;
    let there: Value = serde_json::from_str(&there)?;
    for key in ["AUC_score", "average_precision", "soma_RMSE", "inst_rate_MAE", "dend_v_RMSE"] {
        let (here, there) = (here[key].as_f64(), there[key].as_f64());
        let (here, there) = (here.ok_or(key)?, there.ok_or(key)?);
        // sums of single-precision numbers in another order; a rank that changes moves an AUC by 1e-6
        assert!((here - there).abs() <= 2e-4 * there.abs(), "{name}: {key} {here} {there}");
    }
    assert_eq!(here["num_simulations"], there["num_simulations"]);
    Ok(())
}

/// The newest checkpoint holds the curves, and the command line goes on from it.
fn goes_on_on_the_command_line(page: &Page, name: &str, data: &[u8]) -> Result {
    let action = "[data-lesson=twin] [data-action=export-training]";
    let exported = handed_out(page, action, ("[data-stat=auc]", ""))?;
    let rows = losses(&exported)?;
    assert_eq!(rows.len(), 60);
    let end = &rows[rows.len() - 5..];
    let (first, last) = (rows[0], end.iter().sum::<f32>() / end.len() as f32);
    assert!(last < 0.5 * first, "{name}: the loss went from {first} to {last}");

    let line = CommandLine::new(name)?;
    std::fs::write(line.folder().join("set.zip"), data)?;
    let last = line.folder().join("run/last.safetensors");
    std::fs::create_dir_all(line.folder().join("run"))?;
    std::fs::write(&last, exported)?;
    line.run(&["train", "--data", "set.zip", "--out", "run", "--resume", "--epochs", "30"])?;
    let rows = losses(&std::fs::read(last)?)?;
    // 30 epochs of 6 steps in place of the 10 that the page's 60 steps were
    assert_eq!(rows.len(), 180);
    Ok(())
}

/// A training whose tab goes away in the middle goes on from its checkpoint.
fn goes_on_after_its_tab_is_gone(site: &Site, page: &Page, device: &str) -> Result {
    let training = twin(1200).replace("window=256", "window=1024");
    // an adapter in software is slow enough without
    let training = if device == "CPU" { slow(&training) } else { training };
    let training = site.url(&training);
    page.go(&training)?;
    training_with_a_checkpoint(page)?;
    page.go(&training)?;
    let words = page.text_when("[data-lesson=twin] [data-action=resume]", |text| {
        text.contains("step") && number(text).is_some_and(|step| step >= 10.0)
    })?;
    let from = number(&words).unwrap_or_default();
    page.click("[data-lesson=twin] [data-action=resume]")?;
    goes_beyond(page, from)?;
    page.click("[data-lesson=twin] [data-action=stop]")?;
    trained(page, from)
}

fn a_twin_lives(name: &str, flags: &[&str], device: &str) -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, DATA, Shape::Desktop, &[flags, &[TRACED]].concat())?;
    if device == "WebGPU" {
        // a learner has to choose an adapter in software
        page.run(CHOOSE_WEBGPU)?;
    }
    make_data(&page)?;
    let data = handed_out(&page, "[data-action=download]", ("[data-stat=progress]", ".zip"))?;
    trained_60_steps(&site, &page, name, device)?;
    judged_as_on_the_command_line(&site, &page, name, &data)?;
    goes_on_on_the_command_line(&page, name, &data)?;
    goes_on_after_its_tab_is_gone(&site, &page, device)?;
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_twin_is_trained_judged_and_resumed_on_webgpu() -> Result {
    a_twin_lives("webgpu", &SOFTWARE_WEBGPU, "WebGPU")
}

#[test]
fn a_twin_is_trained_judged_and_resumed_without_webgpu() -> Result {
    a_twin_lives("cpu", &NO_WEBGPU, "CPU")
}

/// A class room's own server: no lock, no estimate of what may be kept, no WebGPU.
#[test]
fn without_https_a_twin_is_trained_on_the_processor() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "nothing.html", Shape::Desktop, &SOFTWARE_WEBGPU)?;
    page.go(&site.plain_url(DATA))?;
    make_data(&page)?;
    page.go(&site.plain_url(&twin(60)))?;
    assert_eq!(page.run("return isSecureContext")?, Value::Bool(false));
    start(&page)?;
    page.text_when("[data-lesson=twin] [data-stat=device]", |text| text.contains("CPU"))?;
    trained(&page, 60.0)?;
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

/// The worker dies twice: once it is replaced, and the training goes on from the last checkpoint.
#[test]
fn a_worker_that_dies_is_replaced() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, DATA, Shape::Desktop, &NO_WEBGPU)?;
    make_data(&page)?;
    page.go(&site.url(&slow(&twin(2000))))?;
    page.run(
        "const Own = Worker;
         window.workers = [];
         window.Worker = class extends Own {
             constructor(...all) { super(...all); window.workers.push(this); }
         };",
    )?;
    training_with_a_checkpoint(&page)?;
    page.run(
        "window.workers.at(-1).dispatchEvent(new ErrorEvent('error', {message: 'Uncaught RuntimeError: unreachable'}))",
    )?;
    let notice = replaced(&page)?;
    assert!(notice.contains("out of memory"), "{notice}");
    Ok(())
}

#[test]
fn a_lost_graphics_device_is_replaced() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, &recorded(2000), Shape::Desktop, &SOFTWARE_WEBGPU)?;
    page.run(CHOOSE_WEBGPU)?;
    training_with_a_checkpoint(&page)?;
    page.crash_graphics()?;
    let notice = replaced(&page)?;
    assert!(notice.starts_with("The graphics device was lost."), "{notice}");
    let device =
        page.text_when("[data-lesson=twin] [data-stat=device]", |text| !text.is_empty())?;
    assert!(device.contains("WebGPU"), "{device}");
    Ok(())
}

/// A script before the trainer's: a word on a channel has its devices report that they have no memory left, apart from
/// any call, as browsers do.
const FULL: &str = "{
    const { requestDevice } = GPUAdapter.prototype;
    const full = new BroadcastChannel('full');
    GPUAdapter.prototype.requestDevice = async function (...given) {
        const device = await requestDevice.apply(this, given);
        full.addEventListener('message', () => {
            const error = new GPUOutOfMemoryError('no room for a buffer');
            device.dispatchEvent(new GPUUncapturedErrorEvent('uncapturederror', { error }));
        });
        return device;
    };
}
";

#[test]
fn a_graphics_device_without_memory_computes_halves_of_batches() -> Result {
    let site = Site::serve()?;
    site.replace("twin/trainer/trainer.js", |script| format!("{FULL}{script}"));
    let page = Page::open_with(&site, &recorded(2000), Shape::Desktop, &SOFTWARE_WEBGPU)?;
    page.run(CHOOSE_WEBGPU)?;
    page.run(
        "window.said = new Set();
         const words = document.querySelector('[data-lesson=twin] [data-stat=run-words]');
         new MutationObserver(() => window.said.add(words.textContent))
             .observe(words, {childList: true, characterData: true, subtree: true});",
    )?;
    training_with_a_checkpoint(&page)?;
    let said = page.run("return [...window.said].join('; ')")?;
    assert!(said.as_str().is_some_and(|said| said.contains("Preparing the kernels")), "{said}");

    page.run("new BroadcastChannel('full').postMessage('now')")?;
    let notice = replaced(&page)?;
    let halved =
        "The graphics device ran out of memory. From now on it computes each batch in two halves.";
    assert!(notice.starts_with(halved), "{notice}");
    page.click("[data-lesson=twin] [data-action=stop]")?;
    let resumed = "[data-lesson=twin] [data-action=resume]";
    page.text_when(resumed, |text| text.contains("step"))?;
    Ok(())
}

#[test]
fn a_hidden_tab_goes_on_training() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, &slow(&recorded(2000)), Shape::Desktop, &NO_WEBGPU)?;
    training_with_a_checkpoint(&page)?;
    // the driver asks the tab in front, which is of the same site; the page tells it each step, and whether it is
    // hidden
    page.run(
        "const step = document.querySelector('[data-lesson=twin] [data-stat=step]');
         const tell = () => localStorage.setItem('told', `${document.visibilityState} ${step.textContent}`);
         new MutationObserver(tell).observe(step, {childList: true, characterData: true, subtree: true});",
    )?;
    site.add("front/index.html", b"<!doctype html><title>in front</title>".to_vec());
    page.behind(&site.url("front/"), || {
        let beyond = |from: f64| -> Result<f64> {
            let hidden_step = |told: &Value| step(told.as_str()?.strip_prefix("hidden ")?);
            let told = "return localStorage.getItem('told')";
            let told = page.value_when(told, |told| hidden_step(told) > Some(from))?;
            Ok(hidden_step(&told).unwrap_or_default())
        };
        let first = beyond(0.0)?;
        beyond(first + 5.0)?;
        Ok(())
    })
}

/// A file of the original's opens as a twin.
#[test]
fn a_checkpoint_of_pytorch_is_imported() -> Result {
    let site = Site::serve()?;
    let page = Page::open_with(&site, "twin/#twin", Shape::Desktop, &NO_WEBGPU)?;
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../parity/tcn.pt");
    let file = std::fs::canonicalize(file)?;
    page.press("[data-lesson=twin] [data-action=import]", &file.to_string_lossy())?;
    let words = page.text_when("[data-lesson=twin] [data-stat=chosen-words]", |text| {
        text.contains("from a file")
    })?;
    assert!(words.starts_with("TCN_D_"), "{words}");
    let chosen =
        "return document.querySelector('[data-choice=run]').selectedOptions[0]?.textContent";
    page.value_when(chosen, |text| text.as_str().is_some_and(|text| text.starts_with("tcn.pt")))?;
    Ok(())
}
