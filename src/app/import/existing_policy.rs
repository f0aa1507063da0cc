//! What an import does with rows whose existing associations were read: which snapshots to
//! take, and what to send. Pure.

use roaring::RoaringTreemap;

use super::planned_rows::{PlanComparison, PlannedRows};
use crate::{
    association::{AssociationType, CanonicalLink, LinkRequest},
    code::Code,
    delivery::{Existing, RowTask, RowWithExisting, empty_if_left_out},
    failure::{Failure, LinkFault},
    journal::{DisplacedLink, RowSnapshot, Snapshot, hash_ids},
    pipeline::NextStep,
    row::{Outcome, Row, RowReport},
};

/// How an import treats existing associations.
#[derive(Debug)]
pub(super) struct ExistingPolicy<'a> {
    /// Links that already exist are not sent.
    pub(super) skips_existing: bool,
    /// Rows that the run was about to write before an interruption, or before they came back
    /// under another id. What exists for them now may be the run's own work.
    pub(super) attempted_rows: RoaringTreemap,
    /// What was planned for the rows, if the import applies a plan.
    pub(super) planned: Option<&'a PlannedRows>,
}

/// The snapshots to write first, and the next step for each row.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    pub(super) snapshots: Vec<Snapshot>,
    /// The sum of [`hash_ids`] over the rows of the snapshots.
    pub(super) id_hash: u64,
    pub(super) next: Vec<NextStep>,
}

impl ExistingPolicy<'_> {
    /// Decides the next steps for these rows.
    pub(super) fn decide(&mut self, read_rows: Vec<RowWithExisting>) -> Decisions {
        let mut decisions = Decisions::default();
        for read_row in read_rows {
            self.decide_row(read_row, &mut decisions);
        }
        decisions
    }

    fn decide_row(&mut self, read_row: RowWithExisting, decisions: &mut Decisions) {
        let row = read_row.row.number;
        let was_attempted = self.attempted_rows.contains(row);
        let link_exists = read_row.link_exists();
        let RowWithExisting {
            row: mut input_row,
            link,
            existing: read_result,
        } = read_row;
        let existing = match empty_if_left_out(read_result) {
            Ok(existing) => existing,
            Err(failure) => return decisions.fail(input_row, read_failure(failure)),
        };
        if let Some(planned) = self.planned {
            match planned.compare(row, (&link, was_attempted), &existing) {
                PlanComparison::AsPlanned => {}
                PlanComparison::MadeSince(note) => input_row.set_success_note(note),
                PlanComparison::Changed(failure) => return decisions.fail(input_row, failure),
            }
        }
        if link_exists && self.skips_existing && !was_attempted {
            return decisions.end(input_row, Outcome::Already);
        }
        if let Some(name) = &existing.unknown_type {
            return decisions.fail(input_row, unknown_type_failure(name));
        }
        if !was_attempted {
            decisions
                .snapshots
                .push(take_snapshot(row, &link, &existing));
            let hash = hash_ids(&input_row).unwrap_or(0);
            decisions.id_hash = decisions.id_hash.wrapping_add(hash);
        }
        let request = LinkRequest {
            other_types: other_types(&link, &existing.association_types),
            ..LinkRequest::from(link)
        };
        self.attempted_rows.insert(row);
        decisions
            .next
            .push(NextStep::Write(RowTask::Create, input_row, request));
    }
}

impl Decisions {
    fn end(&mut self, row: Row, outcome: Outcome) {
        let report = RowReport::without_write(row, outcome);
        self.next.push(NextStep::Ended(report));
    }

    fn fail(&mut self, row: Row, failure: Failure) {
        self.end(row, Outcome::Failed(failure.into()));
    }
}

/// A write must not replace a type that cannot be sent back.
pub(crate) fn unknown_type_failure(name: &str) -> Failure {
    Failure::new(Code::UnknownType, LinkFault::UnknownType(name.to_owned()))
}

fn read_failure(failure: Failure) -> Failure {
    failure.wrap_detail(LinkFault::ExistingUnreadable)
}

/// The other types between the same two records.
pub(crate) fn other_types(
    link: &CanonicalLink,
    association_types: &[AssociationType],
) -> Vec<AssociationType> {
    let own_type = link.definition().association_type();
    association_types
        .iter()
        .copied()
        .filter(|association_type| *association_type != own_type)
        .collect()
}

/// The snapshot of a row that is about to be written.
fn take_snapshot(row: u64, link: &CanonicalLink, existing: &Existing) -> Snapshot {
    let displaces = existing.primary.as_ref().filter(|(to, _)| *to != link.to());
    if existing.association_types.is_empty() && displaces.is_none() {
        return Snapshot::Absent(row);
    }
    let texts = |association_types: &[AssociationType]| {
        association_types.iter().map(ToString::to_string).collect()
    };
    Snapshot::Existing(RowSnapshot {
        row,
        from: link.from().get(),
        to: link.to().get(),
        types: texts(&existing.association_types),
        had_own_link: existing
            .association_types
            .contains(&link.definition().association_type()),
        displaces: displaces.map(|(company, association_types)| DisplacedLink {
            record: link.from().get(),
            company: company.get(),
            types: texts(association_types),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::{
        association::{Category, RecordId},
        failure::ResponseFault,
        tables::link_of_table as link,
    };

    fn association_type(id: u32) -> AssociationType {
        let category = Category::HubSpotDefined;
        AssociationType { category, id }
    }

    fn label(id: u32) -> AssociationType {
        let category = Category::UserDefined;
        AssociationType { category, id }
    }

    fn existing(
        association_types: &[AssociationType],
        primary: Option<(u64, &[AssociationType])>,
    ) -> Existing {
        let primary = primary.map(|(to, association_types)| {
            (RecordId::new(to).unwrap(), association_types.to_vec())
        });
        let association_types = association_types.to_vec();
        Existing {
            association_types,
            primary,
            ..Existing::default()
        }
    }

    /// The next step for row 1, as text.
    fn next_text(decided: &Decisions) -> String {
        match decided.next.as_slice() {
            [NextStep::Write(RowTask::Create, row, request)] => {
                let others: Vec<_> = request
                    .other_types
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                format!("write {} {}", row.number, others.join(" "))
                    .trim()
                    .to_owned()
            }
            [NextStep::Ended(report)] => {
                let outcome = report.outcome.as_ref().unwrap();
                let code = outcome.note().map_or("", |failure| failure.code.as_str());
                format!("{} {code}", outcome.word()).trim().to_owned()
            }
            other => panic!("{other:?}"),
        }
    }

    /// The snapshot of row 1, as text.
    fn snapshots_text(decided: &Decisions) -> String {
        match decided.snapshots.as_slice() {
            [] => "nothing".into(),
            [Snapshot::Absent(1)] => "absent".into(),
            [Snapshot::Existing(snapshot)] => {
                let had_it = if snapshot.had_own_link { " had it" } else { "" };
                let displaces = snapshot.displaces.as_ref();
                let displaces = displaces.map_or(String::new(), |displaced| {
                    format!(" displaces {} of {}", displaced.company, displaced.record)
                });
                format!("stood {}{had_it}{displaces}", snapshot.types.join(" "))
            }
            other => panic!("{other:?}"),
        }
    }

    const PRIMARY: u32 = 1;
    const UNLABELED: u32 = 279;

    /// Whether the run may have written the row before.
    #[derive(Clone, Copy, Debug)]
    enum RowOrigin {
        Own,
        Unknown,
    }

    /// The snapshot of a row and its next step.
    fn decide_row(
        definition: u32,
        existing: Existing,
        (skips, origin): (bool, RowOrigin),
    ) -> (String, String) {
        let attempted_rows = match origin {
            RowOrigin::Own => [1].into_iter().collect(),
            RowOrigin::Unknown => RoaringTreemap::new(),
        };
        let read_row = RowWithExisting::for_test(link(1, 7, definition), Ok(existing));
        let decided = ExistingPolicy {
            skips_existing: skips,
            attempted_rows,
            planned: None,
        }
        .decide(vec![read_row]);
        (snapshots_text(&decided), next_text(&decided))
    }

    fn assert_decides(found: &(String, String), noted: &str, next: &str) {
        assert_eq!((found.0.as_str(), found.1.as_str()), (noted, next));
    }

    #[test]
    fn without_existing_links_that_is_recorded_and_the_row_is_sent() {
        for definition in [PRIMARY, UNLABELED] {
            for skips in [true, false] {
                let found =
                    decide_row(definition, existing(&[], None), (skips, RowOrigin::Unknown));
                assert_decides(&found, "absent", "write 1");
            }
        }
    }

    #[test]
    fn an_existing_link_is_skipped_only_on_request() {
        let stands = || existing(&[association_type(UNLABELED)], None);
        let found = decide_row(UNLABELED, stands(), (true, RowOrigin::Unknown));
        assert_decides(&found, "nothing", "already");
        let found = decide_row(UNLABELED, stands(), (false, RowOrigin::Unknown));
        assert_decides(&found, "stood HUBSPOT_DEFINED=279 had it", "write 1");
    }

    #[test]
    fn the_runs_own_links_are_neither_recorded_nor_skipped() {
        for (stands, next) in [
            (existing(&[association_type(UNLABELED)], None), "write 1"),
            (existing(&[], None), "write 1"),
            (existing(&[label(37)], None), "write 1 USER_DEFINED=37"),
        ] {
            let found = decide_row(UNLABELED, stands, (true, RowOrigin::Own));
            assert_decides(&found, "nothing", next);
        }
    }

    #[test]
    fn other_types_of_the_pair_are_recorded_and_sent_along() {
        let found = decide_row(
            UNLABELED,
            existing(&[label(37)], None),
            (true, RowOrigin::Unknown),
        );
        assert_decides(&found, "stood USER_DEFINED=37", "write 1 USER_DEFINED=37");
        let both = existing(&[association_type(UNLABELED), label(37)], None);
        let found = decide_row(PRIMARY, both, (true, RowOrigin::Unknown));
        let types = "HUBSPOT_DEFINED=279 USER_DEFINED=37";
        assert_decides(
            &found,
            &format!("stood {types}"),
            &format!("write 1 {types}"),
        );
    }

    #[test]
    fn a_different_primary_company_is_recorded_as_displaced() {
        let both: &[_] = &[association_type(PRIMARY), association_type(UNLABELED)];
        let found = decide_row(
            PRIMARY,
            existing(&[], Some((8, both))),
            (true, RowOrigin::Unknown),
        );
        assert_decides(&found, "stood  displaces 8 of 1", "write 1");
        let same = || existing(both, Some((7, both)));
        let found = decide_row(PRIMARY, same(), (true, RowOrigin::Unknown));
        assert_decides(&found, "nothing", "already");
        let found = decide_row(PRIMARY, same(), (false, RowOrigin::Unknown));
        let noted = "stood HUBSPOT_DEFINED=1 HUBSPOT_DEFINED=279 had it";
        assert_decides(&found, noted, "write 1 HUBSPOT_DEFINED=279");
    }

    #[test]
    fn a_record_left_out_has_no_links_and_an_unreadable_one_fails() {
        for (code, expected) in [
            (Code::NotRead, ("absent", "write 1")),
            (Code::Rejected, ("nothing", "failed rejected")),
            (Code::ServerError, ("nothing", "failed server_error")),
        ] {
            let read_row = RowWithExisting::for_test(
                link(1, 7, 279),
                Err(Failure::new(
                    code,
                    ResponseFault::Quoted("scripted".to_owned()),
                )),
            );
            let (skips_existing, attempted_rows) = (true, RoaringTreemap::new());
            let decided = ExistingPolicy {
                skips_existing,
                attempted_rows,
                planned: None,
            }
            .decide(vec![read_row]);
            let found = (snapshots_text(&decided), next_text(&decided));
            assert_eq!((found.0.as_str(), found.1.as_str()), expected, "{code:?}");
        }
    }

    #[test]
    fn a_row_read_from_its_other_end_is_sent_as_written() {
        let named_link = link(7, 1, 2);
        let read_row = RowWithExisting::for_test(named_link, Ok(Existing::default()));
        assert_ne!(read_row.link.to_association(), named_link);
        let (skips_existing, attempted_rows) = (true, RoaringTreemap::new());
        let decided = ExistingPolicy {
            skips_existing,
            attempted_rows,
            planned: None,
        }
        .decide(vec![read_row]);
        let [NextStep::Write(_, _, request)] = decided.next.as_slice() else {
            panic!("{decided:?}")
        };
        assert_eq!(request.link.in_row_direction(), named_link);
    }
}
