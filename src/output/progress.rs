//! The progress display while a run is running: a bar on a terminal, else a line every half
//! minute. It has its own thread, so that it also shows waits.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use jiff::Timestamp;

use super::{
    formatting::{duration, number, plural, status_count},
    outcome_counts::OutcomeCounts,
    screen::Screen,
    speed_meter::SpeedMeter,
    total_rows::TotalRows,
};
use crate::{
    caller::{LaterSearch, Metrics},
    cell::clean,
    row::Status,
};

/// How often the bar is drawn.
const BAR_EVERY: Duration = Duration::from_millis(200);

/// How often a line is written without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Reasons are cut at this length, so that the line fits into 80 columns.
const REASON_CHARS: usize = 36;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressStyle {
    /// A bar that is redrawn in place.
    Bar,
    /// A line every half minute.
    Lines,
    /// A line every half minute, and one at the end even if the run is shorter.
    LinesAndFinal,
    /// Nothing.
    Silent,
}

/// What is shown: how many of the rows ended with which status.
#[derive(Debug)]
pub struct ProgressSource {
    /// How many rows there are.
    pub total: TotalRows,
    /// The statuses of the command.
    pub statuses: &'static [Status],
    /// The rows that have ended.
    pub counts: Arc<OutcomeCounts>,
    /// The metrics of the calls.
    pub metrics: Arc<Metrics>,
}

/// The progress display of a run. It ends when it is dropped.
#[derive(Debug)]
pub struct ProgressDisplay {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressDisplay {
    /// Starts the display.
    #[must_use]
    pub fn start(style: ProgressStyle, screen: Screen, source: ProgressSource) -> Self {
        let (interval, bar) = match style {
            ProgressStyle::Bar => (BAR_EVERY, Some(bar(&screen))),
            ProgressStyle::Lines | ProgressStyle::LinesAndFinal => (LINE_EVERY, None),
            ProgressStyle::Silent => {
                return Self {
                    end: None,
                    thread: None,
                };
            }
        };
        let (end, ended) = mpsc::channel();
        let ended_rows = source.counts.with_outcome();
        let speed = SpeedMeter::new(Instant::now(), ended_rows);
        let mut view = ProgressView { source, speed };
        let mut schedule = LineSchedule::new(ended_rows);
        let thread = thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(interval) {
                if let Some(bar) = &bar {
                    view.draw(bar);
                } else if schedule.is_due(view.source.counts.with_outcome(), view.is_paused()) {
                    screen.say(&view.line());
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            } else if style == ProgressStyle::LinesAndFinal {
                screen.say(&view.line());
            }
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the display must not fail the run.
            let _ = thread.join();
        }
    }
}

fn bar(screen: &Screen) -> ProgressBar {
    let bar = ProgressBar::no_length().with_style(bar_style("{spinner} {prefix}\n{msg}"));
    screen.bars().add(bar)
}

/// Sets the length of the bar, once the number of rows is known.
fn set_bar_length(bar: &ProgressBar, total: &TotalRows) {
    if let (None, Some(rows)) = (bar.length(), total.rows()) {
        bar.set_length(rows);
        bar.set_style(bar_style("{percent:>3}% {bar:20} {prefix}\n{msg}"));
    }
}

fn bar_style(template: &str) -> BarStyle {
    BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar())
}

/// The state behind the display.
struct ProgressView {
    source: ProgressSource,
    speed: SpeedMeter,
}

impl ProgressView {
    /// Whether sending is paused. The caller reports why, and for how long.
    fn is_paused(&self) -> bool {
        self.source.metrics.outage().is_some() || self.source.metrics.pause().is_some()
    }

    /// Draws the bar with the current state.
    fn draw(&mut self, bar: &ProgressBar) {
        set_bar_length(bar, &self.source.total);
        let (position, first, second) = self.lines();
        bar.set_position(position);
        bar.set_prefix(first);
        bar.set_message(second);
    }

    /// Everything in one line.
    fn line(&mut self) -> String {
        let (_, first, second) = self.lines();
        format!("{first}; {second}")
    }

    /// The position, and two lines that fit into 80 columns together with the bar.
    fn lines(&mut self) -> (u64, String, String) {
        let ended_rows = self.source.counts.with_outcome();
        let speed = self.speed.update(ended_rows, Instant::now());
        let of_total = self.source.total.rows();
        let of_total = of_total.map_or_else(String::new, |rows| format!(" of {}", number(rows)));
        let first = format!(
            "{}{of_total} rows, {}/s",
            number(ended_rows),
            speed_words(speed)
        );
        let is_paused =
            self.source.metrics.outage().is_some() || self.source.metrics.pause().is_some();
        let left = self
            .source
            .total
            .rows()
            .filter(|rows| *rows > ended_rows && speed > 0.0 && !is_paused);
        let left = left.map(|rows| {
            #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
            let left = rows.saturating_sub(ended_rows) as f64 / speed;
            let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
            format!(", {} left", duration(left))
        });
        let first = first + &left.unwrap_or_default();
        (ended_rows, first, self.second_line())
    }

    fn second_line(&self) -> String {
        let statuses = self.source.statuses.iter().copied();
        let counts = statuses.map(|status| (status, self.source.counts.with_status(status)));
        let mut parts: Vec<_> = counts
            .filter(|(status, rows)| *rows > 0 || !is_rare(*status))
            .map(|(status, rows)| status_count(rows, status))
            .collect();
        let ready = self.source.counts.ready();
        if ready > 0 {
            parts.insert(0, format!("{} ready", number(ready)));
        }
        parts.extend(self.wait_or_pace());
        parts.join(", ")
    }

    /// What the run waits for, or else its pace.
    fn wait_or_pace(&self) -> Option<String> {
        let metrics = &self.source.metrics;
        let waiting = metrics.waiting_rows();
        if let Some(outage) = metrics.outage() {
            let since = outage.since.strftime("%H:%M:%S");
            let until = outage.until.strftime("%H:%M:%S UTC");
            Some(format!("HubSpot away since {since}, giving up at {until}"))
        } else if let Some(pause) = metrics.pause() {
            let until = pause.until.strftime(if is_hours_away(pause.until) {
                "%b %d %H:%M UTC"
            } else {
                "%H:%M:%S UTC"
            });
            let reason = metrics.pause_reason(pause);
            Some(format!("paused until {until}: {reason}"))
        } else if waiting > 0 {
            let reason = clean(&metrics.retry_reason(), REASON_CHARS);
            Some(match reason.as_str() {
                "" => format!("{} waiting", number(waiting)),
                reason => format!("{} waiting: {reason}", number(waiting)),
            })
        } else if let Some(later) = metrics.later_search() {
            Some(later_search(later))
        } else {
            let pace = metrics.current_pace();
            pace.map(|rate| format!("pace {rate}"))
        }
    }
}

/// Decides when a line is written.
#[derive(Debug)]
struct LineSchedule {
    /// Rows with an outcome when the last one of them was noticed.
    ended_rows: u64,
    /// How many times there was no new row since.
    unchanged: u32,
}

impl LineSchedule {
    fn new(ended_rows: u64) -> Self {
        let unchanged = 0;
        Self {
            ended_rows,
            unchanged,
        }
    }

    /// Whether to write a line. Without a new row the interval doubles each time, and no line
    /// is written while sending is paused.
    fn is_due(&mut self, ended_rows: u64, is_paused: bool) -> bool {
        if ended_rows != self.ended_rows {
            *self = Self::new(ended_rows);
            return true;
        }
        self.unchanged += 1;
        self.unchanged.is_power_of_two() && !is_paused
    }
}

/// Whether a count of zero is left out.
fn is_rare(status: Status) -> bool {
    matches!(status, Status::Already | Status::Invalid)
}

/// `looking again for 3 domains in 7 s`
fn later_search(later: LaterSearch) -> String {
    let domains = plural(later.domains as u64, "domain", "domains");
    let left = later.at.duration_since(Timestamp::now()).as_secs() + 1;
    format!("looking again for {domains} in {} s", left.max(1))
}

/// Whether a bare time of day could be mistaken for one on another day.
fn is_hours_away(time: Timestamp) -> bool {
    const HOURS: i64 = 6;
    time.duration_since(Timestamp::now()).as_hours() >= HOURS
}

fn speed_words(rows_per_second: f64) -> String {
    if rows_per_second < 100.0 {
        format!("{rows_per_second:.1}")
    } else {
        format!("{rows_per_second:.0}")
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Mutex};

    use indicatif::{MultiProgress, ProgressDrawTarget, TermLike};

    use super::*;
    use crate::input::RowCount;

    /// The second line for rows with these statuses.
    fn second_line(statuses: &'static [Status], rows: &[Status]) -> String {
        let counts = OutcomeCounts::default();
        for status in rows {
            counts.add(*status);
        }
        let source = ProgressSource {
            total: TotalRows::Unknown,
            statuses,
            counts: Arc::new(counts),
            metrics: Arc::default(),
        };
        let speed = SpeedMeter::new(Instant::now(), 0);
        let view = ProgressView { source, speed };
        view.second_line()
    }

    #[test]
    fn lines_without_new_rows_get_rarer_and_none_comes_while_paused() {
        let mut schedule = LineSchedule::new(7);
        let ticks = |schedule: &mut LineSchedule, ended_rows, is_paused| {
            let ticks = 1..=40;
            let due = ticks.filter(|_| schedule.is_due(ended_rows, is_paused));
            due.collect::<Vec<u32>>()
        };
        assert_eq!(ticks(&mut schedule, 7, false), [1, 2, 4, 8, 16, 32]);
        assert_eq!(ticks(&mut schedule, 8, true), [1]);
        assert_eq!(
            (9..=12).filter(|rows| schedule.is_due(*rows, true)).count(),
            4
        );
    }

    #[test]
    fn the_second_line_has_the_statuses_of_the_command() {
        use Status::{Already, Kept, Removed, Succeeded};
        let undo = second_line(Status::OF_UNDO, &[Removed, Removed, Kept]);
        assert_eq!(undo, "2 removed, 1 kept, 0 failed");
        let import = second_line(Status::OF_IMPORT, &[Succeeded]);
        assert_eq!(import, "1 succeeded, 0 failed");
        let skipped = second_line(Status::OF_IMPORT, &[Succeeded, Already]);
        assert_eq!(skipped, "1 succeeded, 1 already there, 0 failed");
    }

    #[test]
    fn a_wait_for_another_search_is_named() {
        let source = ProgressSource {
            total: TotalRows::Unknown,
            statuses: Status::OF_IMPORT,
            counts: Arc::default(),
            metrics: Arc::default(),
        };
        let metrics = Arc::clone(&source.metrics);
        let speed = SpeedMeter::new(Instant::now(), 0);
        let view = ProgressView { source, speed };
        let hour = Duration::from_secs(3_600);
        metrics.set_later_search(Some((1_200, hour)));
        let line = view.second_line();
        let awaited = "0 succeeded, 0 failed, looking again for 1,200 domains in 3";
        assert!(line.starts_with(awaited), "{line}");
        metrics.set_later_search(None);
        assert_eq!(view.second_line(), "0 succeeded, 0 failed");
    }

    /// A terminal that passes on what is written to it.
    #[derive(Debug)]
    struct CapturingTerminal(Mutex<mpsc::Sender<String>>);

    impl TermLike for CapturingTerminal {
        fn width(&self) -> u16 {
            80
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            // At the end nobody receives it.
            let _ = self.0.lock().unwrap().send(text.to_owned());
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// If the percentage is missing after this many draws, it never comes.
    const MAX_DRAWS: usize = 50;

    #[test]
    fn the_bar_gets_its_length_and_percentage_once_the_rows_are_counted() {
        let (sender, written) = mpsc::channel();
        let terminal = CapturingTerminal(Mutex::new(sender));
        let target = ProgressDrawTarget::term_like(Box::new(terminal));
        let bars = MultiProgress::with_draw_target(target);
        let count = RowCount::default();
        let total = TotalRows::Counted {
            count: count.clone(),
            done: 0,
        };
        let counts = Arc::new(OutcomeCounts::default());
        counts.add(Status::Succeeded);
        let progress = ProgressDisplay::start(
            ProgressStyle::Bar,
            Screen::drawing_on(bars),
            ProgressSource {
                total,
                statuses: Status::OF_IMPORT,
                counts,
                metrics: Arc::default(),
            },
        );
        let next = || written.recv_timeout(Duration::from_secs(60)).unwrap();
        let first = std::iter::from_fn(|| Some(next())).find(|text| text.contains("1 rows"));
        assert_eq!(first.filter(|text| text.contains('%')), None);
        count.set(Some(2));
        let mut later = std::iter::from_fn(|| Some(next())).take(MAX_DRAWS);
        assert!(later.any(|text| text.contains("50%")), "no per cent");
        drop(progress);
    }
}
