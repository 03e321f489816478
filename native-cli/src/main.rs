//! The ballstick command line.
#![deny(clippy::print_stdout, clippy::print_stderr)] // what is printed goes through `say`

mod allocator;
mod claim;
mod cli;
mod commands;
mod files;
mod making;
mod memory;
mod parts;
mod places;
mod plot;
mod say;
mod signals;
mod store;
mod twins;
mod work;

use std::process::ExitCode;

use clap::Parser;
use say::say;

fn main() -> ExitCode {
    allocator::keep_freed();
    signals::listen();
    let typed = match cli::Cli::try_parse() {
        Ok(typed) => typed,
        // help that nobody can read is a failure; what was wrong with the rest is in the exit code too
        Err(other) => {
            let shown = match other.print() {
                Err(e) => e.kind() == std::io::ErrorKind::BrokenPipe,
                Ok(()) => true,
            };
            let code = if other.exit_code() == 0 && !shown { 1 } else { other.exit_code() };
            return ExitCode::from(u8::try_from(code).unwrap_or(1));
        }
    };
    match typed.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say!("ballstick: {error:#}");
            // input that cannot be used, work that was stopped, or work that failed
            ExitCode::from(match () {
                () if error.is::<files::Usage>() => 2,
                () if error.is::<signals::Interrupted>() => signals::exit_code(),
                () => 1,
            })
        }
    }
}
