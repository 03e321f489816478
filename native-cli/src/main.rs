//! The ballstick command line.

mod allocator;
mod cli;
mod commands;
mod files;
mod making;
mod memory;
mod plot;
mod store;
mod twins;
mod work;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    allocator::keep_freed();
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ballstick: {error:#}");
            // input that cannot be used, work that was stopped, or work that failed
            ExitCode::from(match () {
                () if error.is::<files::Usage>() => 2,
                () if error.is::<work::Interrupted>() => 130,
                () => 1,
            })
        }
    }
}
