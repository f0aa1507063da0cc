//! Options, servers and accounts: which are kept, and which may change.

use super::*;

#[test]
fn options_default_to_those_of_the_run() {
    let input = "a,b\n1,7\n2,7\n3,7\n";
    let options = "--from-column a --to-column b --definition 1 --rate 77/s";
    let (sandbox, workdir) = stopped_run(input, options);
    let ran = resume(&workdir, "");
    ran.says(&["at most 77 calls in 1 s"]);
    assert_eq!(crate::support::sandbox::sent(&sandbox), [(3, 7, 1)]);
}

#[test]
fn another_rate_is_accepted_and_kept() {
    let (_sandbox, workdir) = stopped_run(links(1..=4), "--rate 77/s");
    resume(&workdir, "--rate 55/s --limit 3").says(&["at most 55 calls"]);
    resume(&workdir, "--limit off").says(&["at most 55 calls"]);
}

#[test]
fn the_environment_overrides_the_run_and_an_option_overrides_both() {
    for (option, rate) in [
        ("", "at most 66 calls"),
        ("--rate 55/s", "at most 55 calls"),
    ] {
        let (_sandbox, workdir) = stopped_run(links(1..=3), "--rate 77/s");
        let run = workdir
            .run(&format!("import links.csv --resume {option}"))
            .env("HUBSPOT_ACCESS_TOKEN", "t")
            .env("HUBASSOC_RATE", "66/s");
        run.exits(0).says(&[rate]);
    }
}

#[test]
fn a_token_in_the_environment_replaces_the_file_of_the_run() {
    let workdir = Workdir::with(links(1..=2));
    workdir.write("token", "old");
    let fake = FakeHubSpot::with_handler(|n, request| {
        let is_new = request.header("authorization") == Some("Bearer new");
        if n == 0 || is_new {
            204.into()
        } else {
            401.into()
        }
    });
    let line = format!(
        "import links.csv --concurrency 1 --base-url {}",
        fake.base_url()
    );
    workdir.run(&format!("{line} --token-file token")).exits(3);
    workdir.run("import links.csv --resume").exits(3);
    let run = workdir.run("import links.csv --resume");
    run.env("HUBSPOT_ACCESS_TOKEN", "new").exits(0);
}

#[test]
fn another_server_is_refused() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    assert_resume_refused(&sandbox, &workdir, "--base-url http://127.0.0.1:1")
        .says(&["127.0.0.1:1/", "--base-url"]);
    assert_resume_refused(&sandbox, &workdir, "--sandbox -o links.results.csv")
        .says(&["sandbox (API v1)"]);
}

#[test]
fn a_rehearsal_does_not_resume_as_a_real_run() {
    let workdir = Workdir::with(links(1..=3));
    workdir.run("import links.csv --sandbox -o r.csv").exits(0);
    let ran = workdir
        .run("import links.csv --resume -o r.csv")
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .exits(2);
    ran.says(&[
        "use the same --base-url, --sandbox and --api, or choose another file with --results",
        "https://api.hubapi.com",
    ]);
}

#[test]
fn another_meaning_of_the_rows_is_refused() {
    let input = "a,b,c,d\n1,7,1,1\n2,7,1,1\n3,7,1,1\n";
    let columns = "--from-column a --to-column b --definition-column c";
    let (sandbox, workdir) = stopped_run(input, columns);
    for other in ["--from-column b", "--to-column a", "--definition-column d"] {
        assert_resume_refused(&sandbox, &workdir, other).says(&[other.split(' ').next().unwrap()]);
    }
    assert_resume_refused(&sandbox, &workdir, "--definition 3").says(&["--definition"]);
    resume(&workdir, columns);
}

#[test]
fn a_definition_may_be_given_in_other_words() {
    let (_sandbox, workdir) = stopped_run(
        "from_object_id,to_object_id\n1,7\n2,7\n3,7\n",
        "--definition 1",
    );
    resume(&workdir, "--definition contact_to_company");
}

#[test]
fn read_before_write_cannot_change_in_a_resume() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    assert_resume_refused(&sandbox, &workdir, "--skip-existing")
        .says(&["started without --skip-existing"]);
    let run = workdir
        .run("import links.csv --resume")
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .env("HUBASSOC_SKIP_EXISTING", "no");
    run.exits(0);
}

#[test]
fn a_run_with_read_before_write_resumes_with_it() {
    // The account, three reads, and two of three writes.
    let sandbox = start(&["401=#7-8"]);
    let workdir = Workdir::with(links(1..=3));
    let options = "--skip-existing --concurrency 1";
    workdir.import(&sandbox.base_url(), options).exits(3);
    let sent = sandbox.request_log().requests;
    let run = workdir
        .run("import links.csv --resume")
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .env("HUBASSOC_SKIP_EXISTING", "off");
    run.exits(2).says(&["started with --skip-existing true"]);
    assert_eq!(sandbox.request_log().requests, sent);
    resume(&workdir, "");
}

#[test]
fn a_limited_run_resumes_with_the_rest_without_the_limit() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5));
    workdir.import(&sandbox.base_url(), "--limit 2").exits(0);
    resume(&workdir, "").says(&["2 rows read"]);
    resume(&workdir, "--limit off").says(&["5 rows read: 5 succeeded", "2 done before"]);
    let ran = workdir
        .import(&sandbox.base_url(), "--resume --limit 3")
        .exits(2);
    ran.says(&["--limit 3", "row 5"]);
}

#[test]
fn an_existing_run_is_refused_without_the_option() {
    let (sandbox, workdir) = stopped_run(links(1..=3), "");
    let before = workdir.bytes(RESULTS);
    let ran = workdir.import(&sandbox.base_url(), "").exits(2);
    ran.says(&["never overwritten", "--resume"]);
    assert_eq!(workdir.bytes(RESULTS), before);
}

#[test]
fn the_run_log_is_no_place_for_the_summary_or_another_file() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    let summary = format!("--summary {RUN_LOG}");
    workdir.import(&sandbox.base_url(), &summary).exits(2);
    workdir.write(RUN_LOG, "mine\n");
    let ran = workdir.import(&sandbox.base_url(), "").exits(2);
    ran.says(&[
        RUN_LOG,
        "should be the log of a run but is another file, and is never overwritten; move it away, \
         or choose another file (-o)",
    ]);
    assert_eq!(workdir.text(RUN_LOG), "mine\n");
    assert!(sandbox.request_log().associations.is_empty());
}

#[test]
fn a_token_of_another_account_is_refused_before_any_row_is_sent() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&sandbox.base_url(), "--limit 2").exits(0);
    let run_log = workdir.text(RUN_LOG);
    let (_, after) = run_log.split_once("{\"account\":").unwrap();
    let account = after.split('}').next().unwrap();
    let other = run_log.replace(&format!("{{\"account\":{account}}}"), "{\"account\":12345}");
    workdir.write(RUN_LOG, other);
    let sent = crate::support::sandbox::sent(&sandbox);
    let ran = workdir
        .import(&sandbox.base_url(), "--resume --limit off")
        .exits(2);
    ran.says(&["12345", account, "the token belongs to account"]);
    assert_eq!(crate::support::sandbox::sent(&sandbox), sent);
    workdir.write(RUN_LOG, run_log);
    resume(&workdir, "--limit off").says(&["3 succeeded"]);
}

#[test]
fn after_a_limited_run_the_command_for_the_rest_is_printed() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=5));
    let ran = workdir.import(&sandbox.base_url(), "--limit 2").exits(0);
    let mut lines = ran
        .stderr
        .lines()
        .skip_while(|line| !line.contains("(--limit)"));
    let command = lines
        .nth(1)
        .unwrap()
        .trim()
        .strip_prefix("hubassoc ")
        .unwrap();
    assert!(!command.contains("--limit 2"), "{command}");
    let run = workdir.run(command).env("HUBSPOT_ACCESS_TOKEN", "t");
    run.exits(0).says(&["5 rows read: 5 succeeded"]);
    let ran = workdir.import(&sandbox.base_url(), "--resume").exits(0);
    ran.never_says("(--limit)");
}

#[test]
fn a_retry_is_suggested_only_for_rows_that_it_may_help() {
    let fake = FakeHubSpot::with_handler(|n, _| (if n == 1 { 422 } else { 204 }).into());
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&fake.base_url(), "--concurrency 1").exits(1);
    let again = workdir.import(&fake.base_url(), "--resume").exits(1);
    again
        .says(&["1 of them failed\n"])
        .never_says("--retry-failed");

    let fake = FakeHubSpot::with_handler(|n, _| (if n == 1 { 500 } else { 204 }).into());
    let workdir = Workdir::with(links(1..=3));
    let options = "--concurrency 1 --max-attempts 1";
    workdir.import(&fake.base_url(), options).exits(1);
    let again = workdir.import(&fake.base_url(), "--resume").exits(1);
    again.says(&["1 of them failed; use --retry-failed to send them again\n"]);
}

#[test]
fn unknown_options_of_the_run_are_not_ignored() {
    let (sandbox, workdir) = stopped_run(links(1..=4), "--rate 77/s --limit 3");
    let log = workdir.text(RUN_LOG).replace("77/s", "by ear");
    workdir.write(RUN_LOG, log);
    let ran = assert_resume_refused(&sandbox, &workdir, "");
    ran.says(&[
        "the options of the run in links.results.csv.run cannot be read",
        "'by ear'",
        "or give the option again",
    ]);
    // New options replace them.
    resume(&workdir, "--rate unlimited").says(&["3 rows read: 3 succeeded"]);
}

/// Asserts that every later command refuses a run log with these options instead of `"limit":"3"`.
fn assert_refused_by_all(options: &str, words: &[&str]) {
    let (sandbox, workdir) = stopped_run(links(1..=4), "--limit 3");
    let log = workdir.text(RUN_LOG);
    workdir.write(RUN_LOG, log.replace("\"limit\":\"3\"", options));
    let all = [
        &["the options of the run in links.results.csv.run cannot be read"],
        words,
    ];
    assert_resume_refused(&sandbox, &workdir, "").says(&all.concat());
    for command in ["verify links.results.csv", "undo links.results.csv --yes"] {
        let run = workdir.run(command).env("HUBSPOT_ACCESS_TOKEN", "t");
        run.exits(2).says(&all.concat());
    }
    assert!(sandbox.request_log().associations.is_empty());
}

#[test]
fn an_unknown_option_of_the_run_is_refused_by_every_command() {
    for name in ["colour", "resume", "results", "from-column"] {
        let why = format!("this version does not have the option '{name}'");
        let options = format!("\"limit\":\"3\",\"{name}\":\"true\"");
        assert_refused_by_all(&options, &[&why, "use the version that started the run"]);
    }
}

#[test]
fn an_invalid_value_of_the_run_is_refused_by_name() {
    for (option, why) in [
        (
            "\"rate\":\"by ear\"",
            "invalid value 'by ear' for '--rate <RATE>'",
        ),
        (
            "\"on_quota\":\"dance\"",
            "invalid value 'dance' for '--on-quota <WHAT>'",
        ),
        ("\"rate\":\"\\n19/s\"", "is not a value of --rate"),
        (
            "\"label\":{\"text\":\"\u{fffd}A\",\"hex\":\"ff41\"}",
            "'\u{fffd}A' is not a value of --label",
        ),
        ("\"ca_file\":\"\"", "--ca-file"),
        (
            "\"skip_existing\":\"maybe\"",
            "invalid value 'maybe' for '--skip-existing'",
        ),
    ] {
        assert_refused_by_all(option, &[why]);
    }
}

/// The command on the line after these words.
fn next_command(ran: &Transcript, words: &str) -> String {
    let mut lines = ran.stderr.lines();
    lines.find(|line| line.contains(words));
    lines.next().unwrap_or_default().trim().to_owned()
}

#[test]
fn the_command_for_the_failures_has_the_options_of_the_resumed_run() {
    let correct = "correct the rows in the failures file";
    let sandbox = start(&[]);
    let place = sandbox.base_url();
    let file = "from_object_id,to_object_id\n1,7\nx,7\n2,7\n";
    let workdir = Workdir::with(file);
    let import = format!(
        "import links.csv --api 2026-09 --base-url {place} --account 62515 --rate unlimited \
         --definition 279 --skip-existing --min-rows 2 --encoding utf-8"
    );
    let run = workdir.run(&format!("{import} --limit 2"));
    let ran = run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(1);
    assert!(
        next_command(&ran, correct).contains("--api 2026-09"),
        "{ran}"
    );
    let again = workdir.run("import links.csv --resume --limit off --rate 100/s");
    let ran = again.env("HUBSPOT_ACCESS_TOKEN", "t").exits(1);
    assert_eq!(
        next_command(&ran, correct),
        format!(
            "hubassoc import links.failures.csv --rate 100/s --account 62515 --api 2026-09 \
             --base-url {place} --definition 279 --skip-existing"
        )
    );
    // The printed command works.
    let failures = workdir.text("links.failures.csv").replace("x,7", "3,7");
    workdir.write("links.failures.csv", failures);
    let line = next_command(&ran, correct);
    let run = workdir.run(line.strip_prefix("hubassoc ").unwrap());
    run.env("HUBSPOT_ACCESS_TOKEN", "t").exits(0);
    assert!(
        sandbox
            .links()
            .iter()
            .any(|link| link.contains("contacts 3 "))
    );
}
