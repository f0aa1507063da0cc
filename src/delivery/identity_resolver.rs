//! Finds out which records rows are about: asks for current ids, and asks again for each record
//! that a response to several leaves out.
//!
//! Keeps nothing: `identity` keeps the ids, and `existing` what was found.

use std::collections::BTreeMap;

use super::{
    batch::RowBatch,
    existing::ExistingLookup,
    identity::{Identities, ends},
    splitting::BatchEnd,
};
use crate::{
    api::{Api, LinkOperation, Operation, ResponsePayload},
    association::{RecordId, TypedRecordId},
    caller::Caller,
    code::Code,
    failure::{Failure, ResponseFault},
    http_status::HttpStatus,
};

/// Asks with `caller`, and stores what it learns in `identities`.
#[derive(Debug)]
pub(super) struct IdentityResolver<'a, A> {
    pub(super) caller: &'a Caller<A>,
    pub(super) identities: &'a Identities,
}

impl<A: Api> IdentityResolver<'_, A> {
    /// Finds out the current ids of the records of these rows; `None` if the run stops.
    pub(super) async fn identify_rows(&self, batch: &RowBatch) -> Option<()> {
        let records = batch.links().flat_map(ends).collect();
        self.identify(records, |_| None).await
    }

    /// Finds out the current ids of records; `None` if the run stops. If no record of a type was
    /// read yet, it first asks for the `sample`, which exists. That distinguishes a record that
    /// does not exist from a type that may not be read.
    async fn identify(
        &self,
        records: Vec<TypedRecordId>,
        sample: impl Fn(&str) -> Option<RecordId>,
    ) -> Option<()> {
        let mut by_type = BTreeMap::<_, Vec<_>>::new();
        for record in records {
            if self.identities.identity_of(record).is_none() {
                by_type.entry(record.0).or_default().push(record.1);
            }
        }
        let most = |ids| {
            self.caller
                .api()
                .max_links(LinkOperation::Identify, ids)
                .max(1)
        };
        for (object_type, mut ids) in by_type {
            ids.sort_unstable();
            ids.dedup();
            if !self.identities.is_readable(object_type)
                && let Some(sample) = sample(object_type)
            {
                ids.insert(0, sample);
            }
            for ids in ids.chunks(most(ids.len())) {
                self.identify_chunk(object_type, ids).await?;
            }
        }
        Some(())
    }

    /// A link that the lookup did not find may exist under another id, or a response may have left
    /// it out. Asks until neither is in doubt, as far as that can be known.
    pub(super) async fn resolve_doubts(&self, lookup: &mut ExistingLookup) -> BatchEnd {
        lookup
            .existing_records()
            .for_each(|record| self.identities.mark_current(record));
        if self.identify_doubtful(lookup).await.is_none() {
            return BatchEnd::Unsettled;
        }
        let left_out = lookup.left_out_records(self.identities);
        let asks_alone = !left_out.is_empty();
        for record in left_out {
            let mut query = lookup.query_alone(record);
            // Its further pages come one by one.
            loop {
                let page = self
                    .caller
                    .ask_for(Operation::Read(&query), ResponsePayload::into_links);
                let Some(page) = page.await else {
                    return BatchEnd::Unsettled;
                };
                let goes_on = match page {
                    Ok(page) => lookup.take_page_alone(record, page),
                    Err(failure) => {
                        lookup.mark_unread(record, failure);
                        false
                    }
                };
                if !goes_on {
                    break;
                }
                query = lookup.query().clone();
            }
        }
        // What was found for them may put their other ends in doubt.
        if asks_alone && self.identify_doubtful(lookup).await.is_none() {
            return BatchEnd::Unsettled;
        }
        BatchEnd::Answered
    }

    async fn identify_doubtful(&self, lookup: &ExistingLookup) -> Option<()> {
        let sample = |object_type: &str| lookup.known_record_of_type(object_type);
        self.identify(lookup.all_records_in_doubt(), sample).await
    }

    /// Asks for several ids at once, and then alone for those that the response does not name.
    async fn identify_chunk(&self, object_type: &'static str, ids: &[RecordId]) -> Option<()> {
        if let [_, _, ..] = ids {
            let several = Operation::Records(object_type, ids);
            match self.caller.ask(several).await? {
                Ok(payload) => self.record_merges(object_type, payload),
                Err(failure) if failure.code == Code::ConnectionFailed => {
                    self.identities.mark_type_denied(object_type, failure);
                }
                // Each one is asked for alone.
                Err(_) => {}
            }
        }
        for id in ids {
            let record = (object_type, *id);
            if self.identities.identity_of(record).is_some() {
                continue;
            }
            let alone = [*id];
            let one = Operation::Records(object_type, &alone);
            match self.caller.ask(one).await? {
                Ok(payload) => self.record_merges(object_type, payload),
                // HubSpot will say the same about a write, and which end is missing.
                Err(failure) if failure.code == Code::RecordNotFound => {
                    self.identities.mark_missing(record, failure);
                }
                // All records of the type may be affected.
                Err(failure)
                    if matches!(
                        failure.http_status,
                        Some(HttpStatus::FORBIDDEN | HttpStatus::NOT_FOUND)
                    ) && failure.code == Code::NotRead
                        || failure.code == Code::ConnectionFailed =>
                {
                    self.identities.mark_type_denied(object_type, failure);
                }
                Err(failure) => self.identities.mark_unknown(record, failure),
            }
            if self.identities.identity_of(record).is_none() {
                let failure = Failure::new(Code::NotRead, ResponseFault::IdMissing);
                self.identities.mark_unknown(record, failure);
            }
        }
        Some(())
    }

    fn record_merges(&self, object_type: &'static str, payload: ResponsePayload) {
        for record in payload.into_records().unwrap_or_default() {
            let pair = (record.asked, record.current);
            self.identities.record_merge(object_type, pair);
        }
    }
}
