//! Whether the options fit the run that is to go on: what would make another
//! run of it is refused.

use std::{collections::BTreeMap, ffi::OsString};

use super::error::ConfigError;
use crate::{
    alike::beside,
    association::{Table, object_type},
    cell::fold,
    cli::{ImportArgs, Limit},
    journal::{Begun, Past},
};

/// Options that say what the input's cells mean, and which links are sent. The API
/// is compared with where the run sends to.
pub const MEANING: [&str; 9] = [
    "definition",
    "definition_column",
    "from_column",
    "from_type",
    "label",
    "label_column",
    "skip_existing",
    "to_column",
    "to_type",
];

/// How much of an option's text is shown.
const SHOWN_CHARS: usize = 60;

/// Makes sure that a run that goes on is the same; it would send to `target`
/// now.
///
/// # Errors
/// If another API or meaning of the rows was asked for.
pub fn check_same_run(args: &ImportArgs, past: &Past, target: &str) -> Result<(), ConfigError> {
    let Begun {
        api, target: then, ..
    } = past.begun();
    let now = args.input.api.name();
    if (api.as_str(), then.as_str()) != (now, target) {
        return Err(ConfigError::OtherTarget {
            then: format!("{then} (API {api})"),
            now: format!("{target} (API {now})"),
        });
    }
    let (options, highest) = (past.options(), past.highest());
    for option in MEANING {
        let text = |given: &BTreeMap<String, OsString>| {
            let text = given.get(option);
            text.map(|text| text.to_string_lossy().into_owned())
        };
        let (given, before) = (text(&args.given), text(options));
        let table = args.input.api.definitions();
        let is_same = |given: &str| match &before {
            Some(before) => same(table, option, before, given),
            None => option == "skip_existing" && !is_on(given),
        };
        let is_other = |given: &String| !is_same(given);
        if let Some(given) = given.filter(is_other) {
            let option = option.replace('_', "-");
            return Err(ConfigError::OtherMeaning {
                then: before.as_ref().map_or_else(
                    || format!("without --{option}"),
                    |text| {
                        format!(
                            "with --{option} {}",
                            beside(text, [given.as_str()], SHOWN_CHARS)
                        )
                    },
                ),
                option,
                now: beside(&given, before.as_deref(), SHOWN_CHARS),
            });
        }
    }
    let limit = args.input.limit.and_then(Limit::rows);
    if let Some(limit) = limit.filter(|limit| *limit < highest) {
        return Err(ConfigError::LimitBehind { limit, highest });
    }
    Ok(())
}

fn same(table: &'static Table, option: &str, one: &str, other: &str) -> bool {
    let definition = |text: &str| table.parse(text).ok();
    match option {
        "definition" => {
            one == other || definition(one).is_some_and(|one| Some(one) == definition(other))
        }
        "from_type" | "to_type" => object_type(one) == object_type(other),
        // Two labels may differ in case alone.
        "label" => one.trim() == other.trim(),
        "skip_existing" => is_on(one) == is_on(other),
        _ => fold(one) == fold(other),
    }
}

/// Whether a switch is on, by the words that its twin in the environment takes.
fn is_on(text: &str) -> bool {
    let off = ["n", "no", "f", "false", "off", "0"];
    !off.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_meaning_may_be_given_in_other_words() {
        for (option, one, other, is_same) in [
            ("definition", "1", "contact_to_company", true),
            ("definition", "279", "contact_to_company_unlabeled", true),
            ("definition", "1", "279", false),
            ("from_type", "Contact", "0-1", true),
            ("to_type", "companies", "deals", false),
            ("label", "Boss ", "Boss", true),
            ("label", "Boss", "boss", false),
            ("skip_existing", "1", "true", true),
            ("skip_existing", "true", "off", false),
            ("from_column", "Contact ID", "contact_id", true),
        ] {
            let same = same(Table::v2026_09(), option, one, other);
            assert_eq!(same, is_same, "{option}: {one}, {other}");
        }
    }
}
