//! Begins a run on its files, or goes on with the one that they record.

use std::{fs, io};

use jiff::Timestamp;

use super::{
    begun::{Begun, ResultsForm},
    companion::{Event, Mark, Resumed, Session},
    error::JournalError,
    file::ResultsFile,
    header,
    lock::{Locked, lock_results},
    log,
    past::Past,
    place::{Use, create, exists, reopen, sync_folder},
    running::{Journal, Known},
};
use crate::{output::Results, stop::Stop};

/// A run's memory, and the results that it appends to.
pub type Opened = (Journal, Results<ResultsFile>);

impl Locked {
    /// Begins a run: the companion is on the disk before the results exist.
    ///
    /// # Errors
    /// If the results exist, or the files cannot be created.
    pub fn begin(self, begun: &Begun, stop: &Stop) -> Result<Opened, JournalError> {
        if exists(&self.results) {
            return Err(JournalError::Exists(self.results));
        }
        self.write_begun(begun)?;
        let file = create(&self.results).map_err(|error| {
            if error.kind() == io::ErrorKind::AlreadyExists {
                JournalError::Exists(self.results.clone())
            } else {
                JournalError::Create(self.results.clone(), error)
            }
        })?;
        self.write_header(file, &begun.form, stop)
    }

    /// Begins a run where one recorded nothing: of its results at most the
    /// header stands.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn begin_again(self, begun: &Begun, stop: &Stop) -> Result<Opened, JournalError> {
        if reopen(&self.results, Use::Append)?.is_some() {
            // First of all: results beside a companion that is only just being
            // written anew would be refused for ever, were we killed between.
            fs::remove_file(&self.results)
                .and_then(|()| sync_folder(&self.results))
                .map_err(|error| JournalError::Create(self.results.clone(), error))?;
        }
        self.begin(begun, stop)
    }

    fn write_begun(&self, begun: &Begun) -> Result<(), JournalError> {
        // Refuses what is no companion: it would be lost.
        log::read(&self.companion)?;
        let event = Event::Begun(Box::new(begun.clone()));
        let file = &self.companion.file;
        file.set_len(0)
            .and_then(|()| self.companion.append(&event))
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder(&self.companion.path))
            .map_err(|error| JournalError::Create(self.companion.path.clone(), error))
    }

    fn write_header(
        self,
        file: fs::File,
        form: &ResultsForm,
        stop: &Stop,
    ) -> Result<Opened, JournalError> {
        lock_results(&file, &self.results)?;
        let file = ResultsFile::after(Mark::default(), file, &form.key_columns);
        let results = header::start(file, &self.results, form);
        let results = results.map_err(|error| {
            // Not even a header: leave nothing that refuses the next try.
            let _ = fs::remove_file(&self.results);
            let _ = fs::remove_file(&self.companion.path);
            JournalError::Write(self.results.clone(), error.into_io())
        })?;
        sync_folder(&self.results)
            .map_err(|error| JournalError::Create(self.results.clone(), error))?;
        let header_length = results.inner().written().mark().length;
        let known = Known {
            header_length,
            ..Known::default()
        };
        self.open(results, known, stop)
    }

    /// Goes on after what stands; only now is a torn tail cut off.
    ///
    /// # Errors
    /// If the files cannot be written.
    pub fn go_on(self, past: &Past, session: Session, stop: &Stop) -> Result<Opened, JournalError> {
        let mark = past.recorded.mark;
        let Some(file) = reopen(&self.results, Use::Append)? else {
            let gone = io::ErrorKind::NotFound.into();
            return Err(JournalError::Read(self.results, gone));
        };
        lock_results(&file, &self.results)?;
        cut(&file, mark.length)
            .map_err(|error| JournalError::Write(self.results.clone(), error))?;
        let resumed = Event::Resumed(Resumed {
            at: Timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            length: mark.length,
            options: session.options,
            // A retry that was cut short goes on as what it is.
            retry_from: if session.retry {
                Some(mark.length)
            } else {
                past.log.latest.retry_from
            },
            input_size: session.input_size,
        });
        let companion = &self.companion;
        cut(&companion.file, past.log.length)
            .and_then(|()| companion.append(&Event::Synced(past.recorded.reached())))
            .and_then(|()| companion.append(&resumed))
            .and_then(|()| companion.file.sync_all())
            .map_err(|error| JournalError::Write(companion.path.clone(), error))?;
        let form = &past.log.begun.form;
        let file = ResultsFile::after(mark, file, &form.key_columns);
        let results = if mark.length == 0 {
            // Not even the header got there.
            header::start(file, &self.results, form)
                .map_err(|error| JournalError::Write(self.results.clone(), error.into_io()))?
        } else {
            let delimiter = form.delimiter_byte();
            Results::go_on(file, &self.results, delimiter, form.result_columns())
        };
        let known = Known {
            handed_out: past.handed_out(),
            account: past.account(),
            has_notes: !past.noted().is_empty(),
            header_length: past.header_length,
        };
        self.open(results, known, stop)
    }

    fn open(
        self,
        results: Results<ResultsFile>,
        known: Known,
        stop: &Stop,
    ) -> Result<Opened, JournalError> {
        let Self {
            mut unbegun,
            results: path,
            companion,
        } = self;
        unbegun.0 = None;
        let journal = Journal::start(companion, path, results.inner(), known, stop)?;
        Ok((journal, results))
    }
}

/// Shortens a file to this length, and makes sure of it.
fn cut(file: &fs::File, length: u64) -> io::Result<()> {
    if file.metadata()?.len() > length {
        file.set_len(length)?;
    }
    file.sync_all()
}
