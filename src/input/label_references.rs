//! The label references of rows (object types and a label), and the definitions that they resolve
//! to.
//!
//! If the labels of the account are unknown, every well-formed reference gets a placeholder: a
//! definition with the same names and a meaningless number.

use std::{collections::HashMap, sync::Arc};

use crate::{
    association::{
        AccountLabels, AssociationType, Category, Definition, DefinitionTable, LabelReference,
        UnknownLabel, object_type, show_unknown_object_type,
    },
    code::Code,
    failure::{CellFault, Failure, FailureDetail, RowFault},
    row_cells::RowCells,
};

use super::{
    definition_source::{TypeSource, TypeSources},
    id,
    options::InputOptions,
};

/// The most different references of a file. A column with more of them does not contain labels.
pub(super) const MAX_LABEL_REFERENCES: usize = 1_000;

/// The most names of object types that are cached.
const MAX_CACHED_TYPES: usize = 1_000;

/// How much of a cell is shown.
const SHOWN_CHARS: usize = 60;

/// Resolves the label references of rows, and caches the results.
pub(super) struct LabelReferences {
    from: TypeSource,
    to: TypeSource,
    label: LabelSource,
    labels: Option<Arc<AccountLabels>>,
    /// The published definitions.
    table: &'static DefinitionTable,
    type_cache: HashMap<String, Option<&'static str>>,
    cache: HashMap<(&'static str, &'static str), HashMap<String, LabelLookup>>,
    all: Vec<LabelReference>,
    too_many: bool,
}

type LabelLookup = Result<Definition, UnknownLabel>;

enum LabelSource {
    Column(usize),
    ForAllRows(String),
}

impl LabelReferences {
    pub(super) fn new(sources: TypeSources, options: &InputOptions) -> Self {
        let TypeSources { from, to, label } = sources;
        Self {
            from,
            to,
            label: match label {
                Some(column) => LabelSource::Column(column),
                None => LabelSource::ForAllRows(options.label.clone().unwrap_or_default()),
            },
            labels: options.labels.clone(),
            table: options.table,
            type_cache: HashMap::new(),
            cache: HashMap::new(),
            all: Vec::new(),
            too_many: false,
        }
    }

    /// The reference for all rows, if no column is used for it.
    pub(super) fn for_all_rows(&self) -> Option<LabelReference> {
        match (self.from, self.to, &self.label) {
            (
                TypeSource::ForAllRows(from),
                TypeSource::ForAllRows(to),
                LabelSource::ForAllRows(label),
            ) => Some(LabelReference::new(from, to, label)),
            (TypeSource::Column(_), _, _)
            | (_, TypeSource::Column(_), _)
            | (_, _, LabelSource::Column(_)) => None,
        }
    }

    /// The different references so far, in the order of their first rows.
    pub(super) fn all(&self) -> &[LabelReference] {
        &self.all
    }

    /// Whether there were too many different references.
    pub(super) fn too_many(&self) -> bool {
        self.too_many
    }

    /// The definition that a row refers to.
    pub(super) fn definition(
        &mut self,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<Definition, Failure> {
        let from = self.object_type(self.from, header, cells)?;
        let to = self.object_type(self.to, header, cells)?;
        let label = match &self.label {
            LabelSource::Column(column) => cells[*column].trim(),
            LabelSource::ForAllRows(label) => label.trim(),
        };
        let cached = self.cache.get(&(from, to));
        if let Some(found) = cached.and_then(|labels| labels.get(label)) {
            return self.or_failure(header, found.clone());
        }
        let label = label.to_owned();
        self.look_up(header, (from, to), label)
    }

    fn object_type(
        &mut self,
        end: TypeSource,
        header: &csv::StringRecord,
        cells: &RowCells,
    ) -> Result<&'static str, Failure> {
        let column = match end {
            TypeSource::ForAllRows(name) => return Ok(name),
            TypeSource::Column(column) => column,
        };
        let cell = id::trim(&cells[column]);
        let name = if let Some(known) = self.type_cache.get(cell) {
            *known
        } else {
            let name = object_type(cell);
            if self.type_cache.len() < MAX_CACHED_TYPES {
                self.type_cache.insert(cell.to_owned(), name);
            }
            name
        };
        name.ok_or_else(|| not_a_type(&header[column], cell))
    }

    /// Resolves a reference that is not in the cache.
    fn look_up(
        &mut self,
        header: &csv::StringRecord,
        (from, to): (&'static str, &'static str),
        label: String,
    ) -> Result<Definition, Failure> {
        let reference = LabelReference::new(from, to, &label);
        let is_full = self.all.len() == MAX_LABEL_REFERENCES;
        self.too_many |= is_full;
        let found = match &self.labels {
            Some(labels) => labels.find(&reference),
            None if is_full => return Err(too_many_labels()),
            None => Ok(placeholder(&reference, self.table, self.all.len())),
        };
        if !is_full {
            let cached = self.cache.entry((from, to)).or_default();
            cached.insert(label, found.clone());
            self.all.push(reference);
        }
        self.or_failure(header, found)
    }

    fn or_failure(
        &self,
        header: &csv::StringRecord,
        found: LabelLookup,
    ) -> Result<Definition, Failure> {
        found.map_err(|unknown| {
            let detail = match self.label {
                LabelSource::Column(column) => {
                    let column = id::column_name(&header[column]);
                    FailureDetail::Cell(column, CellFault::UnknownLabel(unknown))
                }
                LabelSource::ForAllRows(_) => RowFault::UnknownLabel(unknown).into(),
            };
            Failure::new(Code::UnknownLabel, detail)
        })
    }
}

/// A placeholder for a definition that only the account knows.
fn placeholder(
    reference: &LabelReference,
    table: &'static DefinitionTable,
    number: usize,
) -> Definition {
    let published = table.unlabeled(reference.from, reference.to);
    let published = published.filter(|_| reference.label.is_empty());
    published.unwrap_or_else(|| {
        let association_type = AssociationType {
            category: Category::UserDefined,
            id: u32::try_from(number).map_or(u32::MAX, |number| u32::MAX - number),
        };
        let types = (reference.from, reference.to);
        table.account_definition(association_type, types, &reference.label)
    })
}

fn too_many_labels() -> Failure {
    Failure::new(
        Code::UnknownLabel,
        RowFault::TooManyLabels(MAX_LABEL_REFERENCES),
    )
}

fn not_a_type(column: &str, cell: &str) -> Failure {
    if cell.contains('\u{fffd}') {
        return id::wrong_encoding(column, cell);
    }
    let fault = match cell {
        "" => CellFault::TypeMissing,
        cell => CellFault::NotAType(show_unknown_object_type(cell, SHOWN_CHARS)),
    };
    let detail = FailureDetail::Cell(id::column_name(column), fault);
    Failure::new(Code::InvalidObjectType, detail)
}
