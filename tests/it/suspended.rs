//! A program that is suspended for an hour (SIGSTOP, a sleeping laptop, a frozen virtual machine)
//! continues as if nothing had happened.

use std::time::Duration;

use crate::support::scripted_api::{DONE, RunSetup, ms, refused_connection, run, throttled};

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn no_window_holds_more_than_the_limit_afterwards() {
    for (rate, calls, window) in [("50/2s", 50, 2_000), ("100/10s", 100, 10_000)] {
        for latency in [20, 5_000] {
            let mut setup = RunSetup::new(1_000, rate);
            setup.concurrency = 64;
            setup.suspended = Some((ms(7_340), HOUR));
            let ran = run(setup, move |_| (ms(latency), DONE));
            assert_eq!(ran.succeeded(), 1_000);
            let most = ran.most_in(ms(window));
            assert!(most <= calls, "{rate}: {most}");
            // The hour itself, and not a second more than needed.
            assert!(ran.took > HOUR && ran.took < HOUR + ms(200_000));
        }
    }
}

#[test]
fn retries_do_not_burst_afterwards() {
    let mut setup = RunSetup::new(1_000, "unlimited");
    setup.suspended = Some((ms(5_000), HOUR));
    let ran = run(setup, |a| {
        let away = (ms(100)..HOUR + ms(20_000)).contains(&a.at);
        (ms(1), if away { refused_connection() } else { DONE })
    });
    assert_eq!(ran.succeeded(), 1_000);
    let after = ran
        .arrivals
        .iter()
        .filter(|a| (HOUR..HOUR + ms(19_000)).contains(&a.at));
    let after = after.count();
    // The most that the budget holds, and one probe per second.
    assert!(after <= 100 + 16 + 19, "{after}");
}

#[test]
fn a_fault_before_the_suspension_is_no_outage_of_an_hour() {
    // Before an outage, in its first ten seconds, and while it is probed.
    for (at, latency) in [
        (5_000, 1),
        (8_000, 1),
        (16_500, 1),
        (40_000, 1),
        (40_000, 5_000),
    ] {
        let mut setup = RunSetup::new(500, "100/10s");
        setup.suspended = Some((ms(at), HOUR));
        setup.max_wait = ms(60_000);
        let ran = run(setup, move |a| {
            if (ms(6_000)..ms(100_000)).contains(&a.at) {
                (ms(latency), refused_connection())
            } else {
                (ms(1), DONE)
            }
        });
        assert_eq!((ran.succeeded(), &ran.stop), (500, &None), "{at}");
    }
}

#[test]
fn a_limit_before_the_suspension_is_no_limit_of_an_hour() {
    for latency in [10, 3_000] {
        let mut setup = RunSetup::new(50, "100/10s");
        setup.suspended = Some((ms(8_000), HOUR));
        let ran = run(setup, move |a| {
            let limited = a.at < HOUR + ms(15_000);
            (ms(latency), if limited { throttled(None) } else { DONE })
        });
        assert_eq!((ran.succeeded(), &ran.stop), (50, &None), "{latency}");
    }
}
