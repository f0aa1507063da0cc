//! What is asked of HubSpot for one row: the link, and the other types that its pair is to keep.

use super::{association_type::AssociationType, canonical::CanonicalLink};

/// What is asked of HubSpot for one link: to create it, to remove it, or to read it. A batch says
/// which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRequest {
    /// The link.
    pub link: CanonicalLink,
    /// The other types that the two records are to keep, in the direction of the link. The newer
    /// API replaces all types of a pair with those in the request.
    pub other_types: Vec<AssociationType>,
    /// For a write: a second request, sent after this one is done. For a read: another link that
    /// is read together with this one.
    pub then: Option<Box<Self>>,
}

impl LinkRequest {
    /// The link of the second request, or the other link that is read.
    #[must_use]
    pub fn then_link(&self) -> Option<&CanonicalLink> {
        self.then.as_ref().map(|other| &other.link)
    }
}

impl From<CanonicalLink> for LinkRequest {
    fn from(link: CanonicalLink) -> Self {
        Self {
            link,
            other_types: Vec::new(),
            then: None,
        }
    }
}
