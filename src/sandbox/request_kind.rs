//! What a request asks for and what was applied of it, independent of the API.
//!
//! Plain data.

/// The kind of a request, independent of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Create,
    Remove,
    ReadLinks,
    ReadRecords,
    Search,
    Properties,
    Labels,
    Limits,
    Other,
}

/// Why a path and method have no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteError {
    NotFound,
    MethodNotAllowed,
}

/// What was applied of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AppliedChanges {
    /// Nothing, or there was nothing to apply.
    None,
    /// Everything that the call asks for.
    All,
    /// The associations whose mark is set.
    Only(Vec<bool>),
}

impl AppliedChanges {
    /// Whether the association with this index was applied.
    pub(super) fn includes(&self, index: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(marks) => marks.get(index).copied().unwrap_or(false),
        }
    }

    /// Whether anything was applied.
    pub(super) fn any(&self) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(marks) => marks.contains(&true),
        }
    }
}
