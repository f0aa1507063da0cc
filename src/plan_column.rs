//! The columns that the rows of a plan have besides those of the input.
//!
//! `output::plan_rows` writes them, and the input leaves them out again.

use crate::results_column::ResultsColumn;

macro_rules! columns {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:expr,)+) => {
        /// A column that this program adds to the rows of a plan.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PlanColumn { $($(#[doc = $meaning])+ $variant,)+ }

        impl PlanColumn {
            /// Every column, in the order of the file.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in the header.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

columns! {
    /// The number of the data row, from 1.
    Row = ResultsColumn::Row.name(),
    /// What an import would do.
    Action = "plan_action",
    /// The reason, as a stable code.
    Code = "plan_code",
    /// The reason, as a sentence.
    Message = "plan_message",
    /// What exists before.
    Before = "plan_before",
}

impl PlanColumn {
    /// The column with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|column| column.name() == name)
    }
}
