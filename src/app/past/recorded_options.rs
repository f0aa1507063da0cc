//! The options of a run, as its log keeps them, and the arguments that they stand for. Resume,
//! verify and undo read them in the same way. Options that cannot be read are refused.

use std::ffi::{OsStr, OsString};

use crate::{
    app::error::AppError,
    cell::clean,
    cli::{
        Cli, Command, ConfigValues, ImportArgs, OptionDefaults, RunOption, RunOptions,
        UnknownOption,
    },
    config,
    journal::RecordedRun,
};

/// Values that cannot be parsed are shown up to this length.
const SHOWN_CHARS: usize = 60;

/// The options that a run was given last.
pub(crate) fn options(past: &RecordedRun) -> Result<RunOptions, AppError> {
    let read = RunOptions::from_record(past.options());
    read.map_err(|UnknownOption(name)| {
        let name = clean(&name, SHOWN_CHARS);
        unreadable(
            past,
            format!("this version does not have the option '{name}'"),
            "",
        )
    })
}

/// The arguments that a run was given last.
pub(crate) fn arguments(past: &RecordedRun) -> Result<Box<ImportArgs>, AppError> {
    let options = options(past)?.with(RunOption::Api, &past.info().server.api);
    bare_arguments(&options).map_err(|why| unreadable(past, why, ""))
}

/// The arguments of an import with these options and no others.
pub(crate) fn bare_arguments(options: &RunOptions) -> Result<Box<ImportArgs>, String> {
    import_args(read_bare(options), options)
}

/// The options that a run was given last. If the environment has a token, the recorded token
/// file is left out, because the new token is meant to be used.
fn current_options(past: &RecordedRun) -> Result<RunOptions, AppError> {
    let options = options(past)?;
    Ok(if config::has_credentials() {
        options.without(RunOption::TokenFile)
    } else {
        options
    })
}

/// What is typed now, with this configuration file. Options that are not given come from the run.
pub(crate) fn arguments_typed(
    past: &RecordedRun,
    typed: &[OsString],
    config: &ConfigValues,
) -> Result<Box<ImportArgs>, AppError> {
    let options = current_options(past)?;
    let defaults = OptionDefaults {
        config: config.clone(),
        recorded: options.clone(),
    };
    let cli = Cli::read_with(typed.to_vec(), config::is_empty_variable, &defaults);
    let remedy = ", or give the option again";
    import_args(cli, &options).map_err(|why| unreadable(past, why, remedy))
}

/// Options that a resumed run inherits. A suggested command for a different run has to name
/// them.
pub(crate) fn inherited_options(
    past: &RecordedRun,
    args: &ImportArgs,
) -> Result<RunOptions, AppError> {
    let mut options = current_options(past)?;
    if !args.skip_existing {
        options = options.without(RunOption::SkipExisting);
    }
    if !args.input.allow_free_mail {
        options = options.without(RunOption::AllowFreeMail);
    }
    let not_given = options
        .iter()
        .filter(|(option, _)| args.given_options.get(*option).is_none());
    let not_given = not_given.map(|(option, text)| (option, text.to_owned()));
    Ok(not_given.collect())
}

fn unreadable(past: &RecordedRun, why: String, remedy: &'static str) -> AppError {
    AppError::Unreadable {
        run_log: past.run_log(),
        version: past.info().version.clone(),
        why,
        remedy,
    }
}

/// An import with these options only. The environment and configuration files apply only to runs
/// of today.
fn read_bare(options: &RunOptions) -> Result<Cli, clap::Error> {
    let words = ["hubassoc", "import", "-"].map(OsString::from);
    let defaults = OptionDefaults {
        recorded: options.clone(),
        ..OptionDefaults::default()
    };
    Cli::read_with(words, |_| true, &defaults)
}

/// The import that was parsed from the options of a run. If parsing failed: one line that names
/// the option.
fn import_args(
    read: Result<Cli, clap::Error>,
    options: &RunOptions,
) -> Result<Box<ImportArgs>, String> {
    let error = match read.map(|cli| cli.command) {
        Ok(Command::Import(args)) => return Ok(args),
        Ok(_) => return Err("they are not the options of an import".to_owned()),
        Err(error) => error,
    };
    let line = in_one_line(&error);
    Err(match invalid_option(options) {
        Some((option, text)) if !line.contains(option.flag()) => {
            let text = clean(&text.to_string_lossy(), SHOWN_CHARS);
            format!("'{text}' is not a value of --{}", option.flag())
        }
        Some(_) | None => line,
    })
}

/// The option that cannot be parsed, even if the parser does not name it.
fn invalid_option(options: &RunOptions) -> Option<(RunOption, &OsStr)> {
    options.iter().find(|(option, text)| {
        let alone = RunOptions::default().with(*option, *text);
        read_bare(&alone).is_err()
    })
}

/// What clap reports, without the usage that follows.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
