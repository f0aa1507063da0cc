//! The command line: help, environment variables for options, and the small commands.

use hubassoc::cli::Cli;

use crate::support::{fake_hubspot::FakeHubSpot, links, workdir::Workdir};

#[test]
fn the_programs_help() {
    let help = Workdir::new().run("--help").exits(0).stdout();
    insta::assert_snapshot!(help);
}

#[test]
fn the_help_of_import() {
    let help = Workdir::new().run("import --help").exits(0).stdout();
    insta::assert_snapshot!(help);
}

#[test]
fn help_goes_to_standard_output_and_usage_errors_to_standard_error() {
    let workdir = Workdir::new();
    assert!(workdir.run("--help").exits(0).stderr.is_empty());
    for line in [
        "",
        "nonsense",
        "import",
        "import a.csv --nonsense",
        "import a.csv --rate 5",
        "import a.csv --concurrency 0",
        "import a.csv --max-attempts 0",
        "import a.csv --timeout 0s",
        "import a.csv --sandbox --base-url http://127.0.0.1:1",
        "import a.csv --account x",
        "import a.csv --api v2",
        "verify",
        "undo",
        "explain",
        "doctor --from-type contacts",
        "doctor --definition 1 --from-type contacts --to-type companies",
    ] {
        let ran = workdir.run(line).exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{ran}");
    }
}

#[test]
fn configuring_options_have_environment_variables_and_others_do_not() {
    const ACTING: [&str; 12] = [
        "approve",
        "dry-run",
        "plan",
        "limit",
        "records",
        "resume",
        "retry-failed",
        "sandbox",
        "help",
        "yes",
        "include-unchecked",
        "input",
    ];
    let mut program = Cli::described();
    program.build();
    for name in ["import", "apply", "verify", "undo", "doctor"] {
        let command = program.find_subcommand(name).unwrap();
        let options: Vec<_> = command
            .get_arguments()
            .filter_map(|arg| arg.get_long())
            .collect();
        assert!(options.len() > 8, "{options:?}");
        for arg in command.get_arguments() {
            let Some(option) = arg.get_long() else {
                continue;
            };
            let twin = format!("HUBASSOC_{}", option.to_uppercase().replace('-', "_"));
            let expected = (!ACTING.contains(&option)).then_some(twin);
            let found = arg.get_env().map(|name| name.to_str().unwrap().to_owned());
            assert_eq!(found, expected, "{name} --{option}");
        }
    }
}

#[test]
fn the_short_help_of_import_fits_a_terminal_of_80_by_24() {
    let ran = Workdir::new()
        .run("import -h")
        .env("COLUMNS", "80")
        .exits(0);
    let help = ran.stdout();
    // The prompt that follows needs a line, too.
    assert!(help.lines().count() < 24, "{help}");
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    let options = help
        .lines()
        .filter(|line| line.contains("  --") || line.contains(", --"));
    assert_eq!(options.count(), 10, "{help}");
    assert_eq!(help.matches("\n  hubassoc import ").count(), 2, "{help}");
}

#[test]
fn the_help_of_each_command_has_groups_an_example_that_works_and_its_exit_codes() {
    for command in [
        "import", "check", "plan", "apply", "verify", "undo", "explain", "doctor", "types",
        "sandbox",
    ] {
        let line = format!("{command} --help");
        let help = Workdir::new().run(&line).exits(0).stdout();
        assert!(help.contains("\nExit codes:\n"), "{help}");
        assert!(!help.contains("[env:"), "{help}");
        let examples = help.split("Examples:\n").nth(1).unwrap();
        let examples: Vec<_> = examples
            .lines()
            .take_while(|line| !line.is_empty())
            .collect();
        assert!(!examples.is_empty(), "{help}");
        for example in examples {
            let words = example.split_whitespace();
            let words = words.skip_while(|word| *word != "hubassoc");
            let words = words.take_while(|word| *word != ">").map(Into::into);
            Cli::read(words, |_| false).unwrap();
        }
    }
    let help = Workdir::new().run("import --help").exits(0).stdout();
    let headings = help
        .lines()
        .filter(|line| line.ends_with(':') && !line.starts_with(' '));
    let headings: Vec<_> = headings.map(|line| line.trim_end_matches(':')).collect();
    assert_eq!(
        headings,
        [
            "Arguments",
            "Input",
            "Columns",
            "Results and resuming",
            "Safety",
            "Speed",
            "Connection",
            "Output",
            "Examples",
            "Exit codes"
        ]
    );
}

#[test]
fn an_environment_variable_is_used() {
    let workdir = Workdir::with(links([1]));
    let ran = workdir
        .run("check links.csv")
        .env("HUBASSOC_RATE", "7/3s")
        .exits(0);
    ran.says(&["at most 7 calls in 3 s"]);
    let ran = workdir
        .run("check links.csv")
        .env("HUBASSOC_RATE", "nonsense")
        .exits(2);
    ran.says(&["nonsense"]);
}

#[test]
fn an_option_overrides_its_environment_variable() {
    let workdir = Workdir::with(links([1]));
    let run = workdir
        .run("check links.csv --rate 5/2s")
        .env("HUBASSOC_RATE", "7/3s");
    run.exits(0).says(&["at most 5 calls in 2 s"]);
}

#[test]
fn an_empty_environment_variable_counts_as_unset() {
    let workdir = Workdir::with(links([1]));
    let twins = [
        "RATE",
        "DEFINITION",
        "FROM_COLUMN",
        "DELIMITER",
        "ENCODING",
        "QUIET",
        "VERBOSE",
        "LOG_FORMAT",
        "PROGRESS",
        "CONCURRENCY",
        "RESULTS",
        "TIMEOUT",
        "TOKEN_FILE",
        "SUMMARY",
        "CA_FILE",
    ];
    let fake = FakeHubSpot::with_responses([204]);
    let mut run = workdir.import(&fake.base_url(), "");
    for twin in twins {
        run = run.env(&format!("HUBASSOC_{twin}"), "");
    }
    run.exits(0);
    assert_eq!(
        workdir.names(),
        ["links.csv", "links.results.csv", "links.results.csv.run"]
    );
}

#[test]
fn a_run_can_be_configured_by_the_environment_alone() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with("a;b\n1;2\n");
    let mut run = workdir.run("import links.csv");
    for (twin, value) in [
        ("BASE_URL", fake.base_url().as_str()),
        ("TOKEN_FILE", "token"),
        ("RESULTS", "out.csv"),
        ("FROM_COLUMN", "a"),
        ("TO_COLUMN", "b"),
        ("DEFINITION", "1"),
        ("SUMMARY", "s.json"),
        ("QUIET", "true"),
        ("RATE", "unlimited"),
    ] {
        run = run.env(&format!("HUBASSOC_{twin}"), value);
    }
    workdir.write("token", "pat-x");
    let ran = run.exits(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(
        workdir.names(),
        ["links.csv", "out.csv", "out.csv.run", "s.json", "token"]
    );
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    let workdir = Workdir::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = workdir
            .run(&format!("completions {shell}"))
            .exits(0)
            .stdout();
        assert!(script.contains("max-attempts"), "{shell}");
    }
    let page = workdir.run("man").exits(0).stdout();
    for words in [
        ".TH hubassoc",
        "IMPORT OPTIONS",
        "SANDBOX OPTIONS",
        "max\\-attempts",
    ] {
        assert!(page.contains(words), "'{words}' is missing");
    }
}

#[test]
fn quiet_prints_nothing_on_success() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir.import(&fake.base_url(), "--quiet").exits(0);
    assert_eq!((ran.stdout().as_str(), ran.stderr.as_str()), ("", ""));
}

#[test]
fn json_logs_are_one_object_per_line_however_the_run_ends() {
    let workdir = Workdir::with(links([1]) + "x,7,1\n");
    for (status, input, code) in [
        (204, "links.csv", 1),
        (401, "links.csv", 3),
        (204, "nowhere.csv", 2),
    ] {
        let fake = FakeHubSpot::with_responses([status]);
        let results = format!("{code}.csv");
        let options = format!("--log-format json -vvv -o {results}");
        let ran = workdir
            .import_file(input, &fake.base_url(), &options)
            .exits(code);
        assert!(!ran.stderr.is_empty());
        for line in ran.stderr.lines() {
            let event = serde_json::from_str::<serde_json::Value>(line);
            assert!(event.is_ok_and(|event| event.is_object()), "{line}\n{ran}");
        }
    }
}

#[test]
fn there_is_no_colour_without_a_terminal() {
    let fake = FakeHubSpot::with_responses([400]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir.import(&fake.base_url(), "-vvv").exits(1);
    ran.never_says("\u{1b}");
}

#[test]
fn a_preview_says_what_will_happen() {
    let fake = FakeHubSpot::with_responses([204]);
    let workdir = Workdir::with(links([123]));
    let ran = workdir.import(&fake.base_url(), "").exits(0);
    ran.says(&[
        "reading links.csv (UTF-8, comma-separated)",
        &format!("sending to HubSpot (API v1) at {}", fake.base_url()),
        "contact 123 → company 7",
        "the primary company",
        "1 row, without a limit",
        "writing results to links.results.csv",
        "1 row read: 1 succeeded, 0 failed, 0 invalid",
    ]);
}

#[test]
fn a_switch_in_the_environment_is_a_yes_or_a_no() {
    let workdir = Workdir::with(links([1]));
    let quiet = |text: &str| workdir.run("check links.csv").env("HUBASSOC_QUIET", text);
    for (text, is_quiet) in [("1", true), ("YES", true), ("off", false), ("0", false)] {
        let ran = quiet(text).exits(0);
        assert_eq!(ran.stderr.is_empty(), is_quiet, "{text}: {ran}");
    }
    quiet("ja").exits(2).says(&[
        "invalid value 'ja' for '--quiet': write true or false in the environment variable of this \
         option",
    ]);
}
