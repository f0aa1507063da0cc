//! The definitions of `/crm-associations/v1`.

use std::sync::LazyLock;

use crate::association::{DefinitionTable, TableSource};

/// The API's version, as in its paths.
pub const API: &str = "v1";

static TABLE: LazyLock<DefinitionTable> = LazyLock::new(|| {
    DefinitionTable::new(TableSource {
        api: API,
        text: include_str!("v1.tsv"),
        all: || TABLE.all(),
        previous: None,
        divided_type: None,
        has_labels: false,
    })
});

/// The table.
#[must_use]
pub fn table() -> &'static DefinitionTable {
    &TABLE
}
