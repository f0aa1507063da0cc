//! Asks a person at the terminal for consent. A signal ends it at once, and what is typed after that is
//! never taken for an answer.

use std::{
    io::{self, IsTerminal as _},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::error::AppError;
use crate::{output::Screen, stop::StopSwitch};

/// A yes counts only if no signal comes within this time: a line typed right after Ctrl-C may
/// be read before the signal arrives. The same holds for the end of input when the terminal is
/// closed.
const SIGNALS_TAKE: Duration = Duration::from_millis(100);

/// Whether a person can be asked: somebody who sees the question and can answer it.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether the answer is `yes`.
///
/// Fails if a signal comes first.
pub(super) async fn is_agreed(
    prompt: &str,
    stop: &StopSwitch,
    screen: &Screen,
) -> Result<bool, AppError> {
    let _waiting = stop.idle();
    screen.prompt(prompt);
    let answer = stop.unless_requested(line()).await.transpose();
    let answer = answer.map(|line| line.is_some_and(|line| line.trim() == "yes"));
    if matches!(answer, Ok(true) | Err(_)) {
        let signal = stop.unless_requested(tokio::time::sleep(SIGNALS_TAKE));
        signal.await;
    }
    match stop.reason() {
        Some(reason) => Err(AppError::LeftUnanswered(reason)),
        None => answer,
    }
}

/// The next line of standard input. A separate thread reads it, so that the program can end
/// without waiting for it.
async fn line() -> Result<String, AppError> {
    let (sender, receiver) = oneshot::channel();
    let read = move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // After a signal nobody receives it.
        let _ = sender.send(read);
    };
    let thread = thread::Builder::new().name("question".to_owned());
    thread.spawn(read).map_err(AppError::Setup)?;
    let line = receiver.await.unwrap_or_else(|_| Ok(String::new()));
    line.map_err(AppError::Setup)
}
