//! What the account remembers between requests, and how a call changes it.
//!
//! Pure: the clock and the date are arguments. The processor decides whether a fault happens.

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    account_info,
    crm::{CallContext, Crm},
    endpoint::SandboxEndpoint,
    error::SandboxError,
    oauth::TokenIssuer,
    options::SandboxOptions,
    quota::{AccountQuota, ExceededQuota, WindowClass},
    request::{IncomingRequest, ParsedRequest},
    request_kind::AppliedChanges,
    request_log::RequestLog,
    response::{ErrorResponse, QuotaStatus, SandboxResponse, uuid},
    zone::AccountZone,
};

/// The account's state.
#[derive(Debug)]
pub(super) struct AccountState {
    pub(super) issuer: TokenIssuer,
    pub(super) quota: AccountQuota,
    pub(super) log: RequestLog,
    account: u64,
    scopes: Vec<String>,
    zone: AccountZone,
    pub(super) crm: Crm,
}

impl AccountState {
    /// An account that starts now.
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        Ok(Self {
            issuer: TokenIssuer::new(options.oauth_life, options.oauth_app.clone()),
            quota: AccountQuota::new(options, Instant::now(), Timestamp::now()),
            log: RequestLog::default(),
            account: options.account,
            scopes: options.scopes.clone(),
            zone: options.time_zone.clone().unwrap_or_default(),
            crm: Crm::new(options)?,
        })
    }

    /// Executes a call with a valid token, if the quotas admit it.
    pub(super) fn call(
        &mut self,
        endpoint: &SandboxEndpoint,
        request: &ParsedRequest<'_>,
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        let (class, now) = (request.class(), request.incoming.at);
        let admitted = match endpoint {
            // A client can always learn when the daily quota resets. It is not recorded whether
            // HubSpot refuses or counts this call when the quota is used up.
            SandboxEndpoint::Usage => self.quota.admit_outside_daily(class, now),
            SandboxEndpoint::V1Write { .. }
            | SandboxEndpoint::V1Read(_)
            | SandboxEndpoint::Record(_)
            | SandboxEndpoint::Dated(_)
            | SandboxEndpoint::Account
            | SandboxEndpoint::Token { .. }
            | SandboxEndpoint::TokenInfo
            | SandboxEndpoint::Login => self.quota.admit(class, now, context.date),
        };
        match admitted {
            Err(ExceededQuota::Search) => Err(ErrorResponse::over_searches()),
            Err(ExceededQuota::Window) => Err(ErrorResponse::over_window()),
            // The request id differs from the correlation id, but comes from the same random bits.
            Err(ExceededQuota::Daily) => {
                Err(ErrorResponse::over_day(&uuid(context.id.rotate_left(61))))
            }
            Ok(()) => self.execute(endpoint, request, context),
        }
    }

    /// Executes an admitted call.
    fn execute(
        &mut self,
        endpoint: &SandboxEndpoint,
        request: &ParsedRequest<'_>,
        context: CallContext,
    ) -> Result<(SandboxResponse, AppliedChanges), ErrorResponse> {
        let parsed = request.parsed_body.as_ref().map_err(Clone::clone);
        let response = match endpoint {
            SandboxEndpoint::V1Write { kind, .. } => {
                return self.crm.write(*kind, &parsed?.items, context);
            }
            SandboxEndpoint::Dated(route) => {
                let forms = self.crm.forms;
                let result = parsed.and_then(|body| self.crm.dated(route, body, context));
                return result.map_err(|error| forms.error(error));
            }
            SandboxEndpoint::V1Read(read) => self.crm.page(read)?,
            SandboxEndpoint::Record(record) => {
                let body = request.incoming.body.ok_or_else(ErrorResponse::too_large)?;
                let forms = self.crm.forms;
                let result = self.crm.of_records(record, body, context);
                result.map_err(|error| {
                    if record.dated {
                        forms.error(error)
                    } else {
                        error
                    }
                })?
            }
            SandboxEndpoint::Account => {
                account_info::details(self.account, &self.zone, context.date)
            }
            SandboxEndpoint::Usage => {
                account_info::daily_usage(self.quota.daily(context.date), context.date)
            }
            // Answered earlier, without a token.
            SandboxEndpoint::Token { .. } | SandboxEndpoint::TokenInfo | SandboxEndpoint::Login => {
                SandboxResponse::LoginPage
            }
        };
        Ok((response, AppliedChanges::None))
    }

    /// Describes the token that is named in the body, not the one in the headers.
    pub(super) fn describe(
        &self,
        incoming: &IncomingRequest<'_>,
        static_token: Option<&str>,
    ) -> SandboxResponse {
        let body = incoming.body.unwrap_or_default();
        let checked = account_info::parse_token(body)
            .and_then(|token| self.issuer.check(&token, static_token, incoming.at));
        match checked {
            Ok(()) => account_info::token_info(self.account, &self.scopes),
            Err(error) => SandboxResponse::Error(error),
        }
    }

    /// Grants a token if the form is valid. The answer is worded as the dated API or v1 words it.
    pub(super) fn grant(
        &mut self,
        incoming: &IncomingRequest<'_>,
        dated: bool,
        id: u128,
    ) -> SandboxResponse {
        let form = incoming.body.unwrap_or_default();
        // The token's random bits must differ from the correlation id's.
        match self.issuer.grant(form, incoming.at, id.rotate_left(29)) {
            Ok(granted) => {
                self.log.tokens += 1;
                SandboxResponse::Json(granted.body(dated))
            }
            Err(error) => SandboxResponse::Error(error),
        }
    }

    /// The quota status as if the window were full.
    pub(super) fn status_with_full_window(
        &mut self,
        class: WindowClass,
        now: Instant,
        date: Timestamp,
    ) -> QuotaStatus {
        let mut status = self.quota.status(class, now, date);
        if let Some(window) = &mut status.window {
            (window.remaining, window.secondly_remaining) = (0, 0);
        }
        status
    }
}
