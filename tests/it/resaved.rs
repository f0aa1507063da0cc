//! Results that another program has saved: `verify` and `undo` read them where the
//! cells are those that the run wrote, and refuse them by name where they are not.

use hubassoc::sandbox::Sandbox;

use crate::support::{
    sandbox::start,
    workdir::{Run, TOKEN, Workdir, column},
};

const RESULTS: &str = "links.results.csv";

fn command(workdir: &Workdir, line: &str) -> Run {
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

/// The results as another program saves them.
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

fn ways(results: &str) -> Vec<Vec<u8>> {
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
    ]
}

#[test]
fn results_that_a_spreadsheet_saved_are_verified_and_undone() {
    for way in 0..5 {
        let (sandbox, workdir) = imported();
        workdir.write(RESULTS, &ways(&workdir.text(RESULTS))[way]);
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
fn a_run_does_not_go_on_with_results_that_were_saved_by_others() {
    let (sandbox, workdir) = imported();
    let resaved = &ways(&workdir.text(RESULTS))[0];
    workdir.write(RESULTS, resaved);
    let options = "--api 2026-09 --skip-existing --resume";
    let ran = workdir.import(&sandbox.base_url(), options).exits(2);
    ran.says(&["saved by another program"]);
    assert_eq!(workdir.bytes(RESULTS), *resaved);
}

#[test]
fn cells_that_are_not_as_they_were_are_refused_without_the_advice_of_an_import() {
    let (sandbox, workdir) = imported();
    let results = workdir.text(RESULTS);
    let (stood, crlf) = (sandbox.links(), results.replace('\n', "\r\n"));
    let one_less: Vec<_> = results.lines().take(3).collect();
    for changed in [
        crlf.replace("3,7,1", "3.0,7,1"),
        crlf.replace("\r\n3,7,1", "\r\n4,7,1"),
        results.replace("\n3,7,1", "\n4,7,1"),
        one_less.join("\n") + "\n",
        crlf.replace("succeeded", "failed"),
    ] {
        workdir.write(RESULTS, changed);
        for line in ["verify links.results.csv", "undo links.results.csv --yes"] {
            let ran = command(&workdir, line).exits(2);
            ran.says(&["not as the run wrote it", "put a copy from before back"]);
            for advice in ["start afresh", "sent twice", "-o"] {
                ran.never_says(advice);
            }
        }
    }
    assert_eq!(sandbox.links(), stood);
}
