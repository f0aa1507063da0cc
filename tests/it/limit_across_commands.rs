//! An import, its verification and its undo in sequence keep one limit.
#![cfg(unix)]

use std::time::Duration;

use hubassoc::{api::RateClass, rate_state::RateState};

use crate::support::{
    links,
    run_result::most_in,
    sandbox::start,
    workdir::{TOKEN, Workdir},
};

const WINDOW: Duration = Duration::from_secs(1);
const CALLS: usize = 20;

#[test]
fn an_import_its_verification_and_its_undo_keep_to_one_limit() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=25));
    let base_url = sandbox.base_url();
    for line in [
        &format!("import links.csv --api 2026-09 --base-url {base_url}"),
        "verify links.results.csv",
        "undo links.results.csv --yes",
    ] {
        let run = workdir.run(&format!("{line} --rate {CALLS}/1s"));
        run.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0);
    }
    assert!(sandbox.links().is_empty());
    let folder = workdir.state_home().join("hubassoc");
    let rate_state =
        RateState::open_shared(&folder, &[&format!("{base_url}/"), TOKEN], |_| {}).unwrap();
    let mut taken = 0;
    for class in [RateClass::Single, RateClass::Batch] {
        let times = rate_state.with_log(class, |log, _| {
            let times = log
                .since(0)
                .map(|reservation| Duration::from_nanos(reservation.at));
            times.collect::<Vec<_>>()
        });
        let times = times.unwrap();
        assert!(most_in(&times, WINDOW) <= CALLS, "{class:?}");
        taken += times.len() as u64;
    }
    // Arrival times depend on the machine, but the reservations do not.
    assert_eq!(taken, sandbox.request_log().requests);
}
