//! How the quotas stand, as answers tell it. Plain data.

use jiff::Timestamp;

use super::window::WindowState;

/// What the headers of an answer tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) window: Option<WindowState>,
    pub(super) daily: Option<DailyUse>,
}

/// What is used of the day's quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DailyUse {
    pub(super) max: u64,
    pub(super) used: u64,
    pub(super) resets_at: Timestamp,
}
