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

/// The request for the properties of an object type that are not archived.
pub(super) fn request(path: String) -> ApiRequest {
    ApiRequest {
        query: Some("archived=false".to_owned()),
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
