//! A browser with the page in it.

use std::env;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::trace::{Own, Task, main_thread_tasks};
use crate::{Result, Site};

/// How long the page has to show something. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a page may move under a click.
const CALM: Duration = Duration::from_secs(10);

/// Switches that give Chromium a WebGPU adapter which computes on the processor.
pub const SOFTWARE_WEBGPU: [&str; 2] =
    ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/// Switches that take WebGPU away.
pub const NO_WEBGPU: [&str; 1] = ["--disable-blink-features=WebGPU"];

/// No switch of Chromium's, but as one: it lets the page keep nothing.
pub const NO_STORAGE: &str = "no-storage";

/// No switch of Chromium's either: it writes down what the main thread does, for [`Page::leave_busy`]. The driver then
/// closes the record before each navigation, which takes it some five seconds.
pub const TRACED: &str = "traced";

/// The window.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// 1440 × 900.
    Desktop,
    /// 390 × 844, with a touch screen.
    Phone,
    /// A viewport of this width and height, as of a small screen, or of a larger one that is magnified.
    Sized(u32, u32),
}

/// A browser of its own with one window; every call waits for its end.
pub struct Page {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
}

impl Page {
    /// Opens the site at a hash.
    ///
    /// # Errors
    /// No ChromeDriver, no Chromium, no page.
    pub fn open(site: &Site, hash: &str, shape: Shape) -> Result<Self> {
        Self::open_with(site, hash, shape, &[])
    }

    /// Opens the site in a browser with more command-line switches, such as [`SOFTWARE_WEBGPU`].
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(site: &Site, hash: &str, shape: Shape, flags: &[&str]) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        let driver = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let runtime = Runtime::new()?;
        let mut page = Self { runtime, client: None, driver };
        let Value::Object(wanted) = capabilities(site, shape, flags) else { unreachable!() };
        let client = page.runtime.block_on(async {
            let since = Instant::now();
            loop {
                let client = ClientBuilder::new(HttpConnector::new())
                    .capabilities(wanted.clone())
                    .connect(&format!("http://127.0.0.1:{port}"))
                    .await;
                match client {
                    Ok(client) => break Ok(client),
                    Err(error) if since.elapsed() > PATIENCE => break Err(error),
                    // it listens a moment after it started
                    Err(_) => sleep(Duration::from_millis(100)).await,
                }
            }
        })?;
        page.client = Some(client);
        page.go(&site.url(hash))?;
        Ok(page)
    }

    fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| "the browser is closed".into())
    }

    /// Loads an address from scratch.
    ///
    /// # Errors
    /// The browser's.
    pub fn go(&self, url: &str) -> Result {
        let client = self.client()?;
        self.runtime.block_on(async {
            client.goto("about:blank").await?;
            client.goto(url).await
        })?;
        Ok(())
    }

    /// Runs a script's body and returns what it returns.
    ///
    /// # Errors
    /// What the script throws.
    pub fn run(&self, script: &str) -> Result<Value> {
        Ok(self.runtime.block_on(self.client()?.execute(script, vec![]))?)
    }

    /// Runs a script's body, in which `await` works, and returns what it returns.
    ///
    /// # Errors
    /// What the script throws.
    pub fn run_async(&self, script: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];\
             (async () => {{ {script} }})().then(done, error => done('error: ' + error));"
        );
        Ok(self.runtime.block_on(self.client()?.execute_async(&script, vec![]))?)
    }

    /// Leaves the page and returns what its main thread did since the last navigation.
    pub(crate) fn leave(&self) -> Result<Vec<Task>> {
        let client = self.client()?;
        let log = self.runtime.block_on(async {
            client.goto("about:blank").await?;
            client.issue_cmd(Own::take_trace()).await
        })?;
        Ok(main_thread_tasks(&log)?)
    }

    /// Crashes the browser's graphics process; the browser starts another.
    ///
    /// # Errors
    /// The driver's.
    pub fn crash_graphics(&self) -> Result {
        self.chromium("Browser.crashGpuProcess", json!({}))?;
        Ok(())
    }

    /// Gives the page a viewport of another size, and waits until it is laid out anew.
    ///
    /// # Errors
    /// The browser's.
    pub fn resize(&self, width: u32, height: u32) -> Result {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics)?;
        self.laid_out()
    }

    /// Waits until the page's height is the same for five frames on end: observers of sizes are told after a frame,
    /// and what they change takes another.
    fn laid_out(&self) -> Result {
        self.run_async(
            "const frame = () => new Promise(done => requestAnimationFrame(done));
             for (let same = 0, before = 0; same < 5; await frame()) {
                 const now = document.documentElement.scrollHeight;
                 same = now === before ? same + 1 : 0;
                 before = now;
             }",
        )?;
        Ok(())
    }

    /// Waits until a lesson stands: it is the one shown, it is opened, the figures at its top are drawn, and the page
    /// keeps its height. `hash` is what [`Site::url`] takes, such as `twin/#judge?n=4`.
    ///
    /// # Errors
    /// The browser's, or the lesson never stands.
    pub fn stands(&self, hash: &str) -> Result {
        let lesson = hash.split_once('#').map_or(hash, |(_, lesson)| lesson);
        let lesson = lesson.split('?').next().unwrap_or_default();
        let stands = format!(
            "const shown = document.querySelector('[data-lesson]:not([hidden])');
             return shown?.dataset.lesson === '{lesson}' && shown.querySelector('.again') !== null
                 && [...shown.querySelectorAll('.pin [data-figure]')].every(figure => figure.dataset.drawn)"
        );
        self.value_when(&stands, PATIENCE, |stands| stands == true)?;
        self.laid_out()
    }

    /// Runs a script in every page that is loaded from now on, before any of its own.
    ///
    /// # Errors
    /// The driver's.
    pub fn before_scripts(&self, script: &str) -> Result {
        self.chromium("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))?;
        Ok(())
    }

    /// A command of Chromium's own and what it answers.
    ///
    /// # Errors
    /// The driver's.
    pub fn chromium(&self, command: &str, params: Value) -> Result<Value> {
        let client = self.client()?;
        Ok(self.runtime.block_on(client.issue_cmd(Own::chromium(command, params)))?)
    }

    /// Hides the page behind another tab for a while.
    ///
    /// # Errors
    /// The driver's.
    pub fn hide(&self, time: Duration) -> Result {
        let client = self.client()?;
        self.runtime.block_on(async {
            let here = client.window().await?;
            let tab = client.new_window(true).await?;
            client.switch_to_window(tab.handle).await?;
            sleep(time).await;
            client.close_window().await?;
            client.switch_to_window(here).await
        })?;
        Ok(())
    }

    /// Opens a second tab at an address, and shows it.
    ///
    /// # Errors
    /// The driver's.
    pub fn open_tab(&self, url: &str) -> Result {
        let client = self.client()?;
        self.runtime.block_on(async {
            let tab = client.new_window(true).await?;
            client.switch_to_window(tab.handle).await?;
            client.goto(url).await
        })?;
        Ok(())
    }

    /// Shows a tab, by the order in which they were opened.
    ///
    /// # Errors
    /// The driver's, or there is no such tab.
    pub fn show_tab(&self, number: usize) -> Result {
        let client = self.client()?;
        self.runtime.block_on(async {
            let tabs = client.windows().await?;
            let tab = tabs.get(number).cloned().ok_or(format!("no tab {number}"))?;
            Ok(client.switch_to_window(tab).await?)
        })
    }

    /// Presses keys in an element, as a learner at the keyboard does.
    ///
    /// # Errors
    /// There is no such element.
    pub fn press(&self, selector: &str, keys: &str) -> Result {
        self.once_calm(selector, async |element| element.send_keys(keys).await)
    }

    /// Clicks an element, in the middle of the window; again where the page still moved while it grew.
    ///
    /// # Errors
    /// There is no such element, or it is covered.
    pub fn click(&self, selector: &str) -> Result {
        let scroll = format!(
            "document.querySelector({selector:?}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
        );
        self.once_calm(selector, async |element| {
            element.clone().client().execute(&scroll, vec![]).await?;
            element.click().await
        })
    }

    /// Does something with an element, again where the page still moved or the element was not shown yet.
    fn once_calm(
        &self,
        selector: &str,
        act: impl AsyncFn(Element) -> std::result::Result<(), CmdError>,
    ) -> Result {
        let client = self.client()?;
        let since = Instant::now();
        loop {
            let done = self.runtime.block_on(async {
                let element = client.find(Locator::Css(selector)).await?;
                act(element).await
            });
            match done {
                Err(CmdError::Standard(error))
                    if matches!(
                        error.error,
                        ErrorStatus::ElementClickIntercepted | ErrorStatus::ElementNotInteractable
                    ) && since.elapsed() < CALM =>
                {
                    std::thread::sleep(Duration::from_millis(100));
                }
                other => return Ok(other?),
            }
        }
    }

    /// What sticks out of the window: wider elements, and the page itself. Tables and commands that scroll by
    /// themselves may.
    fn too_wide(&self) -> Result<Vec<String>> {
        let found = self.run(
            "const wide = [...document.querySelectorAll('main *')]
                 .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll table, .cli code span'))
                 .map(e => e.outerHTML.slice(0, 80));
             const page = document.documentElement.scrollWidth;
             return page > innerWidth ? [...wide, `the page: ${page} px`] : wide;",
        )?;
        Ok(serde_json::from_value(found)?)
    }

    /// What a script's body returns, as soon as `wanted` holds of it.
    ///
    /// # Errors
    /// It never did within the time; the message holds the script and the last value.
    pub fn value_when(
        &self,
        script: &str,
        within: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let since = Instant::now();
        loop {
            let value = self.run(script)?;
            if wanted(&value) {
                return Ok(value);
            }
            if since.elapsed() > within {
                return Err(format!("{script}: still {value}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text of an element, as soon as `wanted` holds of it.
    ///
    /// # Errors
    /// It never did; the message holds the last text.
    pub fn text_when(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let script = format!("return document.querySelector({selector:?})?.textContent ?? ''");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = self.value_when(&script, PATIENCE, |value| wanted(&text(value)))?;
        Ok(text(&found))
    }

    /// The address, once it says what is wanted: the page writes it a moment after a change.
    ///
    /// # Errors
    /// It never did; the message holds the last address.
    pub fn address_with(&self, wanted: &str) -> Result<String> {
        let says = |value: &Value| value.as_str().is_some_and(|url| url.contains(wanted));
        let url = self.value_when("return location.href", Duration::from_secs(10), says)?;
        Ok(url.as_str().unwrap_or_default().to_owned())
    }
}

/// Requires that nothing of a page sticks out of a phone's window.
///
/// # Errors
/// The browser's, or what sticks out.
pub fn fits_a_phone(site: &Site, hash: &str) -> Result {
    let page = Page::open(site, hash, Shape::Phone)?;
    page.stands(hash)?;
    let (width, wide) = (page.run("return innerWidth")?, page.too_wide()?);
    if width != 390 || !wide.is_empty() {
        return Err(format!("{hash} is {width} px wide; these stick out: {wide:?}").into());
    }
    Ok(())
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            self.runtime.block_on(client.close()).ok();
        }
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

fn capabilities(site: &Site, shape: Shape, flags: &[&str]) -> Value {
    let binary = env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let mut options = json!({
        "binary": binary,
        "args": [
            "--headless=new",
            "--no-sandbox",
            "--window-size=1440,900",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // otherwise it asks its maker about every form
            "--disable-features=AutofillServerCommunication",
            "--disable-default-apps",
            "--no-first-run",
            // every request, even to this machine, goes through the site's own server
            format!("--proxy-server=http://{}", site.address()),
            "--proxy-bypass-list=<-loopback>",
        ],
    });
    if let Some(args) = options["args"].as_array_mut() {
        args.extend(flags.iter().filter(|flag| flag.starts_with("--")).map(|flag| json!(flag)));
    }
    let metrics = match shape {
        Shape::Desktop => None,
        Shape::Phone => {
            Some(json!({ "width": 390, "height": 844, "pixelRatio": 2, "touch": true }))
        }
        Shape::Sized(width, height) => {
            Some(json!({ "width": width, "height": height, "pixelRatio": 1, "touch": false }))
        }
    };
    if let Some(metrics) = metrics {
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    if flags.contains(&NO_STORAGE) {
        options["prefs"] = json!({ "profile.default_content_setting_values.cookies": 2 });
    }
    let traced = flags.contains(&TRACED);
    if traced {
        options["perfLoggingPrefs"] =
            json!({ "enableNetwork": false, "enablePage": false, "traceCategories": "toplevel" });
    }
    let mut wanted = json!({
        "goog:chromeOptions": options,
        "timeouts": { "script": PATIENCE.as_millis() },
    });
    if traced {
        wanted["goog:loggingPrefs"] = json!({ "performance": "ALL" });
    }
    wanted
}
