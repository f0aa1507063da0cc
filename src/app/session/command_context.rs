//! How a command begins: who is told of it, what ends it, and what it waits on. Nobody is
//! called yet.

use std::ffi::OsString;

use jiff::Timestamp;
use tokio::{runtime, time::Instant};

use super::{lock_wait::LockWait, signals};
use crate::{
    app::error::AppError,
    cli::SendingArgs,
    output::{ProgressStyle, Screen},
    stop::StopSwitch,
};

/// Who is told of a command, and what was typed for it.
#[derive(Clone, Copy)]
pub(crate) struct Console<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) style: ProgressStyle,
    /// Word by word, the program first.
    pub(crate) typed: &'a [OsString],
}

/// A command that has begun.
pub(crate) struct CommandContext<'a> {
    pub(crate) console: Console<'a>,
    pub(crate) stop: StopSwitch,
    runtime: runtime::Runtime,
}

impl<'a> CommandContext<'a> {
    /// From now on signals count: `afterwards` says how the command can be gone on with.
    pub(crate) fn start(console: Console<'a>, afterwards: &'static str) -> Result<Self, AppError> {
        let (runtime, stop) = (single_thread_runtime()?, StopSwitch::default());
        stop.set_watched(false);
        signals::listen(single_thread_runtime()?, &stop, console.screen, afterwards)?;
        Ok(Self {
            console,
            stop,
            runtime,
        })
    }

    /// From now on files are waited for that another run has in use.
    pub(crate) fn lock_wait(&self, sending: &SendingArgs) -> LockWait<'_> {
        LockWait::new(sending, &self.stop, self.console.screen)
    }

    /// Does this, and returns when it is done; it is told of a stop.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let is_watched = self.stop.is_watched();
        self.stop.set_watched(true);
        let done = self.runtime.block_on(work);
        self.stop.set_watched(is_watched);
        done
    }

    /// All that had to be read before is read: what is written from now on is closed in order,
    /// whenever a signal comes. Before, it ends the program.
    pub(crate) fn start_writing(&self) {
        self.stop.set_watched(true);
    }
}

/// When something began, also on a clock that nobody sets.
#[derive(Clone, Copy)]
pub(crate) struct StartTime {
    pub(crate) started_at: Timestamp,
    pub(crate) started: Instant,
}

impl StartTime {
    pub(crate) fn now() -> Self {
        Self {
            started_at: Timestamp::now(),
            started: Instant::now(),
        }
    }
}

/// What a command waits on: one thread, see ARCHITECTURE.md.
pub(crate) fn single_thread_runtime() -> Result<runtime::Runtime, AppError> {
    let mut runtime = runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(AppError::Setup)
}
