//! The retry decision: what follows from a verdict, which is a completion, a retry, or the end of
//! the run.
//!
//! Pure: what is known about the server, the operation and all others is an argument.

use tokio::time::Instant;

use super::events::RetryCause;
use crate::{
    api::{ItemResult, ResponsePayload, Verdict},
    failure::{Failure, ResponseFault},
    http_status::HttpStatus,
    stop::StopReason,
};

/// How an operation ends.
#[derive(Debug)]
pub enum Completion {
    /// It is done, or answered.
    Done {
        /// The status of the response.
        http_status: HttpStatus,
        /// The answer to a question.
        payload: Option<ResponsePayload>,
    },
    /// All of it was refused, or its tries are used up.
    Failed(Failure),
    /// Each part has its own result.
    Parts(Vec<ItemResult>),
    /// Send it in two halves, to find out which one is to blame.
    Split,
    /// Without an outcome: the run stops, or something other than the API answered.
    Unsettled,
}

/// What is known of an operation once its verdict is recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct OperationInfo {
    /// Requests sent for it, or tries without a request if there are more of these.
    pub(super) tries_made: u32,
    pub(super) has_tries_left: bool,
    /// Whether it can be sent in smaller operations.
    pub(super) can_be_split: bool,
    /// Whether it is a question, which fails with its last failure.
    pub(super) is_question: bool,
}

/// What is known about the server and all others once a verdict is recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerHealth {
    /// Whether the API has ever answered.
    pub(super) has_answered: bool,
    /// Whether nothing has got through for a while.
    pub(super) is_outage: bool,
    /// Whether others may still show that it is everybody's fault.
    pub(super) may_be_shared_fault: bool,
    /// Whose limit was met, if one was.
    pub(super) limit_owner: LimitOwner,
    /// When the operation may be tried again.
    pub(super) retry_at: Instant,
}

/// Whose limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitOwner {
    /// The operation's own: it counts as a try.
    Operation,
    /// Everybody's: it is not the operation's fault.
    Everyone,
}

/// What follows from a verdict.
#[derive(Debug)]
pub(super) enum RetryDecision {
    Complete(Completion),
    /// Its tries are used up, but it is not known yet whose fault that is. If it is its own, it
    /// ends like this.
    Hold(Completion),
    Retry(RetryPlan),
    /// No other request would do better.
    Stop(StopReason),
}

impl RetryDecision {
    /// Whether the same request is sent again, as far as it depends on the operation.
    pub(super) fn sends_again(&self) -> bool {
        match self {
            Self::Retry(_) | Self::Hold(_) => true,
            Self::Complete(_) | Self::Stop(_) => false,
        }
    }
}

/// Another try.
#[derive(Clone, Copy, Debug)]
pub(super) struct RetryPlan {
    pub(super) at: Instant,
    /// Whether the retry budget has to pay for it.
    pub(super) uses_budget: bool,
}

/// What to report about a decision.
#[derive(Debug, Default)]
pub(super) struct DecisionReport {
    /// Why it is retried.
    pub(super) retry_cause: Option<RetryCause>,
    /// Why it is split.
    pub(super) split_cause: Option<Failure>,
}

impl DecisionReport {
    fn split(failure: Failure) -> Self {
        Self {
            split_cause: Some(failure),
            ..Self::default()
        }
    }
}

/// Decides what follows from a verdict, and what to report.
pub(super) fn decide(
    verdict: Verdict,
    payload: Option<ResponsePayload>,
    operation: OperationInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    let end = |completion| {
        (
            RetryDecision::Complete(completion),
            DecisionReport::default(),
        )
    };
    match verdict {
        Verdict::Done { http_status } => end(Completion::Done {
            http_status,
            payload,
        }),
        Verdict::Refused(failure) => end(Completion::Failed(failure)),
        Verdict::PerLink(parts) => end(Completion::Parts(parts)),
        Verdict::NotSent(failure) | Verdict::ConnectionLost(failure) if !health.has_answered => {
            retry_with_budget(failure, health)
        }
        Verdict::Transient { failure, .. }
        | Verdict::NotSent(failure)
        | Verdict::ConnectionLost(failure) => {
            if health.is_outage && operation.can_be_split {
                split(failure)
            } else {
                retry_or_give_up(failure, operation, health)
            }
        }
        Verdict::Throttled { failure, .. } => match health.limit_owner {
            LimitOwner::Operation => retry_or_give_up(failure, operation, health),
            LimitOwner::Everyone => retry_without_budget(health, None),
        },
        Verdict::DayUsedUp(_) => retry_without_budget(health, None),
        Verdict::NotFromApi(failure) => after_foreign_answer(failure, operation, health),
        Verdict::TokenExpired(_) | Verdict::TokenReplaced(_) => {
            retry_without_budget(health, Some(RetryCause::TokenOutdated))
        }
        Verdict::Fatal(reason) => (RetryDecision::Stop(reason), DecisionReport::default()),
    }
}

/// In an outage the rows of a batch may be to blame, or their number. A smaller probe shows which.
/// That costs at most one call for each probe, once all is well again.
fn split(failure: Failure) -> (RetryDecision, DecisionReport) {
    (
        RetryDecision::Complete(Completion::Split),
        DecisionReport::split(failure),
    )
}

/// Retries, unless the tries are used up.
fn retry_or_give_up(
    failure: Failure,
    operation: OperationInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    if operation.has_tries_left {
        return retry_with_budget(failure, health);
    }
    if operation.can_be_split {
        let end = out_of_tries(Completion::Split, operation, health);
        return (end, DecisionReport::split(failure));
    }
    let failure = if operation.is_question {
        failure
    } else {
        given_up(failure, operation.tries_made)
    };
    let own = Completion::Failed(failure);
    (
        out_of_tries(own, operation, health),
        DecisionReport::default(),
    )
}

/// Something other than the API answered.
fn after_foreign_answer(
    failure: Failure,
    operation: OperationInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    if operation.has_tries_left && health.is_outage && operation.can_be_split {
        return split(failure);
    }
    if operation.has_tries_left {
        return retry_with_budget(failure, health);
    }
    let own = if operation.is_question {
        Completion::Failed(failure)
    } else if operation.can_be_split {
        Completion::Split
    } else {
        Completion::Unsettled
    };
    (
        out_of_tries(own, operation, health),
        DecisionReport::default(),
    )
}

/// The tries are used up. If that is the operation's own fault, it ends with `own`.
fn out_of_tries(own: Completion, operation: OperationInfo, health: ServerHealth) -> RetryDecision {
    // A question whose tries are limited is one that the run can do without, so it is not held.
    if health.may_be_shared_fault && !operation.is_question {
        RetryDecision::Hold(own)
    } else {
        RetryDecision::Complete(own)
    }
}

fn retry_with_budget(failure: Failure, health: ServerHealth) -> (RetryDecision, DecisionReport) {
    retry_decision(health, true, Some(RetryCause::Failed(failure)))
}

/// For reasons that are not the fault of any row or server.
fn retry_without_budget(
    health: ServerHealth,
    retry_cause: Option<RetryCause>,
) -> (RetryDecision, DecisionReport) {
    retry_decision(health, false, retry_cause)
}

fn retry_decision(
    health: ServerHealth,
    uses_budget: bool,
    retry_cause: Option<RetryCause>,
) -> (RetryDecision, DecisionReport) {
    let at = health.retry_at;
    let plan = RetryPlan { at, uses_budget };
    let report = DecisionReport {
        retry_cause,
        ..DecisionReport::default()
    };
    (RetryDecision::Retry(plan), report)
}

/// The failure of an operation whose tries are used up.
fn given_up(failure: Failure, tries: u32) -> Failure {
    failure.wrap_detail(|why| ResponseFault::TriesUsedUp { tries, why })
}
