//! The causes: rows that failed for one reason are one group, with the command that helps.

use std::collections::BTreeSet;

use super::{causes, commands, explained};
use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    workdir::{TOKEN, Workdir},
};

/// Rows of each cause.
const EACH: usize = 428;

/// A name that a shell has to be told of.
const INPUT: &str = "it's my links.csv";
const RESULTS: &str = "it's my links.results.csv";

/// The cells of rows of seven causes, and of one row that succeeds.
fn seven_causes() -> String {
    let of_each = (0..EACH).flat_map(|n| {
        let id = 350_000 + n;
        let invalid = format!("n/a {n}'s,7,1,a\n{id},7,Firm {n},b\n");
        let sent = (1..=5).map(move |cause| format!("{cause}{id},{},1,c{n}\n", 70_000 + n));
        [invalid].into_iter().chain(sent)
    });
    let header = "from_object_id,to_object_id,definition_id,note\n".to_owned();
    header + &of_each.collect::<String>() + "9000,7,1,good\n"
}

/// The answer to the n-th request: its first digit says the cause.
fn refusal(n: usize, request: &ReceivedRequest) -> FakeResponse {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let (from, to) = (&body["fromObjectId"], &body["toObjectId"]);
    let (status, message, errors) = match from.to_string().as_bytes()[0] {
        b'1' => (
            400,
            "One or more associations are invalid".to_owned(),
            format!(r#","context":{{"INVALID_OBJECT_IDS":["CONTACT={from} is not valid"]}}"#),
        ),
        b'2' => {
            let label = ["Boss", "Chef"][n % 2];
            let at = format!("2026-11-30T00:{:02}:00Z", n % 60);
            let message = format!("label '{label} {n}' is not allowed for {to} at {at}");
            (400, message, String::new())
        }
        b'3' => (422, format!("record {from} is read-only"), String::new()),
        b'4' => (
            409,
            format!(
                "{from} and {to} are being changed (request {n:08x}-1c4b-4a7d-8388-6de4be7a9a26)"
            ),
            String::new(),
        ),
        b'5' => (423, "the record is locked".to_owned(), String::new()),
        _ => return 204.into(),
    };
    let body = format!(
        r#"{{"status":"error","message":"{message}","correlationId":"{n:08x}-cfbe-4a7d-8388-6de4be7a9a26"{errors}}}"#
    );
    FakeResponse::from(status).body("application/json", body)
}

/// An import of seven causes.
fn failed_run(server: &FakeHubSpot) -> Workdir {
    let workdir = Workdir::new();
    workdir.write(INPUT, seven_causes());
    let options = "--max-attempts 1 --max-consecutive-failures off --concurrency 32";
    let line = format!(
        "import --base-url {} --rate unlimited {options}",
        server.base_url()
    );
    let run = workdir
        .run(&line)
        .arg(INPUT)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(1).says(&[
        "to see every cause, and what to do about it\n  hubassoc explain 'it'\\''s my links.results.csv'\n",
    ]);
    workdir
}

#[test]
fn three_thousand_failures_of_seven_causes_are_seven_groups_with_cures_and_commands() {
    let server = FakeHubSpot::with_handler(refusal);
    let workdir = failed_run(&server);
    let page = explained(&workdir, RESULTS);
    assert!(
        page.contains("rows:       2,997: 1 succeeded, 2,140 failed, 856 invalid\n"),
        "{page}"
    );
    assert!(page.contains("causes:     7, of 2,996 rows\n"), "{page}");
    let found: BTreeSet<_> = causes(&page).into_iter().collect();
    let expected = [
        "428 rows conflict",
        "428 rows invalid_definition",
        "428 rows invalid_id",
        "428 rows locked",
        "428 rows record_not_found",
        "428 rows rejected",
    ];
    assert_eq!(found, expected.into());
    assert_eq!(causes(&page).len(), 7);
    let joined = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "message: from_object_id: … is not a HubSpot ID (a number such as 123456) examples: rows 1 (line 2), 8 (line 9), 15 (line 16) and 425 more",
        "message: definition_id: … is not the id or name of a definition; `hubassoc types` lists them",
        "the from id must be a contact; check the id, and that the from and to columns are not swapped (HTTP 400: One or more associations are invalid: CONTACT=… is not valid)",
        "message: HTTP 400: label … is not allowed for … at …",
        "message: HTTP 422: record … is read-only",
        "message: HTTP 409: … and … are being changed (request …)",
        "message: gave up after one attempt: HTTP 423: the record is locked",
        "to do: Wait until HubSpot has released the record. send again: later",
        "to do: Put the id of the record in the cell. send again: helps only after",
    ] {
        assert!(joined.contains(words), "{words}\n{page}");
    }
}

#[test]
fn the_commands_of_the_causes_run_unchanged() {
    let server = FakeHubSpot::with_handler(|n, request| match n {
        0..2141 => refusal(n, request),
        _ => 204.into(),
    });
    let workdir = failed_run(&server);
    let page = explained(&workdir, RESULTS);
    let printed: BTreeSet<_> = commands(&page).into_iter().collect();
    let printed: Vec<_> = printed.into_iter().collect();
    let [resend, correct] = &printed[..] else {
        panic!("{page}");
    };
    let shell = |command: &str| workdir.shell(command).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    shell(resend)
        .exits(1)
        .says(&["2,997 rows read: 2,141 succeeded, 0 failed, 856 invalid"]);
    let page = explained(&workdir, RESULTS);
    assert_eq!(
        causes(&page),
        ["428 rows invalid_id", "428 rows invalid_definition"]
    );
    assert_eq!(commands(&page), [*correct; 2]);
    let good = links([1, 2]);
    workdir.write("it's my links.failures.csv", good);
    shell(correct).exits(0).says(&["2 rows read: 2 succeeded"]);
    // Its results are there now, so the command names others.
    let page = explained(&workdir, RESULTS);
    workdir.write("it's my links.failures.csv", links([3]));
    shell(commands(&page)[0])
        .exits(0)
        .says(&["1 row read: 1 succeeded"]);
}
