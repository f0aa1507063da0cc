//! The judge where a run skips what stands: links of before may be found, and
//! what the row itself has made may not.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use hubassoc::sandbox::LoggedAssociation;

use super::{
    judge::{Complaints, Evidence, Judge, Standing},
    links::told,
    manner::Manner,
    script::{HEADER, Row, Script},
};

const OURS: &str = "assoc_row,assoc_line,assoc_status,assoc_http_status,assoc_attempts,\
                    assoc_code,assoc_message,assoc_correlation_id,assoc_finished_at,assoc_from_id,\
                    assoc_to_id";

const TIME: &str = "2026-01-01T00:00:00.000Z";

/// Three rows: the third repeats the second, and the first stood before if asked.
struct Case {
    judge: Judge,
    script: Script,
    started: Instant,
}

fn case(stood: bool) -> Case {
    let rows = ["1001", "2001", "2001"].map(|from| Row::of(from, 7, 1));
    let links = rows[..1].iter().filter(|_| stood);
    let stood: BTreeSet<_> = links
        .filter_map(|row| row.link.as_ref().map(told))
        .collect();
    let script = Script { rows: rows.into() };
    let manner = Manner {
        skips: true,
        ..Manner::PLAIN
    };
    Case {
        judge: Judge::new(&script, Duration::ZERO, (manner, &stood)),
        script,
        started: Instant::now(),
    }
}

impl Case {
    /// The rows that were sent, whether that was carried out, and the words of
    /// the first rows.
    fn standing(
        &self,
        sent: &[usize],
        applied: bool,
        words: &[&str],
    ) -> Result<Standing, Complaints> {
        let arrival = |row: &usize| LoggedAssociation {
            request: *row as u64,
            at: self.started,
            association: self.script.rows[row - 1].link,
            status: Some(StatusCode::NO_CONTENT),
            applied,
        };
        let arrivals: Vec<_> = sent.iter().map(arrival).collect();
        let mut results = format!("{HEADER},{OURS}\n");
        for (number, word) in (1..).zip(words) {
            let ours = match *word {
                "already" => "already,,0",
                _ => "succeeded,204,1",
            };
            let [_, from, ..] = &self.script.rows[number - 1].cells;
            let line = number + 1;
            let cells = format!(",{from},7,1,{number},{line},{ours},,,,{TIME},,\n");
            results.push_str(&cells);
        }
        self.judge.standing(Evidence {
            results: results.as_bytes(),
            arrivals: &arrivals,
            at: Instant::now(),
        })
    }
}

#[test]
fn what_stood_may_be_found_and_what_another_row_made_too() {
    let words = ["already", "succeeded", "already"];
    let case = case(true);
    let standing = case.standing(&[2], true, &words).unwrap();
    assert!(case.judge.end(&standing).is_empty());
}

#[test]
fn a_row_that_finds_its_own_work_is_seen() {
    let complaints = case(false).standing(&[1], true, &["already"]).unwrap_err();
    assert!(complaints[0].contains("its own work"), "{complaints:?}");
}

#[test]
fn rows_that_found_what_none_has_made_are_seen() {
    let words = ["already", "already", "already"];
    let case = case(true);
    let standing = case.standing(&[2], true, &words).unwrap();
    assert_eq!(
        case.judge.end(&standing),
        ["rows [2, 3] found what no row has made"]
    );
}

#[test]
fn a_link_that_stood_and_was_sent_is_seen() {
    let complaints = case(true).standing(&[1], true, &[]).unwrap_err();
    assert!(
        complaints[0].contains("that stood was sent"),
        "{complaints:?}"
    );
}

#[test]
fn a_claim_of_what_was_answered_and_not_carried_out_is_seen() {
    let sent = case(false).standing(&[1], false, &["succeeded"]);
    let complaints = sent.unwrap_err();
    assert!(complaints[0].contains("never sent"), "{complaints:?}");
}
