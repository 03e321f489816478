//! Whether there is memory for what was asked for, before it is asked for: a program that runs out of it is aborted, or
//! ended by the system, without a word.

use anyhow::Result;

use crate::files::usage;

/// Requires `bytes` of memory for `what`.
///
/// # Errors
/// A usage error that says how much there is; no error where the system does not tell.
pub fn require(bytes: u128, what: &str) -> Result<()> {
    match available() {
        Some(there) if bytes > u128::from(there) => {
            let (needed, there) = (words(bytes), words(there.into()));
            Err(usage(what, format!("needs {needed} of memory, of which {there} are to be had")))
        }
        _ => Ok(()),
    }
}

fn words(bytes: u128) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib >= 1024.0 { format!("{:.1} GiB", mib / 1024.0) } else { format!("{mib:.0} MiB") }
}

/// Bytes that this process may still take, as far as Linux tells: of the machine, of its control group, and of the limit
/// on its addresses.
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

/// A line `name   123 kB`, in bytes.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

/// The soft limit of `Max address space`, where there is one.
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

    #[test]
    fn more_than_any_machine_has_is_refused() {
        require(1 << 20, "a little").unwrap();
        if available().is_some() {
            let told = require(1 << 70, "--duration").unwrap_err().to_string();
            assert!(told.starts_with("--duration: needs 1099511627776.0 GiB"), "{told}");
        }
    }
}
