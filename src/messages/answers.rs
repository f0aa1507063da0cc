//! Sentences about what HubSpot answered, and about requests that got no answer.

use std::borrow::Cow;

use crate::{
    association::{DefinitionInfo, LinkEnd},
    cell::clean,
    failure::{
        DefinitionEnd, ForeignOrigin, JsonKind, MissingPayload, RecordNotFound, ResponseBody,
        ResponseSummary, TransportFault, UnexpectedValue,
    },
    http_status::HttpStatus,
};

/// The longest message about an answer that could not be parsed, in characters.
const LONGEST_NOT_UNDERSTOOD: usize = 320;

/// `HTTP 400: One or more associations are invalid`
pub(super) fn answer_text(summary: &ResponseSummary) -> String {
    let status = summary.status;
    let (mut text, is_json) = match &summary.body {
        ResponseBody::Json(text) => (Cow::from(text), true),
        ResponseBody::Text(text) => (Cow::from(text), false),
        ResponseBody::Titled(title) => (format!("a page titled '{title}'").into(), false),
        ResponseBody::Page => ("a page".into(), false),
        ResponseBody::NoText => ("data that is not text (compressed?)".into(), false),
    };
    if summary.is_cut {
        text += " (incomplete)";
    }
    let origin = match &summary.origin {
        Some(ForeignOrigin::Redirect(target)) => Cow::from(format!("redirects to {target}")),
        Some(ForeignOrigin::ContentType(kind)) => Cow::from(kind),
        None => Cow::default(),
    };
    match (&*text, &*origin) {
        ("", "") => format!("HTTP {status}"),
        ("", origin) => format!("HTTP {status} ({origin})"),
        (text, _) if is_json => format!("HTTP {status}: {text}"),
        (text, "") => format!("HTTP {status}: {text}"),
        (text, origin) => format!("HTTP {status} ({origin}): {text}"),
    }
}

/// Names the direction, and the object type that the id was looked up as, if they are known.
/// A wrong direction looks like a missing record.
pub(super) fn record_not_found(record: &RecordNotFound) -> String {
    let RecordNotFound {
        kind,
        id,
        used_as,
        summary: answer,
    } = record;
    let answer = answer_text(answer);
    let used_as = used_as.and_then(|end| Some((end, end.definition.info()?)));
    let Some((DefinitionEnd { end, definition }, info)) = used_as else {
        return format!(
            "this account has no {kind} {id}; check the id, and that the from and to columns are \
             not swapped ({answer})"
        );
    };
    let end = match end {
        LinkEnd::From => "from",
        LinkEnd::To => "to",
    };
    let ends = (DefinitionInfo::from_singular(info), info.to_singular());
    format!(
        "this account has no {kind} {id}: definition {definition} links {} → {}, so the {end} id \
         must be a {kind}; check the id, and that the from and to columns are not swapped \
         ({answer})",
        ends.0, ends.1
    )
}

/// HubSpot failed to read a record, so nothing is wrong with the row.
pub(super) fn hubspot_failed(message: &str) -> String {
    let message = match message {
        "" => String::new(),
        message => format!(" ({message})"),
    };
    format!("HubSpot failed{message}; send the failed rows again later (--resume --retry-failed)")
}

pub(super) fn unfinished(state: Option<&str>) -> String {
    let state = state.unwrap_or("no status");
    format!("HubSpot did not finish reading (status {state})")
}

pub(super) fn not_understood(
    status: HttpStatus,
    path: &str,
    found: &UnexpectedValue,
    problem: &str,
) -> String {
    let found = match found {
        UnexpectedValue::Value(value) => value,
        UnexpectedValue::Kind(kind) => json_kind(*kind),
        UnexpectedValue::Missing => "missing",
        UnexpectedValue::CutOff => "cut off",
    };
    let text = format!(
        "HTTP {status}: HubSpot's answer could not be understood: {path} is {found} ({problem})"
    );
    clean(&text, LONGEST_NOT_UNDERSTOOD)
}

fn json_kind(kind: JsonKind) -> &'static str {
    match kind {
        JsonKind::Object => "an object",
        JsonKind::List => "a list",
        JsonKind::Text => "a text",
        JsonKind::Number => "a number",
        JsonKind::Boolean => "true or false",
        JsonKind::Null => "null",
    }
}

pub(super) fn no_answer(fault: TransportFault, cause: &str) -> String {
    let what = match fault {
        TransportFault::TimedOut => "no answer in time",
        TransportFault::RefusedByProxy => {
            "the proxy refuses to connect to the API; ask its administrator to allow it"
        }
        TransportFault::NotConnected => "no connection",
        TransportFault::ConnectionBroken => "the connection broke",
    };
    if cause.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {cause}")
    }
}

pub(super) fn token_suspected(why: &str) -> String {
    format!(
        "{why}; HubSpot has not accepted any call with this token yet, and answers like this when \
         a token is damaged: check that it is complete and contains nothing else (pat-na1-…)"
    )
}

/// A successful answer without the requested data.
pub(super) fn missing_payload(status: Option<HttpStatus>, what: MissingPayload) -> String {
    let what = match what {
        MissingPayload::Account => "a portalId",
        MissingPayload::Day => "a limit",
        MissingPayload::Scopes => "scopes",
        MissingPayload::Labels => "labels",
        MissingPayload::Limits => "limits",
        MissingPayload::RecordId => "an id",
        MissingPayload::KeyedRecords => "records",
        MissingPayload::Properties => "properties",
        MissingPayload::Links => "links",
    };
    let status = status.map_or(String::new(), |status| format!("HTTP {status} "));
    format!("{status}without {what}")
}

/// A number of attempts in words.
pub(super) fn attempts_text(tries: u32) -> String {
    if tries == 1 {
        "one attempt".to_owned()
    } else {
        format!("{tries} attempts")
    }
}
