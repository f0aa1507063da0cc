//! Verdicts for scripted APIs.

use std::time::Duration;

use hubassoc::{
    api::Verdict,
    code::Code,
    failure::{AccessDenied, ResponseFault},
    http_status::HttpStatus,
    rate::RateLimit,
    row::Failure,
    stop::StopReason,
};

pub(crate) const DONE: Verdict = Verdict::Done {
    http_status: HttpStatus::NO_CONTENT,
};

/// A question is answered.
pub(crate) const TOLD: Verdict = Verdict::Done {
    http_status: HttpStatus::OK,
};

pub(crate) const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub(crate) fn transient() -> Verdict {
    Verdict::Transient {
        failure: failure(Code::ServerError),
        wait: Duration::ZERO,
    }
}

/// The account may not be read.
pub(crate) fn account_refused() -> Verdict {
    Verdict::Refused(failure(Code::NotFound))
}

/// The token file has another token.
pub(crate) fn token_replaced() -> Verdict {
    Verdict::TokenReplaced(StopReason::Credentials(AccessDenied::Expired.into()))
}

pub(crate) fn refused_connection() -> Verdict {
    Verdict::ConnectionLost(failure(Code::ConnectionFailed))
}

pub(crate) fn unexpected_answer() -> Verdict {
    Verdict::NotFromApi(failure(Code::UnexpectedAnswer))
}

pub(crate) fn throttled(wait: Option<Duration>) -> Verdict {
    Verdict::Throttled {
        failure: failure(Code::RateLimited),
        limit: RateLimit::Window,
        wait,
    }
}

pub(crate) fn failure(code: Code) -> Failure {
    Failure::new(code, ResponseFault::Quoted("scripted".to_owned()))
}
