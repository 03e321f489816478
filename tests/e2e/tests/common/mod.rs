//! What several tests of the page use.

use ballstick::data::npy::Npz;
use ballstick_e2e::Result;

/// Runs a command that the page shows, in a folder of its own, and counts the spikes that it wrote.
pub fn spikes_of_command(command: &str, out: &str) -> Result<String> {
    let binary = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/debug");
    if !std::path::Path::new(binary).join("ballstick").is_file() {
        return Err(
            "there is no command line: run  cargo build -p native-cli  first, or ./check".into()
        );
    }
    let folder = std::env::temp_dir().join(format!("ballstick-e2e-{out}-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = format!("{binary}:{}", std::env::var("PATH")?);
    let run = std::process::Command::new("sh")
        .args(["-ec", command])
        .current_dir(&folder)
        .env("PATH", path)
        .output()?;
    assert!(run.status.success(), "{command}\n{}", String::from_utf8_lossy(&run.stderr));
    let bytes = std::fs::read(folder.join(out))?;
    std::fs::remove_dir_all(&folder)?;
    let spikes = Npz::new(&bytes)?.read::<bool>("y_spike")?;
    Ok(spikes.iter().filter(|spike| **spike).count().to_string())
}
