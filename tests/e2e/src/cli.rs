//! The command line, in a folder of its own.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::Result;

/// A folder in which `ballstick` is run; the folder is removed when this is dropped.
#[derive(Debug)]
pub struct CommandLine {
    folder: TempDir,
}

impl CommandLine {
    /// A command line in an empty folder.
    ///
    /// # Errors
    /// The command line was not built, or the folder cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        if !binary().join("ballstick").is_file() {
            return Err(
                "there is no command line: run  cargo build -p native-cli  first, or ./check"
                    .into(),
            );
        }
        Ok(Self {
            folder: tempfile::Builder::new().prefix(&format!("ballstick-{name}-")).tempdir()?,
        })
    }

    /// The folder in which `ballstick` is run.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `ballstick` and gives what it prints.
    ///
    /// # Errors
    /// The command fails; the message says why.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let mut command = Command::new(binary().join("ballstick"));
        said(command.args(args).current_dir(self.folder()).output()?, &args.join(" "))
    }

    /// Runs a command that the page shows, and gives what it prints.
    ///
    /// # Errors
    /// The command fails; the message says why.
    pub fn shell(&self, command: &str) -> Result<String> {
        let path = format!("{}:{}", binary().display(), env::var("PATH")?);
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).env("PATH", path).current_dir(self.folder());
        said(shell.output()?, command)
    }
}

fn binary() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug")
}

fn said(output: Output, command: &str) -> Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("{command}\n{}", String::from_utf8_lossy(&output.stderr)).into())
}
