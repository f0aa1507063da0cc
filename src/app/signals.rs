//! Signals: the first asks the run to stop, the second ends the program.

use tokio::task::JoinHandle;

use super::AppError;
use crate::{
    exit::ExitCode,
    stop::{Signal, Stop, StopReason},
};

/// Listens as long as the returned guard lives.
pub(super) fn listen(stop: &Stop) -> Result<Listening, AppError> {
    let mut source = Source::new().map_err(AppError::Setup)?;
    let stop = stop.clone();
    let task = tokio::spawn(async move {
        stop.request(StopReason::Signal(source.next().await));
        ExitCode::of_signal(source.next().await).leave_now();
    });
    Ok(Listening(task))
}

/// Ends the listening when dropped.
pub(super) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
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
