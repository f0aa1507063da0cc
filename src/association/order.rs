//! What is asked of HubSpot for one link: the link, and what else of its pair is
//! to stand afterwards.

use super::{
    definition::{Definition, End},
    link::Association,
    spec::Spec,
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

/// Which links depend on what others have left, so that they are written one after the
/// other, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The types of both ends.
    pub types: (&'static str, &'static str),
    /// The end whose record shares it among all its links to that type, for it may have one
    /// primary company; nothing where it is the pair's, whichever way its links go.
    pub end: Option<End>,
}

impl Definition {
    /// What its links share with others.
    #[must_use]
    pub fn sharing(self) -> Option<Sharing> {
        let info = self.info()?;
        let types = (info.from, info.to);
        let end = info.kin.primary;
        Some(Sharing { types, end })
    }
}

impl Association {
    /// The same link in the direction in which it is best read: from the record
    /// that may have one primary company, or one parent, which tells that company too.
    #[must_use]
    pub fn as_read(&self) -> Self {
        let turned = || {
            let inverse = self.definition.info()?.turned()?;
            Some(Self {
                from: self.to,
                to: self.from,
                definition: Definition::of(inverse),
            })
        };
        let info = self.definition.info();
        match info.and_then(|info| info.kin.primary.or(info.one_of())) {
            Some(End::To) => turned().unwrap_or(*self),
            Some(End::From) | None => *self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Association;
    use crate::tables::{link_of_table as link, v1};

    #[test]
    fn a_link_is_read_from_the_record_that_has_a_primary_company() {
        assert_eq!(link(300, 1, 2).as_read(), link(1, 300, 1));
        assert_eq!(link(300, 1, 280).as_read(), link(1, 300, 279));
        assert_eq!(link(1, 300, 1).as_read(), link(1, 300, 1));
        assert_eq!(link(9, 1, 3).as_read(), link(9, 1, 3));
    }

    #[test]
    fn a_label_of_v1_is_read_as_it_is() {
        for definition in [33, 34] {
            let link = Association {
                definition: v1::table().definition(definition).unwrap(),
                ..link(300, 1, 2)
            };
            let read = link.as_read();
            assert_eq!((read, read.definition), (link, link.definition));
        }
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
