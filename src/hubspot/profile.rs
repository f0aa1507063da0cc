//! The differences between HubSpot's APIs for associations, as data and pure functions.
//!
//! Names no version: each version has its own folder, and `api_version` lists them.

use super::{properties, record_keys, records, request::ApiRequest, verdict::ParsedResponse};
use crate::{
    api::{BatchGroup, LinkOperation, Operation, RateClass, ResponsePayload, Verdict},
    association::{DefinitionTable, LinkRequest, in_path},
};

/// One version of the API for associations.
#[derive(Debug)]
pub struct ApiProfile {
    /// The version, as in its paths.
    pub(super) name: &'static str,
    /// When HubSpot's support ends, if that is known.
    pub(super) support_ends: Option<&'static str>,
    /// The definitions of this API.
    pub(super) definitions: fn() -> &'static DefinitionTable,
    pub(super) writes: WriteMode,
    pub(super) success: SuccessProof,
    /// Whether responses with associations name the records that they are about.
    pub(super) names_records: bool,
    pub(super) limits: BatchLimits,
    pub(super) paths: ApiPaths,
    pub(super) wire_format: WireFormat,
}

/// What a write does to other types of its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteMode {
    /// They are kept.
    Add,
    /// They are replaced.
    Replace,
}

/// What confirms a write: the status or the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuccessProof {
    ByStatus,
    ByBody,
}

/// The limits of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimits {
    /// The most links to create.
    pub(super) created: usize,
    /// The most links to remove.
    pub(super) removed: usize,
    /// The most rows of one read.
    pub(super) read_rows: usize,
    /// The most rows of one read if they have different records.
    pub(super) read_records: usize,
}

/// Paths that are not about associations.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiPaths {
    /// The prefix for objects of a type.
    pub(super) objects: &'static str,
    /// The prefix for the properties of a type.
    pub(super) properties: &'static str,
    /// Reads the account by `GET`.
    pub(super) account: &'static str,
    /// Reads the daily quota by `GET`.
    pub(super) day: &'static str,
    /// Grants access tokens by `POST`; all versions use the same form.
    pub(super) token: &'static str,
    /// The paths without an id in them, which most calls use.
    pub(super) fixed: &'static [&'static str],
}

/// The verdict of a response, and its payload.
type VerdictAndPayload = (Verdict, Option<ResponsePayload>);

/// How operations become requests, and responses become verdicts.
#[derive(Clone, Copy, Debug)]
pub(super) struct WireFormat {
    /// The class in which an operation counts.
    pub(super) class: fn(Operation<'_>) -> RateClass,
    /// The group of a request: requests of the same group can share one call.
    pub(super) group: fn(LinkOperation, &LinkRequest) -> BatchGroup,
    /// The request for an operation on links or labels; `None` if the API does not have it.
    pub(super) request: fn(Operation<'_>) -> Option<ApiRequest>,
    /// The verdict and payload of a response to such an operation.
    pub(super) verdict: fn(Operation<'_>, &ParsedResponse, &[u8]) -> VerdictAndPayload,
}

impl ApiProfile {
    /// The version, as in its paths.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The definitions of this API.
    #[must_use]
    pub fn definitions(&self) -> &'static DefinitionTable {
        (self.definitions)()
    }

    /// The most links in one call.
    #[must_use]
    pub fn max_links_per_call(&self) -> usize {
        self.limits.created
    }

    /// The most rows of one read if they have different records.
    #[must_use]
    pub fn rows_per_read(&self) -> usize {
        self.limits.read_records
    }

    /// When HubSpot's support ends, if that is known.
    #[must_use]
    pub fn support_ends(&self) -> Option<&'static str> {
        self.support_ends
    }

    /// Whether a write replaces all other types between its two records.
    #[must_use]
    pub fn replaces_types(&self) -> bool {
        self.writes == WriteMode::Replace
    }

    /// Whether responses with associations name the records that they are about.
    pub(super) fn names_records(&self) -> bool {
        self.names_records
    }

    /// Whether the body of a success has to be read.
    pub(super) fn reads_success(&self) -> bool {
        self.success == SuccessProof::ByBody
    }

    pub(super) fn paths(&self) -> &ApiPaths {
        &self.paths
    }

    pub(super) fn class(&self, operation: Operation<'_>) -> RateClass {
        (self.wire_format.class)(operation)
    }

    /// The most links that one call can have, if the caller wants `rows` of them.
    pub(super) fn max_links(&self, operation: LinkOperation, rows: usize) -> usize {
        match operation {
            LinkOperation::Create => rows.min(self.limits.created),
            LinkOperation::Remove => rows.min(self.limits.removed),
            LinkOperation::Read => self.limits.read_rows,
            LinkOperation::Identify => rows.min(records::MAX_RECORDS),
        }
    }

    pub(super) fn batch_group(
        &self,
        operation: LinkOperation,
        request: &LinkRequest,
    ) -> BatchGroup {
        (self.wire_format.group)(operation, request)
    }

    /// The request for an operation on links, labels, records or properties; `None` if the API does
    /// not have it.
    pub(super) fn request(&self, operation: Operation<'_>) -> Option<ApiRequest> {
        let objects = |object_type| format!("{}{}", self.paths.objects, in_path(object_type));
        match operation {
            Operation::Records(object_type, ids) => {
                Some(records::request(&objects(object_type), ids))
            }
            Operation::ReadByKey(query) => {
                let path = objects(query.property.object_type);
                Some(record_keys::read(&path, query))
            }
            Operation::SearchByKey(query) => {
                let path = objects(query.property.object_type);
                Some(record_keys::search(&path, query))
            }
            Operation::Properties(query) => {
                let path = format!("{}{}", self.paths.properties, in_path(query.object_type));
                Some(properties::request(path, query.archived))
            }
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => (self.wire_format.request)(operation),
        }
    }

    /// The verdict and payload of a response to such an operation.
    pub(super) fn verdict(
        &self,
        operation: Operation<'_>,
        response: &ParsedResponse,
        body: &[u8],
    ) -> VerdictAndPayload {
        match operation {
            Operation::Records(_, ids) => records::verdict(ids, response, body),
            Operation::ReadByKey(query) => record_keys::read_verdict(query, response, body),
            Operation::SearchByKey(query) => record_keys::search_verdict(query, response, body),
            Operation::Properties(_) => properties::verdict(response, body),
            Operation::Create(_)
            | Operation::Remove(_)
            | Operation::Read(_)
            | Operation::Labels(..)
            | Operation::Limits
            | Operation::Account
            | Operation::Day
            | Operation::Scopes => (self.wire_format.verdict)(operation, response, body),
        }
    }
}
