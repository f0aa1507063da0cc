//! A scripted API that has links: it answers creates, removals and questions by
//! what stands, does wrong where a test says so, and keeps every call.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc, time::Duration};

use hubassoc::{
    api::{Act, Answer, Api, Call, Class, Found, Group, Page, Part, Reading, Told, Verdict},
    association::{CanonicalLink, RecordId, WriteRequest},
    code::Code,
    http_status::HttpStatus,
};
use tokio::time::{Instant, sleep};

use super::{
    Link,
    verdicts::{failure, ms, not_told},
};

/// So long each call takes.
pub(crate) const LATENCY: Duration = ms(50);

/// Records in a question at most.
pub(crate) const MOST_ASKED: usize = 1_000;

/// One call, and when it was made.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) act: Act,
    /// What is written, or asked for.
    pub(crate) links: Vec<Link>,
    /// Records that are asked about.
    pub(crate) records: usize,
    pub(crate) from: Duration,
}

impl Sent {
    /// Whether it counts in the window of single calls.
    pub(super) fn is_single(&self) -> bool {
        self.act != Act::Read && self.links.len() == 1
    }
}

/// What the server does with a call.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    /// What it is asked for, and says so.
    Right,
    /// The same, but it does not tell of any link.
    Untold,
    /// Nothing, and does not tell of any link.
    Nothing,
    /// The same as `Untold` and `Nothing`, but it says that it is still at it.
    Accepts { writes: bool },
    /// It answers this.
    Says(Verdict),
    /// It tells of a question that no record could be read.
    ReadsNone,
}

pub(super) type Script = dyn Fn(&Sent, usize) -> Does;

/// The server.
pub(super) struct Server {
    pub(super) script: Box<Script>,
    pub(super) started: Instant,
    /// Pages of each record.
    pub(super) pages: usize,
    pub(super) sent: Rc<RefCell<Vec<Sent>>>,
    pub(super) stands: Rc<RefCell<BTreeSet<Link>>>,
}

fn plain(link: &CanonicalLink) -> Link {
    (link.from().get(), link.to().get(), link.definition().get())
}

impl Server {
    fn sent(&self, act: Act, links: Vec<Link>, records: usize) -> Sent {
        let from = self.started.elapsed();
        Sent {
            act,
            links,
            records,
            from,
        }
    }

    /// Writes, and what that comes to.
    fn write(&self, sent: &Sent, does: Does) -> Verdict {
        let http_status = HttpStatus::CREATED;
        let mut stands = self.stands.borrow_mut();
        if matches!(
            does,
            Does::Right | Does::Untold | Does::Accepts { writes: true }
        ) {
            for link in &sent.links {
                match sent.act {
                    Act::Remove => drop(stands.remove(link)),
                    Act::Create | Act::Read | Act::Identify => drop(stands.insert(*link)),
                }
            }
        }
        match does {
            Does::Right | Does::ReadsNone => Verdict::Done { http_status },
            Does::Untold | Does::Nothing | Does::Accepts { .. } => {
                let untold = Part::Unconfirmed {
                    http_status,
                    is_pending: matches!(does, Does::Accepts { .. }),
                };
                Verdict::Each(vec![untold; sent.links.len()])
            }
            Does::Says(verdict) => verdict,
        }
    }

    /// What stands is on the last page of its record.
    fn page(&self, reading: &Reading) -> Page {
        let mut page = Page::default();
        let stands = self.stands.borrow();
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
            page.found.extend(standing.map(|link| Found {
                from: link.from(),
                to: link.to(),
                association_types: vec![link.definition().association_type()],
                unknown: None,
            }));
        }
        page
    }
}

/// None of these could be read.
fn unread(reading: &Reading) -> Page {
    let records = reading.pages.iter();
    let unread = |(record, _): &(RecordId, _)| (*record, failure(Code::Rejected));
    Page {
        unread: records.map(unread).collect(),
        ..Page::default()
    }
}

impl Api for Server {
    fn class(&self, call: Call<'_>) -> Class {
        match call {
            Call::Create([_, _, ..]) | Call::Remove([_, _, ..]) | Call::Read(_) => Class::Batch,
            Call::Create(_)
            | Call::Remove(_)
            | Call::Records(..)
            | Call::Labels(..)
            | Call::Limits
            | Call::Account
            | Call::Day
            | Call::Scopes => Class::Single,
        }
    }

    fn most(&self, act: Act, rows: usize) -> usize {
        if act == Act::Read { MOST_ASKED } else { rows }
    }

    fn group(&self, _act: Act, _order: &WriteRequest) -> Group {
        Group::default()
    }

    fn replaces(&self) -> bool {
        true
    }

    async fn call(&self, call: Call<'_>) -> Answer {
        let links =
            |orders: &[WriteRequest]| orders.iter().map(|order| plain(&order.link)).collect();
        let (sent, reading) = match call {
            Call::Create(orders) => (self.sent(Act::Create, links(orders), 0), None),
            Call::Remove(orders) => (self.sent(Act::Remove, links(orders), 0), None),
            Call::Read(reading) => {
                let links = reading.links.iter().map(plain).collect();
                (
                    self.sent(Act::Read, links, reading.pages.len()),
                    Some(reading),
                )
            }
            // No record was merged.
            Call::Records(_, ids) => {
                let records = ids.iter().map(|id| (*id, *id)).collect();
                return Answer {
                    told: Some(Told::Records(records)),
                    ..Answer::only(Verdict::Done {
                        http_status: HttpStatus::OK,
                    })
                };
            }
            Call::Labels(..) | Call::Limits | Call::Account | Call::Day | Call::Scopes => {
                return Answer::only(not_told());
            }
        };
        let n = self.sent.borrow().len();
        let does = (self.script)(&sent, n);
        self.sent.borrow_mut().push(sent.clone());
        sleep(LATENCY).await;
        let Some(reading) = reading else {
            return Answer::only(self.write(&sent, does));
        };
        let page = match does {
            Does::Says(verdict) => return Answer::only(verdict),
            Does::ReadsNone => unread(reading),
            Does::Right | Does::Untold | Does::Nothing | Does::Accepts { .. } => self.page(reading),
        };
        Answer {
            told: Some(Told::Standing(page)),
            ..Answer::only(Verdict::Done {
                http_status: HttpStatus::OK,
            })
        }
    }
}
