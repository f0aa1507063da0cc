//! One import as data: what it is made of, and what it leaves behind.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    limits::Learning,
    wanted::{Handed, Wanted},
};
use crate::{
    account::AccountId,
    caller::Activity,
    hubspot::Dialect,
    input::{InputError, InputOptions, ReaderEnd, Shape},
    journal::{Journal, Past},
    output::{FailuresFile, Tally},
    sandbox::Sandbox,
    stop::Stop,
};

/// The parts of one run.
pub(super) struct Run {
    pub(super) options: InputOptions,
    pub(super) shape: Shape,
    pub(super) results_path: PathBuf,
    /// What separates the cells of the results.
    pub(super) delimiter: u8,
    /// Base URL, or [`Summary::SANDBOX`](crate::output::Summary::SANDBOX).
    pub(super) target: String,
    /// What administrators allow, once it is known.
    pub(super) limits: Learning,
    pub(super) api: Dialect,
    pub(super) started_at: Timestamp,
    /// The same on a clock that nobody sets.
    pub(super) started: Instant,
    pub(super) earlier: Recorded,
    pub(super) stop: Stop,
    /// Ends with the run.
    pub(super) sandbox: Option<Sandbox>,
}

/// What earlier sessions of the run left.
pub(super) struct Recorded {
    /// Rows that are not sent again.
    pub(super) done: u64,
    /// Whether some of them may be, to follow others that were sent late.
    pub(super) may_follow: bool,
    /// The highest row with a line.
    pub(super) highest: u64,
    /// The failures file of the last session.
    pub(super) failures: Option<FailuresFile>,
    /// The account that they wrote to, if that was learnt.
    pub(super) account: Option<AccountId>,
}

impl Recorded {
    pub(super) fn by(past: Option<&Past>, wanted: &Wanted) -> Self {
        let ended = past.and_then(Past::ended);
        Self {
            highest: past.map_or(0, Past::highest),
            done: wanted.done(),
            may_follow: wanted.may_follow(),
            account: past.and_then(Past::account),
            failures: ended.and_then(|ended| ended.failures.clone()),
        }
    }
}

/// What a run leaves behind.
pub(super) struct Ended {
    pub(super) tally: Tally,
    pub(super) activity: Arc<Activity>,
    /// The account that rows were sent to, if it was learnt.
    pub(super) account: Option<AccountId>,
    /// How far the input was read, and why not to its end.
    pub(super) reading: ReaderEnd,
    pub(super) broken_input: Option<InputError>,
    pub(super) journal: Journal,
    /// Rows with a line that were to be sent again.
    pub(super) handed: Arc<Handed>,
}
