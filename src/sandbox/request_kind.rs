//! What a call comes to, whatever API it speaks: what it is for, if it is for anything, and
//! what of it was carried out.
//!
//! Plain data.

/// What a request comes to, whatever API it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Create,
    Remove,
    ReadLinks,
    ReadRecords,
    Labels,
    Limits,
    Other,
}

/// A path or method that is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RouteError {
    NotFound,
    MethodNotAllowed,
}

/// What of a call was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AppliedChanges {
    /// Nothing, or there was nothing to apply.
    None,
    /// All that it asks for.
    All,
    /// Those of its associations whose mark is set.
    Only(Vec<bool>),
}

impl AppliedChanges {
    /// Whether the association of this index was.
    pub(super) fn includes(&self, index: usize) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(marks) => marks.get(index).copied().unwrap_or(false),
        }
    }

    /// Whether anything was.
    pub(super) fn any(&self) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Only(marks) => marks.contains(&true),
        }
    }
}
