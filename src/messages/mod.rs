//! What went wrong, in words: the one place that knows sentences, and the options that
//! they name.
//!
//! Data in, text out: knows nothing of where it happened, nor of who reads it. Nothing
//! below the commands imports it; who writes messages down is handed the function.

mod calls;
mod stop;

use std::borrow::Cow;

pub use calls::CALLS;
pub use stop::{resets_at, stop_words};

use crate::failure::{Detail, Failure};

/// What the column `assoc_message` says.
#[must_use]
pub fn failure(failure: &Failure) -> Cow<'_, str> {
    detail(&failure.detail)
}

/// The same of what there is to say.
#[must_use]
pub fn detail(detail: &Detail) -> Cow<'_, str> {
    match detail {
        Detail::Worded(text) => Cow::Borrowed(text),
    }
}
