//! A command line that cannot be used: the error is shown in the log format it asks for, and
//! written to the summary it names.

use std::ffi::OsString;

use super::session::summary::write_usage_summary;
use crate::{
    cell::clean,
    cli::LogFormat,
    config::{self, CommandLineError},
    exit::ExitCode,
    logging,
    output::Screen,
};

/// Shows what is wrong, or prints the help that was asked for.
#[must_use]
pub fn refuse_command_line(typed: &[OsString], error: &CommandLineError) -> ExitCode {
    let why = match error {
        CommandLineError::Usage(usage) if !usage.use_stderr() => {
            // clap writes help to standard output.
            let _ = usage.print();
            return ExitCode::Success;
        }
        CommandLineError::Usage(usage) => in_one_line(&usage.to_string()),
        CommandLineError::File(error) => clean(&error.to_string(), usize::MAX),
    };
    let screen = Screen::new(false, log_format(typed) == LogFormat::Json);
    if screen.is_json() {
        logging::start(&screen, 0, false, config::log_filter().as_deref(), false);
        tracing::error!("{why}");
    } else {
        match error {
            CommandLineError::Usage(usage) => {
                let _ = usage.print();
            }
            CommandLineError::File(_) => screen.say(&format!("hubassoc: {why}")),
        }
    }
    write_usage_summary(typed, &why, &screen);
    ExitCode::Refused
}

/// The log format, as far as the words tell. The last one counts.
fn log_format(typed: &[OsString]) -> LogFormat {
    const OPTION: &str = "--log-format";
    let mut words = typed.iter().filter_map(|word| word.to_str());
    let untyped = config::untyped_text(typed, "log-format");
    let mut format = untyped.and_then(|format| format.into_string().ok());
    while let Some(word) = words.next() {
        match word.strip_prefix(OPTION) {
            Some("") => format = words.next().map(str::to_owned),
            Some(value) if value.starts_with('=') => format = Some(value[1..].to_owned()),
            Some(_) | None => {}
        }
    }
    if format.as_deref() == Some("json") {
        LogFormat::Json
    } else {
        LogFormat::Text
    }
}

/// What clap reports, without the usage that follows.
fn in_one_line(usage: &str) -> String {
    let words = usage.split("\n\n").next().unwrap_or_default();
    let words = words.strip_prefix("error: ").unwrap_or(words);
    let words: Vec<_> = words.split_whitespace().collect();
    clean(&words.join(" "), usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_error_is_one_line_with_its_names() {
        let usage = "error: the following required arguments were not provided:\n  <INPUT>\n\nUsage: \
                     hubassoc import <INPUT>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            in_one_line(usage),
            "the following required arguments were not provided: <INPUT>"
        );
    }

    #[test]
    fn the_last_typed_log_format_counts() {
        for (line, format) in [
            ("import --rate 5", LogFormat::Text),
            ("import --log-format json --rate 5", LogFormat::Json),
            ("import --log-format=json --rate 5", LogFormat::Json),
            ("--log-format json --log-format text", LogFormat::Text),
            ("import --log-format", LogFormat::Text),
        ] {
            let typed: Vec<OsString> = line.split(' ').map(Into::into).collect();
            assert_eq!(log_format(&typed), format, "{line}");
        }
    }
}
