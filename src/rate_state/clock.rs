//! The clocks for reservations: one that all processes of a host share, and tokio's, which tests
//! can pause.

use std::time::Duration;

use tokio::time::Instant;

use super::reservation_log::nanos;

/// The source of the time.
#[derive(Clone, Copy, Debug)]
pub(super) enum StateClock {
    /// Counted from this moment, in this process.
    Process(Instant),
    /// Shared by all processes of the host.
    Host,
}

impl StateClock {
    /// Nanoseconds since a fixed moment.
    pub(super) fn now(self) -> u64 {
        match self {
            Self::Process(start) => nanos(start.elapsed()),
            Self::Host => nanos(host_time()),
        }
    }
}

/// The time since the host was started, including sleep. Nobody can set it.
#[cfg(target_os = "linux")]
fn host_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    // This clock exists since Linux 2.6.39, which is older than what Rust needs.
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

/// The time of day. If it is set back, reservations in the future reveal that.
#[cfg(not(target_os = "linux"))]
fn host_time() -> Duration {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
}

/// Tells one start of the host from another, because the clock begins again.
#[cfg(target_os = "linux")]
pub(super) fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn boot_id() -> String {
    String::new()
}
