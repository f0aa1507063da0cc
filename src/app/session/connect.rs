//! The connection to HubSpot, as the arguments say it: the client, and the caller with its
//! pace.

use std::path::Path;

use reqwest::Url;
use tracing::{info, warn};

use crate::{
    app::error::AppError,
    caller::{Caller, DayPolicy, Pace, Pacer, RetryPolicy},
    cli::{ConnectionArgs, SendingArgs, StoppingArgs},
    config,
    error_threshold::ErrorThreshold,
    hubspot::{ApiVersion, ClientOptions, Credentials, HubSpot, Secret, is_loopback},
    messages::{self, CALL_EVENTS},
    output::Summary,
    pipeline::ConcurrencyLimits,
    rate_state::RateState,
    sandbox::{Sandbox, SandboxOptions},
    stop::StopSwitch,
};

/// The user agent.
const AGENT: &str = concat!("hubassoc/", env!("CARGO_PKG_VERSION"));

/// Where the requests of a session go.
pub(crate) struct Destination {
    pub(crate) api_version: ApiVersion,
    /// Base URL, or [`Summary::SANDBOX`].
    pub(crate) target: String,
    /// It ends with the session.
    pub(crate) sandbox: Option<Sandbox>,
}

/// HubSpot or the sandbox, before the first call.
pub(crate) struct ApiConnection {
    pub(crate) client: ClientOptions,
    pub(crate) destination: Destination,
}

impl ApiConnection {
    /// Connects to a new sandbox.
    pub(crate) fn to_sandbox(
        api_version: ApiVersion,
        connection: &ConnectionArgs,
        options: SandboxOptions,
    ) -> Result<Self, AppError> {
        let sandbox = Sandbox::start(options)?;
        let token = Secret::new("sandbox", "the sandbox").map_err(config::ConfigError::from)?;
        let access = ApiAccess {
            base_url: config::base_url(&sandbox.base_url())?,
            credentials: Credentials::Token(token),
            ca_file: None,
        };
        Self::with_access(access, api_version, connection, Some(sandbox))
    }

    /// Connects to HubSpot, as the arguments say.
    pub(crate) fn to_hubspot(
        api_version: ApiVersion,
        connection: &ConnectionArgs,
    ) -> Result<Self, AppError> {
        let (credentials, warnings) = config::credentials(connection.token_file.as_deref())?;
        for warning in warnings {
            warn!("{warning}");
        }
        let base_url = config::base_url(connection.base_url())?;
        if !is_loopback(&base_url) {
            config::check_proxies()?;
        }
        let access = ApiAccess {
            base_url,
            credentials,
            ca_file: connection.ca_file.as_deref(),
        };
        Self::with_access(access, api_version, connection, None)
    }

    fn with_access(
        access: ApiAccess<'_>,
        api_version: ApiVersion,
        connection: &ConnectionArgs,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, AppError> {
        let target = if sandbox.is_some() {
            Summary::SANDBOX.to_owned()
        } else {
            access.base_url.to_string()
        };
        let client = ClientOptions {
            api_version,
            agent: AGENT,
            base_url: access.base_url,
            credentials: access.credentials,
            timeout: connection.timeout.0,
            connect_timeout: connection.connect_timeout.0,
            extra_roots: config::extra_roots(access.ca_file)?,
            report_event: messages::log_token_event,
        };
        let destination = Destination {
            api_version,
            target,
            sandbox,
        };
        Ok(Self {
            client,
            destination,
        })
    }

    /// The caller. Set `resumes` if a run just before this one may have used some of the
    /// account's rate limit.
    pub(crate) fn caller(
        self,
        sending: &SendingArgs,
        resumes: bool,
        stop: &StopSwitch,
    ) -> Result<(Caller<HubSpot>, Destination), AppError> {
        let Self {
            client,
            destination,
        } = self;
        let pace = sending.pace.rate.0;
        // It has its own limit, or none.
        let rate_state = if destination.sandbox.is_some() || pace == Pace::Unlimited {
            RateState::in_memory()
        } else {
            shared_rate_state(&client, resumes)
        };
        let pacer = Pacer::new(pace, sending.max_wait.0, rate_state).reporting_to(CALL_EVENTS);
        let retry = RetryPolicy {
            max_attempts: sending.max_attempts,
        };
        let api = HubSpot::new(client)?;
        Ok((Caller::new(api, pacer, retry, stop.clone()), destination))
    }
}

/// The address and the credentials.
struct ApiAccess<'a> {
    base_url: Url,
    credentials: Credentials,
    ca_file: Option<&'a Path>,
}

/// How many calls and rows go at once.
pub(super) fn concurrency_limits(
    sending: &SendingArgs,
    api_version: ApiVersion,
) -> ConcurrencyLimits {
    ConcurrencyLimits {
        concurrency: sending.concurrency.0.get(),
        rows_per_call: sending.pace.batch.rows(api_version.max_links_per_call()),
    }
}

/// When there are too many bad rows.
pub(crate) fn threshold(stopping: &StoppingArgs) -> ErrorThreshold {
    ErrorThreshold::new(stopping.max_errors, stopping.max_consecutive_failures)
}

/// How the daily quota is used.
pub(crate) fn day_policy(stopping: &StoppingArgs) -> DayPolicy {
    DayPolicy {
        reserve: stopping.daily_reserve,
        on_quota: stopping.on_quota.into(),
    }
}

/// The rate-limit state. If possible, it is shared with other runs of the same user and token.
/// Set `resumes` if a run just before this one may have used some of the rate limit.
pub(crate) fn shared_rate_state(client: &ClientOptions, resumes: bool) -> RateState {
    let Some(folder) = config::rate_state_folder() else {
        info!(
            "there is no home folder, so this run cannot share the limit with other runs that use \
             the same token"
        );
        return RateState::unshared(resumes);
    };
    let mut parts = vec![client.base_url.as_str()];
    parts.extend(client.credentials.identity());
    RateState::open_shared(&folder, &parts, messages::log_rate_state_event).unwrap_or_else(
        |error| {
            let why = messages::rate_state(&error);
            warn!("this run cannot share the limit with other runs that use the same token: {why}");
            RateState::unshared(resumes)
        },
    )
}
