//! Several inputs of one command: a run for each, in the order typed, and one end over all.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    workdir::{ProgramRun, TOKEN, Workdir},
};

/// The files a.csv, b.csv and c.csv, with these ids.
fn three(ids: [&[u64]; 3]) -> Workdir {
    let workdir = Workdir::new();
    for (name, ids) in ["a.csv", "b.csv", "c.csv"].into_iter().zip(ids) {
        workdir.write(name, links(ids.iter().copied()));
    }
    workdir
}

fn import(workdir: &Workdir, fake: &FakeHubSpot, options: &str) -> ProgramRun {
    workdir.import_file("a.csv b.csv c.csv", &fake.base_url(), options)
}

/// Answers the row of this number, and every later one, with another status.
fn failing_from(row: usize, status: u16) -> FakeHubSpot {
    FakeHubSpot::with_handler(move |n, _| if n < row { 204.into() } else { status.into() })
}

/// The contacts that were linked, in the order of the requests.
fn sent(fake: &FakeHubSpot) -> Vec<u64> {
    let requests = fake.requests().into_iter();
    let bodies = requests.map(|request| {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        body["fromObjectId"].as_u64().unwrap()
    });
    bodies.collect()
}

#[test]
fn each_input_has_a_run_of_its_own_in_the_order_typed() {
    let fake = FakeHubSpot::with_handler(|n, _| if n == 1 { 409.into() } else { 204.into() });
    let workdir = three([&[1], &[2, 3], &[4]]);
    let ran = import(&workdir, &fake, "--concurrency 1 --summary s.json").exits(1);
    assert_eq!(sent(&fake), [1, 2, 3, 4]);
    let files = ["a", "b", "c"].map(|name| workdir.lines(&format!("{name}.results.csv")).len());
    assert_eq!(files, [1, 2, 1]);
    assert!(workdir.has("b.failures.csv") && !workdir.has("a.failures.csv"));
    ran.says(&[
        "input 1 of 3: a.csv\nreading a.csv",
        "input 2 of 3: b.csv\nreading b.csv",
        "  hubassoc import b.failures.csv --base-url",
        "3 inputs: 4 rows read: 3 succeeded, 1 failed, 0 invalid\n  \
         a.csv (exit code 0): 1 row read: 1 succeeded, 0 failed, 0 invalid\n  \
         b.csv (exit code 1): 2 rows read: 1 succeeded, 1 failed, 0 invalid\n  \
         c.csv (exit code 0): 1 row read: 1 succeeded, 0 failed, 0 invalid\ntook ",
    ]);
    let summary = workdir.json("s.json");
    let totals = ["rows_read", "succeeded", "failed", "exit_code"].map(|name| &summary[name]);
    assert_eq!(totals, [4, 3, 1, 1].map(|n| json!(n)).each_ref());
    assert_eq!(summary["codes"], json!({"conflict": 1}));
    assert_eq!(summary["files"]["results"], json!(null));
    let runs = summary["inputs"].as_array().unwrap().iter();
    let runs: Vec<_> = runs.map(|run| (&run["input"], &run["exit_code"])).collect();
    let [a, b, c] = ["a.csv", "b.csv", "c.csv"].map(|name| json!(name));
    assert_eq!(runs, [(&a, &json!(0)), (&b, &json!(1)), (&c, &json!(0))]);
    assert_eq!(summary["not_begun"], json!([]));
}

/// What is typed, and what it is refused with.
const REFUSED: [(&str, &str); 12] = [
    ("a.csv b.csv nowhere.csv", "nowhere.csv: no such file"),
    ("a.csv b.csv wrong.csv", "wrong.csv"),
    (
        "a.csv a.csv",
        "a.csv and a.csv are the same file; give it once",
    ),
    ("a.csv b.csv ./a.csv", "a.csv and ./a.csv are the same file"),
    (
        "a.csv a.tsv",
        "a.csv and a.tsv would have the same results (a.results.csv)",
    ),
    (
        "a.csv a.failures.csv",
        "a.failures.csv is not an input of its own: the import of a.csv",
    ),
    (
        "done.results.csv done.csv",
        "done.results.csv is not an input of its own",
    ),
    (
        "a.csv done.csv",
        "the results done.results.csv of done.csv already exist",
    ),
    (
        "a.csv -",
        "- (standard input) cannot be one of several inputs",
    ),
    (
        "a.csv b.csv -o x.csv",
        "--results names one file, but each of the 2 inputs",
    ),
    (
        "a.csv b.csv --min-rows 2",
        "b.csv has 1 row, but --min-rows is 2",
    ),
    (
        "a.csv b.csv --summary b.csv",
        "--summary b.csv is a file that this run reads",
    ),
];

#[test]
fn what_is_wrong_with_any_input_is_known_before_the_first_row() {
    for (inputs, words) in REFUSED {
        let workdir = three([&[1, 2], &[3], &[4]]);
        for name in ["a.tsv", "a.failures.csv", "done.csv"] {
            workdir.write(name, links([9]));
        }
        workdir.write("done.results.csv", "");
        workdir.write("wrong.csv", "x,y\n1,2\n");
        let before = workdir.names();
        let fake = failing_from(0, 500);
        let run = workdir.import_file(inputs, &fake.base_url(), "");
        run.exits(2).says(&[words]);
        assert!(fake.requests().is_empty() && fake.account_requests().is_empty());
        assert_eq!(workdir.names(), before, "{inputs}");
    }
    let workdir = three([&[1], &[2], &[3]]);
    let fake = failing_from(0, 500);
    let run = import(&workdir, &fake, "").env("HUBASSOC_RESULTS", "x.csv");
    run.exits(2).says(&["--results names one file"]);
    assert!(fake.requests().is_empty());
}

#[test]
fn a_refused_token_stops_the_rest_and_names_the_command_that_continues() {
    for (status, code) in [(401, 3), (403, 3)] {
        let fake = failing_from(2, status);
        let workdir = three([&[1], &[2, 3], &[4]]);
        let ran = import(&workdir, &fake, "--concurrency 1 --summary -").exits(code);
        ran.says(&[
            "  a.csv (exit code 0): ",
            &format!("  b.csv (exit code {code}): "),
            "  c.csv: not begun\n",
            "continue with all inputs (those that are done send nothing)\n  \
             hubassoc import a.csv b.csv c.csv --base-url",
            " --concurrency 1 --summary - --resume\n",
        ]);
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout()).unwrap();
        assert_eq!(summary["not_begun"], json!(["c.csv"]));
        assert_eq!(summary["exit_code"], code);
        assert!(summary["stopped"].is_string());
        assert_eq!(summary["input_complete"], false);
        assert!(!workdir.has("c.results.csv"));

        // At another address, the runs that have begun are refused, and the other one begins.
        let good = FakeHubSpot::with_handler(|_, _| 204.into());
        let resumed = import(&workdir, &good, "--resume").exits(2);
        resumed.says(&[
            "  b.csv (exit code 2): nothing was sent\n",
            "  c.csv (exit code 0): ",
        ]);
    }
}

#[test]
fn a_resumed_command_sends_what_is_left_of_every_input() {
    let refuses = Arc::new(AtomicBool::new(true));
    let is_refusing = Arc::clone(&refuses);
    let fake = FakeHubSpot::with_handler(move |n, _| {
        let is_refused = n >= 2 && is_refusing.load(Ordering::Relaxed);
        if is_refused { 401.into() } else { 204.into() }
    });
    let workdir = three([&[1], &[2, 3], &[4]]);
    import(&workdir, &fake, "--concurrency 1").exits(3);
    let before = sent(&fake).len();
    refuses.store(false, Ordering::Relaxed);
    let ran = import(&workdir, &fake, "--resume").exits(0);
    ran.says(&["3 inputs: 4 rows read: 4 succeeded", "; 2 done before\n"]);
    assert_eq!(sent(&fake)[before..], [3, 4]);
    let again = import(&workdir, &fake, "--resume").exits(0);
    again.says(&["; 4 done before\n"]);
    assert_eq!(sent(&fake).len(), before + 2);
}

#[test]
fn a_stopped_retry_is_continued_with_the_failed_rows_of_inputs_that_were_not_begun() {
    let refuses = Arc::new(AtomicBool::new(true));
    let is_refusing = Arc::clone(&refuses);
    // All rows fail. Of the retries, only the first one is accepted.
    let fake = FakeHubSpot::with_handler(move |n, _| match n {
        0..3 => 409.into(),
        3 => 204.into(),
        _ if is_refusing.load(Ordering::Relaxed) => 401.into(),
        _ => 204.into(),
    });
    let workdir = three([&[1], &[2], &[3]]);
    import(&workdir, &fake, "").exits(1);
    let ran = import(&workdir, &fake, "--resume --retry-failed").exits(3);
    let next = "import a.csv b.csv c.csv --base-url";
    ran.says(&[
        "  c.csv: not begun\n",
        &format!(
            "continue with all inputs (those that are done send only the rows that failed)\n  \
             hubassoc {next}"
        ),
        " --resume --retry-failed\n",
    ]);
    let command = ran.stderr.lines().map(str::trim);
    let command = command
        .rev()
        .find_map(|line| line.strip_prefix("hubassoc "));
    let before = sent(&fake).len();
    refuses.store(false, Ordering::Relaxed);
    let again = workdir.run(command.unwrap());
    again.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(0);
    assert_eq!(sent(&fake)[before..], [2, 3]);
}

#[test]
fn an_input_that_ends_badly_by_itself_does_not_stop_the_others() {
    let fake = FakeHubSpot::with_handler(|_, _| 204.into());
    let workdir = three([&[1], &[2], &[3]]);
    workdir.write("b.csv", links([2]) + "3,\"7,1\n");
    let ran = import(&workdir, &fake, "").exits(6);
    ran.says(&[
        "  b.csv (exit code 6): ",
        "  c.csv (exit code 0): 1 row read",
    ]);
    assert_eq!(sent(&fake), [1, 2, 3]);
}

#[test]
fn names_like_options_work_and_the_commands_for_them_too() {
    let fake = FakeHubSpot::with_handler(|_, _| 409.into());
    let workdir = Workdir::new();
    for name in ["-x.csv", "b.csv"] {
        workdir.write(name, links([1]));
    }
    let url = fake.base_url();
    let line =
        format!("import --base-url {url} --rate unlimited --label-column b.csv -- b.csv -x.csv");
    let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
    let run = run.env("HUBASSOC_API", "2026-09").exits(2);
    run.says(&["b.csv"]);
    let line = format!("import --base-url {url} --rate unlimited -- b.csv -x.csv");
    let ran = workdir
        .run(&line)
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(1);
    ran.says(&[
        "--rate unlimited -- b.failures.csv\n",
        "--rate unlimited -- ./-x.failures.csv\n",
    ]);
}

#[test]
fn json_logs_name_each_input_and_errors_are_events() {
    let fake = FakeHubSpot::with_handler(|_, _| 204.into());
    let workdir = three([&[1], &[2], &[3]]);
    let ran = import(&workdir, &fake, "--log-format json").exits(0);
    let events = ran
        .stderr
        .lines()
        .map(|line| -> serde_json::Value { serde_json::from_str(line).unwrap() });
    let messages = events.map(|event| event["message"].as_str().unwrap().to_owned());
    let headings: Vec<_> = messages.filter(|text| text.starts_with("input ")).collect();
    let expected = [
        "input 1 of 3: a.csv",
        "input 2 of 3: b.csv",
        "input 3 of 3: c.csv",
    ];
    assert_eq!(headings, expected);
}

#[test]
fn check_prints_the_bad_rows_of_each_input_under_a_header_of_its_own() {
    let workdir = three([&[1], &[2], &[3]]);
    workdir.write("a.csv", links([1]) + "x,7,1\n");
    workdir.write(
        "c.csv",
        "to_object_id;from_object_id;definition_id\n7;y;1\n",
    );
    workdir.write("b.results.csv", "");
    let ran = workdir.run("check a.csv b.csv c.csv").exits(1);
    ran.says(&[
        "note: b.results.csv exists: continue that run with --resume, or give the input another name\n",
    ]);
    let stdout = ran.stdout();
    let parts: Vec<_> = stdout.split("\n\n").collect();
    assert_eq!(parts.len(), 2, "{stdout}");
    assert!(
        parts[0].starts_with("from_object_id,to_object_id,"),
        "{stdout}"
    );
    assert!(
        parts[1].starts_with("to_object_id;from_object_id;"),
        "{stdout}"
    );
    ran.says(&["3 inputs:\n  a.csv: some rows are invalid\n  b.csv: ready to import\n"]);
    let ran = workdir.run("check a.csv nowhere.csv b.csv").exits(2);
    ran.says(&[
        "nowhere.csv: no such file",
        "  nowhere.csv: cannot be imported (exit code 2)",
    ]);
    workdir
        .run("check a.csv ./a.csv")
        .exits(2)
        .says(&["are the same file"]);
}

#[cfg(unix)]
mod at_a_terminal {
    use super::*;
    use crate::support::{
        checkup::json, running::RunningProgram, sandbox::start, terminal::TerminalSession,
    };

    #[test]
    fn a_signal_ends_the_second_run_and_the_third_does_not_begin() {
        let sandbox = start(&[]);
        let workdir = Workdir::with(links([1]));
        workdir.write("b.csv", links(1..=500));
        workdir.write("c.csv", links([1]));
        let options = "b.csv c.csv --rate 50/s -vv";
        let mut run = RunningProgram::start(&workdir, &sandbox.base_url(), options);
        run.until("input 2 of 3: b.csv").until("succeeded");
        run.signal("-INT").until("stopping: waiting up to 8 s");
        let said = run.read_to_end();
        run.exits(130);
        assert!(!said.contains("stopping: waiting"), "said once\n{said}");
        assert!(said.contains("  b.csv (exit code 130): "), "{said}");
        assert!(said.contains("  c.csv: not begun\n"), "{said}");
        assert!(!workdir.has("c.results.csv"));
    }

    #[test]
    fn one_question_is_asked_for_all_inputs_together() {
        let account = json(r#"{"portalId":4711,"accountType":"STANDARD"}"#);
        let fake = FakeHubSpot::with_handler(|_, _| 204.into());
        let fake = fake.with_account_responses([account]);
        let workdir = Workdir::with(links(1..=300));
        workdir.write("b.csv", links(1..=300));
        let url = fake.base_url();
        let line =
            format!("import links.csv b.csv --base-url {url} --rate unlimited --progress never");
        let question = &["Continue? Type yes"];
        let mut import = TerminalSession::start(&workdir, &line);
        import
            .until(question)
            .types("no\n")
            .until(&["nothing was sent"])
            .exits(2);
        assert!(fake.requests().is_empty());
        assert_eq!(workdir.names(), ["b.csv", "links.csv"]);
        let mut import = TerminalSession::start(&workdir, &line);
        import.until(question).types("yes\n");
        import
            .until(&["2 inputs: 600 rows read", "Type yes"])
            .exits(0);
        assert_eq!(
            import.said.matches("Type yes").count(),
            1,
            "{}",
            import.said
        );
        assert_eq!(fake.requests().len(), 600);
    }

    #[test]
    fn the_question_about_several_inputs_says_how_each_is_read() {
        let account = json(r#"{"portalId":4711,"accountType":"STANDARD"}"#);
        let fake = FakeHubSpot::with_handler(|_, _| 204.into());
        let fake = fake.with_account_responses([account]);
        let workdir = Workdir::new();
        let ids: Vec<_> = (1..=300).map(|id| id.to_string()).collect();
        let ids = ids.join(";");
        for name in ["a.csv", "b.csv"] {
            workdir.write(name, format!("Contact ID,Company ID\n7,{ids}\n"));
        }
        let url = fake.base_url();
        let line =
            format!("import a.csv b.csv --base-url {url} --api 2026-09 --split ; --progress never");
        let mut import = TerminalSession::start(&workdir, &line);
        let question = &["Continue? Type yes"];
        import.until(question).types("no\n");
        import.until(&["nothing was sent"]).exits(2);
        let said = import.said.replace('\r', "");
        for name in ["a.csv", "b.csv"] {
            let reading = format!(
                "reading {name} (UTF-8, comma-separated)\n\
                 columns: Contact ID (contacts) → Company ID (companies)\n\
                 cells are split at ';': each id is a row of its own\n\
                 first link: "
            );
            assert!(said.contains(&reading), "{said}");
        }
    }
}
