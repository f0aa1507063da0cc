//! What the recorder says of rows.

use super::details;
use crate::output::{Unlogged, Words, number};

/// The words that it is handed.
pub const ROWS: Words = Words {
    failure: details::failure,
    unlogged,
};

fn unlogged(Unlogged { are_bad, logged }: Unlogged) -> String {
    let logged = number(logged);
    if are_bad {
        format!("{logged} bad rows are logged, and more are only counted (-vv logs each)")
    } else {
        format!(
            "{logged} rows that are not bad and have a code are logged, and more are only counted \
             (-vv logs each)"
        )
    }
}
