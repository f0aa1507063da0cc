//! Whether the options fit the run that is to go on: what would make another
//! run of it is refused.

use super::ConfigError;
use crate::{
    association::Definition,
    cell::fold,
    cli::{ImportArgs, Limit},
    journal::{Begun, Past},
};

/// Options that say what the input's cells mean.
const MEANING: [&str; 4] = [
    "definition",
    "definition_column",
    "from_column",
    "to_column",
];

/// Makes sure that a run that goes on is the same; it would send to `target`
/// now.
///
/// # Errors
/// If another API or meaning of the rows was asked for.
pub fn check_same_run(args: &ImportArgs, past: &Past, target: &str) -> Result<(), ConfigError> {
    let Begun {
        api, target: then, ..
    } = past.begun();
    if (api.as_str(), then.as_str()) != (Begun::API_V1, target) {
        return Err(ConfigError::OtherTarget {
            then: format!("{then} (API {api})"),
            now: format!("{target} (API {})", Begun::API_V1),
        });
    }
    let (options, highest) = (past.options(), past.highest());
    for option in MEANING {
        let (given, before) = (args.given.get(option), options.get(option));
        let is_other = |given: &&String| before.is_none_or(|before| !same(option, before, given));
        if let Some(given) = given.filter(is_other) {
            return Err(ConfigError::OtherMeaning {
                option: option.replace('_', "-"),
                then: before.map_or_else(|| "without it".to_owned(), |text| format!("with {text}")),
                now: given.clone(),
            });
        }
    }
    let limit = args.input.limit.and_then(Limit::rows);
    if let Some(limit) = limit.filter(|limit| *limit < highest) {
        return Err(ConfigError::LimitBehind { limit, highest });
    }
    Ok(())
}

fn same(option: &str, one: &str, other: &str) -> bool {
    let definition = |text: &str| text.parse::<Definition>().ok();
    if option == "definition" {
        one == other || definition(one).is_some_and(|one| Some(one) == definition(other))
    } else {
        fold(one) == fold(other)
    }
}
