//! What a call comes to, whatever API it speaks: what it is for, if it is for anything, and
//! what of it was carried out.
//!
//! Plain data.

/// What a request comes to, whatever API it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Create,
    Remove,
    Read,
    Record,
    Labels,
    Limits,
    Other,
}

/// A path or method that is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unrouted {
    NoSuchPath,
    WrongMethod,
}

/// What of a call was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// Nothing, or there was nothing to.
    Nothing,
    /// All that it asks for.
    Whole,
    /// Those of its associations whose mark is set.
    Some(Vec<bool>),
}

impl Carried {
    /// Whether the association of this index was.
    pub(super) fn of(&self, index: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Whole => true,
            Self::Some(marks) => marks.get(index).copied().unwrap_or(false),
        }
    }

    /// Whether anything was.
    pub(super) fn any(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Whole => true,
            Self::Some(marks) => marks.contains(&true),
        }
    }
}
