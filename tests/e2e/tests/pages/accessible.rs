//! No page keeps people out: axe-core finds nothing against the Web Content Accessibility Guidelines, levels A and AA, nor
//! against its own best practice.

use std::{env, fs, path::Path};

use crate::common::lessons;
use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::json;

/// All rules but the one that takes the links of a bar that scrolls sideways for links that skip it.
const ALL: &str = "{
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { 'skip-link': { enabled: false } },
}";

/// The rules whose findings depend on the theme.
const COLOURS: &str =
    "{ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }";

/// How many rules held somewhere, and what was found against others, in words.
fn findings(page: &Page, rules: &str) -> Result<(u64, Vec<String>)> {
    let found = page.run_async(&format!(
        "const {{ passes, violations }} = await axe.run(document, {rules});
         return [passes.length, violations.flatMap(({{ id, nodes }}) =>
             nodes.map(node => `${{id}}: ${{node.html.slice(0, 120)}}: ${{node.failureSummary}}`))];"
    ))?;
    Ok(serde_json::from_value(found)?)
}

/// What axe-core finds on a page in one theme, in words.
fn look(page: &Page, hash: &str, theme: &str, rules: &str) -> Result<Vec<String>> {
    let feature = json!([{ "name": "prefers-color-scheme", "value": theme }]);
    page.chromium("Emulation.setEmulatedMedia", json!({ "features": feature }))?;
    page.laid_out()?;
    let (held, found) = findings(page, rules)?;
    assert!(held > 0, "{hash}: axe-core did not look");
    Ok(found.iter().map(|found| format!("{hash}, {theme}: {found}")).collect())
}

#[test]
fn no_page_keeps_people_out() -> Result {
    let folder = env::var("AXE").map_err(|_| "AXE names no folder: run ./check")?;
    let axe = fs::read_to_string(Path::new(&folder).join("axe.min.js"))?;
    let site = Site::serve()?;
    let mut found = Vec::new();
    for shape in [Shape::Desktop, Shape::Phone] {
        let page = Page::open(&site, "#start", shape)?;
        for hash in lessons() {
            page.go(&site.url(&hash))?;
            page.stands(&hash)?;
            page.run(&axe)?;
            found.extend(look(&page, &hash, "light", ALL)?);
            if matches!(shape, Shape::Desktop) {
                found.extend(look(&page, &hash, "dark", COLOURS)?);
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    // and axe-core does find what is wrong
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    page.run(&axe)?;
    page.run("document.querySelector('main').append(document.createElement('button'))")?;
    let (_, found) = findings(&page, ALL)?;
    assert!(found.iter().any(|found| found.starts_with("button-name")), "{found:?}");
    Ok(())
}
