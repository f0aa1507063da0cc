//! Links that are missing because a later row of the run took their place: HubSpot
//! keeps the last one where an administrator has limited them to one. To make those
//! again would break what the later row has made.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use crate::{
    app::{error::AppError, past::past_run::PastRun, session::run::Session},
    association::{AdminLimits, Association, SingleLinkRecord},
    row::Failure,
};

/// What became known of rows whose link is missing.
pub(super) enum DisplacedRows {
    /// Those that a later row has displaced.
    Rows(RoaringTreemap),
    /// The account did not tell its limits, and why.
    Unknown(Failure),
}

/// Which `missing` rows a later row has displaced; the account is asked for its limits.
///
/// # Errors
/// If the results cannot be read once more.
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
        Some(Ok(told)) => {
            let table = run.api_version.definitions();
            AdminLimits::new(table, told, run.options.labels.clone())
        }
        Some(Err(why)) => return Ok(DisplacedRows::Unknown(why)),
        None => return none(),
    };
    if limits.is_empty() {
        return none();
    }
    let records = |link: Association| {
        let mut link = delivery.identities().resolve(&link);
        limits.apply(&mut link);
        link.single_link_records()
            .into_iter()
            .map(|(record, _)| record)
    };
    let mut of_missing = Vec::new();
    run.each_link(missing, |row, link| {
        of_missing.extend(records(link).map(|record| (record, row)));
    })?;
    // The last row of each of their records.
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
