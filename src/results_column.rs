//! The columns that a results file has after those of its input: their names, and
//! which of them a file has.
//!
//! Who writes them is `output::results`, who reads them back `journal::record`.

macro_rules! columns {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal,)+) => {
        /// A column of the results that is ours.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ResultsColumn { $($(#[doc = $meaning])+ $variant,)+ }

        impl ResultsColumn {
            /// Every column, in the order in which a new file has them. New ones
            /// follow at the end.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

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
    Row = "assoc_row",
    /// The physical line on which it begins, from 1.
    Line = "assoc_line",
    /// How it ended.
    Status = "assoc_status",
    /// The status of the last answer.
    HttpStatus = "assoc_http_status",
    /// Requests sent for it.
    Attempts = "assoc_attempts",
    /// Why it ended so, as a stable word.
    Code = "assoc_code",
    /// The same as a sentence.
    Message = "assoc_message",
    /// HubSpot's own id of the last answer.
    CorrelationId = "assoc_correlation_id",
    /// When it ended.
    FinishedAt = "assoc_finished_at",
    /// The from id that was sent, where it is not the one in the cell.
    FromId = "assoc_from_id",
    /// The to id that was sent, where it is not the one in the cell.
    ToId = "assoc_to_id",
}

impl ResultsColumn {
    /// Those of the first two formats of the run log, which do not list theirs.
    const FIRST: usize = 9;

    /// The columns of a file whose run log does not list them.
    #[must_use]
    pub fn unlisted() -> &'static [Self] {
        &Self::ALL[..Self::FIRST]
    }

    /// The column of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|column| column.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_name_and_has_its_own_place() {
        for (at, column) in ResultsColumn::ALL.iter().copied().enumerate() {
            assert_eq!(ResultsColumn::parse(column.name()), Some(column));
            assert_eq!(column as usize, at);
        }
        assert_eq!(ResultsColumn::parse("assoc_Row"), None);
    }
}
