//! `undo`: afterwards the server is as it was before the run, whatever links existed.

use std::collections::BTreeSet;

use hubassoc::sandbox::{Sandbox, SandboxOptions};

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::{arrivals, start, start_with},
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

const HEADER: &str = "from_object_id,to_object_id,definition_id\n";

fn import(sandbox: &Sandbox, file: &str, options: &str) -> Workdir {
    let workdir = Workdir::with(file);
    workdir.import(&sandbox.base_url(), options).finish();
    workdir
}

fn undo(workdir: &Workdir, options: &str) -> ProgramRun {
    let line = format!("undo links.results.csv --rate unlimited {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

fn statuses(workdir: &Workdir) -> Vec<String> {
    let mut lines = workdir.lines("links.undo.csv");
    lines.sort_by_key(|line| line["assoc_row"].parse::<u64>().unwrap());
    column(&lines, "assoc_status")
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// Links that exist before the run: primary companies, other companies, deals and labels.
const BEFORE: &str = "from_object_id,to_object_id,definition_id\n\
    1,100,1\n2,100,1\n3,100,279\n4,100,1\n5,9,4\n";

/// Rows that meet all of these: a new primary company, an existing one, two in sequence, one that
/// existed without a label, a repeated one, and others.
const RUN: &str = "from_object_id,to_object_id,definition_id\n\
    1,200,1\n2,100,1\n3,100,1\n4,200,1\n4,300,1\n4,100,1\n5,9,4\n6,9,4\n6,9,4\n7,200,1\n200,8,2\n404,7,1\n";

fn before() -> (Sandbox, BTreeSet<String>) {
    let sandbox = start(&[]);
    import(&sandbox, BEFORE, "--api 2026-09");
    let initial_links = sandbox.links();
    (sandbox, initial_links)
}

#[test]
fn after_an_undo_the_server_is_as_it_was_before() {
    for options in [
        "--api 2026-09",
        "--api 2026-09 --batch max",
        "--api 2026-09 --skip-existing",
        "--api 2026-09 --skip-existing --batch 4",
    ] {
        let (sandbox, initial_links) = before();
        let workdir = import(&sandbox, RUN, options);
        assert_ne!(sandbox.links(), initial_links, "{options}");
        undo(&workdir, "--yes").exits(0);
        assert_eq!(sandbox.links(), initial_links, "{options}");
    }
}

#[test]
fn v1_undoes_what_it_can_see() {
    // Without the row whose pair existed only unlabeled, which v1 cannot see.
    let run = RUN.replace("3,100,1\n", "");
    for options in ["--skip-existing", "--skip-existing --batch max"] {
        let (sandbox, initial_links) = before();
        // v1 leaves displaced companies unlabeled, and cannot see them.
        let seen = |links: BTreeSet<String>| {
            let mut seen = links;
            seen.retain(|link| !link.ends_with("=279") && !link.ends_with("=280"));
            seen
        };
        let workdir = import(&sandbox, &run, options);
        undo(&workdir, "--yes").exits(0);
        assert_eq!(seen(sandbox.links()), seen(initial_links), "{options}");
    }
}

#[test]
fn a_link_in_the_other_direction_belongs_to_the_run_too() {
    for (rows, options) in [
        ("1,7,1\n7,1,2\n", "--skip-existing"),
        ("1,7,1\n7,1,2\n", "--api 2026-09 --skip-existing"),
        ("6,9,4\n9,6,3\n", "--api 2026-09 --skip-existing"),
    ] {
        let sandbox = start(&[]);
        let workdir = import(&sandbox, &format!("{HEADER}{rows}"), options);
        let lines = workdir.lines("links.results.csv");
        assert_eq!(column(&lines, "assoc_status"), ["succeeded", "already"]);
        undo(&workdir, "--yes").exits(0);
        assert_eq!(statuses(&workdir), ["removed"; 2], "{rows} {options}");
        assert!(sandbox.links().is_empty(), "{rows} {options}");
    }
}

#[test]
fn a_second_undo_sends_nothing() {
    let (sandbox, _) = before();
    let workdir = import(&sandbox, RUN, "--api 2026-09 --skip-existing");
    undo(&workdir, "--yes").exits(0);
    let requests = sandbox.request_log().requests;
    undo(&workdir, "--yes").exits(0);
    assert_eq!(sandbox.request_log().requests, requests);
}

#[test]
fn every_row_with_a_link_is_removed_or_kept() {
    let (sandbox, _) = before();
    let workdir = import(&sandbox, RUN, "--api 2026-09 --skip-existing");
    undo(&workdir, "--yes").exits(0);
    let kept: Vec<_> = statuses(&workdir)
        .iter()
        .map(|word| word == "kept")
        .collect();
    // The links of rows 2 and 7 existed; row 4 had displaced the link of row 6. Row 9 repeats row
    // 8.
    let rows = [2, 6, 7];
    assert_eq!(
        kept,
        (1..=11).map(|row| rows.contains(&row)).collect::<Vec<_>>()
    );
}

#[test]
fn a_run_without_reads_is_undone_only_with_the_option() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=5), "");
    let ran = undo(&workdir, "--yes").exits(0);
    assert!(ran.stderr.contains("--include-unchecked"), "{ran}");
    assert_eq!(statuses(&workdir), ["kept"; 5]);
    undo(&workdir, "--yes --include-unchecked").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

/// The first call created the link, but its answer got lost.
#[test]
fn a_row_with_a_lost_answer_in_a_run_without_reads_is_reported_and_included() {
    let fake = FakeHubSpot::with_handler(|n, request| match request.method.as_str() {
        "PUT" if n == 0 => 503.into(),
        "PUT" => 204.into(),
        _ => 404.into(),
    });
    let workdir = Workdir::with(format!("{HEADER}1,7,3\n2,7,3\n"));
    let ran = workdir.import(&fake.base_url(), "--max-attempts 1 --concurrency 1");
    ran.exits(1);
    let undo = |options| {
        let line = format!("undo links.results.csv --yes --rate unlimited {options}");
        workdir
            .run(&line)
            .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
            .exits(0)
    };
    undo("").says(&["2 links kept: the run did not check whether they existed before"]);
    undo("--include-unchecked");
    let removals = fake.requests();
    let removals = removals
        .iter()
        .filter(|request| request.uri.contains("delete"));
    assert_eq!(removals.count(), 2);
}

#[test]
fn nothing_is_removed_without_consent() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=5), "--api 2026-09");
    let (initial_links, sent) = (sandbox.links(), arrivals(&sandbox).len());
    let ran = undo(&workdir, "").exits(2);
    assert!(ran.stderr.contains("5 links will be removed"), "{ran}");
    assert!(ran.stderr.contains("--yes"), "{ran}");
    assert_eq!(
        (sandbox.links(), arrivals(&sandbox).len()),
        (initial_links, sent)
    );
}

#[test]
fn an_account_other_than_the_runs_is_refused() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=3), "--api 2026-09");
    let address = sandbox.address();
    drop(sandbox);
    let other = crate::support::sandbox::start_with(hubassoc::sandbox::SandboxOptions {
        listen: address,
        account: 4711,
        ..hubassoc::sandbox::SandboxOptions::default()
    });
    let ran = undo(&workdir, "--yes").exits(2);
    assert!(ran.stderr.contains("4711"), "{ran}");
    assert!(!ran.stderr.contains("--account"), "{ran}");
    assert_eq!(other.request_log().counts.removes, 0);
    assert!(!workdir.has("links.undo.csv"), "{:?}", workdir.names());
}

#[test]
fn an_undo_that_is_done_says_so() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=3), "--api 2026-09");
    undo(&workdir, "--yes").exits(0);
    let ran = undo(&workdir, "").exits(0);
    assert!(
        ran.stderr.contains("nothing left to do: 3 removed, 0 kept"),
        "{ran}"
    );
}

#[test]
fn kept_rows_are_not_reported_as_undone() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=3), "");
    undo(&workdir, "--yes").exits(0);
    let ran = undo(&workdir, "").exits(0);
    assert!(
        ran.stderr.contains("nothing left to do: 0 removed, 3 kept"),
        "{ran}"
    );
}

#[test]
fn labels_that_others_set_later_stay() {
    let sandbox = start(&[]);
    let workdir = import(
        &sandbox,
        &format!("{HEADER}1,7,279\n2,7,279\n"),
        "--api 2026-09",
    );
    let label = "from_object_id,to_object_id\n1,7\n";
    let options = "--api 2026-09 --from-type contacts --to-type companies";
    let other = Workdir::with(label);
    let run = other.import(&sandbox.base_url(), options);
    run.arg("--label").arg("Decision maker").exits(0);
    undo(&workdir, "--yes").exits(0);
    assert_eq!(statuses(&workdir), ["kept", "removed"]);
    assert!(
        sandbox
            .links()
            .iter()
            .any(|link| link.contains("USER_DEFINED"))
    );
}

#[test]
fn a_label_between_custom_objects_is_removed_with_its_unlabeled_link() {
    let sandbox = start(&[]);
    let types = "--api 2026-09 --from-type contacts --to-type 2-123456 --label Owner";
    let workdir = import(&sandbox, "from_object_id,to_object_id\n1,7\n", types);
    assert_eq!(
        sandbox.links().len(),
        4,
        "both directions: {:?}",
        sandbox.links()
    );
    undo(&workdir, "--yes").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn labels_that_others_set_on_a_restored_pair_stay() {
    let (sandbox, _) = before();
    let workdir = import(&sandbox, &format!("{HEADER}1,200,1\n"), "--api 2026-09");
    let options = "--api 2026-09 --from-type contacts --to-type companies";
    let other = Workdir::with("from_object_id,to_object_id\n1,100\n");
    let run = other.import(&sandbox.base_url(), options);
    run.arg("--label").arg("Decision maker").exits(0);
    undo(&workdir, "--yes").exits(0);
    let of_pair = |association_type| format!("contacts 1 -> companies 100 {association_type}");
    let links = sandbox.links();
    for association_type in ["USER_DEFINED=26", "HUBSPOT_DEFINED=1"] {
        assert!(
            links.contains(&of_pair(association_type)),
            "{association_type}: {links:?}"
        );
    }
}

#[test]
fn links_of_a_pair_are_removed_in_the_right_order_even_after_a_failure() {
    let file = "from_object_id,to_object_id,from_object_type,to_object_type,label\n\
                1,10,contacts,companies,Decision maker\n\
                1,10,contacts,companies,Billing contact\n";
    for nth in 1..=14 {
        let sandbox = start(&[&format!("503=#{nth}")]);
        let workdir = import(&sandbox, file, "--api 2026-09");
        for _ in 0..3 {
            undo(&workdir, "--yes --max-attempts 1").finish();
        }
        undo(&workdir, "--yes").exits(0);
        assert!(sandbox.links().is_empty(), "{nth}: {:?}", sandbox.links());
    }
}

#[test]
fn an_undone_run_does_not_resume() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=5), "--api 2026-09 --limit 3");
    undo(&workdir, "--yes").exits(0);
    let ran = workdir
        .import(&sandbox.base_url(), "--resume --limit off")
        .exits(2);
    assert!(ran.stderr.contains("was undone"), "{ran}");
    assert!(sandbox.links().is_empty());
}

#[test]
fn an_undo_refused_before_its_first_removal_leaves_the_run_unchanged() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, &links(1..=5), "--api 2026-09 --limit 3");
    let log = workdir.bytes("links.results.csv.run");
    let address = sandbox.address();
    drop(sandbox);
    let _refusing = crate::support::sandbox::start_with(hubassoc::sandbox::SandboxOptions {
        listen: address,
        faults: vec!["401=#1-".parse().unwrap()],
        ..hubassoc::sandbox::SandboxOptions::default()
    });
    undo(&workdir, "--yes").exits(3);
    assert_eq!(workdir.bytes("links.results.csv.run"), log);
}

#[test]
fn a_run_without_removals_can_resume_with_v1_too() {
    let refusing = SandboxOptions {
        faults: vec!["401=#1-".parse().unwrap()],
        ..SandboxOptions::default()
    };
    let other = SandboxOptions {
        account: 4711,
        ..SandboxOptions::default()
    };
    for (options, server, code) in [
        ("--include-unchecked", refusing, 3),
        ("--include-unchecked", other, 2),
        ("", SandboxOptions::default(), 0),
    ] {
        let sandbox = start(&[]);
        let workdir = import(&sandbox, &links(1..=5), "--limit 3");
        let log = workdir.bytes("links.results.csv.run");
        let address = sandbox.address();
        drop(sandbox);
        let server = start_with(SandboxOptions {
            listen: address,
            ..server
        });
        undo(&workdir, &format!("--yes {options}")).exits(code);
        assert_eq!(server.request_log().counts.removes, 0, "{options}");
        let now = workdir.bytes("links.results.csv.run");
        assert_eq!(now, log, "{options} {code}");
        drop(server);
        let server = start_with(SandboxOptions {
            listen: address,
            ..SandboxOptions::default()
        });
        let ran = workdir.import(&server.base_url(), "--resume --limit off");
        ran.exits(0);
    }
}

#[test]
fn an_answer_that_names_no_record_proves_a_removal_only_if_the_id_is_known() {
    for (unreadable, code) in [(vec![], ""), (vec!["deals".to_owned()], "record_not_read")] {
        let sandbox = start_with(SandboxOptions {
            unreadable,
            ..SandboxOptions::default()
        });
        let file = format!("{HEADER}1,7,3\n2,7,3\n");
        let workdir = import(&sandbox, &file, "");
        let ran = undo(&workdir, "--yes --include-unchecked").exits(0);
        let said = ran.stderr.contains(
            "note: 2 rows are removed, but not checked, because their records could not be read \
             (record_not_read): give the token the read scopes, and run verify",
        );
        assert_eq!(said, !code.is_empty(), "{ran}");
        let lines = workdir.lines("links.undo.csv");
        assert_eq!(column(&lines, "assoc_status"), ["removed"; 2]);
        assert_eq!(column(&lines, "assoc_code"), [code; 2]);
        if !code.is_empty() {
            assert!(
                lines[0]["assoc_message"].contains("whether it is gone could not be checked"),
                "{lines:?}"
            );
        }
        assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
    }
}
