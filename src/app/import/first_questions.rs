//! What is found out before rows are read: the labels that they name, and limits of administrators.

use std::path::Path;

use super::{
    admin_limits::AdminLimitsLookup,
    resume::{self, EarlierRun},
};
use crate::{
    app::{
        error::AppError,
        preview::{labels, min_rows},
        session::run::Session,
    },
    association::LabelReference,
    cli::ImportArgs,
    input::{self, InputOptions},
    journal::{self, RecordedRun},
    messages::KeysInLog,
};

/// The labels that the rows name, if rows cannot be read without them.
pub(super) fn label_references(
    args: &ImportArgs,
    results_path: &Path,
    earlier: Option<&EarlierRun>,
    options: &InputOptions,
    keys_in_log: KeysInLog,
) -> Result<Vec<(LabelReference, u64)>, AppError> {
    let past = earlier.and_then(EarlierRun::past);
    min_rows::check_file(options, args.input.min_rows)?;
    let references = input::label_references(options)?;
    if past.is_none() {
        labels::refuse_unknown_types(options, &references, keys_in_log)?;
    }
    if !references.is_empty() && past.is_none() && !earlier.is_some_and(EarlierRun::is_replaced) {
        // Checked before HubSpot is asked.
        journal::refuse_existing(results_path)?;
    }
    Ok(references)
}

/// Looks up these labels, and the limits of administrators if they are needed before rows are
/// read.
pub(super) async fn resolve_labels_and_limits(
    args: &ImportArgs,
    past: Option<&RecordedRun>,
    references: &[(LabelReference, u64)],
    options: &mut InputOptions,
    session: &Session<'_>,
) -> Result<AdminLimitsLookup, AppError> {
    labels::resolve(options, references, session).await?;
    let limits = AdminLimitsLookup::new(args.input.api);
    if resume::has_earlier_rows_to_send(past, &resume::rows_to_resend(args, past)) {
        limits.fetch(session, options.labels.as_ref()).await;
    }
    Ok(limits)
}
