//! Suggests which columns of a refused header name the records, and of which object types.
//!
//! Guesses, so that a person can decide: nothing is read because of a guess. Each suggestion was
//! tried: with it, the header is read.

use crate::{cell::fold, tables};

use super::{
    columns,
    definition_source::{self, TypeSource},
    error::{ColumnSuggestion, SuggestedColumn, SuggestedType},
    id_list::IdSeparator,
    key_names::{self, key_columns, type_of_property},
    link_columns::SideColumn,
    options::{InputOptions, InputPath, LabelColumn},
    usual_names::{UsualName, column_separator, is_untyped},
};

/// The most suggestions.
const MAX_SUGGESTIONS: usize = 3;

/// The most columns with ids that are looked at.
const MAX_CANDIDATES: usize = 20;

/// Stands for the object type that a person has to say.
const ANY_TYPE: &str = "contacts";

/// Folded names of columns that only exports of one object type have.
const TYPICAL_COLUMNS: [(&str, &str); 15] = [
    ("firstname", "contacts"),
    ("lastname", "contacts"),
    ("email", "contacts"),
    ("contactowner", "contacts"),
    ("companydomainname", "companies"),
    ("companyname", "companies"),
    ("companyowner", "companies"),
    ("dealname", "deals"),
    ("dealstage", "deals"),
    ("dealowner", "deals"),
    ("dealtype", "deals"),
    ("ticketname", "tickets"),
    ("ticketowner", "tickets"),
    ("ticketstatus", "tickets"),
    ("ticketdescription", "tickets"),
];

/// Folded names of columns with keys of records, their object type and their property.
const KEY_COLUMNS: [(&str, &str, &str); 9] = [
    ("email", "contacts", "email"),
    ("emailaddress", "contacts", "email"),
    ("contactemail", "contacts", "email"),
    ("contactemailaddress", "contacts", "email"),
    ("domain", "companies", "domain"),
    ("domainname", "companies", "domain"),
    ("companydomain", "companies", "domain"),
    ("companydomainname", "companies", "domain"),
    ("websitedomain", "companies", "domain"),
];

/// A column that may name the records of one side.
#[derive(Clone, Copy)]
struct ColumnCandidate {
    column: SideColumn,
    object_type: Option<&'static str>,
    kind: CandidateKind,
}

/// What the name of a column says about the records of the row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CandidateKind {
    /// The column has their own ids (`Record ID`).
    Own,
    /// It has records of one type (`Company ID`).
    Typed,
    /// It has what they are linked to (`Associated Company IDs`).
    Associated,
    /// It has keys of records of one type (`Email`).
    Keys,
    /// It was named as the column of this side.
    Given,
}

/// What says the object type of one side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TypeStatement {
    /// All rows have this one.
    Known(&'static str),
    /// A column, or definitions that are not listed.
    Stated,
    /// Nothing, so a suggestion has to.
    Unstated,
}

/// A header whose columns are suggested.
struct SuggestedHeader<'a> {
    header: &'a [String],
    line: u64,
    options: &'a InputOptions,
    statements: [TypeStatement; 2],
    /// Whether it has a column with ids of an unknown object type.
    has_own_ids: bool,
}

/// What a person may have meant by this header. Empty if the names of its columns say nothing.
pub(super) fn suggestions(
    header: &[String],
    line: u64,
    options: &InputOptions,
) -> Vec<ColumnSuggestion> {
    if options.recorded {
        return Vec::new();
    }
    let suggested = SuggestedHeader {
        header,
        line,
        options,
        statements: type_statements(header, line, options),
        has_own_ids: header.iter().any(|name| is_untyped(name)),
    };
    let named = columns::named_columns(header, line, options).unwrap_or_default();
    if suggested.statements == [TypeStatement::Stated; 2] && named == [None; 2] {
        // Each row says its direction. In the wrong one, the ids are those of other records.
        return Vec::new();
    }
    let of_ids = candidates(header, options);
    let sides = [0, 1].map(|side| suggested.of_side(side, named[side], &of_ids));
    let found = suggested.suggestions(&sides);
    if !found.is_empty() {
        return found;
    }
    let of_keys = key_candidates(header);
    let is_certain = |candidate: &ColumnCandidate| candidate.kind == CandidateKind::Typed;
    let all: Vec<_> = of_ids
        .into_iter()
        .filter(is_certain)
        .chain(of_keys)
        .collect();
    let sides = [0, 1].map(|side| {
        let named_keys = suggested.named_keys(side, named[side]);
        let all = suggested.of_side(side, named[side], &all);
        if named_keys.is_empty() {
            all
        } else {
            named_keys
        }
    });
    suggested.suggestions(&sides)
}

/// A name of a column with ids that the header has more than once.
pub(super) fn repeated_name(header: &[String]) -> Option<&str> {
    let is_of_ids = |name: &&String| is_untyped(name) || UsualName::parse(name).is_some();
    let is_repeated = |name: &&String| {
        let folded = fold(name);
        let is_same = |other: &&String| fold(other) == folded;
        header.iter().filter(is_same).count() > 1
    };
    let mut names = header.iter().filter(is_of_ids).take(MAX_CANDIDATES);
    let name = names.find(is_repeated)?;
    Some(name.trim_matches([' ', '\t']))
}

/// The columns with ids. A column of primary records is one only if it is said what its links mean:
/// they would lose it otherwise.
fn candidates(header: &[String], options: &InputOptions) -> Vec<ColumnCandidate> {
    let may_be_primary = options.definition.is_some() || options.label.is_some();
    let own_type = typical_type(header);
    let candidate = |(index, name): (usize, &String)| {
        let (object_type, kind) = if is_untyped(name) {
            (own_type, CandidateKind::Own)
        } else {
            let name = UsualName::parse(name)?;
            if name.is_primary && !may_be_primary {
                return None;
            }
            let kind = if name.is_associated {
                CandidateKind::Associated
            } else {
                CandidateKind::Typed
            };
            (Some(name.object_type), kind)
        };
        Some(ColumnCandidate {
            column: SideColumn::of_ids(index),
            object_type,
            kind,
        })
    };
    let candidates = header.iter().enumerate().filter_map(candidate);
    candidates.take(MAX_CANDIDATES).collect()
}

/// The columns with keys.
fn key_candidates(header: &[String]) -> Vec<ColumnCandidate> {
    let candidate = |(index, name): (usize, &String)| {
        let name = fold(name);
        let (_, object_type, property) = KEY_COLUMNS.iter().find(|(known, ..)| *known == name)?;
        Some(ColumnCandidate {
            column: SideColumn {
                index,
                property: Some(property),
            },
            object_type: Some(object_type),
            kind: CandidateKind::Keys,
        })
    };
    let candidates = header.iter().enumerate().filter_map(candidate);
    candidates.take(MAX_CANDIDATES).collect()
}

/// The object type that the other columns are typical for, if they agree.
fn typical_type(header: &[String]) -> Option<&'static str> {
    let is_named = |name: &str| header.iter().any(|cell| fold(cell) == name);
    let mut types = TYPICAL_COLUMNS
        .iter()
        .filter(|(name, _)| is_named(name))
        .map(|(_, object_type)| *object_type);
    let first = types.next()?;
    types.all(|other| other == first).then_some(first)
}

/// What says the object types of from and to.
fn type_statements(header: &[String], line: u64, options: &InputOptions) -> [TypeStatement; 2] {
    if let Ok(source) = definition_source::find(header, line, options) {
        return source
            .object_types()
            .map(|known| known.map_or(TypeStatement::Stated, TypeStatement::Known));
    }
    let sources = definition_source::type_sources(header, line, options);
    sources.map(|source| match source {
        Some(TypeSource::ForAllRows(name)) => TypeStatement::Known(name),
        Some(TypeSource::Column(_)) => TypeStatement::Stated,
        None => TypeStatement::Unstated,
    })
}

impl SuggestedHeader<'_> {
    /// The suggestions with these candidates for from and for to.
    fn suggestions(&self, [from, to]: &[Vec<ColumnCandidate>; 2]) -> Vec<ColumnSuggestion> {
        let pairs = from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let mut pairs: Vec<_> = pairs
            .filter(|(from, to)| self.may_be_linked(*from, *to))
            .collect();
        // Those that a person has to complete come last.
        pairs.sort_by_key(|(from, to)| from.object_type.is_none() || to.object_type.is_none());
        pairs
            .into_iter()
            .filter_map(|(from, to)| self.suggestion(from, to))
            .take(MAX_SUGGESTIONS)
            .collect()
    }

    /// The candidates for from (0) or to (1).
    fn of_side(
        &self,
        side: usize,
        named: Option<SideColumn>,
        candidates: &[ColumnCandidate],
    ) -> Vec<ColumnCandidate> {
        if let Some(column) = named {
            if self.is_key_of_other_type(side, column) {
                return Vec::new();
            }
            let known = candidates
                .iter()
                .find(|known| known.column.index == column.index)
                .and_then(|known| known.object_type);
            let given = ColumnCandidate {
                column,
                object_type: known.or_else(|| type_of_property(column.property)),
                kind: CandidateKind::Given,
            };
            let is_implied = column.property.is_some() && !self.is_given(side);
            let is_of_same = |other: &&ColumnCandidate| {
                is_implied
                    && other.kind != CandidateKind::Own
                    && other.column.property.is_none()
                    && other.object_type == given.object_type
            };
            let ids = candidates.iter().filter(is_of_same).copied();
            return [given].into_iter().chain(ids).collect();
        }
        let property = [self.options.from_key, self.options.to_key][side];
        let is_possible = |candidate: &&ColumnCandidate| {
            let is_of_type = match (self.statements[side], candidate.object_type) {
                (TypeStatement::Known(known), Some(object_type)) => known == object_type,
                (TypeStatement::Known(_), None)
                | (TypeStatement::Stated | TypeStatement::Unstated, _) => true,
            };
            is_of_type && (property.is_none() || candidate.column.property == property)
        };
        candidates.iter().filter(is_possible).copied().collect()
    }

    /// The columns whose names say that they have keys of this side, if there are several.
    fn named_keys(&self, side: usize, named: Option<SideColumn>) -> Vec<ColumnCandidate> {
        if named.is_some() || self.is_given(side) {
            return Vec::new();
        }
        let prefix = [key_names::FROM, key_names::TO][side];
        let columns = key_columns(self.header, prefix).into_iter();
        let columns = columns.filter(|column| !self.is_key_of_other_type(side, *column));
        let candidate = |column: SideColumn| ColumnCandidate {
            column,
            object_type: type_of_property(column.property),
            kind: CandidateKind::Given,
        };
        columns.take(MAX_CANDIDATES).map(candidate).collect()
    }

    /// Whether an option says something about the column of this side.
    fn is_given(&self, side: usize) -> bool {
        columns::are_given(self.options)[side]
    }

    /// Whether only its name says that a column has keys, and they are of another object type than
    /// this side: companies have domains, and contacts have none.
    fn is_key_of_other_type(&self, side: usize, column: SideColumn) -> bool {
        let of_property = type_of_property(column.property);
        match (self.statements[side], of_property) {
            (TypeStatement::Known(known), Some(object_type)) => {
                known != object_type && !self.is_given(side)
            }
            (TypeStatement::Known(_) | TypeStatement::Stated | TypeStatement::Unstated, _) => false,
        }
    }

    fn may_be_linked(&self, from: ColumnCandidate, to: ColumnCandidate) -> bool {
        use CandidateKind::{Associated, Given, Keys, Own, Typed};
        let is_of_one_type = from.object_type == to.object_type;
        let in_order = match (from.kind, to.kind) {
            _ if from.column.index == to.column.index => return false,
            (Given, _) | (_, Given) => return true,
            (Own, Own) | (Associated, Associated) => return false,
            // They are linked to the record whose id is in another column.
            (Typed, Associated) | (Associated, Typed) if self.has_own_ids => return false,
            // Only associated records can be of the same type.
            (Typed | Keys, _) | (_, Typed | Keys) if is_of_one_type => return false,
            (Own, Typed | Associated | Keys) | (Typed | Keys, Associated) => true,
            (Typed | Associated | Keys, Own) | (Associated, Typed | Keys) => false,
            (Typed | Keys, Typed | Keys) => from.column.index < to.column.index,
        };
        // Without a definition, the direction does not matter.
        in_order || self.statements != [TypeStatement::Unstated; 2]
    }

    /// The suggestion of these columns, if the header is read with it.
    fn suggestion(&self, from: ColumnCandidate, to: ColumnCandidate) -> Option<ColumnSuggestion> {
        let [from_type, to_type] = self.statements;
        let needs_types = self.statements.contains(&TypeStatement::Unstated);
        let needs_api = needs_types && !self.options.table.has_labels();
        let suggestion = ColumnSuggestion {
            from: self.column(from, from_type),
            to: self.column(to, to_type),
            label_column: self.label_column().map(str::to_owned),
            api: needs_api.then(|| tables::latest().api()),
            split: self.split([from, to]),
        };
        self.is_read_with(&suggestion).then_some(suggestion)
    }

    fn column(&self, candidate: ColumnCandidate, statement: TypeStatement) -> SuggestedColumn {
        let name = self.header[candidate.column.index].trim_matches([' ', '\t']);
        let object_type = match (statement, candidate.object_type) {
            (TypeStatement::Known(_) | TypeStatement::Stated, _) => SuggestedType::Stated,
            (TypeStatement::Unstated, Some(object_type)) => SuggestedType::Guessed(object_type),
            (TypeStatement::Unstated, None) => SuggestedType::Unknown,
        };
        SuggestedColumn {
            name: name.to_owned(),
            property: candidate.column.property,
            object_type,
        }
    }

    /// The column of labels, if it is found only when it is named.
    fn label_column(&self) -> Option<&str> {
        match self.options.label_column {
            LabelColumn::IfPresent | LabelColumn::AlreadyChecked => {
                definition_source::other_label_column(self.header)
            }
            LabelColumn::Named(_) | LabelColumn::Off => None,
        }
    }

    /// The character between ids, if a cell of these columns may have several.
    fn split(&self, columns: [ColumnCandidate; 2]) -> Option<IdSeparator> {
        let names = columns.map(|candidate| &self.header[candidate.column.index]);
        column_separator(names.into_iter(), self.options)
    }

    /// Whether the header is read with a suggestion. What is in columns is not known of standard
    /// input before its rows are sent.
    fn is_read_with(&self, suggestion: &ColumnSuggestion) -> bool {
        let ColumnSuggestion {
            from,
            to,
            label_column,
            api,
            // It does not matter to a header.
            split: _,
        } = suggestion;
        let object_type = |suggested: &SuggestedColumn, given| match suggested.object_type {
            SuggestedType::Stated => given,
            SuggestedType::Guessed(object_type) => Some(object_type),
            SuggestedType::Unknown => Some(ANY_TYPE),
        };
        let mut options = self.options.clone();
        options.from_column = Some(from.name.clone());
        options.to_column = Some(to.name.clone());
        options.from_key = from.property;
        options.to_key = to.property;
        options.from_type = object_type(from, options.from_type);
        options.to_type = object_type(to, options.to_type);
        if api.is_some() {
            options.table = tables::latest();
        }
        if let Some(column) = label_column {
            options.label_column = LabelColumn::Named(column.clone());
        }
        columns::find(self.header, self.line, &options).is_ok_and(|columns| {
            let source = columns.link.source;
            let reads_ahead =
                source.object_types().contains(&None) || source.columns().next().is_some();
            let by_types = definition_source::types_setting(&options).is_some();
            let is_stream = options.path == InputPath::Stdin;
            // Definitions and types are never given together.
            !by_types || (options.definition_column.is_none() && !(is_stream && reads_ahead))
        })
    }
}
