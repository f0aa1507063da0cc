//! What of a call was carried out, one mark for each of its associations.
//!
//! Plain data.

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
