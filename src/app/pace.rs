//! Which slots a run takes its turns from: a ledger that it shares with other
//! runs of the same user and token, wherever that is possible.

use tracing::{info, warn};

use crate::{cli::ImportArgs, config, delivery::Pace, hubspot::ClientOptions, ledger::Slots};

/// The slots of a run.
pub(super) fn slots(args: &ImportArgs, client: &ClientOptions) -> Slots {
    // A limit of its own, or none.
    if args.sandbox || args.pace.rate.0 == Pace::Unlimited {
        return Slots::in_memory();
    }
    let Some(folder) = config::ledger_folder() else {
        info!("there is no home folder, so that other runs with the same token are not known of");
        return Slots::alone(args.resume);
    };
    let mut parts = vec![client.base_url.as_str()];
    parts.extend(client.credentials.identity());
    Slots::shared(&folder, &parts).unwrap_or_else(|error| {
        warn!("other runs with the same token are not known of: {error}");
        Slots::alone(args.resume)
    })
}
