//! What follows from a verdict: an end, another try, or the end of the run.
//!
//! Pure: what is known of the server, of the operation and of the others is an argument.

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
        /// The status that said so.
        http_status: HttpStatus,
        /// What it told to a question.
        told: Option<ResponsePayload>,
    },
    /// It was refused for all of it, or its tries are used up.
    Failed(Failure),
    /// Each part of it otherwise.
    Parts(Vec<ItemResult>),
    /// It is to be sent in halves, to find out which of them is to blame.
    Split,
    /// Nobody knows.
    Unsettled,
}

/// What is known of an operation, once a verdict on it is noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct AttemptInfo {
    /// Requests that were sent for it, or tries without one where there are more.
    pub(super) made: u32,
    /// Whether it may be tried again.
    pub(super) has_tries_left: bool,
    /// Whether it can be sent in smaller operations.
    pub(super) can_be_split: bool,
    /// Whether it only asks: then it fails by what happened last.
    pub(super) is_question: bool,
}

/// What is known of the server and of everybody else, once a verdict is noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerHealth {
    /// Whether the API has ever answered.
    pub(super) has_answered: bool,
    /// Whether nothing gets through, for a while already.
    pub(super) is_outage: bool,
    /// Whether others may yet show that it is everybody's fault.
    pub(super) may_be_shared_fault: bool,
    /// Whose the limit is that was met, if one was.
    pub(super) limit_owner: LimitOwner,
    /// When the operation may be tried again.
    pub(super) retry_at: Instant,
}

/// Whose a limit is that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitOwner {
    /// The operation's own: it counts as a try.
    Operation,
    /// Everybody's, which is no fault of the operation.
    Everyone,
}

/// What follows from a verdict.
#[derive(Debug)]
pub(super) enum RetryDecision {
    Complete(Completion),
    /// Its tries are used up, but nothing tells yet whose fault that is; with the end that
    /// it has if it is its own.
    Hold(Completion),
    Retry(RetryPlan),
    /// No request will fare better.
    Stop(StopReason),
}

/// Another try.
#[derive(Clone, Copy, Debug)]
pub(super) struct RetryPlan {
    pub(super) at: Instant,
    /// Whether it is a retry that the budget has to bear.
    pub(super) uses_budget: bool,
}

/// What is told of a decision.
#[derive(Debug, Default)]
pub(super) struct DecisionReport {
    /// Why it is tried again.
    pub(super) retry_cause: Option<RetryCause>,
    /// What makes smaller operations of it.
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

/// What follows from a verdict, and what is to be told of that.
pub(super) fn decide(
    verdict: Verdict,
    told: Option<ResponsePayload>,
    attempts: AttemptInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    let end = |completion| {
        (
            RetryDecision::Complete(completion),
            DecisionReport::default(),
        )
    };
    match verdict {
        Verdict::Done { http_status } => end(Completion::Done { http_status, told }),
        Verdict::Refused(failure) => end(Completion::Failed(failure)),
        Verdict::PerLink(parts) => end(Completion::Parts(parts)),
        Verdict::NotSent(failure) | Verdict::ConnectionLost(failure) if !health.has_answered => {
            retry_with_budget(failure, health)
        }
        Verdict::Transient { failure, .. }
        | Verdict::NotSent(failure)
        | Verdict::ConnectionLost(failure) => {
            if health.is_outage && attempts.can_be_split {
                split(failure)
            } else {
                retry_or_give_up(failure, attempts, health)
            }
        }
        Verdict::Throttled { failure, .. } => match health.limit_owner {
            LimitOwner::Operation => retry_or_give_up(failure, attempts, health),
            LimitOwner::Everyone => retry_without_budget(health, None),
        },
        Verdict::DayUsedUp(_) => retry_without_budget(health, None),
        Verdict::NotFromApi(failure) => after_foreign_answer(failure, attempts, health),
        Verdict::TokenExpired(_) | Verdict::TokenReplaced(_) => {
            retry_without_budget(health, Some(RetryCause::TokenOutdated))
        }
        Verdict::Fatal(reason) => (RetryDecision::Stop(reason), DecisionReport::default()),
    }
}

/// In an outage the rows of a batch may be to blame, or their number: a
/// smaller probe tells. That costs a call for each probe at most, once all
/// is well again.
fn split(failure: Failure) -> (RetryDecision, DecisionReport) {
    (
        RetryDecision::Complete(Completion::Split),
        DecisionReport::split(failure),
    )
}

/// Another try, unless they are used up.
fn retry_or_give_up(
    failure: Failure,
    attempts: AttemptInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    if attempts.has_tries_left {
        return retry_with_budget(failure, health);
    }
    if attempts.can_be_split {
        let end = out_of_tries(Completion::Split, attempts, health);
        return (end, DecisionReport::split(failure));
    }
    let failure = if attempts.is_question {
        failure
    } else {
        given_up(failure, attempts.made)
    };
    let own = Completion::Failed(failure);
    (
        out_of_tries(own, attempts, health),
        DecisionReport::default(),
    )
}

/// The answer is not the API's.
fn after_foreign_answer(
    failure: Failure,
    attempts: AttemptInfo,
    health: ServerHealth,
) -> (RetryDecision, DecisionReport) {
    if attempts.has_tries_left && health.is_outage && attempts.can_be_split {
        return split(failure);
    }
    if attempts.has_tries_left {
        return retry_with_budget(failure, health);
    }
    let own = if attempts.is_question {
        Completion::Failed(failure)
    } else if attempts.can_be_split {
        Completion::Split
    } else {
        Completion::Unsettled
    };
    (
        out_of_tries(own, attempts, health),
        DecisionReport::default(),
    )
}

/// The tries of an operation are used up; its end then is `own`.
fn out_of_tries(own: Completion, attempts: AttemptInfo, health: ServerHealth) -> RetryDecision {
    // Nobody waits for an answer that the run can do without.
    if health.may_be_shared_fault && !attempts.is_question {
        RetryDecision::Hold(own)
    } else {
        RetryDecision::Complete(own)
    }
}

fn retry_with_budget(failure: Failure, health: ServerHealth) -> (RetryDecision, DecisionReport) {
    retry_decision(health, true, Some(RetryCause::Failed(failure)))
}

/// For reasons that are no fault of any row or server.
fn retry_without_budget(
    health: ServerHealth,
    retried: Option<RetryCause>,
) -> (RetryDecision, DecisionReport) {
    retry_decision(health, false, retried)
}

fn retry_decision(
    health: ServerHealth,
    is_retry: bool,
    retried: Option<RetryCause>,
) -> (RetryDecision, DecisionReport) {
    let at = health.retry_at;
    let again = RetryPlan {
        at,
        uses_budget: is_retry,
    };
    let notes = DecisionReport {
        retry_cause: retried,
        ..DecisionReport::default()
    };
    (RetryDecision::Retry(again), notes)
}

/// How an operation fails whose tries are used up.
fn given_up(failure: Failure, tries: u32) -> Failure {
    failure.wrap_detail(|why| ResponseFault::TriesUsedUp { tries, why })
}
