//! The scripts that the pages may run: those that were built into them, and no other that stands in a page.

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::json;

#[test]
fn only_scripts_that_were_built_in_run() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    page.before_scripts(
        "window.refused = [];
         addEventListener('securitypolicyviolation', event => window.refused.push(event.violatedDirective));",
    )?;
    for hash in ["#soma", "data-set/#dataset", "twin/#ready"] {
        page.go(&site.url(hash))?;
        page.stands(hash)?;
        assert_eq!(page.run("return window.refused")?, json!([]), "{hash}");
        let put_in = page.run(
            "const script = document.createElement('script');
             script.textContent = 'window.put_in = true';
             document.body.append(script);
             const button = document.createElement('button');
             button.setAttribute('onclick', 'window.put_in = true');
             button.click();
             return window.put_in === undefined;",
        )?;
        assert_eq!(put_in, json!(true), "{hash}");
        let refused = "return window.refused.every(of => of.startsWith('script-src')) && window.refused.length";
        assert_eq!(page.run(refused)?, json!(2), "{hash}");
    }
    Ok(())
}
