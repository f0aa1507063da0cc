//! Finds the records of keys in the account, before the rows that name them are ordered and sent.
//!
//! Knows what calls there are, but nothing of cells, and nothing of what is sent for the rows.

mod calls;
mod chunks;
mod domain_forms;
mod finding;
mod resolver;
mod row_verdict;
mod search_pages;
mod steps;
mod waiting_rows;

pub use resolver::{KeyLookupError, KeyResolver, SEARCH_INDEX_LAG};
pub use row_verdict::AmbiguousPolicy;
