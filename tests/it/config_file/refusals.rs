//! What a configuration file cannot say, in the words that a user sees.

use super::*;

/// What `check` says of this file, without the program's name.
fn refused(config: impl AsRef<[u8]>) -> String {
    let workdir = Workdir::with(links([1]));
    workdir.write(NIGHTLY, config);
    let ran = workdir
        .run("check links.csv --config nightly.toml")
        .exits(2);
    assert_eq!(ran.stdout(), "", "{ran}");
    let said = ran.stderr.strip_prefix("hubassoc: nightly.toml, ");
    let said = said.and_then(|said| said.strip_suffix('\n'));
    said.unwrap_or_else(|| panic!("{ran}")).to_owned()
}

/// Values that an option cannot have.
const VALUES: &[(&str, &str)] = &[
    (
        "# nightly\nrate = 'fast'",
        "line 2: 'fast' is not a value of 'rate': 'fast' is not a rate, there is no '/' between \
             the number of calls and the window; write calls per window, like 19/s, 100/10s or \
             600/min, or auto, or unlimited",
    ),
    (
        "api = 'v9'",
        "line 1: 'v9' is not a value of 'api': write v1 or 2026-09",
    ),
    (
        "on_quota = 'sleep'",
        "line 1: 'sleep' is not a value of 'on-quota': write stop or wait",
    ),
    (
        "min-rows = -5",
        "line 1: '-5' is not a value of 'min-rows': write a whole number",
    ),
    (
        "max-attempts = 0",
        "line 1: '0' is not a value of 'max-attempts': write a number from 1 to 100",
    ),
    (
        "skip-existing = 'ja'",
        "line 1: 'ja' is not a value of 'skip-existing': write true or false",
    ),
    (
        "verbose = 'much'",
        "line 1: 'much' is not a value of 'verbose': write a number from 0 to 3",
    ),
    // An option of another command is checked, too.
    (
        "output = 7.5",
        "line 1: 'output' is a number with a decimal point; write a text in quotes or a whole \
             number, or true or false for a switch",
    ),
    (
        "batch = [1, 2]",
        "line 1: 'batch' is a list; write a text in quotes or a whole number, or true or false \
             for a switch",
    ),
    (
        "api = 2026-09-01",
        "line 1: 'api' is a date or a time; write a text in quotes or a whole number, or true \
             or false for a switch",
    ),
    (
        "rate = true",
        "line 1: 'rate' is not a switch, so it cannot be true or false; write its value as a \
             text in quotes or as a whole number",
    ),
    (
        "label = ''",
        "line 1: 'label' has no value; write one, or remove the line",
    ),
];

/// Keys that a file cannot have, at all or beside another one.
const KEYS: &[(&str, &str)] = &[
    (
        "rat = '19/s'",
        "line 1: a configuration file has no option 'rat'; did you mean 'rate'?",
    ),
    (
        "Max_Errors = 5",
        "line 1: a configuration file has no option 'Max-Errors'; did you mean 'max-errors'?",
    ),
    (
        "HUBASSOC_BATCH = 5",
        "line 1: a configuration file has no option 'HUBASSOC-BATCH'; did you mean 'batch'?",
    ),
    (
        "qq = 1",
        "line 1: a configuration file has no option 'qq'; correct or remove the line \
             (`hubassoc import --help` lists the options)",
    ),
    (
        "config = 'other.toml'",
        "line 1: a configuration file cannot name another one; remove the line",
    ),
    (
        "[import]\nrate = '19/s'",
        "line 1: 'import' is a table, and only [columns] can be one; remove its line, and write \
             its options above the line [columns]",
    ),
    (
        "[Columns]\nfrom = 'A'",
        "line 1: 'Columns' is a table, and only [columns] can be one; did you mean [columns]?",
    ),
    (
        "[column]\nfrom = 'A'",
        "line 1: 'column' is a table, and only [columns] can be one; did you mean [columns]?",
    ),
    (
        "[columns]\nfrom = 'A'\nrate = '19/s'",
        "line 3: [columns] can have only from, to, definition and label, but not 'rate'; write \
             other options above the line [columns]",
    ),
    (
        "columns = 'A'",
        "line 1: 'columns' has to be a table; write a line [columns], and below it from, to, \
             definition or label, such as from = \"Contact ID\"",
    ),
    (
        "to-column = 'A'\n[columns]\nto = 'B'",
        "line 3: 'to-column' is also set in line 1; remove one of the two lines",
    ),
    (
        "max-wait = '5s'\nmax_wait = '6s'",
        "line 2: 'max-wait' is also set in line 1; remove one of the two lines",
    ),
    (
        "to-type = 'companies'\ndefinition = 1",
        "line 2: 'definition' and 'to-type' (line 1) exclude each other; links have either a \
             definition or object types and labels, so remove one of the two lines",
    ),
];

#[test]
fn every_line_that_cannot_be_used_is_refused_by_number_and_key() {
    for (config, expected) in VALUES.iter().chain(KEYS) {
        assert_eq!(refused(config), *expected, "{config}");
    }
}

#[test]
fn what_is_done_now_has_to_be_typed() {
    for key in [
        "limit",
        "resume",
        "retry-failed",
        "sandbox",
        "yes",
        "include-unchecked",
        "input",
    ] {
        assert_eq!(
            refused(format!("{key} = 1")),
            format!(
                "line 1: '{key}' cannot be set in a configuration file, because it is for one \
                 command only; remove the line, and type --{key} on the command line"
            )
        );
    }
}

#[test]
fn a_secret_is_refused_and_never_shown() {
    let secret = "pat-na1-do-not-show";
    for config in [
        format!("token = '{secret}'"),
        format!("access_token = '{secret}'"),
        format!("HUBSPOT_ACCESS_TOKEN = '{secret}'"),
        format!("[columns]\nclient-secret = '{secret}'"),
        format!("password = ['{secret}']"),
        // Not TOML.
        format!("token = {secret}"),
        format!("rate = '5/s' {secret}"),
        secret.to_owned(),
        format!("token = '{secret}"),
        format!("token = '{secret}'\ntoken = '{secret}'"),
    ] {
        for log in ["", "--log-format json", "-vvv"] {
            let workdir = configured([1], &config);
            let line = format!("import links.csv --config nightly.toml --summary s.json {log}");
            let ran = workdir.run(&line).exits(2);
            ran.says(&["nightly.toml, line "]).never_says(secret);
            assert!(!workdir.text("s.json").contains(secret), "{config}");
        }
    }
    assert_eq!(
        refused(format!("\ntoken = '{secret}'")),
        "line 2: 'token' is a secret, and a configuration file must not contain secrets; remove the \
         line. Write the token to a file of its own and name that file here (token-file = \
         \"PATH\"), or set an environment variable such as HUBSPOT_ACCESS_TOKEN"
    );
}

#[test]
fn a_secret_in_place_of_the_path_of_its_file_is_refused_and_never_shown() {
    for secret in [
        "pat-na1-hidden-1",
        "keys/pat-eu1-hidden-1",
        "6f2b1c3d-0a4e-4b5f-8c6d-hidden9a0b1c",
    ] {
        let said = refused(format!("token-file = \"{secret}\"\n"));
        assert!(!said.contains("hidden"), "{said}");
        assert!(
            said.contains(
                "line 1: 'token-file' seems to have a token or secret itself (not shown here), but \
                 has to have the path of a file; write the secret to a file, and its path here, such \
                 as token-file = \"token.txt\""
            ),
            "{said}"
        );
    }
}

#[test]
fn what_is_not_toml_is_refused_by_line_and_column() {
    for (config, expected) in [
        (
            "batch = 5\nrate = 19/s\n",
            "line 2, column 8: this is not valid TOML (string values must be quoted, expected \
             literal string); write each option as name = value, with text in quotes, such as rate \
             = \"19/s\"",
        ),
        (
            "batch = 5\nbatch = 6\n",
            "line 2, column 1: this is not valid TOML (duplicate key); write each option as name = \
             value, with text in quotes, such as rate = \"19/s\"",
        ),
    ] {
        assert_eq!(refused(config), expected, "{config}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let workdir = configured([1], "");
    workdir.write("latin.toml", b"label = 'Verk\xe4ufer'");
    workdir.write("large.toml", "#".repeat(1_000_001));
    for (file, expected) in [
        (
            "nowhere.toml",
            "the configuration file nowhere.toml cannot be read: No such file or directory (os \
             error 2); check the path in --config or HUBASSOC_CONFIG, and that you may read the \
             file",
        ),
        (
            ".",
            "the configuration file . is a folder; give the path of a file with --config or in \
             HUBASSOC_CONFIG",
        ),
        (
            "latin.toml",
            "the configuration file latin.toml is not UTF-8 text; save it as UTF-8",
        ),
        (
            "large.toml",
            "the configuration file large.toml is larger than 1 MB, so it is probably another file; \
             give the path of the right one with --config or in HUBASSOC_CONFIG",
        ),
    ] {
        let typed = workdir.run(&format!("check links.csv --config {file}"));
        let in_environment = workdir.run("check links.csv").env("HUBASSOC_CONFIG", file);
        for run in [typed, in_environment] {
            let ran = run.exits(2);
            assert_eq!(ran.stderr, format!("hubassoc: {expected}\n"));
        }
    }
}

#[test]
fn two_files_are_refused_as_two_of_other_options_are() {
    let workdir = configured([1], "");
    let line = "check links.csv --config nightly.toml --config nightly.toml";
    workdir
        .run(line)
        .exits(2)
        .says(&["cannot be used multiple times"]);
}

#[test]
fn a_refusal_reaches_the_summary_and_has_the_log_format_of_the_file() {
    for (rest, options, why) in [
        ("rat = 1\n", "", "nightly.toml, line 3"),
        ("", "--nonsense", "unexpected argument '--nonsense' found"),
        (
            "",
            "--rate fast",
            "invalid value 'fast' for '--rate <RATE>'",
        ),
    ] {
        let config = format!("summary = 's.json'\nlog-format = 'json'\n{rest}");
        let workdir = configured([1], &config);
        for named in ["--config nightly.toml", "--config=nightly.toml", ""] {
            let mut run = workdir.run(&format!("import links.csv {named} {options}"));
            if named.is_empty() {
                run = run.env("HUBASSOC_CONFIG", "nightly.toml");
            }
            let ran = run.exits(2);
            let log: serde_json::Value = serde_json::from_str(ran.stderr.trim_end()).unwrap();
            assert_eq!(log["level"], "ERROR");
            let summary = workdir.json("s.json");
            assert_eq!(summary["exit_code"], 2);
            assert!(
                summary["stopped"].as_str().unwrap().contains(why),
                "{summary}"
            );
            assert_eq!(summary["stopped"], log["message"]);
        }
    }
}

#[test]
fn commands_without_options_to_configure_read_no_file() {
    let workdir = configured([], "rat = 1");
    let run = workdir.run("completions bash");
    run.env("HUBASSOC_CONFIG", "nightly.toml").exits(0);
    workdir
        .run("man --config nightly.toml")
        .exits(2)
        .says(&["'--config'"]);
    // Help does not depend on it.
    workdir.run("import --help --config nightly.toml").exits(0);
}
