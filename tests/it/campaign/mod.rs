//! The kill campaign: the real program is killed at random times, resumed and killed again, against
//! a server that is never killed and knows its answers. No row may be lost, and no false claim
//! made. Imports with read-before-write are undone, and after undos that were killed too the server
//! must be as it was before.
//!
//! `HUBASSOC_CAMPAIGN_KILLS` sets the number of kills (30 by default). `HUBASSOC_CAMPAIGN_SEED`
//! repeats a printed failure, as far as the timing of the system allows.
#![cfg(unix)]

mod connected_rows;
mod damage;
mod edits;
mod import;
mod import_options;
mod input_file;
mod keyed_input;
mod keyed_kills;
mod kills;
mod links;
mod oracle;
mod oracle_skip_tests;
mod oracle_tests;
mod power_cuts;
mod read_before_write;
mod results_checker;
mod resumes;
mod run_process;
mod strict_csv;
mod test_bed;
mod undo_checks;

use std::env;

/// Kills of all campaigns together.
const KILLS: u64 = 30;

fn kills() -> u64 {
    number("HUBASSOC_CAMPAIGN_KILLS").unwrap_or(KILLS)
}

/// A new seed each time, unless the environment gives one.
fn seed() -> u64 {
    number("HUBASSOC_CAMPAIGN_SEED").unwrap_or_else(|| fastrand::u64(..))
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a campaign is must not need a build"
)]
fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}
