//! Questions that are no matter of rows: paced, counted and retried by the same
//! rules, but with tries of their own. A refusal of one is no verdict on rows,
//! and whether there is a HubSpot is not told by it.
//!
//! Knows nothing of what the answers are good for.

use tokio::time::Instant;

use super::{
    attempt_state::{AttemptState, CallPurpose},
    execution::Caller,
    retry_decision::Completion,
};
use crate::{
    api::{Api, ApiResponse, Operation, ResponsePayload, Verdict},
    association::{AdminLimit, AssociationType},
    code::Code,
    failure::{Failure, MissingPayload, ResponseFault},
    http_status::HttpStatus,
};

/// The types of links between two object types, each with its label.
pub type LabeledTypes = Vec<(AssociationType, Option<String>)>;

impl<A: Api> Caller<A> {
    /// What HubSpot tells to a question, or why it does not; `None` if the run
    /// stops. Of another account than the one that is expected nothing is asked.
    pub async fn ask(&self, operation: Operation<'_>) -> Option<Result<ResponsePayload, Failure>> {
        let mut question = AttemptState::for_question(self.max_attempts());
        let completion = self.execute(&mut question, None, operation).await;
        self.operation_finished(&question);
        if self.stop.is_requested() {
            return None;
        }
        match completion {
            Completion::Done { http_status, told } => {
                Some(told.ok_or_else(|| missing_payload(&operation, Some(http_status))))
            }
            Completion::Failed(failure) => Some(Err(failure)),
            // No answer to a question is of parts; it would tell nothing.
            Completion::Parts(_) | Completion::Split => {
                Some(Err(missing_payload(&operation, None)))
            }
            Completion::Unsettled => None,
        }
    }

    /// The labels of links from one object type to another, or why they are not
    /// known; `None` if the run stops.
    pub async fn labels(&self, from: &str, to: &str) -> Option<Result<LabeledTypes, Failure>> {
        self.ask_for(Operation::Labels(from, to), ResponsePayload::into_labels)
            .await
    }

    /// The limits that administrators have set, or why they are not known; `None` if the run
    /// stops.
    pub async fn limits(&self) -> Option<Result<Vec<AdminLimit>, Failure>> {
        self.ask_for(Operation::Limits, ResponsePayload::into_limits)
            .await
    }

    /// What a question is asked for, or why it is not told.
    pub async fn ask_for<T>(
        &self,
        operation: Operation<'_>,
        wanted: impl FnOnce(ResponsePayload) -> Option<T>,
    ) -> Option<Result<T, Failure>> {
        let told = self.ask(operation).await?;
        Some(told.and_then(|told| wanted(told).ok_or_else(|| missing_payload(&operation, None))))
    }

    /// One attempt in its turn, whatever comes of it, and another one if the token
    /// was out of date; `None` if the run stops.
    pub async fn ask_once(&self, operation: Operation<'_>) -> Option<ApiResponse> {
        let answer = self.ask_paced(operation).await?;
        if !matches!(
            answer.verdict,
            Verdict::TokenExpired(_) | Verdict::TokenReplaced(_)
        ) {
            return Some(answer);
        }
        self.ask_paced(operation).await
    }

    async fn ask_paced(&self, operation: Operation<'_>) -> Option<ApiResponse> {
        match self.wait_turn(self.api().class(operation)).await? {
            Ok(_turn) => Some(self.send(operation, false, Instant::now()).await),
            Err(verdict) => Some(ApiResponse::from_verdict(verdict)),
        }
    }

    /// A run goes on without the answer to this question: if something between here and
    /// HubSpot stops only it, that is no outage. Returns how it ends, if it is so.
    pub(super) async fn check_blocked(
        &self,
        question: &AttemptState,
        operation: Operation<'_>,
    ) -> Option<Completion> {
        let may_be_barred = question.purpose == CallPurpose::Question
            && matches!(operation, Operation::Records(..));
        let tries = question.unanswered_in_a_row();
        if !may_be_barred || tries < self.max_attempts() {
            return None;
        }
        let Some(other) = self.ask_once(Operation::Account).await else {
            return Some(Completion::Unsettled);
        };
        // Whatever it says.
        matches!(
            other.verdict,
            Verdict::Done { .. } | Verdict::PerLink(_) | Verdict::Refused(_)
        )
        .then(|| Completion::Failed(blocked(tries)))
    }
}

fn blocked(tries: u32) -> Failure {
    Failure::new(
        Code::ConnectionFailed,
        ResponseFault::NeverAnswered { tries },
    )
}

/// An answer of success that lacks what was asked for.
fn missing_payload(operation: &Operation<'_>, http_status: Option<HttpStatus>) -> Failure {
    let what = match operation {
        Operation::Account => MissingPayload::Account,
        Operation::Day => MissingPayload::Day,
        Operation::Scopes => MissingPayload::Scopes,
        Operation::Labels(..) => MissingPayload::Labels,
        Operation::Limits => MissingPayload::Limits,
        Operation::Records(..) => MissingPayload::RecordId,
        Operation::Create(_) | Operation::Remove(_) | Operation::Read(_) => MissingPayload::Links,
    };
    let lacking = ResponseFault::MissingPayload(http_status, what);
    Failure {
        http_status,
        ..Failure::new(Code::UnexpectedAnswer, lacking)
    }
}
