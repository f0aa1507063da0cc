//! Links that are missing because a later row of the run displaced them: HubSpot keeps the last
//! one if an administrator has limited them to one. Making them again would undo the work of
//! the later row.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use crate::{
    app::{error::AppError, past::past_run::PastRun, session::run::Session},
    association::{AdminLimits, Association, SingleLinkRecord},
    row::Failure,
};

/// What is known about rows whose link is missing.
pub(super) enum DisplacedRows {
    /// Rows that a later row has displaced.
    Rows(RoaringTreemap),
    /// The limits of the account could not be read, for this reason.
    Unknown(Failure),
}

/// Finds the `missing` rows that a later row has displaced. Asks the account for its limits.
///
/// # Errors
/// If the results cannot be read again.
pub(super) async fn find_displaced_rows(
    run: &PastRun,
    missing: &RoaringTreemap,
    session: &Session<'_>,
) -> Result<DisplacedRows, AppError> {
    let none = || Ok(DisplacedRows::Rows(RoaringTreemap::new()));
    if missing.is_empty() || !run.api_version.definitions().has_labels() {
        return none();
    }
    let delivery = &session.delivery;
    let limits = match delivery.caller().limits().await {
        Some(Ok(reported)) => {
            let table = run.api_version.definitions();
            AdminLimits::new(table, reported, run.options.labels.clone())
        }
        Some(Err(why)) => return Ok(DisplacedRows::Unknown(why)),
        None => return none(),
    };
    if limits.is_empty() {
        return none();
    }
    let records = |link: Association| {
        let mut link = delivery.identities().resolve(&link);
        limits.apply(&mut link.definition);
        link.single_link_records()
            .into_iter()
            .map(|(record, _)| record)
    };
    let mut of_missing = Vec::new();
    run.each_link(missing, |row, link| {
        of_missing.extend(records(link).map(|record| (record, row)));
    })?;
    // The last row of each record.
    let mut last: HashMap<SingleLinkRecord, u64> = of_missing.iter().copied().collect();
    run.each_link(&run.recorded.rows().linked(), |row, link| {
        for record in records(link) {
            last.entry(record).and_modify(|last| *last = row.max(*last));
        }
    })?;
    let displaced = of_missing.into_iter();
    let displaced = displaced.filter(|(record, row)| last.get(record) > Some(row));
    Ok(DisplacedRows::Rows(displaced.map(|(_, row)| row).collect()))
}
