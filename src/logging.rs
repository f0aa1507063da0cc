//! Log events on standard error, as text or JSON.
//!
//! Only this program's own events are logged, whatever filter the user sets. Events of the HTTP
//! stack would show tokens and URLs.

use tracing::warn;
use tracing_subscriber::{
    Layer as _, Registry,
    filter::{LevelFilter, Targets, filter_fn},
    fmt::{self, format::Writer, time::FormatTime},
    layer::{Filter, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::output::{QUESTION, ROWS, SCREEN, Screen};

/// RFC 3339 in UTC, to the second.
struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        write!(out, "{:.0}", jiff::Timestamp::now())
    }
}

const OURS: &str = env!("CARGO_PKG_NAME");

/// Starts logging to the screen. `filter` is the user's own (`RUST_LOG`) and
/// wins over `verbose`.
pub fn start(screen: &Screen, verbose: u8, quiet: bool, filter: Option<&str>, color: bool) {
    let own = filter.map(str::parse::<Targets>);
    let unreadable = own.as_ref().and_then(|own| own.as_ref().err());
    let unreadable = unreadable.map(ToString::to_string);
    let wanted = own.and_then(Result::ok);
    let wanted = wanted.unwrap_or_else(|| usual(screen, verbose, quiet));
    let wanted = wanted.with_target(QUESTION, LevelFilter::INFO);
    let finest = Filter::<Registry>::max_level_hint(&wanted).unwrap_or(LevelFilter::TRACE);
    // Without the hint every event of the HTTP stack would be formatted.
    let ours = filter_fn(|event| event.target().split("::").next() == Some(OURS))
        .with_max_level_hint(finest);
    let layer = if screen.is_json() {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(screen.clone())
            .boxed()
    } else {
        let color = color && screen.is_terminal();
        fmt::layer()
            .with_timer(Clock)
            .with_target(false)
            .with_ansi(color)
            .with_writer(screen.clone())
            .boxed()
    };
    // Filters of the layer alone would lose the event after a question whether one is
    // wanted (`enabled!`).
    let log = Registry::default().with(ours).with(wanted).with(layer);
    // Fails only where logging runs already, as in a test.
    let _ = log.try_init();
    if let Some(error) = unreadable {
        warn!(
            "RUST_LOG is ignored, because it cannot be read ({error}); write levels, or targets \
             with levels: info, hubassoc::rows=warn"
        );
    }
}

/// What is shown where the user has no filter.
fn usual(screen: &Screen, verbose: u8, quiet: bool) -> Targets {
    let (level, of_rows) = match (quiet, verbose) {
        (true, _) => (LevelFilter::ERROR, LevelFilter::OFF),
        (false, 0) if screen.is_json() => (LevelFilter::INFO, LevelFilter::INFO),
        // The closing text lists them by cause.
        (false, 0) => (LevelFilter::WARN, LevelFilter::OFF),
        (false, 1) => (LevelFilter::INFO, LevelFilter::INFO),
        (false, 2) => (LevelFilter::DEBUG, LevelFilter::DEBUG),
        (false, _) => (LevelFilter::TRACE, LevelFilter::TRACE),
    };
    Targets::new()
        .with_default(level)
        .with_target(ROWS, of_rows)
        // A quiet screen only shows how a run ended, if it did not succeed.
        .with_target(SCREEN, level.max(LevelFilter::INFO))
}
