//! Columns of ids beside a column of keys for the same side: which of them is meant is not known.
//!
//! Pure: names in, columns out. Does not know how columns are found.

use crate::{cell::fold, lookalike::show_exact};

use super::{
    error::{ColumnFault, ColumnSuggestion, SuggestedColumn, SuggestedType},
    header_names::NAME_CHARS,
    key_names::{FROM, TO, is_id_of_side, type_of_property},
    link_columns::{RowColumns, SideColumn},
    options::InputOptions,
    usual_names::{UsualName, column_separator},
};

/// The most suggestions.
const MAX_SUGGESTIONS: usize = 4;

/// The refusal of these columns, if one of them has keys that its name alone says (`is_implied`), and
/// the header has ids of the same records, too.
pub(super) fn refusal(
    header: &[String],
    line: u64,
    found: RowColumns,
    is_implied: [bool; 2],
    options: &InputOptions,
) -> Option<ColumnFault> {
    let columns = [found.from, found.to];
    let competing = [0, 1].map(|side| {
        let is_uncertain = is_implied[side] && columns[side].property.is_some();
        let is_other = |index: &usize| found.indexes().all(|used| used != *index);
        let mut ids = if is_uncertain {
            ids_of_side(header, side, found)
        } else {
            Vec::new()
        };
        ids.retain(is_other);
        ids
    });
    let side = competing.iter().position(|ids| !ids.is_empty())?;
    let shown = |index: usize| show_exact(header[index].trim(), NAME_CHARS);
    Some(ColumnFault::IdsBesideKeys {
        line,
        ids: shown(competing[side][0]),
        keys: shown(columns[side].index),
        suggestions: suggestions(header, columns, &competing, options),
    })
}

/// The columns whose names say that they have ids of from (0) or of to (1).
fn ids_of_side(header: &[String], side: usize, link: RowColumns) -> Vec<usize> {
    let prefix = [FROM, TO][side];
    let stated = link.source.object_types();
    let columns = [link.from, link.to];
    let type_of = |side: usize| stated[side].or_else(|| type_of_property(columns[side].property));
    let (own_type, other_type) = (type_of(side), type_of(1 - side));
    let is_id = |index: &usize| {
        let name = &header[*index];
        let of_type = UsualName::parse(name).map(|name| name.object_type);
        is_id_of_side(name, prefix)
            || of_type.is_some_and(|found| match own_type {
                Some(own_type) => found == own_type,
                None => Some(found) != other_type,
            })
    };
    (0..header.len()).filter(is_id).collect()
}

/// All readings, as commands.
fn suggestions(
    header: &[String],
    columns: [SideColumn; 2],
    competing: &[Vec<usize>; 2],
    options: &InputOptions,
) -> Vec<ColumnSuggestion> {
    let is_named_once = |index: &&usize| {
        let name = fold(&header[**index]);
        header.iter().filter(|other| fold(other) == name).count() == 1
    };
    let readings = [0, 1].map(|side| {
        let ids = competing[side].iter().filter(is_named_once);
        let ids = ids.map(|index| SideColumn::of_ids(*index));
        let all: Vec<_> = [columns[side]].into_iter().chain(ids).collect();
        all
    });
    let column = |column: SideColumn| SuggestedColumn {
        name: header[column.index].trim_matches([' ', '\t']).to_owned(),
        property: column.property,
        object_type: SuggestedType::Stated,
    };
    let [of_from, of_to] = &readings;
    let pairs = of_from
        .iter()
        .flat_map(|from| of_to.iter().map(move |to| (*from, *to)));
    let suggestion = |(from, to): (SideColumn, SideColumn)| {
        let names = [from, to].map(|column| &header[column.index]);
        ColumnSuggestion {
            from: column(from),
            to: column(to),
            label_column: None,
            api: None,
            split: column_separator(names.into_iter(), options),
        }
    };
    pairs
        .filter(|(from, to)| from.index != to.index)
        .take(MAX_SUGGESTIONS)
        .map(suggestion)
        .collect()
}
