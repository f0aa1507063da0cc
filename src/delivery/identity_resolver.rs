//! Finds out which records rows are about: asks for the ids of today, and alone for
//! what an answer to many leaves out.
//!
//! Holds nothing: what is learnt is `identity`'s, and what was found `look`'s.

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

/// Who asks, and where what it learns is kept.
#[derive(Debug)]
pub(super) struct IdentityResolver<'a, A> {
    pub(super) caller: &'a Caller<A>,
    pub(super) identities: &'a Identities,
}

impl<A: Api> IdentityResolver<'_, A> {
    /// Finds out the ids of today of the records of these rows; `None` if the run
    /// stops.
    pub(super) async fn identify_rows(&self, batch: &RowBatch) -> Option<()> {
        let records = batch.links().flat_map(ends).collect();
        self.identify(records, |_| None).await
    }

    /// Finds out the ids of today of records; `None` if the run stops. Of a type of
    /// which no record was read yet, the `sample`, which exists, is asked for first: it
    /// tells a record that does not exist from one that may not be read.
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

    /// What a look has not found may stand under another id, or may not have been
    /// told of: asks until neither is in doubt, as far as that can be known.
    pub(super) async fn resolve_doubts(&self, lookup: &mut ExistingLookup) -> BatchEnd {
        lookup
            .found_records()
            .for_each(|record| self.identities.mark_current(record));
        if self.identify_doubtful(lookup).await.is_none() {
            return BatchEnd::Unsettled;
        }
        let left_out = lookup.left_out_records(self.identities);
        let asks_alone = !left_out.is_empty();
        for record in left_out {
            let mut reading = lookup.query_alone(record);
            // Its further pages come one by one.
            loop {
                let page = self
                    .caller
                    .ask_for(Operation::Read(&reading), ResponsePayload::into_links);
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
                reading = lookup.query().clone();
            }
        }
        // What they were found to have may leave their other ends in doubt.
        if asks_alone && self.identify_doubtful(lookup).await.is_none() {
            return BatchEnd::Unsettled;
        }
        BatchEnd::Answered
    }

    async fn identify_doubtful(&self, lookup: &ExistingLookup) -> Option<()> {
        let sample = |object_type: &str| lookup.known_record_of_type(object_type);
        self.identify(lookup.all_records_in_doubt(), sample).await
    }

    /// Several at once; those that such an answer does not name alone.
    async fn identify_chunk(&self, object_type: &'static str, ids: &[RecordId]) -> Option<()> {
        if let [_, _, ..] = ids {
            match self
                .caller
                .ask(Operation::Records(object_type, ids))
                .await?
            {
                Ok(told) => {
                    self.record_merges(object_type, told.into_records().unwrap_or_default())
                }
                Err(failure) if failure.code == Code::ConnectionFailed => {
                    self.identities.mark_type_denied(object_type, failure);
                }
                // Each alone has an answer of its own.
                Err(_) => {}
            }
        }
        for id in ids {
            let record = (object_type, *id);
            if self.identities.identity_of(record).is_some() {
                continue;
            }
            match self
                .caller
                .ask(Operation::Records(object_type, &[*id]))
                .await?
            {
                Ok(told) => {
                    let told = told.into_records().unwrap_or_default();
                    self.record_merges(object_type, told);
                }
                // HubSpot will say so of a write, too, and of which end.
                Err(failure)
                    if failure.code == Code::RecordNotFound
                        && self.identities.is_readable(object_type) =>
                {
                    self.identities.mark_current(record);
                }
                // That may be so of all records of the type.
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

    fn record_merges(&self, object_type: &'static str, told: Vec<(RecordId, RecordId)>) {
        for pair in told {
            self.identities.record_merge(object_type, pair);
        }
    }
}
