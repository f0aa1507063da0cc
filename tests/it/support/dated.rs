//! What the dated API answers where all is well: to a fake server's two rows,
//! contacts 1 and 2 of company 7.

use super::fake_hubspot::{Answer, Request};

pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer::from(status).body("application/json", body)
}

pub(crate) fn is_read(request: &Request) -> bool {
    request.uri.ends_with("/batch/read")
}

/// Both records have no links, or both have theirs.
pub(crate) fn read(stands: bool) -> Answer {
    let types = r#"[{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]"#;
    let record = |id: u64| {
        format!(
            r#"{{"from":{{"id":"{id}"}},"to":[{{"toObjectId":7,"associationTypes":{types}}}]}}"#
        )
    };
    let records = if stands {
        [1, 2].map(record).join(",")
    } else {
        String::new()
    };
    json(
        200,
        format!(r#"{{"status":"COMPLETE","results":[{records}]}}"#),
    )
}

/// The link of a single `PUT` stands.
pub(crate) fn made(request: &Request) -> Answer {
    let words: Vec<_> = request.uri.split('/').collect();
    let (from, to) = (words[5], words[8]);
    json(
        201,
        format!(r#"{{"fromObjectId":{from},"toObjectId":{to},"labels":[]}}"#),
    )
}

/// What is asked for is done; nothing stands before it is written.
pub(crate) fn well(request: &Request) -> Answer {
    match request.method.as_str() {
        "PUT" => made(request),
        "DELETE" => 204.into(),
        _ => read(false),
    }
}
