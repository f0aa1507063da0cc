//! The oracle itself: correct runs pass, and each false claim and each loss is detected.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hubassoc::{association::Association, sandbox::LoggedAssociation};

use super::{
    import_options::ImportOptions,
    input_file::{HEADER, InputFile, InputRow},
    oracle::{ImportState, Observation, Oracle, Violations},
};
use crate::support::link;

/// The minimum latency of the sandbox.
const LATENCY: Duration = Duration::from_millis(2);

const OURS: &str = "assoc_row,assoc_line,assoc_status,assoc_http_status,assoc_attempts,\
                    assoc_code,assoc_message,assoc_correlation_id,assoc_finished_at,assoc_from_id,\
                    assoc_to_id";

const TIME: &str = "2026-01-01T00:00:00.000Z";

/// Three rows that succeed, one that is refused, one invalid row, and one that repeats the first.
fn case() -> Case {
    let mut rows =
        ["1001", "2001", "3001", "4404", "x", "1001"].map(|from| InputRow::of(from, 7, 1));
    for (row, number) in rows.iter_mut().zip(1..) {
        row.cells[0] = format!("n{number}");
    }
    let file = InputFile::of(rows.into());
    Case {
        started: Instant::now(),
        oracle: Oracle::new(&file, LATENCY, (ImportOptions::PLAIN, &BTreeSet::new())),
        arrivals: Vec::new(),
        results: format!("{HEADER},{OURS}\n"),
    }
}

struct Case {
    started: Instant,
    oracle: Oracle,
    arrivals: Vec<LoggedAssociation>,
    results: String,
}

impl Case {
    /// Row `row` arrives and gets this status.
    fn arrives(mut self, row: u64, status: Option<u16>) -> Self {
        let from = if row == 4 { 4404 } else { row * 1_000 + 1 };
        self.request(link((from, 7, 1)), status);
        self
    }

    fn request(&mut self, link: Association, status: Option<u16>) {
        self.arrivals.push(LoggedAssociation {
            request: self.arrivals.len() as u64 + 1,
            at: self.started,
            association: Some(link),
            status: status.map(|status| StatusCode::from_u16(status).unwrap()),
            applied: true,
        });
    }

    /// Row `row` gets a line.
    fn recorded(mut self, row: u64) -> Self {
        self.results.push_str(&line(row));
        self.results.push('\n');
        self
    }

    fn written(mut self, text: &str) -> Self {
        self.results.push_str(text);
        self
    }

    fn state_at(&self, at: Instant) -> Result<ImportState, Violations> {
        self.oracle.state(Observation {
            results: self.results.as_bytes(),
            arrivals: &self.arrivals,
            at,
        })
    }

    fn state(&self) -> Result<ImportState, Violations> {
        self.state_at(self.started + Duration::from_secs(1))
    }

    /// Asserts that nothing is wrong and that this number of 204s has no line.
    fn passes(self, unclaimed: usize) -> Self {
        assert_eq!(self.state().unwrap().unclaimed, unclaimed);
        self
    }

    fn assert_violation(self, words: &str) {
        let violations = self.state().unwrap_err().join("\n");
        assert!(violations.contains(words), "{violations}");
    }

    /// The violations in the step from this case to another.
    fn step(&self, after: &Self, cut_off: usize) -> String {
        let (before, state) = (self.state().unwrap(), after.state().unwrap());
        let violations = self
            .oracle
            .check_step(&before, &state, &after.arrivals, cut_off);
        violations.join("\n")
    }
}

fn line(row: u64) -> String {
    let ours = match row {
        4 => format!("4,5,failed,400,1,record_not_found,gone,c,{TIME},,"),
        5 => format!("5,6,invalid,,0,invalid_id,no id,,{TIME},,"),
        _ => format!("{row},{},succeeded,204,1,,,,{TIME},,", row + 1),
    };
    let from = match row {
        4 => "4404".to_owned(),
        5 => "x".to_owned(),
        6 => "1001".to_owned(),
        _ => (row * 1_000 + 1).to_string(),
    };
    format!("n{row},{from},7,1,{ours}")
}

#[test]
fn true_claims_pass_with_and_without_a_torn_line() {
    let case = case().passes(0);
    let case = case.arrives(1, Some(204)).passes(1).recorded(1).passes(0);
    let case = case.arrives(2, None).arrives(2, Some(500)).passes(0);
    let case = case.arrives(4, Some(400)).recorded(4).recorded(5).passes(0);
    let case = case.arrives(2, Some(204)).passes(1);
    case.written(&line(2)).passes(1).written("\n").passes(0);
}

#[test]
fn a_claim_without_its_answer_is_detected() {
    let words = "row 1 claims a 204 that was never sent";
    case().recorded(1).assert_violation(words);
    for status in [None, Some(500), Some(400)] {
        case()
            .arrives(1, status)
            .recorded(1)
            .assert_violation(words);
    }
    case().recorded(4).assert_violation("row 4 claims a 400");
}

#[test]
fn a_204_counts_for_one_row_only() {
    let case = case().arrives(1, Some(204)).recorded(1).recorded(6);
    case.assert_violation("row 6 claims a 204 that was never sent");
}

#[test]
fn a_claim_before_its_answer_is_detected() {
    let case = case().arrives(1, Some(204)).recorded(1);
    let due = case.started + LATENCY;
    assert!(case.state_at(due).is_ok());
    assert!(case.state_at(due - Duration::from_nanos(1)).is_err());
}

#[test]
fn two_lines_of_a_row_are_detected() {
    let case = case().arrives(1, Some(204)).arrives(1, Some(204));
    case.recorded(1)
        .recorded(1)
        .assert_violation("row 1 has two lines");
}

#[test]
fn a_line_with_another_rows_cells_is_detected() {
    for (from, to, words) in [
        ("n1,", "n2,", "other cells"),
        (",1,2,", ",9,2,", "a foreign row"),
        (",1,2,", ",0,2,", "a foreign row"),
        (",1,2,", ",,2,", "no row number"),
        (",1,2,", ",1,3,", "another line number"),
        ("succeeded,204", "failed,400", "another ending"),
        (",204,1,", ",204,0,", "wrong attempts"),
        ("2026", "", "no time"),
        (",,,", ",,,,", "16 cells under 15"),
    ] {
        let text = line(1).replacen(from, to, 1) + "\n";
        case()
            .arrives(1, Some(204))
            .written(&text)
            .assert_violation(words);
    }
}

#[test]
fn a_line_glued_to_a_torn_line_is_detected() {
    let torn = &line(1)[..20];
    case()
        .arrives(2, Some(204))
        .written(torn)
        .recorded(2)
        .assert_violation("cells under 15");
    let text = format!("\"two\nlines\",1001,{}", line(2));
    case()
        .written(&text)
        .assert_violation("the torn line is of no row");
}

#[test]
fn a_torn_line_with_too_many_cells_is_detected() {
    let text = line(2) + ",x,";
    case()
        .written(&text)
        .assert_violation("the torn line is of no row");
}

#[test]
fn a_request_that_belongs_to_no_row_is_detected() {
    let mut case = case();
    case.request(link((1001, 8, 1)), Some(204));
    case.assert_violation("a link that no row asks for");
}

#[test]
fn more_unrecorded_rows_than_were_in_flight_are_detected() {
    let before = case().arrives(1, Some(204)).recorded(1);
    let after = case().arrives(1, Some(204)).recorded(1);
    let after = after.arrives(2, Some(204)).arrives(3, Some(204));
    assert_eq!(before.step(&after, 2), "");
    assert!(
        before
            .step(&after, 1)
            .contains("2 rows have a 204 and no line")
    );
}

#[test]
fn a_settled_row_that_is_sent_again_is_detected() {
    let before = case().arrives(2, Some(204)).recorded(2);
    let after = case().arrives(2, Some(204)).recorded(2).arrives(2, None);
    assert!(
        before
            .step(&after, 16)
            .contains("[2] is settled and was sent again")
    );
}

#[test]
fn a_missing_line_is_detected() {
    let before = case().arrives(1, Some(204)).arrives(2, Some(204));
    let before = before.recorded(1).recorded(2);
    let after = case()
        .arrives(1, Some(204))
        .arrives(2, Some(204))
        .recorded(2);
    assert!(before.step(&after, 16).contains("gone or changed"));
}

#[test]
fn a_torn_line_after_a_normal_end_is_detected() {
    let before = case();
    let after = case().arrives(1, None).written("n1,10");
    assert_eq!(before.step(&after, 16), "");
    assert!(before.step(&after, 0).contains("left a torn line"));
}

#[test]
fn a_row_without_a_line_at_the_end_is_detected() {
    let case = case()
        .arrives(1, Some(204))
        .arrives(2, Some(204))
        .arrives(3, Some(204));
    let case = case
        .arrives(4, Some(400))
        .recorded(1)
        .recorded(4)
        .recorded(5);
    let violations = case.oracle.check_end(&case.state().unwrap());
    assert_eq!(violations, ["rows [2, 3, 6] have no line at the end"]);
    let case = case.arrives(1, Some(204)).recorded(6);
    let case = case.recorded(2).recorded(3);
    assert!(case.oracle.check_end(&case.state().unwrap()).is_empty());
}
