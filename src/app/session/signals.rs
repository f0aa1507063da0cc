//! Signals: the first one asks the run to stop, the second one ends the program.

use std::{sync::mpsc, thread, time::Duration};

use tokio::{runtime::Runtime, time::timeout};

use super::metrics::MetricsWriter;
use crate::{
    app::error::AppError,
    exit::ExitCode,
    messages::stop_reason_text,
    output::{Notice, Screen},
    stop::{Signal, StopReason, StopSwitch},
};

/// Before a run begins, files are read without watching for a stop. If that takes longer than
/// this after a signal, it may be a pipe whose first line never comes.
const STOP_CHECK_WITHIN: Duration = Duration::from_secs(1);

/// The longest time that the last words, and the last metrics, may take.
const SAYING_TAKES: Duration = Duration::from_millis(200);

/// Starts to listen on a separate thread, so that a run that is blocked (by a pipe that nobody
/// reads) can be ended too.
///
/// The observers are the screen, and who tells a monitor. `how_to_continue` says how the run can be
/// continued.
pub(crate) fn listen(
    runtime: Runtime,
    stop: &StopSwitch,
    (screen, metrics): (&Screen, Option<&MetricsWriter>),
    how_to_continue: &'static str,
) -> Result<(), AppError> {
    let mut source = {
        let _entered = runtime.enter();
        SignalSource::new().map_err(AppError::Setup)?
    };
    let (stop, screen) = (stop.clone(), screen.clone());
    let metrics = metrics.cloned();
    let work = move || {
        runtime.block_on(async {
            let signal = source.next().await;
            let is_watched = stop.is_watched();
            // During a question, or before the run, there is nothing to wait for.
            let waits_for_answers = is_watched && !stop.is_idle();
            stop.request(StopReason::Signal(signal));
            if !is_watched {
                // A command that is still reading has written nothing yet.
                let second_signal = timeout(STOP_CHECK_WITHIN, source.next()).await.is_ok();
                if second_signal || !stop.is_watched() {
                    say_last(&screen, signal);
                    leave(metrics.as_ref(), signal);
                }
            }
            // If nobody reads standard error, this must not block the second signal.
            thread::spawn(move || {
                if !waits_for_answers {
                    return;
                }
                screen.say(&format!(
                    "stopping: waiting up to 8 s for pending answers; press Ctrl-C again to quit \
                     now ({how_to_continue})"
                ));
            });
            leave(metrics.as_ref(), source.next().await);
        });
    };
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(work).map_err(AppError::Setup)?;
    Ok(())
}

/// Says why the program ends before its run has begun.
fn say_last(screen: &Screen, signal: Signal) {
    let reason = stop_reason_text(&StopReason::Signal(signal));
    let text = format!("hubassoc: {reason} while reading the input; nothing was sent");
    let (screen, (said, is_said)) = (screen.clone(), mpsc::channel());
    thread::spawn(move || {
        screen.conclude(&[Notice::error(text)], false);
        // Nobody may be waiting any more.
        let _ = said.send(());
    });
    // If nobody reads standard error, the program ends without the words.
    let _ = is_said.recv_timeout(SAYING_TAKES);
}

/// Leaves the program at once. A monitor is told, as long as that does not take long.
fn leave(metrics: Option<&MetricsWriter>, signal: Signal) -> ! {
    let code = ExitCode::of_signal(signal);
    if let Some(metrics) = metrics {
        metrics.end_within(code, SAYING_TAKES);
    }
    code.leave_now()
}

/// The number of SIGXFSZ on Linux, macOS and the BSDs.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

#[cfg(unix)]
struct SignalSource {
    /// `None` if hangups were ignored from the start, as under nohup.
    hangup: Option<tokio::signal::unix::Signal>,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Listening to it turns a file-size limit into a write error. Without it, the signal would
    /// kill the program.
    _file_size: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl SignalSource {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = (!is_hangup_ignored()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            hangup: hangup.transpose()?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            _file_size: signal(SignalKind::from_raw(SIGXFSZ)).ok(),
        })
    }

    async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = hangup => Signal::Hangup,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

/// Whether the program was started to outlive the terminal. Only Linux shows this without a
/// foreign function. Elsewhere a hangup stops the run, which can be resumed.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    const SIGHUP_BIT: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & SIGHUP_BIT != 0)
}

#[cfg(not(unix))]
struct SignalSource;

#[cfg(not(unix))]
impl SignalSource {
    #[expect(clippy::unnecessary_wraps, reason = "as on Unix, where it can fail")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        // If Ctrl-C cannot be listened to, no signal ever comes.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
