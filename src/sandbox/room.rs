//! One request after the other: what it is dealt, whether it may, what it
//! does, and what is answered.
//!
//! Pure but for the lock around its memory; sockets and waiting are the
//! server's.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    answer::Answer,
    call::Item,
    endpoint::{Endpoint, Unrouted},
    error::SandboxError,
    fault::{FaultKind, Fortune, Lot},
    ledger::{Answered, Call, Ledger},
    limit::CallLimit,
    memory::Memory,
    options::SandboxOptions,
    quota::Class,
    request::{Arrived, Request},
    standing::Standing,
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

    pub(super) fn set_limit(&self, limit: CallLimit) {
        let memory = &mut *self.memory();
        memory.quota.set_limit(limit, Instant::now());
    }

    /// Decides on a request and carries it out; only the waiting is left.
    pub(super) fn receive(&self, arrived: Arrived<'_>) -> Fate {
        let request = Request::read(arrived);
        let memory = &mut *self.memory();
        memory.count(&request);
        let lot = self.fortune.deal(memory.ledger.requests);
        let mut applied = false;
        let mut real = || {
            let reply = self.answer(memory, &request, lot.id);
            applied = reply.answer == Answer::Done;
            reply
        };
        let fate = match lot.fault {
            None => Fate::Answered(real(), lot.latency),
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
            Fate::Answered(reply, _) => Answered::With(reply.answer.status().as_u16()),
            Fate::Reset(_) => Answered::ByReset,
            Fate::Silence => Answered::Never,
        };
        let ledger = &mut memory.ledger;
        ledger.count(status);
        ledger.applied += if applied { request.creates() } else { 0 };
        let items = request.items.as_deref().unwrap_or_default();
        let call = Call {
            request: ledger.requests,
            at: request.arrived.at.into_std(),
            batch: request.class() == Class::Batch,
            associations: items.len(),
            status: status.status(),
            applied,
        };
        ledger.note(self.record_limit, call, items.iter().map(Item::association));
        fate
    }

    fn answer(&self, memory: &mut Memory, request: &Request<'_>, id: u128) -> Reply {
        let reply = |answer| Reply {
            answer,
            standing: None,
            id,
        };
        let endpoint = match &request.endpoint {
            Ok(Endpoint::Login) => return reply(Answer::LoginPage),
            // Known by its form alone, and outside every quota (HubSpot's
            // limits are told of calls with a token).
            Ok(Endpoint::Token) => return reply(memory.grant(&request.arrived, id)),
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
        let answer = memory.call(endpoint, request, date, id);
        Reply {
            answer: answer.unwrap_or_else(Answer::Refused),
            standing: Some(memory.quota.standing(request.class(), now, date)),
            id,
        }
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
fn broken(memory: &mut Memory, request: &Request<'_>, status: u16, lot: &Lot) -> Fate {
    let now = request.arrived.at;
    let full = || memory.full(request.class(), now, Timestamp::now());
    let reply = Reply {
        answer: Answer::of_fault(status),
        standing: (status == 429).then(full),
        id: lot.id,
    };
    Fate::Answered(reply, lot.latency)
}
