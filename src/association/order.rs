//! What is asked of HubSpot for one link: the link, and what else of its pair is
//! to stand afterwards.

use super::{
    Association, Definition, RecordId,
    definition::{End, primary_end},
    spec::Spec,
    table::Table,
};

/// One link that is to be made, or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The link.
    pub link: Association,
    /// What else is to stand between the two records afterwards, in the direction
    /// in which [`Association::as_read`] has them: the newer API replaces all by
    /// what it is given.
    pub beside: Vec<Spec>,
    /// What is to be done once that is; of a question, what else is asked.
    pub afterwards: Option<Box<Self>>,
}

impl Order {
    /// The link of what is done afterwards.
    #[must_use]
    pub fn other(&self) -> Option<&Association> {
        self.afterwards.as_ref().map(|other| &other.link)
    }
}

impl From<Association> for Order {
    fn from(link: Association) -> Self {
        Self {
            link,
            beside: Vec::new(),
            afterwards: None,
        }
    }
}

/// Rows of the same turn are written one after the other, in the order of the
/// file: each depends on what the one before it has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn {
    types: (&'static str, &'static str),
    record: RecordId,
    /// The other end; nothing where all links of the record to that type count.
    other: Option<RecordId>,
}

impl Turn {
    /// Whether it is a record's, whatever that is linked to.
    #[must_use]
    pub fn is_of_record(&self) -> bool {
        self.other.is_none()
    }
}

impl Association {
    /// Whose turn it is to be written: that of a record that may have one primary
    /// company, else that of the pair.
    #[must_use]
    pub fn turn(&self) -> Option<Turn> {
        let info = self.definition.info()?;
        let (from, to) = ((info.from, self.from), (info.to, self.to));
        let of_record = |(one, record), (other, _)| Turn {
            types: (one, other),
            record,
            other: None,
        };
        Some(match self.has_primary() {
            Some(End::From) => of_record(from, to),
            Some(End::To) => of_record(to, from),
            None => {
                let (low, high) = if from <= to { (from, to) } else { (to, from) };
                Turn {
                    types: (low.0, high.0),
                    record: low.1,
                    other: Some(high.1),
                }
            }
        })
    }

    /// The end that may have one primary company among those of the other type.
    fn has_primary(&self) -> Option<End> {
        let info = self.definition.info()?;
        let types = (info.from, info.to);
        let has_primary = Table::v2026_09().has_primary(types);
        has_primary.then(|| primary_end(types))
    }

    /// The same link in the direction in which it is best read: from the record
    /// that may have one primary company, or one parent, which tells that company too.
    #[must_use]
    pub fn as_read(&self) -> Self {
        let turned = || {
            let inverse = self.definition.info()?.inverse?;
            Some(Self {
                from: self.to,
                to: self.from,
                definition: Table::v2026_09().info(inverse).map(Definition::of)?,
            })
        };
        let one_of = || self.definition.info()?.one_of;
        match self.has_primary().or_else(one_of) {
            Some(End::To) => turned().unwrap_or(*self),
            Some(End::From) | None => *self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: u64, to: u64, definition: u32) -> Association {
        Association {
            from: RecordId::new(from).unwrap(),
            to: RecordId::new(to).unwrap(),
            definition: Table::v2026_09().definition(definition).unwrap(),
        }
    }

    #[test]
    fn links_to_companies_take_turns_by_the_record_that_has_a_primary_one() {
        let turn = link(1, 100, 1).turn();
        assert_eq!(link(1, 200, 279).turn(), turn);
        assert_eq!(link(300, 1, 2).turn(), turn);
        assert_ne!(link(2, 100, 1).turn(), turn);
        assert_eq!(link(5, 9, 580).turn(), link(5, 8, 580).turn(), "a lead");
        assert_eq!(
            link(9, 5, 583).turn(),
            link(5, 8, 582).turn(),
            "a lead's deal"
        );
    }

    #[test]
    fn other_links_take_turns_by_their_pair_whichever_way_they_go() {
        let turn = link(1, 9, 3).turn();
        assert_eq!(link(9, 1, 4).turn(), turn);
        assert_ne!(link(1, 8, 3).turn(), turn);
        assert_ne!(link(9, 1, 3).turn(), turn);
        assert_eq!(link(7, 8, 13).turn(), link(8, 7, 14).turn(), "companies");
    }

    #[test]
    fn a_link_is_read_from_the_record_that_has_a_primary_company() {
        assert_eq!(link(300, 1, 2).as_read(), link(1, 300, 1));
        assert_eq!(link(300, 1, 280).as_read(), link(1, 300, 279));
        assert_eq!(link(1, 300, 1).as_read(), link(1, 300, 1));
        assert_eq!(link(9, 1, 3).as_read(), link(9, 1, 3));
    }

    #[test]
    fn a_link_to_a_parent_is_read_from_the_child() {
        for link in [link(11, 100, 14), link(100, 11, 13)] {
            let child = link.as_read();
            let ids = (child.from.get(), child.to.get(), child.definition.get());
            assert_eq!(ids, (11, 100, 14));
        }
        assert_eq!(link(100, 11, 450).as_read(), link(100, 11, 450));
    }
}
