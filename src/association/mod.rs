//! What is to be linked: two records, and the definition that says how.
//!
//! Knows nothing about files, HTTP or how a link is written.

mod association_type;
mod canonical;
mod definition;
mod kept_names;
mod labels;
mod limits;
mod link;
mod link_request;
mod merges;
mod object_type;
mod record_key;
mod table;

pub use association_type::{AssociationType, Category};
pub use canonical::{CanonicalLink, ConflictRule, ConflictScope};
pub use definition::{
    Definition, DefinitionInfo, DefinitionKind, LinkEnd, OlderDefinition, SingleLinkRule,
    UnknownDefinition,
};
pub use labels::{AccountLabel, AccountLabels, LabelReference, UnknownLabel};
pub use limits::{AdminLimit, AdminLimits};
pub use link::{Association, RecordId, SingleLinkRecord};
pub use link_request::LinkRequest;
pub use merges::{Merge, Merges, TypedRecordId};
pub use object_type::{
    in_path, is_custom, may_exist, object_type, own_object_type, show_unknown_object_type,
    singular, type_id,
};
pub use record_key::{
    CandidateRecord, Candidates, KeyAnswer, KeyKind, KeyProperty, RecordKey, RecordReference,
    property_name,
};
pub use table::{DefinitionTable, TableSource};
