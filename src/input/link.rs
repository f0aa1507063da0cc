//! Reads the association of a row from its cells, or explains why it is not certain.
//!
//! Knows the columns, but nothing about bytes, lines or files.

use std::collections::HashMap;

use crate::{
    association::{
        Association, Definition, DefinitionInfo, DefinitionTable, KeyProperty, RecordReference,
    },
    cell::fold,
    code::Code,
    failure::{CellFault, Failure, FailureDetail, InvalidIdKind, InvalidKeyKind, RowFault},
    row::{KeyedLink, RowLink},
    row_cells::RowCells,
};

use super::{
    definition_source::DefinitionSource,
    id, key_cell,
    label_references::LabelReferences,
    link_columns::{RowColumns, SideColumn},
    options::InputOptions,
};

/// The most names of definitions that are cached.
const MAX_CACHED_NAMES: usize = 1024;

/// Longer texts are not cached. No definition has such a long name.
const MAX_CACHED_NAME_BYTES: usize = 128;

/// Numbers with this many digits certainly fit into the 32 bits of a definition.
const SHORT_DIGITS: usize = 9;

/// Reads the links of rows, and caches the names of definitions.
pub(super) struct LinkReader {
    columns: RowColumns,
    definition: DefinitionReader,
    allow_free_mail: bool,
    /// Whether the character between ids was given, so that there cannot be another one.
    has_separator: bool,
    table: &'static DefinitionTable,
    names: HashMap<String, Option<Definition>>,
}

/// Where the definition of a row comes from.
enum DefinitionReader {
    Column(usize),
    ForAllRows(Definition),
    ByLabel(Box<LabelReferences>),
}

impl LinkReader {
    pub(super) fn new(columns: RowColumns, options: &InputOptions) -> Self {
        Self {
            columns,
            allow_free_mail: options.allow_free_mail,
            has_separator: options.split.is_some(),
            definition: match columns.source {
                DefinitionSource::Column(column) => DefinitionReader::Column(column),
                DefinitionSource::ForAllRows(definition) => {
                    DefinitionReader::ForAllRows(definition)
                }
                DefinitionSource::Types(sources) => {
                    DefinitionReader::ByLabel(Box::new(LabelReferences::new(sources, options)))
                }
            },
            table: options.table,
            names: HashMap::new(),
        }
    }

    /// The label references, if the rows use object types and labels.
    pub(super) fn label_references(&self) -> Option<&LabelReferences> {
        match &self.definition {
            DefinitionReader::ByLabel(label_references) => Some(label_references),
            DefinitionReader::Column(_) | DefinitionReader::ForAllRows(_) => None,
        }
    }

    /// Whether label references are in columns.
    pub(super) fn has_label_references_in_columns(&self) -> bool {
        self.label_references()
            .is_some_and(|label_references| label_references.for_all_rows().is_none())
    }

    /// The link of a row that has as many cells as the header.
    pub(super) fn link(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<RowLink, Failure> {
        let found = if self.columns.have_keys() {
            self.read_keyed(header, cells)
        } else {
            self.read(header, cells).map(RowLink::Known)
        };
        if found.is_err() && repeats_header(header, cells) {
            let again = RowFault::RepeatedHeader;
            return Err(Failure::new(Code::RepeatedHeader, again));
        }
        if self.has_separator {
            return found.map_err(without_separator);
        }
        found
    }

    fn read(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<Association, Failure> {
        let RowColumns { from, to, .. } = self.columns;
        let from = id::read(&header[from.index], &cells[from.index])?;
        let to = id::read(&header[to.index], &cells[to.index])?;
        let definition = self.definition_of_row(header, cells)?;
        Ok(Association {
            from,
            to,
            definition,
        })
    }

    /// Reads a row with a key. Only the definition tells of which object type its record is.
    fn read_keyed(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<RowLink, Failure> {
        let definition = self.definition_of_row(header, cells)?;
        let RowColumns { from, to, .. } = self.columns;
        let info = definition.info();
        let read = |column: SideColumn, object_type: fn(&DefinitionInfo) -> &'static str| {
            let (name, cell) = (&header[column.index], &cells[column.index]);
            let Some(property) = column.property else {
                return id::read(name, cell).map(RecordReference::Id);
            };
            let Some(info) = info else {
                let fault = CellFault::KeyWithoutType(definition);
                let detail = FailureDetail::Cell(id::column_name(name), fault);
                return Err(Failure::new(Code::UnknownObjectType, detail));
            };
            let property = KeyProperty {
                object_type: object_type(info),
                name: property,
            };
            key_cell::read(name, cell, property, self.allow_free_mail).map(RecordReference::Key)
        };
        let keyed = KeyedLink {
            from: read(from, |info| info.from)?,
            to: read(to, |info| info.to)?,
            definition,
        };
        Ok(RowLink::Keyed(keyed.into()))
    }

    fn definition_of_row(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<Definition, Failure> {
        match &mut self.definition {
            DefinitionReader::ForAllRows(definition) => Ok(*definition),
            DefinitionReader::ByLabel(label_references) => {
                label_references.definition(header, cells)
            }
            &mut DefinitionReader::Column(column) => {
                let cell = &cells[column];
                self.definition(cell)
                    .ok_or_else(|| no_definition(&header[column], cell, self.table))
            }
        }
    }

    fn definition(&mut self, cell: &str) -> Option<Definition> {
        // The usual case: a few digits.
        if let Some(id) = id::number(cell, SHORT_DIGITS) {
            let id = u32::try_from(id).ok()?;
            return self.table.definition(id).ok();
        }
        let text = id::trim(cell);
        if let Some(&known) = self.names.get(text) {
            return known;
        }
        let definition = self.table.parse(text).ok();
        if self.names.len() < MAX_CACHED_NAMES && text.len() < MAX_CACHED_NAME_BYTES {
            self.names.insert(text.to_owned(), definition);
        }
        definition
    }
}

/// The failure without the advice to give the character between several ids.
fn without_separator(mut failure: Failure) -> Failure {
    if let FailureDetail::Cell(
        _,
        CellFault::NotAnId(_, InvalidIdKind::Several(_, separator))
        | CellFault::NotAKey(_, InvalidKeyKind::Several(_, separator)),
    ) = &mut *failure.detail
    {
        *separator = None;
    }
    failure
}

fn no_definition(column: &str, cell: &str, table: &'static DefinitionTable) -> Failure {
    let text = id::trim(cell);
    if text.contains('\u{fffd}') {
        return id::wrong_encoding(column, cell);
    }
    let column = id::column_name(column);
    let fault = match table.parse(text) {
        _ if text.is_empty() => CellFault::DefinitionMissing,
        Err(unknown) if unknown.older.is_some() => CellFault::OlderDefinition(unknown),
        Err(unknown) => CellFault::NotADefinition(unknown),
        Ok(definition) => CellFault::UnreadDefinition(definition),
    };
    Failure::new(Code::InvalidDefinition, FailureDetail::Cell(column, fault))
}

/// Whether a row repeats the header, possibly with the byte order mark of a second file.
fn repeats_header(header: &csv::StringRecord, cells: &RowCells) -> bool {
    let pairs = || header.iter().zip(cells.iter());
    // Compare lengths first, because folding is expensive.
    pairs().skip(1).all(|(name, cell)| name.len() == cell.len())
        && pairs().all(|(name, cell)| fold(name) == fold(cell.trim_start_matches('\u{feff}')))
}
