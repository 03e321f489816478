//! After the first visit the whole site works without a network.

use std::time::{Duration, Instant};

use ballstick_e2e::{Page, Result, Shape, Site};

/// The number of files that the service worker keeps, once it keeps them all.
fn kept(page: &Page) -> Result<usize> {
    let script = "
        const waits = new Promise(done => setTimeout(done, 110000, null));
        const ready = await Promise.race([navigator.serviceWorker.ready, waits]);
        if (!ready?.active) return -1;
        const names = await caches.keys();
        if (names.length != 1) return -names.length;
        return (await (await caches.open(names[0])).keys()).length;";
    let count = page.run_async(script)?.as_i64().unwrap_or(0);
    usize::try_from(count).map_err(|_| format!("no version is kept: {count}").into())
}

fn files(folder: &std::path::Path) -> Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        count += if path.is_dir() { files(&path)? } else { 1 };
    }
    Ok(count)
}

#[test]
fn every_page_works_without_a_network() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    // every file but the service worker itself
    assert_eq!(kept(&page)? + 1, files(&Site::dist()?)?);
    site.go_off();
    let gone = "return await fetch('nowhere.txt').then(() => 'there', () => 'gone')";
    assert_eq!(page.run_async(gone)?, "gone");

    page.go(&site.url("#soma"))?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    page.go(&site.url("#dendrite"))?;
    page.run("document.querySelector('[data-figure=fidelity]').scrollIntoView()")?;
    page.text_when("[data-stat=max-difference]", |text| text != "…")?;
    page.go(&site.url("index.html?from=a-bookmark#synapses?cell=swc"))?;
    page.text_when("[data-lab=tree] [data-stat=tree-spikes]", |text| {
        text.contains(|c: char| c.is_ascii_digit())
    })?;
    page.go(&site.url("data-set/#dataset?ms=2048&seed=5"))?;
    page.text_when("[data-stat=kept]", |text| text.contains("No data set"))?;
    page.click("[data-action=make]")?;
    page.text_when("[data-stat=progress]", |text| text.contains("28 simulations in "))?;
    for hash in ["twin/#ready", "twin#twin"] {
        page.go(&site.url(hash))?;
        // the shell writes the lesson's title when it has started
        page.text_when("title", |text| text.ends_with("· ballstick"))?;
    }
    assert_eq!(site.foreign(), Vec::<String>::new());
    Ok(())
}

#[test]
fn a_new_version_takes_over_on_the_next_visit() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    kept(&page)?;
    let name = "return (await caches.keys()).join()";
    let before = page.run_async(name)?;
    // the same site with another version, as after a deployment
    site.replace("sw.js", |text| text.replacen("const VERSION = \"", "const VERSION = \"new", 1));
    page.go(&site.url("#soma"))?;
    page.run_async("(await navigator.serviceWorker.ready).update()")?;
    let since = Instant::now();
    while page.run_async("return !(await navigator.serviceWorker.ready).waiting")? == true {
        assert!(since.elapsed() < Duration::from_secs(120), "the new version never came");
        std::thread::sleep(Duration::from_millis(100));
    }
    page.go(&site.url("#soma"))?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    let since = Instant::now();
    loop {
        let now = page.run_async(name)?;
        if now != before && now.as_str().is_some_and(|n| n.contains(" new") && !n.contains(',')) {
            return Ok(());
        }
        assert!(since.elapsed() < Duration::from_secs(120), "{before} became {now}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
