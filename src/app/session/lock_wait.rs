//! Waits for files that another run has locked, as long as the user wants.
//!
//! Owns the message about it, and ends on a signal. The locks themselves belong to `journal`. Once
//! a command has its files, its run is in progress, and a monitor is told.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::metrics::MetricsWriter;
use crate::{
    app::error::AppError,
    cli::SendingArgs,
    journal::JournalError,
    output::{Screen, duration, path},
    stop::StopSwitch,
};

/// How long a command waits for files that another run has locked.
pub(crate) struct LockWait<'a> {
    max_wait: Duration,
    until: Instant,
    stop: &'a StopSwitch,
    screen: &'a Screen,
    metrics: Option<&'a MetricsWriter>,
}

impl<'a> LockWait<'a> {
    /// Starts now.
    pub(super) fn new(
        sending: &SendingArgs,
        stop: &'a StopSwitch,
        screen: &'a Screen,
        metrics: Option<&'a MetricsWriter>,
    ) -> Self {
        let max_wait = sending.wait_for_lock.map_or(Duration::ZERO, |wait| wait.0);
        let now = Instant::now();
        Self {
            max_wait,
            // A time that the clock cannot hold is as good as forever.
            until: now.checked_add(max_wait).unwrap_or(now + A_YEAR),
            stop,
            screen,
            metrics,
        }
    }

    /// Locks files, or waits until no other run has them. Only then may they be read. Each try
    /// takes a second.
    ///
    /// Fails if they stay locked, or a signal comes first.
    pub(crate) fn wait_for<T>(
        &self,
        take: impl Fn() -> Result<T, JournalError>,
    ) -> Result<T, AppError> {
        let _idle = self.stop.idle();
        let mut is_announced = false;
        loop {
            let taken = take();
            if let Some(reason) = self.stop.reason() {
                return Err(AppError::Stopped(reason));
            }
            match taken {
                Err(JournalError::InUse(results)) if Instant::now() < self.until => {
                    if !is_announced {
                        self.announce(&results);
                    }
                    is_announced = true;
                }
                taken => {
                    let taken = taken?;
                    self.metrics.map_or(Ok(()), MetricsWriter::begin)?;
                    return Ok(taken);
                }
            }
        }
    }

    fn announce(&self, results: &Path) {
        self.screen.say(&format!(
            "another run is using {}; waiting for it, at most {}",
            path(results),
            duration(self.max_wait)
        ));
    }
}

/// Longer than anybody waits.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
