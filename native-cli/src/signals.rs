//! Signals that ask for an end: Ctrl-C (SIGINT), SIGTERM (a queue's time limit, `scancel`, `timeout`) and SIGHUP (a
//! session that is closed).
//!
//! The first asks long work for an orderly end; work that does not look at [`stopped`] ends at once. Either way what is
//! half-written goes, and the exit code is 128 and the signal's number, as shells have it.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use crate::parts;

/// The first signal that came; 0 before one came.
static CAME: AtomicI32 = AtomicI32::new(0);

/// Whether the work looks at [`stopped`].
static ORDERLY: AtomicBool = AtomicBool::new(false);

#[cfg(unix)]
const SIGINT: i32 = nix::sys::signal::Signal::SIGINT as i32;
#[cfg(not(unix))]
const SIGINT: i32 = 2;

/// Ended by a signal, with how to go on. Ends with [`exit_code`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Interrupted(pub String);

/// From now on the work looks at [`stopped`] often, and leaves what can be gone on with.
pub fn orderly() {
    ORDERLY.store(true, Ordering::Relaxed);
}

/// Whether an end was asked for.
pub fn stopped() -> bool {
    CAME.load(Ordering::Relaxed) != 0
}

/// 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
pub fn exit_code() -> u8 {
    code(match CAME.load(Ordering::Relaxed) {
        0 => SIGINT,
        signal => signal,
    })
}

fn code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// A person who presses Ctrl-C again does so later than this; `timeout -s INT` sends the same signal twice in a row.
const AGAIN: Duration = Duration::from_millis(500);

/// What each signal does; called by one thread.
struct Listener {
    first: Option<Instant>,
}

impl Listener {
    fn on(&mut self, signal: i32) {
        // the code is the first one's; that it was there before is no matter
        let _ = CAME.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
        let first = *self.first.get_or_insert_with(Instant::now);
        // whoever sends SIGTERM or SIGHUP twice has SIGKILL besides; only Ctrl-C has nothing stronger
        let again = signal == SIGINT && first.elapsed() > AGAIN;
        if again || !ORDERLY.load(Ordering::Relaxed) {
            parts::remove_and_exit(code(signal));
        }
    }
}

/// Listens from now on; to be called before there are other threads. Signals are blocked in all of them, and one waits
/// for them: no code runs in a handler. Where that cannot be, a signal ends the process as ever, which loses no
/// finished file.
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
        // nobody would take them
        let _ = wanted.thread_unblock();
    }
}

/// Gives this thread, and the processes that it starts, the signals back. Other programs do not expect to be started
/// with signals blocked; ours listens again by itself.
#[cfg(unix)]
pub fn unblock() {
    // fails for an impossible mask alone
    let _ = wanted().thread_unblock();
}

/// Other systems block nothing.
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

/// Listens from now on. Where that cannot be, Ctrl-C ends the process as ever, which loses no finished file.
#[cfg(not(unix))]
pub fn listen() {
    let mut listener = Listener { first: None };
    drop(ctrlc::set_handler(move || listener.on(SIGINT)));
}

/// Whether the process was started with a signal ignored, as `nohup` does it: it then stays so. Where the system does
/// not tell, the signal is left alone as well.
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
