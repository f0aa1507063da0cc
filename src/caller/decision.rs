//! What follows from a verdict: an end, another try, or the end of the run.
//!
//! Pure: what is known of the server, of the operation and of the others is an argument.

use tokio::time::Instant;

use super::events::RetryCause;
use crate::{
    api::{ItemResult, ResponsePayload, Verdict},
    failure::{AnswerFault, Failure},
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
    Halves,
    /// Nobody knows.
    Unsettled,
}

/// What is known of an operation, once a verdict on it is noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempts {
    /// Requests that were sent for it, or tries without one where there are more.
    pub(super) made: u32,
    /// Whether it may be tried again.
    pub(super) are_left: bool,
    /// Whether it can be sent in smaller operations.
    pub(super) can_be_split: bool,
    /// Whether it only asks: then it fails by what happened last.
    pub(super) is_question: bool,
}

/// What is known of the server and of everybody else, once a verdict is noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Health {
    /// Whether the API has ever answered.
    pub(super) has_answered: bool,
    /// Whether nothing gets through, for a while already.
    pub(super) is_down: bool,
    /// Whether others may yet show that it is everybody's fault.
    pub(super) is_in_doubt: bool,
    /// Whose the limit is that was met, if one was.
    pub(super) limit_met: LimitMet,
    /// When the operation may be tried again.
    pub(super) next_at: Instant,
}

/// Whose a limit is that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitMet {
    /// The operation's own: it counts as a try.
    Own,
    /// Everybody's, which is no fault of the operation.
    Everybodys,
}

/// What follows from a verdict.
#[derive(Debug)]
pub(super) enum Decision {
    End(Completion),
    /// Its tries are used up, but nothing tells yet whose fault that is; with the end that
    /// it has if it is its own.
    Hold(Completion),
    Again(Again),
    /// No request will fare better.
    Stop(StopReason),
}

/// Another try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Again {
    pub(super) at: Instant,
    /// Whether it is a retry that the budget has to bear.
    pub(super) is_retry: bool,
}

/// What is told of a decision.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Why it is tried again.
    pub(super) retried: Option<RetryCause>,
    /// What makes smaller operations of it.
    pub(super) halved: Option<Failure>,
}

impl Notes {
    fn halved(failure: Failure) -> Self {
        Self {
            halved: Some(failure),
            ..Self::default()
        }
    }
}

/// What follows from a verdict, and what is to be told of that.
pub(super) fn decide(
    verdict: Verdict,
    told: Option<ResponsePayload>,
    attempts: Attempts,
    health: Health,
) -> (Decision, Notes) {
    let end = |completion| (Decision::End(completion), Notes::default());
    match verdict {
        Verdict::Done { http_status } => end(Completion::Done { http_status, told }),
        Verdict::Refused(failure) => end(Completion::Failed(failure)),
        Verdict::PerLink(parts) => end(Completion::Parts(parts)),
        Verdict::NotSent(failure) | Verdict::ConnectionLost(failure) if !health.has_answered => {
            retry(failure, health)
        }
        Verdict::Transient { failure, .. }
        | Verdict::NotSent(failure)
        | Verdict::ConnectionLost(failure) => {
            if health.is_down && attempts.can_be_split {
                halves(failure)
            } else {
                again(failure, attempts, health)
            }
        }
        Verdict::Throttled { failure, .. } => match health.limit_met {
            LimitMet::Own => again(failure, attempts, health),
            LimitMet::Everybodys => free(health, None),
        },
        Verdict::DayUsedUp(_) => free(health, None),
        Verdict::NotFromApi(failure) => no_verdict(failure, attempts, health),
        Verdict::TokenExpired(_) | Verdict::TokenReplaced(_) => {
            free(health, Some(RetryCause::TokenOutdated))
        }
        Verdict::Fatal(reason) => (Decision::Stop(reason), Notes::default()),
    }
}

/// In an outage the rows of a batch may be to blame, or their number: a
/// smaller probe tells. That costs a call for each probe at most, once all
/// is well again.
fn halves(failure: Failure) -> (Decision, Notes) {
    (Decision::End(Completion::Halves), Notes::halved(failure))
}

/// Another try, unless they are used up.
fn again(failure: Failure, attempts: Attempts, health: Health) -> (Decision, Notes) {
    if attempts.are_left {
        return retry(failure, health);
    }
    if attempts.can_be_split {
        let end = used_up(Completion::Halves, attempts, health);
        return (end, Notes::halved(failure));
    }
    let failure = if attempts.is_question {
        failure
    } else {
        given_up(failure, attempts.made)
    };
    let own = Completion::Failed(failure);
    (used_up(own, attempts, health), Notes::default())
}

/// The answer is not the API's.
fn no_verdict(failure: Failure, attempts: Attempts, health: Health) -> (Decision, Notes) {
    if attempts.are_left && health.is_down && attempts.can_be_split {
        return halves(failure);
    }
    if attempts.are_left {
        return retry(failure, health);
    }
    let own = if attempts.is_question {
        Completion::Failed(failure)
    } else if attempts.can_be_split {
        Completion::Halves
    } else {
        Completion::Unsettled
    };
    (used_up(own, attempts, health), Notes::default())
}

/// The tries of an operation are used up; its end then is `own`.
fn used_up(own: Completion, attempts: Attempts, health: Health) -> Decision {
    // Nobody waits for an answer that the run can do without.
    if health.is_in_doubt && !attempts.is_question {
        Decision::Hold(own)
    } else {
        Decision::End(own)
    }
}

fn retry(failure: Failure, health: Health) -> (Decision, Notes) {
    another_try(health, true, Some(RetryCause::Failed(failure)))
}

/// For reasons that are no fault of any row or server.
fn free(health: Health, retried: Option<RetryCause>) -> (Decision, Notes) {
    another_try(health, false, retried)
}

fn another_try(health: Health, is_retry: bool, retried: Option<RetryCause>) -> (Decision, Notes) {
    let at = health.next_at;
    let again = Again { at, is_retry };
    let notes = Notes {
        retried,
        ..Notes::default()
    };
    (Decision::Again(again), notes)
}

/// How an operation fails whose tries are used up.
fn given_up(failure: Failure, tries: u32) -> Failure {
    failure.wrapped(|why| AnswerFault::GivenUp { tries, why })
}
