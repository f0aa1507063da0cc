//! HubSpot as the arguments say it: the client, and who makes calls at which pace.

use tracing::warn;

use super::pace;
use crate::{
    app::error::AppError,
    caller::{Caller, DayPolicy, Pacer, RetryPolicy},
    cli::{ConnectionArgs, SendingArgs, StoppingArgs},
    config,
    hubspot::{ClientOptions, Credentials, Dialect, HubSpot, Secret, is_loopback},
    import::Bounds,
    messages::CALLS,
    output::Summary,
    sandbox::{Sandbox, SandboxOptions},
    stop::Stop,
    tolerance::Tolerance,
};

/// What the program says of itself to HubSpot.
const AGENT: &str = concat!("hubassoc/", env!("CARGO_PKG_VERSION"));

/// What the client needs, and the sandbox if there is to be one.
pub(in crate::app) fn client(
    dialect: Dialect,
    connection: &ConnectionArgs,
    with_sandbox: bool,
) -> Result<(ClientOptions, Option<Sandbox>), AppError> {
    let (base_url, credentials, sandbox) = if with_sandbox {
        let sandbox = Sandbox::start(SandboxOptions::default())?;
        let token = Secret::new("sandbox", "the sandbox").map_err(config::ConfigError::from)?;
        let url = config::base_url(&sandbox.base_url())?;
        (url, Credentials::Token(token), Some(sandbox))
    } else {
        let (credentials, warnings) = config::credentials(connection.token_file.as_deref())?;
        for warning in warnings {
            warn!("{warning}");
        }
        let base_url = config::base_url(connection.base_url())?;
        if !is_loopback(&base_url) {
            config::check_proxies()?;
        }
        (base_url, credentials, None)
    };
    let ca_file = connection.ca_file.as_deref().filter(|_| !with_sandbox);
    let options = ClientOptions {
        dialect,
        agent: AGENT,
        base_url,
        credentials,
        timeout: connection.timeout.0,
        connect_timeout: connection.connect_timeout.0,
        extra_roots: config::extra_roots(ca_file)?,
    };
    Ok((options, sandbox))
}

/// Base URL, or `sandbox`.
pub(in crate::app) fn target(client: &ClientOptions, sandbox: Option<&Sandbox>) -> String {
    match sandbox {
        Some(_) => Summary::SANDBOX.to_owned(),
        None => client.base_url.to_string(),
    }
}

/// Who makes the calls; `pace` says which slots its calls take.
pub(in crate::app) fn caller(
    client: ClientOptions,
    sending: &SendingArgs,
    (sandbox, resumes): (bool, bool),
    stop: &Stop,
) -> Result<Caller<HubSpot>, AppError> {
    let slots = pace::slots(sending.pace.rate.0, &client, (sandbox, resumes));
    let pacer = Pacer::new(sending.pace.rate.0, sending.max_wait.0, slots).telling(CALLS);
    let retry = RetryPolicy {
        max_attempts: sending.max_attempts,
    };
    let api = HubSpot::new(client)?;
    Ok(Caller::new(api, pacer, retry, stop.clone()))
}

/// How much goes on at once.
pub(in crate::app) fn bounds(sending: &SendingArgs, dialect: Dialect) -> Bounds {
    Bounds {
        concurrency: sending.concurrency.0.get(),
        rows_per_call: sending.pace.batch.rows(dialect.most_links()),
    }
}

/// How many bad rows are too many.
pub(in crate::app) fn tolerance(stopping: &StoppingArgs) -> Tolerance {
    Tolerance::new(stopping.max_errors, stopping.max_consecutive_failures)
}

/// How the day's quota is used.
pub(in crate::app) fn day(stopping: &StoppingArgs) -> DayPolicy {
    DayPolicy {
        reserve: stopping.daily_reserve,
        on_quota: stopping.on_quota.into(),
    }
}
