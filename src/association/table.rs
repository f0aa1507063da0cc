//! The association definitions that HubSpot publishes for one of its APIs, by id and by name. Does
//! not know which APIs exist.

use std::{
    collections::{HashMap, HashSet},
    iter,
};

use foldhash::fast::RandomState;

use super::{
    association_type::{AssociationType, Category},
    definition::{
        Definition, DefinitionInfo, DefinitionKind, OlderDefinition, RelatedDefinitions,
        UnknownDefinition, primary_end,
    },
};
use crate::{cell::fold, lookalike::show_distinct};

/// How much of an unknown definition is shown.
const SHOWN_CHARS: usize = 60;

/// The object types of both ends.
type ObjectTypePair = (&'static str, &'static str);

/// The input for a table.
#[derive(Clone, Copy, Debug)]
pub struct TableSource {
    /// The API's version, as in its paths.
    pub api: &'static str,
    /// The definitions: one on each line after the first, its cells separated by tabs.
    pub text: &'static str,
    /// Returns all definitions of the finished table.
    pub all: fn() -> &'static [DefinitionInfo],
    /// The table of the previous API.
    pub previous: Option<&'static DefinitionTable>,
    /// An object type of the previous API, and the types into which this API divides it.
    pub divided_type: Option<(&'static str, &'static [&'static str])>,
    /// Whether the API has labels, so that a row can name a link by object types and a label. An
    /// API without labels also accepts ids that are not listed, because a request needs nothing but
    /// the id.
    pub has_labels: bool,
}

/// The definitions of an API.
#[derive(Debug)]
pub struct DefinitionTable {
    source: TableSource,
    infos: Vec<DefinitionInfo>,
    /// The index of each id in `infos`; ids are small numbers.
    index_of_id: Vec<Option<u16>>,
    /// The index of the unlabeled definition between two object types.
    unlabeled: HashMap<ObjectTypePair, u16, RandomState>,
    /// Pairs of object types, in both directions, of which one can be the primary record of the
    /// other.
    primary_types: HashSet<ObjectTypePair, RandomState>,
}

/// Names of the previous API keep their meaning. Its plain names mean the primary links, as in
/// HubSpot's own v3.
fn keep_names(infos: &mut [DefinitionInfo], previous: &DefinitionTable) {
    let names = previous.infos.iter();
    let names = names.flat_map(|info| info.names.all().map(fold));
    let names: HashSet<_, RandomState> = names.collect();
    for info in infos {
        if let Some(previous) = previous.info(info.association_type.id) {
            info.names.name.clone_from(&previous.names.name);
        } else if names.contains(&fold(&info.names.name)) {
            info.names.name.push_str("_unlabeled");
        }
    }
}

impl DefinitionTable {
    /// Builds the table from its text.
    #[must_use]
    pub fn new(source: TableSource) -> Self {
        let lines = source.text.lines().skip(1);
        let mut infos: Vec<_> = lines.filter_map(DefinitionInfo::from_line).collect();
        if let Some(previous) = source.previous {
            keep_names(&mut infos, previous);
        }
        let primary = infos.iter().filter(|info| info.sets_primary());
        let both_ways = primary.flat_map(|info| [(info.from, info.to), (info.to, info.from)]);
        let primary_types = both_ways.collect();
        let (mut index_of_id, mut unlabeled) = (Vec::new(), HashMap::default());
        for (info, index) in infos.iter().zip(0..) {
            let id = info.association_type.id as usize;
            index_of_id.resize(index_of_id.len().max(id + 1), None);
            index_of_id[id] = Some(index);
            if info.kind == DefinitionKind::Unlabeled {
                unlabeled.entry((info.from, info.to)).or_insert(index);
            }
        }
        let mut table = Self {
            source,
            infos,
            index_of_id,
            unlabeled,
            primary_types,
        };
        table.link_related();
        table
    }

    /// Links each definition to its related ones.
    fn link_related(&mut self) {
        let mut infos = std::mem::take(&mut self.infos);
        for info in &mut infos {
            let related = self.related_between((info.from, info.to));
            // Without labels, a link does not show whether its company is the primary one.
            let is_primary_known = self.source.has_labels || info.sets_primary();
            info.related = RelatedDefinitions {
                inverse: info.inverse.and_then(|id| self.index(id)),
                primary: related.primary.filter(|_| is_primary_known),
                ..related
            };
        }
        self.infos = infos;
    }

    /// The related definitions between two object types.
    fn related_between(&self, (from, to): ObjectTypePair) -> RelatedDefinitions {
        let unlabeled = |from, to| self.unlabeled.get(&(from, to)).copied();
        let has_primary = self.primary_types.contains(&(from, to));
        RelatedDefinitions {
            all: self.source.all,
            inverse: None,
            unlabeled: unlabeled(from, to),
            unlabeled_back: unlabeled(to, from),
            primary: has_primary.then(|| primary_end((from, to))),
        }
    }

    fn index(&self, id: u32) -> Option<u16> {
        self.index_of_id.get(id as usize).copied().flatten()
    }

    /// The API's version, as in its paths.
    #[must_use]
    pub fn api(&self) -> &'static str {
        self.source.api
    }

    /// Every definition, in order of id.
    #[must_use]
    pub fn all(&self) -> &[DefinitionInfo] {
        &self.infos
    }

    /// The entry of an id.
    #[must_use]
    pub fn info(&self, id: u32) -> Option<&DefinitionInfo> {
        Some(&self.infos[usize::from(self.index(id)?)])
    }

    fn find_by_name(&self, name: &str) -> Option<&DefinitionInfo> {
        let wanted = fold(name);
        self.infos
            .iter()
            .find(|info| fold(&info.names.name) == wanted)
            .or_else(|| {
                let mut infos = self.infos.iter();
                infos.find(|info| fold(info.names.description) == wanted)
            })
    }

    /// The definition with this id.
    ///
    /// # Errors
    /// If the id is not allowed, or is not listed although the API needs a listed one.
    pub fn definition(&'static self, id: u32) -> Result<Definition, UnknownDefinition> {
        match self.info(id) {
            Some(info) => Ok(Definition::from_info(info)),
            None if id > 0 && !self.source.has_labels => Ok(Definition::unlisted(id)),
            None => Err(self.unknown(&id.to_string())),
        }
    }

    /// An id (`1`) or a name, in which case, blanks, `_` and `-` do not matter
    /// (`contact_to_company`, `Deal to contact`).
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(&'static self, text: &str) -> Result<Definition, UnknownDefinition> {
        let text = text.trim_matches([' ', '\t']);
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let plain = !text.starts_with('0');
            let id = text.parse().ok().filter(|_| plain);
            return self.definition(id.ok_or_else(|| self.unknown_everywhere(text))?);
        }
        let found = self.find_by_name(text).map(Definition::from_info);
        found.ok_or_else(|| self.unknown(text))
    }

    /// Explains why the definition is unknown. For one of an older API it also names the
    /// replacements.
    fn unknown(&'static self, text: &str) -> UnknownDefinition {
        let previous = |table: &&'static Self| table.source.previous;
        let mut older = iter::successors(self.source.previous, previous);
        let id = text.parse::<u32>().ok();
        let Some((table, info)) = older.find_map(|table| {
            let info = id.map_or_else(|| table.find_by_name(text), |id| table.info(id));
            Some((table, info?))
        }) else {
            return self.unknown_everywhere(text);
        };
        UnknownDefinition {
            older: Some(OlderDefinition {
                name: info.names.name.clone(),
                api: table.api(),
            }),
            instead: self.replacements_of(info),
            ..self.unknown_everywhere(text)
        }
    }

    /// The names of the definitions that replace one of an older API.
    fn replacements_of(&'static self, older: &DefinitionInfo) -> Vec<&'static str> {
        let Some((divided, parts)) = self.source.divided_type else {
            return Vec::new();
        };
        if older.from != divided && older.to != divided {
            return Vec::new();
        }
        let names = parts.iter().filter_map(|part| {
            let side = |side| if side == divided { *part } else { side };
            let types = (side(older.from), side(older.to));
            let mut infos = self.infos.iter();
            let info = infos.find(|info| (info.from, info.to) == types)?;
            Some(info.names.name.as_str())
        });
        names.collect()
    }

    /// No API has a definition with this name.
    fn unknown_everywhere(&self, text: &str) -> UnknownDefinition {
        UnknownDefinition {
            text: self.show_distinct_name(text),
            older: None,
            instead: Vec::new(),
            api: self.api(),
        }
    }

    /// Shows an unknown name so that it looks different from all known names.
    #[must_use]
    fn show_distinct_name(&self, text: &str) -> String {
        let names = self.infos.iter();
        let names = names.flat_map(|info| info.names.all());
        show_distinct(text, names, SHOWN_CHARS)
    }

    /// Whether the API has labels, so that a row can name a link by object types and a label.
    #[must_use]
    pub fn has_labels(&self) -> bool {
        self.source.has_labels
    }

    /// The unlabeled definition between two object types.
    #[must_use]
    pub fn unlabeled(&'static self, from: &'static str, to: &'static str) -> Option<Definition> {
        let index = *self.unlabeled.get(&(from, to))?;
        Some(Definition::from_info(&self.infos[usize::from(index)]))
    }

    /// The definition of this association type, if the table lists it.
    #[must_use]
    pub fn listed(&'static self, association_type: AssociationType) -> Option<Definition> {
        (association_type.category == Category::HubSpotDefined).then_some(())?;
        self.info(association_type.id).map(Definition::from_info)
    }

    /// A definition of the account, which the table does not list. An empty label means that there
    /// is none. A run sees only a few of them; they are kept until it ends.
    #[must_use]
    pub fn account_definition(
        &self,
        association_type: AssociationType,
        types: ObjectTypePair,
        label: &str,
    ) -> Definition {
        let related = self.related_between(types);
        Definition::from_info(DefinitionInfo::for_account(
            association_type,
            types,
            label,
            related,
        ))
    }
}
