//! The command that says more about the causes than the closing text does.

use crate::{
    app::command_line::CommandLine,
    cause::FailureGroups,
    output::{MOST_CAUSES_NAMED, SuggestedCommand, SummarySource},
};

/// The command that explains the results, if the closing text does not name all rows and causes.
pub(super) fn explain_command(
    source: &SummarySource,
    problems: Option<&FailureGroups>,
) -> Option<SuggestedCommand> {
    let causes = problems?.by_size();
    let names_all_rows = causes
        .iter()
        .all(|cause| cause.rows == cause.first.len() as u64);
    if names_all_rows && causes.len() <= MOST_CAUSES_NAMED {
        return None;
    }
    let results = match source {
        SummarySource::Input { results, .. } => results.as_deref(),
        SummarySource::Recorded { report, .. } => report.as_deref(),
        SummarySource::SeveralInputs {} => None,
    }?;
    let command = CommandLine::new("explain").with_file(results);
    Some(SuggestedCommand::new(
        "to see every cause, and what to do about it",
        command,
    ))
}
