//! Rows that set the primary company of one record: the last row in the file wins, whatever
//! happens, and other rows are not delayed.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use hubassoc::{pipeline::ConcurrencyLimits, sandbox::SandboxOptions};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    sandbox::{arrivals, link, start_with},
    scripted_calls::{CallsRunResult, Link, run_calls},
    verdicts::{DONE, ms, transient, unexpected_answer},
    workdir::Workdir,
};

/// The rows, sent one by one and in batches.
const KINDS: [ConcurrencyLimits; 2] = [
    ConcurrencyLimits {
        concurrency: 64,
        rows_per_call: 1,
    },
    ConcurrencyLimits {
        concurrency: 8,
        rows_per_call: 100,
    },
];

/// A company that exists.
fn company(row: u64) -> u64 {
    row * 1_000 + 1
}

/// 500 rows that alternate between 20 contacts, each row with its own company.
fn rows() -> Vec<(Duration, Link)> {
    let row = |n: u64| (Duration::ZERO, (n % 20 + 1, company(n), 1));
    (0..500).map(row).collect()
}

fn assert_never_two_at_once(ran: &CallsRunResult) {
    let mut until = HashMap::<u64, Duration>::new();
    for sent in &ran.sent {
        for (contact, ..) in &sent.links {
            let before = until.insert(*contact, sent.to);
            assert!(before.is_none_or(|to| to <= sent.from), "contact {contact}");
        }
    }
}

/// The final company of each contact. `wrote` says whether a call wrote its links.
fn final_companies(
    ran: &CallsRunResult,
    wrote: impl Fn(&[Link], usize) -> bool,
) -> HashMap<u64, u64> {
    let calls = ran.sent.iter().enumerate();
    let written = calls.filter(|(n, sent)| wrote(&sent.links, *n));
    let links = written.flat_map(|(_, sent)| sent.links.iter());
    links
        .map(|(contact, company, _)| (*contact, *company))
        .collect()
}

#[test]
fn each_contact_ends_with_the_company_of_its_last_row() {
    for bounds in KINDS {
        let fails = |_: &[Link], n: usize| n % 20 == 7;
        let ran = run_calls(rows(), bounds, move |links, n| {
            let latency = ms(10 + links[0].1 / 1_000 * 7 % 90);
            (latency, if fails(links, n) { transient() } else { DONE })
        });
        assert_eq!(ran.bad(), Vec::<u64>::new());
        assert_never_two_at_once(&ran);
        // A failed call may still have written its links.
        for wrote_failed in [true, false] {
            let final_companies =
                final_companies(&ran, |links, n| wrote_failed || !fails(links, n));
            let last = (480..500).map(|n| (n % 20 + 1, company(n)));
            assert_eq!(final_companies, last.collect::<HashMap<_, _>>());
        }
    }
}

#[test]
fn both_directions_are_of_the_same_record() {
    // Contact 7 in definitions 1 and 2, and a deal and a ticket with the same id.
    let links = [(7, 1, 1), (2, 7, 2), (7, 3, 5), (7, 4, 26), (7, 5, 1)];
    let rows = links.map(|link| (Duration::ZERO, link)).to_vec();
    let ran = run_calls(rows, KINDS[0], |_, _| (ms(100), DONE));
    let began: HashMap<_, _> = ran.sent.iter().map(|s| (s.links[0], s.from)).collect();
    let at = |n: usize| began[&links[n]];
    assert!(at(1) >= at(0) + ms(100) && at(4) >= at(1) + ms(100));
    // The very first request is sent alone; then nothing delays these.
    assert_eq!((at(2), at(3)), (ms(100), ms(100)));
}

#[test]
fn a_waiting_row_delays_no_other_rows() {
    let mut rows = vec![(Duration::ZERO, (1, 1, 1)); 50];
    rows.extend((0..2_000).map(|n: u64| (Duration::ZERO, (n + 10, 2, 1))));
    let ran = run_calls(rows, KINDS[0], |links, _| {
        (ms(if links[0].0 == 1 { 1_000 } else { 10 }), DONE)
    });
    let others = ran.sent.iter().filter(|sent| sent.links[0].0 > 1);
    let done = others.map(|sent| sent.to).max().unwrap();
    // The first row is in flight alone for a second.
    assert!(done < ms(1_500), "{done:?}");
}

#[test]
fn rows_behind_one_with_an_unknown_outcome_are_left_too() {
    let mut rows = vec![(Duration::ZERO, (9, 1, 3))];
    rows.extend([(1, 1, 1), (1, 2, 1), (1, 3, 1)].map(|link| (Duration::ZERO, link)));
    // Other rows are answered between its attempts.
    rows.extend((0..100).map(|n: u64| (ms(n * 1_000), (n + 10, 2, 3))));
    // And a row that arrives afterwards.
    rows.push((ms(200_000), (1, 4, 1)));
    let ran = run_calls(rows, KINDS[0], |links, _| {
        (
            ms(10),
            if links[0].0 == 1 {
                unexpected_answer()
            } else {
                DONE
            },
        )
    });
    assert_eq!(ran.stop, None);
    let of_contact = ran.sent.iter().filter(|sent| sent.links[0].0 == 1);
    assert!(of_contact.clone().all(|sent| sent.links[0].1 == 1));
    assert_eq!(ran.bad(), [2]);
}

#[test]
fn the_last_of_several_parents_wins_in_either_direction() {
    for bounds in KINDS {
        // The first row takes the longest, so it would win if they were sent together.
        let rows = vec![
            (Duration::ZERO, (11, 100, 14)),
            (Duration::ZERO, (101, 11, 13)),
            (Duration::ZERO, (11, 102, 14)),
        ];
        let ran = run_calls(rows, bounds, |links, _| {
            (ms(if links[0].1 == 100 { 500 } else { 10 }), DONE)
        });
        assert_eq!(ran.sizes(), [1; 3]);
        let parents = ran.sent.iter().map(|sent| sent.links[0]);
        let parents: Vec<_> = parents.collect();
        assert_eq!(parents, [(11, 100, 14), (101, 11, 13), (11, 102, 14)]);
        for two in ran.sent.windows(2) {
            assert!(two[0].to <= two[1].from, "one after the other");
        }
    }
}

#[test]
fn check_names_the_children_that_get_several_parents() {
    let workdir = Workdir::with(
        "from_object_id,to_object_id,definition_id\n\
         11,100,14\n12,100,14\n101,11,13\n7,8,1\n7,9,1\n13,100,14\n",
    );
    let said = workdir.run("check links.csv").exits(0).stderr;
    for line in [
        "note: 1 record gets more than one parent company, and the last row wins: \
         company 11 (2 rows, row 3 wins)\n",
        "note: 1 record gets more than one primary company, and the last row wins: \
         contact 7 (2 rows, row 5 wins)\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn rows_that_are_left_make_space_for_others() {
    // Ten contacts in sequence, each with hundreds of rows behind one with an unknown outcome,
    // while other rows arrive and are answered.
    let mut rows = vec![(Duration::ZERO, (99, 1, 3))];
    for second in 0..1_000 {
        let at = ms(second * 1_000);
        let behind = (0..10).map(|n| (at, (second / 100 + 1, second * 10 + n + 1, 1)));
        rows.extend(behind);
        rows.push((at, (second + 100, 2, 3)));
    }
    let ran = run_calls(rows, KINDS[0], |links, _| {
        (
            ms(10),
            if links[0].0 <= 10 {
                unexpected_answer()
            } else {
                DONE
            },
        )
    });
    assert_eq!((ran.bad().len(), &ran.stop), (10, &None));
    assert_eq!(ran.reports.len(), 1 + 1_000 + 10);
}

#[test]
fn rows_of_a_record_that_arrive_one_by_one_are_all_sent() {
    let rows = (1..=5).map(|n| (ms(n * 1_000), (1, n, 1)));
    let ran = run_calls(rows.collect(), KINDS[0], |_, _| (ms(10), DONE));
    assert_eq!(ran.sizes(), [1; 5]);
}

#[test]
fn a_row_followed_only_by_its_dependents_fails_alone() {
    // The rows behind it cannot show whether others succeed, even if they take up all the space and
    // the input continues.
    for followers in [1, 3_000] {
        let rows = (1..=followers + 1).map(|n| (Duration::ZERO, (1, n, 1)));
        let ran = run_calls(rows.collect(), KINDS[0], |links, _| {
            (ms(10), if links[0].1 == 1 { transient() } else { DONE })
        });
        assert_eq!((ran.bad(), &ran.stop), (vec![1], &None), "{followers}");
        assert_eq!(ran.attempts(1), 8);
    }
}

/// The links that a server received, as `from→to`.
fn requested_links(fake: &FakeHubSpot) -> Vec<String> {
    let ids = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        format!("{}→{}", body["fromObjectId"], body["toObjectId"])
    };
    fake.requests().iter().map(|r| ids(&r.body)).collect()
}

#[test]
fn a_failed_row_that_is_sent_again_is_followed_by_the_later_ones_of_its_record() {
    // A primary company, and a parent.
    for definition in [1, 14] {
        assert_retry_is_followed(definition);
    }
}

fn assert_retry_is_followed(definition: u32) {
    let workdir = Workdir::with(format!(
        "from_object_id,to_object_id,definition_id\n\
         1,10,{definition}\n1,11,{definition}\n2,12,{definition}\n1,13,3\n"
    ));
    let sick = Arc::new(AtomicBool::new(true));
    let is_sick = Arc::clone(&sick);
    let fake = FakeHubSpot::with_handler(move |_, request| {
        let fails = is_sick.load(Relaxed) && request.body.contains(":10,");
        if fails { 422.into() } else { 204.into() }
    });
    let options = "--concurrency 1 --resume";
    workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(requested_links(&fake).len(), 4);
    sick.store(false, Relaxed);
    let again = format!("{options} --retry-failed --summary s.json");
    workdir.import(&fake.base_url(), &again).exits(0);
    assert_eq!(requested_links(&fake)[4..], ["1→10", "1→11"]);
    let summary = workdir.json("s.json");
    let counts = ["rows_read", "succeeded", "failed", "unsettled"].map(|n| &summary[n]);
    assert_eq!(counts, [4, 4, 0, 0]);
    // Nothing is left to send.
    workdir.import(&fake.base_url(), options).exits(0);
    assert_eq!(requested_links(&fake).len(), 6);
}

#[test]
fn rows_that_should_have_followed_are_sent_by_the_next_run_and_no_others() {
    // The second row of contact 2 failed too; its retry continues.
    let workdir = Workdir::with(
        "from_object_id,to_object_id,definition_id\n1,10,1\n2,10,1\n1,11,1\n2,12,1\n",
    );
    let run = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&run);
    let fake = FakeHubSpot::with_handler(move |n, request| {
        let is = |id| request.body.contains(&format!("\"toObjectId\":{id},"));
        match now.load(Relaxed) {
            1 if is(10) || is(12) => 422.into(),
            // The token is refused after both rows were sent again.
            2 if n >= 4 + 2 => 401.into(),
            _ => 204.into(),
        }
    });
    let options = "--concurrency 1 --resume";
    run.store(1, Relaxed);
    workdir.import(&fake.base_url(), options).exits(1);
    assert_eq!(requested_links(&fake).len(), 4);
    run.store(2, Relaxed);
    let again = format!("{options} --retry-failed");
    workdir.import(&fake.base_url(), &again).exits(3);
    assert_eq!(requested_links(&fake)[4..6], ["1→10", "2→10"]);
    run.store(3, Relaxed);
    let done = requested_links(&fake).len();
    workdir.import(&fake.base_url(), options).exits(0);
    assert_eq!(requested_links(&fake)[done..], ["1→11", "2→12"]);
}

#[test]
fn on_the_server_each_contact_ends_with_the_company_of_its_last_row() {
    let mut input = "from_object_id,to_object_id,definition_id\n".to_owned();
    for (_, (contact, company, definition)) in rows() {
        writeln!(input, "{contact},{company},{definition}").unwrap();
    }
    for options in ["--concurrency 64", "--concurrency 64 --batch max"] {
        let sandbox = start_with(SandboxOptions {
            faults: ["500=5%", "reset-after=3%"]
                .map(|fault| fault.parse().unwrap())
                .into(),
            latency: Some("2ms..9ms".parse().unwrap()),
            ..SandboxOptions::default()
        });
        let workdir = Workdir::with(&input);
        workdir.import(&sandbox.base_url(), options).exits(0);
        let written = arrivals(&sandbox)
            .into_iter()
            .filter(|arrival| arrival.applied);
        let final_companies: HashMap<_, _> = written
            .map(|arrival| link(&arrival))
            .map(|(contact, company, _)| (contact, company))
            .collect();
        let last = (480..500).map(|n| (n % 20 + 1, company(n)));
        assert_eq!(
            final_companies,
            last.collect::<HashMap<_, _>>(),
            "{options}"
        );
    }
}
