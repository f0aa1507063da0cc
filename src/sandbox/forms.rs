//! In which of its forms the API answers, where more than one is known.
//!
//! Only values and their wording.

use std::fmt::Display;

use super::{options::SandboxOptions, wrong::RefusalForm};

/// How ids are written in answers of the dated API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum IdForm {
    /// As JSON numbers, as recorded
    #[default]
    Numbers,
    /// As strings, as specified
    Strings,
}

/// The status of a batch of which some inputs could not be carried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum PartialStatus {
    /// As recorded
    #[default]
    #[value(name = "207")]
    MultiStatus,
    /// As specified since September 2026
    #[value(name = "200")]
    Ok,
}

/// All of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forms {
    pub(super) refusals: RefusalForm,
    pub(super) ids: IdForm,
    pub(super) partial: PartialStatus,
}

impl Forms {
    pub(super) fn of(options: &SandboxOptions) -> Self {
        Self {
            refusals: options.refusals,
            ids: options.id_form,
            partial: options.partial_status,
        }
    }
}

impl IdForm {
    /// An id as JSON.
    pub(super) fn told(self, id: impl Display) -> String {
        match self {
            Self::Numbers => id.to_string(),
            Self::Strings => format!("\"{id}\""),
        }
    }
}

impl PartialStatus {
    pub(super) fn status(self) -> u16 {
        match self {
            Self::MultiStatus => 207,
            Self::Ok => 200,
        }
    }
}
