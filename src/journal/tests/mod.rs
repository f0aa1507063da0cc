//! The files of a run after a kill, a power loss, a spreadsheet or another program. Everything
//! is read back from a real folder.

mod formats;
mod proofs;
mod reading;
mod results;
mod run_logs;
mod snapshots;
mod sums;
mod syncing;
mod under_way;

use std::{
    fs,
    path::{Path, PathBuf},
};

use csv::StringRecord;
use jiff::Timestamp;

use super::{
    ApiTarget, InputInfo, Journal, JournalError, LockedRun, RecordedRun, ResultsFile,
    ResultsFormat, RunInfo, lock, run_log_path,
};
use crate::{
    association::{Association, RecordId},
    code::Code,
    failure::ResponseFault,
    http_status::HttpStatus,
    messages,
    output::ResultsWriter,
    row::{Failure, Outcome, Row, RowLink, RowReport},
    stop::StopSwitch,
    tables::v1,
};

/// The message of an error.
#[track_caller]
fn error_text<T>(refused: Result<T, JournalError>) -> String {
    messages::journal(&refused.err().unwrap())
}

/// A folder with the files of one run.
struct RunFolder(tempfile::TempDir);

impl RunFolder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn results(&self) -> PathBuf {
        self.0.path().join("links.results.csv")
    }

    fn run_log(&self) -> PathBuf {
        run_log_path(&self.results())
    }

    fn begin(&self) -> (Journal, ResultsWriter<ResultsFile>) {
        self.begin_with(&run_info())
    }

    fn begin_with(&self, info: &RunInfo) -> (Journal, ResultsWriter<ResultsFile>) {
        let locked = lock(&self.results(), |_| {}).unwrap();
        locked.begin(info, &StopSwitch::default()).unwrap()
    }

    /// A run that recorded these rows and ended by itself.
    fn recorded(reports: &[RowReport]) -> Self {
        Self::recorded_with(&run_info(), reports)
    }

    /// A run that began with this info, recorded these rows and ended by itself.
    fn recorded_with(info: &RunInfo, reports: &[RowReport]) -> Self {
        let place = Self::new();
        let (mut journal, mut results) = place.begin_with(info);
        results.write(reports, messages::failure).unwrap();
        journal.sync().unwrap();
        place
    }

    /// A run that recorded these rows and was killed before anything was synced.
    fn killed(reports: &[RowReport]) -> Self {
        let place = Self::recorded(reports);
        let run_log = fs::read_to_string(place.run_log()).unwrap();
        let first = run_log.split_inclusive('\n').next().unwrap();
        fs::write(place.run_log(), first).unwrap();
        place
    }

    fn open(&self) -> Result<Option<RecordedRun>, JournalError> {
        lock(&self.results(), |_| {}).and_then(|locked: LockedRun| locked.recorded_run())
    }

    fn rows(&self) -> Vec<u64> {
        let past = self.open().unwrap();
        past.map_or_else(Vec::new, |past| past.rows().recorded.iter().collect())
    }
}

fn run_info() -> RunInfo {
    RunInfo {
        format: RunInfo::FORMAT,
        version: "0".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        input: InputInfo::inspect("links.csv".to_owned(), None, None),
        server: ApiTarget {
            api: "v1".to_owned(),
            target: "sandbox".to_owned(),
        },
        results_format: ResultsFormat {
            columns: ["from", "to", "note"].map(str::to_owned).into(),
            result_columns: ResultsFormat::new_result_columns(),
            key_columns: vec![0, 1],
            delimiter: ',',
            bom: false,
        },
        options: std::collections::BTreeMap::new(),
        reads_before_write: false,
        subject: None,
    }
}

/// Row `n`, whose last cell is this text.
fn row(n: u64, note: &str) -> Row {
    Row {
        number: n,
        line: n + 1,
        cells: [&n.to_string(), "7", note].into_iter().collect(),
        link: Ok(RowLink::Known(Association {
            from: RecordId::new(n).unwrap(),
            to: RecordId::new(7).unwrap(),
            definition: v1::table().definition(1).unwrap(),
        })),
        origin: None,
    }
}

fn report(row: Row, outcome: Outcome) -> RowReport {
    RowReport {
        singled_out: false,
        may_have_written: false,
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
        Outcome::Failed(Failure::new(code, ResponseFault::Quoted("a, \"b\"\nc".to_owned())).into()),
    )
}

fn header() -> StringRecord {
    run_info().results_format.columns.iter().collect()
}

fn append(path: &Path, bytes: &[u8]) {
    let mut all = fs::read(path).unwrap();
    all.extend_from_slice(bytes);
    fs::write(path, all).unwrap();
}
