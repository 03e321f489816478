//! What several tests of the page use.

use ballstick::data::npy::Npz;
use ballstick_e2e::{CommandLine, Result};

/// Runs a command that the page shows, and counts the spikes that it wrote.
pub fn spikes_of_command(command: &str, out: &str) -> Result<String> {
    let line = CommandLine::new(out)?;
    line.shell(command)?;
    let bytes = std::fs::read(line.folder().join(out))?;
    let spikes = Npz::new(&bytes)?.read::<bool>("y_spike")?;
    Ok(spikes.iter().filter(|spike| **spike).count().to_string())
}
