//! The clocks that slots are timed by: one that all processes of a host
//! share, and tokio's, which tests can pause.

use std::time::Duration;

use tokio::time::Instant;

use super::reservation_log::nanos;

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum StateClock {
    /// Counted from then.
    Process(Instant),
    /// The same for all processes of the host.
    Host,
}

impl StateClock {
    /// Nanoseconds since a moment that stays the same.
    pub(super) fn now(self) -> u64 {
        match self {
            Self::Process(start) => nanos(start.elapsed()),
            Self::Host => nanos(host_time()),
        }
    }
}

/// The time since the host was started, sleep included: nobody can set it.
#[cfg(target_os = "linux")]
fn host_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    // The clock is there since Linux 2.6.39, older than what Rust runs on.
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

/// The time of day: what is set back is found out by slots in the future.
#[cfg(not(target_os = "linux"))]
fn host_time() -> Duration {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

/// What tells one start of the host from another, where its clock begins anew.
#[cfg(target_os = "linux")]
pub(super) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn boot_id() -> String {
    String::new()
}
