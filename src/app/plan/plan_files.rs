//! The files of a plan: rows for people, the log for an apply, and the document with the digest.
//! They appear only as a whole: a plan that is not finished leaves none of them.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use crate::{
    app::error::AppError,
    output::{ResultsError, report_path},
    plan::{PlanDocument, PlanLogWriter},
    private_file,
};

/// The most plans of one input that are counted.
const MOST_PLANS: u32 = 10_000;

/// The paths of the files of a plan.
#[derive(Clone, Debug)]
pub(super) struct PlanPaths {
    /// The rows, for people.
    pub(super) rows: PathBuf,
    /// The log, for an apply.
    pub(super) log: PathBuf,
    /// The document, which names the other two.
    pub(super) document: PathBuf,
}

impl PlanPaths {
    /// The first paths beside these results that are free: `links.plan.csv`, `links.plan-2.csv`, …
    pub(super) fn first_free(results: &Path) -> Self {
        let mut n = 1;
        loop {
            let rows = report_path(results, "plan", n);
            let paths = Self {
                log: rows.with_extension("log"),
                document: rows.with_extension("json"),
                rows,
            };
            if n == MOST_PLANS || paths.all().iter().all(|path| !path.exists()) {
                return paths;
            }
            n += 1;
        }
    }

    fn all(&self) -> [&Path; 3] {
        [&self.rows, &self.log, &self.document]
    }
}

/// The files of a plan that is being made. They are removed again unless it is finished.
pub(super) struct PlanFilesInProgress {
    paths: PlanPaths,
    rows: BufWriter<File>,
    log: PlanLogWriter<BufWriter<File>>,
    created: CreatedFiles,
}

/// Removes files when it is dropped.
#[derive(Default)]
struct CreatedFiles(Vec<PathBuf>);

impl Drop for CreatedFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            // What cannot be removed stays. Without the document nobody takes it for a plan.
            let _ = fs::remove_file(path);
        }
    }
}

impl CreatedFiles {
    fn create(&mut self, path: &Path) -> Result<File, AppError> {
        let created = private_file::create_new().open(path);
        let file = created.map_err(|error| ResultsError::Create(path.to_owned(), error))?;
        self.0.push(path.to_owned());
        Ok(file)
    }
}

impl PlanFilesInProgress {
    /// Creates the rows and the log.
    pub(super) fn create(paths: PlanPaths) -> Result<Self, AppError> {
        let mut created = CreatedFiles::default();
        let rows = BufWriter::new(created.create(&paths.rows)?);
        let log = BufWriter::new(created.create(&paths.log)?);
        let log = PlanLogWriter::create(log);
        Ok(Self {
            log: log.map_err(|error| write_error(&paths.log, error))?,
            rows,
            paths,
            created,
        })
    }

    /// Adds lines of rows, and their lines in the log.
    pub(super) fn write(&mut self, rows: &[u8], log: &[u8]) -> Result<(), ResultsError> {
        let written = self.rows.write_all(rows);
        written.map_err(|error| ResultsError::Write(self.paths.rows.clone(), error))?;
        let written = self.log.write(log);
        written.map_err(|error| ResultsError::Write(self.paths.log.clone(), error))
    }

    /// Ends the files, and writes the document that `document` makes of the hash of the log.
    pub(super) fn finish(
        self,
        document: impl FnOnce(&PlanPaths, String) -> PlanDocument,
    ) -> Result<(PlanDocument, PlanPaths), AppError> {
        let Self {
            paths,
            rows,
            log,
            mut created,
        } = self;
        sync(rows).map_err(|error| write_error(&paths.rows, error))?;
        let ended = log.finish();
        let ended = ended.and_then(|(log, hash)| sync(log).map(|()| hash));
        let log_hash = ended.map_err(|error| write_error(&paths.log, error))?;
        let document = document(&paths, log_hash);
        let mut file = created.create(&paths.document)?;
        let written = file.write_all(document.to_json().as_bytes());
        let synced = written.and_then(|()| file.sync_all());
        synced.map_err(|error| write_error(&paths.document, error))?;
        created.0.clear();
        Ok((document, paths))
    }
}

fn sync(file: BufWriter<File>) -> io::Result<()> {
    file.into_inner()?.sync_all()
}

fn write_error(path: &Path, error: io::Error) -> AppError {
    ResultsError::Write(path.to_owned(), error).into()
}
