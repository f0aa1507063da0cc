//! `sandbox`: runs only the sandbox, until it is interrupted.

use super::{
    error::AppError,
    sandbox_text,
    session::{command_context::single_thread_runtime, signals},
};
use crate::{
    exit::ExitCode,
    output::Screen,
    sandbox::{Sandbox, SandboxOptions},
    stop::{StopReason, StopSwitch},
};

/// Serves until a signal comes.
pub(super) fn sandbox(options: Box<SandboxOptions>, screen: &Screen) -> Result<ExitCode, AppError> {
    let exist = sandbox_text::existing_records(options.record_options.records.as_deref());
    let sandbox = Sandbox::start(*options)?;
    screen.say(&format!(
        "a local HubSpot is listening on {}",
        sandbox.base_url()
    ));
    screen.say(&format!("{exist}; press Ctrl-C to stop"));
    let stop = StopSwitch::default();
    signals::listen(
        single_thread_runtime()?,
        &stop,
        (&Screen::new(true, false), None),
        "nothing was kept",
    )?;
    single_thread_runtime()?.block_on(stop.requested());
    sandbox.stop();
    Ok(match stop.reason() {
        Some(StopReason::Signal(signal)) => ExitCode::of_signal(signal),
        Some(_) | None => ExitCode::Success,
    })
}
