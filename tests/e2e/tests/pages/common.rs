//! What several tests of the page use.

use ballstick::data::npy::Npz;
use ballstick_e2e::{CommandLine, Page, Result};

/// The pages' folders and their lessons.
pub const PAGES: [(&str, &[&str]); 3] = [
    ("", &["start", "soma", "dendrite", "synapses", "targets"]),
    ("data-set/", &["pyramid", "dataset"]),
    ("twin/", &["ready", "twin", "judge", "taylor", "assignment", "bonus"]),
];

/// The lessons' addresses.
pub fn lessons() -> impl Iterator<Item = String> {
    PAGES
        .into_iter()
        .flat_map(|(page, lessons)| lessons.iter().map(move |lesson| format!("{page}#{lesson}")))
}

/// Runs a command that the page shows, and counts the spikes in the file that the command writes.
pub fn spikes_of_command(command: &str, out: &str) -> Result<String> {
    let line = CommandLine::new(out)?;
    line.shell(command)?;
    let bytes = std::fs::read(line.folder().join(out))?;
    let spikes = Npz::new(&bytes)?.read::<bool>("y_spike")?;
    Ok(spikes.iter().filter(|spike| **spike).count().to_string())
}

/// The file that the page hands out after a click on `action`, once the element `done.0` has the text `done.1`.
pub fn handed_out(page: &Page, action: &str, done: (&str, &str)) -> Result<Vec<u8>> {
    page.run(
        "window.handedOut = null;
         const make = URL.createObjectURL;
         URL.createObjectURL = blob => { window.handedOut = blob; return make.call(URL, blob); };",
    )?;
    page.click(action)?;
    page.text_when(done.0, |text| text.contains(done.1))?;
    let hex = page.run_async(
        "while (!window.handedOut) await new Promise(done => setTimeout(done, 50));
         const bytes = new Uint8Array(await window.handedOut.arrayBuffer());
         return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');",
    )?;
    let hex = hex.as_str().unwrap_or_default();
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16);
    Ok((0..hex.len()).step_by(2).map(byte).collect::<std::result::Result<_, _>>()?)
}
