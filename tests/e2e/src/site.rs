//! The server of the built site, which notes the requests for other hosts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tiny_http::{Header, Method, Request, Response, Server};

use crate::Result;

/// Where the site lies on its server, as a project's page does on a code host.
const SUB_PATH: &str = "/some/where/ballstick/";

/// A name of the site's server that browsers do not trust as they trust `localhost`.
const PLAIN_HOST: &str = "class.example";

/// A server of `dist/`, which refuses and remembers requests for other hosts.
pub struct Site {
    server: Arc<Server>,
    foreign: Arc<Mutex<Vec<String>>>,
    off: Arc<AtomicBool>,
    /// Files that are not served as they were built, and files that were not built at all.
    replaced: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    address: String,
    /// One browser at a time: several would take the processor from each other.
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

/// Where Chromium calls on its own account, whatever page it shows: its maker's services, which change with its
/// version. What pages load from its maker's other hosts (fonts, scripts) is not among them; and the page's own policy
/// lets it load nothing from anywhere else.
fn browsers_own(host: &str) -> bool {
    const SERVICES: [&str; 2] = [".google.com", ".gvt1.com"];
    const APIS: [&str; 5] = [
        "clientservices.googleapis.com",
        "content-autofill.googleapis.com",
        "optimizationguide-pa.googleapis.com",
        "safebrowsing.googleapis.com",
        "update.googleapis.com",
    ];
    SERVICES.iter().any(|service| host.ends_with(service)) || APIS.contains(&host)
}

impl Site {
    /// The folder that `trunk build --release` wrote.
    ///
    /// # Errors
    /// The folder does not exist.
    pub fn dist() -> Result<PathBuf> {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
        if !dist.join("index.html").is_file() {
            return Err("there is no dist/: run  trunk build --release  first, or ./check".into());
        }
        Ok(dist)
    }

    /// Serves the site on a free port.
    ///
    /// # Errors
    /// No built page, no free port.
    pub fn serve() -> Result<Self> {
        let dist = Self::dist()?;
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let server = Arc::new(Server::http("127.0.0.1:0").map_err(|e| e.to_string())?);
        let address = server.server_addr().to_ip().ok_or("an IP address")?.to_string();
        let foreign = Arc::new(Mutex::new(Vec::new()));
        let off = Arc::new(AtomicBool::new(false));
        let replaced = Arc::new(Mutex::new(BTreeMap::new()));
        for _ in 0..4 {
            let (server, own, foreign, dist) =
                (server.clone(), address.clone(), foreign.clone(), dist.clone());
            let (off, replaced) = (off.clone(), replaced.clone());
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    match off.load(Ordering::SeqCst) {
                        // no HTTP, which is an error of the network; without any answer the browser would wait for one
                        true => {
                            let mut writer = request.into_writer();
                            writer.write_all(b"gone away\r\n\r\n").ok();
                            writer.flush().ok();
                        }
                        false => answer(request, &dist, &own, &foreign, &replaced),
                    }
                }
            });
        }
        Ok(Self { server, foreign, off, replaced, address, _turn: turn })
    }

    /// Gives no valid answer from now on, as if the network were gone.
    pub fn go_off(&self) {
        self.off.store(true, Ordering::SeqCst);
    }

    /// Serves a file with other text from now on, as after a new deployment.
    ///
    /// # Panics
    /// A file that the site does not have.
    pub fn replace(&self, file: &str, change: impl FnOnce(String) -> String) {
        let text = Self::dist().ok().and_then(|dist| fs::read_to_string(dist.join(file)).ok());
        let text = change(text.unwrap_or_else(|| panic!("dist/ holds no {file}")));
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        replaced.insert(file.to_owned(), text.into_bytes());
    }

    /// Serves a file that the site does not have.
    pub fn add(&self, file: &str, bytes: Vec<u8>) {
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        replaced.insert(file.to_owned(), bytes);
    }

    /// Host and port of the server, which is also the browser's proxy.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The page's address, with a hash.
    #[must_use]
    pub fn url(&self, hash: &str) -> String {
        format!("http://{}{SUB_PATH}{hash}", self.address)
    }

    /// The page's address on a server without HTTPS that is another machine, as far as the browser can tell: no secure
    /// context, so that there is no WebGPU, no service worker, no clipboard and no lock.
    #[must_use]
    pub fn plain_url(&self, hash: &str) -> String {
        let port = self.address.rsplit(':').next().unwrap_or_default();
        format!("http://{PLAIN_HOST}:{port}{SUB_PATH}{hash}")
    }

    /// Requests for any other host (but for the browser's own), and for anything outside the
    /// sub-path.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        self.foreign.lock().map(|list| list.clone()).unwrap_or_default()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer(
    request: Request,
    dist: &Path,
    own: &str,
    foreign: &Mutex<Vec<String>>,
    replaced: &Mutex<BTreeMap<String, Vec<u8>>>,
) {
    let url = request.url().to_owned();
    // through a proxy the browser asks for the whole address
    let port = own.rsplit(':').next().unwrap_or_default();
    let path = [own, &format!("{PLAIN_HOST}:{port}")]
        .iter()
        .find_map(|host| url.strip_prefix(&format!("http://{host}")))
        .unwrap_or(&url);
    let inside = path.strip_prefix(SUB_PATH).filter(|_| *request.method() == Method::Get);
    let Some(inside) = inside else {
        let host = url.trim_start_matches("http://").split(['/', ':']).next().unwrap_or_default();
        if let Ok(mut list) = foreign.lock()
            && !browsers_own(host)
        {
            list.push(format!("{} {url}", request.method()));
        }
        request.respond(Response::empty(502)).ok();
        return;
    };
    let inside = inside.split(['?', '#']).next().unwrap_or_default();
    // a folder answers with its index, as every web server has it
    let index = if inside.is_empty() || inside.ends_with('/') { "index.html" } else { "" };
    let file = format!("{inside}{index}");
    let other = replaced.lock().unwrap_or_else(PoisonError::into_inner).get(&file).cloned();
    let file = Path::new(&file);
    let safe = file.components().all(|part| matches!(part, Component::Normal(_)));
    match other.map_or_else(|| fs::read(dist.join(file)), Ok) {
        Ok(bytes) if safe => {
            let kind = match file.extension().and_then(|e| e.to_str()) {
                Some("html") => "text/html; charset=utf-8",
                Some("js" | "mjs") => "text/javascript",
                Some("css") => "text/css",
                Some("wasm") => "application/wasm",
                Some("json") => "application/json",
                _ => "application/octet-stream",
            };
            let header = Header::from_bytes("Content-Type", kind).ok();
            let mut response = Response::from_data(bytes);
            header.into_iter().for_each(|header| response.add_header(header));
            request.respond(response).ok();
        }
        _ => {
            request.respond(Response::empty(404)).ok();
        }
    }
}
