//! Checks that memory suffices before it is requested: a program that runs out of memory is aborted, or killed by the
//! system, without a message.

use anyhow::Result;
use ballstick::twin::config::TwinConfig;
use ballstick::twin::evaluate::TEST_WINDOW_MS;
use ballstick::twin::heads::HEADS;
use ballstick::twin::schedule::Recipe;

use crate::files::usage;

/// Requires `bytes` of memory for `what`.
///
/// # Errors
/// A usage error that says how much memory is available; no error where the system does not tell.
pub fn require(bytes: u128, what: &str) -> Result<()> {
    match available() {
        Some(there) if bytes > u128::from(there) => {
            let (needed, there) = (size_text(bytes), size_text(there.into()));
            Err(usage(what, format!("needs {needed} of memory, of which {there} are to be had")))
        }
        _ => Ok(()),
    }
}

/// The least memory of a training, bytes: parameters, gradients and two moments, and a batch of inputs.
pub fn of_training(config: &TwinConfig, recipe: &Recipe, simulations: usize) -> u128 {
    let batch = recipe.train_batch_size.min(simulations) * 2 * config.ports().in_spatial_dim;
    let values =
        4 * config.num_parameters() as u128 + batch as u128 * recipe.train_time_window_size as u128;
    FLOAT * values
}

/// The least memory of a prediction of `series` inputs of `ms` ms each, `at_once` of them at a time, bytes: the
/// parameters, the scaled inputs and the outputs, and the widest layer's input and output.
pub fn of_predicting(config: &TwinConfig, series: usize, ms: usize, at_once: usize) -> u128 {
    let (segments, ms) = (config.ports().in_spatial_dim as u128, ms as u128);
    // four heads of one channel, and one of a channel for each segment
    let heads = HEADS.len() as u128 - 1 + segments;
    let series_values = series as u128 * ms * (2 * segments + heads);
    let layers = 2 * at_once.min(series) as u128 * ms * config.widest() as u128;
    FLOAT * (config.num_parameters() as u128 + series_values + layers)
}

/// The least memory of judging, bytes: that of [`of_predicting`] for one simulation of `ms` ms, and truth and
/// prediction of the judged part of all simulations.
pub fn of_judging(config: &TwinConfig, simulations: usize, ms: usize) -> u128 {
    let window = ms.min(TEST_WINDOW_MS);
    // a spike or near spike takes a byte for the truth and a float for the prediction; a voltage or rate takes two
    // floats
    let of_one_ms = 2 * (1 + FLOAT) + 2 * FLOAT * (2 + config.ports().in_spatial_dim as u128);
    of_predicting(config, 1, window, 1) + simulations as u128 * window as u128 * of_one_ms
}

/// Bytes of a number in single precision.
const FLOAT: u128 = 4;

fn size_text(bytes: u128) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib >= 1024.0 { format!("{:.1} GiB", mib / 1024.0) } else { format!("{mib:.0} MiB") }
}

/// Memory that this process may still take, bytes, as far as Linux tells: the least of the machine's, of its control
/// group's, and of the limit on its address space.
fn available() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let status = read("/proc/self/status");
    let machine = kib(&read("/proc/meminfo"), "MemAvailable:");
    let group =
        |file: &str| -> Option<u64> { read(&format!("/sys/fs/cgroup/{file}")).trim().parse().ok() };
    let group =
        group("memory.max").map(|most| most.saturating_sub(group("memory.current").unwrap_or(0)));
    let addresses = address_limit(&read("/proc/self/limits"))
        .map(|most| most.saturating_sub(kib(&status, "VmSize:").unwrap_or(0)));
    [machine, group, addresses].into_iter().flatten().min()
}

/// The number of a line `name   123 kB`, in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

/// The soft limit of `Max address space`, bytes; `None` where there is none.
fn address_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read() {
        assert_eq!(
            kib("MemFree:  1 kB\nMemAvailable:   2048 kB\n", "MemAvailable:"),
            Some(2 << 20)
        );
        assert_eq!(kib("", "MemAvailable:"), None);
        let limits = "Max cpu time   unlimited  unlimited  seconds\nMax address space  4096  unlimited  bytes\n";
        assert_eq!(address_limit(limits), Some(4096));
        assert_eq!(address_limit(&limits.replace("4096", "unlimited")), None);
    }

    /// A twin of 16 channels over 8 segments.
    fn twin() -> TwinConfig {
        ballstick::twin::config::TcnConfig::assignment('B', 8).map(TwinConfig::Tcn).unwrap()
    }

    #[test]
    fn work_is_estimated_from_what_it_holds() {
        let parameters = twin().num_parameters() as u128;
        // 16 inputs and 12 outputs a ms, and a layer's 16 channels twice
        assert_eq!(of_predicting(&twin(), 1, 100, 1), 4 * (parameters + 100 * (16 + 12 + 32)));
        let one = of_predicting(&twin(), 1, 8128, 1);
        // 10 bytes of spikes and near spikes, 80 of soma, rate and 8 segments
        assert_eq!(of_judging(&twin(), 50, 8192), one + 50 * 8128 * 90);
        let recipe = Recipe { train_batch_size: 16, ..Recipe::default() };
        assert_eq!(of_training(&twin(), &recipe, 4), 4 * (4 * parameters + 4 * 16 * 2048));
    }

    #[test]
    fn what_no_machine_holds_is_refused_for_every_work() {
        let many = usize::MAX >> 8;
        let works = [
            (of_predicting(&twin(), 1, many, 1), "the predictions"),
            (of_judging(&twin(), many, 8192), "judging"),
            (
                of_training(
                    &twin(),
                    &Recipe { train_time_window_size: many, ..Recipe::default() },
                    9,
                ),
                "a training",
            ),
        ];
        for (bytes, what) in works.into_iter().filter(|_| available().is_some()) {
            let message = require(bytes, what).unwrap_err().to_string();
            assert!(message.starts_with(what) && message.contains("GiB of memory"), "{message}");
        }
    }

    #[test]
    fn more_than_any_machine_has_is_refused() {
        require(1 << 20, "a little").unwrap();
        if available().is_some() {
            let message = require(1 << 70, "--duration").unwrap_err().to_string();
            assert!(message.starts_with("--duration: needs 1099511627776.0 GiB"), "{message}");
        }
    }
}
