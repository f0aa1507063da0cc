//! What is asked of HubSpot for one link: the link, and what else of its pair is
//! to stand then.

use super::{association_type::AssociationType, canonical::CanonicalLink};

/// One link that is to be made, or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRequest {
    /// The link.
    pub link: CanonicalLink,
    /// What else is to stand between the two records then, in the link's direction:
    /// the newer API replaces all by what it is given.
    pub other_types: Vec<AssociationType>,
    /// What is to be done once that is; of a question, what else is asked.
    pub then: Option<Box<Self>>,
}

impl WriteRequest {
    /// The link of what is done then.
    #[must_use]
    pub fn then_link(&self) -> Option<&CanonicalLink> {
        self.then.as_ref().map(|other| &other.link)
    }
}

impl From<CanonicalLink> for WriteRequest {
    fn from(link: CanonicalLink) -> Self {
        Self {
            link,
            other_types: Vec::new(),
            then: None,
        }
    }
}
