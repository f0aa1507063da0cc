//! One request after the other: what it is dealt, whether it may, what it
//! does, and what is answered.
//!
//! Pure but for the lock around its memory; sockets and waiting are the
//! server's.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    answer::{Answer, Standing},
    crm::Moment,
    deed::{Carried, Deed, Unrouted},
    endpoint::Endpoint,
    error::SandboxError,
    fault::{FaultKind, Fortune, Lot},
    ledger::{Answered, Call, Ledger},
    limit::CallLimit,
    memory::Memory,
    options::SandboxOptions,
    quota::Class,
    request::{Arrived, Request},
};

/// The account that answers.
#[derive(Debug)]
pub(super) struct Room {
    token: Option<String>,
    fortune: Fortune,
    record_limit: usize,
    memory: Mutex<Memory>,
}

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is answered after a while.
    Answered(Reply, Duration),
    /// Its connection is reset after a while.
    Reset(Duration),
    /// Nothing ever comes.
    Silence,
}

/// An answer, with what it tells of the quotas.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) standing: Option<Standing>,
    pub(super) id: u128,
}

impl Room {
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        Ok(Self {
            token: options.token.clone(),
            fortune: Fortune {
                faults: options.faults.clone(),
                latency: options.latency,
                seed: options.seed,
            },
            record_limit: options.record_limit,
            memory: Mutex::new(Memory::new(options)?),
        })
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.memory().ledger.clone()
    }

    pub(super) fn links(&self) -> BTreeSet<String> {
        self.memory().crm.told()
    }

    pub(super) fn set_limit(&self, limit: CallLimit) {
        let memory = &mut *self.memory();
        memory.quota.set_limit(limit, Instant::now());
    }

    /// Decides on a request and carries it out; only the waiting is left.
    pub(super) fn receive(&self, arrived: Arrived<'_>) -> Fate {
        let request = Request::read(arrived);
        let memory = &mut *self.memory();
        memory.ledger.arrived(&request);
        let lot = self.fortune.deal(memory.ledger.requests);
        let mut carried = Carried::Nothing;
        let mut real = || {
            let reply;
            (reply, carried) = self.answer(memory, &request, &lot);
            reply
        };
        let fate = match lot.fault {
            None | Some(FaultKind::Silent) => Fate::Answered(real(), lot.latency),
            Some(FaultKind::ResetAfter) => {
                let _lost = real();
                Fate::Reset(lot.latency)
            }
            Some(FaultKind::Reset) => Fate::Reset(lot.latency),
            Some(FaultKind::Silence) => Fate::Silence,
            Some(FaultKind::Html) => bare(Answer::LoginPage, &lot),
            Some(FaultKind::Redirect) => bare(Answer::ToLoginPage, &lot),
            Some(FaultKind::Status(status)) => broken(memory, &request, status, &lot),
        };
        let status = match &fate {
            Fate::Answered(reply, _) => Answered::With(reply.answer.status()),
            Fate::Reset(_) => Answered::ByReset,
            Fate::Silence => Answered::Never,
        };
        memory.ledger.ends.count(status);
        self.note(memory, &request, status, &carried);
        fate
    }

    /// Notes a request and what came of it.
    fn note(
        &self,
        memory: &mut Memory,
        request: &Request<'_>,
        status: Answered,
        carried: &Carried,
    ) {
        let (items, ledger) = (request.items(), &mut memory.ledger);
        if request.deed() == Deed::Create {
            let carried = (0..items.len()).filter(|index| carried.of(*index));
            ledger.applied += carried.count() as u64;
        }
        let call = Call {
            request: ledger.requests,
            at: request.arrived.at.into_std(),
            batch: request.class() == Class::Batch,
            associations: items.len(),
            status: status.status(),
            applied: carried.any(),
        };
        let catalogue = &memory.crm.catalogue;
        let links = items.iter().enumerate().map(|(index, item)| {
            let association = request.association(item, catalogue);
            (association, carried.of(index))
        });
        ledger.note(self.record_limit, call, links);
    }

    fn answer(&self, memory: &mut Memory, request: &Request<'_>, lot: &Lot) -> (Reply, Carried) {
        let id = lot.id;
        let reply = |answer| {
            let standing = None;
            let reply = Reply {
                answer,
                standing,
                id,
            };
            (reply, Carried::Nothing)
        };
        let endpoint = match &request.endpoint {
            Ok(Endpoint::Login) => return reply(Answer::LoginPage),
            // Known by its form alone, and outside every quota (HubSpot's
            // limits are told of calls with a token).
            Ok(Endpoint::Token { dated }) => {
                return reply(memory.grant(&request.arrived, *dated, id));
            }
            Ok(Endpoint::TokenInfo) => {
                return reply(memory.describe(&request.arrived, self.token.as_deref()));
            }
            Ok(endpoint) => endpoint,
            Err(Unrouted::NoSuchPath) => return reply(Answer::NoSuchPath),
            Err(Unrouted::WrongMethod) => return reply(Answer::WrongMethod),
        };
        let now = request.arrived.at;
        let proved = request
            .arrived
            .token()
            .and_then(|token| memory.issuer.prove(token, self.token.as_deref(), now));
        if let Err(refusal) = proved {
            return reply(Answer::Refused(refusal));
        }
        let date = Timestamp::now();
        let silent = lot.fault == Some(FaultKind::Silent);
        let called = memory.call(endpoint, request, Moment { date, id, silent });
        let (answer, carried) =
            called.unwrap_or_else(|refusal| (Answer::Refused(refusal), Carried::Nothing));
        let standing = Some(memory.quota.standing(request.class(), now, date));
        let reply = Reply {
            answer,
            standing,
            id,
        };
        (reply, carried)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Counts stay true enough after a panic; hiding it would help nobody.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that is not the API's.
fn bare(answer: Answer, lot: &Lot) -> Fate {
    let reply = Reply {
        answer,
        standing: None,
        id: lot.id,
    };
    Fate::Answered(reply, lot.latency)
}

/// A fault with a status. One that stands for a full window says so in its
/// headers too; other errors come without the headers of the quota. None
/// uses any quota: it is the network's fault, or the edge's.
fn broken(memory: &mut Memory, request: &Request<'_>, status: StatusCode, lot: &Lot) -> Fate {
    let now = request.arrived.at;
    let full = || memory.full(request.class(), now, Timestamp::now());
    let reply = Reply {
        answer: Answer::of_fault(status),
        standing: (status == StatusCode::TOO_MANY_REQUESTS).then(full),
        id: lot.id,
    };
    Fate::Answered(reply, lot.latency)
}
