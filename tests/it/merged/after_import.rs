//! Verify and undo of runs whose records were merged.

use super::{
    API_OPTIONS, LABEL, endings,
    hubspot::{InitialState, MergedHubSpot, PRIMARY, UNLABELED},
    import, links, run_command,
};

#[test]
fn a_run_is_verified_and_undone_with_current_ids() {
    for api in API_OPTIONS {
        let before = InitialState {
            contacts: &[(101, 1001)],
            companies: &[(7, 70)],
            links: &[(1001, 5, &[UNLABELED, PRIMARY, LABEL])],
            ..InitialState::default()
        };
        let hubspot = MergedHubSpot::start(&before);
        let initial_links = hubspot.links();
        let (workdir, _) = import(&hubspot, "101,7,1\n2,7,279\n", api);
        let ran = run_command(&workdir, "verify");
        assert_eq!(ran.code, Some(0), "{ran}");
        // The displaced primary company is restored with its label.
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(ran.code, Some(0), "{ran}");
        assert_eq!(hubspot.links(), initial_links, "{api}\n{ran}");
    }
}

#[test]
fn current_ids_that_a_spreadsheet_shortened_are_found_again() {
    let hubspot = MergedHubSpot::start(&InitialState {
        contacts: &[(101, 123_456_789_012)],
        ..InitialState::default()
    });
    let rows = "101,70,279\n2,71,279\n";
    let (workdir, ran) = import(&hubspot, rows, API_OPTIONS[0]);
    assert_eq!(ran.code, Some(0), "{ran}");
    let results = workdir.text("links.results.csv").replace('\n', "\r\n");
    workdir.write(
        "links.results.csv",
        results.replace("123456789012", "1.23457E+11"),
    );
    let ran = run_command(&workdir, "verify");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = run_command(&workdir, "undo --yes");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert_eq!(hubspot.links(), links(&[]));
}

#[test]
fn a_record_merged_after_the_run_is_verified_and_undone() {
    for api in API_OPTIONS {
        let hubspot = MergedHubSpot::start(&InitialState {
            links: &[(2, 5, &[UNLABELED, PRIMARY])],
            ..InitialState::default()
        });
        let (workdir, _) = import(&hubspot, "1,7,279\n2,7,1\n", api);
        hubspot.merge_contact(1, 1001);
        hubspot.merge_contact(2, 1002);
        let ran = run_command(&workdir, "verify");
        assert_eq!(ran.code, Some(0), "{ran}");
        let lines = workdir.lines("links.verify.csv");
        assert_eq!(
            endings(&lines),
            ["present record_merged 1001 ", "present record_merged 1002 "]
        );
        let ran = run_command(&workdir, "undo --yes");
        assert_eq!(ran.code, Some(0), "{ran}");
        let lines = workdir.lines("links.undo.csv");
        assert_eq!(
            endings(&lines),
            ["removed record_merged 1001 ", "removed record_merged 1002 "]
        );
        assert_eq!(
            hubspot.links(),
            links(&[(1002, 5, &[UNLABELED, PRIMARY])]),
            "{ran}"
        );
    }
}
