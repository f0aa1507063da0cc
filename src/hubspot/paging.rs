//! Where a list in a response goes on: the same form for associations and for records.

use serde::Deserialize;
use serde_json::Value;

/// The `paging` of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Paging {
    next: Option<NextPage>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "struct Next")]
struct NextPage {
    /// A text or a number.
    after: Value,
}

impl Paging {
    /// The page to continue from, if there is one.
    pub(super) fn next_page(self) -> Option<String> {
        match self.next?.after {
            Value::String(after) => Some(after),
            Value::Number(after) => Some(after.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}
