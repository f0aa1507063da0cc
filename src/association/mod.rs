//! What is to be linked: two records and the definition that says how.
//!
//! Knows nothing of files, HTTP or how a link is made.

mod canonical;
mod definition;
mod labels;
mod limits;
mod link;
mod merges;
mod object_type;
mod order;
mod spec;
mod table;

pub use canonical::{CanonicalLink, Sharing, Whose};
pub use definition::{
    Definition, DefinitionInfo, End, Kind, OlderDefinition, Once, UnknownDefinition,
};
pub use labels::{LabelInfo, Labels, UnknownLabel, Wish};
pub use limits::{LimitInfo, Limits};
pub use link::{Association, PrimaryOf, RecordId};
pub use merges::{Merge, Merges, Record};
pub use object_type::{in_path, is_custom, may_exist, no_object_type, object_type, singular};
pub use order::Order;
pub use spec::{Category, Spec};
pub use table::{Source, Table};
