//! A browser with the page in it.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::trace::{Own, Task, main_thread_tasks};
use crate::{Result, Site};

/// How long the page may show one and the same thing in place of what is awaited. Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a driver is started.
const DRIVERS: usize = 3;

/// How long the page may take to show what is awaited while what it shows changes, as a training's step does.
const AT_MOST: Duration = Duration::from_secs(600);

/// Switches that give Chromium a WebGPU adapter which computes on the processor.
pub const SOFTWARE_WEBGPU: [&str; 2] =
    ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/// Switches that take WebGPU away from Chromium.
pub const NO_WEBGPU: [&str; 1] = ["--disable-blink-features=WebGPU"];

/// No switch of Chromium's, but given as one: it lets the page store nothing.
pub const NO_STORAGE: &str = "no-storage";

/// No switch of Chromium's either: it has the driver record what the main thread does, for [`Page::leave_busy`]. The
/// driver then closes the record before each navigation, which takes it some five seconds.
pub const TRACED: &str = "traced";

/// The window's size.
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
    /// The tabs in the order in which they were opened.
    tabs: RefCell<Vec<WindowHandle>>,
    driver: Child,
    /// The driver's output, held open: the driver may write to it.
    _driver_says: BufReader<ChildStdout>,
    /// Where driver and browser put their temporary files, of which they leave some.
    scratch: TempDir,
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
        let program = env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".into());
        let (runtime, tabs) = (Runtime::new()?, RefCell::default());
        let scratch = tempfile::Builder::new().prefix("ballstick-browser-").tempdir()?;
        let (driver, driver_says, port) = start_driver(&program, scratch.path())?;
        let mut page =
            Self { runtime, client: None, tabs, driver, _driver_says: driver_says, scratch };
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
                    // the driver listens a moment after it has started
                    Err(_) => sleep(Duration::from_millis(100)).await,
                }
            }
        })?;
        page.tabs.borrow_mut().push(page.runtime.block_on(client.window())?);
        page.client = Some(client);
        page.go(&site.url(hash))?;
        Ok(page)
    }

    fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| "the browser is closed".into())
    }

    /// The folder of the browser's temporary files, its profile among them; it goes with the browser.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
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
    ///
    /// # Errors
    /// The browser's.
    pub fn laid_out(&self) -> Result {
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
        self.value_when(&stands, |stands| stands == true)?;
        self.laid_out()
    }

    /// Runs a script in every page that is loaded from now on, before any of the page's own scripts.
    ///
    /// # Errors
    /// The driver's.
    pub fn before_scripts(&self, script: &str) -> Result {
        self.chromium("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }))?;
        Ok(())
    }

    /// Runs a command of Chromium's own and gives its answer.
    ///
    /// # Errors
    /// The driver's.
    pub fn chromium(&self, command: &str, params: Value) -> Result<Value> {
        let client = self.client()?;
        Ok(self.runtime.block_on(client.issue_cmd(Own::chromium(command, params)))?)
    }

    /// Hides the page behind another tab, at an address, while `act` runs.
    ///
    /// # Errors
    /// The driver's, or that of `act`.
    pub fn behind(&self, url: &str, act: impl FnOnce() -> Result) -> Result {
        self.open_tab(url)?;
        act()?;
        self.tabs.borrow_mut().pop();
        self.runtime.block_on(self.client()?.close_window())?;
        self.show_tab(0)?;
        self.value_when("return document.visibilityState", |state| state == "visible")?;
        Ok(())
    }

    /// Opens a second tab at an address, and shows it.
    ///
    /// # Errors
    /// The driver's.
    pub fn open_tab(&self, url: &str) -> Result {
        let client = self.client()?;
        let tab = self.runtime.block_on(async {
            let tab = client.new_window(true).await?.handle;
            client.switch_to_window(tab.clone()).await?;
            client.goto(url).await?;
            Ok::<_, CmdError>(tab)
        })?;
        self.tabs.borrow_mut().push(tab);
        Ok(())
    }

    /// Shows a tab, by its number in the order in which the tabs were opened, from 0.
    ///
    /// # Errors
    /// The driver's, or a number that no tab has.
    pub fn show_tab(&self, number: usize) -> Result {
        let tab = self.tabs.borrow().get(number).cloned().ok_or(format!("no tab {number}"))?;
        Ok(self.runtime.block_on(self.client()?.switch_to_window(tab))?)
    }

    /// Presses keys in an element, as a learner at the keyboard does, once its lesson is open.
    ///
    /// # Errors
    /// No element ever matches the selector, or the element cannot be used.
    pub fn press(&self, selector: &str, keys: &str) -> Result {
        self.once_calm(selector, async |element| element.send_keys(keys).await)
    }

    /// Clicks an element, in the middle of the window, once its lesson is open; clicks again where the page still moved
    /// while it grew.
    ///
    /// # Errors
    /// No element ever matches the selector, or the element stays hidden, disabled or covered.
    pub fn click(&self, selector: &str) -> Result {
        let scroll = format!(
            "document.querySelector({selector:?}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
        );
        self.once_calm(selector, async |element| {
            element.clone().client().execute(&scroll, vec![]).await?;
            element.click().await
        })
    }

    /// Does something with an element as soon as the element can be used: the lesson that it is in listens, and the
    /// element is enabled, shown and not covered by what still moves.
    fn once_calm(
        &self,
        selector: &str,
        act: impl AsyncFn(Element) -> std::result::Result<(), CmdError>,
    ) -> Result {
        // a lesson's opening makes the line by which the lesson is started again last
        let ready = format!(
            "const element = document.querySelector({selector:?});
             const lesson = element?.closest('[data-lesson]');
             return element !== null && !element.disabled && (!lesson || lesson.querySelector('.again') !== null)"
        );
        let client = self.client()?;
        let since = Instant::now();
        loop {
            let done = self.runtime.block_on(async {
                if client.execute(&ready, vec![]).await? != true {
                    return Ok(false);
                }
                let element = client.find(Locator::Css(selector)).await?;
                act(element).await.map(|()| true)
            });
            let waits = match &done {
                Ok(done) => !done,
                Err(CmdError::Standard(error)) => matches!(
                    error.error,
                    ErrorStatus::ElementClickIntercepted
                        | ErrorStatus::ElementNotInteractable
                        | ErrorStatus::NoSuchElement
                        | ErrorStatus::StaleElementReference
                ),
                Err(_) => false,
            };
            if !waits || since.elapsed() > PATIENCE {
                return match done? {
                    true => Ok(()),
                    false => Err(format!("{selector} is not there, or not to be used").into()),
                };
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets the page itself run `then` at the first moment at which the expression `when` holds: the driver would come
    /// some time later, and on a fast machine too late. Both may call `text(selector)`, the text of an element.
    ///
    /// # Errors
    /// What the scripts throw.
    pub fn at_once(&self, when: &str, then: &str) -> Result {
        self.run(&format!(
            "const text = selector => document.querySelector(selector)?.textContent ?? '';
             const look = () => {{
                 if (!({when})) return;
                 observer.disconnect();
                 {then}
             }};
             const observer = new MutationObserver(look);
             observer.observe(document.body, {{childList: true, characterData: true, subtree: true}});
             look();"
        ))?;
        Ok(())
    }

    /// Scrolls a figure into sight and waits until it is drawn.
    ///
    /// # Errors
    /// The figure is never drawn.
    pub fn draws(&self, figure: &str) -> Result {
        let drawn = format!(
            "const figure = document.querySelector({figure:?});
             figure?.scrollIntoView({{block: 'center', behavior: 'instant'}});
             return Boolean(figure?.dataset.drawn)"
        );
        self.value_when(&drawn, |drawn| drawn == true)?;
        Ok(())
    }

    /// What sticks out of the window: elements, and the page itself. Tables and commands that scroll by themselves may.
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

    /// What a script's body returns, as soon as `wanted` holds of the value.
    ///
    /// # Errors
    /// `wanted` did not hold: the value stayed the same for long, or went on changing for very long; the message holds
    /// the script and the last value.
    pub fn value_when(&self, script: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let begun = Instant::now();
        let (mut last, mut since) = (Value::Null, begun);
        loop {
            let value = match self.run(script) {
                Ok(value) if wanted(&value) => return Ok(value),
                Ok(value) => value,
                // between two pages no page can be asked
                Err(error) => Value::from(error.to_string()),
            };
            if value != last {
                (last, since) = (value, Instant::now());
            }
            if since.elapsed() > PATIENCE || begun.elapsed() > AT_MOST {
                return Err(format!("{script}: still {last}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text of an element, as soon as `wanted` holds of the text.
    ///
    /// # Errors
    /// `wanted` did not hold in time; the message holds the last text.
    pub fn text_when(&self, selector: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let script = format!("return document.querySelector({selector:?})?.textContent ?? ''");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let found = self.value_when(&script, |value| wanted(&text(value)))?;
        Ok(text(&found))
    }

    /// The address, once it contains `wanted`: the page writes its address a moment after a change.
    ///
    /// # Errors
    /// The address did not contain `wanted` in time; the message holds the last address.
    pub fn address_with(&self, wanted: &str) -> Result<String> {
        let says = |value: &Value| value.as_str().is_some_and(|url| url.contains(wanted));
        let url = self.value_when("return location.href", says)?;
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
        // a browser that has not ended yet may still write
        for _ in 0..50 {
            if fs::remove_dir_all(self.scratch.path()).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A driver, what it prints, and the port it listens on. The driver looks for a free port itself: one that was found for
/// it might be taken by the time it listens. It listens on two networks at one port; where another program has that port
/// on one of them, the driver ends, and is started again.
fn start_driver(program: &str, scratch: &Path) -> Result<(Child, BufReader<ChildStdout>, u16)> {
    for _ in 0..DRIVERS {
        let mut driver = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", scratch)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut says = BufReader::new(driver.stdout.take().ok_or("the driver has no output")?);
        if let Some(port) = port(&mut says) {
            return Ok((driver, says, port));
        }
        driver.kill().ok();
        driver.wait()?;
    }
    Err(format!("{program} names no port").into())
}

/// The port that the driver says it listens on.
fn port(says: &mut BufReader<ChildStdout>) -> Option<u16> {
    says.lines().map_while(std::result::Result::ok).find_map(|line| {
        line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
    })
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
            // otherwise Chromium asks its maker about every form
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
