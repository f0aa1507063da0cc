//! Which slots a run takes its turns from: a ledger that it shares with other
//! runs of the same user and token, wherever that is possible.

use tracing::{info, warn};

use crate::{caller::Pace, config, hubspot::ClientOptions, ledger::Slots};

/// The slots of a run at this pace; `resumes` if one just before it may have
/// used some of them.
pub(in crate::app) fn slots(
    pace: Pace,
    client: &ClientOptions,
    (sandbox, resumes): (bool, bool),
) -> Slots {
    // A limit of its own, or none.
    if sandbox || pace == Pace::Unlimited {
        return Slots::in_memory();
    }
    shared(client, resumes)
}

/// The same of a command that sends to HubSpot in any case; `goes_on` if a run
/// just before this one may have used some of them.
pub(in crate::app) fn shared(client: &ClientOptions, goes_on: bool) -> Slots {
    let Some(folder) = config::ledger_folder() else {
        info!("there is no home folder, so that other runs with the same token are not known of");
        return Slots::alone(goes_on);
    };
    let mut parts = vec![client.base_url.as_str()];
    parts.extend(client.credentials.identity());
    Slots::shared(&folder, &parts).unwrap_or_else(|error| {
        warn!("other runs with the same token are not known of: {error}");
        Slots::alone(goes_on)
    })
}
