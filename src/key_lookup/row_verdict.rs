//! What the answers about its keys mean for a row: the ids that are sent, or how it ends. Pure.

use crate::{
    account::AccountId,
    association::{Association, Candidates, KeyAnswer, RecordId, RecordKey, RecordReference},
    code::Code,
    failure::{Failure, KeyFault, KeyFaultKind, LookupFault, ResponseFault},
    row::{KeyedLink, LinkOrigin, Outcome, Row, RowLink, RowReport},
};

use super::finding::KeyFinding;

/// What is done with a row whose key several records have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AmbiguousPolicy {
    /// It fails.
    #[default]
    Fail,
    /// The oldest of the records is taken.
    TakeOldest,
}

/// How rows are judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowJudge {
    pub(super) ambiguous: AmbiguousPolicy,
    /// The account that is asked, if it is known.
    pub(super) account: Option<AccountId>,
}

/// A record that a row names, with the ids before and after a merge.
struct FoundEnd {
    first: RecordId,
    current: RecordId,
    key: Option<RecordKey>,
    note: Option<Failure>,
}

impl RowJudge {
    /// The row with the ids of its records, or its report if it has ended. `findings` are those for
    /// the keys of its two ends.
    pub(super) fn judge(
        self,
        mut row: Row,
        findings: [Option<KeyFinding>; 2],
    ) -> Result<Row, Box<RowReport>> {
        let KeyedLink {
            from,
            to,
            definition,
        } = match row.link {
            Ok(RowLink::Keyed(link)) => *link,
            Ok(RowLink::Known(_)) | Err(_) => return Ok(row),
        };
        let [of_from, of_to] = findings;
        let ends = self
            .end(from.clone(), of_from)
            .and_then(|found| Ok([found, self.end(to.clone(), of_to)?]));
        let [from, to] = match ends {
            Ok(ends) => ends,
            Err(outcome) => {
                let link = KeyedLink {
                    from,
                    to,
                    definition,
                };
                row.link = Ok(RowLink::Keyed(Box::new(link)));
                return Err(Box::new(RowReport::without_write(row, outcome)));
            }
        };
        let link = |from, to| Association {
            from,
            to,
            definition,
        };
        row.link = Ok(link(from.current, to.current).into());
        row.origin = Some(Box::new(LinkOrigin {
            link: link(from.first, to.first),
            keys: [from.key, to.key],
            note: from.note.or(to.note),
        }));
        Ok(row)
    }

    /// The record at one end, or the outcome of the row.
    fn end(
        self,
        reference: RecordReference,
        finding: Option<KeyFinding>,
    ) -> Result<FoundEnd, Outcome> {
        let key = match reference {
            RecordReference::Id(id) => return Ok(FoundEnd::by_id(id)),
            RecordReference::Key(key) => key,
        };
        if let (Some(account), Some((of_key, _))) = (self.account, key.address())
            && account != of_key
        {
            let fault = failure(Code::OtherAccount, key, KeyFaultKind::OtherAccount(account));
            return Err(Outcome::Invalid(fault.into()));
        }
        let failed = |code, key, kind| Err(Outcome::Failed(failure(code, key, kind).into()));
        match finding {
            Some(KeyFinding::Answered(KeyAnswer::Found(id))) => {
                Ok(FoundEnd::by_key(key, [id, id], None))
            }
            Some(KeyFinding::Answered(KeyAnswer::Merged { old, new })) => {
                Ok(FoundEnd::by_key(key, [old, new], None))
            }
            Some(KeyFinding::Answered(KeyAnswer::Ambiguous(candidates))) => {
                self.one_of(key, candidates)
            }
            Some(KeyFinding::Answered(KeyAnswer::Archived(id))) => {
                failed(Code::RecordArchived, key, KeyFaultKind::Archived(id))
            }
            Some(KeyFinding::Failed(why)) => {
                let wrap = |why| KeyFault {
                    key,
                    kind: KeyFaultKind::NotLookedUp(why),
                };
                Err(Outcome::Failed(why.wrap_detail(wrap).into()))
            }
            Some(
                KeyFinding::Answered(KeyAnswer::NotFound)
                | KeyFinding::Missed
                | KeyFinding::LeftOut,
            ) => failed(Code::RecordNotFound, key, KeyFaultKind::NotFound),
            // Nothing can be said of the record.
            Some(KeyFinding::Doubtful) | None => {
                let why = ResponseFault::Lookup(LookupFault::OtherRecords);
                let why = Box::new(why.into());
                failed(Code::NotRead, key, KeyFaultKind::NotLookedUp(why))
            }
        }
    }

    /// What follows for a key that several records have.
    fn one_of(self, key: RecordKey, candidates: Candidates) -> Result<FoundEnd, Outcome> {
        match self.ambiguous {
            AmbiguousPolicy::Fail => {
                let kind = KeyFaultKind::Ambiguous(candidates);
                Err(Outcome::Failed(
                    failure(Code::RecordAmbiguous, key, kind).into(),
                ))
            }
            AmbiguousPolicy::TakeOldest => {
                let oldest = candidates.oldest;
                let kind = KeyFaultKind::OldestChosen(candidates);
                let note = failure(Code::RecordAmbiguous, key.clone(), kind);
                Ok(FoundEnd::by_key(key, [oldest, oldest], Some(note)))
            }
        }
    }
}

impl FoundEnd {
    fn by_id(id: RecordId) -> Self {
        Self {
            first: id,
            current: id,
            key: None,
            note: None,
        }
    }

    fn by_key(key: RecordKey, [first, current]: [RecordId; 2], note: Option<Failure>) -> Self {
        Self {
            first,
            current,
            key: Some(key),
            note,
        }
    }
}

fn failure(code: Code, key: RecordKey, kind: KeyFaultKind) -> Failure {
    Failure::new(code, KeyFault { key, kind })
}
