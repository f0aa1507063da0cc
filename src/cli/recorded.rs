//! The options of an import that its run log keeps: their names on disk, and the options of the
//! command line that they stand for.
//!
//! The names do not come from field names, because names on disk must never change.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

macro_rules! run_options {
    ($($variant:ident = $name:literal, $option:literal;)+) => {
        /// An option that the run log keeps.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RunOption { $(#[doc = concat!("`--", $option, "`")] $variant,)+ }

        impl RunOption {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in run logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// As it is typed, without the dashes.
            #[must_use]
            pub const fn option(self) -> &'static str {
                match self { $(Self::$variant => $option,)+ }
            }
        }
    };
}

// A new option gets a name that no run log has used. Names are never removed.
run_options! {
    Account = "account", "account";
    Api = "api", "api";
    BaseUrl = "base_url", "base-url";
    Batch = "batch", "batch";
    CaFile = "ca_file", "ca-file";
    Concurrency = "concurrency", "concurrency";
    ConnectTimeout = "connect_timeout", "connect-timeout";
    DailyReserve = "daily_reserve", "daily-reserve";
    Definition = "definition", "definition";
    DefinitionColumn = "definition_column", "definition-column";
    Delimiter = "delimiter", "delimiter";
    Encoding = "encoding", "encoding";
    FromColumn = "from_column", "from-column";
    FromType = "from_type", "from-type";
    Label = "label", "label";
    LabelColumn = "label_column", "label-column";
    Limit = "limit", "limit";
    MaxAttempts = "max_attempts", "max-attempts";
    MaxConsecutiveFailures = "max_consecutive_failures", "max-consecutive-failures";
    MaxErrors = "max_errors", "max-errors";
    MaxWait = "max_wait", "max-wait";
    MinRows = "min_rows", "min-rows";
    OnQuota = "on_quota", "on-quota";
    Rate = "rate", "rate";
    SkipExisting = "skip_existing", "skip-existing";
    Timeout = "timeout", "timeout";
    ToColumn = "to_column", "to-column";
    ToType = "to_type", "to-type";
    TokenFile = "token_file", "token-file";
}

impl RunOption {
    /// The option with this name in run logs.
    fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|option| option.name() == name)
    }

    /// The option that is typed like this.
    pub(super) fn typed(option: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.option() == option)
    }
}

/// Options of a run, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions(BTreeMap<RunOption, OsString>);

/// The name of an option that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOption(pub String);

impl RunOptions {
    /// Those that a run log keeps.
    ///
    /// # Errors
    /// If one of them is unknown. Without it the run would do something else.
    pub fn recorded(options: &BTreeMap<String, OsString>) -> Result<Self, UnknownOption> {
        let known = options.iter().map(|(name, text)| {
            let option = RunOption::named(name).ok_or_else(|| UnknownOption(name.clone()))?;
            Ok((option, text.clone()))
        });
        known.collect::<Result<_, _>>().map(Self)
    }

    /// As a run log keeps them.
    #[must_use]
    pub fn to_record(&self) -> BTreeMap<String, OsString> {
        let options = self.iter();
        options
            .map(|(option, text)| (option.name().to_owned(), text.to_owned()))
            .collect()
    }

    /// How an option was given, if it was.
    #[must_use]
    pub fn get(&self, option: RunOption) -> Option<&OsStr> {
        self.0.get(&option).map(OsString::as_os_str)
    }

    /// All that were given.
    pub fn iter(&self) -> impl Iterator<Item = (RunOption, &OsStr)> {
        let options = self.0.iter();
        options.map(|(option, text)| (*option, text.as_os_str()))
    }

    /// With this one too, or given so.
    #[must_use]
    pub fn with(mut self, option: RunOption, text: impl Into<OsString>) -> Self {
        self.0.insert(option, text.into());
        self
    }

    /// Without this one.
    #[must_use]
    pub fn without(mut self, option: RunOption) -> Self {
        self.0.remove(&option);
        self
    }
}

impl FromIterator<(RunOption, OsString)> for RunOptions {
    fn from_iter<I: IntoIterator<Item = (RunOption, OsString)>>(options: I) -> Self {
        Self(options.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// Options of `import` that say what is done now, and make no other run of it: they have
    /// no twin in the environment, either.
    const ACTS: [&str; 6] = [
        "resume",
        "retry-failed",
        "sandbox",
        "yes",
        "help",
        "version",
    ];

    /// Those that have a twin in the environment and are not recorded: where things go,
    /// what is told of them, and how long the run waits for them.
    const ENVIRONMENT: [&str; 7] = [
        "results",
        "summary",
        "wait-for-lock",
        "quiet",
        "verbose",
        "log-format",
        "progress",
    ];

    /// Those that are recorded and have no twin: a run that is tried out is one of its own.
    const WITHOUT_TWIN: [&str; 1] = ["limit"];

    #[test]
    fn every_option_of_import_is_recorded_or_acts_or_has_but_a_twin() {
        let mut command = Cli::command();
        command.build();
        let import = command.find_subcommand("import").unwrap();
        let mut seen = Vec::new();
        for arg in import.get_arguments().filter(|arg| !arg.is_positional()) {
            let option = arg.get_long().unwrap();
            let classes = [
                RunOption::typed(option).is_some(),
                ACTS.contains(&option),
                ENVIRONMENT.contains(&option),
            ];
            let classes = classes.map(usize::from);
            assert_eq!(classes.iter().sum::<usize>(), 1, "--{option}");
            let has_twin = classes[1] == 0 && !WITHOUT_TWIN.contains(&option);
            assert_eq!(arg.get_env().is_some(), has_twin, "--{option}");
            seen.push(option.to_owned());
        }
        let known = RunOption::ALL.iter().map(|option| option.option());
        let mut known: Vec<_> = known.chain(ENVIRONMENT).chain(ACTS).collect();
        // Of the program, and not of its command.
        known.retain(|option| *option != "version");
        known.sort_unstable();
        seen.sort_unstable();
        assert_eq!(seen, known);
    }

    /// What run logs of all versions have: not one of these may ever change.
    #[test]
    fn the_names_on_the_disk_are_those_of_all_versions() {
        let names: Vec<_> = RunOption::ALL.iter().map(|option| option.name()).collect();
        assert_eq!(
            names.join(" "),
            "account api base_url batch ca_file concurrency connect_timeout daily_reserve definition \
             definition_column delimiter encoding from_column from_type label label_column limit \
             max_attempts max_consecutive_failures max_errors max_wait min_rows on_quota rate \
             skip_existing timeout to_column to_type token_file"
        );
    }

    #[test]
    fn what_is_recorded_is_read_back_and_what_is_not_known_is_named() {
        let options = RunOptions::default().with(RunOption::Rate, "19/s");
        let options = options.with(RunOption::TokenFile, "token");
        let mut record = options.to_record();
        assert_eq!(RunOptions::recorded(&record), Ok(options));
        record.insert("resume".to_owned(), "true".into());
        let unknown = RunOptions::recorded(&record).unwrap_err();
        assert_eq!(unknown, UnknownOption("resume".to_owned()));
    }
}
