//! `--rate auto`: the pace follows the server's headers, uses the limit fully, never exceeds it,
//! and shares it with other clients.

use std::time::Duration;

use hubassoc::{caller::Pace, rate::Rate};

use crate::support::{
    quota_server::{ClientKind, ObservedCall, QuotaHeaders, sent, serve},
    verdicts::ms,
};

const NOW: Duration = Duration::ZERO;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn share(
    seen: &[ObservedCall],
    client: usize,
    time: std::ops::Range<Duration>,
    limit: &str,
) -> f64 {
    let limit = rate(limit);
    let (sent, refused) = sent(seen, client, time.clone());
    let windows = (time.end - time.start).as_secs_f64() / limit.window.as_secs_f64();
    (sent - refused) as f64 / (windows * f64::from(limit.calls.get()))
}

fn refused(seen: &[ObservedCall], client: usize) -> f64 {
    let (sent, refused) = sent(seen, client, NOW..Duration::MAX);
    refused as f64 / sent as f64
}

#[test]
fn the_reported_limit_is_used_without_a_single_429() {
    for tells in [QuotaHeaders::All, QuotaHeaders::MaxOnly] {
        let seen = serve(
            &[ClientKind::Run(Pace::Auto, NOW)],
            tells,
            seconds(120),
            |_| rate("190/10s"),
        );
        let used = share(&seen, 0, seconds(20)..seconds(120), "190/10s");
        assert!(used >= 0.97, "{used}");
        assert!(refused(&seen, 0) == 0.0);
    }
}

#[test]
fn without_headers_the_pace_is_the_limit_of_every_account() {
    let seen = serve(
        &[ClientKind::Run(Pace::Auto, NOW)],
        QuotaHeaders::None,
        seconds(60),
        |_| rate("190/10s"),
    );
    let used = share(&seen, 0, seconds(0)..seconds(60), "100/10s");
    assert!((0.97..=1.0).contains(&used), "{used}");
}

#[test]
fn a_lower_limit_is_followed_within_20_seconds() {
    let seen = serve(
        &[ClientKind::Run(Pace::Auto, NOW)],
        QuotaHeaders::All,
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
fn a_higher_limit_is_followed() {
    let seen = serve(
        &[ClientKind::Run(Pace::Auto, NOW)],
        QuotaHeaders::All,
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
        let seen = serve(
            &[ClientKind::Run(own, NOW)],
            QuotaHeaders::All,
            seconds(80),
            move |_| rate(limit),
        );
        let used = share(&seen, 0, seconds(20)..seconds(80), in_force);
        assert!((0.95..=1.0).contains(&used), "{own:?}: {used}");
        assert!(refused(&seen, 0) == 0.0, "{own:?}");
    }
}

#[test]
fn the_limit_is_shared_with_a_steady_client_that_takes_half() {
    let clients = [
        ClientKind::Run(Pace::Auto, NOW),
        ClientKind::Steady(ms(105), seconds(30)),
    ];
    let seen = serve(&clients, QuotaHeaders::All, seconds(150), |_| {
        rate("190/10s")
    });
    for client in [0, 1] {
        let used = share(&seen, client, seconds(30)..seconds(150), "190/10s");
        assert!(used > 0.42, "{client}: {used}");
        assert!(refused(&seen, client) < 0.02, "{}", refused(&seen, client));
    }
}

#[test]
fn the_whole_limit_is_used_again_when_the_other_client_stops() {
    let clients = [
        ClientKind::Run(Pace::Auto, NOW),
        ClientKind::Brief(ms(105), seconds(30)..seconds(60)),
    ];
    let seen = serve(&clients, QuotaHeaders::All, seconds(120), |_| {
        rate("190/10s")
    });
    let used = share(&seen, 0, seconds(80)..seconds(120), "190/10s");
    assert!(used >= 0.97, "{used}");
}

#[test]
fn a_client_that_never_yields_is_yielded_to() {
    let clients = [
        ClientKind::Run(Pace::Auto, NOW),
        ClientKind::Steady(ms(65), seconds(30)),
    ];
    let seen = serve(&clients, QuotaHeaders::All, seconds(400), |_| {
        rate("190/10s")
    });
    let (sent, refused) = sent(&seen, 0, seconds(200)..seconds(400));
    assert!(sent - refused > 500, "{sent} {refused}");
    assert!(refused * 20 < sent, "{refused} of {sent}");
}

#[test]
fn without_headers_429s_lower_the_pace() {
    let run = [ClientKind::Run(Pace::Auto, NOW)];
    let seen = serve(&run, QuotaHeaders::None, seconds(300), |_| rate("60/10s"));
    let (sent, refused) = sent(&seen, 0, seconds(100)..seconds(300));
    assert!(refused * 20 < sent, "{refused} of {sent}");
    let used = share(&seen, 0, seconds(100)..seconds(300), "60/10s");
    assert!(used >= 0.85, "{used}");
}

#[test]
fn two_runs_on_two_hosts_share_without_many_429s() {
    let clients = [
        ClientKind::Run(Pace::Auto, NOW),
        ClientKind::Run(Pace::Auto, seconds(30)),
    ];
    let seen = serve(&clients, QuotaHeaders::All, seconds(150), |_| {
        rate("190/10s")
    });
    for client in [0, 1] {
        let used = share(&seen, client, seconds(50)..seconds(150), "190/10s");
        assert!(used > 0.34, "{client}: {used}");
        assert!(refused(&seen, client) < 0.02, "{}", refused(&seen, client));
    }
}
