//! What the account remembers from one request to the next, and what a call
//! does to it.
//!
//! Pure, with the clock and the date as arguments; whether a fault strikes is
//! decided in the room.

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    account,
    answer::{Answer, Refusal, Standing, uuid},
    crm::{Crm, Moment},
    deed::Carried,
    endpoint::Endpoint,
    error::SandboxError,
    ledger::Ledger,
    oauth::Issuer,
    options::SandboxOptions,
    quota::{Class, Policy, Quota},
    request::{Arrived, Request},
    zone::AccountZone,
};

/// The account's state.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) issuer: Issuer,
    pub(super) quota: Quota,
    pub(super) ledger: Ledger,
    account: u64,
    scopes: Vec<String>,
    zone: AccountZone,
    pub(super) crm: Crm,
}

impl Memory {
    /// An account whose life begins now.
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        Ok(Self {
            issuer: Issuer::new(options.oauth_life, options.oauth_app.clone()),
            quota: Quota::new(options, Instant::now(), Timestamp::now()),
            ledger: Ledger::default(),
            account: options.account,
            scopes: options.scopes.clone(),
            zone: options.time_zone.clone().unwrap_or_default(),
            crm: Crm::new(options)?,
        })
    }

    /// Carries out a call with a good token, if the quotas let it in.
    pub(super) fn call(
        &mut self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        let (class, now) = (request.class(), request.arrived.at);
        let admitted = match endpoint {
            // So that a client can always learn when the day begins afresh.
            // Whether HubSpot refuses or counts it then is not recorded.
            Endpoint::Usage => self.quota.admit_beside_the_day(class, now),
            Endpoint::Write { .. }
            | Endpoint::Read(_)
            | Endpoint::Record(_)
            | Endpoint::Dated(_)
            | Endpoint::Account
            | Endpoint::Token { .. }
            | Endpoint::TokenInfo
            | Endpoint::Login => self.quota.admit(class, now, moment.date),
        };
        match admitted {
            Err(Policy::Window) => Err(Refusal::over_window()),
            // Another id than the correlation's, from the same random bits.
            Err(Policy::Daily) => Err(Refusal::over_day(&uuid(moment.id.rotate_left(61)))),
            Ok(()) => self.carry_out(endpoint, request, moment),
        }
    }

    /// Carries out a call that is let in.
    fn carry_out(
        &mut self,
        endpoint: &Endpoint,
        request: &Request<'_>,
        moment: Moment,
    ) -> Result<(Answer, Carried), Refusal> {
        let asked = request.asked.as_ref().map_err(Clone::clone);
        let told = match endpoint {
            Endpoint::Write { act, .. } => {
                return self.crm.write(*act, &asked?.items, moment);
            }
            Endpoint::Dated(route) => {
                let forms = self.crm.forms;
                let called = asked.and_then(|asked| self.crm.dated(route, asked, moment));
                return called.map_err(|refusal| forms.refusal(refusal));
            }
            Endpoint::Read(read) => self.crm.page(read)?,
            Endpoint::Record(asked) => {
                let body = request.arrived.body.unwrap_or_default();
                let forms = self.crm.forms;
                let found = self.crm.record(asked, body, moment);
                found.map_err(|refusal| {
                    if asked.dated {
                        forms.refusal(refusal)
                    } else {
                        refusal
                    }
                })?
            }
            Endpoint::Account => account::details(self.account, &self.zone, moment.date),
            Endpoint::Usage => account::daily_use(self.quota.daily(moment.date), moment.date),
            // Answered before, without a token.
            Endpoint::Token { .. } | Endpoint::TokenInfo | Endpoint::Login => Answer::LoginPage,
        };
        Ok((told, Carried::Nothing))
    }

    /// Tells what a token is good for, which is named in the body and not in the
    /// headers.
    pub(super) fn describe(&self, arrived: &Arrived<'_>, known: Option<&str>) -> Answer {
        let body = arrived.body.unwrap_or_default();
        let proved =
            account::token_of(body).and_then(|token| self.issuer.prove(&token, known, arrived.at));
        match proved {
            Ok(()) => account::token_info(self.account, &self.scopes),
            Err(refusal) => Answer::Refused(refusal),
        }
    }

    /// Grants a token, if the form asks well for it; the answer is in the words of the dated API or
    /// of v1.
    pub(super) fn grant(&mut self, arrived: &Arrived<'_>, dated: bool, id: u128) -> Answer {
        let form = arrived.body.unwrap_or_default();
        // Other random bits than the correlation id's.
        match self.issuer.grant(form, arrived.at, id.rotate_left(29)) {
            Ok(granted) => {
                self.ledger.tokens += 1;
                Answer::Json(granted.body(dated))
            }
            Err(refusal) => Answer::Refused(refusal),
        }
    }

    /// How the quotas would stand if the window were full.
    pub(super) fn full(&mut self, class: Class, now: Instant, date: Timestamp) -> Standing {
        let mut standing = self.quota.standing(class, now, date);
        if let Some(window) = &mut standing.window {
            (window.remaining, window.secondly_remaining) = (0, 0);
        }
        standing
    }
}
