//! What went wrong, in words: the one place that knows sentences, and the options that
//! they name.
//!
//! Data in, text out: knows nothing of where it happened, nor of who reads it. Nothing
//! below the commands imports it; who writes messages down is handed the function.

mod answers;
mod calls;
mod links;
mod stop;

use std::borrow::Cow;

pub use calls::CALLS;
pub use stop::{resets_at, stop_words};

use crate::failure::{Detail, Failure};

pub use answers::said;

/// What the column `assoc_message` says.
#[must_use]
pub fn failure(failure: &Failure) -> Cow<'_, str> {
    detail(&failure.detail)
}

/// The same of what there is to say.
#[must_use]
pub fn detail(detail: &Detail) -> Cow<'_, str> {
    let again = |why: &Detail| self::detail(why).into_owned();
    Cow::Owned(match detail {
        Detail::Worded(text) | Detail::Quoted(text) => return Cow::Borrowed(text),
        Detail::Said(answer) => said(answer),
        Detail::NoRecord(record) => answers::no_record(record),
        Detail::ErrorsUntold => "the answer speaks of errors without telling them".to_owned(),
        Detail::RecordUntold(record) => format!("the answer does not speak of record {record}"),
        Detail::AssociationsUntold(from) => {
            format!("HubSpot's answer does not tell the associations of {from}")
        }
        Detail::Unfinished(state) => answers::unfinished(state.as_deref()),
        Detail::NotUnderstood {
            status,
            path,
            found,
            problem,
        } => answers::not_understood(*status, (path, found, problem)),
        Detail::NoAnswer(broken, cause) => answers::no_answer(*broken, cause),
        Detail::BrokenOff => "the answer broke off".to_owned(),
        Detail::TokenSuspected(why) => answers::token_suspected(&again(why)),
        Detail::NoToken(why) => format!("no access token was granted: {}", again(why)),
        Detail::GrantWithoutToken { status } => {
            format!("HTTP {status} without an access token in it")
        }
        Detail::NoScopesOfKey => "an API key has no scopes that could be asked for".to_owned(),
        Detail::NoSuchCall { api } => format!("API {api} has no such call"),
        Detail::Merged { written, sent } => links::merged(written, sent),
    })
}
