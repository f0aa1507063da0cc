//! The options of an import that its run log keeps: their names on disk, and the options of the
//! command line that they stand for.
//!
//! The names do not come from field names, because names on disk must never change.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

macro_rules! run_options {
    ($($variant:ident = $name:literal, $flag:literal;)+) => {
        /// An option that the run log keeps.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RunOption { $(#[doc = concat!("`--", $flag, "`")] $variant,)+ }

        impl RunOption {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its name in run logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Its flag on the command line, without the dashes.
            #[must_use]
            pub const fn flag(self) -> &'static str {
                match self { $(Self::$variant => $flag,)+ }
            }
        }
    };
}

// A new option gets a name that no run log has used. Names are never removed.
run_options! {
    Account = "account", "account";
    AllowFreeMail = "allow_free_mail", "allow-free-mail";
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
    Failures = "failures", "failures";
    FromColumn = "from_column", "from-column";
    FromKey = "from_key", "from-key";
    FromType = "from_type", "from-type";
    HeaderRow = "header_row", "header-row";
    Label = "label", "label";
    LabelColumn = "label_column", "label-column";
    Limit = "limit", "limit";
    MaxAttempts = "max_attempts", "max-attempts";
    MaxConsecutiveFailures = "max_consecutive_failures", "max-consecutive-failures";
    MaxErrors = "max_errors", "max-errors";
    MaxWait = "max_wait", "max-wait";
    MinRows = "min_rows", "min-rows";
    OnAmbiguous = "on_ambiguous", "on-ambiguous";
    OnQuota = "on_quota", "on-quota";
    Rate = "rate", "rate";
    Records = "records", "records";
    Sheet = "sheet", "sheet";
    SkipExisting = "skip_existing", "skip-existing";
    Split = "split", "split";
    Timeout = "timeout", "timeout";
    ToColumn = "to_column", "to-column";
    ToKey = "to_key", "to-key";
    ToType = "to_type", "to-type";
    TokenFile = "token_file", "token-file";
}

impl RunOption {
    /// Whether it has no value on the command line.
    #[must_use]
    pub const fn is_switch(self) -> bool {
        matches!(self, Self::AllowFreeMail | Self::SkipExisting)
    }

    /// The option with this name in run logs.
    fn from_name(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|option| option.name() == name)
    }

    /// The option with this flag, which has no dashes.
    pub(super) fn from_flag(flag: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|known| known.flag() == flag)
    }
}

/// Options of a run, as they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunOptions(BTreeMap<RunOption, OsString>);

/// The name of an option that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOption(pub String);

impl RunOptions {
    /// The options from a run log.
    ///
    /// # Errors
    /// If one of them is unknown. Without it the run would do something else.
    pub fn from_record(options: &BTreeMap<String, OsString>) -> Result<Self, UnknownOption> {
        let known = options.iter().map(|(name, text)| {
            let option = RunOption::from_name(name).ok_or_else(|| UnknownOption(name.clone()))?;
            Ok((option, text.clone()))
        });
        known.collect::<Result<_, _>>().map(Self)
    }

    /// The options as a run log keeps them.
    #[must_use]
    pub fn to_record(&self) -> BTreeMap<String, OsString> {
        let options = self.iter();
        options
            .map(|(option, text)| (option.name().to_owned(), text.to_owned()))
            .collect()
    }

    /// The value of an option, if it was given.
    #[must_use]
    pub fn get(&self, option: RunOption) -> Option<&OsStr> {
        self.0.get(&option).map(OsString::as_os_str)
    }

    /// All options that were given.
    pub fn iter(&self) -> impl Iterator<Item = (RunOption, &OsStr)> {
        let options = self.0.iter();
        options.map(|(option, text)| (*option, text.as_os_str()))
    }

    /// Sets one more option, or replaces its value.
    #[must_use]
    pub fn with(mut self, option: RunOption, text: impl Into<OsString>) -> Self {
        self.0.insert(option, text.into());
        self
    }

    /// Removes an option.
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

    /// Options of `import` that say what is done now and do not change the run. No environment
    /// variable sets them.
    const ACTIONS: [&str; 7] = [
        "dry-run",
        "resume",
        "retry-failed",
        "sandbox",
        "yes",
        "help",
        "version",
    ];

    /// Options that have an environment variable but are not recorded: where options are read
    /// from, where files go, what is printed, and how long the run waits for a lock.
    const UNRECORDED: [&str; 10] = [
        "config",
        "results",
        "summary",
        "metrics",
        "wait-for-lock",
        "quiet",
        "verbose",
        "redact",
        "log-format",
        "progress",
    ];

    /// Recorded options without a variable. A limit is for one trial run only, and a file of records
    /// for rehearsals.
    const WITHOUT_VARIABLE: [&str; 2] = ["limit", "records"];

    #[test]
    fn every_option_of_import_is_recorded_or_an_action_or_has_only_a_variable() {
        let mut command = Cli::command();
        command.build();
        let import = command.find_subcommand("import").unwrap();
        let mut seen = Vec::new();
        for arg in import.get_arguments().filter(|arg| !arg.is_positional()) {
            let option = arg.get_long().unwrap();
            let classes = [
                RunOption::from_flag(option).is_some(),
                ACTIONS.contains(&option),
                UNRECORDED.contains(&option),
            ];
            let classes = classes.map(usize::from);
            assert_eq!(classes.iter().sum::<usize>(), 1, "--{option}");
            let has_variable = classes[1] == 0 && !WITHOUT_VARIABLE.contains(&option);
            assert_eq!(arg.get_env().is_some(), has_variable, "--{option}");
            seen.push(option.to_owned());
        }
        let known = RunOption::ALL.iter().map(|option| option.flag());
        let mut known: Vec<_> = known.chain(UNRECORDED).chain(ACTIONS).collect();
        // It belongs to the program, not to the command.
        known.retain(|option| *option != "version");
        known.sort_unstable();
        seen.sort_unstable();
        assert_eq!(seen, known);
    }

    /// Run logs of all versions have these names, so none of them may ever change.
    #[test]
    fn the_names_on_disk_never_change() {
        let names: Vec<_> = RunOption::ALL.iter().map(|option| option.name()).collect();
        assert_eq!(
            names.join(" "),
            "account allow_free_mail api base_url batch ca_file concurrency connect_timeout \
             daily_reserve definition definition_column delimiter encoding failures from_column \
             from_key from_type header_row label label_column limit max_attempts \
             max_consecutive_failures max_errors max_wait min_rows on_ambiguous on_quota rate records \
             sheet skip_existing split timeout to_column to_key to_type token_file"
        );
    }

    #[test]
    fn recorded_options_are_read_back_and_unknown_ones_are_named() {
        let options = RunOptions::default().with(RunOption::Rate, "19/s");
        let options = options.with(RunOption::TokenFile, "token");
        let mut record = options.to_record();
        assert_eq!(RunOptions::from_record(&record), Ok(options));
        record.insert("resume".to_owned(), "true".into());
        let unknown = RunOptions::from_record(&record).unwrap_err();
        assert_eq!(unknown, UnknownOption("resume".to_owned()));
    }
}
