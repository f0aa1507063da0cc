//! A run over rows that are recorded (an undo, a verification) in figures:
//! what its `--summary` writes, and its closing text says.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    counts::Counts,
    files::{Files, shown, shown_if_any},
};
use crate::row::Status;

/// Such a run in figures. `rows` is the sum of `outcomes` and `unsettled`, of
/// all sessions of the run.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// See [`Figures::VERSION`].
    pub version: u32,
    /// What was done, as it was typed.
    pub command: &'static str,
    /// The results file that was read.
    #[serde(serialize_with = "shown")]
    pub results: PathBuf,
    /// The file that says how each row ended, if one is there.
    #[serde(serialize_with = "shown_if_any")]
    pub report: Option<PathBuf>,
    /// All files of the run.
    pub files: Files,
    /// Base URL, or `sandbox`.
    pub target: String,
    /// The API's version.
    pub api: &'static str,
    /// HubSpot's number of the account, if it was learnt.
    pub account: Option<u64>,
    /// When the run began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// Rows that it was about.
    pub rows: u64,
    /// Rows that this session has recorded.
    pub recorded: u64,
    /// Rows by how they ended: one field for each status of the command.
    #[serde(flatten)]
    pub outcomes: Outcomes,
    /// Rows by the code of their last line.
    pub codes: BTreeMap<&'static str, u64>,
    /// Rows that were not attempted, or whose outcome is not known.
    pub unsettled: u64,
    /// Requests sent.
    pub calls: u64,
    /// Requests that were sent again after a passing fault.
    pub retries: u64,
    /// Answers that said "too many requests".
    pub throttled: u64,
    /// Calls left today, if the server said so.
    pub daily_calls_remaining: Option<u64>,
    /// The code the program ends with.
    pub exit_code: u8,
    /// Why it ended before its end, if it did.
    pub stopped: Option<String>,
}

/// Rows by how they ended, in the command's own order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes(Vec<(Status, u64)>);

impl Outcomes {
    /// Of these statuses.
    #[must_use]
    pub fn of(statuses: &[Status], counts: &Counts) -> Self {
        let counted = statuses.iter().map(|status| (*status, counts.of(*status)));
        Self(counted.collect())
    }

    /// Each status, and how many rows ended with it.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        self.0.iter().copied()
    }

    /// Rows that ended.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.iter().map(|(_, rows)| rows).sum()
    }

    /// Rows that somebody has to look at.
    #[must_use]
    pub fn bad(&self) -> u64 {
        let bad = self.iter().filter(|(status, _)| status.is_bad());
        bad.map(|(_, rows)| rows).sum()
    }
}

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter().map(|(status, rows)| (status.word(), rows)))
    }
}

impl Figures {
    /// The version of the fields; it changes when one changes its meaning.
    pub const VERSION: u32 = 1;

    /// How long the run took.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::{Causes, Place},
        output::closing_of,
    };

    fn figures() -> Figures {
        let counts = Counts::default();
        let ended = [
            (Status::Removed, 1_200),
            (Status::Kept, 3),
            (Status::Failed, 12),
        ];
        for (status, rows) in ended {
            (0..rows).for_each(|_| counts.add(status));
        }
        Figures {
            version: Figures::VERSION,
            command: "undo",
            results: "links.results.csv".into(),
            report: Some("links.undo.csv".into()),
            files: Files::default(),
            target: "sandbox".to_owned(),
            api: "v1",
            account: Some(7),
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: Timestamp::UNIX_EPOCH,
            seconds: 10.0,
            rows: 1_220,
            recorded: 1_215,
            outcomes: Outcomes::of(Status::OF_UNDO, &counts),
            codes: BTreeMap::new(),
            unsettled: 5,
            calls: 13,
            retries: 1,
            throttled: 0,
            daily_calls_remaining: Some(1_000),
            exit_code: 1,
            stopped: None,
        }
    }

    #[test]
    fn the_summary_has_a_field_for_each_status_of_the_command() {
        let json: serde_json::Value = serde_json::to_value(figures()).unwrap();
        let told = ["removed", "kept", "failed", "invalid"].map(|name| json[name].as_u64());
        assert_eq!(told, [Some(1_200), Some(3), Some(12), None]);
    }

    /// The closing text.
    fn told(problems: &Causes, next: &[(String, String)]) -> Vec<String> {
        let notices = closing_of(&figures(), Some(problems), next);
        notices.into_iter().map(|notice| notice.text).collect()
    }

    #[test]
    fn the_closing_text_says_all_counts_and_that_problems_are_more_than_it_names() {
        let mut problems = Causes::default();
        let place = Place { row: 4, line: 5 };
        problems.add(place, "timeout", "no answer");
        let next = [("go on with".to_owned(), "hubassoc undo".to_owned())];
        let lines = told(&problems, &next);
        assert_eq!(
            lines,
            [
                "not finished: 5 rows got no answer that counts",
                "row 4 (line 5) timeout: no answer",
                "… and 11 more rows: links.undo.csv",
                "1,220 rows: 1,200 removed, 3 kept, 12 failed, 5 not attempted or without an answer",
                "took 10 s: 121.5 rows/s, 13 calls (1 retried, 0 answered 429, 1,000 left today)",
                "report:   links.undo.csv",
                "go on with\n  hubassoc undo",
            ]
        );
    }

    #[test]
    fn rows_with_one_cause_are_told_as_one_with_three_of_them_and_where_the_rest_is() {
        let mut problems = Causes::default();
        for row in 1..=12 {
            let place = Place { row, line: row + 1 };
            let message = format!("no contact {row}");
            problems.add(place, "object_not_found", &message);
        }
        let lines = told(&problems, &[]);
        assert_eq!(
            lines[1],
            "12 rows object_not_found: no contact …\n  \
             rows 1 (line 2), 2 (line 3), 3 (line 4) and 9 more: links.undo.csv"
        );
        assert!(lines[2].starts_with("1,220 rows: "), "{lines:?}");
    }
}
