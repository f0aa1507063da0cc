//! The options that a configuration file sets, as text. Does not know how the file is written,
//! where it is, or how the texts are parsed.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// Options by which every row has a definition.
const BY_DEFINITION: [&str; 2] = ["definition", "definition-column"];

/// Options by which every row has object types and a label.
const BY_TYPES: [&str; 4] = ["from-type", "to-type", "label", "label-column"];

/// Options and their texts, by flag without the dashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigValues(BTreeMap<String, OsString>);

impl ConfigValues {
    /// The text of an option, if it is set.
    #[must_use]
    pub fn get(&self, flag: &str) -> Option<&OsStr> {
        self.0.get(flag).map(OsString::as_os_str)
    }

    /// Removes an option.
    #[must_use]
    pub fn without(mut self, flag: &str) -> Self {
        self.0.remove(flag);
        self
    }

    /// Removes what contradicts these options, which come first: a definition and object types
    /// exclude each other.
    #[must_use]
    pub fn beside(mut self, given: &Self) -> Self {
        for (stated, excluded) in [
            (&BY_DEFINITION[..], &BY_TYPES[..]),
            (&BY_TYPES, &BY_DEFINITION),
        ] {
            if stated.iter().any(|flag| given.decides_links(flag)) {
                self.0
                    .retain(|flag, text| !excluded.contains(&flag.as_str()) || text == "off");
            }
        }
        self
    }

    /// Whether this option is set and says how links are defined. A column that is turned off
    /// says nothing.
    fn decides_links(&self, flag: &str) -> bool {
        self.get(flag).is_some_and(|text| text != "off")
    }
}

impl FromIterator<(String, OsString)> for ConfigValues {
    fn from_iter<I: IntoIterator<Item = (String, OsString)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// What the words and the environment say, before a configuration file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstReading {
    /// The configuration file, if one is named.
    pub config_file: Option<PathBuf>,
    /// All options that are given.
    pub given: ConfigValues,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> ConfigValues {
        let pairs = line.split_whitespace().map(|pair| {
            let (flag, text) = pair.split_once('=').unwrap();
            (flag.to_owned(), text.into())
        });
        pairs.collect()
    }

    #[test]
    fn what_is_given_excludes_what_the_file_says_otherwise() {
        for (given, file, left) in [
            ("", "definition=1 rate=5/s", "definition=1 rate=5/s"),
            (
                "definition=1",
                "from-type=a to-type=b label=c label-column=d from-column=e",
                "from-column=e",
            ),
            ("definition=1", "label-column=off", "label-column=off"),
            ("definition-column=x", "from-type=a", ""),
            (
                "label=c",
                "definition=1 definition-column=d to-type=b",
                "to-type=b",
            ),
            ("label-column=off", "definition=1", "definition=1"),
            ("rate=5/s", "definition=1", "definition=1"),
        ] {
            assert_eq!(values(file).beside(&values(given)), values(left), "{given}");
        }
    }
}
