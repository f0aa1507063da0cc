//! Messages about long waits, on the paused clock: the reason once, then a line each time the
//! waiting time doubles.

use std::time::Duration;

use hubassoc::api::Verdict;

use crate::{
    account_request::logged,
    support::{
        run_result::RunResult,
        scripted_api::{
            DONE, RunSetup, ScriptedRequest, ms, refused_connection, run, throttled, transient,
        },
    },
};

const HOUR: Duration = Duration::from_secs(3_600);

/// The warnings of a run, without the prefix of the log.
fn warnings(
    setup: RunSetup,
    answers: fn(ScriptedRequest) -> (Duration, Verdict),
) -> (RunResult, Vec<String>) {
    let mut ran = None;
    let log = logged(|| ran = Some(run(setup, answers)));
    let warnings = log.lines().filter_map(|line| line.split_once("WARN"));
    let warnings = warnings.map(|(_, words)| words.to_owned()).collect();
    (ran.unwrap(), warnings)
}

/// The number of warnings with these words.
fn count_with(words: &str, warnings: &[String]) -> usize {
    let has_words = |warning: &&String| warning.contains(words);
    warnings.iter().filter(has_words).count()
}

#[test]
fn an_hour_of_pauses_is_reported_once_and_at_each_doubling() {
    let mut setup = RunSetup::new(500, "100/10s");
    setup.max_wait = HOUR * 2;
    let (ran, warnings) = warnings(setup, |a| {
        let limited = (ms(2_000)..HOUR).contains(&a.at);
        let answer = if limited {
            throttled(Some(ms(10_000)))
        } else {
            DONE
        };
        (ms(1), answer)
    });
    assert_eq!((ran.succeeded(), &ran.stop), (500, &None));
    // After 1, 2, 4, 8, 16 and 32 minutes.
    assert_eq!(
        count_with("all requests pause until", &warnings),
        1,
        "{warnings:#?}"
    );
    assert_eq!(
        count_with("already; nothing is sent", &warnings),
        6,
        "{warnings:#?}"
    );
    assert_eq!(warnings.len(), 7, "{warnings:#?}");
}

#[test]
fn one_long_pause_is_reported_while_it_lasts() {
    let (ran, warnings) = warnings(RunSetup::new(500, "100/10s"), |a| {
        let limited = (ms(2_000)..ms(4_000)).contains(&a.at);
        let answer = if limited {
            throttled(Some(ms(600_000)))
        } else {
            DONE
        };
        (ms(1), answer)
    });
    assert_eq!(ran.succeeded(), 500);
    assert_eq!(warnings.len(), 5, "{warnings:#?}");
    let [first, again @ ..] = &warnings[..] else {
        panic!("nothing is said")
    };
    assert!(first.contains("all requests pause until 20"), "{first}");
    for (words, minutes) in again.iter().zip([1, 2, 4, 8]) {
        let expected = format!(
            "burst limit, 429: paused for {} s already; nothing is sent until",
            minutes * 60
        );
        assert!(words.contains(&expected), "{words}");
    }
}

#[test]
fn an_outage_is_reported_once_and_at_each_doubling() {
    let (ran, warnings) = warnings(RunSetup::new(500, "100/10s"), |a| {
        let away = (ms(2_000)..ms(800_000)).contains(&a.at);
        (ms(1), if away { refused_connection() } else { DONE })
    });
    assert_eq!(ran.succeeded(), 500);
    let about = |words| count_with(words, &warnings);
    assert_eq!(
        about("(--max-wait); rows do not fail because of this"),
        1,
        "{warnings:#?}"
    );
    assert_eq!(
        about("HubSpot is still unavailable (since"),
        4,
        "{warnings:#?}"
    );
    assert_eq!(about("HubSpot is available again"), 1, "{warnings:#?}");
    assert!(warnings.len() <= 7, "{warnings:#?}");
}

#[test]
fn an_hour_of_retries_is_not_reported_twice_a_minute() {
    // Most rows succeed at once, the others at their fifth attempt.
    let (ran, warnings) = warnings(RunSetup::new(3_000, "10/10s"), |a| {
        let fails = a.row % 8 == 0 && a.attempt < 5;
        (ms(1), if fails { transient() } else { DONE })
    });
    assert_eq!(ran.succeeded(), 3_000);
    assert!(ran.took > HOUR, "{:?}", ran.took);
    assert!((2..=10).contains(&warnings.len()), "{warnings:#?}");
}

#[test]
fn a_pause_is_reported_once_and_not_for_each_waiting_call() {
    // A single row, so that the limit counts against it.
    let mut setup = RunSetup::new(20, "unlimited");
    setup.concurrency = 1;
    let (ran, warnings) = warnings(setup, |a| {
        let limited = a.row == 20 && a.attempt < 5;
        (
            ms(1),
            if limited {
                throttled(Some(ms(30_000)))
            } else {
                DONE
            },
        )
    });
    assert_eq!(ran.succeeded(), 20);
    assert_eq!(
        count_with("retrying a call at", &warnings),
        0,
        "{warnings:#?}"
    );
    assert_eq!(
        count_with("burst limit", &warnings),
        warnings.len(),
        "{warnings:#?}"
    );
}
