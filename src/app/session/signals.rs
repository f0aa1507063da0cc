//! Signals: the first asks the run to stop, the second ends the program.

use std::{thread, time::Duration};

use tokio::{runtime::Runtime, time::timeout};

use crate::{
    app::error::AppError,
    exit::ExitCode,
    output::Screen,
    stop::{Signal, StopReason, StopSwitch},
};

/// Before a run begins, files are read in one go: where that takes longer than this after a
/// signal, the first line of a pipe may never come.
const STOP_CHECK_WITHIN: Duration = Duration::from_secs(1);

/// Listens from now on, on a thread of its own: a run that is blocked (by a
/// pipe that nobody reads) can be ended as well.
///
/// `afterwards` says how it can be gone on with.
pub(crate) fn listen(
    runtime: Runtime,
    stop: &StopSwitch,
    screen: &Screen,
    afterwards: &'static str,
) -> Result<(), AppError> {
    let mut source = {
        let _entered = runtime.enter();
        SignalSource::new().map_err(AppError::Setup)?
    };
    let (stop, screen) = (stop.clone(), screen.clone());
    let work = move || {
        runtime.block_on(async {
            let signal = source.next().await;
            let is_watched = stop.is_watched();
            // At a question, or before there is a run, nothing could be waited for.
            let drains = is_watched && !stop.is_idle();
            stop.request(StopReason::Signal(signal));
            if !is_watched {
                // Whoever reads what never comes has written nothing yet.
                let again = timeout(STOP_CHECK_WITHIN, source.next()).await.is_ok();
                if again || !stop.is_watched() {
                    ExitCode::of_signal(signal).leave_now();
                }
            }
            // Whoever does not read what is said must not keep the second one.
            thread::spawn(move || {
                if !drains {
                    return;
                }
                screen.say(&format!(
                    "stopping: waiting up to 8 s for pending answers; press Ctrl-C again to quit \
                     now ({afterwards})"
                ));
            });
            ExitCode::of_signal(source.next().await).leave_now();
        });
    };
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(work).map_err(AppError::Setup)?;
    Ok(())
}

/// The number of SIGXFSZ on Linux, macOS and the BSDs.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

#[cfg(unix)]
struct SignalSource {
    /// `None` where it was ignored from the start, as under nohup.
    hangup: Option<tokio::signal::unix::Signal>,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// Listened to only so that a file-size limit is an error of the write,
    /// and does not kill the program.
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

/// Whether whoever started the program wants it to outlive the terminal. Only
/// Linux tells without a foreign function; elsewhere a hangup stops the run,
/// which can be gone on with.
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
        // Where Ctrl-C cannot be heard, nothing ever comes.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
