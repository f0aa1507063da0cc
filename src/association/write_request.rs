//! A write request for one link: the link, and the other types that its pair is to keep.

use super::{association_type::AssociationType, canonical::CanonicalLink};

/// One link to create or remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteRequest {
    /// The link.
    pub link: CanonicalLink,
    /// The other types that the two records are to keep, in the direction of the link. The newer
    /// API replaces all types of a pair with those in the request.
    pub other_types: Vec<AssociationType>,
    /// A second request, sent after this one is done. For a read, what else is read.
    pub then: Option<Box<Self>>,
}

impl WriteRequest {
    /// The link of the second request.
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
