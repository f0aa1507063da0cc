//! Links that are missing because a later row of the run took their place: HubSpot
//! keeps the last one where an administrator has limited them to one. To make those
//! again would break what the later row has made.

use std::collections::HashMap;

use roaring::RoaringTreemap;

use super::{AppError, past_run::PastRun};
use crate::{
    association::{Association, Limits, PrimaryOf},
    delivery::Delivery,
    hubspot::HubSpot,
    input::Input,
};

/// Which `missing` rows a later row has displaced; the account is asked for its limits.
///
/// # Errors
/// If the results cannot be read once more.
pub(super) async fn by_later_rows(
    run: &PastRun,
    missing: &RoaringTreemap,
    delivery: &Delivery<HubSpot>,
) -> Result<Result<RoaringTreemap, String>, AppError> {
    let none = || Ok(Ok(RoaringTreemap::new()));
    if missing.is_empty() || !run.dialect.definitions().has_labels() {
        return none();
    }
    let limits = match delivery.limits().await {
        Some(Ok(told)) => Limits::of(told, run.options.labels.clone()),
        Some(Err(why)) => return Ok(Err(why.message)),
        None => return none(),
    };
    if limits.is_empty() {
        return none();
    }
    let keys = |link: &Association| {
        let mut link = delivery.resolve(link);
        limits.tell(&mut link);
        link.once()
    };
    // The last row of each record of which one is missing.
    let mut last = HashMap::<PrimaryOf, u64>::new();
    each(run, |row, link| {
        if missing.contains(row) {
            let records = keys(link).into_iter().map(|(record, _)| record);
            last.extend(records.map(|record| (record, 0)));
        }
    })?;
    each(run, |row, link| {
        for (record, _) in keys(link) {
            last.entry(record).and_modify(|last| *last = row.max(*last));
        }
    })?;
    let mut displaced = RoaringTreemap::new();
    each(run, |row, link| {
        let is_last = |(record, _)| last.get(&record).is_none_or(|last| *last <= row);
        if missing.contains(row) && !keys(link).into_iter().all(is_last) {
            displaced.insert(row);
        }
    })?;
    Ok(Ok(displaced))
}

/// Shows each link that the run says it has made.
fn each(run: &PastRun, mut see: impl FnMut(u64, &Association)) -> Result<(), AppError> {
    let standing = run.past.rows().standing();
    let mut row = Input::empty_row();
    for (mut input, rows) in run.sources(&standing)? {
        while input.next_row(&mut row)? {
            if let Some(link) = row.link.as_ref().ok().filter(|_| rows.contains(row.number)) {
                see(row.number, link);
            }
        }
    }
    Ok(())
}
