//! How the help of the commands looks: groups of options, examples, exit codes, and the
//! few options that `import -h` shows. Knows nothing of what the options mean.

use std::{ffi::OsString, fmt::Write as _};

use clap::{Arg, ArgAction, Command};

use super::shown_options::shown_options;
use crate::{exit::ExitCode, hubspot::ApiVersion};

/// The widest line of help, in columns.
const WIDEST: usize = 100;

/// The room for an option's text on a line of 80 columns, beside the names of `import -h`.
const WIDEST_SHORT: usize = 48;

/// The groups of options in `--help`.
const GROUPS: [(&str, &[&str]); 7] = [
    (
        "Input",
        &[
            "input",
            "api",
            "definition",
            "from_type",
            "to_type",
            "label",
            "limit",
            "min_rows",
            "delimiter",
            "encoding",
            "sheet",
            "header_row",
            "split",
            "config",
        ],
    ),
    (
        "Columns",
        &[
            "from_column",
            "to_column",
            "definition_column",
            "label_column",
            "from_key",
            "to_key",
            "allow_free_mail",
            "on_ambiguous",
        ],
    ),
    (
        "Results and resuming",
        &[
            "results",
            "output",
            "failures",
            "resume",
            "retry_failed",
            "summary",
            "metrics",
            "wait_for_lock",
        ],
    ),
    (
        "Safety",
        &[
            "sandbox",
            "records",
            "dry_run",
            "skip_existing",
            "account",
            "yes",
            "approve",
            "max_age",
            "include_unchecked",
            "max_errors",
            "max_consecutive_failures",
        ],
    ),
    (
        "Speed",
        &[
            "batch",
            "rate",
            "concurrency",
            "daily_reserve",
            "on_quota",
            "max_attempts",
            "max_wait",
        ],
    ),
    (
        "Connection",
        &[
            "token_file",
            "base_url",
            "timeout",
            "connect_timeout",
            "ca_file",
        ],
    ),
    (
        "Output",
        &[
            "quiet",
            "verbose",
            "redact",
            "format",
            "log_format",
            "progress",
            "help",
            "version",
        ],
    ),
];

/// What `import -h` shows: a screen of 80 columns and 24 lines has room for these.
const USED_MOST: [&str; 10] = [
    "api",
    "definition",
    "label",
    "limit",
    "results",
    "resume",
    "sandbox",
    "skip_existing",
    "batch",
    "token_file",
];

/// What the help of a command says after its options.
struct After {
    command: &'static str,
    examples: &'static [&'static str],
    /// Exit codes that the command has, with its own words for the first two.
    codes: &'static [ExitCode],
    success: &'static str,
    some_bad: &'static str,
    /// What else there is to say.
    note: &'static str,
}

const TWINS: &str = "Every option that configures can also be set in the environment (--batch is \
                     HUBASSOC_BATCH, and so on) or in the file of --config (batch = 100). An option \
                     beats the environment, and the environment beats the file.";

const AFTER: [After; 10] = [
    After {
        command: "import",
        examples: &[
            "hubassoc import links.csv --sandbox",
            "hubassoc import links.csv --api {api} --batch max",
        ],
        codes: ExitCode::ALL,
        success: ExitCode::Success.meaning(),
        some_bad: ExitCode::SomeRowsBad.meaning(),
        note: TWINS,
    },
    After {
        command: "check",
        examples: &["hubassoc check links.csv > bad-rows.csv"],
        codes: &[
            ExitCode::Success,
            ExitCode::SomeRowsBad,
            ExitCode::Refused,
            ExitCode::Internal,
            ExitCode::InputBroken,
        ],
        success: "every row is ready to import",
        some_bad: "some rows are invalid",
        note: "All other options of import are accepted and ignored, so you can replace `import` \
               by `check` in any command.",
    },
    After {
        command: "plan",
        examples: &[
            "hubassoc plan links.csv --api {api}",
            "hubassoc import links.csv --api {api} --dry-run",
        ],
        codes: ExitCode::ALL,
        success: "every row can be imported, or needs nothing",
        some_bad: "some rows cannot be imported; the plan is complete",
        note: "All other options of import are accepted and ignored, so you can replace `import` \
               by `plan` in any command.",
    },
    After {
        command: "apply",
        examples: &[
            "hubassoc apply links.plan.json",
            "hubassoc apply links.plan.json --approve 1f0c9a6b3d52 --resume",
        ],
        codes: ExitCode::ALL,
        success: ExitCode::Success.meaning(),
        some_bad: "some rows failed, could not be imported when they were planned, or have changed \
                   since",
        note: TWINS,
    },
    After {
        command: "verify",
        examples: &["hubassoc verify links.results.csv"],
        codes: ExitCode::ALL,
        success: "every imported link exists",
        some_bad: "some links are missing or could not be read",
        note: TWINS,
    },
    After {
        command: "undo",
        examples: &["hubassoc undo links.results.csv"],
        codes: ExitCode::ALL,
        success: "everything that could be removed was removed",
        some_bad: "some links could not be removed, restored or checked",
        note: TWINS,
    },
    After {
        command: "explain",
        examples: &["hubassoc explain links.results.csv"],
        codes: &[ExitCode::Success, ExitCode::Refused],
        success: "the explanation is on standard output, whatever happened to the rows",
        some_bad: "",
        note: "",
    },
    After {
        command: "doctor",
        examples: &["hubassoc doctor --from-type contacts --to-type companies"],
        codes: &[
            ExitCode::Success,
            ExitCode::SomeRowsBad,
            ExitCode::Refused,
            ExitCode::Credentials,
            ExitCode::Unavailable,
        ],
        success: "an import can start",
        some_bad: "no quota left today, a clock that is wrong, or no space for results",
        note: TWINS,
    },
    After {
        command: "types",
        examples: &["hubassoc types contacts companies --api {api}"],
        codes: &[ExitCode::Success, ExitCode::Refused],
        success: "the definitions are on standard output",
        some_bad: "",
        note: "",
    },
    After {
        command: "sandbox",
        examples: &[
            "hubassoc sandbox --fault 500=5% --fault 429=1% --latency 80ms..200ms",
            "HUBSPOT_ACCESS_TOKEN=any hubassoc import links.csv --base-url http://127.0.0.1:8787",
        ],
        codes: &[
            ExitCode::Refused,
            ExitCode::Hangup,
            ExitCode::Interrupt,
            ExitCode::Terminate,
        ],
        success: "",
        some_bad: "",
        note: "",
    },
];

/// The whole command line with the help of each command. `is_short` asks for `-h`, which
/// has no groups.
pub(super) fn with_help(command: Command, is_short: bool) -> Command {
    let mut command = command
        .max_term_width(WIDEST)
        .mut_args(|arg| grouped_unless(is_short, inline(arg, is_short)).hide_short_help(is_short))
        .disable_help_flag(true)
        .arg(help_flag(is_short))
        .after_help(overview());
    for after in &AFTER {
        command = command.mut_subcommand(after.command, |sub| {
            // The options of the sandbox are its own.
            let is_plain = is_short || after.command == "sandbox";
            let sub = sub.mut_args(|arg| grouped_unless(is_plain, inline(arg, is_short)));
            let sub = match shown_options(after.command) {
                Some(shown) => sub.mut_args(|arg| {
                    let has_effect = shown.contains(&arg.get_id().as_str());
                    let is_input = arg.is_positional();
                    arg.hide(!has_effect && !is_input)
                }),
                None => sub,
            };
            with_examples(sub, after, is_short)
        });
    }
    command
}

/// Whether `-h` is among the words, for the few options that it shows.
pub(super) fn is_short(words: &[OsString]) -> bool {
    words
        .iter()
        .take_while(|word| *word != "--")
        .any(|word| word == "-h")
}

fn help_flag(is_short: bool) -> Arg {
    let flag = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true)
        .help("Print help (-h: the most used options, --help: all)");
    if is_short {
        flag.hide(true)
    } else {
        flag.help_heading("Output")
    }
}

/// One option: its default on the line of its text. Variables would fill a quarter of the page.
fn inline(arg: Arg, is_short: bool) -> Arg {
    let arg = arg.hide_env(true);
    let has_value = arg.get_action().takes_values();
    let default = match arg.get_default_values() {
        [default] if has_value => default.to_str().map(str::to_owned),
        _ => None,
    };
    let arg = arg.hide_possible_values(is_short && has_value);
    let (Some(default), Some(help)) = (default, arg.get_help()) else {
        return arg;
    };
    let with_default = |text: String| format!("{text} [default: {default}]");
    let (short, long) = (with_default(help.to_string()), arg.get_long_help());
    let has_little_room = is_short && USED_MOST.contains(&arg.get_id().as_str());
    let short = if has_little_room && short.len() > WIDEST_SHORT {
        help.to_string()
    } else {
        short
    };
    let arg = match long.map(|long| with_default(long.to_string())) {
        Some(long) => arg.long_help(long),
        None => arg,
    };
    arg.help(short).hide_default_value(true)
}

/// Puts an option into its group.
fn grouped_unless(is_plain: bool, arg: Arg) -> Arg {
    if is_plain {
        return arg;
    }
    let id = arg.get_id().as_str();
    let group = GROUPS.iter().find(|(_, ids)| ids.contains(&id));
    match group {
        Some((heading, _)) if !arg.is_positional() => arg.help_heading(*heading),
        Some(_) | None => arg,
    }
}

fn with_examples(command: Command, after: &After, is_short: bool) -> Command {
    let examples = examples(after);
    let command = if is_short && after.command == "import" {
        command.mut_args(|arg| {
            let is_shown = USED_MOST.contains(&arg.get_id().as_str()) || arg.is_positional();
            arg.hide(!is_shown)
        })
    } else {
        command
    };
    command
        .after_help(format!(
            "{examples}All options and exit codes: hubassoc {} --help",
            after.command
        ))
        .after_long_help(format!("{examples}\n{}{}", exit_codes(after), note(after)))
}

fn note(after: &After) -> String {
    match after.note {
        "" => String::new(),
        note => format!("\n{note}"),
    }
}

fn examples(after: &After) -> String {
    let lines = after.examples.iter();
    lines.fold("Examples:\n".to_owned(), |text, line| {
        format!(
            "{text}  {}\n",
            line.replace("{api}", ApiVersion::LATEST.name())
        )
    })
}

fn exit_codes(after: &After) -> String {
    let mut text = "Exit codes:\n".to_owned();
    for code in after.codes {
        let meaning = if *code == ExitCode::Success {
            after.success
        } else if *code == ExitCode::SomeRowsBad {
            after.some_bad
        } else {
            code.meaning()
        };
        let _ = writeln!(text, "  {:>3}  {meaning}", code.get());
    }
    text
}

/// What the program's own help says after the commands.
fn overview() -> String {
    "Start here:\n  \
     hubassoc check links.csv                  read the file, send nothing\n  \
     hubassoc import links.csv --sandbox       rehearse on this machine\n  \
     hubassoc doctor                           check the token and the account\n  \
     hubassoc plan links.csv                   what an import would do to the account\n  \
     hubassoc import links.csv                 import; writes links.results.csv\n  \
     hubassoc explain links.results.csv        say why rows failed, and what to do\n  \
     hubassoc verify links.results.csv         check that every link exists\n\n\
     Exit codes and examples: hubassoc <COMMAND> --help"
        .to_owned()
}
