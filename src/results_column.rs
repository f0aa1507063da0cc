//! The columns that a results file adds to those of its input: their names, and which of them a
//! file has.
//!
//! `output::results` writes them, and `journal::results_line` reads them.

macro_rules! columns {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal,)+) => {
        /// A column that this program adds to the results.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ResultsColumn { $($(#[doc = $meaning])+ $variant,)+ }

        impl ResultsColumn {
            /// Every column, in the order of a new file. New columns go to the end.
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
    /// The physical line on which the row begins, from 1.
    Line = "assoc_line",
    /// How it ended.
    Status = "assoc_status",
    /// The status of the last response.
    HttpStatus = "assoc_http_status",
    /// The number of requests that were sent for it.
    Attempts = "assoc_attempts",
    /// The reason, as a stable code.
    Code = "assoc_code",
    /// The reason, as a sentence.
    Message = "assoc_message",
    /// HubSpot's correlation id of the last response.
    CorrelationId = "assoc_correlation_id",
    /// When it ended.
    FinishedAt = "assoc_finished_at",
    /// The from id that was sent, if it differs from the cell.
    FromId = "assoc_from_id",
    /// The to id that was sent, if it differs from the cell.
    ToId = "assoc_to_id",
}

impl ResultsColumn {
    /// The number of columns in the first two formats of the run log, which do not list them.
    const FIRST: usize = 9;

    /// The columns of a file whose run log does not list them.
    #[must_use]
    pub fn unlisted() -> &'static [Self] {
        &Self::ALL[..Self::FIRST]
    }

    /// The column with this name.
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
    fn every_column_parses_and_has_its_own_index() {
        for (at, column) in ResultsColumn::ALL.iter().copied().enumerate() {
            assert_eq!(ResultsColumn::parse(column.name()), Some(column));
            assert_eq!(column as usize, at);
        }
        assert_eq!(ResultsColumn::parse("assoc_Row"), None);
    }
}
