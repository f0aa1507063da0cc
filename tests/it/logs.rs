//! Log events and their levels: a bad row is a warning, totals and file names are information, and
//! an early end is an error.

use hubassoc::sandbox::Sandbox;
use serde_json::Value;

use crate::support::{
    fake_hubspot::{FakeHubSpot, FakeResponse},
    links,
    sandbox::start,
    workdir::{ProgramRun, TOKEN, Transcript, Workdir},
};

/// Rows beyond this number are only counted.
const MOST_LOGGED: usize = 1_000;

/// A log event.
struct Event {
    level: String,
    message: String,
    /// The row of the event.
    row: Option<u64>,
}

/// Parses JSON logs. Every line must be an event.
fn events(said: &str) -> Vec<Event> {
    let event = |line: &str| {
        let fields: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}\n{said}"));
        let text = |name: &str| fields[name].as_str().unwrap().to_owned();
        Event {
            level: text("level"),
            message: text("message"),
            row: fields["row"].as_u64(),
        }
    };
    said.lines().map(event).collect()
}

fn of_level<'a>(level: &str, events: &'a [Event]) -> Vec<&'a Event> {
    events.iter().filter(|event| event.level == level).collect()
}

/// Levels and row numbers of the events about rows, sorted.
fn rows(events: &[Event]) -> Vec<(&str, u64)> {
    let rows = events.iter();
    let rows = rows.filter_map(|event| Some((event.level.as_str(), event.row?)));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows
}

/// The level of the single event that begins with these words.
fn level<'a>(words: &str, events: &'a [Event]) -> &'a str {
    let said: Vec<_> = events
        .iter()
        .filter(|event| event.message.starts_with(words))
        .collect();
    let [event] = said.as_slice() else {
        panic!("'{words}' is said {} times", said.len());
    };
    &event.level
}

/// A server that refuses the record 404 and links all others.
fn hubspot() -> FakeHubSpot {
    FakeHubSpot::with_handler(|_, request| {
        let is_there = !request.body.contains(r#""fromObjectId":404,"#);
        if is_there { 204 } else { 400 }.into()
    })
}

/// One valid row, one refused row and one invalid row.
fn three_rows() -> Workdir {
    Workdir::with(links([1, 404]) + "x,7,1\n")
}

fn command(workdir: &Workdir, line: &str) -> ProgramRun {
    let line = format!("{line} --log-format json --rate unlimited");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

#[test]
fn bad_rows_are_warnings_and_totals_and_file_names_are_information() {
    let (fake, workdir) = (hubspot(), three_rows());
    let options = "--log-format json --concurrency 1";
    let ran = workdir.import(&fake.base_url(), options).exits(1);
    let events = events(&ran.stderr);
    assert_eq!(rows(&events), [("WARN", 2), ("WARN", 3)], "{ran}");
    // Each is logged only once.
    assert_eq!(of_level("WARN", &events).len(), 2, "{ran}");
    assert_eq!(of_level("ERROR", &events).len(), 0, "{ran}");
    for words in [
        "finished",
        "3 rows read: 1 succeeded, 1 failed, 1 invalid",
        "took ",
        "results:  links.results.csv",
        "failures: links.failures.csv (2 rows)",
        "next: correct the rows",
    ] {
        assert_eq!(level(words, &events), "INFO", "{words}\n{ran}");
    }
}

#[test]
fn bad_rows_are_shown_by_cause_and_individually_only_on_request() {
    for (options, filter, warned, informed) in [
        ("", "", 0, false),
        ("", "warn", 2, false),
        ("", "hubassoc::rows=warn", 2, false),
        ("", "error", 0, false),
        ("-v", "", 2, true),
        ("-vv", "", 2, true),
    ] {
        let (fake, workdir) = (hubspot(), three_rows());
        let run = workdir.import(&fake.base_url(), options);
        let ran = run.env("RUST_LOG", filter).exits(1);
        let with = |words: &str| ran.stderr.lines().filter(|l| l.contains(words)).count();
        assert_eq!(with("Z  WARN "), warned, "{ran}");
        assert_eq!(with("Z  INFO ") > 0, informed, "{ran}");
        assert_eq!((with("Z DEBUG ") > 0), options == "-vv", "{ran}");
        assert_eq!(with("Z ERROR "), 0, "{ran}");
        ran.says(&[
            "\nrow 2 (line 3) rejected: ",
            "\nrow 3 (line 4) invalid_id: ",
        ]);
    }
}

#[test]
fn a_run_whose_rows_are_all_bad_does_not_flood_the_screen() {
    let lines = |bad: u64| {
        let rows = (1..=bad).map(|row| format!("x{row},7,1\n"));
        let workdir = Workdir::with(links([]) + &rows.collect::<String>());
        let ran = workdir.import("http://127.0.0.1:1", "").exits(1);
        ran.stderr.lines().count()
    };
    // For many rows there is also a hint about --batch.
    assert_eq!(lines(10_000), lines(4) + 1);
}

#[test]
fn the_first_of_many_bad_rows_are_logged_and_then_their_common_causes() {
    let bad = 10_000;
    let rows_of = |options: &str| {
        let texts = (1..=bad).map(|row| format!("x{row},7,1\n"));
        let workdir = Workdir::with(links([]) + &texts.collect::<String>());
        let options = format!("--log-format json {options}");
        let ran = workdir.import("http://127.0.0.1:1", &options).exits(1);
        events(&ran.stderr)
    };
    let first = rows_of("");
    let logged: Vec<_> = (1..=1_000).map(|row| ("WARN", row)).collect();
    assert_eq!(rows(&first), logged);
    assert_eq!(
        level(
            "1,000 bad rows were logged; further ones are only counted (-vv logs them all)",
            &first
        ),
        "WARN"
    );
    assert_eq!(level("10,000 rows invalid_id: ", &first), "WARN");
    assert_eq!(of_level("WARN", &first).len(), MOST_LOGGED + 2);

    let all = rows_of("-vv");
    assert_eq!(of_level("WARN", &all).len(), bad);
    assert_eq!(rows(&all).len(), bad);

    let none = rows_of("-q");
    assert!(rows(&none).is_empty());
    assert_eq!(level("10,000 rows invalid_id: ", &none), "WARN");
    assert_eq!(level("10,000 rows read: ", &none), "INFO");
}

/// Asserts in each log format that there is an error exactly if the run ended early.
fn assert_error_exactly_if_it_ended_early(code: i32, run: impl Fn(&str) -> Transcript) {
    for options in ["", "-q", "-vvv"] {
        let ran = run(options);
        assert_eq!(ran.code, Some(code), "{ran}");
        let events = events(&ran.stderr);
        let errors = of_level("ERROR", &events);
        assert_eq!(errors.is_empty(), matches!(code, 0 | 1), "{ran}");
        let figures = ["results:", "failures:", "report:", "took ", "next", "row "];
        let is_figure = |event: &Event| {
            let begins = figures.iter().any(|words| event.message.starts_with(words));
            begins || event.message.contains(" read: ")
        };
        for event in errors {
            assert!(!is_figure(event), "{}\n{ran}", event.message);
        }
    }
}

#[test]
fn an_import_logs_an_error_exactly_if_it_ends_early() {
    let page = || FakeResponse::from(200).body("text/html", "<html><title>Log in</title>");
    for (code, input, statuses, options) in [
        (0, links([1, 2]), [204, 204], ""),
        (1, links([1]) + "x,7,1\n", [204, 204], ""),
        (1, links([1, 2]), [204, 400], "--concurrency 1"),
        (2, links([1]), [204, 204], "--min-rows 2"),
        (2, links([1]), [204, 204], "--rate 5"),
        (2, "a,b\n1,2\n".to_owned(), [204, 204], ""),
        (3, links([1, 2]), [401, 401], ""),
        (
            4,
            links(1..=9),
            [204, 400],
            "--max-errors 1 --concurrency 1",
        ),
        // A row that never gets an answer from HubSpot.
        (4, links(1..=5), [204, 200], "--max-attempts 1"),
        (6, links([1]) + "\"2,7,1\n", [204, 204], ""),
    ] {
        assert_error_exactly_if_it_ended_early(code, |more| {
            let fake = FakeHubSpot::with_handler(move |n, request| match statuses[n.min(1)] {
                200 if request.body.contains(r#""fromObjectId":3,"#) => page(),
                200 => 204.into(),
                status => status.into(),
            });
            let workdir = Workdir::with(&input);
            let options = format!("--log-format json {options} {more}");
            workdir.import(&fake.base_url(), &options).finish()
        });
    }
}

#[test]
fn other_commands_log_an_error_exactly_if_they_end_early() {
    let undo = "undo links.results.csv --include-unchecked";
    for (code, line) in [
        (0, "verify links.results.csv"),
        (0, &format!("{undo} --yes")),
        (1, "check links.csv"),
        (2, undo),
        (2, "check nowhere.csv"),
        (2, "verify nowhere.csv"),
        (2, "verify"),
    ] {
        assert_error_exactly_if_it_ended_early(code, |more| {
            let (sandbox, workdir) = (start(&[]), three_rows());
            workdir.import(&sandbox.base_url(), "").exits(1);
            command(&workdir, &format!("{line} {more}")).finish()
        });
    }
}

/// A run of three rows. An undo keeps the first two, which another run created.
fn partly_made_before() -> (Sandbox, Workdir) {
    let (sandbox, workdir) = (start(&[]), Workdir::new());
    let import = |file: &str, rows: String| {
        workdir.write(file, rows);
        let run = workdir.import_file(file, &sandbox.base_url(), "--api 2026-09");
        run.exits(0);
    };
    import("before.csv", links([1, 2]));
    import("links.csv", links([1, 2, 3]));
    (sandbox, workdir)
}

#[test]
fn a_missing_link_is_a_warning_and_a_kept_link_is_information() {
    let (_sandbox, workdir) = partly_made_before();
    let undone = command(&workdir, "undo links.results.csv --yes").exits(0);
    let undo_events = events(&undone.stderr);
    assert_eq!(rows(&undo_events), [("INFO", 1), ("INFO", 2)], "{undone}");
    let verified = command(&workdir, "verify links.results.csv").exits(1);
    let verify_events = events(&verified.stderr);
    assert_eq!(rows(&verify_events), [("WARN", 3)], "{verified}");
    let words = "3 rows: 2 present, 1 missing";
    assert_eq!(level(words, &verify_events), "INFO", "{verified}");
}

#[test]
fn only_the_first_of_many_kept_rows_are_logged() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links(1..=1_200));
    workdir.import(&fake.base_url(), "").exits(0);
    // It is unknown whether their links existed before.
    let undone = command(&workdir, "undo links.results.csv --yes").exits(0);
    let events = events(&undone.stderr);
    let logged: Vec<_> = (1..=1_000).map(|row| ("INFO", row)).collect();
    assert_eq!(rows(&events), logged);
    assert_eq!(
        level(
            "1,000 good rows with a code were logged; further ones are only counted (-vv logs them \
             all)",
            &events
        ),
        "INFO"
    );
    assert_eq!(level("1,200 rows: 0 removed, 1,200 kept", &events), "INFO");
}

#[test]
fn a_check_logs_bad_rows_like_an_import() {
    let workdir = three_rows();
    let ran = command(&workdir, "check links.csv").exits(1);
    assert_eq!(rows(&events(&ran.stderr)), [("WARN", 3)], "{ran}");
    let ran = workdir.run("check links.csv").exits(1);
    ran.never_says(" WARN ");
    let ran = workdir.run("check links.csv -v").exits(1);
    ran.says(&["Z  WARN from_object_id: 'x' is not a HubSpot ID"]);
    // The check did not succeed.
    let ran = workdir.run("check links.csv -q").exits(1);
    assert_eq!(ran.stderr, "2 rows are ready to import; 1 row is invalid\n");
}

#[test]
fn an_invalid_command_line_is_an_error_in_the_requested_log_format() {
    let workdir = three_rows();
    for (line, variable, words) in [
        (
            "import links.csv --rate 5 --log-format json",
            "",
            "'5' is not a rate",
        ),
        ("import --log-format=json", "", "were not provided: <INPUT>"),
        ("import links.csv --nonsense", "json", "'--nonsense'"),
    ] {
        let run = workdir.run(line).env("HUBASSOC_LOG_FORMAT", variable);
        let ran = run.exits(2);
        let events = events(&ran.stderr);
        assert_eq!(of_level("ERROR", &events).len(), 1, "{ran}");
        assert!(events[0].message.contains(words), "{ran}");
    }
    let run = workdir.run("import --log-format json --log-format text --nonsense");
    run.exits(2)
        .says(&["error: unexpected argument '--nonsense'"]);
}

#[test]
fn an_invalid_filter_is_ignored_with_a_warning() {
    let (fake, workdir) = (hubspot(), Workdir::with(links([1])));
    let run = workdir.import(&fake.base_url(), "");
    let ran = run.env("RUST_LOG", "hubassoc[row]=a=b").exits(0);
    ran.says(&["WARN RUST_LOG is ignored", "write levels"]);
}

#[cfg(unix)]
mod at_a_terminal {
    use super::{events, hubspot, links, of_level, partly_made_before, rows, start};
    use crate::support::{running::RunningProgram, terminal::TerminalSession, workdir::Workdir};

    /// The log events on the terminal, which also shows typed text.
    fn logged(undo: &TerminalSession) -> String {
        let lines = undo.said.lines().filter(|line| line.starts_with('{'));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_undo_logs_no_row_before_consent_and_kept_rows_are_information() {
        for (options, expected) in [
            ("", &[("INFO", 1), ("INFO", 2)][..]),
            ("-vv", &[("DEBUG", 3), ("INFO", 1), ("INFO", 2)]),
        ] {
            let (_sandbox, workdir) = partly_made_before();
            let line =
                format!("undo links.results.csv --progress never --log-format json {options}");
            for (answer, code, expected) in [("no\n", 2, &[][..]), ("yes\n", 0, expected)] {
                let mut undo = TerminalSession::start(&workdir, &line);
                undo.until(&["Remove these links?"]);
                let before = undo.said.lines().filter(|line| line.contains("\"row\":"));
                assert_eq!(before.count(), 0, "{}", undo.said);
                undo.types(answer).until(&["never said"]).exits(code);
                let log = logged(&undo);
                let events = events(&log);
                assert_eq!(rows(&events), expected, "{}", undo.said);
            }
        }
    }

    #[test]
    fn quiet_does_not_suppress_the_question() {
        let (_sandbox, workdir) = partly_made_before();
        let line = "undo links.results.csv --log-format json -q";
        let mut undo = TerminalSession::start(&workdir, line);
        undo.types("yes\n").until(&["never said"]).exits(0);
        let log = logged(&undo);
        let [question] = events(&log)
            .try_into()
            .unwrap_or_else(|_| panic!("{}", undo.said));
        assert!(
            question.message.starts_with("Remove these links?"),
            "{}",
            undo.said
        );
    }

    #[test]
    fn an_import_logs_no_row_before_consent() {
        let (fake, workdir) = (hubspot(), Workdir::with(links(1..=600) + "x,7,1\n"));
        let url = fake.base_url();
        let line = format!("import links.csv --base-url {url} --log-format json -vv");
        let mut import = TerminalSession::start(&workdir, &line);
        import.until(&["Continue? Type yes"]).types("no\n");
        import.until(&["never said"]).exits(2);
        assert!(!import.said.contains("\"row\":"), "{}", import.said);
    }

    #[test]
    fn a_signal_ends_the_run_early() {
        let (sandbox, workdir) = (start(&["silence=#3-"]), Workdir::with(links(1..=9)));
        let options = "--log-format json -vv";
        let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
        run.until("succeeded").signal("-TERM");
        let said = run.read_to_end();
        run.exits(143);
        let events = events(&said);
        let errors = of_level("ERROR", &events);
        assert_eq!(errors.len(), 1, "{said}");
        assert_eq!(errors[0].message, "stopped: interrupted by SIGTERM");
    }
}
