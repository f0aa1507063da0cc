//! Association definitions: what a link means, and what is known about it.
//!
//! Ids that no table lists are allowed, because HubSpot decides which ids an account has.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use smallvec::SmallVec;

use super::{
    association_type::{AssociationType, Category},
    object_type::singular,
};

/// The object type that is usually the primary one.
const COMPANIES: &str = "companies";

/// For leads, other records than companies can be primary.
const LEADS: &str = "leads";

/// An association definition. Two definitions are equal if they have the same association type.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    association_type: AssociationType,
    info: Option<&'static DefinitionInfo>,
}

/// What is known about a definition.
#[derive(Clone, Debug)]
pub struct DefinitionInfo {
    /// The association type in the API.
    pub association_type: AssociationType,
    /// Object type of the from side, plural (`contacts`).
    pub from: &'static str,
    /// Object type of the to side, plural.
    pub to: &'static str,
    /// The names of the definition.
    pub names: DefinitionNames,
    /// What it says about the two records.
    pub kind: DefinitionKind,
    /// The definition of the other direction.
    pub inverse: Option<u32>,
    /// Whether HubSpot's present documentation lists it.
    pub documented: bool,
    /// The limits to one record that administrators of the account have set for it.
    pub(super) limits: Vec<DefinitionLimit>,
    /// Related definitions in the same table.
    pub(super) related: RelatedDefinitions,
}

/// The names of a definition.
#[derive(Clone, Debug)]
pub struct DefinitionNames {
    /// HubSpot's description (`Contact to company`), or the label's name.
    pub description: &'static str,
    /// The name that this program prints (`contact_to_company`).
    pub name: String,
}

/// What a link says about the records at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefinitionKind {
    /// A write makes the company (or other record) at the other end the primary one of the record
    /// at this end.
    Primary(LinkEnd),
    /// A link between a parent and its child, in either direction. The child is at this end.
    Parent(LinkEnd),
    /// The two records belong together, nothing more.
    Unlabeled,
    /// Anything else. Such a link does not replace another one.
    Other,
}

/// Definitions that are related to one, by their index in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct RelatedDefinitions {
    /// All definitions of the table.
    pub(super) all: fn() -> &'static [DefinitionInfo],
    /// The definition of the other direction, if the table has one.
    pub(super) inverse: Option<u16>,
    /// The unlabeled definition between the same object types.
    pub(super) unlabeled: Option<u16>,
    /// The unlabeled definition of the other direction.
    pub(super) unlabeled_back: Option<u16>,
    /// The end whose record can have one primary record among those it is linked to.
    pub(super) primary: Option<LinkEnd>,
}

impl RelatedDefinitions {
    /// Nothing is known yet.
    const NONE: Self = Self {
        all: || &[],
        inverse: None,
        unlabeled: None,
        unlabeled_back: None,
        primary: None,
    };

    fn at(&self, index: Option<u16>) -> Option<&'static DefinitionInfo> {
        (self.all)().get(usize::from(index?))
    }
}

/// A limit to one record that applies to associations of a definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct DefinitionLimit {
    /// The end whose record can have only one.
    pub(super) end: LinkEnd,
    /// What the record can have one of, as a definition that starts from the record.
    pub(super) definition: Definition,
}

/// A record can have only one link of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleLinkRule {
    /// What the record can have one of. Of a pair of inverse definitions, this is the one with the
    /// lower id. For a limit of administrators, it is the one that starts from the record.
    pub definition: Definition,
    /// The end whose record has the rule.
    pub end: LinkEnd,
    /// Whether administrators have set the limit.
    pub is_admin_limit: bool,
}

/// One of the two ends of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// The end that the link starts from.
    From,
    /// The end that the link leads to.
    To,
}

impl LinkEnd {
    /// The opposite end.
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::From => Self::To,
            Self::To => Self::From,
        }
    }
}

/// The text is neither an id nor a name of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDefinition {
    /// The text as it is shown, so that it looks different from all known names.
    pub text: String,
    /// A definition of an older API that the current API does not have.
    pub older: Option<OlderDefinition>,
    /// Names of the definitions that replace it.
    pub instead: Vec<&'static str>,
    /// The version of the API in use.
    pub api: &'static str,
}

/// A definition that only an older API has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderDefinition {
    /// Its name there.
    pub name: String,
    /// The API's version.
    pub api: &'static str,
}

impl Definition {
    /// The definition that this table entry describes.
    #[must_use]
    pub fn from_info(info: &'static DefinitionInfo) -> Self {
        Self {
            association_type: info.association_type,
            info: Some(info),
        }
    }

    pub(super) fn unlisted(id: u32) -> Self {
        let category = Category::HubSpotDefined;
        Self {
            association_type: AssociationType { category, id },
            info: None,
        }
    }

    /// The number of its association type.
    #[must_use]
    pub fn get(self) -> u32 {
        self.association_type.id
    }

    /// Its association type.
    #[must_use]
    pub fn association_type(self) -> AssociationType {
        self.association_type
    }

    /// Whether writing it makes the company the record's primary one.
    #[must_use]
    pub fn sets_primary(self) -> bool {
        self.info.is_some_and(DefinitionInfo::sets_primary)
    }

    /// Whether a record can have only one such association, so that a new one replaces it (a
    /// primary company or a parent).
    #[must_use]
    pub fn is_exclusive(self) -> bool {
        self.info.is_some_and(|info| info.exclusive_end().is_some())
    }

    /// The rule of HubSpot's own that a record can have only one such association (a primary
    /// company or a parent).
    #[must_use]
    pub fn exclusive_rule(self) -> Option<SingleLinkRule> {
        let info = self.info?;
        let lower = info
            .inverse_info()
            .filter(|inverse| inverse.association_type.id < info.association_type.id);
        Some(SingleLinkRule {
            definition: lower.map_or(self, Self::from_info),
            end: info.exclusive_end()?,
            is_admin_limit: false,
        })
    }

    /// All rules that a record can have only one such association: HubSpot's own, and limits of
    /// administrators.
    #[must_use]
    pub fn single_link_rules(self) -> SmallVec<[SingleLinkRule; 2]> {
        let limits = self.info.map_or(&[][..], |info| info.limits.as_slice());
        // Drop limits that HubSpot's own rule already covers.
        let is_plain = |limit: &&DefinitionLimit| {
            let info = limit.definition.info;
            info.is_none_or(|info| info.exclusive_end() != Some(LinkEnd::From))
        };
        let limited = limits.iter().filter(is_plain).map(|limit| SingleLinkRule {
            definition: limit.definition,
            end: limit.end,
            is_admin_limit: true,
        });
        self.exclusive_rule().into_iter().chain(limited).collect()
    }

    /// What is known about it; `None` for ids that no table lists.
    #[must_use]
    pub fn info(self) -> Option<&'static DefinitionInfo> {
        self.info
    }
}

impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.association_type == other.association_type
    }
}

impl Eq for Definition {}

impl Hash for Definition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.association_type.hash(state);
    }
}

impl PartialOrd for Definition {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Definition {
    fn cmp(&self, other: &Self) -> Ordering {
        self.association_type.cmp(&other.association_type)
    }
}

impl fmt::Display for Definition {
    /// `1 (contact_to_company)`, or only the id if no table has a name. Definitions of an account
    /// are shown without their number, which means nothing to people.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info {
            Some(info) if self.association_type.category != Category::HubSpotDefined => {
                out.write_str(&info.names.name)
            }
            Some(info) => write!(out, "{} ({})", self.association_type.id, info.names.name),
            None => self.association_type.id.fmt(out),
        }
    }
}

impl DefinitionInfo {
    pub(super) fn from_line(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let mut next = || cells.next();
        let (id, from, to, description) = (next()?, next()?, next()?, next()?);
        let (_api, kind, inverse, confidence) = (next()?, next()?, next()?, next()?);
        Some(Self {
            association_type: AssociationType {
                category: Category::HubSpotDefined,
                id: id.parse().ok()?,
            },
            from,
            to,
            names: DefinitionNames::from_description(description),
            kind: DefinitionKind::from_table(kind, (from, to)),
            inverse: inverse.parse().ok(),
            documented: confidence == "confirmed",
            limits: Vec::new(),
            related: RelatedDefinitions::NONE,
        })
    }

    /// A definition of the account. An empty label means that there is none. A run sees only a few
    /// of them, so they are kept (leaked) until it ends.
    pub(super) fn for_account(
        association_type: AssociationType,
        (from, to): (&'static str, &'static str),
        label: &str,
        related: RelatedDefinitions,
    ) -> &'static Self {
        let leak = |text: &str| &*Box::leak(text.to_owned().into_boxed_str());
        let mut name = format!("{}_to_{}", singular(from), singular(to)).replace(' ', "_");
        let kind = if label.is_empty() {
            DefinitionKind::Unlabeled
        } else {
            name = format!("{name} \"{label}\"");
            DefinitionKind::Other
        };
        Box::leak(Box::new(Self {
            association_type,
            from,
            to,
            names: DefinitionNames {
                description: leak(label),
                name,
            },
            kind,
            inverse: None,
            documented: true,
            limits: Vec::new(),
            related,
        }))
    }

    /// Whether writing it makes the company the record's primary one.
    #[must_use]
    pub fn sets_primary(&self) -> bool {
        matches!(self.kind, DefinitionKind::Primary(_))
    }

    /// The end whose record can have only one such link: a primary company, or the parent of a
    /// company. The last write wins.
    #[must_use]
    pub fn exclusive_end(&self) -> Option<LinkEnd> {
        match self.kind {
            DefinitionKind::Primary(end) | DefinitionKind::Parent(end) => Some(end),
            DefinitionKind::Unlabeled | DefinitionKind::Other => None,
        }
    }

    /// The definition of the other direction, where its table has it.
    pub(super) fn inverse_info(&self) -> Option<&'static Self> {
        self.related.at(self.related.inverse)
    }

    /// The unlabeled definition of the other direction.
    pub(super) fn unlabeled_back(&self) -> Option<Definition> {
        self.related
            .at(self.related.unlabeled_back)
            .map(Definition::from_info)
    }

    /// The unlabeled definition between the same object types.
    #[must_use]
    pub fn unlabeled(&self) -> Option<Definition> {
        self.related
            .at(self.related.unlabeled)
            .map(Definition::from_info)
    }

    /// A copy with these limits. It is kept until the run ends, like definitions of the account.
    pub(super) fn with_limits(&self, limits: Vec<DefinitionLimit>) -> &'static Self {
        Box::leak(Box::new(Self {
            limits,
            ..self.clone()
        }))
    }

    /// `contact` for a definition that starts from contacts.
    #[must_use]
    pub fn from_singular(&self) -> &'static str {
        singular(self.from)
    }

    /// `company` for a definition that leads to companies.
    #[must_use]
    pub fn to_singular(&self) -> &'static str {
        singular(self.to)
    }
}

impl DefinitionKind {
    /// Parses the word in a table, for a definition between these object types.
    fn from_table(word: &str, types: (&str, &str)) -> Self {
        match word {
            "primary" => Self::Primary(primary_end(types)),
            "parent_to_child" => Self::Parent(LinkEnd::To),
            "child_to_parent" => Self::Parent(LinkEnd::From),
            "unlabeled" => Self::Unlabeled,
            _ => Self::Other,
        }
    }
}

/// The end that can have one primary record of the other type: the lead if there is one, never the
/// company.
pub(super) fn primary_end(types: (&str, &str)) -> LinkEnd {
    if types.0 == COMPANIES || types.1 == LEADS {
        LinkEnd::To
    } else {
        LinkEnd::From
    }
}

impl DefinitionNames {
    /// `Company to contact (all labels)` becomes `company_to_contact_all_labels`.
    fn from_description(description: &'static str) -> Self {
        let plain = description
            .to_lowercase()
            .replace("(default)", "")
            .replace(['(', ')'], "");
        let name = plain.split_whitespace().collect::<Vec<_>>().join("_");
        Self { description, name }
    }

    /// Both names.
    pub(super) fn all(&self) -> [&str; 2] {
        [&self.name, self.description]
    }
}
