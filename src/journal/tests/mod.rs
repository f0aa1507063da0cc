//! The files of a run as a kill, a power loss, a spreadsheet or a stranger
//! leaves them. Everything here is read back from a real folder.

mod companions;
mod formats;
mod looking;
mod notes;
mod proofs;
mod results;
mod sums;
mod syncing;

use std::{
    fs,
    path::{Path, PathBuf},
};

use csv::StringRecord;
use jiff::Timestamp;

use super::{
    Begun, InputRecord, Journal, JournalError, Locked, Past, ResultsFile, ResultsForm, Server,
    companion_path, lock,
};
use crate::{
    association::{Association, RecordId},
    code::Code,
    failure::AnswerFault,
    http_status::HttpStatus,
    messages,
    output::Results,
    row::{Failure, Outcome, Row, RowReport},
    stop::Stop,
    tables::v1,
};

/// What is said of what is refused.
#[track_caller]
fn said<T>(refused: Result<T, JournalError>) -> String {
    messages::journal(&refused.err().unwrap())
}

/// A folder with the files of one run.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn results(&self) -> PathBuf {
        self.0.path().join("links.results.csv")
    }

    fn companion(&self) -> PathBuf {
        companion_path(&self.results())
    }

    fn begin(&self) -> (Journal, Results<ResultsFile>) {
        self.begin_as(&begun())
    }

    fn begin_as(&self, begun: &Begun) -> (Journal, Results<ResultsFile>) {
        let locked = lock(&self.results(), |_| {}).unwrap();
        locked.begin(begun, &Stop::default()).unwrap()
    }

    /// A run that recorded these rows and ended by itself.
    fn recorded(reports: &[RowReport]) -> Self {
        Self::recorded_as(&begun(), reports)
    }

    /// The same, begun like this.
    fn recorded_as(begun: &Begun, reports: &[RowReport]) -> Self {
        let place = Self::new();
        let (mut journal, mut results) = place.begin_as(begun);
        results.write(reports, messages::failure).unwrap();
        journal.sync().unwrap();
        place
    }

    /// The same, killed before anything of it was synced.
    fn killed(reports: &[RowReport]) -> Self {
        let place = Self::recorded(reports);
        let companion = fs::read_to_string(place.companion()).unwrap();
        let first = companion.split_inclusive('\n').next().unwrap();
        fs::write(place.companion(), first).unwrap();
        place
    }

    fn past(&self) -> Result<Option<Past>, JournalError> {
        lock(&self.results(), |_| {}).and_then(|locked: Locked| locked.past())
    }

    fn rows(&self) -> Vec<u64> {
        let past = self.past().unwrap();
        past.map_or_else(Vec::new, |past| past.rows().settled.iter().collect())
    }
}

fn begun() -> Begun {
    Begun {
        format: Begun::FORMAT,
        version: "0".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        input: InputRecord::of("links.csv".to_owned(), None, None),
        server: Server {
            api: "v1".to_owned(),
            target: "sandbox".to_owned(),
        },
        form: ResultsForm {
            columns: ["from", "to", "note"].map(str::to_owned).into(),
            result_columns: ResultsForm::new_result_columns(),
            key_columns: vec![0, 1],
            delimiter: ',',
            bom: false,
        },
        options: std::collections::BTreeMap::new(),
        looked: false,
        of: None,
    }
}

/// Row `n`, whose last cell is this text.
fn row(n: u64, note: &str) -> Row {
    Row {
        number: n,
        line: n + 1,
        cells: [&n.to_string(), "7", note].into_iter().collect(),
        link: Ok(Association {
            from: RecordId::new(n).unwrap(),
            to: RecordId::new(7).unwrap(),
            definition: v1::table().definition(1).unwrap(),
        }),
        as_written: None,
    }
}

fn report(row: Row, outcome: Outcome) -> RowReport {
    RowReport {
        singled_out: false,
        row,
        attempts: 1,
        outcome: Some(outcome),
        finished_at: Timestamp::UNIX_EPOCH,
    }
}

fn succeeded(n: u64) -> RowReport {
    report(
        row(n, "x"),
        Outcome::Succeeded {
            http_status: HttpStatus::NO_CONTENT,
        },
    )
}

fn failed(n: u64, code: Code) -> RowReport {
    report(
        row(n, "x"),
        Outcome::Failed(Failure::new(code, AnswerFault::Quoted("a, \"b\"\nc".to_owned())).into()),
    )
}

fn header() -> StringRecord {
    begun().form.columns.iter().collect()
}

fn append(path: &Path, bytes: &[u8]) {
    let mut all = fs::read(path).unwrap();
    all.extend_from_slice(bytes);
    fs::write(path, all).unwrap();
}
