//! Questions of the run, which are not about rows. They are paced, counted and retried by the same
//! rules, but have tries of their own. A refusal is no verdict on rows.
//!
//! A question that the run can do without ends when its tries are used up, and its response says
//! nothing about reachability. One that the run cannot do without is sent again until HubSpot
//! responds or the run has waited as long as it may: an outage must not look like a refusal.
//!
//! Does not know what the answers are for.

use tokio::time::Instant;

use super::{
    execution::Caller,
    operation_state::{CallPurpose, OperationState},
    retry_decision::Completion,
};
use crate::{
    api::{Api, ApiResponse, Operation, PropertyDetails, PropertyQuery, ResponsePayload, Verdict},
    association::{AdminLimit, AssociationType},
    code::Code,
    failure::{Failure, MissingPayload, ResponseFault},
    http_status::HttpStatus,
};

/// The association types between two object types, each with its label.
pub type LabeledTypes = Vec<(AssociationType, Option<String>)>;

impl<A: Api> Caller<A> {
    /// Asks a question that the run can do without. Returns what HubSpot said or why it did not;
    /// `None` if the run stops. Nothing is asked of an unexpected account.
    pub async fn ask(&self, operation: Operation<'_>) -> Option<Result<ResponsePayload, Failure>> {
        let question = OperationState::for_optional_question(self.max_attempts());
        self.ask_as(question, operation).await
    }

    /// Asks a question that the run cannot do without. Returns what HubSpot said or how it refused;
    /// `None` if the run stops, for example because HubSpot was away for too long.
    pub(super) async fn ask_required(
        &self,
        operation: Operation<'_>,
    ) -> Option<Result<ResponsePayload, Failure>> {
        self.ask_as(OperationState::for_required_question(), operation)
            .await
    }

    async fn ask_as(
        &self,
        mut question: OperationState,
        operation: Operation<'_>,
    ) -> Option<Result<ResponsePayload, Failure>> {
        let completion = self.execute(&mut question, None, operation).await;
        self.operation_finished(&question);
        if self.stop.is_requested() {
            return None;
        }
        match completion {
            Completion::Done {
                http_status,
                payload: answer,
            } => Some(answer.ok_or_else(|| missing_payload(&operation, Some(http_status)))),
            Completion::Failed(failure) => Some(Err(failure)),
            // A question has no parts.
            Completion::Parts(_) | Completion::Split => {
                Some(Err(missing_payload(&operation, None)))
            }
            Completion::Unsettled => None,
        }
    }

    /// The labels from one object type to another, or how HubSpot refused to list them; `None` if
    /// the run stops. Rows cannot be sent without them.
    pub async fn labels(&self, from: &str, to: &str) -> Option<Result<LabeledTypes, Failure>> {
        let operation = Operation::Labels(from, to);
        let answer = self.ask_required(operation).await?;
        Some(part_of(answer, &operation, ResponsePayload::into_labels))
    }

    /// The properties of an object type that are not archived, or how HubSpot refused to list them;
    /// `None` if the run stops. Records cannot be looked up without them.
    pub async fn properties(
        &self,
        object_type: &str,
    ) -> Option<Result<Vec<PropertyDetails>, Failure>> {
        let operation = Operation::Properties(PropertyQuery::existing(object_type));
        let answer = self.ask_required(operation).await?;
        Some(part_of(
            answer,
            &operation,
            ResponsePayload::into_properties,
        ))
    }

    /// The properties of an object type that were archived, or why they are not known; `None` if the
    /// run stops.
    pub async fn archived_properties(
        &self,
        object_type: &str,
    ) -> Option<Result<Vec<PropertyDetails>, Failure>> {
        let operation = Operation::Properties(PropertyQuery::archived(object_type));
        self.ask_for(operation, ResponsePayload::into_properties)
            .await
    }

    /// The limits that administrators have set, or why they are not known; `None` if the run stops.
    pub async fn limits(&self) -> Option<Result<Vec<AdminLimit>, Failure>> {
        self.ask_for(Operation::Limits, ResponsePayload::into_limits)
            .await
    }

    /// The wanted part of the response, or why it is not there.
    pub async fn ask_for<T>(
        &self,
        operation: Operation<'_>,
        wanted: impl FnOnce(ResponsePayload) -> Option<T>,
    ) -> Option<Result<T, Failure>> {
        let answer = self.ask(operation).await?;
        Some(part_of(answer, &operation, wanted))
    }

    /// One paced attempt, whatever comes of it, and another one if the token was expired; `None` if
    /// the run stops.
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
        match self
            .wait_for_send_permit(self.api().class(operation))
            .await?
        {
            Ok(_send_permit) => Some(self.send(operation, false, Instant::now()).await),
            Err(verdict) => Some(ApiResponse::from_verdict(verdict)),
        }
    }

    /// The run can go on without the answer to this question. If something between here and HubSpot
    /// blocks only this question, that is no outage. Returns the completion in this case.
    pub(super) async fn check_blocked(
        &self,
        question: &OperationState,
        operation: Operation<'_>,
    ) -> Option<Completion> {
        let can_be_blocked = question.purpose == CallPurpose::OptionalQuestion
            && matches!(operation, Operation::Records(..));
        let tries = question.unanswered_in_a_row();
        if !can_be_blocked || tries < self.max_attempts() {
            return None;
        }
        let Some(other) = self.ask_once(Operation::Account).await else {
            return Some(Completion::Unsettled);
        };
        matches!(
            other.verdict,
            Verdict::Done { .. } | Verdict::PerLink(_) | Verdict::Refused(_)
        )
        .then(|| Completion::Failed(blocked(tries)))
    }
}

/// The wanted part of a response, or why it is not there.
fn part_of<T>(
    answer: Result<ResponsePayload, Failure>,
    operation: &Operation<'_>,
    wanted: impl FnOnce(ResponsePayload) -> Option<T>,
) -> Result<T, Failure> {
    answer.and_then(|answer| wanted(answer).ok_or_else(|| missing_payload(operation, None)))
}

fn blocked(tries: u32) -> Failure {
    Failure::new(
        Code::ConnectionFailed,
        ResponseFault::NeverAnswered { tries },
    )
}

/// A successful response without the payload that was asked for.
fn missing_payload(operation: &Operation<'_>, http_status: Option<HttpStatus>) -> Failure {
    let what = match operation {
        Operation::Account => MissingPayload::Account,
        Operation::Day => MissingPayload::Day,
        Operation::Scopes => MissingPayload::Scopes,
        Operation::Labels(..) => MissingPayload::Labels,
        Operation::Limits => MissingPayload::Limits,
        Operation::Records(..) => MissingPayload::RecordId,
        Operation::ReadByKey(_) | Operation::SearchByKey(_) => MissingPayload::KeyedRecords,
        Operation::Properties(_) => MissingPayload::Properties,
        Operation::Create(_) | Operation::Remove(_) | Operation::Read(_) => MissingPayload::Links,
    };
    let lacking = ResponseFault::MissingPayload(http_status, what);
    Failure {
        http_status,
        ..Failure::new(Code::UnexpectedAnswer, lacking)
    }
}
