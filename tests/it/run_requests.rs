//! Requests that belong to no row, on the paused clock: only in the right account, and under the
//! rules of rows.

use std::{cell::RefCell, rc::Rc};

use hubassoc::{
    account::{AccountDetails, AccountId},
    api::{Api, ApiResponse, Operation, ResponsePayload, Verdict},
    association::{AssociationType, Category},
    caller::{Caller, LabeledTypes, Pace, Pacer, RetryPolicy},
    code::Code,
    exit::ExitCode,
    messages::stop_reason_text,
    rate_state::RateState,
    row::Failure,
    stop::{StopReason, StopSwitch},
};

use crate::support::scripted_api::{TOLD, account_refused, failure, ms, token_replaced, transient};

/// Answers requests for the account, and for labels with the scripted answers in order, the last one
/// for ever.
#[derive(Clone)]
struct ScriptedAccount {
    calls: Rc<RefCell<Vec<&'static str>>>,
    labels: Rc<RefCell<Vec<Verdict>>>,
    account: Rc<dyn Fn(usize) -> u64>,
}

impl std::fmt::Debug for ScriptedAccount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ScriptedAccount")
    }
}

fn label() -> (AssociationType, Option<String>) {
    let association_type = AssociationType {
        category: Category::UserDefined,
        id: 37,
    };
    (association_type, Some("Buyer".to_owned()))
}

impl Api for ScriptedAccount {
    async fn execute(&self, call: Operation<'_>) -> ApiResponse {
        if matches!(call, Operation::Account) {
            self.calls.borrow_mut().push("account");
            let before = self.calls.borrow().len();
            let id = AccountId::new((self.account)(before));
            return ApiResponse {
                payload: Some(ResponsePayload::Account(AccountDetails::from_id(id))),
                ..ApiResponse::from_verdict(TOLD)
            };
        }
        self.calls.borrow_mut().push("labels");
        let mut labels = self.labels.borrow_mut();
        let verdict = match labels.as_slice() {
            [last] => last.clone(),
            _ => labels.remove(0),
        };
        ApiResponse {
            payload: (verdict == TOLD).then(|| ResponsePayload::Labels(vec![label()])),
            ..ApiResponse::from_verdict(verdict)
        }
    }
}

/// The labels, the reason to stop, and the calls.
struct LabelsRun {
    came: Option<Result<LabeledTypes, Failure>>,
    stop: Option<StopReason>,
    calls: Vec<&'static str>,
}

/// Requests labels with account 1 expected.
fn labels(
    verdicts: impl Into<Vec<Verdict>>,
    account: impl Fn(usize) -> u64 + 'static,
) -> LabelsRun {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let api = ScriptedAccount {
        calls: Rc::default(),
        labels: Rc::new(RefCell::new(verdicts.into())),
        account: Rc::new(account),
    };
    let stop = StopSwitch::default();
    let api_handle = api.clone();
    let came = runtime.block_on(async {
        let pacer = Pacer::new(Pace::Unlimited, ms(60_000), RateState::in_memory());
        let retry = RetryPolicy { max_attempts: 3 };
        Caller::new(api_handle, pacer, retry, stop.clone())
            .requiring_account(Some(AccountId::new(1)))
            .labels("contacts", "companies")
            .await
    });
    LabelsRun {
        came,
        stop: stop.reason(),
        calls: api.calls.take(),
    }
}

#[test]
fn labels_are_requested_after_the_account() {
    let ran = labels([TOLD], |_| 1);
    assert_eq!(ran.came, Some(Ok(vec![label()])));
    assert_eq!(ran.calls, ["account", "labels"]);
}

#[test]
fn labels_of_another_account_are_not_requested() {
    let ran = labels([TOLD], |_| 2);
    assert!(matches!(ran.stop, Some(StopReason::WrongAccount { .. })));
    assert_eq!((ran.came, ran.calls), (None, vec!["account"]));
}

#[test]
fn after_a_token_change_the_account_is_requested_before_labels() {
    let ran = labels(
        [token_replaced(), TOLD],
        |calls| if calls > 2 { 2 } else { 1 },
    );
    assert!(ran.stop.is_some() && ran.came.is_none());
    assert_eq!(ran.calls, ["account", "labels", "account"]);
}

#[test]
fn transient_failures_are_retried_and_a_refusal_is_returned() {
    let ran = labels([transient(), TOLD], |_| 1);
    assert_eq!(ran.came, Some(Ok(vec![label()])));
    let Verdict::Refused(failure) = account_refused() else {
        panic!()
    };
    let ran = labels([account_refused()], |_| 1);
    assert_eq!((ran.came, ran.stop), (Some(Err(failure)), None));
    // More failures than a row has tries are no refusal.
    let ran = labels([transient(), transient(), transient(), TOLD], |_| 1);
    assert_eq!((ran.came, ran.stop), (Some(Ok(vec![label()])), None));
}

#[test]
fn an_outage_at_the_question_for_labels_ends_with_4_after_max_wait() {
    let ran = labels([transient()], |_| 1);
    assert!(ran.came.is_none(), "{:?}", ran.came);
    let reason = ran.stop.unwrap();
    assert_eq!(ExitCode::of_stop(&reason), ExitCode::Unavailable);
    let text = stop_reason_text(&reason);
    assert!(text.contains("longer than --max-wait (60 s)"), "{text}");
}

#[test]
fn a_refusal_to_list_labels_is_told_at_once() {
    let ran = labels([Verdict::Refused(failure(Code::Rejected))], |_| 1);
    assert!(matches!(&ran.came, Some(Err(_))), "{:?}", ran.came);
    assert_eq!((ran.stop, ran.calls.len()), (None, 2));
}
