//! What is asked of HubSpot for one link: the link, and what else of its pair is
//! to stand afterwards.

use super::{canonical::CanonicalLink, spec::Spec};

/// One link that is to be made, or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The link.
    pub link: CanonicalLink,
    /// What else is to stand between the two records afterwards, in the link's direction:
    /// the newer API replaces all by what it is given.
    pub beside: Vec<Spec>,
    /// What is to be done once that is; of a question, what else is asked.
    pub afterwards: Option<Box<Self>>,
}

impl Order {
    /// The link of what is done afterwards.
    #[must_use]
    pub fn other(&self) -> Option<&CanonicalLink> {
        self.afterwards.as_ref().map(|other| &other.link)
    }
}

impl From<CanonicalLink> for Order {
    fn from(link: CanonicalLink) -> Self {
        Self {
            link,
            beside: Vec::new(),
            afterwards: None,
        }
    }
}
