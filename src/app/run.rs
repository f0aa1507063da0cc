//! One import as data: what it is made of, and what it leaves behind.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;

use crate::{
    delivery::Activity,
    input::{InputError, InputOptions, ReaderEnd, Shape},
    output::Tally,
    sandbox::Sandbox,
    stop::Stop,
};

/// The parts of one run.
pub(super) struct Run {
    pub(super) options: InputOptions,
    pub(super) shape: Shape,
    pub(super) results_path: PathBuf,
    /// Base URL, or [`Summary::SANDBOX`](crate::output::Summary::SANDBOX).
    pub(super) target: String,
    pub(super) started_at: Timestamp,
    pub(super) stop: Stop,
    /// Ends with the run.
    pub(super) sandbox: Option<Sandbox>,
}

/// What a run leaves behind.
pub(super) struct Ended {
    pub(super) tally: Tally,
    pub(super) activity: Arc<Activity>,
    /// How far the input was read, and why not to its end.
    pub(super) reading: ReaderEnd,
    pub(super) broken_input: Option<InputError>,
}
