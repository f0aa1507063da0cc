//! Merged records: old ids still work and are answered with the new id. Nothing is erased without
//! being read, and nothing is claimed without proof.

mod after_import;
pub(crate) mod hubspot;

use std::collections::BTreeMap;

use crate::support::workdir::{CsvLine, TOKEN, Transcript, Workdir, column};
use hubspot::{InitialState, Links, MergedHubSpot, PRIMARY, UNLABELED};

const LABEL: &str = "USER_DEFINED=37";
const HEADER: &str = "from_object_id,to_object_id,definition_id\n";

/// Single calls and batches.
const API_OPTIONS: [&str; 2] = ["--api 2026-09", "--api 2026-09 --batch max"];

fn import(hubspot: &MergedHubSpot, rows: &str, options: &str) -> (Workdir, Transcript) {
    let workdir = Workdir::with(format!("{HEADER}{rows}"));
    let ran = workdir.import(&hubspot.server.base_url(), options).finish();
    (workdir, ran)
}

fn run_command(workdir: &Workdir, command: &str) -> Transcript {
    let line = format!("{command} links.results.csv --rate unlimited");
    workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .finish()
}

fn links(expected: &[(u64, u64, &[&str])]) -> Links {
    let links = expected.iter().map(|(contact, company, types)| {
        let types = types.iter().map(|text| (*text).to_owned()).collect();
        ((*contact, *company), types)
    });
    links.collect::<BTreeMap<_, _>>()
}

/// Status, code and sent ids of each row.
fn endings(lines: &[CsvLine]) -> Vec<String> {
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
    let ending = |line: &&CsvLine| {
        ["assoc_status", "assoc_code", "assoc_from_id", "assoc_to_id"]
            .map(|name| line[name].as_str())
            .join(" ")
    };
    lines.iter().map(ending).collect()
}

/// A merged contact and a merged company with a label between them.
fn labelled() -> InitialState<'static> {
    InitialState {
        contacts: &[(101, 1001)],
        companies: &[(7, 70)],
        links: &[(1001, 70, &[UNLABELED, LABEL])],
        ..InitialState::default()
    }
}

#[test]
fn labels_of_a_merged_record_stay_on_either_side() {
    let cases = [
        ("101,70,279\n", "succeeded record_merged 1001 "),
        ("1001,7,279\n", "succeeded record_merged  70"),
        ("101,7,279\n", "succeeded record_merged 1001 70"),
        ("1001,70,279\n", "succeeded   "),
    ];
    for api in API_OPTIONS {
        for (row, expected) in cases {
            let hubspot = MergedHubSpot::start(&labelled());
            let (workdir, ran) = import(&hubspot, row, api);
            assert_eq!(ran.code, Some(0), "{ran}");
            let expected = [expected];
            assert_eq!(endings(&workdir.results()), expected, "{api} {row}");
            let kept = links(&[(1001, 70, &[UNLABELED, LABEL])]);
            assert_eq!(hubspot.links(), kept, "{api} {row}");
        }
    }
}

#[test]
fn the_message_names_both_ids() {
    let hubspot = MergedHubSpot::start(&labelled());
    let (workdir, _) = import(&hubspot, "101,7,279\n", API_OPTIONS[0]);
    let message = &workdir.results()[0]["assoc_message"];
    for words in ["101", "1001", "company 7 ", "70"] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn two_rows_with_two_ids_of_one_record_are_ordered() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            contacts: &[(101, 1001)],
            links: &[(1001, 5, &[UNLABELED])],
            ..InitialState::default()
        });
        // A primary and an unlabeled row of one pair, and several primary rows, of which the last
        // wins.
        let rows = "101,70,1\n1001,70,279\n1001,80,1\n101,90,1\n1001,60,1\n";
        let (workdir, ran) = import(&hubspot, rows, api);
        assert_eq!(ran.code, Some(0), "{ran}");
        let statuses = column(&workdir.results(), "assoc_status").join(" ");
        assert_eq!(statuses, ["succeeded"; 5].join(" "), "{api}");
        let expected = links(&[
            (1001, 5, &[UNLABELED]),
            (1001, 60, &[UNLABELED, PRIMARY]),
            (1001, 70, &[UNLABELED]),
            (1001, 80, &[UNLABELED]),
            (1001, 90, &[UNLABELED]),
        ]);
        assert_eq!(hubspot.links(), expected, "{api}");
    }
}

/// Both with HubSpot's own limit of one and with an administrator's.
#[test]
fn the_last_row_wins_even_if_an_earlier_merge_is_found_late() {
    for (definition, api) in [
        (1, API_OPTIONS[0]),
        (1, API_OPTIONS[1]),
        (279, API_OPTIONS[0]),
    ] {
        let hubspot = MergedHubSpot::start(&InitialState {
            contacts: &[(101, 1001)],
            failing_reads: 2,
            one_company: definition == 279,
            ..InitialState::default()
        });
        // The last row is in another read, and is answered long before the first.
        let others: Vec<_> = (2..=120).map(|n| format!("{n},7,279\n")).collect();
        let others = others.concat();
        let rows = format!("101,70,{definition}\n{others}1001,80,{definition}\n");
        let options = format!("{api} --concurrency 200");
        let (workdir, ran) = import(&hubspot, &rows, &options);
        assert_eq!(ran.code, Some(0), "{ran}");
        assert_eq!(workdir.results().len(), 121);
        let links = hubspot.links();
        let kind = if definition == 1 { PRIMARY } else { UNLABELED };
        let wins = |((contact, _), types): &(&(u64, u64), &std::collections::BTreeSet<String>)| {
            *contact == 1001 && types.contains(kind)
        };
        let last: Vec<_> = links.iter().filter(wins).map(|(pair, _)| *pair).collect();
        assert_eq!(last, [(1001, 80)], "{api}");
        assert_eq!(links.len(), if definition == 1 { 121 } else { 119 });
    }
}

/// The company keeps its last contact. Its rows name it by two ids, and the first row is sent late.
#[test]
fn the_last_row_wins_even_if_the_other_side_is_limited_and_merged() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            companies: &[(7, 70)],
            one_contact: true,
            failing_writes: 1,
            ..InitialState::default()
        });
        let (workdir, ran) = import(&hubspot, "8,7,279\n9,70,279\n", api);
        assert_eq!(ran.code, Some(0), "{ran}");
        let expected = ["succeeded record_merged  70", "succeeded   "];
        assert_eq!(endings(&workdir.results()), expected, "{api}");
        assert_eq!(hubspot.links(), links(&[(9, 70, &[UNLABELED])]), "{api}");
    }
}

/// Meanwhile the company's earlier row waits for another row of its contact.
#[test]
fn a_write_waits_for_an_earlier_row_that_is_not_read_yet() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            companies: &[(7, 70)],
            one_contact: true,
            ..InitialState::default()
        });
        let rows = "9,60,279\n9,7,279\n8,70,279\n";
        let (workdir, ran) = import(&hubspot, rows, api);
        assert_eq!(ran.code, Some(0), "{ran}");
        let expected = [
            "succeeded   ",
            "succeeded record_merged  70",
            "succeeded   ",
        ];
        assert_eq!(endings(&workdir.results()), expected, "{api}");
        let last = links(&[(8, 70, &[UNLABELED]), (9, 60, &[UNLABELED])]);
        assert_eq!(hubspot.links(), last, "{api}");
    }
}

/// One row gets no valid answer, so the next one is left for a later run.
#[test]
fn a_write_does_not_wait_for_a_row_left_for_later() {
    let hubspot = MergedHubSpot::start(&InitialState {
        one_contact: true,
        foreign_company: Some(60),
        ..InitialState::default()
    });
    let others: Vec<_> = (101..=300).map(|n| format!("{n},{n},279\n")).collect();
    let rows = format!("9,60,279\n{}9,7,279\n8,70,279\n", others.concat());
    let options = format!("{} --max-attempts 2 --concurrency 2", API_OPTIONS[0]);
    let (workdir, ran) = import(&hubspot, &rows, &options);
    assert_eq!(ran.code, Some(4), "{ran}");
    assert_eq!(workdir.results().len(), 201, "{ran}");
    let links = hubspot.links();
    assert!(links.contains_key(&(8, 70)), "{ran}");
    assert!(!links.contains_key(&(9, 7)), "{ran}");
}

/// Only the second row sets a primary company. It waits for the first row, whose late answer shows
/// that their contact was merged.
#[test]
fn a_write_waits_for_a_read_of_another_row_of_the_record() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            contacts: &[(101, 1001)],
            failing_reads: 2,
            ..InitialState::default()
        });
        let others: Vec<_> = (2..=120).map(|n| format!("{n},7,279\n")).collect();
        let others = others.concat();
        let rows = format!("101,60,279\n101,70,1\n{others}1001,80,1\n");
        let options = format!("{api} --concurrency 200");
        let (_, ran) = import(&hubspot, &rows, &options);
        assert_eq!(ran.code, Some(0), "{ran}");
        let links = hubspot.links();
        let primary = links.iter().filter(|(_, types)| types.contains(PRIMARY));
        let primary: Vec<_> = primary.map(|(pair, _)| *pair).collect();
        assert_eq!(primary, [(1001, 80)], "{api}");
    }
}

#[test]
fn an_existing_link_under_the_new_id_is_not_written_again() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&labelled());
        let (workdir, ran) = import(&hubspot, "101,7,279\n", &format!("{api} --skip-existing"));
        assert_eq!(ran.code, Some(0), "{ran}");
        assert_eq!(
            endings(&workdir.results()),
            ["already record_merged 1001 70"]
        );
        let writes = hubspot.server.requests().into_iter();
        let writes: Vec<_> = writes
            .filter(|request| request.method == "PUT" || request.uri.contains("create"))
            .collect();
        assert!(writes.is_empty(), "{writes:?}");
    }
}

#[test]
fn links_written_before_a_merge_was_found_belong_to_the_run() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            companies: &[(7, 70)],
            ..InitialState::default()
        });
        let options = format!("{api} --skip-existing");
        let (workdir, ran) = import(&hubspot, "1,7,279\n", &options);
        assert_eq!(ran.code, Some(0), "{ran}");
        let expected = ["succeeded record_merged  70"];
        assert_eq!(endings(&workdir.results()), expected, "{api}");
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(hubspot.links(), links(&[]), "{api}\n{ran}");
    }
}

#[test]
fn unreadable_records_are_not_overwritten_and_the_run_continues() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            records_unreadable: true,
            ..labelled()
        });
        let (workdir, ran) = import(&hubspot, "101,7,279\n3,70,279\n", api);
        assert_eq!(ran.code, Some(1), "{ran}");
        let expected = ["failed record_not_read  ", "succeeded   "];
        assert_eq!(endings(&workdir.results()), expected, "{api}");
        let message = &workdir.results()[0]["assoc_message"];
        assert!(message.contains("read scope"), "{message}");
        let kept = links(&[(3, 70, &[UNLABELED]), (1001, 70, &[UNLABELED, LABEL])]);
        assert_eq!(hubspot.links(), kept, "{api}");
    }
}

#[test]
fn verify_and_undo_claim_nothing_about_unreadable_records() {
    let hubspot = MergedHubSpot::start(&InitialState {
        records_unreadable: true,
        ..InitialState::default()
    });
    let (workdir, _) = import(&hubspot, "1,7,279\n", API_OPTIONS[0]);
    hubspot.merge_contact(1, 1001);
    let ran = run_command(&workdir, "verify");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert_eq!(
        endings(&workdir.lines("links.verify.csv")),
        ["unreadable record_not_read  "]
    );
    run_command(&workdir, "undo --yes");
    assert_eq!(
        endings(&workdir.lines("links.undo.csv")),
        ["kept record_not_read  "]
    );
    assert_eq!(hubspot.links(), links(&[(1001, 7, &[UNLABELED])]));
}

/// The link is written under an id that may not be read.
#[test]
fn a_write_that_cannot_be_read_back_fails_and_can_be_undone() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            companies: &[(7, 70)],
            records_unreadable: true,
            ..InitialState::default()
        });
        let (workdir, ran) = import(&hubspot, "9,7,279\n", api);
        assert_eq!(ran.code, Some(1), "{ran}");
        assert_eq!(endings(&workdir.results()), ["failed not_confirmed  "]);
        let message = &workdir.results()[0]["assoc_message"];
        for part in ["answered 201", "record 7 of companies", "read scope"] {
            assert!(message.contains(part), "{message}");
        }
        let resumed = workdir.import(&hubspot.server.base_url(), &format!("--resume {api}"));
        let resumed = resumed.finish();
        assert_eq!(resumed.code, Some(1), "{resumed}");
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(ran.code, Some(1), "{ran}");
        assert_eq!(
            endings(&workdir.lines("links.undo.csv")),
            ["kept record_not_read  "],
            "{ran}"
        );
        ran.says(&[
            "row 1 (line 2) record_not_read: ",
            "continue with what is left",
        ]);
        let ran = run_command(&workdir, "undo --yes --log-format json");
        let warning =
            |line: &&str| line.contains(r#""level":"WARN""#) && line.contains(r#""row":1,"#);
        assert_eq!(ran.stderr.lines().filter(warning).count(), 1, "{ran}");
        assert_eq!(hubspot.links(), links(&[(9, 70, &[UNLABELED])]), "{api}");
        // Once the token has the scope, the same command removes the link.
        hubspot.allow_reading_records();
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(ran.code, Some(0), "{ran}");
        let lines = workdir.lines("links.undo.csv");
        let last = endings(&lines).pop();
        assert_eq!(last.as_deref(), Some("removed record_merged  70"), "{ran}");
        assert_eq!(hubspot.links(), links(&[]), "{api}");
    }
}

#[test]
fn with_v1_each_record_is_requested() {
    let before = InitialState {
        contacts: &[(101, 1001)],
        companies: &[(7, 70)],
        links: &[(1001, 70, &[UNLABELED, PRIMARY])],
        ..InitialState::default()
    };
    for api in ["--skip-existing", "--skip-existing --batch max"] {
        let hubspot = MergedHubSpot::start(&before);
        let (workdir, ran) = import(&hubspot, "101,7,1\n2,7,1\n", api);
        assert_eq!(ran.code, Some(0), "{ran}");
        let expected = [
            "already record_merged 1001 70",
            "succeeded record_merged  70",
        ];
        assert_eq!(endings(&workdir.results()), expected, "{api}");
        let ran = run_command(&workdir, "verify");
        assert_eq!(ran.code, Some(0), "{ran}");
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(ran.code, Some(0), "{ran}");
        let initial_links = links(&[(1001, 70, &[UNLABELED, PRIMARY])]);
        assert_eq!(hubspot.links(), initial_links, "{api}\n{ran}");
    }
}

#[test]
fn a_resumed_run_knows_what_was_merged() {
    let hubspot = MergedHubSpot::start(&labelled());
    let (workdir, _) = import(
        &hubspot,
        "101,7,279\n1001,80,279\n",
        "--api 2026-09 --limit 1",
    );
    let log = workdir.text("links.results.csv.run");
    assert!(
        log.contains(r#""merged":[["contacts",101,1001],["companies",7,70]]"#),
        "{log}"
    );
    let ran = workdir
        .import(
            &hubspot.server.base_url(),
            "--api 2026-09 --limit off --resume",
        )
        .finish();
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(
        endings(&workdir.results()),
        ["succeeded record_merged 1001 70", "succeeded   "]
    );
}

#[test]
fn one_known_record_is_requested_and_not_all_of_them() {
    // Each contact has its own company, and gets a common one.
    let held: Vec<_> = (1..=150)
        .map(|n| (n, 1_000 + n, &[UNLABELED][..]))
        .collect();
    let hubspot = MergedHubSpot::start(&InitialState {
        links: &held,
        ..InitialState::default()
    });
    let rows: Vec<_> = (1..=150).map(|n| format!("{n},70,279\n")).collect();
    let (_, ran) = import(&hubspot, &rows.concat(), API_OPTIONS[1]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let requests = hubspot.server.requests().into_iter();
    let requested: Vec<_> = requests
        .filter(|request| request.uri.starts_with("/crm/objects/"))
        .collect();
    assert_eq!(requested.len(), 1, "{requested:?}");
    assert_eq!(
        requested[0].body.matches(r#""id""#).count(),
        2,
        "{requested:?}"
    );
}
