//! A row of the input, and its outcome.
//!
//! Plain data: other modules read rows, send them and write them down.

use std::borrow::Cow;

use crate::{
    association::{Association, Definition, RecordId, RecordKey, RecordReference},
    code::Code,
    failure::LinkFault,
    http_status::HttpStatus,
    plan_action::{LinksBefore, PlanAction},
    row_cells::RowCells,
};

pub use crate::{
    failure::Failure,
    status::{PerStatus, Status},
};

/// One data row of the input.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number of the data row, from 1.
    pub number: u64,
    /// The physical line of the file on which it begins, from 1.
    pub line: u64,
    /// Its cells as text, as many as the header has.
    pub cells: RowCells,
    /// The link to write, or why the row is not certain.
    pub link: Result<RowLink, Box<Failure>>,
    /// What the row was about at first, if other ids are sent than those in its cells.
    pub origin: Option<Box<LinkOrigin>>,
}

/// The link of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowLink {
    /// The ids of both records are known. They are those that are sent.
    Known(Association),
    /// A record has to be found by its key first.
    Keyed(Box<KeyedLink>),
}

/// A link that names a record by a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyedLink {
    /// The record that the link starts from.
    pub from: RecordReference,
    /// The record that the link leads to.
    pub to: RecordReference,
    /// What the link means.
    pub definition: Definition,
}

/// What a row was about before other ids than those in its cells were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOrigin {
    /// The link with the ids that the cells have, or that their keys led to.
    pub link: Association,
    /// The keys by which its ends were found.
    pub keys: [Option<RecordKey>; 2],
    /// What the results say about the row if it succeeds.
    pub note: Option<Failure>,
}

impl From<Association> for LinkOrigin {
    /// Both ids stand in the cells.
    fn from(link: Association) -> Self {
        Self {
            link,
            keys: [None, None],
            note: None,
        }
    }
}

impl From<Association> for RowLink {
    fn from(link: Association) -> Self {
        Self::Known(link)
    }
}

impl RowLink {
    /// What the link means.
    #[must_use]
    pub fn definition(&self) -> Definition {
        match self {
            Self::Known(link) => link.definition,
            Self::Keyed(link) => link.definition,
        }
    }

    /// What the link means, to be replaced.
    pub fn definition_mut(&mut self) -> &mut Definition {
        match self {
            Self::Known(link) => &mut link.definition,
            Self::Keyed(link) => &mut link.definition,
        }
    }
}

impl Row {
    /// The link, if the row is certain and the ids of its records are known.
    #[must_use]
    pub fn association(&self) -> Option<&Association> {
        match &self.link {
            Ok(RowLink::Known(link)) => Some(link),
            Ok(RowLink::Keyed(_)) | Err(_) => None,
        }
    }

    /// Replaces the ids by the current ones of the records.
    pub fn set_current_ids(&mut self, current: Association) {
        if let Ok(RowLink::Known(link)) = &mut self.link {
            let before = std::mem::replace(link, current);
            self.origin.get_or_insert_with(|| Box::new(before.into()));
        }
    }

    /// Sets what the results say about the row if it succeeds.
    pub fn set_success_note(&mut self, note: Failure) {
        if let Some(sent) = self.association().copied() {
            let origin = self.origin.get_or_insert_with(|| Box::new(sent.into()));
            origin.note = Some(note);
        }
    }

    /// A note for the results if the row succeeds, but one of its records was merged or is one of
    /// several.
    #[must_use]
    pub fn success_note(&self) -> Option<Failure> {
        let (origin, sent) = (self.origin.as_ref()?, *self.association()?);
        if origin.note.is_some() {
            return origin.note.clone();
        }
        let written = origin.link;
        let is_merged = (written.from, written.to) != (sent.from, sent.to);
        let merged = || Failure::new(Code::RecordMerged, LinkFault::Merged { written, sent });
        is_merged.then(merged)
    }

    /// The ids that are sent, where they do not stand in the cells.
    #[must_use]
    pub fn sent_ids(&self) -> [Option<RecordId>; 2] {
        let (Some(origin), Some(sent)) = (&self.origin, self.association()) else {
            return [None, None];
        };
        let [from_key, to_key] = origin.keys.each_ref().map(Option::is_some);
        [
            (from_key || origin.link.from != sent.from).then_some(sent.from),
            (to_key || origin.link.to != sent.to).then_some(sent.to),
        ]
    }
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// HubSpot reported that the link was written.
    Succeeded {
        /// The status of the response.
        http_status: HttpStatus,
    },
    /// The link existed before the run.
    Already,
    /// HubSpot refused the row permanently, or all tries failed.
    Failed(Box<Failure>),
    /// The row itself is wrong; nothing was sent.
    Invalid(Box<Failure>),
    /// What an import would do. Only the rows of a plan end like this.
    Planned(Box<PlannedRow>),
    /// The undo removed the link.
    Removed {
        /// The status of the response, if a request was needed.
        http_status: Option<HttpStatus>,
        /// Why it is not certain. The response names no records, and the id in the file may not be
        /// the current one.
        unproven: Option<Box<Failure>>,
    },
    /// The undo did not change it, for a reason that is not an error.
    Kept(Box<Failure>),
    /// The link exists as the run wrote it.
    Present,
    /// HubSpot does not have the link.
    Missing(Box<Failure>),
    /// It is not known whether HubSpot has the link.
    Unreadable(Box<Failure>),
}

impl Outcome {
    /// The status without the details.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Already => Status::Already,
            Self::Failed(_) => Status::Failed,
            Self::Invalid(_) => Status::Invalid,
            Self::Planned(planned) if planned.action == PlanAction::None => Status::Already,
            Self::Planned(_) => Status::Planned,
            Self::Removed { .. } => Status::Removed,
            Self::Kept(_) => Status::Kept,
            Self::Present => Status::Present,
            Self::Missing(_) => Status::Missing,
            Self::Unreadable(_) => Status::Unreadable,
        }
    }

    /// The word in the column `assoc_status`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.status().word()
    }

    /// The failure, if the row is bad.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.note().filter(|_| self.status().is_bad())
    }

    /// What `assoc_code` and the columns after it contain: what is wrong, or why the row was not
    /// changed.
    #[must_use]
    pub fn note(&self) -> Option<&Failure> {
        match self {
            Self::Succeeded { .. } | Self::Already | Self::Present => None,
            Self::Removed { unproven, .. } => unproven.as_deref(),
            Self::Planned(planned) => planned.note.as_ref(),
            Self::Failed(note)
            | Self::Invalid(note)
            | Self::Kept(note)
            | Self::Missing(note)
            | Self::Unreadable(note) => Some(note),
        }
    }

    /// Whether the row was kept because it is unknown if its link exists: the run may have created
    /// it.
    #[must_use]
    pub fn is_link_unknown(&self) -> bool {
        matches!(self, Self::Kept(why) if why.code.leaves_link_unknown())
    }

    /// What the user has to look at: what is wrong, or why the row was left open.
    #[must_use]
    pub fn problem(&self) -> Option<&Failure> {
        self.note()
            .filter(|_| self.status().is_bad() || self.is_link_unknown())
    }

    /// The status of the last response, if there is a relevant one.
    #[must_use]
    pub fn http_status(&self) -> Option<HttpStatus> {
        match self {
            Self::Succeeded { http_status } => Some(*http_status),
            Self::Removed { http_status, .. } => *http_status,
            Self::Already | Self::Present | Self::Planned(_) => None,
            Self::Failed(note)
            | Self::Invalid(note)
            | Self::Kept(note)
            | Self::Missing(note)
            | Self::Unreadable(note) => note.http_status,
        }
    }
}

/// What an import would do for a row that it can import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// What is done; never [`PlanAction::Cannot`].
    pub action: PlanAction,
    /// What exists before.
    pub before: LinksBefore,
    /// Why nothing is done, or what else is to be known of the row.
    pub note: Option<Failure>,
}

/// A row and its outcome.
#[derive(Clone, Debug)]
pub struct RowReport {
    /// The row.
    pub row: Row,
    /// The number of requests that were sent for it.
    pub attempts: u32,
    /// Whether HubSpot named this row as the bad one among others.
    pub singled_out: bool,
    /// Whether one of the requests may have written its link, as no response says otherwise.
    pub may_have_written: bool,
    /// The outcome; `None` if it is unknown or the row was never tried.
    pub outcome: Option<Outcome>,
    /// When the outcome was known.
    pub finished_at: jiff::Timestamp,
}

impl RowReport {
    /// What `assoc_code` and the columns after it contain: the reason for the outcome, or else that
    /// a record was merged.
    #[must_use]
    pub fn note(&self) -> Option<Cow<'_, Failure>> {
        let outcome = self.outcome.as_ref()?;
        let note = outcome.note().map(Cow::Borrowed);
        note.or_else(|| self.row.success_note().map(Cow::Owned))
    }

    /// The report of an invalid row, for which nothing was sent.
    #[must_use]
    pub fn invalid(row: Row, failure: impl Into<Box<Failure>>) -> Self {
        Self::without_write(row, Outcome::Invalid(failure.into()))
    }

    /// The report of a row for which nothing was written.
    #[must_use]
    pub fn without_write(row: Row, outcome: Outcome) -> Self {
        Self {
            row,
            attempts: 0,
            singled_out: false,
            may_have_written: false,
            outcome: Some(outcome),
            finished_at: jiff::Timestamp::now(),
        }
    }
}
