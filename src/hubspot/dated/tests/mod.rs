//! Table tests of the dated API: exact request bytes, and verdicts of responses.

mod proofs;
mod reads;
mod removals;
mod requests;
mod writes;

use super::*;
use crate::{
    api::ItemResult,
    association::{AssociationType, CanonicalLink, Category, RecordId},
    tables::canonical_of_table as link,
};

fn write(from: u64, to: u64, definition: u32) -> LinkRequest {
    LinkRequest::from(link(from, to, definition))
}

/// Write requests that link contacts 1, 2, … to company 7.
fn writes(count: u64) -> Vec<LinkRequest> {
    (1..=count).map(|from| write(from, 7, 279)).collect()
}

fn label(id: u32) -> AssociationType {
    let category = Category::UserDefined;
    AssociationType { category, id }
}

/// The verdict of a response as a word, or one letter for each link.
fn verdict_text(operation: Operation<'_>, status: u16, body: &str) -> String {
    let (verdict, _) = verdict(
        operation,
        &ParsedResponse::for_test(status, body),
        body.as_bytes(),
    );
    match verdict {
        Verdict::Done { http_status } => format!("done {http_status}"),
        Verdict::Refused(failure) => format!("refused {}", failure.code.as_str()),
        Verdict::PerLink(parts) => parts.into_iter().map(letter).collect(),
        Verdict::Transient { .. } => "again".into(),
        Verdict::Throttled { .. } => "later".into(),
        Verdict::NotFromApi(_) => "no verdict".into(),
        Verdict::Fatal(_) => "stop".into(),
        Verdict::DayUsedUp(_)
        | Verdict::NotSent(_)
        | Verdict::ConnectionLost(_)
        | Verdict::TokenExpired(_)
        | Verdict::TokenReplaced(_) => "else".into(),
    }
}

fn letter(part: ItemResult) -> char {
    match part {
        ItemResult::Done { .. } => 'd',
        ItemResult::Unconfirmed { .. } => '?',
        ItemResult::NamedAsCause => 'n',
        ItemResult::NotNamed => '.',
    }
}
