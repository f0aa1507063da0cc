//! Rows that a run was about to write when it was stopped, and that have no line:
//! their ids come from its input, which has to be proven to be the same.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use roaring::RoaringTreemap;

use super::AppError;
use crate::{
    association::Wish,
    input::{self, Input, InputOptions, InputPath},
    journal::{self, InputRecord, Past, Proof},
};

/// Such rows of a run.
pub(super) struct Rest {
    /// Their numbers.
    pub(super) rows: RoaringTreemap,
    /// Where they are read, if that is proven; else why it is not.
    pub(super) input: Result<InputOptions, String>,
    /// Whether the user named the input.
    is_given: bool,
}

impl Rest {
    /// Looks for the input: where it is `given`, else where the run found it, or
    /// beside the results. `options` say how the run read it.
    pub(super) fn find(
        past: &Past,
        results: &Path,
        options: &InputOptions,
        given: Option<&Path>,
    ) -> Self {
        let rows = past.unsettled();
        let recorded = PathBuf::from(&past.begun().input.name);
        let beside = recorded
            .file_name()
            .map(|name| results.with_file_name(name));
        let found = match given {
            Some(path) => Some(path.to_owned()),
            None => [Some(recorded.clone()), beside]
                .into_iter()
                .flatten()
                .find(|path| path.is_file()),
        };
        let input = found.map(|path| InputOptions {
            path: InputPath::File(path),
            limit: rows.max(),
            ..options.clone()
        });
        Self {
            rows,
            input: input.ok_or_else(|| format!("{} is not there", recorded.display())),
            is_given: given.is_some(),
        }
    }

    /// The labels that it has by name.
    pub(super) fn wishes(&mut self) -> Result<Vec<(Wish, u64)>, AppError> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let Ok(options) = &self.input else {
            return Ok(Vec::new());
        };
        match input::wishes(options) {
            Ok(wishes) => Ok(wishes),
            Err(error) => self.is_none(&error.to_string()).map(|()| Vec::new()),
        }
    }

    /// Proves that the input is the one that the run read: every recorded row reads
    /// as it did, and so do those without a line.
    pub(super) fn prove(&mut self, past: &Past) -> Result<(), AppError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let Ok(options) = &self.input else {
            return Ok(());
        };
        match proven(past, options, &self.rows) {
            Ok(()) => Ok(()),
            Err(why) => self.is_none(&why),
        }
    }

    /// The input is not to be used; refused if the user named it.
    fn is_none(&mut self, why: &str) -> Result<(), AppError> {
        let path = match &self.input {
            Ok(InputOptions {
                path: InputPath::File(path),
                ..
            }) => path.clone(),
            Ok(_) | Err(_) => PathBuf::new(),
        };
        let why = why.to_owned();
        if self.is_given {
            return Err(AppError::OtherInput { path, why });
        }
        self.input = Err(why);
        Ok(())
    }

    /// How many rows can only be counted.
    pub(super) fn unknown(&self) -> u64 {
        self.input.as_ref().map_or_else(|_| self.rows.len(), |_| 0)
    }

    /// Rows that can be read.
    pub(super) fn readable(&self) -> RoaringTreemap {
        self.input
            .as_ref()
            .map_or_else(|_| RoaringTreemap::new(), |_| self.rows.clone())
    }
}

/// Whether the input is the one that the run read; else why not.
fn proven(past: &Past, options: &InputOptions, rows: &RoaringTreemap) -> Result<(), String> {
    let last = past.highest().max(past.noted().max().unwrap_or(0));
    let all = InputOptions {
        limit: Some(last),
        ..options.clone()
    };
    let mut input = input::open(&all).map_err(|error| error.to_string())?;
    let changed = |error: journal::JournalError| error.of_undo();
    let proof = Proof::begin(past, &input.shape().header).map_err(changed)?;
    let mut proof = proof.limited_to(Some(last));
    let (mut ids, mut row) = (HashMap::new(), Input::empty_row());
    while input
        .next_row(&mut row)
        .map_err(|error| error.to_string())?
    {
        if proof.wants_more() {
            proof.see(&row).map_err(changed)?;
        }
        if past.noted().contains(row.number) {
            ids.insert(row.number, journal::hash_of_ids(&row).unwrap_or(0));
        }
    }
    proof.finish().map_err(changed)?;
    let is_same = past
        .has_ids(|row| ids.get(&row).copied().unwrap_or(0))
        .unwrap_or_else(|| is_unchanged(past, options));
    if !is_same || rows.iter().any(|row| !ids.contains_key(&row)) {
        return Err("rows that were about to be sent do not read as they did".to_owned());
    }
    Ok(())
}

/// Whether a file still has the size and the beginning that it had, where the
/// notes do not say more.
fn is_unchanged(past: &Past, options: &InputOptions) -> bool {
    let InputPath::File(path) = &options.path else {
        return false;
    };
    let size = path.metadata().ok().map(|file| file.len());
    let (now, then) = (
        InputRecord::of(String::new(), Some(path), size),
        &past.begun().input,
    );
    now.size.is_some()
        && (now.size, now.sha256_of_first_64_kib)
            == (then.size, then.sha256_of_first_64_kib.clone())
}
