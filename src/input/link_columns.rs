//! The columns that say which link a row means.
//!
//! Plain data. Does not know how they are found, or what their cells mean.

use super::definition_source::DefinitionSource;

/// The columns of from, of to, and of the definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowColumns {
    pub(super) from: SideColumn,
    pub(super) to: SideColumn,
    pub(super) source: DefinitionSource,
}

/// The column that names the records of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SideColumn {
    pub(super) index: usize,
    /// The property whose values it has. `None` if it has ids.
    pub(super) property: Option<&'static str>,
}

impl RowColumns {
    /// All of them.
    pub(super) fn indexes(self) -> impl Iterator<Item = usize> + use<> {
        let sides = [self.from.index, self.to.index];
        sides.into_iter().chain(self.source.columns())
    }

    /// Those that have keys.
    pub(super) fn key_columns(self) -> impl Iterator<Item = usize> + use<> {
        let sides = [self.from, self.to].into_iter();
        let with_keys = sides.filter(|column| column.property.is_some());
        with_keys.map(|column| column.index)
    }

    /// Whether a side has keys.
    pub(super) fn have_keys(self) -> bool {
        self.key_count() > 0
    }

    /// How many sides have keys.
    pub(super) fn key_count(self) -> usize {
        self.key_columns().count()
    }
}

impl SideColumn {
    /// A column of ids.
    pub(super) fn of_ids(index: usize) -> Self {
        Self {
            index,
            property: None,
        }
    }
}
