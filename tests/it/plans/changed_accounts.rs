//! Between plan and apply the account changes: each row for which it did is reported and not
//! written, and all others are written. The server shares no code with the sandbox.

use super::{apply, digest, plan, planned};
use crate::{
    merged::hubspot::{InitialState, MergedHubSpot, PRIMARY, UNLABELED},
    support::workdir::Workdir,
};

const LABEL: &str = "USER_DEFINED=37";

const API_OPTIONS: [&str; 2] = ["--api 2026-09", "--api 2026-09 --batch max"];

/// Contacts 1 to 10, each with one row.
const ROWS: &str = "from_object_id,to_object_id,definition_id\n\
    1,70,279\n2,70,279\n3,70,279\n4,70,1\n5,70,1\n6,70,1\n7,70,1\n8,70,279\n9,70,279\n10,70,279\n";

fn account() -> MergedHubSpot {
    MergedHubSpot::start(&InitialState {
        links: &[
            (4, 70, &[UNLABELED, LABEL]),
            (6, 71, &[UNLABELED, PRIMARY]),
            (7, 71, &[UNLABELED, PRIMARY]),
            (8, 70, &[UNLABELED]),
            (9, 70, &[UNLABELED]),
        ],
        ..InitialState::default()
    })
}

/// Status and code of each row.
fn endings(workdir: &Workdir) -> Vec<String> {
    let results = workdir.results();
    let endings = results.iter().map(|line| {
        format!("{} {}", line["assoc_status"], line["assoc_code"])
            .trim()
            .to_owned()
    });
    endings.collect()
}

#[test]
fn rows_whose_records_have_changed_are_reported_and_not_written() {
    for options in API_OPTIONS {
        let hubspot = account();
        let workdir = Workdir::with(ROWS);
        plan(&workdir, &hubspot.server.base_url(), options).exits(0);
        let actions = planned(&workdir.lines("links.plan.csv"));
        assert_eq!(
            actions,
            [
                "create",
                "create",
                "create",
                "add_label",
                "create",
                "replace_primary",
                "replace_primary",
                "none link_exists",
                "none link_exists",
                "create",
            ]
        );
        // The link itself, a label, another primary company, and a link that is gone.
        hubspot.set_types(2, 70, &[UNLABELED]);
        hubspot.set_types(3, 70, &[LABEL]);
        hubspot.set_types(7, 71, &[UNLABELED]);
        hubspot.set_types(7, 72, &[UNLABELED, PRIMARY]);
        hubspot.set_types(9, 70, &[]);
        let before = hubspot.links();
        let ran = apply(&workdir, &digest(&workdir), "").exits(1);
        let expected = [
            "succeeded",
            "already changed_since_plan",
            "failed changed_since_plan",
            "succeeded",
            "succeeded",
            "succeeded",
            "failed changed_since_plan",
            "already",
            "failed changed_since_plan",
            "succeeded",
        ];
        assert_eq!(endings(&workdir), expected, "{options}\n{ran}");
        let after = hubspot.links();
        for (contact, company) in [(2, 70), (3, 70), (7, 72), (9, 70), (7, 70)] {
            let pair = (contact, company);
            assert_eq!(after.get(&pair), before.get(&pair), "{pair:?}");
        }
    }
}

#[test]
fn a_row_behind_one_that_has_changed_is_not_written_either() {
    let hubspot = account();
    let workdir = Workdir::with(
        "from_object_id,to_object_id,definition_id\n6,70,1\n6,72,1\n6,72,279\n5,72,279\n",
    );
    let options = API_OPTIONS[1];
    plan(&workdir, &hubspot.server.base_url(), options).exits(0);
    hubspot.set_types(6, 71, &[UNLABELED]);
    apply(&workdir, &digest(&workdir), "").exits(1);
    let changed = "failed changed_since_plan";
    assert_eq!(endings(&workdir), [changed, changed, changed, "succeeded"]);
}

#[test]
fn nothing_has_changed_then_everything_is_written_and_can_be_undone() {
    for options in API_OPTIONS {
        let hubspot = account();
        let before = hubspot.links();
        let workdir = Workdir::with(ROWS);
        plan(&workdir, &hubspot.server.base_url(), options).exits(0);
        apply(&workdir, &digest(&workdir), "").exits(0);
        let command = |line: &str| {
            let run = workdir.run(line);
            run.env("HUBSPOT_ACCESS_TOKEN", crate::support::workdir::TOKEN)
        };
        command("verify links.results.csv --rate unlimited").exits(0);
        command("undo links.results.csv --rate unlimited --yes").exits(0);
        assert_eq!(hubspot.links(), before, "{options}");
    }
}
