//! Which records a sandbox has, in words. Knows nothing of their file but its name.

use std::path::Path;

use crate::output::path;

/// Which records exist in a sandbox with this file of records.
pub(super) fn existing_records(records: Option<&Path>) -> String {
    match records {
        None => "every record exists, except ids that end in 404".to_owned(),
        Some(file) => format!(
            "the object types in {} have only the records listed there; of all others every record \
             exists, except ids that end in 404",
            path(file)
        ),
    }
}

/// Where the rows of a rehearsal go.
pub(super) fn rehearsal_target(records: Option<&Path>) -> String {
    let there = match records {
        None => "ids that end in 404 do not exist there".to_owned(),
        Some(_) => existing_records(records),
    };
    format!("a sandbox inside this program ({there})")
}
