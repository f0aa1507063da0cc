//! Consent to the import of several inputs: a person is asked once for all of them.

use super::{
    command, consent,
    prepared_inputs::{PreparedRun, recorded_run},
};
use crate::{
    app::{
        error::AppError,
        preview::{input_preview::InputPreview, min_rows::count_up_to, preview_lines},
        session::command_context::CommandContext,
    },
    cli::ImportArgs,
    input::InputReader,
    journal::{Consent, RecordedRun},
    output::Screen,
};

/// Rows of one input that remain to be sent.
struct RowsToSend {
    /// Their number, or as many as make an import large.
    rows: u64,
    /// What a person has agreed to when the run began.
    agreed: Option<Consent>,
}

/// Asks for consent if all inputs together are large. Returns the consent to record; `None` if
/// nobody was asked.
///
/// Fails if the answer is no, or a signal comes first.
pub(super) fn ask_once(
    args: &ImportArgs,
    runs: &[PreparedRun],
    context: &CommandContext<'_>,
) -> Result<Option<Consent>, AppError> {
    if !consent::may_ask(args) {
        return Ok(None);
    }
    let to_send: Vec<_> = runs.iter().map(rows_to_send).collect();
    let are_many = |agreed: Option<Consent>| {
        let runs = to_send
            .iter()
            .filter(|run| agreed.is_none() || run.agreed != agreed);
        runs.map(|run| run.rows).sum::<u64>() >= consent::LARGE
    };
    if !are_many(None) {
        return Ok(None);
    }
    let connection = command::connect(args, None)?;
    let session_context = context.for_run(context.console, false)?;
    let session = command::new_session(args, None, connection, session_context)?;
    let account = context.block_on(session.delivery.caller().learn_account());
    let Some(details) = account else {
        // It was stopped. The first run reports why.
        return Ok(None);
    };
    let consent = consent::consent_to(details.as_ref());
    if consent::is_test_account(details.as_ref()) || !are_many(Some(consent)) {
        return Ok(None);
    }
    for run in runs {
        show(run, context.console.screen);
    }
    consent::ask_person(details.as_ref(), &session)?;
    Ok(Some(consent))
}

/// Read errors are reported when the input is imported.
fn rows_to_send(run: &PreparedRun) -> RowsToSend {
    let past = recorded_run(&run.args, &run.results);
    let done = past.as_ref().map_or(0, |past| past.rows().recorded.len());
    let most = done.saturating_add(consent::LARGE);
    let rows = count_up_to(&run.options, most, InputReader::rows_read).unwrap_or(most);
    RowsToSend {
        rows: rows.saturating_sub(done),
        agreed: past.as_ref().and_then(RecordedRun::consent),
    }
}

/// Shows what a person is asked about.
fn show(run: &PreparedRun, screen: &Screen) {
    let preview = InputPreview::new(&run.options, &run.shape);
    let definitions = preview_lines::definition_lines(&preview);
    for line in preview_lines::reading_lines(&run.options, &run.shape).chain(definitions) {
        screen.say(&line);
    }
}
