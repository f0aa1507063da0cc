//! What comes first: an option, its variable, the file, the run that is resumed, the default.

use std::fs;

use super::*;

#[test]
fn an_option_beats_its_variable_and_that_the_file_and_that_the_default() {
    let workdir = configured([1], "rate = '7/3s'");
    for (option, variable, rate) in [
        ("", "", "100 calls in 10 s"),
        ("--config nightly.toml", "", "7 calls in 3 s"),
        ("--config nightly.toml", "9/4s", "9 calls in 4 s"),
        (
            "--config nightly.toml --rate 5/2s",
            "9/4s",
            "5 calls in 2 s",
        ),
    ] {
        let run = workdir.run(&format!("check links.csv {option}"));
        let ran = run.env("HUBASSOC_RATE", variable).exits(0);
        ran.says(&[&format!("at most {rate}")]);
    }
}

#[test]
fn the_variable_names_a_file_unless_it_is_empty_or_the_option_names_another() {
    let workdir = configured([1], "rate = '7/3s'");
    workdir.write("other.toml", "rate = '8/3s'");
    for (option, variable, rate) in [
        ("", "nightly.toml", "7 calls in 3 s"),
        ("", "", "100 calls in 10 s"),
        ("--config other.toml", "nightly.toml", "8 calls in 3 s"),
    ] {
        let run = workdir.run(&format!("check links.csv {option}"));
        let ran = run.env("HUBASSOC_CONFIG", variable).exits(0);
        ran.says(&[&format!("at most {rate}")]);
    }
}

#[test]
fn a_switch_of_the_file_is_turned_off_by_its_variable() {
    let workdir = configured([1], "quiet = true\nprogress = 'never'");
    let run = || workdir.run("check links.csv --config nightly.toml");
    assert_eq!(run().exits(0).stderr, "");
    let ran = run().env("HUBASSOC_QUIET", "false").exits(0);
    ran.says(&["1 row is ready to import"]);
    workdir.write(NIGHTLY, "quiet = false");
    run().exits(0).says(&["1 row is ready to import"]);
}

#[test]
fn verbosity_and_log_format_are_set_by_the_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let config = for_server(&fake.base_url(), "verbose = 2\nlog-format = 'json'\n");
    let workdir = configured([1], &config);
    let ran = workdir
        .run("import links.csv --config nightly.toml")
        .exits(0);
    assert!(
        ran.stderr.lines().all(|line| line.starts_with('{')),
        "{ran}"
    );
    ran.says(&["\"row\":1"]);
}

/// As cron runs it: in another folder, and without any variable.
#[test]
fn relative_paths_start_from_the_folder_of_the_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with("a;b\n1;2\n");
    fs::create_dir(workdir.path("conf")).unwrap();
    fs::create_dir(workdir.path("conf/out")).unwrap();
    workdir.write("conf/token", "pat-of-the-file");
    let further = "results = 'out/r.csv'\nsummary = 'out/s.json'\ndefinition = 1\ndelimiter = ';'\n\
                   [columns]\nfrom = 'a'\nto = 'b'\n";
    workdir.write("conf/nightly.toml", for_server(&fake.base_url(), further));
    let line = "import links.csv --config conf/nightly.toml";
    let ran = workdir.run(line).without_env("PATH").exits(0);
    ran.says(&["writing results to conf/out/r.csv"]);
    for name in ["conf/out/r.csv", "conf/out/s.json"] {
        assert!(workdir.has(name), "{name}");
    }
    let request = &fake.requests()[0];
    assert_eq!(
        request.header("authorization"),
        Some("Bearer pat-of-the-file")
    );
    assert_eq!(workdir.names(), ["conf", "links.csv"]);
}

#[test]
fn a_summary_on_standard_output_is_no_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    fs::create_dir(workdir.path("conf")).unwrap();
    workdir.write("conf/token", "pat-x");
    let config = for_server(&fake.base_url(), "summary = '-'");
    workdir.write("conf/nightly.toml", config);
    let line = "import links.csv --config conf/nightly.toml";
    let ran = workdir.run(line).exits(0);
    assert!(ran.stdout().starts_with("{\"version\""), "{ran}");
    assert!(!workdir.has("conf/-"));
}

#[test]
fn a_token_in_the_environment_comes_before_the_file() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = configured([1], &for_server(&fake.base_url(), ""));
    workdir.write("token", "of-the-file");
    let run = workdir.run("import links.csv --config nightly.toml");
    run.env("HUBSPOT_ACCESS_TOKEN", "of-the-environment")
        .exits(0);
    let request = &fake.requests()[0];
    let expected = "Bearer of-the-environment";
    assert_eq!(request.header("authorization"), Some(expected));
}

#[test]
fn one_file_serves_every_command() {
    let account = sandbox::start(&[]);
    let config =
        "skip-existing = true\nmin-rows = 1\nlog-format = 'json'\n[columns]\nlabel = 'off'";
    let workdir = configured([1], &for_server(&account.base_url(), config));
    for line in [
        "check links.csv",
        "doctor",
        "types contacts companies",
        "import links.csv",
        "verify links.results.csv",
        "undo links.results.csv --yes",
    ] {
        let run = workdir.run(&format!("{line} --config nightly.toml"));
        let ran = run.exits(0);
        let mut said = ran.stderr.lines();
        assert!(said.all(|line| line.starts_with('{')), "{ran}");
    }
    // Made by the import, and removed by the undo.
    assert_eq!(sandbox::sent(&account), [(1, 7, 1), (1, 7, 1)]);
}

#[test]
fn a_resumed_run_takes_from_the_file_before_its_own_options() {
    let fake = FakeHubSpot::with_responses([204]);
    let file = |rate: &str| for_server(&fake.base_url(), &format!("rate = '{rate}'\n"));
    let workdir = configured(1..=6, &file("77/s"));
    workdir.write("changed.toml", file("66/s"));
    for (options, variable, rate) in [
        ("--limit 1 --config nightly.toml", "", "at most 77 calls"),
        // What the file says is recorded as if it was typed.
        ("--limit 2 --resume", "", "at most 77 calls"),
        (
            "--limit 3 --resume --config changed.toml",
            "",
            "at most 66 calls",
        ),
        ("--limit 4 --resume", "", "at most 66 calls"),
        (
            "--limit 5 --resume --config changed.toml",
            "55/s",
            "at most 55 calls",
        ),
        (
            "--limit off --resume --config changed.toml --rate 44/s",
            "55/s",
            "at most 44 calls",
        ),
    ] {
        let run = workdir.run(&format!("import links.csv {options}"));
        run.env("HUBASSOC_RATE", variable).exits(0).says(&[rate]);
    }
    assert_eq!(fake.requests().len(), 6);
}

#[test]
fn a_file_that_changes_what_rows_mean_is_refused_by_a_resume() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with("a,b\n1,7\n2,7\n");
    let columns = "definition = 1\n[columns]\nfrom = 'a'\nto = 'b'\n";
    workdir.write(NIGHTLY, for_server(&fake.base_url(), columns));
    workdir.write("token", "pat-x");
    let line = "import links.csv --config nightly.toml";
    workdir.run(&format!("{line} --limit 1")).exits(0);
    let changed = columns
        .replace("'a'", "'c'")
        .replace("'b'", "'a'")
        .replace("'c'", "'b'");
    workdir.write(NIGHTLY, for_server(&fake.base_url(), &changed));
    let ran = workdir.run(&format!("{line} --resume")).exits(2);
    ran.says(&["the run to resume was started with --from-column a, but now --from-column is b"]);
    assert_eq!(fake.requests().len(), 1);
    // Without the file, the run has its own options.
    workdir
        .run("import links.csv --resume --limit off")
        .exits(0);
    assert_eq!(fake.requests().len(), 2);
}

#[test]
fn a_typed_definition_and_object_types_of_the_file_do_not_contradict() {
    let workdir = Workdir::with("from_object_id,to_object_id\n1,7\n");
    let by_types = "api = '2026-09'\nfrom-type = 'contacts'\nto-type = 'companies'";
    let by_definition = "api = '2026-09'\ndefinition = 279";
    let types = "--from-type deals --to-type contacts";
    for (config, options, expected) in [
        (by_types, "", "first link: contact 1 → company 7"),
        (by_types, "--definition 3", "first link: deal 1 → contact 7"),
        (
            by_types,
            "--to-type deals",
            "first link: contact 1 → deal 7",
        ),
        (by_definition, "", "definitions: 279"),
        (by_definition, types, "first link: deal 1 → contact 7"),
    ] {
        workdir.write(NIGHTLY, config);
        let run = workdir.run(&format!("check links.csv --config nightly.toml {options}"));
        run.exits(0).says(&[expected]);
    }
    let run = workdir.run("check links.csv --config nightly.toml");
    let ran = run.env("HUBASSOC_FROM_TYPE", "deals");
    ran.exits(2).says(&["to_object_type"]);
}

#[test]
fn doctor_takes_one_object_type_from_the_file_and_one_from_the_command() {
    let account = sandbox::start(&[]);
    let config = |further: &str| for_server(&account.base_url(), further);
    let workdir = configured([], &config("api = '2026-09'\nto-type = 'companies'"));
    let doctor = |options: &str| workdir.run(&format!("doctor {options} --config nightly.toml"));
    for (options, found) in [
        ("--from-type deals", "deals"),
        ("--definition 3", "deals"),
        ("", "contacts"),
    ] {
        let ran = doctor(options).exits(0);
        assert!(ran.stdout().contains(found), "{ran}");
    }
    workdir.write(NIGHTLY, config("api = '2026-09'\ndefinition = 3"));
    doctor("--from-type contacts")
        .exits(2)
        .says(&["--to-type <TYPE>"]);
    let ran = doctor("--from-type contacts --to-type companies").exits(0);
    assert!(!ran.stdout().contains("deals"), "{ran}");
}
