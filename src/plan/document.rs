//! The plan as a JSON document: what it is about, its counts and its digest. An apply reads it, and
//! a person approves its digest.
//!
//! The order of the fields is part of the format, because the digest is computed over them.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::{hex::hex, os_text, plan_action::PlanAction};

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDocument {
    /// The command that writes it: `plan`. It comes first, so that nobody takes the document for a
    /// summary of a run, which may be replaced.
    pub command: String,
    /// See [`PlanDocument::VERSION`].
    pub version: u32,
    /// SHA-256 over all other fields.
    pub digest: String,
    /// When and by what it was made.
    pub made: PlanOrigin,
    /// The input and the files of the plan.
    pub files: PlanFiles,
    /// Where the links go.
    pub account: PlannedAccount,
    /// The options that say how the input is read and sent, by name.
    #[serde(with = "os_text::values")]
    pub options: BTreeMap<String, OsString>,
    /// How many rows have which action.
    pub rows: PlanCounts,
    /// What an apply takes.
    pub effort: PlanEffort,
}

/// When and by what a plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOrigin {
    /// When the last row was planned.
    pub at: Timestamp,
    /// The version of this program.
    pub program_version: String,
}

/// The input and the files of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFiles {
    /// The input, as it was given.
    #[serde(with = "os_text")]
    pub input: PathBuf,
    /// Its size in bytes.
    pub input_bytes: u64,
    /// SHA-256 of the whole input.
    pub input_sha256: String,
    /// The results that an apply writes.
    #[serde(with = "os_text")]
    pub results: PathBuf,
    /// The name of the plan log, which is in the folder of this document.
    #[serde(with = "os_text")]
    pub log: PathBuf,
    /// SHA-256 of the plan log.
    pub log_sha256: String,
}

/// Where the links go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedAccount {
    /// Base URL.
    pub target: String,
    /// The API's version.
    pub api: String,
    /// The number of the account, if HubSpot said it.
    pub id: Option<u64>,
    /// The labels that rows refer to, with their types.
    pub labels: Vec<PlannedLabel>,
}

/// A label, and the type that it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedLabel {
    /// Object type of the from side.
    pub from: String,
    /// Object type of the to side.
    pub to: String,
    /// Its name; empty for the unlabeled association.
    pub label: String,
    /// Its type, such as `USER_DEFINED=37`.
    #[serde(rename = "type")]
    pub association_type: String,
}

/// How many rows have which action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCounts {
    /// All rows.
    pub total: u64,
    /// Rows per action.
    pub actions: BTreeMap<String, u64>,
    /// Rows per code.
    pub codes: BTreeMap<String, u64>,
}

/// What an apply takes, as far as the plan shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEffort {
    /// Calls that write, without retries.
    pub write_calls: u64,
    /// Calls that read again what exists.
    pub read_calls: u64,
    /// These calls per window of the quota.
    pub calls_by_window: BTreeMap<String, u64>,
    /// How long they take, if the pace is limited.
    pub seconds: Option<u64>,
    /// The calls that the account has in a day, if HubSpot said so.
    pub daily_calls: Option<u64>,
    /// The calls left today, if HubSpot said so.
    pub daily_calls_remaining: Option<u64>,
    /// Calls that the plan itself sent.
    pub calls_of_plan: u64,
}

impl PlanDocument {
    /// The version of the fields. It changes when a field changes its meaning.
    pub const VERSION: u32 = 1;

    /// The command that writes plans.
    pub const COMMAND: &str = "plan";

    /// The characters of a digest that are shown, and that are enough to approve it.
    pub const SHORT_DIGEST: usize = 12;

    /// Sets the digest over all other fields.
    #[must_use]
    pub fn with_digest(self) -> Self {
        let digest = self.computed_digest();
        Self { digest, ..self }
    }

    /// Whether the digest fits to the other fields.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.digest == self.computed_digest()
    }

    /// The part of the digest that people see.
    #[must_use]
    pub fn short_digest(&self) -> &str {
        let short = self.digest.get(..Self::SHORT_DIGEST);
        short.unwrap_or(&self.digest)
    }

    /// Whether somebody who approves this digest approves this plan.
    #[must_use]
    pub fn is_approved_by(&self, digest: &str) -> bool {
        digest.len() >= Self::SHORT_DIGEST && self.digest.starts_with(digest)
    }

    /// As text, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // All keys are texts, so it cannot fail.
        let json = serde_json::to_string_pretty(self);
        json.unwrap_or_default() + "\n"
    }

    /// Reads a document.
    ///
    /// # Errors
    /// If it is not a plan of this version.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    fn computed_digest(&self) -> String {
        let without_digest = Self {
            digest: String::new(),
            ..self.clone()
        };
        hex(digest(&SHA256, without_digest.to_json().as_bytes()).as_ref())
    }
}

impl PlanCounts {
    /// Rows with this action.
    #[must_use]
    pub fn with_action(&self, action: PlanAction) -> u64 {
        self.actions.get(action.word()).copied().unwrap_or(0)
    }

    /// Rows whose links are written.
    #[must_use]
    pub fn writes(&self) -> u64 {
        let writing = PlanAction::ALL.iter().filter(|action| action.writes());
        writing.map(|action| self.with_action(*action)).sum()
    }

    /// Adds a row.
    pub fn add(&mut self, action: PlanAction, code: Option<&'static str>) {
        self.total += 1;
        let count = |counts: &mut BTreeMap<String, u64>, word: &str| {
            if let Some(rows) = counts.get_mut(word) {
                *rows += 1;
            } else {
                counts.insert(word.to_owned(), 1);
            }
        };
        count(&mut self.actions, action.word());
        if let Some(code) = code {
            count(&mut self.codes, code);
        }
    }
}
