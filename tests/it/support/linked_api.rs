//! A scripted API with links: it answers creates, removals and reads from the existing links,
//! misbehaves where a test says so, and records every call.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use hubassoc::{
    api::{
        Api, ApiResponse, BatchGroup, IdentifiedRecord, ItemResult, LinkOperation, LinkPage,
        LinkQuery, Operation, PairAssociations, RateClass, ResponsePayload, Verdict,
    },
    association::{CanonicalLink, LinkRequest, RecordId},
    code::Code,
    http_status::HttpStatus,
};
use tokio::time::{Instant, sleep};

use super::{
    Link,
    verdicts::{account_refused, failure, ms},
};

/// The latency of each call.
pub(crate) const LATENCY: Duration = ms(50);

/// Maximum number of records in a read.
pub(crate) const MOST_ASKED: usize = 1_000;

/// One call and its time.
#[derive(Clone, Debug)]
pub(crate) struct RecordedCall {
    pub(crate) act: LinkOperation,
    /// The links that are written or read.
    pub(crate) links: Vec<Link>,
    /// The number of records in a read.
    pub(crate) records: usize,
    pub(crate) from: Duration,
}

impl RecordedCall {
    /// Whether the call counts in the window of single calls.
    pub(super) fn is_single(&self) -> bool {
        self.act != LinkOperation::Read && self.links.len() == 1
    }
}

/// How the server reacts to a call.
#[derive(Clone, Debug)]
pub(crate) enum ServerBehavior {
    /// Executes the call and confirms every link.
    Complete,
    /// Executes the call, but confirms no link.
    CompleteUnconfirmed,
    /// Does nothing, and confirms no link.
    NothingUnconfirmed,
    /// Confirms no link and reports that the work is still in progress, whether it `writes` or not.
    PendingUnconfirmed { writes: bool },
    /// Answers with this verdict.
    Respond(Verdict),
    /// Reports that no record of a read could be read.
    AllReadsFail,
}

pub(super) type Script = dyn Fn(&RecordedCall, usize) -> ServerBehavior;

/// The server.
pub(super) struct LinkedApi {
    pub(super) script: Box<Script>,
    pub(super) started: Instant,
    /// Pages of each record.
    pub(super) pages: usize,
    pub(super) sent: Rc<RefCell<Vec<RecordedCall>>>,
    pub(super) existing: Rc<RefCell<BTreeSet<Link>>>,
}

fn plain(link: &CanonicalLink) -> Link {
    (link.from().get(), link.to().get(), link.definition().get())
}

impl LinkedApi {
    fn sent(&self, act: LinkOperation, links: Vec<Link>, records: usize) -> RecordedCall {
        let from = self.started.elapsed();
        RecordedCall {
            act,
            links,
            records,
            from,
        }
    }

    /// Writes the links and returns the verdict.
    fn write(&self, sent: &RecordedCall, behavior: ServerBehavior) -> Verdict {
        let http_status = HttpStatus::CREATED;
        let mut stands = self.existing.borrow_mut();
        if matches!(
            behavior,
            ServerBehavior::Complete
                | ServerBehavior::CompleteUnconfirmed
                | ServerBehavior::PendingUnconfirmed { writes: true }
        ) {
            for link in &sent.links {
                match sent.act {
                    LinkOperation::Remove => drop(stands.remove(link)),
                    LinkOperation::Create | LinkOperation::Read | LinkOperation::Identify => {
                        stands.insert(*link);
                    }
                }
            }
        }
        match behavior {
            ServerBehavior::Complete | ServerBehavior::AllReadsFail => {
                Verdict::Done { http_status }
            }
            ServerBehavior::CompleteUnconfirmed
            | ServerBehavior::NothingUnconfirmed
            | ServerBehavior::PendingUnconfirmed { .. } => {
                let untold = ItemResult::Unconfirmed {
                    http_status,
                    is_pending: matches!(behavior, ServerBehavior::PendingUnconfirmed { .. }),
                };
                Verdict::PerLink(vec![untold; sent.links.len()])
            }
            ServerBehavior::Respond(verdict) => verdict,
        }
    }

    /// Existing links are on the last page of their record.
    fn page(&self, reading: &LinkQuery) -> LinkPage {
        let mut page = LinkPage::default();
        let stands = self.existing.borrow();
        for (record, after) in &reading.pages {
            let number = after.as_deref().map_or(1, |page| page.parse().unwrap());
            if number < self.pages {
                page.next.push((*record, (number + 1).to_string()));
                continue;
            }
            page.named.push(*record);
            let mut stood = stands.iter();
            if let Some((_, to, _)) = stood.find(|(from, ..)| *from == record.get()) {
                page.linked.push((*record, RecordId::new(*to).unwrap()));
            }
            let links = reading.links.iter().filter(|link| link.from() == *record);
            let standing = links.filter(|link| stands.contains(&plain(link)));
            page.found.extend(standing.map(|link| PairAssociations {
                from: link.from(),
                to: link.to(),
                association_types: vec![link.definition().association_type()],
                unknown: None,
            }));
        }
        page
    }
}

/// A page that says that none of these records could be read.
fn unread(reading: &LinkQuery) -> LinkPage {
    let records = reading.pages.iter();
    let unread = |(record, _): &(RecordId, _)| (*record, failure(Code::Rejected));
    LinkPage {
        unread: records.map(unread).collect(),
        ..LinkPage::default()
    }
}

impl Api for LinkedApi {
    fn class(&self, call: Operation<'_>) -> RateClass {
        match call {
            Operation::Create([_, _, ..]) | Operation::Remove([_, _, ..]) | Operation::Read(_) => {
                RateClass::Batch
            }
            Operation::SearchByKey(_) => RateClass::Search,
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Records(..)
            | Operation::ReadByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => RateClass::Single,
        }
    }

    fn max_links(&self, act: LinkOperation, rows: usize) -> usize {
        if act == LinkOperation::Read {
            MOST_ASKED
        } else {
            rows
        }
    }

    fn batch_group(&self, _act: LinkOperation, _order: &LinkRequest) -> BatchGroup {
        BatchGroup::default()
    }

    fn replaces_types(&self) -> bool {
        true
    }

    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        let links =
            |orders: &[LinkRequest]| orders.iter().map(|order| plain(&order.link)).collect();
        let (sent, reading) = match call {
            Operation::Create(orders) => (self.sent(LinkOperation::Create, links(orders), 0), None),
            Operation::Remove(orders) => (self.sent(LinkOperation::Remove, links(orders), 0), None),
            Operation::Read(reading) => {
                let links = reading.links.iter().map(plain).collect();
                (
                    self.sent(LinkOperation::Read, links, reading.pages.len()),
                    Some(reading),
                )
            }
            Operation::Records(_, ids) => {
                // No record was merged.
                let records = ids.iter().map(|id| IdentifiedRecord {
                    asked: *id,
                    current: *id,
                    is_archived: false,
                });
                return done(ResponsePayload::Records(records.collect()));
            }
            Operation::ReadByKey(_)
            | Operation::SearchByKey(_)
            | Operation::Properties(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => {
                return ApiResponse::from_verdict(account_refused());
            }
        };
        let n = self.sent.borrow().len();
        let behavior = (self.script)(&sent, n);
        self.sent.borrow_mut().push(sent.clone());
        sleep(LATENCY).await;
        let Some(reading) = reading else {
            return ApiResponse::from_verdict(self.write(&sent, behavior));
        };
        let page = match behavior {
            ServerBehavior::Respond(verdict) => return ApiResponse::from_verdict(verdict),
            ServerBehavior::AllReadsFail => unread(reading),
            ServerBehavior::Complete
            | ServerBehavior::CompleteUnconfirmed
            | ServerBehavior::NothingUnconfirmed
            | ServerBehavior::PendingUnconfirmed { .. } => self.page(reading),
        };
        done(ResponsePayload::Links(page))
    }
}

fn done(payload: ResponsePayload) -> ApiResponse {
    ApiResponse {
        payload: Some(payload),
        ..ApiResponse::from_verdict(Verdict::Done {
            http_status: HttpStatus::OK,
        })
    }
}
