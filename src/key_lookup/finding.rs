//! What a response with records says about the keys that were asked for. Pure.
//!
//! A response does not say which key led to a record, so records are matched by their values. What
//! a response does not speak of is unknown, unless HubSpot leaves it out exactly because there is no
//! such record.

use std::collections::HashMap;

use super::domain_forms;
use crate::{
    api::{KeyQuery, KeyedRecord},
    association::{CandidateRecord, Candidates, KeyAnswer, KeyKind},
    failure::Failure,
};

/// What is known of a key after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyFinding {
    /// HubSpot's answer.
    Answered(KeyAnswer),
    /// HubSpot says that no record is found in this way.
    Missed,
    /// The response does not speak of it.
    LeftOut,
    /// A record was found, and it is not certain by which of several keys; or an error does not say
    /// which of them it is about.
    Doubtful,
    /// It could not be looked up.
    Failed(Failure),
}

/// The finding for each of the values that were asked for, in their order. `records` are those of
/// all pages.
pub(super) fn findings(query: &KeyQuery, records: Vec<KeyedRecord>) -> Vec<KeyFinding> {
    let asked = AskedValues::new(query);
    let mut found: Vec<Vec<KeyedRecord>> = vec![Vec::new(); query.values.len()];
    let mut is_doubtful = vec![false; query.values.len()];
    for record in records {
        let Places { certain, possible } = asked.places_of(&record);
        if certain.is_empty() && possible.is_empty() {
            is_doubtful.fill(true);
        }
        for place in possible {
            is_doubtful[place] = true;
        }
        for place in certain {
            if found[place].iter().all(|known| known.id != record.id) {
                found[place].push(record.clone());
            }
        }
    }
    let finding = |(records, is_doubtful)| match answer(records) {
        Some(answer) => KeyFinding::Answered(answer),
        None if is_doubtful => KeyFinding::Doubtful,
        // A search that is complete has all records.
        None if query.property.kind() == KeyKind::Domain => KeyFinding::Missed,
        None => KeyFinding::LeftOut,
    };
    found.into_iter().zip(is_doubtful).map(finding).collect()
}

/// What the records that have a key mean for it. `None` if there are none. A deleted record counts
/// only if there is no other.
fn answer(mut records: Vec<KeyedRecord>) -> Option<KeyAnswer> {
    // Without the time of creation, a record counts as younger.
    records.sort_by_key(|record| (record.created_at.is_none(), record.created_at, record.id));
    let oldest_archived = records.first()?.id;
    records.retain(|record| !record.is_archived);
    let Some(oldest) = records.first().map(|record| record.id) else {
        return Some(KeyAnswer::Archived(oldest_archived));
    };
    if records.len() == 1 {
        return Some(KeyAnswer::Found(oldest));
    }
    let total = records.len() as u64;
    let shown = records.into_iter().take(Candidates::SHOWN);
    let shown = shown.map(|record| CandidateRecord {
        id: record.id,
        name: record.name,
        created_at: record.created_at,
    });
    Some(KeyAnswer::Ambiguous(Candidates {
        oldest,
        total,
        shown: shown.collect(),
    }))
}

/// The values of a query, by the form in which similar ones are equal.
struct AskedValues<'a> {
    query: &'a KeyQuery,
    /// The places of the values that differ only in their case and in blanks around them; of
    /// domains, all that have a form.
    similar: HashMap<String, Vec<usize>>,
}

/// Which values led to a record.
#[derive(Default)]
struct Places {
    certain: Vec<usize>,
    /// HubSpot may find the record by these values, too, if it is asked for one of them alone.
    possible: Vec<usize>,
}

impl<'a> AskedValues<'a> {
    fn new(query: &'a KeyQuery) -> Self {
        let mut similar: HashMap<_, Vec<_>> = HashMap::new();
        for (value, place) in query.values.iter().zip(0..) {
            for form in compared_forms(query, value) {
                similar.entry(form).or_default().push(place);
            }
        }
        Self { query, similar }
    }

    fn places_of(&self, record: &KeyedRecord) -> Places {
        let mut places = Places::default();
        for value in &record.values {
            self.add_places(&mut places, value);
        }
        // A read by one value gives its record, in whatever form the record has it.
        let is_read = self.query.property.kind() != KeyKind::Domain;
        if places.certain.is_empty() && self.query.values.len() == 1 && is_read {
            places.certain.push(0);
        }
        places
    }

    /// Adds the values that lead to a record with this one.
    fn add_places(&self, places: &mut Places, value: &str) {
        let similar = self.similar.get(&compared(self.query, value));
        let similar = similar.map_or(&[][..], Vec::as_slice);
        // A search finds a record by each of the domains that it has in some form.
        let is_domain = self.query.property.kind() == KeyKind::Domain;
        if is_domain || similar.len() == 1 {
            places.certain.extend(similar);
            return;
        }
        for place in similar {
            if *self.query.values[*place] == *value.trim() {
                places.certain.push(*place);
            } else {
                places.possible.push(*place);
            }
        }
    }
}

/// The forms of an asked value, as they are compared.
fn compared_forms(query: &KeyQuery, value: &str) -> Vec<String> {
    match query.property.kind() {
        KeyKind::Domain => domain_forms::forms_in_ascii(value).into(),
        KeyKind::Email | KeyKind::RecordUrl | KeyKind::Unique => vec![compared(query, value)],
    }
}

/// A value of a record, as it is compared.
fn compared(query: &KeyQuery, value: &str) -> String {
    let lower_case = value.trim().to_lowercase();
    match query.property.kind() {
        KeyKind::Domain => domain_forms::in_ascii(&lower_case),
        KeyKind::Email | KeyKind::RecordUrl | KeyKind::Unique => lower_case,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::association::{KeyProperty, RecordId};

    fn id(id: u64) -> RecordId {
        RecordId::new(id).unwrap()
    }

    fn query(object_type: &'static str, name: &'static str, values: &[&str]) -> KeyQuery {
        KeyQuery {
            property: KeyProperty { object_type, name },
            values: values.iter().map(|value| Arc::from(*value)).collect(),
            archived: false,
            after: None,
        }
    }

    fn record(number: u64, values: &[&str], created: Option<i64>) -> KeyedRecord {
        KeyedRecord {
            id: id(number),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            name: Some(format!("Record {number}")),
            created_at: created.map(|at| jiff::Timestamp::from_second(at).unwrap()),
            is_archived: false,
        }
    }

    fn found(number: u64) -> KeyFinding {
        KeyFinding::Answered(KeyAnswer::Found(id(number)))
    }

    #[test]
    fn a_contact_is_found_by_each_of_its_addresses() {
        let query = query("contacts", "email", &["a@x.com", "b@x.com", "c@x.com"]);
        let records = vec![record(7, &["A@x.com", "b@x.com"], None)];
        assert_eq!(
            findings(&query, records),
            [found(7), found(7), KeyFinding::LeftOut]
        );
    }

    #[test]
    fn a_record_that_no_key_names_leaves_those_without_a_record_in_doubt() {
        let asked = query("deals", "external_id", &["A", "B"]);
        let records = || vec![record(7, &["A"], None), record(8, &["b-1"], None)];
        assert_eq!(
            findings(&asked, records()),
            [found(7), KeyFinding::Doubtful]
        );
        let alone = query("deals", "external_id", &["B"]);
        assert_eq!(findings(&alone, records().split_off(1)), [found(8)]);
    }

    #[test]
    fn keys_that_differ_only_in_case_or_blanks_are_asked_for_alone_unless_they_are_exact() {
        let doubtful = || KeyFinding::Doubtful;
        let query = query("deals", "external_id", &["ab", "AB", " AB", "c"]);
        assert_eq!(
            findings(&query, vec![record(7, &["AB"], None)]),
            [doubtful(), found(7), doubtful(), KeyFinding::LeftOut]
        );
        assert_eq!(
            findings(&query, vec![record(7, &["Ab"], None)]),
            [doubtful(), doubtful(), doubtful(), KeyFinding::LeftOut]
        );
        let both = vec![record(7, &["AB"], None), record(8, &["ab"], None)];
        assert_eq!(
            findings(&query, both),
            [found(8), found(7), doubtful(), KeyFinding::LeftOut]
        );
    }

    #[test]
    fn a_key_that_is_there_twice_is_found_twice() {
        // Addresses of two accounts may have the same id.
        let query = query("deals", "record_url", &["351", "351"]);
        assert_eq!(
            findings(&query, vec![record(351, &["351"], None)]),
            [found(351), found(351)]
        );
    }

    #[test]
    fn several_companies_of_a_domain_are_candidates_and_the_oldest_comes_first() {
        let query = query("companies", "domain", &["x.com", "y.com"]);
        let records = vec![
            record(9, &["www.x.com"], Some(5)),
            record(8, &["x.com"], Some(3)),
            record(7, &["X.com", "y.com"], Some(3)),
            record(6, &["x.com"], None),
        ];
        let findings = findings(&query, records);
        let KeyFinding::Answered(KeyAnswer::Ambiguous(candidates)) = &findings[0] else {
            panic!("{findings:?}")
        };
        assert_eq!((candidates.oldest, candidates.total), (id(7), 4));
        let shown: Vec<_> = candidates
            .shown
            .iter()
            .map(|record| record.id.get())
            .collect();
        assert_eq!(shown, [7, 8, 9, 6]);
        assert_eq!(findings[1], found(7));
    }

    #[test]
    fn a_company_belongs_to_each_domain_that_finds_it() {
        let query = query("companies", "domain", &["x.com", "www.x.com"]);
        let records = vec![
            record(5, &["www.x.com"], Some(1)),
            record(6, &["x.com"], Some(2)),
            record(7, &["www.www.x.com"], Some(3)),
        ];
        let of = |finding: &KeyFinding| {
            let KeyFinding::Answered(KeyAnswer::Ambiguous(candidates)) = finding else {
                panic!("{finding:?}")
            };
            (candidates.oldest, candidates.total)
        };
        let findings = findings(&query, records);
        assert_eq!(of(&findings[0]), (id(5), 2));
        assert_eq!(of(&findings[1]), (id(5), 2));
    }

    #[test]
    fn a_company_that_was_found_without_the_domain_proves_nothing() {
        let query = query("companies", "domain", &["x.com"]);
        let records = vec![record(7, &["x.com.example"], None)];
        assert_eq!(findings(&query, records), [KeyFinding::Doubtful]);
    }

    #[test]
    fn a_deleted_record_counts_only_if_there_is_no_other() {
        let query = query("companies", "domain", &["a.com", "b.com"]);
        let archived = |number, values: &[&str]| KeyedRecord {
            is_archived: true,
            ..record(number, values, None)
        };
        let records = vec![
            archived(6, &["a.com"]),
            archived(7, &["a.com", "b.com"]),
            record(8, &["b.com"], None),
        ];
        let deleted = KeyFinding::Answered(KeyAnswer::Archived(id(6)));
        assert_eq!(findings(&query, records), [deleted, found(8)]);
    }
}
