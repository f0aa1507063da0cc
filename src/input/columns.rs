//! Finds the columns by the names in the header.
//!
//! Pure: names in, indexes out. Knows nothing about bytes or delimiters.

use crate::{
    cell::{fold, restore},
    lookalike::show_exact,
    plan_column::PlanColumn,
    results_column::ResultsColumn,
};

use super::{
    competing_ids, data_row, definition_source,
    error::ColumnFault,
    header_names::{HeaderMismatch, MissingColumn, NAME_CHARS, find_column, is_blank},
    key_names::{self, key_columns},
    link_columns::{RowColumns, SideColumn},
    options::{InputOptions, InputSetting},
    usual_columns,
};

const FROM: &str = "from_object_id";
const TO: &str = "to_object_id";

/// The indexes of the columns.
#[derive(Clone, Debug)]
pub(super) struct InputColumns {
    /// The names of the columns of the input, without those that this program added. The other
    /// indexes refer to these.
    pub(super) header: Vec<String>,
    /// Those that say which link a row means.
    pub(super) link: RowColumns,
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
    /// The column of the file that a column of the header is.
    pub(super) fn file_column(&self, column: usize) -> usize {
        let original = self.original.as_ref();
        original.map_or(column, |original| original[column])
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

/// What is said about the column of one side, and what its usual names are.
#[derive(Clone, Copy)]
struct SideNames<'a> {
    /// The name of the column.
    given: Option<&'a str>,
    /// The property whose values it has.
    property: Option<&'static str>,
    /// The name of the column of ids.
    ids: &'static str,
    /// What the names of columns of keys begin with.
    prefix: &'static str,
    setting: InputSetting,
}

impl SideNames<'_> {
    /// The name that is looked for.
    fn wanted(self) -> String {
        match (self.given, self.property) {
            (Some(name), _) => name.to_owned(),
            (None, Some(property)) => key_names::column_name(self.prefix, property),
            (None, None) => self.ids.to_owned(),
        }
    }

    /// The column with the name that is looked for.
    fn find_wanted(
        self,
        header: &[String],
        line: u64,
    ) -> Result<Option<SideColumn>, HeaderMismatch> {
        let index = find_column(header, &self.wanted(), line)?;
        Ok(index.map(|index| SideColumn {
            index,
            property: self.property,
        }))
    }

    /// Whether an option says something about the column.
    fn is_given(self) -> bool {
        self.given.is_some() || self.property.is_some()
    }

    /// Whether a column that was found by a usual name of ids stands beside one of keys.
    fn is_beside_keys(self, header: &[String], column: SideColumn) -> bool {
        let is_usual = column.property.is_none() && fold(&header[column.index]) != fold(self.ids);
        is_usual && !self.is_given() && !key_columns(header, self.prefix).is_empty()
    }

    /// The only column whose name says that it has keys, if no option says anything about the
    /// column.
    fn find_key(self, header: &[String], line: u64) -> Result<Option<SideColumn>, HeaderMismatch> {
        if self.is_given() {
            return Ok(None);
        }
        let columns = key_columns(header, self.prefix);
        match columns.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            [first, others @ ..] => {
                let is_one_property = others.iter().all(|it| it.property == first.property);
                if is_one_property {
                    let name = show_exact(&header[first.index], NAME_CHARS);
                    return Err(HeaderMismatch::Refused(ColumnFault::Twice { line, name }));
                }
                Ok(None)
            }
        }
    }
}

/// What is said about the columns of from and of to.
/// Whether an option says something about the columns of from and to.
pub(super) fn are_given(options: &InputOptions) -> [bool; 2] {
    side_names(options).map(SideNames::is_given)
}

fn side_names(options: &InputOptions) -> [SideNames<'_>; 2] {
    [
        SideNames {
            given: options.from_column.as_deref(),
            property: options.from_key,
            ids: FROM,
            prefix: key_names::FROM,
            setting: InputSetting::FromColumn,
        },
        SideNames {
            given: options.to_column.as_deref(),
            property: options.to_key,
            ids: TO,
            prefix: key_names::TO,
            setting: InputSetting::ToColumn,
        },
    ]
}

/// The names of the columns that a header needs.
pub(super) fn needed_names(options: &InputOptions) -> String {
    let mut names = side_names(options).map(SideNames::wanted).to_vec();
    let definition = definition_source::needed_names(options).into_iter();
    names.extend(definition.map(str::to_owned));
    show_exact(&names.join(", "), 4 * NAME_CHARS)
}

/// Finds the needed columns in the header on this line.
pub(super) fn find(
    cells: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<InputColumns, HeaderMismatch> {
    let found = find_with(cells, options, |header| {
        find_link_columns(header, line, options)
    })?;
    // This program writes its results and failures with the header of the input.
    let is_header = options.recorded || found.original.is_some();
    if !is_header && data_row::is_read_as_header(&found.header, found.link, options) {
        return Err(HeaderMismatch::Data);
    }
    Ok(found)
}

/// Finds the needed columns by their usual names, if [`find`] misses them and the names can mean
/// only one thing.
pub(super) fn find_by_usual_names(
    cells: &[String],
    line: u64,
    options: &InputOptions,
) -> Option<InputColumns> {
    let found = find_with(cells, options, |header| {
        // Columns of keys are used only if a header cannot be read without them.
        let mut named = [
            columns_with_wanted_names(header, line, options),
            named_columns(header, line, options),
        ]
        .into_iter()
        .flatten();
        let found = named.find_map(|named| usual_columns::find(header, line, options, named));
        let missing = || HeaderMismatch::Missing(Vec::new());
        let found = refuse_shared(header, found.ok_or_else(missing)?)?;
        let [from, to] = side_names(options);
        if from.is_beside_keys(header, found.from) || to.is_beside_keys(header, found.to) {
            return Err(missing());
        }
        refuse_competing(header, line, found, options)
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

/// The columns of from and to that the header has by a name that was given, by the default names,
/// or by the name of a property. `None` if it lacks a name that was given.
pub(super) fn named_columns(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Option<[Option<SideColumn>; 2]> {
    let [from, to] = columns_with_wanted_names(header, line, options)?;
    let [from_names, to_names] = side_names(options);
    let or_key = |column: Option<_>, names: SideNames<'_>| {
        column.or_else(|| names.find_key(header, line).ok().flatten())
    };
    Some([or_key(from, from_names), or_key(to, to_names)])
}

/// The columns of from and to that the header has by a name that was given, or by the default
/// names. `None` if it lacks a name that was given.
fn columns_with_wanted_names(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Option<[Option<SideColumn>; 2]> {
    let find = |names: SideNames<'_>| {
        let column = names.find_wanted(header, line).ok()?;
        (column.is_some() || !names.is_given()).then_some(column)
    };
    let [from, to] = side_names(options);
    Some([find(from)?, find(to)?])
}

fn find_with(
    cells: &[String],
    options: &InputOptions,
    find_link_columns: impl FnOnce(&[String]) -> Result<RowColumns, HeaderMismatch>,
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
    let link = find_link_columns(&header)?;
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
        link,
        width: cells.len(),
        min_cells: last_needed.map_or(0, |last| last + 1),
        recorded,
        original,
        has_usual_names: false,
    })
}

/// The columns of from and to, and the source of the definition.
fn find_link_columns(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Result<RowColumns, HeaderMismatch> {
    let find = |names: SideNames<'_>| {
        let column = match names.find_wanted(header, line)? {
            None => names.find_key(header, line)?,
            found => found,
        };
        Ok(column.ok_or_else(|| MissingColumn {
            name: names.wanted(),
            option: names.setting,
        }))
    };
    let [from, to] = side_names(options);
    let (from, to) = (find(from)?, find(to)?);
    let source = definition_source::find(header, line, options);
    match (from, to) {
        (Ok(from), Ok(to)) => {
            let source = source?;
            let found = refuse_shared(header, RowColumns { from, to, source })?;
            refuse_competing(header, line, found, options)
        }
        (from, to) => {
            let definition_columns = match source {
                Err(HeaderMismatch::Refused(fault @ ColumnFault::Twice { .. })) => {
                    return Err(HeaderMismatch::Refused(fault));
                }
                Err(HeaderMismatch::Missing(missing)) => missing,
                Ok(_) | Err(HeaderMismatch::Refused(_) | HeaderMismatch::Data) => Vec::new(),
            };
            let missing = [from.err(), to.err()].into_iter().flatten();
            Err(HeaderMismatch::Missing(
                missing.chain(definition_columns).collect(),
            ))
        }
    }
}

/// Refuses keys beside ids of the same records. Of recorded rows, it was decided before.
fn refuse_competing(
    header: &[String],
    line: u64,
    found: RowColumns,
    options: &InputOptions,
) -> Result<RowColumns, HeaderMismatch> {
    let is_implied = are_given(options).map(|is_given| !is_given && !options.recorded);
    let refusal = competing_ids::refusal(header, line, found, is_implied, options);
    refusal.map_or(Ok(found), |fault| Err(HeaderMismatch::Refused(fault)))
}

/// Refuses a column that is used twice.
fn refuse_shared(header: &[String], link: RowColumns) -> Result<RowColumns, HeaderMismatch> {
    let columns: Vec<_> = link.indexes().collect();
    let shared = (1..columns.len()).find(|&i| columns[..i].contains(&columns[i]));
    shared.map_or(Ok(link), |i| Err(used_for_two(&header[columns[i]])))
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

/// The cells of the input, if the header is that of a results file or of a plan. Earlier versions
/// added fewer columns to results.
fn original_columns(cells: &[String]) -> Option<Vec<usize>> {
    let has = |name: &str| cells.iter().any(|cell| cell == name);
    let without = |is_ours: fn(&str) -> bool| {
        let of_input = (0..cells.len()).filter(|&i| !is_ours(&cells[i]));
        Some(of_input.collect())
    };
    if ResultsColumn::unlisted().iter().all(|own| has(own.name())) {
        without(|cell| ResultsColumn::parse(cell).is_some())
    } else if PlanColumn::ALL.iter().all(|own| has(own.name())) {
        without(|cell| PlanColumn::parse(cell).is_some())
    } else {
        None
    }
}
