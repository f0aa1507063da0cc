//! Finds the columns by the names in the header.
//!
//! Pure: names in, indexes out. Knows nothing about bytes or delimiters.

use crate::{cell::restore, lookalike::show_exact, results_column::ResultsColumn};

use super::{
    definition_source::{self, DefinitionSource},
    error::ColumnFault,
    header_names::{HeaderMismatch, MissingColumn, NAME_CHARS, find_column, is_blank},
    options::{InputOptions, InputSetting},
    usual_columns::{self, KeyColumns},
};

const FROM: &str = "from_object_id";
const TO: &str = "to_object_id";

/// The indexes of the columns.
#[derive(Clone, Debug)]
pub(super) struct InputColumns {
    /// The names of the columns of the input, without those that this program added. The other
    /// indexes refer to these.
    pub(super) header: Vec<String>,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) source: DefinitionSource,
    /// The number of cells in the header of the file.
    pub(super) width: usize,
    /// The fewest cells of a row. The columns after them have no name, so their cells may be
    /// missing.
    pub(super) min_cells: usize,
    /// For a results file of this program: the columns of its input, without the added ones.
    pub(super) original: Option<Vec<usize>>,
    /// For a results file whose recorded values are read: the added columns.
    pub(super) recorded: Option<RecordedColumns>,
    /// Whether from or to were found by the usual name of such a column.
    pub(super) has_usual_names: bool,
}

impl InputColumns {
    /// The columns that define the link of a row.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = usize> + use<> {
        [self.from, self.to]
            .into_iter()
            .chain(self.source.columns())
    }
}

/// The columns of a results file with the recorded values of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordedColumns {
    pub(super) row: usize,
    pub(super) line: usize,
    /// The columns with the ids that were sent. Earlier versions do not have them.
    pub(super) sent_ids: Option<[usize; 2]>,
}

/// The names of the columns that a header needs.
pub(super) fn needed_names(options: &InputOptions) -> String {
    let mut names = vec![
        options.from_column.as_deref().unwrap_or(FROM),
        options.to_column.as_deref().unwrap_or(TO),
    ];
    names.extend(definition_source::needed_names(options));
    show_exact(&names.join(", "), 4 * NAME_CHARS)
}

/// Finds the needed columns in the header on this line.
pub(super) fn find(
    cells: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<InputColumns, HeaderMismatch> {
    find_with(cells, options, |header| {
        find_key_columns(header, line, options)
    })
}

/// Finds the needed columns by their usual names, if [`find`] misses them and the names can mean
/// only one thing.
pub(super) fn find_by_usual_names(
    cells: &[String],
    line: u64,
    options: &InputOptions,
) -> Option<InputColumns> {
    let found = find_with(cells, options, |header| {
        let missing = || HeaderMismatch::Missing(Vec::new());
        let named = named_columns(header, line, options).ok_or_else(missing)?;
        let found = usual_columns::find(header, line, options, named).ok_or_else(missing)?;
        refuse_shared(header, found)
    });
    let has_usual_names = true;
    let columns = found.ok()?;
    Some(InputColumns {
        has_usual_names,
        ..columns
    })
}

/// Whether these are the cells of a header.
pub(super) fn is_header(cells: &[String], line: u64, options: &InputOptions) -> bool {
    find(cells, line, options).is_ok() || find_by_usual_names(cells, line, options).is_some()
}

/// The columns of from and to that the header has by a name that was given, or by the default
/// names. `None` if it lacks a name that was given.
pub(super) fn named_columns(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Option<[Option<usize>; 2]> {
    let find = |given: &Option<String>, default| {
        let column = find_column(header, given.as_deref().unwrap_or(default), line).ok()?;
        (column.is_some() || given.is_none()).then_some(column)
    };
    Some([
        find(&options.from_column, FROM)?,
        find(&options.to_column, TO)?,
    ])
}

fn find_with(
    cells: &[String],
    options: &InputOptions,
    find_key_columns: impl FnOnce(&[String]) -> Result<KeyColumns, HeaderMismatch>,
) -> Result<InputColumns, HeaderMismatch> {
    // A spreadsheet may have added columns without a name at the end.
    let cells = match cells
        .iter()
        .rposition(|name| ResultsColumn::parse(name).is_some())
    {
        Some(last) if options.recorded && cells[last..].iter().skip(1).all(is_blank) => {
            &cells[..=last]
        }
        Some(_) | None => cells,
    };
    let original = original_columns(cells);
    let header: Vec<String> = match &original {
        Some(original) => original
            .iter()
            .map(|&i| restore(&cells[i]).to_owned())
            .collect(),
        None => cells.to_vec(),
    };
    let (from, to, source) = find_key_columns(&header)?;
    let recorded = find_recorded_columns(cells);
    if options.recorded && recorded.is_none() {
        return Err(HeaderMismatch::Refused(ColumnFault::NotRecorded));
    }
    let last_named = cells.iter().rposition(|name| !is_blank(name));
    let recorded = recorded.filter(|_| options.recorded);
    // A spreadsheet may omit empty cells at the end of a line.
    let last_needed = recorded.map_or(last_named, |recorded| Some(recorded.line));
    Ok(InputColumns {
        header,
        from,
        to,
        source,
        width: cells.len(),
        min_cells: last_needed.map_or(0, |last| last + 1),
        recorded,
        original,
        has_usual_names: false,
    })
}

/// The columns of the ids, and the source of the definition.
fn find_key_columns(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<KeyColumns, HeaderMismatch> {
    let find = |name: &Option<String>, default, option| {
        let name = name.as_deref().unwrap_or(default);
        let missing = || MissingColumn {
            name: name.to_owned(),
            option,
        };
        find_column(header, name, line).map(|column| column.ok_or_else(missing))
    };
    let from = find(&options.from_column, FROM, InputSetting::FromColumn)?;
    let to = find(&options.to_column, TO, InputSetting::ToColumn)?;
    let source = definition_source::find(header, line, options);
    match (from, to) {
        (Ok(from), Ok(to)) => refuse_shared(header, (from, to, source?)),
        (from, to) => {
            let definition_columns = match source {
                Err(HeaderMismatch::Refused(fault @ ColumnFault::Twice { .. })) => {
                    return Err(HeaderMismatch::Refused(fault));
                }
                Err(HeaderMismatch::Missing(missing)) => missing,
                Ok(_) | Err(HeaderMismatch::Refused(_)) => Vec::new(),
            };
            let missing = [from.err(), to.err()].into_iter().flatten();
            Err(HeaderMismatch::Missing(
                missing.chain(definition_columns).collect(),
            ))
        }
    }
}

/// Refuses a column that is used twice.
fn refuse_shared(
    header: &[String],
    (from, to, source): KeyColumns,
) -> Result<KeyColumns, HeaderMismatch> {
    let columns: Vec<_> = [from, to].into_iter().chain(source.columns()).collect();
    let shared = (1..columns.len()).find(|&i| columns[..i].contains(&columns[i]));
    shared.map_or(Ok((from, to, source)), |i| {
        Err(used_for_two(&header[columns[i]]))
    })
}

fn used_for_two(name: &str) -> HeaderMismatch {
    let name = show_exact(name, NAME_CHARS);
    HeaderMismatch::Refused(ColumnFault::UsedForTwo { name })
}

/// The indexes of the added columns, if the header is that of a results file.
fn find_recorded_columns(cells: &[String]) -> Option<RecordedColumns> {
    original_columns(cells)?;
    let at = |column: ResultsColumn| cells.iter().position(|cell| cell == column.name());
    Some(RecordedColumns {
        row: at(ResultsColumn::Row)?,
        line: at(ResultsColumn::Line)?,
        sent_ids: at(ResultsColumn::FromId)
            .zip(at(ResultsColumn::ToId))
            .map(|(from, to)| [from, to]),
    })
}

/// The cells of the input, if the header is that of a results file. Earlier versions added fewer
/// columns.
fn original_columns(cells: &[String]) -> Option<Vec<usize>> {
    let is_ours = |cell: &String| ResultsColumn::parse(cell).is_some();
    ResultsColumn::unlisted()
        .iter()
        .all(|column| cells.iter().any(|cell| cell == column.name()))
        .then(|| (0..cells.len()).filter(|&i| !is_ours(&cells[i])).collect())
}
