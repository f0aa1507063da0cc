//! Which account a token belongs to: the question's path, and what an answer
//! to it means. Pure.

use serde::Deserialize;

use super::verdict::{Judged, failure, judge};
use crate::{account::AccountId, api::Verdict, code::Code};

/// The path that tells of the account by `GET`.
pub(super) const DETAILS_PATH: &str = "/account-info/v3/details";

/// The status of an answer that tells it.
const TOLD: u16 = 200;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    portal_id: u64,
}

/// The account that an answer with this body tells of.
pub(super) fn account(answer: &Judged, body: &[u8]) -> Option<AccountId> {
    let details = serde_json::from_slice::<Details>(body).ok();
    details
        .filter(|_| answer.status == TOLD)
        .map(|details| AccountId::new(details.portal_id))
}

/// What an answer means: as for a row, but that an app may lack the right to
/// ask and have that to write.
pub(super) fn verdict(answer: &Judged) -> Verdict {
    match answer.status {
        TOLD if answer.body.is_json => Verdict::Done { http_status: TOLD },
        403 => Verdict::Refused(failure(answer, Code::Rejected)),
        _ => judge(answer),
    }
}
