//! Runs and undos that were killed at the worst moments: between two related writes, and before the
//! first line.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use hubassoc::sandbox::Sandbox;

use crate::support::{
    killed_run::{RESULTS, RUN_LOG, keep_result_lines},
    sandbox::start,
    workdir::{TOKEN, Workdir, column},
};

const UNDO: &str = "links.undo.csv";
const UNDO_LOG: &str = "links.undo.csv.run";

const HEADER: &str = "from_object_id,to_object_id,definition_id\n";

fn import(sandbox: &Sandbox, rows: &str, options: &str) -> Workdir {
    let workdir = Workdir::with(format!("{HEADER}{rows}"));
    workdir.import(&sandbox.base_url(), options).exits(0);
    workdir
}

fn undo(workdir: &Workdir) {
    let line = format!("undo {RESULTS} --yes --rate unlimited");
    let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(0);
}

/// Removes a pair, as an undo does before it is killed.
fn remove(sandbox: &Sandbox, contact: u64, company: u64) {
    let path = format!("/crm/objects/2026-09/contacts/{contact}/associations/companies/{company}");
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    let request = format!(
        "DELETE {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n\
         content-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn a_removed_link_that_was_not_restored_is_restored_and_reported() {
    let sandbox = start(&[]);
    import(&sandbox, "1,100,1\n", "--api 2026-09");
    let initial_links = sandbox.links();
    let workdir = import(&sandbox, "1,200,1\n", "--api 2026-09");
    remove(&sandbox, 1, 200);
    undo(&workdir);
    let lines = workdir.lines("links.undo.csv");
    assert_eq!(column(&lines, "assoc_status"), ["removed"]);
    assert_eq!(sandbox.links(), initial_links);
}

#[test]
fn links_written_before_the_first_line_belong_to_the_run_after_many_kills() {
    for header in [true, false] {
        let sandbox = start(&[]);
        let options = "--api 2026-09 --skip-existing";
        let workdir = import(&sandbox, "1,100,1\n2,100,1\n", options);
        for _ in 0..2 {
            keep_result_lines(&workdir, usize::from(header));
            let options = format!("{options} --resume");
            workdir.import(&sandbox.base_url(), &options).exits(0);
            let results = workdir.results();
            assert_eq!(column(&results, "assoc_status"), ["succeeded"; 2]);
        }
        undo(&workdir);
        assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
    }
}

/// A power cut lost the line of the first row, whose link existed. A snapshot has what the second
/// row displaced. The first row is then written after the second.
#[test]
fn a_previous_primary_company_is_restored_though_its_row_was_sent_after_a_later_one() {
    for options in ["--skip-existing", "--skip-existing --api 2026-09"] {
        let sandbox = start(&[]);
        import(&sandbox, "1,100,1\n", "--api 2026-09");
        let initial_links = sandbox.links();
        let workdir = import(&sandbox, "1,100,1\n1,200,1\n", options);
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_status"), ["already", "succeeded"]);
        keep_result_lines(&workdir, 1);
        let again = workdir.import(&sandbox.base_url(), &format!("{options} --resume"));
        again.exits(0);
        let results = workdir.results();
        assert_eq!(column(&results, "assoc_status"), ["succeeded"; 2]);
        undo(&workdir);
        assert_eq!(sandbox.links(), initial_links, "{options}");
    }
}

#[test]
fn another_input_takes_nothing_from_a_run_without_records() {
    let sandbox = start(&[]);
    let options = "--api 2026-09 --skip-existing";
    let workdir = import(&sandbox, "1,100,1\n", options);
    import(&sandbox, "7,100,1\n", "--api 2026-09");
    keep_result_lines(&workdir, 1);
    workdir.write("links.csv", format!("{HEADER}7,100,1\n"));
    let options = format!("{options} --resume");
    workdir.import(&sandbox.base_url(), &options).exits(0);
    let results = workdir.results();
    assert_eq!(column(&results, "assoc_status"), ["already"]);
}

/// The files of an undo that was killed before its first line: the header of the report is there,
/// wholly or in part.
fn cut_undo(workdir: &Workdir, header_bytes: usize) {
    let header = workdir.text(UNDO).lines().next().unwrap().to_owned() + "\n";
    workdir.write(UNDO, &header[..header_bytes.min(header.len())]);
    let begun = workdir.text(UNDO_LOG).lines().next().unwrap().to_owned();
    workdir.write(UNDO_LOG, begun + "\n");
}

#[test]
fn an_undo_without_a_line_does_not_hold_up_the_undo_of_a_run_that_began_again() {
    for header_bytes in [0, 10, usize::MAX] {
        let sandbox = start(&[]);
        let workdir = import(&sandbox, "1,100,1\n2,100,1\n", "--api 2026-09");
        undo(&workdir);
        cut_undo(&workdir, header_bytes);
        for file in [RESULTS, RUN_LOG] {
            std::fs::remove_file(workdir.path(file)).unwrap();
        }
        let run = workdir.import(&sandbox.base_url(), "--api 2026-09");
        run.exits(0);
        assert!(!sandbox.links().is_empty());
        undo(&workdir);
        assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
        let lines = workdir.lines(UNDO);
        assert_eq!(column(&lines, "assoc_status"), ["removed"; 2]);
    }
}

#[test]
fn the_undo_of_other_results_is_not_replaced_even_without_a_line() {
    let sandbox = start(&[]);
    let workdir = import(&sandbox, "1,100,1\n", "--api 2026-09");
    undo(&workdir);
    cut_undo(&workdir, usize::MAX);
    let before = workdir.bytes(UNDO_LOG);
    workdir.write("others.csv", format!("{HEADER}2,100,1\n"));
    let run = workdir.import_file("others.csv", &sandbox.base_url(), "--api 2026-09");
    run.exits(0);
    let line = format!("undo others.results.csv --yes -o {UNDO}");
    let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    run.exits(2).says(&[
        "links.undo.csv belongs to the undo of another run; choose another file with --output",
    ]);
    assert_eq!(workdir.bytes(UNDO_LOG), before);
}
