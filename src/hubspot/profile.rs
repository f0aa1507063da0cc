//! What differs between HubSpot's APIs for associations, as data and pure functions.
//!
//! Names no version: each has a folder of its own, and `api_version` lists them.

use super::{records, request::ApiRequest, verdict::ParsedResponse};
use crate::{
    api::{BatchGroup, LinkOperation, Operation, RateClass, ResponsePayload, Verdict},
    association::{DefinitionTable, WriteRequest, in_path},
};

/// An API for associations.
#[derive(Debug)]
pub struct ApiProfile {
    /// The version, as in its paths.
    pub(super) name: &'static str,
    /// When HubSpot stops mending it, if that is known.
    pub(super) support_ends: Option<&'static str>,
    /// The definitions that it has.
    pub(super) definitions: fn() -> &'static DefinitionTable,
    pub(super) writes: WriteMode,
    pub(super) success: SuccessProof,
    /// Whether an answer about associations names the records that it is about.
    pub(super) names_records: bool,
    pub(super) limits: BatchLimits,
    pub(super) paths: ApiPaths,
    pub(super) wire_format: WireFormat,
}

/// What a write does to other links of its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WriteMode {
    /// They stay.
    Add,
    /// They are replaced.
    Replace,
}

/// What tells that a write is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SuccessProof {
    ByStatus,
    ByBody,
}

/// What a call may hold at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimits {
    /// Links in one that makes some.
    pub(super) created: usize,
    /// Links in one that takes some away.
    pub(super) removed: usize,
    /// Rows that a question may be asked for.
    pub(super) read_rows: usize,
    /// Rows that a question may be for if they are of different records.
    pub(super) read_records: usize,
}

/// Paths that are no matter of associations.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiPaths {
    /// Begins that of all objects of a type.
    pub(super) objects: &'static str,
    /// Tells of the account by `GET`.
    pub(super) account: &'static str,
    /// Tells of the day's quota by `GET`.
    pub(super) day: &'static str,
    /// Grants access tokens by `POST`; all take the same form.
    pub(super) token: &'static str,
    /// Those without an id in them, which most calls go to.
    pub(super) fixed: &'static [&'static str],
}

/// What an answer means, and what it tells.
type VerdictAndPayload = (Verdict, Option<ResponsePayload>);

/// How calls are worded, and answers read.
#[derive(Clone, Copy, Debug)]
pub(super) struct WireFormat {
    /// In which window a call counts.
    pub(super) class: fn(Operation<'_>) -> RateClass,
    /// With which others an order may be in one call.
    pub(super) group: fn(LinkOperation, &WriteRequest) -> BatchGroup,
    /// The request for a call about links or labels; `None` if there is none.
    pub(super) request: fn(Operation<'_>) -> Option<ApiRequest>,
    /// What an answer to such a call means, and what it tells.
    pub(super) verdict: fn(Operation<'_>, &ParsedResponse, &[u8]) -> VerdictAndPayload,
}

impl ApiProfile {
    /// The version, as in its paths.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The definitions that it has.
    #[must_use]
    pub fn definitions(&self) -> &'static DefinitionTable {
        (self.definitions)()
    }

    /// Links in a call at most.
    #[must_use]
    pub fn max_links_per_call(&self) -> usize {
        self.limits.created
    }

    /// Rows that one look may be for, if they are of different records.
    #[must_use]
    pub fn rows_per_read(&self) -> usize {
        self.limits.read_records
    }

    /// When HubSpot stops mending it, if that is known.
    #[must_use]
    pub fn support_ends(&self) -> Option<&'static str> {
        self.support_ends
    }

    /// Whether a write replaces what else stands between its two records.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.writes == WriteMode::Replace
    }

    /// Whether an answer about associations names the records that it is about.
    pub(super) fn names_records(&self) -> bool {
        self.names_records
    }

    /// Whether an answer of success has to be read.
    pub(super) fn reads_success(&self) -> bool {
        self.success == SuccessProof::ByBody
    }

    pub(super) fn paths(&self) -> &ApiPaths {
        &self.paths
    }

    pub(super) fn class(&self, operation: Operation<'_>) -> RateClass {
        if matches!(operation, Operation::Records(..)) {
            // Objects have no window of their own.
            return RateClass::Single;
        }
        (self.wire_format.class)(operation)
    }

    /// Links in such a call at most, where so many rows in a call are wanted.
    pub(super) fn max_links(&self, operation: LinkOperation, rows: usize) -> usize {
        match operation {
            LinkOperation::Create => rows.min(self.limits.created),
            LinkOperation::Remove => rows.min(self.limits.removed),
            LinkOperation::Read => self.limits.read_rows,
            LinkOperation::Identify => rows.min(records::MOST),
        }
    }

    pub(super) fn batch_group(&self, operation: LinkOperation, write: &WriteRequest) -> BatchGroup {
        (self.wire_format.group)(operation, write)
    }

    /// The request for a call about links, labels or records; `None` if there is none.
    pub(super) fn request(&self, operation: Operation<'_>) -> Option<ApiRequest> {
        let Operation::Records(object_type, ids) = operation else {
            return (self.wire_format.request)(operation);
        };
        let path = format!("{}{}", self.paths.objects, in_path(object_type));
        Some(records::request(&path, ids))
    }

    /// What an answer to such a call means, and what it tells.
    pub(super) fn verdict(
        &self,
        operation: Operation<'_>,
        response: &ParsedResponse,
        body: &[u8],
    ) -> VerdictAndPayload {
        let Operation::Records(_, ids) = operation else {
            return (self.wire_format.verdict)(operation, response, body);
        };
        records::verdict(ids, response, body)
    }
}
