//! What is shown while the run goes on: a bar on a terminal, else a line
//! every half minute. A thread of its own, so that it tells of waits, too.

use std::{
    collections::VecDeque,
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
    counts::Counts,
    screen::Screen,
    total::Total,
    words::{duration, ended, number},
};
use crate::{caller::Metrics, cell::clean, row::Status};

/// How often the bar is drawn.
const BAR_EVERY: Duration = Duration::from_millis(200);

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Rows per second are taken over this time.
const SPEED_OVER: Duration = Duration::from_secs(30);

/// Reasons are cut here, so that the line fits 80 columns.
const REASON_CHARS: usize = 36;

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressStyle {
    /// A bar that is redrawn in place.
    Bar,
    /// A line every half minute.
    Lines,
    /// The same, and one at the end, also of a run that takes less.
    LinesToTheEnd,
    /// Nothing.
    Silent,
}

/// What is shown: of the rows how many ended with one of the statuses.
#[derive(Debug)]
pub struct Shown {
    /// How many rows there are.
    pub total: Total,
    /// The words of the command.
    pub statuses: &'static [Status],
    /// The rows that have ended.
    pub counts: Arc<Counts>,
    /// What the calls come to.
    pub metrics: Arc<Metrics>,
}

/// The display of a run; it ends when dropped.
#[derive(Debug)]
pub struct Progress {
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts to show it.
    #[must_use]
    pub fn start(style: ProgressStyle, screen: Screen, shown: Shown) -> Self {
        let (every, bar) = match style {
            ProgressStyle::Bar => (BAR_EVERY, Some(bar(&screen))),
            ProgressStyle::Lines | ProgressStyle::LinesToTheEnd => (LINE_EVERY, None),
            ProgressStyle::Silent => {
                return Self {
                    end: None,
                    thread: None,
                };
            }
        };
        let (end, ended) = mpsc::channel();
        let settled = shown.counts.settled();
        let speed = Speed::from(Instant::now(), settled);
        let mut view = View { shown, speed };
        let mut news = News::after(settled);
        let thread = thread::spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(every) {
                if let Some(bar) = &bar {
                    view.draw(bar);
                } else if news.is_any(view.shown.counts.settled(), view.is_held()) {
                    screen.say(&view.line());
                }
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            } else if style == ProgressStyle::LinesToTheEnd {
                screen.say(&view.line());
            }
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A display that broke is no fault of the run.
            let _ = thread.join();
        }
    }
}

fn bar(screen: &Screen) -> ProgressBar {
    let bar = ProgressBar::no_length().with_style(bar_style("{spinner} {prefix}\n{msg}"));
    screen.bars().add(bar)
}

/// Gives the bar its length, once that is known.
fn measure(bar: &ProgressBar, total: &Total) {
    if let (None, Some(rows)) = (bar.length(), total.rows()) {
        bar.set_length(rows);
        bar.set_style(bar_style("{percent:>3}% {bar:20} {prefix}\n{msg}"));
    }
}

fn bar_style(template: &str) -> BarStyle {
    BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar())
}

/// What the display reads.
struct View {
    shown: Shown,
    speed: Speed,
}

impl View {
    /// Whether nothing is sent. Delivery says why, and how long that has lasted.
    fn is_held(&self) -> bool {
        self.shown.metrics.outage().is_some() || self.shown.metrics.pause().is_some()
    }

    /// Draws the bar as all stands now.
    fn draw(&mut self, bar: &ProgressBar) {
        measure(bar, &self.shown.total);
        let (position, first, second) = self.lines();
        bar.set_position(position);
        bar.set_prefix(first);
        bar.set_message(second);
    }

    /// All in one line.
    fn line(&mut self) -> String {
        let (_, first, second) = self.lines();
        format!("{first}; {second}")
    }

    /// The position, and two lines that fit 80 columns together with the bar.
    fn lines(&mut self) -> (u64, String, String) {
        let settled = self.shown.counts.settled();
        let speed = self.speed.over(settled, Instant::now());
        let of = self.shown.total.rows();
        let of = of.map_or_else(String::new, |rows| format!(" of {}", number(rows)));
        let first = format!("{}{of} rows, {}/s", number(settled), speed_words(speed));
        let is_held = self.shown.metrics.outage().is_some() || self.shown.metrics.pause().is_some();
        let left = self
            .shown
            .total
            .rows()
            .filter(|rows| *rows > settled && speed > 0.0 && !is_held);
        let left = left.map(|rows| {
            #[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
            let left = rows.saturating_sub(settled) as f64 / speed;
            let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
            format!(", {} left", duration(left))
        });
        let first = first + &left.unwrap_or_default();
        (settled, first, self.second())
    }

    fn second(&self) -> String {
        let counted = self.shown.statuses.iter().copied();
        let counted = counted.map(|status| (status, self.shown.counts.of(status)));
        let mut parts: Vec<_> = counted
            .filter(|(status, rows)| *rows > 0 || !is_rare(*status))
            .map(|(status, rows)| ended(rows, status))
            .collect();
        let waiting = self.shown.metrics.waiting_rows();
        if let Some(outage) = self.shown.metrics.outage() {
            let since = outage.since.strftime("%H:%M:%S");
            let until = outage.until.strftime("%H:%M:%S UTC");
            parts.push(format!("away since {since}, stops at {until}"));
        } else if let Some(pause) = self.shown.metrics.pause() {
            let until = pause.until.strftime(if is_far(pause.until) {
                "%b %d %H:%M UTC"
            } else {
                "%H:%M:%S UTC"
            });
            let reason = self.shown.metrics.pause_reason(pause);
            parts.push(format!("paused until {until}: {reason}"));
        } else if waiting > 0 {
            let reason = clean(&self.shown.metrics.retry_reason(), REASON_CHARS);
            parts.push(match reason.as_str() {
                "" => format!("{} waiting", number(waiting)),
                reason => format!("{} waiting: {reason}", number(waiting)),
            });
        } else if let Some(rate) = self.shown.metrics.current_pace() {
            parts.push(format!("pace {rate}"));
        }
        parts.join(", ")
    }
}

/// Which lines have news.
#[derive(Debug)]
struct News {
    settled: u64,
    /// So many times nothing has changed.
    unchanged: u32,
}

impl News {
    fn after(settled: u64) -> Self {
        let unchanged = 0;
        Self { settled, unchanged }
    }

    /// Whether a line would say anything new; without a new row it does so at each
    /// doubling of the time.
    fn is_any(&mut self, settled: u64, is_held: bool) -> bool {
        if settled != self.settled {
            *self = Self::after(settled);
            return true;
        }
        self.unchanged += 1;
        self.unchanged.is_power_of_two() && !is_held
    }
}

/// Whether there are usually none, and nothing is said then.
fn is_rare(status: Status) -> bool {
    matches!(status, Status::Already | Status::Invalid)
}

/// Whether a time of day alone might be taken for another day's.
fn is_far(time: Timestamp) -> bool {
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

/// Rows per second over the last half minute.
#[derive(Debug)]
struct Speed {
    samples: VecDeque<(Instant, u64)>,
}

impl Speed {
    fn from(start: Instant, rows: u64) -> Self {
        Self {
            samples: VecDeque::from([(start, rows)]),
        }
    }

    fn over(&mut self, rows: u64, now: Instant) -> f64 {
        self.samples.push_back((now, rows));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(at, _)| now.duration_since(*at) > SPEED_OVER)
        {
            self.samples.pop_front();
        }
        let (then, before) = self.samples[0];
        let seconds = now.duration_since(then).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rows = rows.saturating_sub(before) as f64;
        if seconds > 0.0 { rows / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Mutex};

    use indicatif::{MultiProgress, ProgressDrawTarget, TermLike};

    use super::*;
    use crate::input::RowCount;

    /// What is said of rows that ended like this.
    fn said(statuses: &'static [Status], rows: &[Status]) -> String {
        let counts = Counts::default();
        for status in rows {
            counts.add(*status);
        }
        let shown = Shown {
            total: Total::Unknown,
            statuses,
            counts: Arc::new(counts),
            metrics: Arc::default(),
        };
        let speed = Speed::from(Instant::now(), 0);
        let view = View { shown, speed };
        view.second()
    }

    #[test]
    fn a_line_without_a_new_row_comes_at_each_doubling_and_never_while_the_run_is_held() {
        let mut news = News::after(7);
        let ticks = |news: &mut News, settled, is_held| {
            let ticks = 1..=40;
            let told = ticks.filter(|_| news.is_any(settled, is_held));
            told.collect::<Vec<u32>>()
        };
        assert_eq!(ticks(&mut news, 7, false), [1, 2, 4, 8, 16, 32]);
        assert_eq!(ticks(&mut news, 8, true), [1]);
        assert_eq!((9..=12).filter(|rows| news.is_any(*rows, true)).count(), 4);
    }

    #[test]
    fn the_words_are_those_of_the_command() {
        use Status::{Already, Kept, Removed, Succeeded};
        let undo = said(Status::OF_UNDO, &[Removed, Removed, Kept]);
        assert_eq!(undo, "2 removed, 1 kept, 0 failed");
        let import = said(Status::OF_IMPORT, &[Succeeded]);
        assert_eq!(import, "1 succeeded, 0 failed");
        let skipped = said(Status::OF_IMPORT, &[Succeeded, Already]);
        assert_eq!(skipped, "1 succeeded, 1 already there, 0 failed");
    }

    /// A terminal that hands on what is written to it.
    #[derive(Debug)]
    struct Written(Mutex<mpsc::Sender<String>>);

    impl TermLike for Written {
        fn width(&self) -> u16 {
            80
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            // Nobody listens to the end.
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

    /// A bar without a per cent is drawn so often, and then it never gets one.
    const DRAWN: usize = 50;

    #[test]
    fn the_bar_gets_its_length_and_its_per_cent_once_the_rows_are_counted() {
        let (sender, written) = mpsc::channel();
        let terminal = Written(Mutex::new(sender));
        let target = ProgressDrawTarget::term_like(Box::new(terminal));
        let bars = MultiProgress::with_draw_target(target);
        let count = RowCount::default();
        let total = Total::Counted {
            count: count.clone(),
            done: 0,
        };
        let counts = Arc::new(Counts::default());
        counts.add(Status::Succeeded);
        let progress = Progress::start(
            ProgressStyle::Bar,
            Screen::drawing_on(bars),
            Shown {
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
        let mut later = std::iter::from_fn(|| Some(next())).take(DRAWN);
        assert!(later.any(|text| text.contains("50%")), "no per cent");
        drop(progress);
    }
}
