//! The ballstick command line.
#![deny(clippy::print_stdout, clippy::print_stderr)] // all output goes through `say`

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
        // help that cannot be printed is a failure; the fault of other arguments is in the exit code too
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
            // 2: faulty input; 128 and the signal's number: interrupted work; 1: failed work
            ExitCode::from(match () {
                () if error.is::<files::Usage>() => 2,
                () if error.is::<signals::Interrupted>() => signals::exit_code(),
                () => 1,
            })
        }
    }
}
