//! A command line to suggest: the typed one with changes, or a new one. Words that are not
//! UTF-8 keep their bytes, and a file name that begins with `-` is never taken for an option.

use std::{
    ffi::{OsStr, OsString},
    iter,
    path::Path,
};

use crate::{
    cli::{ConfigValues, RunOption},
    config, os_text,
    output::shell_word,
};

/// What follows it is not an option, whatever it looks like.
const END_OF_OPTIONS: &str = "--";

/// The options that describe one input and no other, each with the value that is right for a file
/// that this program wrote. That value has to be typed where something else sets the option. An
/// option without one does no harm there: the file has one sheet, or none, and one id in a cell.
const INPUT_OPTIONS: [(RunOption, Option<&str>); 5] = [
    (RunOption::Encoding, Some("auto")),
    (RunOption::HeaderRow, Some("1")),
    (RunOption::MinRows, Some("0")),
    (RunOption::Sheet, None),
    (RunOption::Split, None),
];

/// The options that describe one input and no other.
pub(super) fn input_options() -> impl Iterator<Item = RunOption> {
    INPUT_OPTIONS.into_iter().map(|(option, _)| option)
}

/// The words of a command line, without the program.
#[derive(Clone, Debug, Default)]
pub(super) struct CommandLine {
    /// The command, its options, and the words between them.
    words: Vec<OsString>,
    /// The words after `--`.
    operands: Option<Vec<OsString>>,
}

impl CommandLine {
    /// The typed command line, with the program as its first word.
    pub(super) fn from_words(words: &[OsString]) -> Self {
        let mut words: Vec<_> = words.iter().skip(1).cloned().collect();
        let end = words.iter().position(|word| word == END_OF_OPTIONS);
        let operands = end.map(|end| {
            let operands = words.split_off(end);
            operands.into_iter().skip(1).collect()
        });
        Self { words, operands }
    }

    /// A command without any options.
    pub(super) fn new(command: &str) -> Self {
        Self::default().with(command)
    }

    /// All words, without the program.
    pub(super) fn into_words(self) -> Vec<OsString> {
        let operands = self.operands.into_iter();
        let operands = operands.flat_map(|words| iter::once(END_OF_OPTIONS.into()).chain(words));
        self.words.into_iter().chain(operands).collect()
    }

    /// Adds a word.
    pub(super) fn with(mut self, word: impl Into<OsString>) -> Self {
        self.words.push(word.into());
        self
    }

    /// Adds a file.
    pub(super) fn with_file(self, path: &Path) -> Self {
        self.with(no_option(path))
    }

    /// Adds an option with a value.
    pub(super) fn with_option(self, option: &str, value: impl AsRef<OsStr>) -> Self {
        let value = value.as_ref();
        if begins_like_option(value) {
            let mut word = OsString::from(format!("{option}="));
            word.push(value);
            return self.with(word);
        }
        self.with(option).with(value)
    }

    /// Adds an option of a run, as it is recorded.
    pub(super) fn with_run_option(self, option: RunOption, text: &OsStr) -> Self {
        let word = format!("--{}", option.flag());
        if option.is_switch() {
            self.with(word)
        } else {
            self.with_option(&word, text)
        }
    }

    /// The command `plan` with the options of this import.
    pub(super) fn into_plan(self) -> Self {
        // A plan always leaves out what exists.
        let mut line = self.without(&[], &["--skip-existing"]);
        if let Some(command) = line.words.first_mut() {
            *command = "plan".into();
        }
        line
    }

    /// Continues what was begun.
    pub(super) fn resuming(self) -> Self {
        const RESUME: &str = "--resume";
        if self.has(RESUME) {
            self
        } else {
            self.with(RESUME)
        }
    }

    /// Whether it has this word before `--`.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|there| there == word)
    }

    /// Whether this option is among the words, with its value in the next or in the same one.
    pub(super) fn has_option(&self, option: &str) -> bool {
        let is_short = !option.starts_with("--");
        self.words.iter().any(|word| {
            let after = os_text::strip_prefix(option, word);
            after.is_some_and(|rest| is_short || rest.is_empty() || begins_with(rest, b"="))
        })
    }

    /// Reads a file that this program wrote: UTF-8, whatever the first input was, with the header
    /// first, and with only some of its rows. `config` is the configuration file that the command reads.
    pub(super) fn for_written_file(self, config: &ConfigValues) -> Self {
        INPUT_OPTIONS
            .into_iter()
            .fold(self, |line, (option, value)| {
                let flag = option.flag();
                let word = format!("--{flag}");
                let line = line.without(&[&word], &[]);
                let is_untyped = || config.get(flag).is_some() || config::has_variable(flag);
                match value.filter(|_| is_untyped()) {
                    Some(value) => line.with_option(&word, value),
                    None => line,
                }
            })
    }

    /// Removes these options, each with its value or as `--option=value`, and these flags. If
    /// an option is given twice, the last one counts, so an overlooked form does no harm.
    pub(super) fn without(mut self, options: &[&str], flags: &[&str]) -> Self {
        let is_any = |of: &[&str], word: &[u8]| of.iter().any(|known| known.as_bytes() == word);
        let mut remaining = Vec::with_capacity(self.words.len());
        let mut words = self.words.into_iter();
        while let Some(word) = words.next() {
            let bytes = word.as_encoded_bytes();
            let option = bytes.split(|byte| *byte == b'=').next().unwrap_or(bytes);
            if is_any(options, bytes) {
                words.next();
            } else if !is_any(options, option) && !is_any(flags, bytes) {
                remaining.push(word);
            }
        }
        self.words = remaining;
        self
    }

    /// Replaces the file that was typed like this.
    pub(super) fn replacing(mut self, typed: &OsStr, path: &Path) -> Self {
        let after_command = self.words.iter_mut().skip(1);
        let operands = self.operands.iter_mut().flatten();
        // What follows the options is certainly not the value of one.
        let mut candidates = operands.chain(after_command);
        if let Some(word) = candidates.find(|word| *word == typed) {
            *word = no_option(path);
        }
        self
    }
}

impl std::fmt::Display for CommandLine {
    /// Quoted for a shell.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("hubassoc")?;
        let end = self.operands.iter().map(|_| END_OF_OPTIONS.into());
        let words = self.words.iter().map(shell_word).chain(end);
        let operands = self.operands.iter().flatten().map(shell_word);
        words
            .chain(operands)
            .try_for_each(|word| write!(out, " {word}"))
    }
}

fn begins_like_option(word: &OsStr) -> bool {
    begins_with(word, b"-")
}

fn begins_with(word: &OsStr, bytes: &[u8]) -> bool {
    word.as_encoded_bytes().starts_with(bytes)
}

/// The path as a word that is not taken for an option.
fn no_option(path: &Path) -> OsString {
    if begins_like_option(path.as_os_str()) {
        return Path::new(".").join(path).into();
    }
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> CommandLine {
        let words: Vec<_> = line.split(' ').map(OsString::from).collect();
        CommandLine::from_words(&words)
    }

    #[test]
    fn options_are_removed_with_their_values_and_operands_stay() {
        let options = ["-o", "--limit"];
        for (line, left) in [
            ("h import a.csv -o b.csv", "hubassoc import a.csv"),
            ("h import --limit=3 a.csv --yes", "hubassoc import a.csv"),
            (
                "h import -o b --yes -- -o --yes",
                "hubassoc import -- -o --yes",
            ),
            (
                "h import a.csv --limits 3",
                "hubassoc import a.csv --limits 3",
            ),
        ] {
            let without = typed(line).without(&options, &["--yes"]);
            assert_eq!(without.to_string(), left);
        }
    }

    #[test]
    fn another_file_replaces_the_typed_one() {
        for (line, expected) in [
            ("h import a.csv --yes", "hubassoc import ./-b.csv --yes"),
            (
                "h import --yes -- a.csv",
                "hubassoc import --yes -- ./-b.csv",
            ),
            (
                "h import --label a.csv -- a.csv",
                "hubassoc import --label a.csv -- ./-b.csv",
            ),
        ] {
            let replaced = typed(line).replacing(OsStr::new("a.csv"), Path::new("-b.csv"));
            assert_eq!(replaced.to_string(), expected);
        }
    }

    #[test]
    fn added_words_are_not_taken_for_files_or_options() {
        let line = typed("h import -- -a.csv").with("--resume");
        let line = line.with_option("--label", "-x").with_option("--api", "v1");
        let expected = "hubassoc import --resume --label=-x --api v1 -- -a.csv";
        assert_eq!(line.to_string(), expected);
        let undo = CommandLine::new("undo").with_file(Path::new("--yes"));
        assert_eq!(undo.to_string(), "hubassoc undo ./--yes");
    }
}
