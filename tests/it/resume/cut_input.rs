//! An input that lost its end between two sessions is a different input, even if all recorded rows
//! are unchanged.

use std::io::Write as _;

use super::*;

/// A run of ten rows with two recorded ones; the input was read beyond these.
fn two_of_ten() -> (Sandbox, Workdir) {
    stopped_run(links(1..=10), "")
}

fn gzip(text: &str, level: flate2::Compression) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_truncated_file_is_refused_with_both_sizes_and_resumes_once_it_is_whole() {
    let (sandbox, workdir) = two_of_ten();
    let (whole, cut) = (links(1..=10), links(1..=5));
    workdir.write("links.csv", &cut);
    let (now, then) = (cut.len(), whole.len());
    assert_resume_refused(&sandbox, &workdir, "").says(&["the input is not the one"]);
    // Only the size shows it if no session ended by itself.
    remove_session_end(&workdir);
    let sizes = [format!("it has {now} bytes"), format!("had {then} when")];
    let ran = assert_resume_refused(&sandbox, &workdir, "");
    ran.says(&[
        &sizes[0],
        &sizes[1],
        "restore the whole file, or start again with another results file (-o)",
        "(-o)",
    ]);
    workdir.write("links.csv", whole);
    resume(&workdir, "").says(&["10 rows read: 10 succeeded"]);
    assert_eq!(workdir.results().len(), 10);
}

#[test]
fn a_file_may_grow_but_not_shrink_to_its_first_size() {
    let (sandbox, workdir) = two_of_ten();
    workdir.write("links.csv", links(1..=20));
    resume(&workdir, "--limit 4").says(&["4 succeeded"]);
    let arrivals = sandbox.request_log().associations.len();
    workdir.write("links.csv", links(1..=10));
    let run = workdir.run("import links.csv --resume --limit off");
    let ran = run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(2);
    let then = format!(
        "bytes, but had {} when the run last read it",
        links(1..=20).len()
    );
    ran.says(&[&then]);
    assert_eq!(sandbox.request_log().associations.len(), arrivals);
    workdir.write("links.csv", links(1..=20));
    resume(&workdir, "--limit off").says(&["20 succeeded"]);
}

#[test]
fn a_compressed_input_is_verified_by_its_rows_and_not_by_its_size() {
    use flate2::Compression;
    let stored = gzip(&links(1..=10), Compression::none());
    let smaller = gzip(&links(1..=10), Compression::best());
    assert!(smaller.len() < stored.len());
    let (sandbox, workdir) = stopped_run(stored, "");
    workdir.write("links.csv", gzip(&links(1..=5), Compression::best()));
    let ran = assert_resume_refused(&sandbox, &workdir, "");
    ran.says(&[
        "it ends with row 5, but",
        "but had at least 10 rows when the run read it",
        "restore the whole file, or start again with another results file (-o)",
    ]);
    workdir.write("links.csv", smaller);
    resume(&workdir, "").says(&["10 succeeded"]);
}

/// Removes the end of the session from the log, as after a kill.
fn remove_session_end(workdir: &Workdir) {
    let text = workdir.text(RUN_LOG);
    let lines = text.lines().filter(|line| !line.starts_with("{\"ended\""));
    let kept: Vec<_> = lines.map(|line| format!("{line}\n")).collect();
    workdir.write(RUN_LOG, kept.concat());
}

#[test]
fn after_closing_the_open_quote_the_run_resumes() {
    let sandbox = start(&[]);
    let whole = links(1..=10);
    let workdir = Workdir::with(whole.replace("\n8,", "\n\"8,"));
    let ran = workdir.import(&sandbox.base_url(), "").exits(6);
    ran.says(&["close the quote", "--resume"]);
    workdir.write("links.csv", whole.replace("\n8,", "\n\"8\","));
    workdir.import(&sandbox.base_url(), "--resume").exits(0);
    assert_eq!(workdir.results().len(), 10);
}
