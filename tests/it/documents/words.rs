//! The stable words of the results and the exit codes: docs/reference has each of them.

use hubassoc::{
    code::Code, exit::ExitCode, messages, plan_action::PlanAction, plan_column::PlanColumn,
    results_column::ResultsColumn, row::Status,
};

use super::table::{Known, hold, whole};

fn code_span(word: &str) -> String {
    format!("`{word}`")
}

#[test]
fn every_code_is_documented_with_its_meaning_its_cure_and_whether_sending_again_helps() {
    let known = Code::ALL.iter().map(|code| {
        let advice = messages::advice(*code);
        let cells = [
            code_span(code.as_str()),
            advice.cause.to_owned(),
            advice.cure.to_owned(),
            advice.resend.answer().to_owned(),
        ];
        Known::new(cells)
    });
    let tables = [("## All codes", known.collect())];
    hold("docs/reference/codes.md", &tables, whole);
}

#[test]
fn every_column_and_status_is_documented() {
    let columns = ResultsColumn::ALL.iter().map(|column| column.name());
    // A plan has no results.
    let statuses = Status::ALL
        .iter()
        .filter(|status| **status != Status::Planned);
    let statuses = statuses.map(|status| status.word());
    let tables = [
        ("## Columns", columns.map(known).collect()),
        ("## Statuses", statuses.map(known).collect()),
    ];
    hold("docs/reference/results.md", &tables, whole);
}

#[test]
fn every_column_and_action_of_a_plan_is_documented() {
    let columns = PlanColumn::ALL.iter().map(|column| known(column.name()));
    let actions = PlanAction::ALL.iter().map(|action| {
        let cells = [code_span(action.word()), action.meaning().to_owned()];
        Known::new(cells)
    });
    let tables = [
        ("### What the columns say", columns.collect()),
        ("### Actions", actions.collect()),
    ];
    hold("docs/plan.md", &tables, whole);
}

fn known(word: &str) -> Known {
    Known::new([code_span(word)])
}

/// All of them, in the order of the page.
const EXIT_CODES: [ExitCode; 12] = [
    ExitCode::Success,
    ExitCode::SomeRowsBad,
    ExitCode::Refused,
    ExitCode::Credentials,
    ExitCode::Unavailable,
    ExitCode::Internal,
    ExitCode::InputBroken,
    ExitCode::InUse,
    ExitCode::DayQuota,
    ExitCode::Hangup,
    ExitCode::Interrupt,
    ExitCode::Terminate,
];

/// A new code does not compile here before it is in the list.
fn place(code: ExitCode) -> usize {
    match code {
        ExitCode::Success => 0,
        ExitCode::SomeRowsBad => 1,
        ExitCode::Refused => 2,
        ExitCode::Credentials => 3,
        ExitCode::Unavailable => 4,
        ExitCode::Internal => 5,
        ExitCode::InputBroken => 6,
        ExitCode::InUse => 7,
        ExitCode::DayQuota => 8,
        ExitCode::Hangup => 9,
        ExitCode::Interrupt => 10,
        ExitCode::Terminate => 11,
    }
}

#[test]
fn every_exit_code_is_documented() {
    for (at, code) in EXIT_CODES.into_iter().enumerate() {
        assert_eq!(place(code), at);
    }
    let known = EXIT_CODES.map(|code| Known::new([code.get().to_string()]));
    let tables = [("## Codes", known.into())];
    hold("docs/reference/exit-codes.md", &tables, whole);
}
