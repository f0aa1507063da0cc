//! The dialect of `/crm-associations/v1`: what links look like as a request,
//! and which of them a refused one is about.

use super::verdict::{Judged, judge, missing_record};
use crate::{
    api::{Part, Verdict},
    association::{Association, DefinitionInfo},
};

/// The path that creates one association by `PUT`.
const CREATE_PATH: &str = "/crm-associations/v1/associations";

/// The path that creates many by `PUT`: all, or none.
const BATCH_PATH: &str = "/crm-associations/v1/associations/create-batch";

/// Associations in a batch at most. HubSpot's own text with the number is not
/// known; other clients refuse more (`keghub/hubspot-dotnet-sdk`).
pub const MOST_LINKS: usize = 100;

/// Paths for one association, and for many.
pub(super) const CREATE_PATHS: [&str; 2] = [CREATE_PATH, BATCH_PATH];

/// The body that creates these: an object, or an array of several. Integers
/// and constants alone: there is nothing to be escaped.
pub(super) fn create_body(links: &[Association]) -> Vec<u8> {
    /// An object of the longest ids, and a comma.
    const LONGEST: usize = 128;
    let mut body = Vec::with_capacity(LONGEST * links.len());
    if let [link] = links {
        append(&mut body, link);
        return body;
    }
    let mut before = b'[';
    for link in links {
        body.push(before);
        append(&mut body, link);
        before = b',';
    }
    body.push(b']');
    body
}

fn append(body: &mut Vec<u8>, link: &Association) {
    let mut digits = itoa::Buffer::new();
    body.extend_from_slice(br#"{"fromObjectId":"#);
    body.extend_from_slice(digits.format(link.from.get()).as_bytes());
    body.extend_from_slice(br#","toObjectId":"#);
    body.extend_from_slice(digits.format(link.to.get()).as_bytes());
    body.extend_from_slice(br#","category":"HUBSPOT_DEFINED","definitionId":"#);
    body.extend_from_slice(digits.format(link.definition.get()).as_bytes());
    body.push(b'}');
}

/// What an answer other than success means for the links of its request. A
/// batch that is refused has written nothing; its links have no verdict yet.
pub(super) fn verdict(answer: &Judged, links: &[Association]) -> Verdict {
    let verdict = judge(answer);
    if links.len() > 1 && matches!(verdict, Verdict::Refused(_)) {
        return Verdict::Each(parts(answer, links));
    }
    verdict
}

fn parts(answer: &Judged, links: &[Association]) -> Vec<Part> {
    // What is refused is the endpoint: no smaller batch will fare better.
    let no_batches = matches!(answer.status, 404 | 405 | 501);
    let complaints = &answer.body.details;
    let named =
        |link: &Association| no_batches || complaints.iter().any(|text| is_about(text, link));
    let part = |link| {
        if named(link) {
            Part::Named
        } else {
            Part::Unnamed
        }
    };
    links.iter().map(part).collect()
}

/// Whether a complaint names a record or the definition of a link:
/// `CONTACT=1234 is not valid`, or
/// `HUBSPOT_DEFINED=99 is not a valid association definition id`.
fn is_about(complaint: &str, link: &Association) -> bool {
    if let Some((kind, id)) = missing_record(complaint) {
        let info = link.definition.info();
        let is_side = |record: u64, side: Option<&str>| {
            id == record.to_string() && side.is_none_or(|side| side == kind)
        };
        return is_side(link.from.get(), info.map(DefinitionInfo::from_singular))
            || is_side(link.to.get(), info.map(DefinitionInfo::to_singular));
    }
    let id = complaint
        .strip_suffix(" is not a valid association definition id")
        .and_then(|named| named.split_once('='));
    id.is_some_and(|(_, id)| id == link.definition.get().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        association::{Definition, RecordId},
        hubspot::error_body::ErrorBody,
    };

    fn link(from: u64, to: u64, definition: u32) -> Association {
        Association {
            from: RecordId::new(from).unwrap(),
            to: RecordId::new(to).unwrap(),
            definition: Definition::new(definition).unwrap(),
        }
    }

    fn text(links: &[Association]) -> String {
        String::from_utf8(create_body(links)).unwrap()
    }

    #[test]
    fn ids_are_exact_integers() {
        assert_eq!(
            text(&[link(RecordId::MAX, (1 << 53) + 1, 1)]),
            r#"{"fromObjectId":9223372036854775807,"toObjectId":9007199254740993,"category":"HUBSPOT_DEFINED","definitionId":1}"#
        );
    }

    #[test]
    fn a_batch_is_a_bare_array() {
        let one = |from| text(&[link(from, 7, 1)]);
        let two = text(&[link(1, 7, 1), link(2, 7, 1)]);
        assert_eq!(two, format!("[{},{}]", one(1), one(2)));
    }

    /// Which of these links a refusal of this status and body names.
    fn named(status: u16, body: &str) -> String {
        let answer = Judged {
            status,
            body: ErrorBody::read(body.as_bytes(), &str::to_owned),
            retry_after: None,
            origin: String::new(),
        };
        // Contact to company, deal to contact, and one that no list has.
        let links = [link(1, 7, 1), link(7, 1, 3), link(7, 9, 4711)];
        let Verdict::Each(parts) = verdict(&answer, &links) else {
            panic!("no parts")
        };
        let letter = |part: &Part| match part {
            Part::Named => 'n',
            Part::Unnamed => '.',
        };
        parts.iter().map(letter).collect()
    }

    #[test]
    fn a_refused_batch_names_links_by_type_and_id_or_by_definition() {
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
    fn where_there_are_no_batches_every_link_goes_alone() {
        for status in [404, 405, 501] {
            assert_eq!(named(status, "<html>"), "nnn", "{status}");
        }
        assert_eq!(named(413, "too large"), "...");
    }
}
