//! What an import would do for a row, as a plan says it, and what exists before.
//!
//! Plain data. Does not know how it was found out.

use crate::association::{AssociationType, RecordId};

macro_rules! actions {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $word:literal,)+) => {
        /// What an import would do for a row, as one stable word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum PlanAction { $($(#[doc = $meaning])+ $variant,)+ }

        impl PlanAction {
            /// Every action, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The word in the files of a plan.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What it means, for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+).trim_ascii(),)+ }
            }
        }
    };
}

actions! {
    /// The two records have no association. The link is created.
    Create = "create",
    /// The two records are associated under other labels. This one is added.
    AddLabel = "add_label",
    /// The record has another primary company or parent, which the link replaces.
    ReplacePrimary = "replace_primary",
    /// The link exists, or an earlier row of the file creates it. Nothing is sent.
    None = "none",
    /// The row cannot be imported. Nothing is sent.
    Cannot = "cannot",
}

impl PlanAction {
    /// The action with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.word() == word)
    }

    /// Whether a link is written.
    #[must_use]
    pub const fn writes(self) -> bool {
        match self {
            Self::Create | Self::AddLabel | Self::ReplacePrimary => true,
            Self::None | Self::Cannot => false,
        }
    }
}

/// What exists where the link of a row goes, in the canonical direction of the link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinksBefore {
    /// The types between the two records, in ascending order.
    pub types: Vec<AssociationType>,
    /// The other record that is the primary one or the parent, and would be replaced.
    pub replaced: Option<RecordId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_parses() {
        for action in PlanAction::ALL.iter().copied() {
            assert_eq!(PlanAction::parse(action.word()), Some(action));
        }
        assert_eq!(PlanAction::parse("Create"), None);
    }
}
