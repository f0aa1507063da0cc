//! Processes one request after another: plans its fault, checks it, executes it and builds the
//! answer.
//!
//! Pure except for the lock around its state. The server does the waiting and handles the sockets.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    account_state::AccountState,
    crm::CallContext,
    endpoint::SandboxEndpoint,
    error::SandboxError,
    fault_plan::{FaultKind, FaultPlan, RequestPlan},
    limit::CallLimit,
    options::SandboxOptions,
    quota::WindowClass,
    record_options::UniqueProperty,
    request::{IncomingRequest, ParsedRequest},
    request_kind::{AppliedChanges, RequestKind, RouteError},
    request_log::{LoggedCall, RequestEnd, RequestLog},
    response::{ErrorResponse, QuotaStatus, SandboxResponse},
};

/// Processes all requests to the account.
#[derive(Debug)]
pub(super) struct RequestProcessor {
    token: Option<String>,
    fault_plan: FaultPlan,
    max_logged: usize,
    state: Mutex<AccountState>,
}

/// How the server reacts to a request.
#[derive(Debug)]
pub(super) enum ResponseAction {
    /// Answers after this delay.
    Respond(FullResponse, Duration),
    /// Resets the connection after this delay.
    Reset(Duration),
    /// Sends no answer.
    Silence,
}

/// A response with the quota status for its headers.
#[derive(Debug)]
pub(super) struct FullResponse {
    pub(super) response: SandboxResponse,
    pub(super) quota_status: Option<QuotaStatus>,
    pub(super) correlation_id: u128,
}

impl RequestProcessor {
    pub(super) fn new(options: &SandboxOptions) -> Result<Self, SandboxError> {
        Ok(Self {
            token: options.token.clone(),
            fault_plan: FaultPlan {
                faults: options.faults.clone(),
                latency: options.latency,
                seed: options.seed,
            },
            max_logged: options.max_logged,
            state: Mutex::new(AccountState::new(options)?),
        })
    }

    pub(super) fn request_log(&self) -> RequestLog {
        self.state().log.clone()
    }

    pub(super) fn links(&self) -> BTreeSet<String> {
        self.state().crm.link_descriptions()
    }

    pub(super) fn set_limit(&self, limit: CallLimit) {
        let state = &mut *self.state();
        state.quota.set_limit(limit, Instant::now());
    }

    pub(super) fn add_unique_properties(
        &self,
        properties: &[UniqueProperty],
    ) -> Result<(), SandboxError> {
        self.state().crm.add_unique_properties(properties)
    }

    /// Decides on a request and executes it. The caller only has to wait.
    pub(super) fn process(&self, incoming: IncomingRequest<'_>) -> ResponseAction {
        let request = ParsedRequest::read(incoming);
        let state = &mut *self.state();
        state.log.count(&request);
        let plan = self.fault_plan.plan_for(state.log.requests);
        let mut applied = AppliedChanges::None;
        let mut execute = || {
            let reply;
            (reply, applied) = self.answer(state, &request, &plan);
            reply
        };
        let action = match plan.fault {
            None | Some(FaultKind::Silent) => ResponseAction::Respond(execute(), plan.latency),
            Some(FaultKind::ResetAfter) => {
                let _lost = execute();
                ResponseAction::Reset(plan.latency)
            }
            Some(FaultKind::Reset) => ResponseAction::Reset(plan.latency),
            Some(FaultKind::Silence) => ResponseAction::Silence,
            Some(FaultKind::Html) => without_quota(SandboxResponse::LoginPage, &plan),
            Some(FaultKind::Redirect) => without_quota(SandboxResponse::RedirectToLogin, &plan),
            Some(FaultKind::Status(status)) => status_fault(state, &request, status, &plan),
        };
        let end = match &action {
            ResponseAction::Respond(reply, _) => RequestEnd::Status(reply.response.status()),
            ResponseAction::Reset(_) => RequestEnd::Reset,
            ResponseAction::Silence => RequestEnd::NoResponse,
        };
        state.log.responses.count(end);
        self.log_request(state, &request, end, &applied);
        action
    }

    /// Logs a request and its result.
    fn log_request(
        &self,
        state: &mut AccountState,
        request: &ParsedRequest<'_>,
        end: RequestEnd,
        applied: &AppliedChanges,
    ) {
        let (items, log) = (request.items(), &mut state.log);
        if request.kind() == RequestKind::Create {
            let applied = (0..items.len()).filter(|index| applied.includes(*index));
            log.applied += applied.count() as u64;
        }
        let call = LoggedCall {
            request: log.requests,
            at: request.incoming.at.into_std(),
            batch: request.class() == WindowClass::Batch,
            associations: items.len(),
            status: end.status(),
            applied: applied.any(),
            keys: request.keys().into(),
        };
        let catalogue = &state.crm.catalogue;
        let links = items.iter().enumerate().map(|(index, item)| {
            let association = request.association(item, catalogue);
            (association, applied.includes(index))
        });
        log.push(self.max_logged, call, links);
    }

    fn answer(
        &self,
        state: &mut AccountState,
        request: &ParsedRequest<'_>,
        plan: &RequestPlan,
    ) -> (FullResponse, AppliedChanges) {
        let id = plan.id;
        let reply = |answer| {
            let quota_status = None;
            let reply = FullResponse {
                response: answer,
                quota_status,
                correlation_id: id,
            };
            (reply, AppliedChanges::None)
        };
        let endpoint = match &request.endpoint {
            Ok(SandboxEndpoint::Login) => return reply(SandboxResponse::LoginPage),
            // The form alone authenticates this request. It counts for no quota, because HubSpot's
            // limits apply to calls with a token.
            Ok(SandboxEndpoint::Token { dated }) => {
                return reply(state.grant(&request.incoming, *dated, id));
            }
            Ok(SandboxEndpoint::TokenInfo) => {
                return reply(state.describe(&request.incoming, self.token.as_deref()));
            }
            Ok(endpoint) => endpoint,
            Err(RouteError::NotFound) => return reply(SandboxResponse::NotFound),
            Err(RouteError::MethodNotAllowed) => return reply(SandboxResponse::MethodNotAllowed),
        };
        let now = request.incoming.at;
        let checked = request
            .incoming
            .token()
            .and_then(|token| state.issuer.check(token, self.token.as_deref(), now));
        if let Err(error) = checked {
            return reply(SandboxResponse::Error(error));
        }
        let date = Timestamp::now();
        let silent = plan.fault == Some(FaultKind::Silent);
        let result = state.call(endpoint, request, CallContext { date, id, silent });
        let (answer, applied) =
            result.unwrap_or_else(|error| (SandboxResponse::Error(error), AppliedChanges::None));
        let quota_status =
            reports_quota(request).then(|| state.quota.status(request.class(), now, date));
        let reply = FullResponse {
            response: answer,
            quota_status,
            correlation_id: id,
        };
        (reply, applied)
    }

    fn state(&self) -> MutexGuard<'_, AccountState> {
        // After a panic the counts are still accurate enough, and hiding them would not help.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the answer has quota headers: a search has none, as recorded.
fn reports_quota(request: &ParsedRequest<'_>) -> bool {
    request.class() != WindowClass::Search
}

/// A response without quota headers that does not come from the API.
fn without_quota(answer: SandboxResponse, plan: &RequestPlan) -> ResponseAction {
    let reply = FullResponse {
        response: answer,
        quota_status: None,
        correlation_id: plan.id,
    };
    ResponseAction::Respond(reply, plan.latency)
}

/// A fault with a status. A 429 reports a full window in its headers too; other errors have no
/// quota headers. Faults use no quota, because they stand for faults of the network or the edge.
fn status_fault(
    state: &mut AccountState,
    request: &ParsedRequest<'_>,
    status: StatusCode,
    plan: &RequestPlan,
) -> ResponseAction {
    let now = request.incoming.at;
    let is_over = status == StatusCode::TOO_MANY_REQUESTS;
    let response = if is_over && !reports_quota(request) {
        SandboxResponse::Error(ErrorResponse::over_searches())
    } else {
        SandboxResponse::of_fault(status)
    };
    let full = || state.status_with_full_window(request.class(), now, Timestamp::now());
    let reply = FullResponse {
        response,
        quota_status: (is_over && reports_quota(request)).then(full),
        correlation_id: plan.id,
    };
    ResponseAction::Respond(reply, plan.latency)
}
