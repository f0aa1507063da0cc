//! Makes the calls for a chunk of keys: page by page, and in smaller parts if HubSpot refuses many
//! at once.
//!
//! Paced, counted and retried like calls for rows. Keeps nothing.

use std::sync::Arc;

use super::{
    chunks::KeyChunk,
    domain_forms,
    finding::{KeyFinding, findings},
    search_pages::{AfterPage, SearchEnd, SearchPages},
    steps::LookupStage,
};
use crate::{
    api::{Api, KeyPage, KeyQuery, Operation, ResponsePayload},
    association::{KeyAnswer, KeyKind, RecordKey},
    caller::{
        Caller, Completion, LoggedRows, OperationState, PermitPool, PriorAttempts, SplitSiblings,
    },
    code::Code,
    failure::{Failure, LookupFault, MissingPayload, ResponseFault},
    http_status::HttpStatus,
};

/// What was found for the keys of a chunk.
pub(super) enum ChunkFindings {
    Known(Vec<(Arc<str>, KeyFinding)>),
    /// The run stops, or HubSpot did not answer.
    Unsettled,
    /// The token may not read such records.
    Denied(Failure),
}

/// Makes calls for keys.
#[derive(Debug)]
pub(super) struct KeyCalls<'a, A> {
    pub(super) caller: &'a Caller<A>,
    pub(super) permits: &'a PermitPool,
}

/// A part of a chunk that is still to be asked for.
struct ChunkPart {
    values: Vec<Arc<str>>,
    prior: PriorAttempts,
}

/// How the calls for a part ended.
enum PartEnd {
    Answered(Vec<KeyFinding>),
    Failed(Failure),
    /// Its halves have to be asked for.
    Split(PriorAttempts),
    /// The run stops, or HubSpot did not answer.
    Unsettled,
}

impl<A: Api> KeyCalls<'_, A> {
    /// Asks for the keys of a chunk.
    pub(super) async fn ask(&self, chunk: &KeyChunk) -> ChunkFindings {
        // Its parts are asked for one after the other: those that wait say nothing about the first.
        self.caller.operation_started();
        let findings = self.ask_in_parts(chunk).await;
        self.caller.operation_replaced(0);
        findings
    }

    async fn ask_in_parts(&self, chunk: &KeyChunk) -> ChunkFindings {
        let mut parts = vec![ChunkPart {
            values: chunk.values.clone(),
            prior: PriorAttempts::default(),
        }];
        let mut found = Vec::with_capacity(chunk.values.len());
        while let Some(ChunkPart { mut values, prior }) = parts.pop() {
            let end = match chunk.step.stage {
                LookupStage::Merged => self.read_one(chunk, &values[0], prior).await,
                LookupStage::First | LookupStage::Again | LookupStage::Archived => {
                    self.ask_part(chunk, &values, prior).await
                }
            };
            match end {
                PartEnd::Answered(findings) => found.extend(values.into_iter().zip(findings)),
                PartEnd::Failed(why) if why.http_status == Some(HttpStatus::FORBIDDEN) => {
                    return ChunkFindings::Denied(why);
                }
                PartEnd::Failed(why) => {
                    let failed = |value| (value, KeyFinding::Failed(why.clone()));
                    found.extend(values.into_iter().map(failed));
                }
                PartEnd::Split(prior) => {
                    let right = values.split_off(values.len().div_ceil(2));
                    parts.extend([right, values].map(|values| ChunkPart {
                        values,
                        prior: prior.clone(),
                    }));
                }
                PartEnd::Unsettled => return ChunkFindings::Unsettled,
            }
        }
        ChunkFindings::Known(found)
    }

    /// Asks for some keys.
    async fn ask_part(
        &self,
        chunk: &KeyChunk,
        values: &[Arc<str>],
        prior: PriorAttempts,
    ) -> PartEnd {
        let mut query = query(chunk, values);
        let answer = if chunk.property.kind() == KeyKind::Domain {
            self.search(&mut query, values.len(), prior).await
        } else {
            self.page(Operation::ReadByKey(&query), values.len(), prior)
                .await
        };
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(end) => return end,
        };
        // Without the forms that were only searched.
        query.values.truncate(values.len());
        let records = std::mem::take(&mut answer.records);
        PartEnd::Answered(with_faults(&query, findings(&query, records), &answer))
    }

    /// All records of a search. If they are not all there, or have changed meanwhile, it is made
    /// once more, and after that for fewer keys.
    async fn search(
        &self,
        query: &mut KeyQuery,
        keys: usize,
        prior: PriorAttempts,
    ) -> Result<KeyPage, PartEnd> {
        let (mut pages, mut end) = self.all_pages(query, keys, prior).await?;
        if matches!(end, SearchEnd::Changed | SearchEnd::Incomplete) {
            (pages, end) = self
                .all_pages(query, keys, PriorAttempts::default())
                .await?;
        }
        let (found, total) = (pages.found(), pages.total());
        let (code, fault) = match end {
            SearchEnd::Changed if keys > 1 => return Err(PartEnd::Split(PriorAttempts::default())),
            SearchEnd::Complete | SearchEnd::Changed => {
                return Ok(KeyPage {
                    records: pages.into_records(),
                    ..KeyPage::default()
                });
            }
            SearchEnd::Incomplete => (
                Code::NotRead,
                LookupFault::SearchIncomplete { found, total },
            ),
            // One of the keys has so many records.
            SearchEnd::TooLarge => (Code::RecordAmbiguous, LookupFault::SearchTooLarge { total }),
        };
        Err(if keys > 1 {
            PartEnd::Split(PriorAttempts::default())
        } else {
            PartEnd::Failed(Failure::new(code, ResponseFault::Lookup(fault)))
        })
    }

    /// The pages of a search from its beginning, and how it ended.
    async fn all_pages(
        &self,
        query: &mut KeyQuery,
        keys: usize,
        prior: PriorAttempts,
    ) -> Result<(SearchPages, SearchEnd), PartEnd> {
        let (mut pages, mut prior) = (SearchPages::default(), Some(prior));
        query.after = None;
        loop {
            let operation = Operation::SearchByKey(query);
            let page = self.page(operation, keys, prior.take().unwrap_or_default());
            match pages.add(page.await?) {
                AfterPage::More(after) => query.after = Some(after),
                AfterPage::Ended(end) => return Ok((pages, end)),
            }
        }
    }

    /// One page of what HubSpot answers.
    async fn page(
        &self,
        operation: Operation<'_>,
        keys: usize,
        prior: PriorAttempts,
    ) -> Result<KeyPage, PartEnd> {
        let mut state = self.state(keys, prior);
        let completion = self.complete(&mut state, operation).await;
        let payload = payload(completion, keys, &state, MissingPayload::KeyedRecords)?;
        Ok(payload.into_key_page().unwrap_or_default())
    }

    /// Reads one record by an id that may be that of a merged one.
    async fn read_one(&self, chunk: &KeyChunk, value: &Arc<str>, prior: PriorAttempts) -> PartEnd {
        let key = RecordKey {
            property: chunk.property,
            value: Arc::clone(value),
        };
        let Some((_, (object_type, id))) = key.address() else {
            return PartEnd::Answered(vec![KeyFinding::Missed]);
        };
        let ids = [id];
        let mut state = self.state(1, prior);
        let operation = Operation::Records(object_type, &ids);
        let completion = self.complete(&mut state, operation).await;
        let records = match payload(completion, 1, &state, MissingPayload::RecordId) {
            Ok(payload) => payload.into_records().unwrap_or_default(),
            Err(PartEnd::Failed(failure)) if failure.code == Code::RecordNotFound => {
                return PartEnd::Answered(vec![KeyFinding::Missed]);
            }
            Err(end) => return end,
        };
        let finding = records.first().map(|record| {
            let (old, new) = (record.asked, record.current);
            KeyFinding::Answered(if record.is_archived {
                KeyAnswer::Archived(new)
            } else if old == new {
                KeyAnswer::Found(new)
            } else {
                KeyAnswer::Merged { old, new }
            })
        });
        let without_id = || Failure::new(Code::NotRead, ResponseFault::IdMissing);
        PartEnd::Answered(vec![
            finding.unwrap_or_else(|| KeyFinding::Failed(without_id())),
        ])
    }

    fn state(&self, keys: usize, prior: PriorAttempts) -> OperationState {
        let rows = LoggedRows {
            first_row: None,
            count: keys,
        };
        OperationState::for_rows(None, rows, prior, self.caller.max_attempts())
    }

    async fn complete(&self, state: &mut OperationState, operation: Operation<'_>) -> Completion {
        let completion = self.caller.execute(state, Some(self.permits), operation);
        let completion = completion.await;
        state.release_permit();
        self.caller.operation_finished(state);
        completion
    }
}

/// The query for keys of a chunk.
fn query(chunk: &KeyChunk, values: &[Arc<str>]) -> KeyQuery {
    let values = match chunk.property.kind() {
        KeyKind::Domain => {
            // The domains come first, as they are.
            let others = values
                .iter()
                .flat_map(|domain| domain_forms::forms(domain).into_iter().skip(1));
            values.iter().cloned().chain(others).collect()
        }
        KeyKind::RecordUrl => {
            let id = |value: &Arc<str>| value.rsplit('/').next().unwrap_or_default().into();
            values.iter().map(id).collect()
        }
        KeyKind::Email | KeyKind::Unique => values.to_vec(),
    };
    KeyQuery {
        property: chunk.property,
        values,
        archived: chunk.step.stage == LookupStage::Archived,
        after: None,
    }
}

/// The payload of a response, or how the part ends without one. `wanted` is what the response has to
/// have.
fn payload(
    completion: Completion,
    keys: usize,
    state: &OperationState,
    wanted: MissingPayload,
) -> Result<ResponsePayload, PartEnd> {
    Err(match completion {
        Completion::Done {
            payload: Some(payload),
            ..
        } => return Ok(payload),
        Completion::Split | Completion::Parts(_) => PartEnd::Split(prior_attempts(state)),
        // One of the keys, or their number, may be the reason.
        Completion::Failed(failure) if keys > 1 && failure.code == Code::Rejected => {
            PartEnd::Split(PriorAttempts::default())
        }
        Completion::Failed(failure) => PartEnd::Failed(failure),
        Completion::Done { http_status, .. } => {
            let fault = ResponseFault::MissingPayload(Some(http_status), wanted);
            PartEnd::Failed(Failure::new(Code::UnexpectedAnswer, fault))
        }
        Completion::Unsettled => PartEnd::Unsettled,
    })
}

/// What the halves of a part inherit.
fn prior_attempts(state: &OperationState) -> PriorAttempts {
    PriorAttempts {
        requests_sent: state.requests_sent(),
        tries_used: state.tries_used(),
        has_own_fault: state.has_own_fault(),
        siblings: Some(SplitSiblings::default()),
    }
}

/// Adds what the errors of a response say about keys without a record.
fn with_faults(query: &KeyQuery, found: Vec<KeyFinding>, answer: &KeyPage) -> Vec<KeyFinding> {
    let is_only_one = query.values.len() == 1;
    let with_fault = |(value, finding): (&Arc<str>, KeyFinding)| {
        match finding {
            KeyFinding::Answered(_) | KeyFinding::Failed(_) => return finding,
            KeyFinding::Missed | KeyFinding::LeftOut | KeyFinding::Doubtful => {}
        }
        let mut faults = answer.faults.iter();
        let fault = faults.find(|fault| fault.values.contains(value));
        match (fault, &answer.unattributed) {
            (Some(fault), _) if fault.not_found => KeyFinding::Missed,
            (Some(fault), _) => KeyFinding::Failed(fault.failure.clone()),
            (None, Some(failure)) if is_only_one => KeyFinding::Failed(failure.clone()),
            (None, Some(_)) => KeyFinding::Doubtful,
            (None, None) => finding,
        }
    };
    query.values.iter().zip(found).map(with_fault).collect()
}
