//! What a configuration file says, in terms of the program's options. A key is known if it is an
//! option of any command that reads such a file, so that one file serves all of them.
//!
//! Does not open the file.

use std::{
    any::TypeId,
    error::Error as _,
    ffi::OsString,
    num::ParseIntError,
    path::{Path, PathBuf},
};

use clap::{
    Arg, ArgAction, CommandFactory as _,
    error::{ContextKind, ContextValue},
};

use super::{
    credentials::is_secret_for_path,
    file::{FileEntry, FileValue},
    file_error::LineFault,
};
use crate::{
    cell::clean,
    cli::{self, Cli, ConfigValues},
};

/// The commands that read a configuration file, each with what it needs besides options.
const COMMANDS: [(&str, Option<&str>); 9] = [
    ("import", Some("-")),
    ("check", Some("-")),
    ("plan", Some("-")),
    ("apply", Some("-")),
    ("verify", Some("-")),
    ("undo", Some("-")),
    ("explain", Some("-")),
    ("doctor", None),
    ("types", None),
];

/// The keys of the table of columns, and their options.
const COLUMNS: [(&str, &str); 4] = [
    ("from", "from-column"),
    ("to", "to-column"),
    ("definition", "definition-column"),
    ("label", "label-column"),
];

/// Options that no command accepts together with a definition.
const BY_TYPES: [&str; 3] = ["from-type", "to-type", "label"];

/// Parts of the names of secrets. The only other option with such a name is a path.
const SECRETS: [&str; 8] = [
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "apikey",
    "hapikey",
    "service-key",
];
const TOKEN_FILE: &str = "token-file";

/// How similar a name has to be to be suggested, from 0 to 1.
const SIMILAR: f64 = 0.7;

/// How similar the name of a table has to be to that of the only one.
const SIMILAR_TABLE: f64 = 0.9;

/// Keys and values are shown up to this length.
const SHOWN_CHARS: usize = 60;

/// A line that cannot be used, and why.
pub(super) type BadLine = (usize, LineFault);

/// The options of a file in this folder.
pub(super) fn options(entries: &[FileEntry], folder: &Path) -> Result<ConfigValues, BadLine> {
    let known = KnownOptions::new();
    let mut read: Vec<(String, usize, OsString)> = Vec::new();
    for entry in entries {
        let at_line = |fault| (entry.line, fault);
        let (flag, text) = known.read(entry, folder).map_err(at_line)?;
        if let Some((_, first, _)) = read.iter().find(|(other, ..)| *other == flag) {
            let (key, first) = (flag, *first);
            return Err(at_line(LineFault::Twice { key, first }));
        }
        let excludes = |other: &str| {
            let is_by_types = |flag| BY_TYPES.contains(&flag);
            (flag == "definition" && is_by_types(other))
                || (other == "definition" && is_by_types(&flag))
        };
        if let Some((other, first, _)) = read.iter().find(|(other, ..)| excludes(other)) {
            let (key, other, first) = (flag, other.clone(), *first);
            return Err(at_line(LineFault::Excluded { key, other, first }));
        }
        read.push((flag, entry.line, text));
    }
    let values = read.into_iter().map(|(flag, _, text)| (flag, text));
    Ok(values.collect())
}

/// The text of one option, if the file has it, whatever else is in the file.
pub(super) fn text_of(entries: &[FileEntry], flag: &str, folder: &Path) -> Option<OsString> {
    let known = KnownOptions::new();
    let mut read = entries
        .iter()
        .filter_map(|entry| known.read(entry, folder).ok());
    read.find(|(other, _)| other == flag).map(|(_, text)| text)
}

/// All options of the commands that read a configuration file, each with one such command.
struct KnownOptions(Vec<(Arg, (&'static str, Option<&'static str>))>);

impl KnownOptions {
    fn new() -> Self {
        let program = Cli::command();
        let of_all = program
            .get_arguments()
            .map(|arg| (arg.clone(), ("types", None)));
        let of_commands = COMMANDS.into_iter().flat_map(|command| {
            let args = program.find_subcommand(command.0).into_iter();
            let args = args.flat_map(clap::Command::get_arguments);
            args.map(move |arg| (arg.clone(), command))
        });
        Self(of_all.chain(of_commands).collect())
    }

    /// The option of an entry, and its text.
    fn read(&self, entry: &FileEntry, folder: &Path) -> Result<(String, OsString), LineFault> {
        let key = clean(&entry.key, SHOWN_CHARS);
        if is_secret(&entry.key) {
            return Err(LineFault::Secret(key));
        }
        if entry.value == FileValue::Table {
            return Err(other_table(key));
        }
        let flag = flag_of(entry)?;
        let found = self.0.iter().find(|(arg, _)| arg.get_long() == Some(flag));
        let Some((arg, command)) = found else {
            let similar = self.similar(flag);
            return Err(LineFault::Unknown { key, similar });
        };
        if flag == "config" {
            return Err(LineFault::OtherFile);
        }
        if arg.get_env().is_none() {
            return Err(LineFault::Action(key));
        }
        let text = text(arg, entry, &key)?;
        if is_path(arg) {
            let path = if text == "-" {
                text.into()
            } else {
                folder.join(text)
            };
            if flag == TOKEN_FILE && is_secret_for_path(&path) {
                return Err(LineFault::SecretForPath(key));
            }
            let path = path.into();
            return Ok((flag.to_owned(), path));
        }
        check_value(arg, *command, &text).map_err(|allowed| LineFault::Value {
            key,
            value: clean(&text, SHOWN_CHARS),
            allowed,
        })?;
        Ok((flag.to_owned(), text.into()))
    }

    /// The option that can be in a file and looks most like this.
    fn similar(&self, flag: &str) -> Option<String> {
        let lower = flag.to_lowercase();
        let lower = lower
            .trim_start_matches("--")
            .trim_start_matches("hubassoc-");
        let args = self.0.iter().map(|(arg, _)| arg);
        let names = args
            .filter(|arg| arg.get_env().is_some())
            .filter_map(Arg::get_long);
        let names = names.map(|name| (strsim::jaro_winkler(name, lower), name));
        let nearest = names.max_by(|one, other| one.0.total_cmp(&other.0))?;
        (nearest.0 > SIMILAR).then(|| nearest.1.to_owned())
    }
}

/// The flag that an entry stands for, whether there is such an option or not.
fn flag_of(entry: &FileEntry) -> Result<&str, LineFault> {
    if entry.is_column {
        let column = COLUMNS.iter().find(|(key, _)| *key == entry.key);
        return column
            .map(|(_, flag)| *flag)
            .ok_or_else(|| LineFault::UnknownColumn(clean(&entry.key, SHOWN_CHARS)));
    }
    if entry.key == "columns" {
        return Err(LineFault::ColumnsNoTable);
    }
    Ok(&entry.key)
}

/// Why a table cannot be in a file.
fn other_table(key: String) -> LineFault {
    let is_similar = strsim::jaro_winkler(&key.to_lowercase(), "columns") > SIMILAR_TABLE;
    if is_similar {
        LineFault::LikeColumns(key)
    } else {
        LineFault::OtherTable(key)
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    let has_name = SECRETS.iter().any(|part| key.contains(part));
    key != TOKEN_FILE && (has_name || key.starts_with("hubspot-"))
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

fn is_switch(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// The value of an entry as text.
fn text(arg: &Arg, entry: &FileEntry, key: &str) -> Result<String, LineFault> {
    let key = || key.to_owned();
    match &entry.value {
        FileValue::Table => Err(other_table(key())),
        FileValue::OtherKind(kind) => Err(LineFault::OtherKind { key: key(), kind }),
        FileValue::Switch(on) if is_switch(arg) => Ok(on.to_string()),
        FileValue::Switch(_) => Err(LineFault::NoSwitch(key())),
        FileValue::Text(text) if text.is_empty() => Err(LineFault::Empty(key())),
        FileValue::Text(text) => Ok(text.clone()),
    }
}

/// Parses a text as the command line does. If it cannot be parsed: what can be written.
fn check_value(
    arg: &Arg,
    (command, operand): (&str, Option<&str>),
    text: &str,
) -> Result<(), String> {
    if is_switch(arg) {
        let allowed = |_| "write true or false".to_owned();
        return cli::switch(text).map(drop).map_err(allowed);
    }
    if matches!(arg.get_action(), ArgAction::Count) {
        let allowed = |_| "write a number from 0 to 3".to_owned();
        return text.parse::<u8>().map(drop).map_err(allowed);
    }
    let option = format!("--{}={text}", arg.get_long().unwrap_or_default());
    let words = ["hubassoc", command].into_iter().chain(operand);
    let words = words.chain([option.as_str()]).map(OsString::from);
    // The environment must not help.
    Cli::read(words, |_| true)
        .map(drop)
        .map_err(|error| allowed(&error))
}

/// What can be written instead, as far as the parser says.
fn allowed(error: &clap::Error) -> String {
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue)
        && !values.is_empty()
    {
        return format!("write {}", values.join(" or "));
    }
    match error.source() {
        Some(why) if why.is::<ParseIntError>() => "write a whole number".to_owned(),
        Some(why) => why.to_string(),
        None => "write a value that the option has on the command line".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::entries;

    fn read(text: &str) -> Result<ConfigValues, BadLine> {
        options(&entries(text).unwrap(), Path::new("/etc/links"))
    }

    #[test]
    fn paths_start_from_the_folder_of_the_file() {
        let program = KnownOptions::new();
        let args = program
            .0
            .iter()
            .filter(|(arg, _)| is_path(arg) && arg.get_env().is_some());
        let mut paths: Vec<_> = args.filter_map(|(arg, _)| arg.get_long()).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(
            paths,
            [
                "ca-file",
                "config",
                "metrics",
                "output",
                "results",
                "summary",
                "token-file"
            ]
        );
        for (text, expected) in [
            ("token-file = 'token'", "/etc/links/token"),
            ("token-file = '../token'", "/etc/links/../token"),
            ("token-file = '/run/token'", "/run/token"),
        ] {
            let values = read(text).unwrap();
            assert_eq!(values.get("token-file").unwrap(), expected);
        }
        let values = read("summary = '-'").unwrap();
        assert_eq!(values.get("summary").unwrap(), "-");
    }

    #[test]
    fn every_option_with_a_variable_can_be_in_a_file() {
        let known = KnownOptions::new();
        for (arg, _) in known.0.iter().filter(|(arg, _)| arg.get_env().is_some()) {
            let flag = arg.get_long().unwrap();
            if flag == "config" {
                continue;
            }
            let value = match flag {
                "api" => "v1",
                "rate" => "unlimited",
                "definition" | "from-type" | "to-type" | "label" => "contacts",
                "timeout" | "connect-timeout" | "max-age" | "max-wait" | "wait-for-lock" => "5s",
                "delimiter" | "split" => ";",
                "encoding" => "auto",
                "failures" => "xlsx",
                "on-quota" => "wait",
                "quiet" | "redact" | "skip-existing" | "allow-free-mail" => "true",
                "on-ambiguous" => "oldest",
                "log-format" | "format" => "json",
                "progress" => "never",
                _ => "7",
            };
            let values = read(&format!("{flag} = '{value}'"));
            let values = values.unwrap_or_else(|(_, fault)| panic!("{flag}: {fault}"));
            assert!(values.get(flag).is_some(), "{flag}");
        }
    }

    #[test]
    fn names_of_secrets_are_recognised_however_they_are_written() {
        for key in [
            "token",
            "access-token",
            "Access_Token",
            "api-key",
            "apikey",
            "hapikey",
            "client-secret",
            "refresh_token",
            "password",
            "HUBSPOT_ACCESS_TOKEN",
            "HUBSPOT_CLIENT_ID",
            "private-app-token",
            "token-fiel",
        ] {
            for text in [
                format!("{key} = 'hidden'"),
                format!("{key} = ['hidden']"),
                format!("[columns]\n{key} = 'hidden'"),
                format!("[{key}]\na = 'hidden'"),
            ] {
                let (_, fault) = read(&text).unwrap_err();
                assert!(matches!(fault, LineFault::Secret(_)), "{text}: {fault}");
                assert!(!fault.to_string().contains("hidden"), "{fault}");
            }
        }
        assert!(read("token-file = 'a'\nTOKEN_FILE = 'b'").is_err());
        assert!(read("token_file = 'a'").is_ok());
    }

    #[test]
    fn options_are_found_whatever_else_is_wrong() {
        let entries = entries("rat = 1\nsummary = 's.json'\nlog-format = 3").unwrap();
        let text = |flag| text_of(&entries, flag, Path::new("a"));
        assert_eq!(text("summary"), Some("a/s.json".into()));
        assert_eq!(text("log-format"), None);
    }
}
