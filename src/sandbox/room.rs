//! One request after the other: what it is dealt, whether it may, what it
//! does, and what is answered.
//!
//! Pure but for the lock around its memory; sockets and waiting are the
//! server's.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    answer::{Answer, Refusal, uuid},
    call::Item,
    crm::Crm,
    endpoint::{Endpoint, Unrouted},
    error::SandboxError,
    fault::{FaultKind, Fortune, Lot},
    ledger::{Answered, Ledger},
    limit::CallLimit,
    oauth::Issuer,
    options::SandboxOptions,
    quota::{Day, Policy, Quota, Standing},
    records::Missing,
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

#[derive(Debug)]
struct Memory {
    account: u64,
    issuer: Issuer,
    quota: Quota,
    crm: Crm,
    ledger: Ledger,
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
        let missing = options.missing.as_deref().map(Missing::read).transpose()?;
        Ok(Self {
            token: options.token.clone(),
            fortune: Fortune {
                faults: options.faults.clone(),
                latency: options.latency,
                seed: options.seed,
            },
            record_limit: options.record_limit,
            memory: Mutex::new(Memory {
                account: options.account,
                issuer: Issuer::new(options.oauth_life, options.oauth_app.clone()),
                quota: Quota::new(options, Instant::now()),
                crm: Crm::new(missing.unwrap_or_default(), options.refusals),
                ledger: Ledger::default(),
            }),
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
        memory.ledger.requests += 1;
        memory.ledger.accounts += u64::from(request.asks_for_account());
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
            Some(FaultKind::Status(status)) => memory.broken(&request, status, &lot),
        };
        let status = match &fate {
            Fate::Answered(reply, _) => Answered::With(reply.answer.status().as_u16()),
            Fate::Reset(_) => Answered::ByReset,
            Fate::Silence => Answered::Never,
        };
        let ledger = &mut memory.ledger;
        ledger.count(status);
        ledger.applied += if applied { request.creates() } else { 0 };
        if ledger.arrivals.len() < self.record_limit {
            let items = request.items.as_deref().unwrap_or_default();
            let at = request.arrived.at.into_std();
            let links = items.iter().map(Item::association);
            ledger.note(self.record_limit, at, links, status, applied);
        }
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
        let (class, now) = (request.class(), request.arrived.at);
        let proved = request
            .arrived
            .token()
            .and_then(|token| memory.issuer.prove(token, self.token.as_deref(), now));
        if let Err(refusal) = proved {
            return reply(Answer::Refused(refusal));
        }
        let answer = match memory.quota.admit(class, now, Day::today()) {
            Err(Policy::Window) => Err(Refusal::over_window()),
            // Another id than the correlation's, from the same random bits.
            Err(Policy::Daily) => Err(Refusal::over_day(&uuid(id.rotate_left(61)))),
            Ok(()) => memory.carry_out(endpoint, &request.items),
        };
        Reply {
            answer: answer.unwrap_or_else(Answer::Refused),
            standing: Some(memory.quota.standing(class, now)),
            id,
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // Counts stay true enough after a panic; hiding it would help nobody.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// Carries out a call that is let in.
    fn carry_out(
        &mut self,
        endpoint: &Endpoint,
        items: &Result<Vec<Item>, Refusal>,
    ) -> Result<Answer, Refusal> {
        match endpoint {
            Endpoint::Write { act, .. } => {
                let items = items.as_ref().map_err(Clone::clone)?;
                self.crm.write(*act, items)
            }
            Endpoint::Read(read) => self.crm.page(read),
            Endpoint::Account => Ok(Answer::account(self.account)),
            // Answered before, without a token.
            Endpoint::Token | Endpoint::Login => Ok(Answer::LoginPage),
        }
    }

    fn grant(&mut self, arrived: &Arrived<'_>, id: u128) -> Answer {
        let form = arrived.body.unwrap_or_default();
        // Other random bits than the correlation id's.
        match self.issuer.grant(form, arrived.at, id.rotate_left(29)) {
            Ok(body) => {
                self.ledger.tokens += 1;
                Answer::Json(body)
            }
            Err(refusal) => Answer::Refused(refusal),
        }
    }

    /// A fault with a status. One that stands for a full window says so in its
    /// headers too; other errors come without the headers of the quota. None
    /// uses any quota: it is the network's fault, or the edge's.
    fn broken(&mut self, request: &Request<'_>, status: u16, lot: &Lot) -> Fate {
        let standing = (status == 429).then(|| {
            let mut standing = self.quota.standing(request.class(), request.arrived.at);
            if let Some(window) = &mut standing.window {
                (window.remaining, window.secondly_remaining) = (0, 0);
            }
            standing
        });
        let reply = Reply {
            answer: Answer::of_fault(status),
            standing,
            id: lot.id,
        };
        Fate::Answered(reply, lot.latency)
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
