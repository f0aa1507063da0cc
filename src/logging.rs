//! Log events on standard error, as text or JSON.
//!
//! Only this program's own events are let through: the HTTP stack's would
//! show tokens and URLs, whatever filter the user sets.

use tracing_subscriber::{
    Layer as _, Registry,
    filter::{LevelFilter, Targets, filter_fn},
    fmt::{self, format::Writer, time::FormatTime},
    layer::{Filter, SubscriberExt as _},
    util::SubscriberInitExt as _,
};

use crate::output::Screen;

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
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) if screen.is_json() => LevelFilter::INFO,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let wanted = filter.and_then(|filter| filter.parse::<Targets>().ok());
    let wanted = wanted.unwrap_or_else(|| Targets::new().with_default(level));
    let finest = Filter::<Registry>::max_level_hint(&wanted).unwrap_or(LevelFilter::TRACE);
    // Without the hint every event of the HTTP stack would be looked at.
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
    let layers = layer.with_filter(wanted).with_filter(ours);
    // Fails only where logging runs already, as in a test.
    let _ = Registry::default().with(layers).try_init();
}
