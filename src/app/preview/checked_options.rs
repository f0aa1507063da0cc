//! How an input is read, and the labels and types that its rows name, without any connection.
//! Refuses what an import would refuse.

use super::{labels, min_rows};
use crate::{
    app::{error::AppError, session::command_context::Console},
    association::LabelReference,
    cli::ImportArgs,
    config,
    input::{self, InputOptions},
};

/// How the rows are read, and the labels and types that they name, each with its first line.
pub(crate) fn checked_options(
    args: &ImportArgs,
    console: Console<'_>,
) -> Result<(InputOptions, Vec<(LabelReference, u64)>), AppError> {
    config::check_batch(args.input.api, args.sending.pace.batch)?;
    config::base_url(args.sending.connection.base_url())?;
    let options = config::input(&args.input)?;
    min_rows::check_file(&options, args.input.min_rows)?;
    let references = input::label_references(&options)?;
    labels::refuse_unknown_types(&options, &references, console.keys_in_log)?;
    Ok((options, references))
}
