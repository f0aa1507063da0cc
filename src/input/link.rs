//! What a row asks for: its cells into an association, or why that is not certain.
//!
//! Knows the columns; nothing of bytes, lines or files.

use std::collections::HashMap;

use crate::{
    association::{Association, Definition, RecordId},
    cell::{clean, fold},
    cells::Cells,
    code::Code,
    row::Failure,
};

use super::{columns::Columns, id};

/// Definitions written as words are looked up once each.
const REMEMBERED_WORDS: usize = 1024;

/// Longer words than any definition's name are not remembered.
const REMEMBERED_CHARS: usize = 128;

/// So many digits are surely within a definition's 32 bits.
const SHORT_DIGITS: usize = 9;

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 60;

/// Reads the links of rows, and remembers the words for definitions.
pub(super) struct Linker {
    from: usize,
    to: usize,
    definition: Source,
    words: HashMap<String, Option<Definition>>,
}

/// Where a row's definition comes from.
#[derive(Clone, Copy)]
enum Source {
    Column(usize),
    Given(Definition),
}

impl Linker {
    /// `None` if there is neither a column nor a given definition.
    pub(super) fn new(columns: &Columns, given: Option<Definition>) -> Option<Self> {
        Some(Self {
            from: columns.from,
            to: columns.to,
            definition: match columns.definition {
                Some(column) => Source::Column(column),
                None => Source::Given(given?),
            },
            words: HashMap::new(),
        })
    }

    /// The places of the cells that make the link.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let definition = match self.definition {
            Source::Column(column) => Some(column),
            Source::Given(_) => None,
        };
        [Some(self.from), Some(self.to), definition]
            .into_iter()
            .flatten()
    }

    /// The link that a row of as many cells as the header asks for.
    pub(super) fn link(
        &mut self,
        header: &csv::StringRecord,
        cells: &Cells,
    ) -> Result<Association, Failure> {
        let found = self.read(header, cells);
        if found.is_err() && repeats(header, cells) {
            return Err(Failure::new(
                Code::RepeatedHeader,
                "the header line again, as in files joined together; delete it",
            ));
        }
        found
    }

    fn read(&mut self, header: &csv::StringRecord, cells: &Cells) -> Result<Association, Failure> {
        let record = |place: usize| -> Result<RecordId, Failure> {
            let cell = &cells[place];
            id::parse(cell).ok_or_else(|| id::explain(&header[place], cell))
        };
        Ok(Association {
            from: record(self.from)?,
            to: record(self.to)?,
            definition: match self.definition {
                Source::Given(definition) => definition,
                Source::Column(place) => {
                    let cell = &cells[place];
                    self.definition(cell)
                        .ok_or_else(|| no_definition(&header[place], cell))?
                }
            },
        })
    }

    fn definition(&mut self, cell: &str) -> Option<Definition> {
        // The usual definition cell: a few digits.
        if let Some(id) = id::number(cell, SHORT_DIGITS) {
            return u32::try_from(id).ok().and_then(Definition::new);
        }
        let text = id::trim(cell);
        if let Some(&known) = self.words.get(text) {
            return known;
        }
        let definition = text.parse().ok();
        if self.words.len() < REMEMBERED_WORDS && text.len() < REMEMBERED_CHARS {
            self.words.insert(text.to_owned(), definition);
        }
        definition
    }
}

fn no_definition(column: &str, cell: &str) -> Failure {
    let text = id::trim(cell);
    if text.contains('\u{fffd}') {
        return id::wrong_encoding(column, cell);
    }
    let column = id::column_name(column);
    let why = if text.is_empty() {
        format!("{column}: the definition is missing; fill in the cell")
    } else {
        format!(
            "{column}: '{}' is neither an id nor the name of a definition; `hubassoc types` lists them",
            clean(text, SHOWN_CHARS)
        )
    };
    Failure::new(Code::InvalidDefinition, why)
}

/// Whether a row is the header again, perhaps with the second file's BOM.
fn repeats(header: &csv::StringRecord, cells: &Cells) -> bool {
    let pairs = || header.iter().zip(cells.iter());
    // Folding costs; a row that is merely wrong differs in a length already.
    pairs().skip(1).all(|(name, cell)| name.len() == cell.len())
        && pairs().all(|(name, cell)| fold(name) == fold(cell.trim_start_matches('\u{feff}')))
}
