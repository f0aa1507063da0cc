//! Labels by name: what an account has told of them, and which definition a row
//! wishes for by its object types and a label. Knows nothing of how it was asked.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use super::{
    association_type::{AssociationType, Category},
    definition::Definition,
    table::DefinitionTable,
};
use crate::lookalike::{look_alike, show_distinct};

/// So many similar names are shown where a label is unknown.
const NEAREST: usize = 3;

/// How much of a label is shown.
const SHOWN_CHARS: usize = 60;

/// A definition by its object types and its label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelReference {
    /// Object type of the from side.
    pub from: &'static str,
    /// Object type of the to side.
    pub to: &'static str,
    /// The label; empty for the association without one.
    pub label: String,
}

impl LabelReference {
    /// Blanks around the label do not matter.
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

/// An association type of an account, as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLabel {
    /// The type.
    pub association_type: AssociationType,
    /// Its name; `None` for the association without a label.
    pub label: Option<String>,
}

/// What an account has told of its association types.
#[derive(Debug)]
pub struct AccountLabels {
    /// Those that HubSpot publishes.
    table: &'static DefinitionTable,
    pairs: HashMap<(&'static str, &'static str), Vec<LabelEntry>>,
}

#[derive(Debug)]
struct LabelEntry {
    label: String,
    definition: Definition,
}

/// Why there is no definition for a label; names are as they may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownLabel {
    /// The account does not have it.
    NotThere {
        /// The label.
        label: String,
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// Those that are most like it, in one list.
        nearest: String,
        /// Whether the first of them looks the same.
        looks_same: bool,
    },
    /// The account has no association without a label.
    NoneUnlabeled {
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// Labels that there are, in one list.
        labels: String,
    },
    /// It may be one of several.
    Ambiguous {
        /// The label.
        label: String,
        /// The object type that links start from.
        from: &'static str,
        /// The object type that they lead to.
        to: &'static str,
        /// All that it may be, in one list.
        all: String,
    },
}

impl AccountLabels {
    /// Nothing is told yet beside what is published.
    #[must_use]
    pub fn new(table: &'static DefinitionTable) -> Self {
        let pairs = HashMap::new();
        Self { table, pairs }
    }

    /// Whether the account was asked about these two object types.
    #[must_use]
    pub fn knows(&self, from: &'static str, to: &'static str) -> bool {
        self.pairs.contains_key(&(from, to))
    }

    /// Takes what the account told of these two object types.
    pub fn insert(&mut self, from: &'static str, to: &'static str, infos: Vec<AccountLabel>) {
        let entries = infos.into_iter().map(|info| {
            let label = info.label.unwrap_or_default().trim().to_owned();
            let listed = self.table.listed(info.association_type);
            let account_definition = || {
                self.table
                    .account_definition(info.association_type, (from, to), &label)
            };
            let definition = listed.unwrap_or_else(account_definition);
            LabelEntry { label, definition }
        });
        let entries = entries.collect();
        self.pairs.insert((from, to), entries);
    }

    /// The definition that is wished for. Case does not matter, unless two labels
    /// differ only in it.
    ///
    /// # Errors
    /// If there is none, or it may be one of several.
    pub fn find(&self, reference: &LabelReference) -> Result<Definition, UnknownLabel> {
        let entries = self.between(reference);
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
            return Err(UnknownLabel::NotThere {
                label: quoted(label, names),
                from,
                to,
                nearest: nearest(label, entries),
                looks_same: entries.iter().any(|entry| look_alike(&entry.label, label)),
            });
        };
        let one_name = found.iter().all(|entry| entry.label == first.label);
        one_name
            .then(|| preferred(&found))
            .flatten()
            .ok_or_else(|| ambiguous(&found, reference))
    }

    fn between(&self, reference: &LabelReference) -> &[LabelEntry] {
        let entries = self.pairs.get(&(reference.from, reference.to));
        entries.map_or(&[], Vec::as_slice)
    }

    /// The association without a label: as the account told, or else as published.
    fn unlabeled(
        &self,
        entries: &[LabelEntry],
        reference: &LabelReference,
    ) -> Result<Definition, UnknownLabel> {
        let published = self.table.unlabeled(reference.from, reference.to);
        let found: Vec<_> = entries.iter().filter(|it| it.label.is_empty()).collect();
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

/// Of several types of one name the account's own, which people mean by it.
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
    let all = found.iter().map(|entry| {
        let association_type = entry.definition.association_type();
        format!("{} {association_type}", quoted(&entry.label, names()))
    });
    UnknownLabel::Ambiguous {
        label: quoted(&reference.label, names()),
        from: reference.from,
        to: reference.to,
        all: all.collect::<Vec<_>>().join(", "),
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

/// A label as it is shown beside those of other names.
fn quoted<'a>(label: &str, others: impl IntoIterator<Item = &'a str>) -> String {
    format!("'{}'", show_distinct(label, others, SHOWN_CHARS))
}
