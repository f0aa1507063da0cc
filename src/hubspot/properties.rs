//! The properties of an object type: the request, and what the response means. Pure.

use serde::Deserialize;

use super::{
    batch_body::or_default, parse::parse, records::no_data, request::ApiRequest,
    verdict::ParsedResponse,
};
use crate::{
    api::{PropertyDetails, ResponsePayload, Verdict},
    cell::clean,
    http_status::HttpStatus,
};

/// The longest text that is kept. HubSpot's names are shorter.
const MAX_TEXT: usize = 100;

/// The sensitivity of usual data.
const NOT_SENSITIVE: &str = "non_sensitive";

/// The request for the properties of an object type, either those that are archived or all others.
pub(super) fn request(path: String, archived: bool) -> ApiRequest {
    ApiRequest {
        query: Some(format!("archived={archived}")),
        ..ApiRequest::get(path)
    }
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a list of properties")]
struct PropertiesBody {
    results: Vec<PropertyBody>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a property")]
struct PropertyBody {
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    label: String,
    #[serde(default, deserialize_with = "or_default")]
    has_unique_value: bool,
    #[serde(default, deserialize_with = "or_default")]
    archived: bool,
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    data_type: String,
    #[serde(default, deserialize_with = "or_default")]
    data_sensitivity: String,
}

impl PropertyBody {
    fn details(&self) -> PropertyDetails {
        PropertyDetails {
            name: clean(&self.name, MAX_TEXT),
            label: clean(&self.label, MAX_TEXT),
            is_unique: self.has_unique_value,
            is_archived: self.archived,
            data_type: clean(&self.data_type, MAX_TEXT),
            is_sensitive: !matches!(&*self.data_sensitivity, "" | NOT_SENSITIVE),
        }
    }
}

/// The verdict and payload.
pub(super) fn verdict(
    response: &ParsedResponse,
    body: &[u8],
) -> (Verdict, Option<ResponsePayload>) {
    let http_status = response.status;
    if http_status != HttpStatus::OK {
        return (no_data(response), None);
    }
    match parse::<PropertiesBody>(response, body) {
        Ok(PropertiesBody { results }) => {
            let properties = results.iter().map(PropertyBody::details).collect();
            let payload = ResponsePayload::Properties(properties);
            (Verdict::Done { http_status }, Some(payload))
        }
        Err(failure) => (Verdict::NotFromApi(failure), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::{Operation, PropertyQuery},
        hubspot::api_version::ApiVersion,
    };

    /// The request in each version of the API.
    fn sent(query: PropertyQuery<'_>) -> [String; 2] {
        ApiVersion::ALL.map(|version| {
            let request = version.request(Operation::Properties(query)).unwrap();
            let query = request.query.unwrap_or_default();
            format!("{} {}?{query}", request.method, request.path)
        })
    }

    #[test]
    fn archived_properties_are_asked_for_apart() {
        let contacts = |archived| {
            ["v3/properties", "properties/2026-09"]
                .map(|path| format!("GET /crm/{path}/contacts?archived={archived}"))
        };
        assert_eq!(sent(PropertyQuery::existing("contacts")), contacts(false));
        assert_eq!(sent(PropertyQuery::archived("contacts")), contacts(true));
        let [_, by_number] = sent(PropertyQuery::existing("appointments"));
        assert!(by_number.contains("/0-421?"), "{by_number}");
    }

    #[test]
    fn properties_are_listed_with_what_a_key_depends_on() {
        let judged = |body: &str| verdict(&ParsedResponse::for_test(200, body), body.as_bytes());
        let body = r#"{"results":[
            {"name":"code","label":"Code\u0007","type":"string","fieldType":"text","options":[],"hasUniqueValue":true,"archived":false,"dataSensitivity":"non_sensitive"},
            {"name":"old","label":null,"type":"number","hasUniqueValue":null,"archived":true,"dataSensitivity":"highly_sensitive"},
            {"name":"plain"}]}"#;
        let (_, payload) = judged(body);
        let listed = payload.and_then(ResponsePayload::into_properties).unwrap();
        let listed = listed.iter().map(|one| {
            let flags = (one.is_unique, one.is_archived, one.is_sensitive);
            (&*one.name, &*one.label, &*one.data_type, flags)
        });
        let expected = [
            ("code", "Code\\u{7}", "string", (true, false, false)),
            ("old", "", "number", (false, true, true)),
            ("plain", "", "", (false, false, false)),
        ];
        assert_eq!(listed.collect::<Vec<_>>(), expected);
        for body in ["{}", "<html>", r#"{"results":[{}]}"#, r#"{"results":7}"#] {
            let (verdict, _) = judged(body);
            assert!(matches!(verdict, Verdict::NotFromApi(_)), "{body}");
        }
    }
}
