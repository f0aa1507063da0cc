//! Which of HubSpot's APIs is spoken. Each is data and pure functions; nothing
//! outside this module's folder knows one from the other.

use std::{fmt, str::FromStr};

use super::{asked::Asked, dated, records, v1, verdict::Judged};
use crate::{
    api::{Act, Call, Class, Group, Told, Verdict},
    association::{Association, Order, Table, in_path},
};

/// An API for associations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// `/crm-associations/v1`
    #[default]
    V1,
    /// `/crm/associations/2026-09`
    V2026_09,
}

/// Text that names none.
#[derive(Debug, thiserror::Error)]
#[error("v1 or 2026-09 is needed")]
pub struct UnknownDialect;

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::V1, Self::V2026_09];

    /// The one that lasts longest.
    pub const LATEST: Self = Self::V2026_09;

    /// The version, as in its paths.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2026_09 => dated::VERSION,
        }
    }

    /// The definitions that it has.
    #[must_use]
    pub fn definitions(self) -> &'static Table {
        match self {
            Self::V1 => Table::v1(),
            Self::V2026_09 => Table::v2026_09(),
        }
    }

    /// Links in a call at most.
    #[must_use]
    pub fn most_links(self) -> usize {
        match self {
            Self::V1 => v1::MOST_LINKS,
            Self::V2026_09 => dated::MOST_LINKS,
        }
    }

    /// Rows that one look may be for, if they are of different records.
    #[must_use]
    pub fn rows_per_look(self) -> usize {
        match self {
            Self::V1 => 1,
            Self::V2026_09 => dated::MOST_ASKED,
        }
    }

    /// When HubSpot stops mending it, if that is known.
    #[must_use]
    pub fn support_ends(self) -> Option<&'static str> {
        match self {
            // HubSpot's changelog of 15 September 2026.
            Self::V1 => Some("September 2027"),
            Self::V2026_09 => None,
        }
    }

    /// Whether a write replaces what else stands between its two records.
    #[must_use]
    pub fn replaces(self) -> bool {
        match self {
            Self::V1 => false,
            Self::V2026_09 => true,
        }
    }

    /// Whether an answer about associations names the records that it is about.
    pub(super) fn names_records(self) -> bool {
        match self {
            Self::V1 => false,
            Self::V2026_09 => true,
        }
    }

    /// The path of all objects of a type.
    fn objects_path(self, object_type: &str) -> String {
        let object_type = in_path(object_type);
        match self {
            Self::V1 => format!("/crm/v3/objects/{object_type}"),
            Self::V2026_09 => format!("/crm/objects/{}/{object_type}", dated::VERSION),
        }
    }

    /// Whether an answer of success has to be read.
    pub(super) fn reads_success(self) -> bool {
        self.replaces()
    }

    pub(super) fn class(self, call: Call<'_>) -> Class {
        match (self, call) {
            // Objects have no window of their own.
            (_, Call::Records(..)) => Class::Single,
            (Self::V1, _) => call.class_by_size(),
            (Self::V2026_09, _) => dated::class(call),
        }
    }

    pub(super) fn most(self, act: Act, rows: usize) -> usize {
        match (self, act) {
            (_, Act::Identify) => rows.min(records::MOST),
            (Self::V1, _) => v1::most(act, rows),
            (Self::V2026_09, _) => dated::most(act, rows),
        }
    }

    pub(super) fn group(self, act: Act, order: &Order) -> Group {
        match self {
            Self::V1 => v1::group(act, order),
            Self::V2026_09 => dated::group(act, order),
        }
    }

    pub(super) fn as_read(self, link: &Association) -> Association {
        match self {
            Self::V1 => v1::as_read(link),
            Self::V2026_09 => link.as_read(),
        }
    }

    /// The request for a call about links or labels; `None` if there is none.
    pub(super) fn request(self, call: Call<'_>) -> Option<Asked> {
        match (self, call) {
            (_, Call::Records(object_type, ids)) => {
                Some(records::request(&self.objects_path(object_type), ids))
            }
            (Self::V1, _) => v1::request(call),
            (Self::V2026_09, _) => dated::request(call),
        }
    }

    /// The path that tells of the account by `GET`.
    pub(super) fn account_path(self) -> &'static str {
        match self {
            Self::V1 => "/account-info/v3/details",
            Self::V2026_09 => "/account-info/2026-09/details",
        }
    }

    /// The path that tells of the day's quota by `GET`.
    pub(super) fn day_path(self) -> &'static str {
        match self {
            Self::V1 => "/account-info/v3/api-usage/daily/private-apps",
            Self::V2026_09 => "/account-info/2026-09/api-usage/daily/private-apps",
        }
    }

    /// The path that grants access tokens by `POST`; both take the same form.
    pub(super) fn token_path(self) -> &'static str {
        match self {
            Self::V1 => "/oauth/v1/token",
            Self::V2026_09 => "/oauth/2026-09/token",
        }
    }

    /// What an answer to such a call means, and what it tells.
    pub(super) fn verdict(
        self,
        call: Call<'_>,
        answer: &Judged,
        body: &[u8],
    ) -> (Verdict, Option<Told>) {
        match (self, call) {
            (_, Call::Records(_, ids)) => records::verdict(ids, answer, body),
            (Self::V1, _) => v1::verdict(call, answer, body),
            (Self::V2026_09, _) => dated::verdict(call, answer, body),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(text: &str) -> Result<Self, UnknownDialect> {
        let mut all = Self::ALL.into_iter();
        all.find(|dialect| dialect.name() == text)
            .ok_or(UnknownDialect)
    }
}
