//! The definitions of the dated API of September 2026.

use std::sync::LazyLock;

use super::v1;
use crate::association::{DefinitionTable, TableSource};

/// The API's version, as in its paths.
pub const API: &str = "2026-09";

static TABLE: LazyLock<DefinitionTable> = LazyLock::new(|| {
    DefinitionTable::new(TableSource {
        api: API,
        text: include_str!("2026-09.tsv"),
        all: || TABLE.all(),
        previous: Some(v1::table()),
        divided_type: Some((
            "engagements",
            &["calls", "emails", "meetings", "notes", "tasks"],
        )),
        has_labels: true,
    })
});

/// The table.
#[must_use]
pub fn table() -> &'static DefinitionTable {
    &TABLE
}
