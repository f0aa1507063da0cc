//! A session: a command that can call HubSpot and processes rows.

use std::sync::Arc;

use futures_util::Stream;

use super::{
    command_context::{CommandContext, StartTime},
    connect::{self, Destination},
};
use crate::{
    app::error::AppError,
    association::Merges,
    caller::Caller,
    cli::SendingArgs,
    delivery::Delivery,
    hubspot::HubSpot,
    output::{OutcomeCounts, ProgressDisplay, ProgressSource, Screen, TotalRows},
    pipeline::{self, ConcurrencyLimits, PassThrough, ResolveRows, RowStrategy},
    row::{Row, Status},
    stop::StopSwitch,
};

/// A command that can call HubSpot.
pub(crate) struct Session<'a> {
    pub(crate) context: CommandContext<'a>,
    pub(crate) destination: Destination,
    pub(crate) delivery: Delivery<HubSpot>,
    /// How many calls and rows go at once.
    pub(crate) concurrency_limits: ConcurrencyLimits,
    pub(crate) started: StartTime,
}

/// What a command does with rows.
pub(crate) trait RowJob: RowStrategy {
    /// The statuses that its rows can have, in the order of display.
    const STATUSES: &'static [Status];

    /// The rows per status so far.
    fn counts(&self) -> Arc<OutcomeCounts>;

    /// Runs before the first row is sent.
    async fn before_first_row(&mut self) -> Result<(), AppError> {
        Ok(())
    }
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        context: CommandContext<'a>,
        destination: Destination,
        caller: Caller<HubSpot>,
        sending: &SendingArgs,
    ) -> Self {
        if let Some(metrics) = context.console.metrics {
            metrics.watch_calls(caller.metrics());
        }
        Self {
            concurrency_limits: connect::concurrency_limits(sending, destination.api_version),
            started: StartTime::now(),
            context,
            destination,
            delivery: Delivery::new(caller, sending.concurrency.0.get()),
        }
    }

    /// Adds records that are already known to be merged.
    pub(crate) fn with_merges(mut self, merges: Merges) -> Self {
        self.delivery = self.delivery.with_known_merges(merges);
        self
    }

    pub(crate) fn screen(&self) -> &'a Screen {
        self.context.console.screen
    }

    pub(crate) fn stop(&self) -> &StopSwitch {
        &self.context.stop
    }

    /// Processes all rows, or stops when the session is stopped.
    pub(crate) fn run<J: RowJob>(
        &self,
        rows: impl Stream<Item = Vec<Row>>,
        total: TotalRows,
        job: J,
    ) -> Result<(), AppError> {
        self.run_resolving(rows, PassThrough, total, job)
    }

    /// Processes all rows, once this resolver has found out what they link.
    pub(crate) fn run_resolving<J: RowJob>(
        &self,
        rows: impl Stream<Item = Vec<Row>>,
        resolver: impl ResolveRows,
        total: TotalRows,
        mut job: J,
    ) -> Result<(), AppError> {
        let (console, stop) = (&self.context.console, self.stop());
        if let Some(metrics) = console.metrics {
            metrics.watch_rows(J::STATUSES, job.counts());
        }
        let progress = ProgressSource {
            total,
            statuses: J::STATUSES,
            counts: job.counts(),
            metrics: self.delivery.caller().metrics(),
        };
        self.context.block_on(async {
            let screen = console.screen.clone();
            let _progress = ProgressDisplay::start(console.style, screen, progress);
            job.before_first_row().await?;
            let (delivery, limits) = (&self.delivery, self.concurrency_limits);
            pipeline::run_resolving(rows, resolver, delivery, stop, limits, job).await;
            Ok(())
        })
    }
}
