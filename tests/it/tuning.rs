//! `--rate auto`: the pace that the server's own words set, used fully, never
//! exceeded, and shared with whoever else spends from the same window.

use std::time::Duration;

use hubassoc::{delivery::Pace, rate::Rate};

use crate::support::{
    quota_server::{Seen, Tells, Who, sent, serve},
    verdicts::ms,
};

const NOW: Duration = Duration::ZERO;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn share(seen: &[Seen], client: usize, time: std::ops::Range<Duration>, limit: &str) -> f64 {
    let limit = rate(limit);
    let (sent, refused) = sent(seen, client, time.clone());
    let windows = (time.end - time.start).as_secs_f64() / limit.window.as_secs_f64();
    (sent - refused) as f64 / (windows * f64::from(limit.calls.get()))
}

fn refused(seen: &[Seen], client: usize) -> f64 {
    let (sent, refused) = sent(seen, client, NOW..Duration::MAX);
    refused as f64 / sent as f64
}

#[test]
fn what_the_server_allows_is_used_without_a_single_429() {
    for tells in [Tells::All, Tells::Max] {
        let seen = serve(&[Who::Run(Pace::Auto, NOW)], tells, seconds(120), |_| {
            rate("190/10s")
        });
        let used = share(&seen, 0, seconds(20)..seconds(120), "190/10s");
        assert!(used >= 0.97, "{used}");
        assert!(refused(&seen, 0) == 0.0);
    }
}

#[test]
fn without_headers_the_pace_stays_what_every_account_has() {
    let seen = serve(
        &[Who::Run(Pace::Auto, NOW)],
        Tells::Nothing,
        seconds(60),
        |_| rate("190/10s"),
    );
    let used = share(&seen, 0, seconds(0)..seconds(60), "100/10s");
    assert!((0.97..=1.0).contains(&used), "{used}");
}

#[test]
fn a_limit_that_falls_is_followed_within_20_seconds() {
    let seen = serve(
        &[Who::Run(Pace::Auto, NOW)],
        Tells::All,
        seconds(120),
        |at| {
            rate(if at < seconds(45) {
                "190/10s"
            } else {
                "100/10s"
            })
        },
    );
    let used = share(&seen, 0, seconds(65)..seconds(120), "100/10s");
    assert!(used >= 0.9, "{used}");
    let window = share(&seen, 0, seconds(65)..seconds(75), "100/10s");
    assert!(window >= 0.9, "{window}");
    assert!(refused(&seen, 0) < 0.02, "{}", refused(&seen, 0));
}

#[test]
fn a_limit_that_rises_is_followed() {
    let seen = serve(
        &[Who::Run(Pace::Auto, NOW)],
        Tells::All,
        seconds(90),
        |at| {
            rate(if at < seconds(45) {
                "100/10s"
            } else {
                "250/10s"
            })
        },
    );
    let used = share(&seen, 0, seconds(55)..seconds(90), "250/10s");
    assert!(used >= 0.97, "{used}");
    assert!(refused(&seen, 0) == 0.0);
}

#[test]
fn a_fixed_rate_is_lowered_by_the_server_and_never_raised() {
    for (own, limit, in_force) in [
        ("50/10s", "190/10s", "50/10s"),
        ("250/10s", "190/10s", "190/10s"),
        ("19/s", "100/10s", "100/10s"),
    ] {
        let own = Pace::Limited(rate(own));
        let seen = serve(&[Who::Run(own, NOW)], Tells::All, seconds(80), move |_| {
            rate(limit)
        });
        let used = share(&seen, 0, seconds(20)..seconds(80), in_force);
        assert!((0.95..=1.0).contains(&used), "{own:?}: {used}");
        assert!(refused(&seen, 0) == 0.0, "{own:?}");
    }
}

#[test]
fn beside_a_steady_client_that_takes_half_both_live() {
    for tells in [Tells::All] {
        let other = Who::Steady(ms(105), seconds(30));
        let seen = serve(
            &[Who::Run(Pace::Auto, NOW), other],
            tells,
            seconds(150),
            |_| rate("190/10s"),
        );
        let time = seconds(30)..seconds(150);
        let (ours, theirs) = (
            share(&seen, 0, time.clone(), "190/10s"),
            share(&seen, 1, time, "190/10s"),
        );
        println!(
            "{tells:?} {ours} {theirs} {} {}",
            refused(&seen, 0),
            refused(&seen, 1)
        );
        assert!(ours > 0.4 && theirs > 0.45, "{ours} {theirs}");
        assert!(refused(&seen, 0) < 0.02, "{}", refused(&seen, 0));
        assert!(refused(&seen, 1) < 0.02, "{}", refused(&seen, 1));
    }
}

#[test]
fn two_runs_on_two_hosts_share_without_a_storm() {
    let clients = [Who::Run(Pace::Auto, NOW), Who::Run(Pace::Auto, seconds(30))];
    let seen = serve(&clients, Tells::All, seconds(150), |_| rate("190/10s"));
    for client in [0, 1] {
        let used = share(&seen, client, seconds(50)..seconds(150), "190/10s");
        println!("{client} {used} {}", refused(&seen, client));
        assert!(used > 0.34, "{client}: {used}");
        assert!(refused(&seen, client) < 0.02, "{}", refused(&seen, client));
    }
}
