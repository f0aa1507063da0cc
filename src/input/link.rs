//! Reads the association of a row from its cells, or explains why it is not certain.
//!
//! Knows the columns, but nothing about bytes, lines or files.

use std::collections::HashMap;

use crate::{
    association::{Association, Definition, DefinitionTable, RecordId},
    cell::fold,
    code::Code,
    failure::{CellFault, Failure, FailureDetail, RowFault},
    row_cells::RowCells,
};

use super::{
    columns::InputColumns, definition_source::DefinitionSource, id,
    label_references::LabelReferences, options::InputOptions,
};

/// The most names of definitions that are cached.
const MAX_CACHED_NAMES: usize = 1024;

/// Longer texts are not cached. No definition has such a long name.
const MAX_CACHED_NAME_BYTES: usize = 128;

/// Numbers with this many digits certainly fit into the 32 bits of a definition.
const SHORT_DIGITS: usize = 9;

/// Reads the links of rows, and caches the names of definitions.
pub(super) struct LinkReader {
    from: usize,
    to: usize,
    source: DefinitionSource,
    definition: DefinitionReader,
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
    pub(super) fn new(columns: &InputColumns, options: &InputOptions) -> Self {
        Self {
            from: columns.from,
            to: columns.to,
            source: columns.source,
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

    /// The indexes of the columns of the from ids and of the to ids.
    pub(super) fn id_columns(&self) -> [usize; 2] {
        [self.from, self.to]
    }

    /// The indexes of the columns that define the link.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = usize> + use<> {
        [self.from, self.to]
            .into_iter()
            .chain(self.source.columns())
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
    ) -> Result<Association, Failure> {
        let found = self.read(header, cells);
        if found.is_err() && repeats_header(header, cells) {
            let again = RowFault::RepeatedHeader;
            return Err(Failure::new(Code::RepeatedHeader, again));
        }
        found
    }

    fn read(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<Association, Failure> {
        let record = |column: usize| -> Result<RecordId, Failure> {
            let cell = &cells[column];
            id::parse(cell).ok_or_else(|| id::explain(&header[column], cell))
        };
        let (from, to) = (record(self.from)?, record(self.to)?);
        let definition = match &mut self.definition {
            DefinitionReader::ForAllRows(definition) => *definition,
            DefinitionReader::ByLabel(label_references) => {
                label_references.definition(header, cells)?
            }
            &mut DefinitionReader::Column(column) => {
                let cell = &cells[column];
                self.definition(cell)
                    .ok_or_else(|| no_definition(&header[column], cell, self.table))?
            }
        };
        Ok(Association {
            from,
            to,
            definition,
        })
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
