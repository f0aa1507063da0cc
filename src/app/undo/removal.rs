//! How a link is removed, once it is known what exists now. Pure.

use super::plan::{FormerLink, UndoPlan};
use crate::{
    app::import::{other_types, unknown_type_failure},
    association::{CanonicalLink, LinkRequest},
    code::Code,
    delivery::{Existing, RowTask, RowWithExisting},
    failure::{Failure, LinkFault},
    pipeline::NextStep,
    row::{Outcome, RowReport},
};

/// The former link of a record, and its restored association under today's ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restoration<'a> {
    pub(super) former: &'a FormerLink,
    pub(super) link: CanonicalLink,
}

/// The next step for a row whose existing associations were read.
pub(super) fn decide(
    read_row: RowWithExisting,
    restoration: Option<Restoration<'_>>,
    plan: &UndoPlan,
) -> NextStep {
    let RowWithExisting {
        row,
        link,
        existing: read_result,
    } = read_row;
    // In its own direction, even if an API takes links as the rows word them.
    let link = CanonicalLink::new(&link.to_association());
    let existing = match read_result {
        Ok(existing) => existing,
        Err(failure) => {
            return NextStep::Ended(RowReport::without_write(row, unread_outcome(failure)));
        }
    };
    if let Some(name) = &existing.unknown_type {
        let failure = unknown_type_failure(name);
        return NextStep::Ended(RowReport::without_write(row, Outcome::Kept(failure.into())));
    }
    let restore_request =
        restoration.and_then(|restoration| restore_request(&link, &existing, restoration));
    let is_single_type = plan.single_type_removals.contains(row.number);
    match removal_request(&link, &existing, is_single_type, plan) {
        Err(kept) => NextStep::Ended(RowReport::without_write(row, Outcome::Kept(kept.into()))),
        Ok(Some(request)) => {
            let then = restore_request.map(Box::new);
            NextStep::Write(RowTask::Remove, row, LinkRequest { then, ..request })
        }
        Ok(None) => match restore_request {
            Some(request) => NextStep::Write(RowTask::RestoreDisplaced, row, request),
            None => NextStep::Ended(RowReport::without_write(
                row,
                Outcome::Removed {
                    http_status: None,
                    unproven: None,
                },
            )),
        },
    }
}

/// A link is not removed unless it is known to be the run's.
fn unread_outcome(failure: Failure) -> Outcome {
    if matches!(failure.code, Code::NotRead | Code::RecordNotRead) {
        Outcome::Kept(failure.into())
    } else {
        Outcome::Failed(failure.into())
    }
}

/// The removal to send, if any; or why the link is kept.
fn removal_request(
    link: &CanonicalLink,
    existing: &Existing,
    is_single_type: bool,
    plan: &UndoPlan,
) -> Result<Option<LinkRequest>, Failure> {
    let own_type = link.definition().association_type();
    let unlabeled = plan.unlabeled(link.definition());
    let others = other_types(link, &existing.association_types);
    let labels: Vec<_> = others
        .iter()
        .filter(|association_type| Some(**association_type) != unlabeled)
        .collect();
    if existing.association_types.is_empty()
        || is_single_type && !existing.association_types.contains(&own_type)
    {
        return Ok(None);
    }
    if !is_single_type && labels.is_empty() {
        // All that exists between the two records was made by the run.
        return Ok(Some(LinkRequest::from(*link)));
    }
    if !existing.association_types.contains(&own_type) {
        return Ok(None);
    }
    if Some(own_type) == unlabeled && !labels.is_empty() {
        let labels = labels.into_iter().copied().collect();
        let why = LinkFault::LabeledSince(labels);
        return Err(Failure::new(Code::ChangedSince, why));
    }
    Ok(Some(LinkRequest {
        other_types: others,
        ..LinkRequest::from(*link)
    }))
}

/// Restores the primary company or parent that the record had before the run, unless somebody
/// has set a different one since. Labels that were added to it stay.
fn restore_request(
    link: &CanonicalLink,
    existing: &Existing,
    restoration: Restoration<'_>,
) -> Option<LinkRequest> {
    let Restoration {
        former,
        link: restored,
    } = restoration;
    let may_restore = existing
        .primary
        .as_ref()
        .is_none_or(|(current, _)| *current == link.to());
    may_restore.then(|| {
        let mut association_types = former.association_types.clone();
        let current_types = existing.paired_types.iter();
        association_types.extend(
            current_types
                .filter(|association_type| !former.association_types.contains(association_type)),
        );
        LinkRequest {
            other_types: other_types(&restored, &association_types),
            ..LinkRequest::from(restored)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{decide as decide_on, *};
    use crate::{
        association::{Association, AssociationType, Category, RecordId},
        failure::ResponseFault,
        tables::link_of_table,
    };

    const PRIMARY: u32 = 1;
    const UNLABELED: u32 = 279;

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn association_type(id: u32) -> AssociationType {
        let category = Category::HubSpotDefined;
        AssociationType { category, id }
    }

    fn label(id: u32) -> AssociationType {
        let category = Category::UserDefined;
        AssociationType { category, id }
    }

    /// Row 1 links contact 1 to company 7 and is read in this direction, with this result.
    fn read_row(definition: u32, found: Result<Existing, Failure>) -> RowWithExisting {
        RowWithExisting::for_test(link_of_table(1, 7, definition), found)
    }

    /// The next step, if the record still has the id that the run knew.
    fn decide(read_row: RowWithExisting, plan: &UndoPlan) -> NextStep {
        let link = read_row.link;
        let back = plan.former_link(&link, &[]).map(|before| Restoration {
            former: before,
            link: CanonicalLink::new(&Association {
                to: before.company,
                ..link.to_association()
            }),
        });
        decide_on(read_row, back, plan)
    }

    fn existing(association_types: &[AssociationType], primary: Option<u64>) -> Existing {
        let primary = primary.map(|to| {
            (
                id(to),
                vec![association_type(PRIMARY), association_type(UNLABELED)],
            )
        });
        let association_types = association_types.to_vec();
        Existing {
            association_types,
            primary,
            ..Existing::default()
        }
    }

    fn request_text(request: &LinkRequest) -> String {
        let others: Vec<_> = request
            .other_types
            .iter()
            .map(ToString::to_string)
            .collect();
        let then_request = request.then.as_ref();
        let then_text = then_request.map_or(String::new(), |request| {
            format!(", then {}", request_text(request))
        });
        format!("{} [{}]{then_text}", request.link.to(), others.join(" "))
    }

    fn in_words(next: &NextStep) -> String {
        match next {
            NextStep::Write(task, _, request) => format!("{task:?} {}", request_text(request)),
            NextStep::Identify(_, link) => format!("Identify {}", link.to()),
            NextStep::Ended(report) => {
                let outcome = report.outcome.as_ref().unwrap();
                let code = outcome.note().map_or("", |failure| failure.code.as_str());
                format!("{} {code}", outcome.word()).trim().to_owned()
            }
        }
    }

    /// A plan in which row 1 is beside others, or not.
    fn plan(is_single_type: bool) -> UndoPlan {
        let rows = [1].into_iter().collect();
        if is_single_type {
            UndoPlan {
                single_type_removals: rows,
                ..UndoPlan::default()
            }
        } else {
            UndoPlan {
                whole_pair_removals: rows,
                ..UndoPlan::default()
            }
        }
    }

    #[test]
    fn what_exists_now_decides_what_is_removed() {
        let (primary, unlabeled) = (association_type(PRIMARY), association_type(UNLABELED));
        let all: &[_] = &[primary, unlabeled, label(37)];
        for (definition, existing_types, is_single_type, expected) in [
            // The run made the pair.
            (UNLABELED, &[unlabeled][..], false, "Remove 7 []"),
            (PRIMARY, &[primary, unlabeled], false, "Remove 7 []"),
            (UNLABELED, &[], false, "removed"),
            // Others have added a label since.
            (
                UNLABELED,
                &[unlabeled, label(37)],
                false,
                "kept changed_since",
            ),
            (
                PRIMARY,
                all,
                false,
                "Remove 7 [HUBSPOT_DEFINED=279 USER_DEFINED=37]",
            ),
            // Others have removed the run's link since, and set their own.
            (PRIMARY, &[unlabeled, label(37)], false, "removed"),
            // Only the unlabeled type is left of it.
            (PRIMARY, &[unlabeled], false, "Remove 7 []"),
            // Others existed before.
            (
                PRIMARY,
                &[primary, unlabeled],
                true,
                "Remove 7 [HUBSPOT_DEFINED=279]",
            ),
            (PRIMARY, &[unlabeled], true, "removed"),
            (PRIMARY, &[], true, "removed"),
            (UNLABELED, &[unlabeled], true, "Remove 7 []"),
            (
                UNLABELED,
                &[unlabeled, label(37)],
                true,
                "kept changed_since",
            ),
        ] {
            let read_row = read_row(definition, Ok(existing(existing_types, None)));
            let next = decide(read_row, &plan(is_single_type));
            assert_eq!(
                in_words(&next),
                expected,
                "{definition} {existing_types:?} beside {is_single_type}"
            );
        }
    }

    #[test]
    fn the_former_primary_company_is_restored_unless_another_was_set_since() {
        let of_run = &[association_type(PRIMARY), association_type(UNLABELED)][..];
        for (existing_types, primary, expected) in [
            (
                of_run,
                Some(7),
                "Remove 7 [], then 8 [HUBSPOT_DEFINED=279 USER_DEFINED=37]",
            ),
            // A different one since.
            (of_run, Some(9), "Remove 7 []"),
            (&[], Some(9), "removed"),
            // Already removed, and the primary one with it.
            (
                &[],
                None,
                "RestoreDisplaced 8 [HUBSPOT_DEFINED=279 USER_DEFINED=37]",
            ),
            // Restored by an earlier undo.
            (&[], Some(8), "removed"),
        ] {
            let read_row = read_row(PRIMARY, Ok(existing(existing_types, primary)));
            let record = read_row.link.exclusive_record().unwrap();
            let association_types = vec![
                association_type(PRIMARY),
                association_type(UNLABELED),
                label(37),
            ];
            let plan = UndoPlan {
                former_links: [(record, FormerLink::for_tests(id(8), association_types))].into(),
                ..plan(false)
            };
            let next = decide(read_row, &plan);
            assert_eq!(in_words(&next), expected, "{existing_types:?} {primary:?}");
        }
    }

    #[test]
    fn a_link_is_removed_in_its_own_direction_however_its_row_words_it() {
        let row = link_of_table(7, 1, 2);
        let read_row =
            RowWithExisting::for_test(row, Ok(existing(&[association_type(PRIMARY)], None)));
        let NextStep::Write(RowTask::Remove, row, request) = decide(read_row, &plan(false)) else {
            panic!("it is not removed")
        };
        assert_eq!(row.association(), Some(&link_of_table(7, 1, 2)));
        assert_eq!(
            request.link.in_row_direction(),
            link_of_table(1, 7, PRIMARY)
        );
    }

    #[test]
    fn unread_links_are_kept_and_an_unreadable_record_fails() {
        for (code, expected) in [
            (Code::NotRead, "kept not_read"),
            (Code::RecordNotRead, "kept record_not_read"),
            (Code::Rejected, "failed rejected"),
            (Code::ServerError, "failed server_error"),
        ] {
            let read_row = read_row(
                UNLABELED,
                Err(Failure::new(
                    code,
                    ResponseFault::Quoted("scripted".to_owned()),
                )),
            );
            assert_eq!(in_words(&decide(read_row, &plan(false))), expected);
        }
    }
}
