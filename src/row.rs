//! A row of the input, and how it ended.
//!
//! Plain data: who reads rows, sends them or writes them down lives elsewhere.

use std::borrow::Cow;

use crate::{
    association::{Association, RecordId},
    code::Code,
    failure::LinkFault,
    http_status::HttpStatus,
    row_cells::RowCells,
};

pub use crate::{
    failure::Failure,
    status::{PerStatus, Status},
};

/// One data row of the input.
#[derive(Clone, Debug)]
pub struct Row {
    /// Data rows count from 1.
    pub number: u64,
    /// The physical line of the file on which it begins, from 1.
    pub line: u64,
    /// Its cells as text, as many as the header has.
    pub cells: RowCells,
    /// What it asks for, or why that is not certain. The ids are those that are
    /// sent.
    pub link: Result<Association, Box<Failure>>,
    /// The association as its cells say it, where those ids are others.
    pub as_written: Option<Box<Association>>,
}

impl Row {
    /// Its records have these ids today.
    pub fn set_current_ids(&mut self, today: Association) {
        if let Ok(link) = &mut self.link {
            let written = std::mem::replace(link, today);
            self.as_written.get_or_insert_with(|| Box::new(written));
        }
    }

    /// What there is to say of records that were merged, if any of its was.
    #[must_use]
    pub fn merge_note(&self) -> Option<Failure> {
        let (written, sent) = (self.as_written.as_ref()?, self.link.as_ref().ok()?);
        let (written, sent) = (**written, *sent);
        let merged = LinkFault::Merged { written, sent };
        Some(Failure::new(Code::RecordMerged, merged))
    }

    /// The ids that are sent, where they are not those in the cells.
    #[must_use]
    pub fn sent_ids(&self) -> [Option<RecordId>; 2] {
        let (Some(written), Ok(sent)) = (&self.as_written, &self.link) else {
            return [None, None];
        };
        [(written.from, sent.from), (written.to, sent.to)]
            .map(|(written, sent)| (written != sent).then_some(sent))
    }
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered that the link stands.
    Succeeded {
        /// The status of that answer.
        http_status: HttpStatus,
    },
    /// The link stood before the run.
    Already,
    /// The server refused the row for good, or its tries are used up.
    Failed(Box<Failure>),
    /// The row itself is wrong; nothing was sent.
    Invalid(Box<Failure>),
    /// The link is gone by this undo.
    Removed {
        /// The status of the answer that said so, if something had to be sent.
        http_status: Option<HttpStatus>,
        /// Why it is not certain, where the answer names no record and the id in the
        /// file may not be the record's own.
        unproven: Option<Box<Failure>>,
    },
    /// The undo left it as it is, for a reason that is no fault.
    Kept(Box<Failure>),
    /// The link stands as the run wrote it.
    Present,
    /// HubSpot does not have the link.
    Missing(Box<Failure>),
    /// Whether HubSpot has the link is not known.
    Unreadable(Box<Failure>),
}

impl Outcome {
    /// The same without its particulars.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Succeeded { .. } => Status::Succeeded,
            Self::Already => Status::Already,
            Self::Failed(_) => Status::Failed,
            Self::Invalid(_) => Status::Invalid,
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

    /// What is wrong, if something is.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.note().filter(|_| self.status().is_bad())
    }

    /// What `assoc_code` and the columns after it say: what is wrong, or why
    /// the row was left as it is.
    #[must_use]
    pub fn note(&self) -> Option<&Failure> {
        match self {
            Self::Succeeded { .. } | Self::Already | Self::Present => None,
            Self::Removed { unproven, .. } => unproven.as_deref(),
            Self::Failed(note)
            | Self::Invalid(note)
            | Self::Kept(note)
            | Self::Missing(note)
            | Self::Unreadable(note) => Some(note),
        }
    }

    /// Whether it was kept because nobody knows whether its link is there: it may be
    /// what the run has made.
    #[must_use]
    pub fn is_left_open(&self) -> bool {
        matches!(self, Self::Kept(why) if why.code.leaves_open())
    }

    /// What somebody has to look at: what is wrong, or why it was left open.
    #[must_use]
    pub fn problem(&self) -> Option<&Failure> {
        self.note()
            .filter(|_| self.status().is_bad() || self.is_left_open())
    }

    /// The status of the last answer, where there was one that counts.
    #[must_use]
    pub fn http_status(&self) -> Option<HttpStatus> {
        match self {
            Self::Succeeded { http_status } => Some(*http_status),
            Self::Removed { http_status, .. } => *http_status,
            Self::Already | Self::Present => None,
            Self::Failed(note)
            | Self::Invalid(note)
            | Self::Kept(note)
            | Self::Missing(note)
            | Self::Unreadable(note) => note.http_status,
        }
    }
}

/// A row together with how it ended.
#[derive(Clone, Debug)]
pub struct RowReport {
    /// The row.
    pub row: Row,
    /// Requests sent for it.
    pub attempts: u32,
    /// Whether HubSpot named it among others that it found nothing wrong with.
    pub singled_out: bool,
    /// How it ended; `None` where that is not known, or it was never tried.
    pub outcome: Option<Outcome>,
    /// When that stood.
    pub finished_at: jiff::Timestamp,
}

impl RowReport {
    /// What `assoc_code` and the columns after it say: how the row ended, or else
    /// that it is about a record that was merged.
    #[must_use]
    pub fn note(&self) -> Option<Cow<'_, Failure>> {
        let outcome = self.outcome.as_ref()?;
        let note = outcome.note().map(Cow::Borrowed);
        note.or_else(|| self.row.merge_note().map(Cow::Owned))
    }

    /// Of a row that is wrong in itself, and that nothing was sent for.
    #[must_use]
    pub fn invalid(row: Row, failure: impl Into<Box<Failure>>) -> Self {
        Self::without_write(row, Outcome::Invalid(failure.into()))
    }

    /// Of a row for which nothing was sent but questions.
    #[must_use]
    pub fn without_write(row: Row, outcome: Outcome) -> Self {
        Self {
            row,
            attempts: 0,
            singled_out: false,
            outcome: Some(outcome),
            finished_at: jiff::Timestamp::now(),
        }
    }
}
