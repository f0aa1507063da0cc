//! The association definitions that HubSpot publishes: one table for each of its
//! APIs. Data, read once.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

#[cfg(test)]
use super::link::{Association, RecordId};
use super::{
    definition::{Definition, DefinitionInfo, Kin, UnknownDefinition, primary_end},
    spec::{Category, Spec},
};
use crate::{alike::beside, cell::fold};

/// A definition of v1 whose object type the newer API divides.
const DIVIDED: &str = "engagements";

/// What it is divided into.
const PARTS: [&str; 5] = ["calls", "emails", "meetings", "notes", "tasks"];

/// How much of a text that is no definition is shown.
const SHOWN_CHARS: usize = 60;

/// The object types of both ends.
type Types = (&'static str, &'static str);

/// The definitions of an API.
#[derive(Debug)]
pub struct Table {
    infos: Vec<DefinitionInfo>,
    /// The same, for them to find each other.
    all: fn() -> &'static [DefinitionInfo],
    /// Where each id is in there; ids are small numbers.
    places: Vec<Option<u16>>,
    /// Where the definition without a label between two object types is in there.
    unlabeled: HashMap<Types, u16>,
    /// The object types, both ways, of which one may be the other's primary one.
    primary_types: HashSet<Types>,
    /// Whether the server is asked about numbers that are not in it: they say
    /// all that a request needs.
    takes_unlisted: bool,
}

static V1: LazyLock<Table> = LazyLock::new(|| {
    let infos = read(include_str!("definitions-v1.tsv"));
    Table::new(infos, || V1.all(), true)
});

static V2026_09: LazyLock<Table> = LazyLock::new(|| {
    let mut infos = read(include_str!("definitions-2026-09.tsv"));
    let older = Table::v1().all().iter();
    let older_names: HashSet<_> = older
        .flat_map(|info| [fold(&info.name), fold(info.description)])
        .collect();
    for info in &mut infos {
        // What a name of v1 means it means here too: its plain names are the
        // primary links, as HubSpot's own v3 had it.
        if let Some(older) = Table::v1().info(info.spec.id) {
            info.name.clone_from(&older.name);
        } else if older_names.contains(&fold(&info.name)) {
            info.name.push_str("_unlabeled");
        }
    }
    Table::new(infos, || V2026_09.all(), false)
});

fn read(table: &'static str) -> Vec<DefinitionInfo> {
    let lines = table.lines().skip(1);
    lines.filter_map(DefinitionInfo::from_line).collect()
}

impl Table {
    /// `all` is where they are to be found once the table is made.
    fn new(
        infos: Vec<DefinitionInfo>,
        all: fn() -> &'static [DefinitionInfo],
        takes_unlisted: bool,
    ) -> Self {
        let primary = infos.iter().filter(|info| info.sets_primary);
        let both_ways = primary.flat_map(|info| [(info.from, info.to), (info.to, info.from)]);
        let primary_types = both_ways.collect();
        let (mut places, mut unlabeled) = (Vec::new(), HashMap::new());
        for (info, place) in infos.iter().zip(0..) {
            let id = info.spec.id as usize;
            places.resize(places.len().max(id + 1), None);
            places[id] = Some(place);
            if info.is_unlabeled {
                unlabeled.entry((info.from, info.to)).or_insert(place);
            }
        }
        let mut table = Self {
            infos,
            all,
            places,
            unlabeled,
            primary_types,
            takes_unlisted,
        };
        table.tell_kin();
        table
    }

    /// Lets the definitions know of each other.
    fn tell_kin(&mut self) {
        let mut infos = std::mem::take(&mut self.infos);
        for info in &mut infos {
            let kin = self.kin_between((info.from, info.to));
            // Without labels a link tells of no primary company beside it.
            let tells_primary = !self.takes_unlisted || info.sets_primary;
            info.kin = Kin {
                inverse: info.inverse.and_then(|id| self.place(id)),
                primary: kin.primary.filter(|_| tells_primary),
                ..kin
            };
        }
        self.infos = infos;
    }

    /// What there is between two object types.
    fn kin_between(&self, (from, to): Types) -> Kin {
        let unlabeled = |from, to| self.unlabeled.get(&(from, to)).copied();
        let has_primary = self.primary_types.contains(&(from, to));
        Kin {
            all: self.all,
            inverse: None,
            unlabeled: unlabeled(from, to),
            unlabeled_back: unlabeled(to, from),
            primary: has_primary.then(|| primary_end((from, to))),
        }
    }

    fn place(&self, id: u32) -> Option<u16> {
        self.places.get(id as usize).copied().flatten()
    }

    /// Of `/crm-associations/v1`.
    #[must_use]
    pub fn v1() -> &'static Self {
        &V1
    }

    /// Of the dated API of September 2026.
    #[must_use]
    pub fn v2026_09() -> &'static Self {
        &V2026_09
    }

    /// Every definition, in order of id.
    #[must_use]
    pub fn all(&self) -> &[DefinitionInfo] {
        &self.infos
    }

    /// What it says of an id.
    #[must_use]
    pub fn info(&self, id: u32) -> Option<&DefinitionInfo> {
        Some(&self.infos[usize::from(self.place(id)?)])
    }

    fn named(&self, name: &str) -> Option<&DefinitionInfo> {
        let wanted = fold(name);
        self.infos
            .iter()
            .find(|info| fold(&info.name) == wanted)
            .or_else(|| {
                let mut infos = self.infos.iter();
                infos.find(|info| fold(info.description) == wanted)
            })
    }

    /// The definition of this id.
    ///
    /// # Errors
    /// If there can be none, or the table alone knows what it links.
    pub fn definition(&'static self, id: u32) -> Result<Definition, UnknownDefinition> {
        match self.info(id) {
            Some(info) => Ok(Definition::of(info)),
            None if id > 0 && self.takes_unlisted => Ok(Definition::unlisted(id)),
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
            return self.definition(id.ok_or_else(|| self.none(text))?);
        }
        let found = self.named(text).map(Definition::of);
        found.ok_or_else(|| self.unknown(text))
    }

    /// Why there is no such definition: of v1's engagements, which to choose
    /// from instead.
    fn unknown(&'static self, text: &str) -> UnknownDefinition {
        let older = text.parse().ok().map_or_else(
            || V1.named(text),
            |id| V1.info(id).filter(|_| !self.takes_unlisted),
        );
        let Some(older) = older.filter(|_| !self.takes_unlisted) else {
            return self.none(text);
        };
        let names = PARTS.iter().filter_map(|part| {
            let side = |side| if side == DIVIDED { *part } else { side };
            let (from, to) = (side(older.from), side(older.to));
            let mut infos = self.infos.iter();
            let info = infos.find(|info| (info.from, info.to) == (from, to))?;
            (older.from == DIVIDED || older.to == DIVIDED).then_some(info.name.as_str())
        });
        UnknownDefinition {
            older: Some(older.name.clone()),
            instead: names.collect(),
            ..self.none(text)
        }
    }

    /// There is nothing of this name, in any API.
    fn none(&self, text: &str) -> UnknownDefinition {
        UnknownDefinition {
            text: self.shown(text),
            older: None,
            instead: Vec::new(),
            has_labels: self.has_labels(),
        }
    }

    /// A text that is none of its names, as it may be shown beside them.
    #[must_use]
    fn shown(&self, text: &str) -> String {
        let names = self.infos.iter();
        let names = names.flat_map(|info| [info.name.as_str(), info.description]);
        beside(text, names, SHOWN_CHARS)
    }

    /// Whether its API has labels, so that a link may be named by object types and
    /// a label.
    #[must_use]
    pub fn has_labels(&self) -> bool {
        !self.takes_unlisted
    }

    /// The unlabeled definition between two object types.
    #[must_use]
    pub fn unlabeled(&'static self, from: &'static str, to: &'static str) -> Option<Definition> {
        let place = *self.unlabeled.get(&(from, to))?;
        Some(Definition::of(&self.infos[usize::from(place)]))
    }

    /// The definition of this type, if the table has it.
    #[must_use]
    pub fn of_spec(&'static self, spec: Spec) -> Option<Definition> {
        (spec.category == Category::HubSpotDefined).then_some(())?;
        self.info(spec.id).map(Definition::of)
    }

    /// One of the account's own beside those of the table, as a run has learnt of it; an
    /// empty label is none. A run meets a handful, which are kept until it ends.
    #[must_use]
    pub fn of_account(&self, spec: Spec, types: Types, label: &str) -> Definition {
        let kin = self.kin_between(types);
        Definition::of(DefinitionInfo::of_account(spec, types, label, kin))
    }
}

impl Definition {
    /// As API v1 has it; `None` for 0, which no definition has.
    #[must_use]
    pub fn new(id: u32) -> Option<Self> {
        Table::v1().definition(id).ok()
    }
}

/// A link of the newer API's table.
#[cfg(test)]
pub(crate) fn link_of_table(from: u64, to: u64, definition: u32) -> Association {
    let id = |id| RecordId::new(id).unwrap();
    Association {
        from: id(from),
        to: id(to),
        definition: Table::v2026_09().definition(definition).unwrap(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [fn() -> &'static Table; 2] = [Table::v1, Table::v2026_09];

    #[test]
    fn names_and_ids_lead_to_the_same_definition() {
        for table in TABLES.map(|table| table()) {
            for info in table.all() {
                for text in [info.name.as_str(), &info.spec.id.to_string()] {
                    let found = table.parse(text).unwrap();
                    assert_eq!(found.get(), info.spec.id, "{text}");
                }
            }
        }
        for info in Table::v1().all() {
            let found = Table::v1().parse(info.description).unwrap();
            assert_eq!(found.get(), info.spec.id, "{}", info.description);
        }
    }

    #[test]
    fn a_name_of_v1_means_the_same_in_the_newer_api() {
        for older in Table::v1().all() {
            if let Ok(newer) = Table::v2026_09().parse(&older.name) {
                assert_eq!(newer.get(), older.spec.id, "{}", older.name);
            }
        }
        let plain = Table::v2026_09().parse("contact_to_company_unlabeled");
        assert_eq!(plain.unwrap().get(), 279);
    }

    #[test]
    fn company_to_contact_is_the_default_of_v1_and_not_the_one_of_all_labels() {
        for table in TABLES.map(|table| table()) {
            assert_eq!(table.parse("Company-to_Contact").unwrap().get(), 2);
            let all_labels = table.parse("company_to_contact_all_labels");
            assert_eq!(all_labels.unwrap().get(), 280);
        }
    }

    #[test]
    fn inverse_definitions_point_at_each_other() {
        for table in TABLES.map(|table| table()) {
            for info in table.all() {
                if let Some(inverse) = info.inverse.and_then(|id| table.info(id)) {
                    assert_eq!(inverse.inverse, Some(info.spec.id));
                    assert_eq!((inverse.from, inverse.to), (info.to, info.from));
                }
            }
        }
    }

    #[test]
    fn exactly_the_documented_ids_set_the_primary_company() {
        let primary = |table: &Table| {
            let infos = table.all().iter().filter(|info| info.sets_primary);
            infos.map(|info| info.spec.id).collect::<Vec<_>>()
        };
        assert_eq!(primary(Table::v1()), [1, 2, 5, 6, 25, 26]);
        assert_eq!(
            primary(Table::v2026_09()),
            [1, 2, 5, 6, 25, 26, 509, 510, 578, 580, 582, 583, 1299]
        );
    }

    #[test]
    fn v1_keeps_an_unknown_id_and_refuses_an_unknown_name() {
        let table = Table::v1();
        assert_eq!(table.parse("4711").unwrap().to_string(), "4711");
        for text in [
            "",
            "0",
            "01",
            "+1",
            "1.0",
            "contact_to_contact",
            "tic\u{212a}et_to_contact",
            "4294967296",
        ] {
            assert!(table.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_the_newer_api_divides_is_refused_with_the_names_to_choose_from() {
        let table = Table::v2026_09();
        for text in ["9", "contact_to_engagement"] {
            let unknown = table.parse(text).unwrap_err();
            let names = [
                "contact_to_call",
                "contact_to_email",
                "contact_to_meeting",
                "contact_to_note",
                "contact_to_task",
            ];
            assert_eq!(unknown.instead, names, "{text}");
        }
        let older = table.parse("33").unwrap_err().older;
        assert_eq!(older.as_deref(), Some("advisor_to_company"));
        assert!(table.parse("4711").is_err());
    }
}
