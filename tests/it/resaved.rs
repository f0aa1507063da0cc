//! Results that another program has saved: `verify` and `undo` accept them if the cells are those
//! that the run wrote, and otherwise refuse them by name.

use hubassoc::sandbox::Sandbox;

use crate::support::{
    links,
    sandbox::start,
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

const RESULTS: &str = "links.results.csv";

fn command(workdir: &Workdir, line: &str) -> ProgramRun {
    let line = format!("{line} --rate unlimited");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

fn imported() -> (Sandbox, Workdir) {
    let sandbox = start(&[]);
    let rows = "from_object_id,to_object_id,definition_id,note\n\
                1,7,1,\"a, \"\"b\"\"\"\n404,7,1,c;d\n2,7,1,=1+1\n3,7,1,\u{e9}\n";
    let workdir = Workdir::with(rows);
    let options = "--api 2026-09 --skip-existing";
    workdir.import(&sandbox.base_url(), options).exits(1);
    (sandbox, workdir)
}

/// The results as another program would save them.
fn saved(results: &str, delimiter: u8, style: csv::QuoteStyle, end: csv::Terminator) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(results.as_bytes());
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(style)
        .terminator(end)
        .from_writer(Vec::new());
    for record in reader.records() {
        writer.write_record(&record.unwrap()).unwrap();
    }
    writer.into_inner().unwrap()
}

fn saved_variants(results: &str) -> Vec<Vec<u8>> {
    use csv::{
        QuoteStyle::{Always, Necessary},
        Terminator::{Any, CRLF},
    };
    let lf = Any(b'\n');
    let with_bom = |text: Vec<u8>| [b"\xEF\xBB\xBF", text.as_slice()].concat();
    vec![
        saved(results, b',', Necessary, CRLF),
        with_bom(saved(results, b';', Necessary, CRLF)),
        saved(results, b'\t', Always, lf),
        with_bom(results.as_bytes().to_vec()),
        saved(results, b',', Always, lf),
        utf_16(&saved(results, b'\t', Necessary, CRLF)),
        results.replace('\n', ",,\r\n").into_bytes(),
    ]
}

/// UTF-16, as in a spreadsheet's "Unicode text".
fn utf_16(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn results_that_a_spreadsheet_saved_are_verified_and_undone() {
    for way in 0..7 {
        let (sandbox, workdir) = imported();
        workdir.write(RESULTS, &saved_variants(&workdir.text(RESULTS))[way]);
        command(&workdir, "verify links.results.csv").exits(0);
        assert_eq!(workdir.lines("links.verify.csv").len(), 3, "{way}");
        command(&workdir, "undo links.results.csv --yes").exits(0);
        assert!(sandbox.links().is_empty(), "{way}: {:?}", sandbox.links());
        let lines = workdir.lines("links.undo.csv");
        assert_eq!(column(&lines, "assoc_status"), ["removed"; 3], "{way}");
        let mut notes = column(&lines, "note");
        notes.sort_unstable();
        assert_eq!(notes, ["'=1+1", "a, \"b\"", "\u{e9}"], "{way}");
    }
}

#[test]
fn a_run_does_not_resume_with_results_that_another_program_saved() {
    let (sandbox, workdir) = imported();
    let resaved = &saved_variants(&workdir.text(RESULTS))[0];
    workdir.write(RESULTS, resaved);
    let options = "--api 2026-09 --skip-existing --resume";
    let ran = workdir.import(&sandbox.base_url(), options).exits(2);
    ran.says(&["saved by another program"]);
    assert_eq!(workdir.bytes(RESULTS), *resaved);
}

#[test]
fn ids_that_a_spreadsheet_changed_are_taken_from_the_input() {
    for command_line in ["verify links.results.csv", "undo links.results.csv --yes"] {
        for changed in ["3.0,7,1", "4,7,1", "3E+00,7,1"] {
            let (sandbox, workdir) = imported();
            let results = workdir.text(RESULTS).replace('\n', "\r\n");
            workdir.write(RESULTS, results.replace("3,7,1", changed));
            command(&workdir, command_line).exits(0);
            if command_line.starts_with("undo") {
                assert!(
                    sandbox.links().is_empty(),
                    "{changed}: {:?}",
                    sandbox.links()
                );
            } else {
                let lines = workdir.lines("links.verify.csv");
                assert_eq!(column(&lines, "assoc_status"), ["present"; 3], "{changed}");
                assert!(column(&lines, "from_object_id").contains(&"3"));
            }
        }
    }
}

#[test]
fn other_cells_and_the_order_may_change_in_a_spreadsheet() {
    let (sandbox, workdir) = imported();
    std::fs::remove_file(workdir.path("links.csv")).unwrap();
    let results = workdir.text(RESULTS);
    let mut lines: Vec<_> = results.lines().skip(1).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.to_string()));
    let lines = lines.iter().map(|line| line.trim_end_matches(','));
    let lines: Vec<_> = lines.map(|line| line.replace("c;d", "C D")).collect();
    let header = results.lines().next().unwrap();
    workdir.write(RESULTS, format!("{header}\r\n{}\r\n", lines.join("\r\n")));
    command(&workdir, "verify links.results.csv").exits(0);
    command(&workdir, "undo links.results.csv --yes").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn changed_ids_are_refused_without_the_input() {
    let (sandbox, workdir) = imported();
    let initial_links = sandbox.links();
    let results = workdir.text(RESULTS).replace('\n', "\r\n");
    workdir.write(RESULTS, results.replace("3,7,1", "3E+00,7,1"));
    let input = workdir.text("links.csv");
    for other in [None, Some(input.replace("3,7,1", "5,7,1"))] {
        match &other {
            Some(other) => workdir.write("links.csv", other),
            None => std::fs::remove_file(workdir.path("links.csv")).unwrap(),
        }
        for line in ["verify links.results.csv", "undo links.results.csv --yes"] {
            let ran = command(&workdir, line).exits(2);
            ran.says(&["saved by another program", "rows 1 to 4", "--input"]);
            for made in ["links.verify.csv", "links.undo.csv", "links.undo.csv.run"] {
                assert!(!workdir.has(made), "{made}");
            }
        }
    }
    assert_eq!(sandbox.links(), initial_links);
    workdir.write("kept.csv", &input);
    command(&workdir, "verify links.results.csv --input kept.csv").exits(0);
    command(&workdir, "undo links.results.csv --yes --input kept.csv").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn changed_outcomes_are_refused_without_the_advice_of_an_import() {
    let (sandbox, workdir) = imported();
    let results = workdir.text(RESULTS);
    let (initial_links, crlf) = (sandbox.links(), results.replace('\n', "\r\n"));
    let lines: Vec<_> = results.split_inclusive('\n').collect();
    for changed in [
        lines[..3].concat(),
        lines.concat().replace('\n', "\r\n") + lines[1],
        crlf.replace("succeeded", "failed"),
        crlf.replace("succeeded", "already"),
        crlf.replace("not_found", "http_error"),
        crlf.replace("assoc_code", "my_code"),
    ] {
        workdir.write(RESULTS, &changed);
        for line in ["verify links.results.csv", "undo links.results.csv --yes"] {
            let ran = command(&workdir, line).exits(2);
            ran.says(&[
                "was changed after the run wrote it",
                "restore a copy from before",
            ]);
            for advice in ["start again", "sent twice", "-o"] {
                ran.never_says(advice);
            }
        }
    }
    assert_eq!(sandbox.links(), initial_links);
}

#[test]
fn the_checksums_count_each_line_once_after_many_resumes() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=9));
    let options = "--api 2026-09 --skip-existing";
    for limit in ["--limit 4", "--limit 7 --resume", "--limit 9 --resume"] {
        let options = format!("{options} {limit}");
        workdir.import(&sandbox.base_url(), &options).exits(0);
    }
    // As after a kill: the last lines of a session are not known to be on the disk.
    let log = workdir.text("links.results.csv.run");
    let marks: Vec<_> = log
        .lines()
        .filter(|line| line.starts_with("{\"synced\""))
        .collect();
    let last = marks.last().unwrap();
    let log: Vec<_> = log.lines().filter(|line| line != last).collect();
    workdir.write("links.results.csv.run", log.join("\n") + "\n");
    workdir
        .import(&sandbox.base_url(), &format!("{options} --resume"))
        .exits(0);
    std::fs::remove_file(workdir.path("links.csv")).unwrap();
    let results = workdir.text(RESULTS).replace('\n', "\r\n");
    workdir.write(RESULTS, results);
    command(&workdir, "verify links.results.csv").exits(0);
}

/// An unknown label, in a row that the input contains.
#[test]
fn a_label_that_a_spreadsheet_changed_is_taken_from_the_input() {
    let sandbox = start(&[]);
    let header = "from_object_id,to_object_id,from_object_type,to_object_type,label\n";
    let rows = "1,7,deals,contacts,Champion\n2,7,deals,contacts,Champion\n";
    let workdir = Workdir::with(header.to_owned() + rows);
    workdir
        .import(&sandbox.base_url(), "--api 2026-09")
        .exits(0);
    let results = workdir.text(RESULTS).replace('\n', "\r\n");
    workdir.write(RESULTS, results.replacen("Champion", "Champignon", 1));
    command(&workdir, "verify links.results.csv").exits(0);
    workdir.write("kept.csv", workdir.text("links.csv"));
    std::fs::remove_file(workdir.path("links.csv")).unwrap();
    let ran = command(&workdir, "undo links.results.csv --yes").exits(2);
    ran.says(&["saved by another program", "--input"]);
    command(&workdir, "undo links.results.csv --yes --input kept.csv").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}
