//! The labels of an account, and the definition that a row refers to by object types and a label.
//! Does not know how the labels were read.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use super::{
    association_type::{AssociationType, Category},
    definition::Definition,
    table::DefinitionTable,
};
use crate::lookalike::{look_alike, show_distinct};

/// How many similar names are shown for an unknown label.
const NEAREST: usize = 3;

/// How much of a label is shown.
const SHOWN_CHARS: usize = 60;

/// Refers to a definition by its object types and its label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelReference {
    /// Object type of the from side.
    pub from: &'static str,
    /// Object type of the to side.
    pub to: &'static str,
    /// The label; empty for the unlabeled association.
    pub label: String,
}

impl LabelReference {
    /// Blanks around the label are ignored.
    #[must_use]
    pub fn new(from: &'static str, to: &'static str, label: &str) -> Self {
        let label = label.trim().to_owned();
        Self { from, to, label }
    }
}

impl fmt::Display for LabelReference {
    /// `contacts to companies, 'Decision maker'`
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} to {}, ", self.from, self.to)?;
        match self.label.as_str() {
            "" => out.write_str("unlabeled"),
            label => out.write_str(&quoted(label, [])),
        }
    }
}

/// An association type of an account, as the API reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLabel {
    /// The association type.
    pub association_type: AssociationType,
    /// Its label; `None` for the unlabeled association.
    pub label: Option<String>,
}

/// The association types of an account, for the pairs of object types that were read.
#[derive(Debug)]
pub struct AccountLabels {
    /// The definitions that HubSpot publishes.
    table: &'static DefinitionTable,
    pairs: HashMap<(&'static str, &'static str), Vec<LabelEntry>>,
}

#[derive(Debug)]
struct LabelEntry {
    label: String,
    definition: Definition,
}

/// Why a label has no definition. All names are ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownLabel {
    /// The account does not have the label.
    NotFound {
        /// The label.
        label: String,
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// The most similar labels, as one list.
        nearest: String,
        /// Whether one of the labels looks the same.
        looks_same: bool,
    },
    /// The account has no unlabeled association.
    NoneUnlabeled {
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// The labels that exist, as one list.
        labels: String,
    },
    /// Several labels match.
    Ambiguous {
        /// The label.
        label: String,
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// The labels that match, as one list.
        matches: String,
    },
}

impl AccountLabels {
    /// Knows only the published definitions, until labels are inserted.
    #[must_use]
    pub fn new(table: &'static DefinitionTable) -> Self {
        let pairs = HashMap::new();
        Self { table, pairs }
    }

    /// Whether the labels of these two object types were read.
    #[must_use]
    pub fn knows(&self, from: &'static str, to: &'static str) -> bool {
        self.pairs.contains_key(&(from, to))
    }

    /// Stores the association types of these two object types.
    pub fn insert(&mut self, from: &'static str, to: &'static str, labels: Vec<AccountLabel>) {
        let entries = labels.into_iter().map(|account_label| {
            let label = account_label.label.unwrap_or_default().trim().to_owned();
            let listed = self.table.listed(account_label.association_type);
            let account_definition = || {
                self.table
                    .account_definition(account_label.association_type, (from, to), &label)
            };
            let definition = listed.unwrap_or_else(account_definition);
            LabelEntry { label, definition }
        });
        let entries = entries.collect();
        self.pairs.insert((from, to), entries);
    }

    /// The type of the other direction of a label, if the labels of both directions were read. The
    /// API does not report it, but the two have neighbouring numbers.
    #[must_use]
    pub fn inverse(&self, of: AssociationType) -> Option<AssociationType> {
        let is_it = |entry: &&LabelEntry| entry.definition.association_type() == of;
        let mut pairs = self.pairs.iter();
        let (pair, entry) =
            pairs.find_map(|(pair, entries)| Some((*pair, entries.iter().find(is_it)?)))?;
        let others = self.pairs.get(&(pair.1, pair.0))?;
        let neighbours = others.iter().filter(|other| {
            let other = other.definition.association_type();
            other.category == of.category && other.id.abs_diff(of.id) == 1
        });
        let neighbours: Vec<_> = neighbours.collect();
        let same_name = neighbours.iter().find(|other| other.label == entry.label);
        let only = neighbours.first().filter(|_| neighbours.len() == 1);
        let inverse = same_name.or(only)?;
        Some(inverse.definition.association_type())
    }

    /// The definition that is referred to. Case is ignored, unless two labels differ only in case.
    ///
    /// # Errors
    /// If no label matches, or several do.
    pub fn find(&self, reference: &LabelReference) -> Result<Definition, UnknownLabel> {
        let entries = self.entries_of(reference);
        let label = reference.label.trim();
        if label.is_empty() {
            return self.unlabeled(entries, reference);
        }
        let lower = label.to_lowercase();
        let alike = |entry: &&LabelEntry| entry.label.to_lowercase() == lower;
        let mut found: Vec<_> = entries.iter().filter(alike).collect();
        if found.iter().any(|entry| entry.label == label) {
            found.retain(|entry| entry.label == label);
        }
        let Some(first) = found.first() else {
            let (from, to) = (reference.from, reference.to);
            let names = entries.iter().map(|entry| entry.label.as_str());
            return Err(UnknownLabel::NotFound {
                label: quoted(label, names),
                from,
                to,
                nearest: nearest(label, entries),
                looks_same: entries.iter().any(|entry| look_alike(&entry.label, label)),
            });
        };
        let is_one_name = found.iter().all(|entry| entry.label == first.label);
        is_one_name
            .then(|| preferred(&found))
            .flatten()
            .ok_or_else(|| ambiguous(&found, reference))
    }

    fn entries_of(&self, reference: &LabelReference) -> &[LabelEntry] {
        let entries = self.pairs.get(&(reference.from, reference.to));
        entries.map_or(&[], Vec::as_slice)
    }

    /// The unlabeled association: the account's, or else the published one.
    fn unlabeled(
        &self,
        entries: &[LabelEntry],
        reference: &LabelReference,
    ) -> Result<Definition, UnknownLabel> {
        let published = self.table.unlabeled(reference.from, reference.to);
        let found: Vec<_> = entries
            .iter()
            .filter(|entry| entry.label.is_empty())
            .collect();
        if found.is_empty() {
            return published.ok_or_else(|| UnknownLabel::NoneUnlabeled {
                from: reference.from,
                to: reference.to,
                labels: nearest("", entries),
            });
        }
        published
            .filter(|published| found.iter().any(|entry| entry.definition == *published))
            .or_else(|| preferred(&found))
            .ok_or_else(|| ambiguous(&found, reference))
    }
}

/// Of several types with the same name, the account's own, because that is what people mean.
fn preferred(found: &[&LabelEntry]) -> Option<Definition> {
    let mut all: Vec<_> = found.iter().map(|entry| entry.definition).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() > 1 {
        all.retain(|definition| definition.association_type().category == Category::UserDefined);
    }
    match all.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn ambiguous(found: &[&LabelEntry], reference: &LabelReference) -> UnknownLabel {
    let names = || found.iter().map(|entry| entry.label.as_str());
    let matches = found.iter().map(|entry| {
        let association_type = entry.definition.association_type();
        format!("{} {association_type}", quoted(&entry.label, names()))
    });
    UnknownLabel::Ambiguous {
        label: quoted(&reference.label, names()),
        from: reference.from,
        to: reference.to,
        matches: matches.collect::<Vec<_>>().join(", "),
    }
}

/// Names that look like the label come first.
fn nearest(label: &str, entries: &[LabelEntry]) -> String {
    let lower = label.to_lowercase();
    let labeled = entries.iter().filter(|entry| !entry.label.is_empty());
    let mut names: Vec<_> = labeled
        .map(|entry| {
            let name = entry.label.as_str();
            let distance = strsim::osa_distance(&name.to_lowercase(), &lower);
            (!look_alike(name, label), distance, name)
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    let all: Vec<_> = names.iter().map(|(.., name)| *name).collect();
    let others = |name| {
        all.iter()
            .copied()
            .chain([label])
            .filter(move |it| *it != name)
    };
    let names = all.iter().take(NEAREST);
    let names = names.map(|name| quoted(name, others(*name)));
    names.collect::<Vec<_>>().join(", ")
}

/// Shows a label in quotes so that it looks different from the other names.
fn quoted<'a>(label: &str, others: impl IntoIterator<Item = &'a str>) -> String {
    format!("'{}'", show_distinct(label, others, SHOWN_CHARS))
}
