//! Checks that the options fit the run to resume. Options that would change what its rows mean
//! are refused.

use super::error::ConfigError;
use crate::{
    association::{DefinitionTable, object_type},
    cell::fold,
    cli::{self, ImportArgs, Limit, RunOption, RunOptions},
    input::IdSeparator,
    journal::{ApiTarget, RecordedRun},
    lookalike::show_distinct,
};

/// Options that decide which links the rows mean and which of them are sent. The API is compared
/// together with the address.
pub const LINK_OPTIONS: [RunOption; 14] = [
    RunOption::AllowFreeMail,
    RunOption::Definition,
    RunOption::DefinitionColumn,
    RunOption::FromColumn,
    RunOption::FromKey,
    RunOption::FromType,
    RunOption::Label,
    RunOption::LabelColumn,
    RunOption::OnAmbiguous,
    RunOption::SkipExisting,
    RunOption::Split,
    RunOption::ToColumn,
    RunOption::ToKey,
    RunOption::ToType,
];

/// What happens to rows with a key of several records if nothing is said about them.
const ON_AMBIGUOUS_DEFAULT: &str = "fail";

/// The longest part of an option's text that is shown.
const SHOWN_CHARS: usize = 60;

/// Checks that a run with these recorded `options` can be resumed by a command that sends to
/// `target`.
///
/// # Errors
/// If the API or the meaning of the rows differs.
pub fn check_same_run(
    args: &ImportArgs,
    past: &RecordedRun,
    options: &RunOptions,
    target: &str,
) -> Result<(), ConfigError> {
    let ApiTarget { api, target: then } = &past.info().server;
    let now = args.input.api.name();
    if (api.as_str(), then.as_str()) != (now, target) {
        return Err(ConfigError::DifferentTarget {
            then: format!("{then} (API {api})"),
            now: format!("{target} (API {now})"),
        });
    }
    let highest = past.last_recorded_row();
    for option in LINK_OPTIONS {
        let value = |options: &RunOptions| {
            let text = options.get(option);
            text.map(|text| text.to_string_lossy().into_owned())
        };
        let (current, recorded) = (value(&args.given_options), value(options));
        let table = args.input.api.definitions();
        let is_same = |current: &str| match &recorded {
            Some(recorded) => is_same_value(table, option, recorded, current),
            None => is_default(option, current),
        };
        let is_other = |current: &String| !is_same(current);
        if let Some(current) = current.filter(is_other) {
            let option = option.flag().to_owned();
            return Err(ConfigError::DifferentMeaning {
                then: recorded.as_ref().map_or_else(
                    || format!("without --{option}"),
                    |text| {
                        format!(
                            "with --{option} {}",
                            show_distinct(text, [current.as_str()], SHOWN_CHARS)
                        )
                    },
                ),
                option,
                now: show_distinct(&current, recorded.as_deref(), SHOWN_CHARS),
            });
        }
    }
    // With --split, the number of a row does not tell how many rows of the file come before it.
    let limit = args.input.limit.and_then(Limit::rows);
    let limit = limit.filter(|_| args.input.split.is_none());
    if let Some(limit) = limit.filter(|limit| *limit < highest) {
        return Err(ConfigError::LimitBelowRecordedRow { limit, highest });
    }
    Ok(())
}

fn is_same_value(
    table: &'static DefinitionTable,
    option: RunOption,
    one: &str,
    other: &str,
) -> bool {
    let definition = |text: &str| table.parse(text).ok();
    if option == RunOption::Definition {
        one == other || definition(one).is_some_and(|one| Some(one) == definition(other))
    } else if [RunOption::FromType, RunOption::ToType].contains(&option) {
        object_type(one) == object_type(other)
    } else if option == RunOption::Label {
        // Labels may differ only in case.
        one.trim() == other.trim()
    } else if option == RunOption::Split {
        let separator = |text: &str| text.parse::<IdSeparator>().ok();
        separator(one) == separator(other)
    } else if option.is_switch() {
        is_switched_on(one) == is_switched_on(other)
    } else {
        fold(one) == fold(other)
    }
}

/// Whether a value means the same as if the option was not given.
fn is_default(option: RunOption, text: &str) -> bool {
    (option.is_switch() && !is_switched_on(text))
        || (option == RunOption::OnAmbiguous && text == ON_AMBIGUOUS_DEFAULT)
}

/// Whether a switch is on. A text that is neither a yes nor a no is not an off.
fn is_switched_on(text: &str) -> bool {
    cli::switch(text).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::v2026_09;

    #[test]
    fn the_same_meaning_may_be_given_in_other_words() {
        for (option, one, other, is_same) in [
            (RunOption::Definition, "1", "contact_to_company", true),
            (
                RunOption::Definition,
                "279",
                "contact_to_company_unlabeled",
                true,
            ),
            (RunOption::Definition, "1", "279", false),
            (RunOption::FromType, "Contact", "0-1", true),
            (RunOption::ToType, "companies", "deals", false),
            (RunOption::Label, "Boss ", "Boss", true),
            (RunOption::Label, "Boss", "boss", false),
            (RunOption::SkipExisting, "1", "true", true),
            (RunOption::SkipExisting, "true", "off", false),
            (RunOption::Split, ";", "semicolon", true),
            (RunOption::Split, ";", ",", false),
            (RunOption::FromColumn, "Contact ID", "contact_id", true),
            (RunOption::FromKey, "external_id", "External-ID", true),
            (RunOption::ToKey, "domain", "email", false),
            (RunOption::AllowFreeMail, "true", "1", true),
            (RunOption::AllowFreeMail, "true", "no", false),
            (RunOption::OnAmbiguous, "fail", "oldest", false),
        ] {
            let same = is_same_value(v2026_09::table(), option, one, other);
            assert_eq!(same, is_same, "{option:?}: {one}, {other}");
        }
    }

    #[test]
    fn a_default_may_be_given_to_a_run_that_began_without_the_option() {
        for (option, text, is_same) in [
            (RunOption::OnAmbiguous, "fail", true),
            (RunOption::OnAmbiguous, "oldest", false),
            (RunOption::AllowFreeMail, "false", true),
            (RunOption::AllowFreeMail, "true", false),
            (RunOption::FromKey, "email", false),
        ] {
            assert_eq!(is_default(option, text), is_same, "{option:?}: {text}");
        }
    }
}
