//! Errors of the API, and the links that they are about. Pure.

use super::verdict::{ParsedResponse, missing_record};
use crate::{
    api::{ItemResult, Verdict},
    association::{Association, CanonicalLink, DefinitionInfo, LinkEnd, LinkRequest},
    code::Code,
    failure::{DefinitionEnd, Failure, FailureDetail, ResponseFault},
};

/// What a refusal means for the links of its call. A refused batch has written nothing, so its
/// links have no final verdict yet.
pub(super) fn refusal_per_link(
    verdict: Verdict,
    response: &ParsedResponse,
    writes: &[LinkRequest],
) -> Verdict {
    match (verdict, writes) {
        (Verdict::Refused(failure), [write]) => {
            Verdict::Refused(with_missing_end(failure, &write.link))
        }
        (Verdict::Refused(_), _) => Verdict::PerLink(item_results(response, writes)),
        (verdict, _) => verdict,
    }
}

fn item_results(response: &ParsedResponse, writes: &[LinkRequest]) -> Vec<ItemResult> {
    // The endpoint itself is refused, so a smaller batch cannot succeed either.
    let no_batches = matches!(response.status.get(), 404 | 405 | 501);
    let api_errors = &response.body.details;
    let is_cause = |write: &LinkRequest| {
        no_batches
            || api_errors
                .iter()
                .any(|text| error_mentions(text, &write.link))
    };
    let item_result = |write| {
        if is_cause(write) {
            ItemResult::NamedAsCause
        } else {
            ItemResult::NotNamed
        }
    };
    writes.iter().map(item_result).collect()
}

/// Whether an error names a record or the definition of a link: `CONTACT=1234 is not valid`, or
/// `HUBSPOT_DEFINED=99 is not a valid association definition id`.
pub(super) fn error_mentions(api_error: &str, link: &CanonicalLink) -> bool {
    if let Some((kind, id)) = missing_record(api_error) {
        return missing_end(&kind, id, &link.in_row_direction()).is_some();
    }
    let id = api_error
        .strip_suffix(" is not a valid association definition id")
        .and_then(|cause| cause.split_once('='));
    // Some APIs get the definition of the row, others the canonical one.
    let sent = [link.row_definition(), link.definition()];
    id.is_some_and(|(_, id)| sent.iter().any(|sent| id == sent.get().to_string()))
}

/// The end of the link, in the direction of its row, whose record has this type and id.
fn missing_end(kind: &str, id: &str, link: &Association) -> Option<LinkEnd> {
    let info = link.definition.info();
    let is_end = |record: u64, singular: Option<&str>| {
        id == record.to_string() && singular.is_none_or(|singular| singular == kind)
    };
    if is_end(link.from.get(), info.map(DefinitionInfo::from_singular)) {
        Some(LinkEnd::From)
    } else if is_end(link.to.get(), info.map(DefinitionInfo::to_singular)) {
        Some(LinkEnd::To)
    } else {
        None
    }
}

/// Adds to a failure which end of the link the missing record is, if the definition is known.
fn with_missing_end(mut failure: Failure, link: &CanonicalLink) -> Failure {
    let link = link.in_row_direction();
    let definition = link.definition;
    if failure.code == Code::RecordNotFound
        && definition.info().is_some()
        && let FailureDetail::Response(ResponseFault::RecordNotFound(record)) = &mut *failure.detail
    {
        let end = missing_end(&record.kind, &record.id, &link);
        record.used_as = end.map(|end| DefinitionEnd { end, definition });
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{association::RecordId, hubspot::verdict::failure, tables::v1};

    fn link(from: u64, to: u64, definition: u32) -> CanonicalLink {
        CanonicalLink::new(&Association {
            from: RecordId::new(from).unwrap(),
            to: RecordId::new(to).unwrap(),
            definition: v1::table().definition(definition).unwrap(),
        })
    }

    /// The links that a refusal with this status and body names.
    fn named(status: u16, body: &str) -> String {
        let response = ParsedResponse::for_test(status, body);
        // Contact to company, deal to contact, and a definition that is not listed.
        let links = [link(1, 7, 1), link(7, 1, 3), link(7, 9, 4711)];
        let refused = Verdict::Refused(failure(&response, Code::Rejected));
        let Verdict::PerLink(parts) =
            refusal_per_link(refused, &response, &links.map(LinkRequest::from))
        else {
            panic!("no parts")
        };
        let letter = |part: &ItemResult| match part {
            ItemResult::NamedAsCause => 'n',
            ItemResult::NotNamed => '.',
            ItemResult::Done { .. } | ItemResult::Unconfirmed { .. } => '?',
        };
        parts.iter().map(letter).collect()
    }

    #[test]
    fn errors_of_a_refused_batch_name_links_by_type_and_id_or_by_definition() {
        for (errors, expected) in [
            (r#"["CONTACT=1 is not valid"]"#, "nn."),
            (r#"["COMPANY=7 is not valid"]"#, "n.n"),
            (r#"["DEAL=7 is not valid","CONTACT=1 is not valid"]"#, "nnn"),
            (r#"["DEAL=1 is not valid"]"#, "..."),
            (r#"["CONTACT=11 is not valid"]"#, "..."),
            (
                r#"["HUBSPOT_DEFINED=4711 is not a valid association definition id"]"#,
                "..n",
            ),
            ("[]", "..."),
        ] {
            let body = format!(r#"{{"message":"m","errors":{errors}}}"#);
            assert_eq!(named(400, &body), expected, "{errors}");
        }
    }

    #[test]
    fn a_link_is_named_by_the_definition_of_its_row_or_by_the_sent_one() {
        let invalid = |id| format!("HUBSPOT_DEFINED={id} is not a valid association definition id");
        let turned = link(7, 1, 2);
        assert_eq!(turned.definition().get(), 1);
        let named = [1, 2, 3].map(|id| error_mentions(&invalid(id), &turned));
        assert_eq!(named, [true, true, false]);
    }

    #[test]
    fn without_a_batch_endpoint_every_link_is_sent_alone() {
        for status in [404, 405, 501] {
            assert_eq!(named(status, "<html>"), "nnn", "{status}");
        }
        assert_eq!(named(413, "too large"), "...");
    }
}
