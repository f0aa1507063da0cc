//! A session: a command that can call HubSpot. It goes through rows, whatever is done for
//! them.

use std::sync::Arc;

use futures_util::Stream;

use super::{
    connect::{Place, bounds},
    opening::{Clock, Opening},
};
use crate::{
    app::error::AppError,
    association::Merges,
    caller::Caller,
    cli::SendingArgs,
    delivery::Delivery,
    hubspot::HubSpot,
    import::{self, Bounds, Command},
    output::{OutcomeCounts, ProgressDisplay, ProgressSource, Screen, TotalRows},
    row::{Row, Status},
    stop::Stop,
};

/// A command that can call HubSpot.
pub(crate) struct Session<'a> {
    pub(crate) opening: Opening<'a>,
    pub(crate) place: Place,
    pub(crate) delivery: Delivery<HubSpot>,
    /// How much goes on at once.
    pub(crate) bounds: Bounds,
    pub(crate) clock: Clock,
}

/// What is done for rows.
pub(crate) trait Job: Command {
    /// How they can end, as it is told.
    const STATUSES: &'static [Status];

    /// How many have ended how.
    fn counts(&self) -> Arc<OutcomeCounts>;

    /// What is done before the first of them goes.
    async fn begin(&mut self) -> Result<(), AppError> {
        Ok(())
    }
}

impl<'a> Session<'a> {
    pub(crate) fn of(
        opening: Opening<'a>,
        place: Place,
        caller: Caller<HubSpot>,
        sending: &SendingArgs,
    ) -> Self {
        Self {
            bounds: bounds(sending, place.dialect),
            clock: Clock::start(),
            opening,
            place,
            delivery: Delivery::new(caller, sending.concurrency.0.get()),
        }
    }

    /// Where it is known already that records were merged.
    pub(crate) fn knowing(mut self, merges: Merges) -> Self {
        self.delivery = self.delivery.knowing(merges);
        self
    }

    pub(crate) fn screen(&self) -> &'a Screen {
        self.opening.console.screen
    }

    pub(crate) fn stop(&self) -> &Stop {
        &self.opening.stop
    }

    /// Goes through rows, from the first to the last, or until the session is stopped.
    pub(crate) fn run<J: Job>(
        &self,
        rows: impl Stream<Item = Vec<Row>>,
        total: TotalRows,
        mut job: J,
    ) -> Result<(), AppError> {
        let (console, stop) = (&self.opening.console, self.stop());
        let shown = ProgressSource {
            total,
            statuses: J::STATUSES,
            counts: job.counts(),
            metrics: self.delivery.caller().metrics(),
        };
        self.opening.wait_for(async {
            let screen = console.screen.clone();
            let _progress = ProgressDisplay::start(console.style, screen, shown);
            job.begin().await?;
            import::run_command(rows, &self.delivery, stop, self.bounds, job).await;
            Ok(())
        })
    }
}
