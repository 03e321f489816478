//! Chromium's own trace of what its threads did.

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::Value;

/// A task of the page's main thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Task {
    /// From its start to its end, ms.
    pub wall_ms: f64,
    /// How long it had a processor, ms.
    pub cpu_ms: f64,
}

/// ChromeDriver's command that hands out the trace and forgets it.
#[derive(Debug)]
pub(crate) struct TakeTrace;

impl WebDriverCompatibleCommand for TakeTrace {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(r#"{"type":"performance"}"#.into()))
    }
}

/// A command of Chromium's own, without parameters.
#[derive(Debug)]
pub(crate) struct Cdp(pub(crate) &'static str);

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = serde_json::json!({ "cmd": self.0, "params": {} });
        (http::Method::POST, Some(body.to_string()))
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
            // in microseconds; a trace without it counts as all processor
            cpu_ms: e["tdur"].as_f64().or(e["dur"].as_f64()).unwrap_or(0.0) / 1e3,
        })
        .collect())
}
