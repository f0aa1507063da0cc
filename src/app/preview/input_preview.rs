//! A preview of the input, so that people know what will happen: how many rows, which
//! direction, which definitions.

use std::{collections::BTreeSet, sync::atomic::Ordering::Relaxed, time::Duration};

use super::single_link_conflicts::SingleLinkConflicts;
use crate::{
    association::{AdminLimits, Association, Definition},
    input::{self, InputOptions, InputReader, InputShape, RowCounter},
    output::TotalRows,
    row::Row,
};

/// Bytes of a file that are read: some thousands of rows, in a few milliseconds.
const PREVIEW_BYTES: u64 = 256 * 1024;

/// How long the start of a run waits for the row count. This is enough for some tens of
/// megabytes.
const COUNT_FOR: Duration = Duration::from_millis(200);

/// What the preview found.
#[derive(Debug)]
pub(crate) struct InputPreview {
    pub(crate) total: TotalRows,
    pub(crate) first: Option<Association>,
    pub(crate) definitions: BTreeSet<Definition>,
    pub(crate) conflicts: SingleLinkConflicts,
}

impl InputPreview {
    /// Reads the beginning of a regular file by opening it once more. A pipe can be read only
    /// once, so nothing is known of it.
    pub(crate) fn new(options: &InputOptions, shape: &InputShape) -> Self {
        Self::with_limits(&AdminLimits::default(), options, shape)
    }

    /// Like `new`, with these limits of administrators.
    pub(crate) fn with_limits(
        limits: &AdminLimits,
        options: &InputOptions,
        shape: &InputShape,
    ) -> Self {
        let mut preview = Self {
            total: TotalRows::Unknown,
            first: None,
            definitions: BTreeSet::new(),
            conflicts: SingleLinkConflicts::default(),
        };
        // A file that cannot be read is reported when it is read for the import.
        if let Some(bytes) = shape.bytes_total
            && let Ok(input) = input::open(options)
        {
            preview.scan(input, bytes, limits);
        }
        preview
    }

    fn scan(&mut self, mut input: InputReader, bytes_total: u64, limits: &AdminLimits) {
        let read = input.bytes_read();
        let mut row = InputReader::empty_row();
        let mut rows = 0_u64;
        // The row count of a long file is not estimated from its beginning, because line
        // lengths vary.
        self.total = loop {
            match input.next_row(&mut row) {
                Ok(true) => {
                    rows += 1;
                    if let Ok(link) = &mut row.link {
                        limits.apply(link.definition_mut());
                    }
                    self.add_row(&row);
                }
                Ok(false) => break TotalRows::Exact(rows),
                Err(_) => break TotalRows::Unknown,
            }
            let position = read.load(Relaxed);
            if position >= PREVIEW_BYTES && position < bytes_total {
                break TotalRows::Unknown;
            }
        };
    }

    /// Counts the rows of a long file in the background. The count of a short one is already
    /// known.
    pub(crate) fn count(
        &mut self,
        options: &InputOptions,
        shape: &InputShape,
    ) -> Option<RowCounter> {
        let is_unknown = matches!(self.total, TotalRows::Unknown) && shape.bytes_total.is_some();
        is_unknown.then(|| {
            let (counter, count) = input::count_rows(options);
            count.wait(COUNT_FOR);
            self.total = TotalRows::Counted { count, done: 0 };
            counter
        })
    }

    fn add_row(&mut self, row: &Row) {
        self.conflicts.add_row(row);
        if let Some(link) = row.association() {
            self.first.get_or_insert(*link);
        }
        if let Ok(link) = &row.link {
            self.definitions.insert(link.definition());
        }
    }
}
