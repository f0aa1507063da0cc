//! Builds rows from a record: as many cells as the header has, or why they are uncertain.
//!
//! Knows nothing about formats or links.

use crate::{
    association::{Association, RecordId, RecordReference},
    cell::restore,
    code::Code,
    results_column::ResultsColumn,
    row::{Failure, LinkOrigin, Row, RowLink},
    row_cells::RowCells,
};

use super::{
    columns::{InputColumns, RecordedColumns},
    format_types::InputShape,
    id, key_cell,
    link::LinkReader,
    record::{RecordCells, text_of},
    records::InputRecords,
    row_splitter::RowSplitter,
};

/// Numbers with this many digits fit into 64 bits.
const NUMBER_DIGITS: usize = 19;

/// Builds rows from records.
pub(super) struct RowBuilder {
    pub(super) columns: InputColumns,
    pub(super) link_reader: LinkReader,
    pub(super) shape: InputShape,
    /// Set if a cell may have several ids.
    pub(super) splitter: Option<RowSplitter>,
}

impl RowBuilder {
    /// Reads the first link of a record with `count` cells, and copies them to the row. If there
    /// are too few or too many, none are copied.
    #[inline]
    pub(super) fn read(
        &mut self,
        records: &InputRecords,
        count: usize,
        cells: &mut RowCells,
    ) -> Result<RowLink, Failure> {
        let record = records.record();
        if let Some(failure) = self.wrong_count(records, count) {
            if records.has_certain_columns() {
                self.fill_cells(record, cells);
            }
            return Err(failure);
        }
        let all_utf8 = self.fill_cells(record, cells);
        if !all_utf8 && let Some(failure) = self.wrong_encoding(record, cells) {
            return Err(failure);
        }
        if let Some(failure) = self.altered_key(records, cells) {
            return Err(failure);
        }
        let header = &self.shape.header;
        if let Some(splitter) = self.splitter.as_mut().filter(|it| it.is_always_needed()) {
            splitter.begin(header, cells)?;
            return self.link_reader.link(header, cells);
        }
        let link = self.link_reader.link(header, cells);
        match (&mut self.splitter, link) {
            (Some(splitter), Err(failure)) if failure.code != Code::RepeatedHeader => {
                if splitter.begin(header, cells)? {
                    self.link_reader.link(header, cells)
                } else {
                    Err(failure)
                }
            }
            (_, link) => link,
        }
    }

    /// Reads the next link of the last record, and the cells of its row. `None` if its other rows
    /// have been read.
    #[inline]
    pub(super) fn next_of_record(
        &mut self,
        cells: &mut RowCells,
    ) -> Option<Result<RowLink, Failure>> {
        let is_next = self.splitter.as_mut()?.next(cells);
        is_next.then(|| self.link_reader.link(&self.shape.header, cells))
    }

    /// Copies as many cells as the header has. Returns whether all of them are UTF-8.
    fn fill_cells(&self, record: &RecordCells, cells: &mut RowCells) -> bool {
        let text = std::str::from_utf8(record.text()).ok();
        let mut all_utf8 = true;
        let mut push = |column: usize| {
            if column >= record.len() {
                return cells.push("");
            }
            // Also `None` if a delimiter is in the middle of a character.
            let whole = text.and_then(|text| text.get(record.bounds(column)));
            if let (Some(cell), None) = (whole, &self.columns.original) {
                return cells.push(cell);
            }
            all_utf8 &= whole.is_some();
            let cell = record.cell_text(column);
            cells.push(if self.shape.from_results {
                restore(&cell)
            } else {
                &cell
            });
        };
        match &self.columns.original {
            None => (0..self.columns.width).for_each(&mut push),
            Some(original) => original.iter().copied().for_each(&mut push),
        }
        all_utf8
    }

    /// Keeps the text of a row with uncertain cells: all of it goes into the cell of the from id,
    /// where it is not a valid id. Guessed cells could look certain to the next reader.
    pub(super) fn keep_text(&self, text: &str, cells: &mut RowCells) {
        let from = self.columns.link.from.index;
        for column in 0..self.columns.header.len() {
            cells.push(if column == from { text } else { "" });
        }
    }

    /// What is wrong with this number of cells, if anything.
    fn wrong_count(&self, records: &InputRecords, count: usize) -> Option<Failure> {
        let width = self.columns.width;
        if count < self.columns.min_cells {
            return Some(records.too_few(width, self.columns.min_cells));
        }
        let cell = |column| records.record().cell_text(column);
        let mut surplus = width..count;
        let surplus = surplus.find(|column| !id::trim(&cell(*column)).is_empty())?;
        Some(records.too_many(width, surplus))
    }

    /// Sets the recorded number, line and ids of a row. Returns `false` if the line does not have
    /// them.
    pub(super) fn read_recorded(&self, record: &RecordCells, row: &mut Row) -> bool {
        let Some(recorded) = self.columns.recorded else {
            return true;
        };
        let uncertain = [
            Code::TooFewCells,
            Code::TooManyCells,
            Code::BrokenQuote,
            Code::RowTooLarge,
        ];
        let failure = row.link.as_ref().err();
        let is_certain = failure.is_none_or(|failure| !uncertain.contains(&failure.code));
        is_certain && take_recorded(recorded, record, row).is_some()
    }

    /// The failure of the first cell of a key that the sheet shows in another way than it is stored:
    /// which of them is the key is not certain. Such cells become formulas of what is shown, or of an
    /// error, because what is stored would look like a key to whoever reads them next.
    fn altered_key(&self, records: &InputRecords, cells: &mut RowCells) -> Option<Failure> {
        let formats = self.columns.link.key_columns().filter_map(|column| {
            let format = records.altering_format(self.columns.file_column(column))?;
            // That says more, and is not a key either.
            id::damage(&cells[column])
                .is_none()
                .then_some((column, format))
        });
        let formats: Vec<_> = formats.collect();
        let &(first, format) = formats.first()?;
        let failure = key_cell::shown_in_a_format(&self.shape.header[first], &cells[first], format);
        let original = std::mem::take(cells);
        for (column, cell) in original.iter().enumerate() {
            match formats.iter().find(|(altered, _)| *altered == column) {
                Some((_, format)) => cells.push(&key_cell::shown_by_formula(cell, *format)),
                None => cells.push(cell),
            }
        }
        Some(failure)
    }

    /// The failure of the first cell of the link that is not UTF-8.
    fn wrong_encoding(&self, record: &RecordCells, cells: &RowCells) -> Option<Failure> {
        let column = self.columns.link.indexes().find(|&column| {
            let column = self.columns.file_column(column);
            std::str::from_utf8(record.cell(column)).is_err()
        })?;
        let (name, cell) = (&self.shape.header[column], &cells[column]);
        let has_key = self.columns.link.key_columns().any(|key| key == column);
        Some(if has_key {
            key_cell::wrong_encoding(name, cell)
        } else {
            id::wrong_encoding(name, cell)
        })
    }
}

/// `None` if an added cell is not as this program writes it.
fn take_recorded(recorded: RecordedColumns, record: &RecordCells, row: &mut Row) -> Option<()> {
    // A spreadsheet omits empty cells at the end of a line.
    let cell = |at| {
        if at < record.len() {
            record.cell(at)
        } else {
            Default::default()
        }
    };
    let number = |at| {
        let cell = std::str::from_utf8(cell(at)).ok()?;
        id::number(cell, NUMBER_DIGITS)
    };
    (row.number, row.line) = (number(recorded.row)?, number(recorded.line)?);
    let Some([from, to]) = recorded.sent_ids else {
        return Some(());
    };
    // Empty if the id in the cell was sent.
    let sent_id = |(at, column): (usize, ResultsColumn)| match cell(at) {
        [] => Some(Ok(None)),
        text => match number(at).and_then(RecordId::new) {
            Some(id) => Some(Ok(Some(id))),
            None if is_shortened(text) => Some(Err(id::explain(column.name(), &text_of(text)))),
            None => None,
        },
    };
    let from = sent_id((from, ResultsColumn::FromId))?;
    let to = sent_id((to, ResultsColumn::ToId))?;
    let (from, to) = match (from, to) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(failure), _) | (_, Err(failure)) => {
            row.link = Err(failure.into());
            return Some(());
        }
    };
    if let Ok(link) = &row.link
        && let Some((sent, origin)) = sent_link(link, [from, to])
    {
        row.link = Ok(sent.into());
        row.origin = Some(origin.into());
    }
    Some(())
}

/// The link that was sent with these ids, if it is known, and what it was about before.
fn sent_link(link: &RowLink, sent: [Option<RecordId>; 2]) -> Option<(Association, LinkOrigin)> {
    let [from, to] = sent;
    let (link, keys) = match link {
        RowLink::Known(_) if sent == [None; 2] => return None,
        RowLink::Known(link) => (*link, [None, None]),
        RowLink::Keyed(link) => {
            // The id to which a key has led is what the row was about.
            let end = |reference: &RecordReference, sent| match reference {
                RecordReference::Id(id) => Some((*id, None)),
                RecordReference::Key(key) => Some((sent?, Some(key.clone()))),
            };
            let (from, from_key) = end(&link.from, from)?;
            let (to, to_key) = end(&link.to, to)?;
            let definition = link.definition;
            let association = Association {
                from,
                to,
                definition,
            };
            (association, [from_key, to_key])
        }
    };
    let sent = Association {
        from: from.unwrap_or(link.from),
        to: to.unwrap_or(link.to),
        ..link
    };
    let origin = LinkOrigin {
        keys,
        ..link.into()
    };
    Some((sent, origin))
}

/// Whether it is a number that a spreadsheet has shortened, so that the original is unknown.
fn is_shortened(cell: &[u8]) -> bool {
    let is_of_numbers = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b',' | b'E' | b'e' | b'+');
    cell.iter().all(is_of_numbers)
}
