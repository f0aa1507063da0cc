//! Questions: which links of records stand, and which labels there are.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{
    VERSION,
    body::{Batch, Complaint, Id, Type},
    writing::list,
};
use crate::{
    api::{Found, Page, Part, Reading, Told, Verdict},
    association::{RecordId, in_path},
    cell::clean,
    code::Code,
    hubspot::{
        asked::Asked,
        verdict::{Judged, failure, judge},
    },
    row::Failure,
};

/// Messages of single errors are cut here.
const LONGEST_MESSAGE: usize = 300;

/// The links of many records at once.
pub(super) fn read(reading: &Reading) -> Asked {
    let info = reading
        .links
        .first()
        .and_then(|link| link.definition.info());
    let (from, to) = info.map_or(("", ""), |info| (in_path(info.from), in_path(info.to)));
    let input = |(record, page): &(RecordId, Option<String>)| match page {
        None => format!(r#"{{"id":"{record}"}}"#),
        Some(after) => {
            let after = serde_json::Value::from(after.as_str());
            format!(r#"{{"id":"{record}","after":{after}}}"#)
        }
    };
    Asked::post(
        format!("/crm/associations/{VERSION}/{from}/{to}/batch/read"),
        list(reading.pages.iter().map(input)),
    )
}

/// The labels between two object types.
pub(super) fn labels(from: &str, to: &str) -> Asked {
    let (from, to) = (in_path(from), in_path(to));
    Asked::get(format!("/crm/associations/{VERSION}/{from}/{to}/labels"))
}

#[derive(Debug, Deserialize)]
struct OfRecord {
    from: Record,
    #[serde(default)]
    to: Vec<Other>,
    paging: Option<Paging>,
}

#[derive(Debug, Deserialize)]
struct Record {
    id: Id,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Other {
    to_object_id: Id,
    #[serde(default)]
    association_types: Vec<Type>,
}

#[derive(Debug, Deserialize)]
struct Paging {
    next: Option<Next>,
}

#[derive(Debug, Deserialize)]
struct Next {
    after: String,
}

/// What an answer tells of the links that were asked for.
pub(super) fn standing(reading: &Reading, answer: &Judged, body: &[u8]) -> (Verdict, Option<Told>) {
    let http_status = answer.status;
    if !matches!(http_status, 200 | 201 | 207) {
        return (untold(reading, answer), None);
    }
    match serde_json::from_slice::<Batch<OfRecord>>(body) {
        // Without any word of results it is no answer to the question.
        Ok(batch) if batch.results.is_some() || batch.complaints() > 0 => {
            let page = page(reading, answer, batch);
            (Verdict::Done { http_status }, Some(Told::Standing(page)))
        }
        Ok(_) | Err(_) => {
            let failure = failure(answer, Code::UnexpectedAnswer);
            (Verdict::NoVerdict(failure), None)
        }
    }
}

/// What an answer means that tells nothing. One record, or their number, may be
/// to blame for a refusal of many; where there is no such endpoint, fewer fare no
/// better.
fn untold(reading: &Reading, answer: &Judged) -> Verdict {
    let verdict = judge(answer);
    let has_endpoint = !matches!(answer.status, 404 | 405 | 501);
    if matches!(verdict, Verdict::Done { .. }) {
        Verdict::NoVerdict(failure(answer, Code::UnexpectedAnswer))
    } else if matches!(verdict, Verdict::Refused(_)) && has_endpoint && reading.pages.len() > 1 {
        Verdict::Each(vec![Part::Unnamed; reading.links.len()])
    } else {
        verdict
    }
}

/// Only what is wanted is kept, however much is told.
fn page(reading: &Reading, answer: &Judged, batch: Batch<OfRecord>) -> Page {
    let mut wanted: HashMap<RecordId, Vec<_>> = HashMap::new();
    for link in &reading.links {
        wanted.entry(link.from).or_default().push(link);
    }
    let mut untold: HashSet<_> = reading.pages.iter().map(|(record, _)| *record).collect();
    let mut page = Page::default();
    for OfRecord { from, to, paging } in batch.results.into_iter().flatten() {
        let Record { id: Id(from) } = from;
        if !untold.remove(&from) {
            continue;
        }
        let links = wanted.get(&from).map_or(&[][..], Vec::as_slice);
        for other in to {
            let Id(to) = other.to_object_id;
            let specs = other.association_types.iter().filter_map(Type::spec);
            let specs: Vec<_> = specs.collect();
            let is_wanted = links.iter().any(|link| {
                let definition = link.definition;
                let is_primary = definition.sets_primary() && specs.contains(&definition.spec());
                link.to == to || is_primary
            });
            if is_wanted {
                page.found.push(Found { from, to, specs });
            }
        }
        let next = paging.and_then(|paging| paging.next);
        page.next.extend(next.map(|next| (from, next.after)));
    }
    page.unread = unread(untold, answer, (&batch.errors, batch.num_errors));
    page
}

/// Records that the answer told nothing of, but for those that it says have no
/// links. Only of those that it leaves out without an error may be taken that
/// they have none.
fn unread(
    mut untold: HashSet<RecordId>,
    answer: &Judged,
    (complaints, counted): (&[Complaint], usize),
) -> Vec<(RecordId, Failure)> {
    let fault = |message: &str| Failure {
        message: clean(message, LONGEST_MESSAGE),
        ..failure(answer, Code::Rejected)
    };
    let mut unread = Vec::new();
    let mut of_nobody = (counted > 0 && complaints.is_empty())
        .then(|| fault("the answer speaks of errors without telling them"));
    for complaint in complaints {
        let mut records = complaint.records().peekable();
        if complaint.is_of_none() {
            for record in records {
                untold.remove(&record);
            }
        } else if records.peek().is_none() {
            of_nobody = of_nobody.or_else(|| Some(fault(&complaint.message)));
        } else {
            let records = records.filter(|record| untold.remove(record));
            unread.extend(records.map(|record| (record, fault(&complaint.message))));
        }
    }
    unread.extend(untold.into_iter().map(|record| {
        let left_out = || Failure {
            message: format!("the answer does not speak of record {record}"),
            ..failure(answer, Code::NotRead)
        };
        (record, of_nobody.clone().unwrap_or_else(left_out))
    }));
    unread
}

#[derive(Debug, Deserialize)]
struct Labels {
    results: Vec<Type>,
}

/// The labels that an answer tells of.
pub(super) fn told_labels(answer: &Judged, body: &[u8]) -> (Verdict, Option<Told>) {
    let http_status = answer.status;
    if http_status != 200 {
        return (judge(answer), None);
    }
    match serde_json::from_slice::<Labels>(body) {
        Ok(labels) => {
            let labels = labels.results.into_iter();
            let labels = labels.filter_map(|label| Some((label.spec()?, label.label)));
            let told = Told::Labels(labels.collect());
            (Verdict::Done { http_status }, Some(told))
        }
        Err(_) => (
            Verdict::NoVerdict(failure(answer, Code::UnexpectedAnswer)),
            None,
        ),
    }
}
