//! Waits for files that another run has in use, as long as the user wants to.
//!
//! Knows what is said of it, and that a signal ends it; who has which lock is
//! `journal`'s.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    app::error::AppError,
    cli::SendingArgs,
    journal::JournalError,
    output::{Screen, duration, path},
    stop::StopSwitch,
};

/// How long a command waits for files that another run has in use.
pub(crate) struct LockWait<'a> {
    most: Duration,
    until: Instant,
    stop: &'a StopSwitch,
    screen: &'a Screen,
}

impl<'a> LockWait<'a> {
    /// From now on.
    pub(super) fn new(sending: &SendingArgs, stop: &'a StopSwitch, screen: &'a Screen) -> Self {
        let most = sending.wait_for_lock.map_or(Duration::ZERO, |wait| wait.0);
        let now = Instant::now();
        Self {
            most,
            // What no clock holds is as good as for ever.
            until: now.checked_add(most).unwrap_or(now + A_YEAR),
            stop,
            screen,
        }
    }

    /// Takes files, or waits until nobody else has them: what they record has to be
    /// read only then. Each try takes a second by itself.
    ///
    /// Fails if they stay in use, or a signal comes first.
    pub(crate) fn wait_for<T>(
        &self,
        take: impl Fn() -> Result<T, JournalError>,
    ) -> Result<T, AppError> {
        let _idle = self.stop.idle();
        let mut is_told = false;
        loop {
            let taken = take();
            if let Some(reason) = self.stop.reason() {
                return Err(AppError::Stopped(reason));
            }
            match taken {
                Err(JournalError::InUse(results)) if Instant::now() < self.until => {
                    if !is_told {
                        self.announce(&results);
                    }
                    is_told = true;
                }
                taken => return Ok(taken?),
            }
        }
    }

    fn announce(&self, results: &Path) {
        self.screen.say(&format!(
            "another run is using {}; waiting for it, at most {}",
            path(results),
            duration(self.most)
        ));
    }
}

/// More than anybody waits.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
