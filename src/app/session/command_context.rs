//! How a command begins: its console, its stop switch and its runtime. No call is made yet.

use std::ffi::OsString;

use jiff::Timestamp;
use tokio::{runtime, time::Instant};

use super::{lock_wait::LockWait, metrics::MetricsWriter, signals};
use crate::{
    app::error::AppError,
    cli::SendingArgs,
    journal::ShownRows,
    messages::{self, KeysInLog},
    output::{ProgressStyle, RowMessages, Screen},
    stop::StopSwitch,
};

/// Where a command reports, and what was typed for it.
#[derive(Clone, Copy)]
pub(crate) struct Console<'a> {
    pub(crate) screen: &'a Screen,
    pub(crate) style: ProgressStyle,
    pub(crate) keys_in_log: KeysInLog,
    /// The words of the command line, with the program as the first one.
    pub(crate) typed: &'a [OsString],
    /// Who tells a monitor about the command, if anybody does.
    pub(crate) metrics: Option<&'a MetricsWriter>,
}

impl Console<'_> {
    /// What errors show of a row. `has_keys` says whether the rows name records by keys.
    pub(crate) fn shown_rows(&self, has_keys: bool) -> ShownRows {
        match self.keys_in_log {
            KeysInLog::Shown if !has_keys => ShownRows::Whole,
            KeysInLog::LeftOut if !has_keys => ShownRows::WithoutAddresses,
            KeysInLog::Shown | KeysInLog::LeftOut | KeysInLog::Redacted => ShownRows::None,
        }
    }

    /// How outcomes of rows are worded. `has_keys` says whether the rows name records by keys.
    pub(crate) fn row_messages(&self, has_keys: bool) -> RowMessages {
        messages::row_messages(self.keys_in_log, has_keys)
    }
}

/// A command that has begun.
pub(crate) struct CommandContext<'a> {
    pub(crate) console: Console<'a>,
    pub(crate) stop: StopSwitch,
    /// Whether another run of the same command came before.
    pub(crate) follows_run: bool,
    runtime: runtime::Runtime,
}

impl<'a> CommandContext<'a> {
    /// From now on signals are handled. `how_to_continue` says how the command can be continued.
    pub(crate) fn start(
        console: Console<'a>,
        how_to_continue: &'static str,
    ) -> Result<Self, AppError> {
        let (runtime, stop) = (single_thread_runtime()?, StopSwitch::default());
        stop.set_watched(false);
        signals::listen(
            single_thread_runtime()?,
            &stop,
            (console.screen, console.metrics),
            how_to_continue,
        )?;
        Ok(Self {
            console,
            stop,
            follows_run: false,
            runtime,
        })
    }

    /// The context of one of several runs. A signal stops all of them.
    pub(crate) fn for_run<'b>(
        &self,
        console: Console<'b>,
        follows_run: bool,
    ) -> Result<CommandContext<'b>, AppError> {
        Ok(CommandContext {
            console,
            stop: self.stop.clone(),
            follows_run,
            runtime: single_thread_runtime()?,
        })
    }

    /// A wait for files that another run has locked, starting now.
    pub(crate) fn lock_wait(&self, sending: &SendingArgs) -> LockWait<'_> {
        LockWait::new(
            sending,
            &self.stop,
            self.console.screen,
            self.console.metrics,
        )
    }

    /// Runs a future to its end. Meanwhile a signal only requests a stop, which the future has
    /// to watch for.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let is_watched = self.stop.is_watched();
        self.stop.set_watched(true);
        let done = self.runtime.block_on(work);
        self.stop.set_watched(is_watched);
        done
    }

    /// Everything is read that has to be read first. From now on a signal ends the command in
    /// an orderly way; before, it ends the program at once.
    pub(crate) fn start_writing(&self) {
        self.stop.set_watched(true);
    }
}

/// When something began, also on a monotonic clock.
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

/// The runtime of a command: one thread, see ARCHITECTURE.md.
pub(crate) fn single_thread_runtime() -> Result<runtime::Runtime, AppError> {
    let mut runtime = runtime::Builder::new_current_thread();
    runtime.enable_all().build().map_err(AppError::Setup)
}
