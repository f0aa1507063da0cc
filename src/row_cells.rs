//! The cells of a row: all texts in one string, and the end of each. Knows nothing about CSV.

use std::ops::Index;

use smallvec::SmallVec;

/// The number of ends that need no allocation. Most files do not have more columns.
const ENDS_WITHIN: usize = 6;

/// Cells in the order of the columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowCells {
    text: String,
    ends: SmallVec<[u32; ENDS_WITHIN]>,
}

impl RowCells {
    /// No cells yet, with capacity for this number of bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: SmallVec::new(),
        }
    }

    /// Adds a cell. Rows of 4 GiB or more are never read.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
    }

    /// Removes all cells and keeps the allocated memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The texts of all cells, without separators.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cells in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = start..*end as usize;
            start = cell.end;
            &self.text[cell]
        })
    }
}

impl Index<usize> for RowCells {
    type Output = str;

    fn index(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[place] as usize]
    }
}

impl<'a> FromIterator<&'a str> for RowCells {
    fn from_iter<T: IntoIterator<Item = &'a str>>(texts: T) -> Self {
        let mut cells = Self::default();
        texts.into_iter().for_each(|text| cells.push(text));
        cells
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cells_come_back_as_they_were_put_in(texts: Vec<String>) {
            let cells: RowCells = texts.iter().map(String::as_str).collect();
            prop_assert_eq!(cells.iter().collect::<Vec<_>>(), texts.clone());
            prop_assert_eq!(cells.len(), texts.len());
            for (place, text) in texts.iter().enumerate() {
                prop_assert_eq!(&cells[place], text);
            }
            prop_assert_eq!(cells.text(), texts.concat());
        }
    }
}
