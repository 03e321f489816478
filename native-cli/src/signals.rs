//! Signals that ask for an end: Ctrl-C (SIGINT), SIGTERM (a queue's time limit, `scancel`, `timeout`) and SIGHUP (the
//! end of a session).
//!
//! The first signal asks long work for an orderly end; work that does not check [`stopped`] ends at once. In either
//! case half-written files are removed, and the exit code is 128 and the signal's number, as in shells.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use crate::parts;

/// The number of the first signal that came; 0 before.
static CAME: AtomicI32 = AtomicI32::new(0);

/// Whether the work checks [`stopped`].
static ORDERLY: AtomicBool = AtomicBool::new(false);

#[cfg(unix)]
const SIGINT: i32 = nix::sys::signal::Signal::SIGINT as i32;
#[cfg(not(unix))]
const SIGINT: i32 = 2;

/// The error of work that a signal ended, which says how to resume it. The process ends with [`exit_code`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Interrupted(pub String);

/// Declares that from now on the work checks [`stopped`] often, and leaves a state that can be resumed.
pub fn orderly() {
    ORDERLY.store(true, Ordering::Relaxed);
}

/// Whether a signal has asked for an end.
pub fn stopped() -> bool {
    CAME.load(Ordering::Relaxed) != 0
}

/// The exit code of the signal that came: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
pub fn exit_code() -> u8 {
    code(match CAME.load(Ordering::Relaxed) {
        0 => SIGINT,
        signal => signal,
    })
}

fn code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// The least time between two deliberate presses of Ctrl-C; `timeout -s INT` sends the signal twice in quick
/// succession.
const AGAIN: Duration = Duration::from_millis(500);

/// The handler of signals, called in one thread.
struct Listener {
    first: Option<Instant>,
}

impl Listener {
    fn on(&mut self, signal: i32) {
        // the exit code is that of the first signal; an error only says that one came before
        let _ = CAME.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
        let first = *self.first.get_or_insert_with(Instant::now);
        // a sender of SIGTERM or SIGHUP can send SIGKILL next; after Ctrl-C there is nothing stronger to press
        let again = signal == SIGINT && first.elapsed() > AGAIN;
        if again || !ORDERLY.load(Ordering::Relaxed) {
            parts::remove_and_exit(code(signal));
        }
    }
}

/// Begins to listen for signals; it must be called before other threads are started. Signals are blocked in all
/// threads, and one thread waits for them, so that no code runs in a signal handler. Where this fails, a signal ends
/// the process immediately, which loses no finished file.
#[cfg(unix)]
pub fn listen() {
    let wanted = wanted();
    if wanted.thread_block().is_err() {
        return;
    }
    let listen = move || {
        let mut listener = Listener { first: None };
        while let Ok(signal) = wanted.wait() {
            listener.on(signal as i32);
        }
    };
    if std::thread::Builder::new().name("signals".to_owned()).spawn(listen).is_err() {
        // without the thread no one would receive the signals
        let _ = wanted.thread_unblock();
    }
}

/// Unblocks the signals in this thread, and for the processes that it starts: other programs do not expect to be
/// started with blocked signals, and ours listens again by itself.
#[cfg(unix)]
pub fn unblock() {
    // fails only for an invalid mask
    let _ = wanted().thread_unblock();
}

/// Does nothing: other systems block no signals.
#[cfg(not(unix))]
pub fn unblock() {}

#[cfg(unix)]
fn wanted() -> nix::sys::signal::SigSet {
    use nix::sys::signal::{SigSet, Signal};
    let mut wanted = SigSet::empty();
    wanted.add(Signal::SIGINT);
    wanted.add(Signal::SIGTERM);
    if !ignores(Signal::SIGHUP as i32) {
        wanted.add(Signal::SIGHUP);
    }
    wanted
}

/// Begins to listen for signals. Where this fails, Ctrl-C ends the process immediately, which loses no finished file.
#[cfg(not(unix))]
pub fn listen() {
    let mut listener = Listener { first: None };
    drop(ctrlc::set_handler(move || listener.on(SIGINT)));
}

/// Whether the process was started with a signal ignored, as by `nohup`; the signal then stays ignored. Where the
/// system does not tell, the signal is left alone as well.
#[cfg(unix)]
fn ignores(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_shells() {
        assert_eq!([1, 2, 15].map(code), [129, 130, 143]);
        assert_eq!(exit_code(), 130, "an end without a signal is Ctrl-C's");
    }
}
