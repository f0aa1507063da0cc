//! The kill campaign: the real program is killed at random moments, resumed
//! and killed again, against a server that is never killed and knows what it
//! answered. Nothing may be lost, and nothing claimed that is not so. Imports
//! that looked before they wrote are undone, and after undos that were killed
//! as well the server is as it was before.
//!
//! `HUBASSOC_CAMPAIGN_KILLS` says how often (30 times by default),
//! `HUBASSOC_CAMPAIGN_SEED` repeats what a failure printed, as far as the
//! system's own timing lets it be repeated.
#![cfg(unix)]

mod connected_rows;
mod damage;
mod edits;
mod import;
mod import_options;
mod input_file;
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

/// Kills of all variants together.
const KILLS: u64 = 30;

fn kills() -> u64 {
    number("HUBASSOC_CAMPAIGN_KILLS").unwrap_or(KILLS)
}

/// A new one each time, unless one is to be repeated.
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
