//! The definitions of `/crm-associations/v1`.

use std::sync::LazyLock;

use crate::association::{Source, Table};

/// The API's version, as in its paths.
pub const API: &str = "v1";

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::read(Source {
        api: API,
        text: include_str!("v1.tsv"),
        all: || TABLE.all(),
        before: None,
        divided: None,
        has_labels: false,
    })
});

/// All of them.
#[must_use]
pub fn table() -> &'static Table {
    &TABLE
}
