//! Chromium's own trace of what its threads did.

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

/// A task of the page's main thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// From its start to its end, ms.
    pub wall_ms: f64,
    /// How long the task had a processor, ms.
    pub cpu_ms: f64,
}

/// A command of ChromeDriver's own.
#[derive(Debug)]
pub(crate) struct Own {
    /// The command's path below the session's address.
    path: &'static str,
    body: Value,
}

impl Own {
    /// The command that gives the trace of what was done, and forgets it.
    pub(crate) fn take_trace() -> Self {
        Self { path: "se/log", body: json!({ "type": "performance" }) }
    }

    /// The command that runs one of Chromium's own.
    pub(crate) fn chromium(command: &str, params: Value) -> Self {
        Self { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": params }) }
    }
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// The tasks of every page's main thread in a trace.
pub(crate) fn main_thread_tasks(log: &Value) -> Result<Vec<Task>, CmdError> {
    let messages = log.as_array().into_iter().flatten();
    let events: Vec<Value> = messages
        .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
        .filter(|entry| entry["message"]["method"] == "Tracing.dataCollected")
        .map(|mut entry| entry["message"]["params"].take())
        .collect();
    let thread = |event: &Value| (event["pid"].as_u64(), event["tid"].as_u64());
    let mains: Vec<_> = events
        .iter()
        .filter(|e| e["name"] == "thread_name" && e["args"]["name"] == "CrRendererMain")
        .map(thread)
        .collect();
    Ok(events
        .iter()
        .filter(|e| e["name"].as_str().is_some_and(|name| name.ends_with("RunTask")))
        .filter(|e| mains.contains(&thread(e)))
        .map(|e| Task {
            wall_ms: e["dur"].as_f64().unwrap_or(0.0) / 1e3,
            // in microseconds; a task without this number counts as having had a processor throughout
            cpu_ms: e["tdur"].as_f64().or(e["dur"].as_f64()).unwrap_or(0.0) / 1e3,
        })
        .collect())
}
