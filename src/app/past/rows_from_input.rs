//! Rows whose links the results do not tell: those that the run was about to write when it was
//! stopped, without a line, and those whose cells another program has changed. Their ids are
//! read from the input of the run, after a proof that it is the same.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use roaring::RoaringTreemap;

use super::unusable_input::UnusableInput;
use crate::{
    app::error::AppError,
    association::LabelReference,
    input::{self, InputLimit, InputOptions, InputPath, InputReader},
    journal::{self, InputInfo, InputProof, RecordedRun, ShownRows},
    messages,
};

/// The rows of a run that are read from its input.
pub(crate) struct RowsFromInput {
    /// Rows that the run was about to write and that have no line, if they matter to the command.
    unrecorded_writes: RoaringTreemap,
    /// Rows whose cells another program has changed.
    altered_rows: RoaringTreemap,
    /// Where the input is, if it was found.
    path: Option<PathBuf>,
    /// How to read them, or why the input cannot be used.
    pub(crate) input: Result<InputOptions, UnusableInput>,
    /// Whether the user named the input.
    is_given: bool,
}

impl RowsFromInput {
    /// Looks for the input: the `given` path, else where the run read it, or beside the
    /// results. `options` say how the run read it.
    pub(crate) fn find(
        past: &RecordedRun,
        unrecorded_writes: RoaringTreemap,
        results: &Path,
        options: &InputOptions,
        given: Option<&Path>,
    ) -> Result<Self, AppError> {
        let altered_rows = past.altered_rows();
        let recorded_path = &past.info().input.name;
        let sibling = recorded_path
            .file_name()
            .map(|name| results.with_file_name(name));
        let path = match given {
            Some(path) => Some(path.to_owned()),
            None => [Some(recorded_path.clone()), sibling]
                .into_iter()
                .flatten()
                .find(|path| path.is_file()),
        };
        let last = unrecorded_writes.max().max(altered_rows.max());
        let input = path.clone().map(|path| InputOptions {
            path: InputPath::File(path),
            limit: last.map(InputLimit::Rows),
            ..options.clone()
        });
        let from_input = Self {
            unrecorded_writes,
            altered_rows,
            path,
            input: input.ok_or_else(|| {
                UnusableInput::NotFound(format!("{} does not exist", recorded_path.display()))
            }),
            is_given: given.is_some(),
        };
        from_input.refuse_unproven(results)?;
        Ok(from_input)
    }

    /// Where the input is, if it was found.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Why the input cannot be used, if it was not found or is another one.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.input {
            Err(UnusableInput::NotFound(why)) => Some(why.clone()),
            Err(UnusableInput::HasKeys) | Ok(_) => None,
        }
    }

    fn is_empty(&self) -> bool {
        self.unrecorded_writes.is_empty() && self.altered_rows.is_empty()
    }

    /// Recorded rows whose cells were changed cannot be left out, so without an input the
    /// command is refused.
    fn refuse_unproven(&self, results: &Path) -> Result<(), AppError> {
        let (Err(why), Some((from, to))) = (
            &self.input,
            self.altered_rows.min().zip(self.altered_rows.max()),
        ) else {
            return Ok(());
        };
        Err(AppError::Unproven {
            results: results.to_owned(),
            rows: (from, to),
            why: why.clone(),
        })
    }

    /// The labels that the input names.
    pub(crate) fn label_references(&mut self) -> Result<Vec<(LabelReference, u64)>, AppError> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(options) = &self.input else {
            return Ok(Vec::new());
        };
        match input::label_references(options) {
            Ok(references) => Ok(references),
            Err(error) => self
                .reject_input(UnusableInput::NotFound(messages::input(&error)))
                .map(|()| Vec::new()),
        }
    }

    /// Proves that the input is the one that the run read: every recorded row, and every row
    /// that is read from it, must be unchanged.
    pub(crate) fn verify_input(
        &mut self,
        past: &RecordedRun,
        results: &Path,
        shown: ShownRows,
    ) -> Result<(), AppError> {
        if self.is_empty() {
            return Ok(());
        }
        let Ok(options) = &self.input else {
            return Ok(());
        };
        match self.check_input(past, options, shown) {
            Ok(()) => Ok(()),
            Err(why) => {
                self.reject_input(why)?;
                self.refuse_unproven(results)
            }
        }
    }

    /// Marks the input as not usable. If the user named it, the command is refused.
    fn reject_input(&mut self, why: UnusableInput) -> Result<(), AppError> {
        if self.is_given {
            let path = self.path.clone().unwrap_or_default();
            return Err(match why {
                UnusableInput::NotFound(why) => AppError::OtherInput { path, why },
                UnusableInput::HasKeys => AppError::InputHasKeys(path),
            });
        }
        self.input = Err(why);
        Ok(())
    }

    /// Rows without a line that cannot be read from the input.
    pub(crate) fn unreadable_writes(&self) -> RoaringTreemap {
        &self.unrecorded_writes - self.readable_writes()
    }

    /// Rows without a line that can be read from the input.
    pub(crate) fn readable_writes(&self) -> RoaringTreemap {
        let writes = || self.unrecorded_writes.clone();
        let input = self.input.as_ref();
        input.map_or_else(|_| RoaringTreemap::new(), |_| writes())
    }

    /// The input and those of the `rows` that are read from it, if any.
    pub(crate) fn source(&self, rows: &RoaringTreemap) -> Option<(&InputOptions, RoaringTreemap)> {
        let rows = rows & (&self.unrecorded_writes | &self.altered_rows);
        let input = self.input.as_ref().ok()?;
        (!rows.is_empty()).then_some((input, rows))
    }

    /// Checks that the input is the one that the run read. The error says why not.
    fn check_input(
        &self,
        past: &RecordedRun,
        options: &InputOptions,
        shown: ShownRows,
    ) -> Result<(), UnusableInput> {
        let to_prove = if self.unrecorded_writes.is_empty() {
            RoaringTreemap::new()
        } else {
            &self.unrecorded_writes | past.snapshot_rows()
        };
        let last = past.last_recorded_row().max(to_prove.max().unwrap_or(0));
        let up_to_last = InputOptions {
            limit: Some(InputLimit::Rows(last)),
            ..options.clone()
        };
        let mut input = input::open(&up_to_last).map_err(|error| messages::input(&error))?;
        if input.shape().has_keys() {
            return Err(UnusableInput::HasKeys);
        }
        let changed = |error| messages::journal_without_resume_advice(&error);
        let proof = InputProof::new(past, &input.shape().header)
            .map_err(changed)?
            .showing(shown);
        // The recorded cells were changed, so a proof against them would say nothing about the
        // input.
        let mut proof = (!past.is_resaved()).then(|| proof.limited_to(last));
        let mut row = InputReader::empty_row();
        let (mut ids, mut keys) = (HashMap::new(), HashMap::new());
        while input
            .next_row(&mut row)
            .map_err(|error| messages::input(&error))?
        {
            if let Some(proof) = proof.as_mut().filter(|proof| proof.needs_more()) {
                proof.add(&row).map_err(changed)?;
            }
            if to_prove.contains(row.number) {
                ids.insert(row.number, journal::hash_ids(&row).unwrap_or(0));
            }
            if self.altered_rows.contains(row.number) {
                keys.insert(row.number, past.key_hash(&row));
            }
        }
        proof.map_or(Ok(()), |proof| proof.finish().map_err(changed))?;
        if !past.is_proven_by(|row| keys.get(&row).copied().unwrap_or(0)) {
            return Err("its rows have changed since the run".to_owned().into());
        }
        self.check_unrecorded_writes(past, options, &ids)?;
        Ok(())
    }

    /// Checks by their id hashes that the rows without a line are unchanged. Rows without a
    /// snapshot have none.
    fn check_unrecorded_writes(
        &self,
        past: &RecordedRun,
        options: &InputOptions,
        ids: &HashMap<u64, u64>,
    ) -> Result<(), String> {
        if self.unrecorded_writes.is_empty() {
            return Ok(());
        }
        let is_hashed = self.unrecorded_writes.is_subset(past.snapshot_rows());
        let matches_ids = past.matches_ids(|row| ids.get(&row).copied().unwrap_or(0));
        let is_same = match matches_ids.filter(|matches| is_hashed || !matches) {
            Some(matches) => matches,
            None => is_unchanged(past, options),
        };
        if !is_same
            || self
                .unrecorded_writes
                .iter()
                .any(|row| !ids.contains_key(&row))
        {
            return Err("rows that were about to be sent have changed since the run".to_owned());
        }
        Ok(())
    }
}

/// Whether a file still has its size and its first bytes, for logs without id hashes.
fn is_unchanged(past: &RecordedRun, options: &InputOptions) -> bool {
    let InputPath::File(path) = &options.path else {
        return false;
    };
    let size = path.metadata().ok().map(|file| file.len());
    let current = InputInfo::inspect("", Some(path), size);
    let recorded = &past.info().input;
    current.size.is_some()
        && current.size == recorded.size
        && current.sha256_of_first_64_kib == recorded.sha256_of_first_64_kib
}
