//! The direction of links: the link that is written, read before a write, read back and removed
//! must be the same, for every definition.
//!
//! The server is an account that knows records by type and id, and has its own reader of the
//! definition tables.

mod account;
mod definitions;
mod end_to_end;
mod server;

use std::{collections::BTreeSet, slice, time::Duration};

use hubassoc::{
    api::{Api as _, LinkPage, LinkQuery, Operation, ResponsePayload, Verdict},
    association::{Association, CanonicalLink, LinkRequest, RecordId},
    hubspot::{ApiVersion, ClientOptions, Credentials, HubSpot, Secret},
};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use account::Account;
use definitions::{DefinitionLine, definition_lines};
use server::HandlerServer;

/// A link that stands: `contacts 1 -> companies 7 under 1`, and the other way round.
type Links = BTreeSet<String>;

/// A client and the account that it calls.
struct Harness {
    lines: Vec<DefinitionLine>,
    server: HandlerServer<Account>,
    hubspot: HubSpot,
    runtime: Runtime,
}

impl Harness {
    fn new(api_version: ApiVersion) -> Self {
        let server = HandlerServer::start(Account::new(api_version));
        let options = ClientOptions {
            api_version,
            agent: "hubassoc-tests",
            base_url: server.base_url().parse().unwrap(),
            credentials: Credentials::Token(Secret::new("t", "the test").unwrap()),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(30),
            extra_roots: None,
            report_event: |_| {},
        };
        let runtime = Builder::new_current_thread().enable_all().build();
        Self {
            lines: definition_lines(api_version),
            server,
            hubspot: HubSpot::new(options).unwrap(),
            runtime: runtime.unwrap(),
        }
    }

    fn call(&self, call: Operation<'_>) -> Option<ResponsePayload> {
        let answer = self.runtime.block_on(self.hubspot.execute(call));
        let verdict = &answer.verdict;
        assert!(
            matches!(verdict, Verdict::Done { .. }),
            "{call:?}: {verdict:?}"
        );
        answer.payload
    }

    /// Reads a link, as an import does before a write, and `verify` and `undo` afterwards.
    fn exists(&self, link: &CanonicalLink) -> bool {
        let reading = LinkQuery {
            links: vec![*link],
            pages: vec![(link.from(), None)],
        };
        let payload = self.call(Operation::Read(&reading));
        let page = payload.and_then(ResponsePayload::into_links).unwrap();
        has(&page, link)
    }

    fn linked(&self) -> Links {
        self.server.inspect(|account| account.links.clone())
    }
}

fn has(page: &LinkPage, link: &CanonicalLink) -> bool {
    page.found.iter().any(|found| {
        (found.from, found.to) == (link.from(), link.to())
            && found
                .association_types
                .contains(&link.definition().association_type())
    })
}

fn association(known: &DefinitionLine, (from, to): Pair, api_version: ApiVersion) -> Association {
    let id = |id| RecordId::new(id).unwrap();
    Association {
        from: id(from),
        to: id(to),
        definition: api_version.definitions().definition(known.id).unwrap(),
    }
}

/// The association in its canonical direction, which a run uses.
fn link(known: &DefinitionLine, pair: Pair, api_version: ApiVersion) -> CanonicalLink {
    CanonicalLink::new(&association(known, pair, api_version))
}

type Pair = (u64, u64);

/// Reads, creates, finds and removes links of one definition.
fn check_links_of(
    harness: &Harness,
    api_version: ApiVersion,
    known: &DefinitionLine,
    pairs: [Pair; 2],
) {
    check_single_link(harness, api_version, known, pairs[0]);
    if pairs[0] != pairs[1] {
        check_two_links_in_one_call(harness, api_version, known, pairs);
    }
    if api_version.replaces_types() {
        check_other_type_stays(harness, api_version, known, pairs[0]);
    }
}

fn check_single_link(
    harness: &Harness,
    api_version: ApiVersion,
    known: &DefinitionLine,
    pair: Pair,
) {
    let row = association(known, pair, api_version);
    let link = CanonicalLink::new(&row);
    let turned = self::link(known, (pair.1, pair.0), api_version);
    assert!(!harness.exists(&link), "{row}");
    // An undo removes links in their canonical direction, not in that of their rows.
    let read = CanonicalLink::new(&link.to_association());
    for taken_back in [link, read] {
        harness.call(Operation::Create(&[link.into()]));
        assert_eq!(harness.linked(), known.links(pair), "{row}");
        assert!(harness.exists(&link), "{row} is not found");
        let is_its_own_inverse = known.inverse == Some(known.id);
        assert_eq!(harness.exists(&turned), is_its_own_inverse, "{turned:?}");
        harness.call(Operation::Remove(&[taken_back.into()]));
        assert_eq!(harness.linked(), Links::new(), "{row}");
    }
}

/// Creates and removes two links in one call.
fn check_two_links_in_one_call(
    harness: &Harness,
    api_version: ApiVersion,
    known: &DefinitionLine,
    pairs: [Pair; 2],
) {
    let links = pairs.map(|pair| link(known, pair, api_version));
    let orders = links.map(LinkRequest::from);
    harness.call(Operation::Create(&orders));
    let expected: Links = pairs.iter().flat_map(|pair| known.links(*pair)).collect();
    assert_eq!(harness.linked(), expected, "{orders:?}");
    for link in &links {
        assert!(harness.exists(link), "{link:?} is not found");
    }
    harness.call(Operation::Remove(&orders));
    assert_eq!(harness.linked(), Links::new(), "{orders:?}");
}

/// Another type of the pair must stay. It is written in the direction in which it was read.
fn check_other_type_stays(
    harness: &Harness,
    api_version: ApiVersion,
    known: &DefinitionLine,
    pair: Pair,
) {
    let lines = &harness.lines;
    let link = link(known, pair, api_version);
    let read = link.to_association();
    let read_line = lines.iter().find(|line| line.id == read.definition.get());
    let types = read_line.map(|line| (line.from, line.to)).unwrap();
    let is_other = |other: &&DefinitionLine| {
        (other.from, other.to) == types
            && ![Some(known.id), known.inverse].contains(&Some(other.id))
    };
    let Some(other) = lines.iter().find(is_other) else {
        return;
    };
    let read_pair = (read.from.get(), read.to.get());
    let order = LinkRequest {
        other_types: vec![
            association(other, read_pair, api_version)
                .definition
                .association_type(),
        ],
        ..link.into()
    };
    harness.call(Operation::Create(slice::from_ref(&order)));
    let stays = other.links(read_pair);
    assert_eq!(harness.linked(), &known.links(pair) | &stays, "{order:?}");
    harness.call(Operation::Remove(slice::from_ref(&order)));
    assert_eq!(harness.linked(), stays, "{order:?}");
    let left = CanonicalLink::new(&association(other, read_pair, api_version));
    harness.call(Operation::Remove(&[left.into()]));
    assert_eq!(harness.linked(), Links::new(), "{order:?}");
}

/// A strategy for two different records.
fn pair() -> impl Strategy<Value = Pair> {
    let small = 1_u64..=20;
    let any = 1_u64..=9_223_372_036_854_775_807;
    let pair = prop_oneof![(small.clone(), small), (any.clone(), any)];
    pair.prop_filter("different", |(from, to)| from != to)
}

fn every_definition_has_one_direction(api_version: ApiVersion, pairs: &[[Pair; 2]]) {
    let harness = Harness::new(api_version);
    let pairs = pairs.iter().cycle();
    for (known, pairs) in harness.lines.iter().zip(pairs) {
        check_links_of(&harness, api_version, known, *pairs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn v1_calls_keep_the_roles_of_both_records(
        pairs in prop::collection::vec([pair(), pair()], 41)
    ) {
        every_definition_has_one_direction(ApiVersion::V1, &pairs);
    }
}

proptest! {
    // One case makes ten thousand calls.
    #![proptest_config(ProptestConfig::with_cases(1))]

    #[test]
    fn dated_api_calls_keep_the_roles_of_both_records(
        pairs in prop::collection::vec([pair(), pair()], 41)
    ) {
        every_definition_has_one_direction(ApiVersion::V2026_09, &pairs);
    }
}

#[test]
fn the_tests_tables_match_the_programs() {
    for api_version in ApiVersion::ALL {
        let ours: Vec<_> = definition_lines(api_version)
            .iter()
            .map(|line| line.id)
            .collect();
        let all = api_version.definitions().all();
        let theirs: Vec<_> = all.iter().map(|info| info.association_type.id).collect();
        assert_eq!(ours, theirs);
        assert!(ours.len() > 30, "{}", ours.len());
    }
}
