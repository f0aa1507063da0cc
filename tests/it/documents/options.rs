//! docs/reference/options.md has every option of every command, with its default and its
//! twin in the environment, and no other.

use std::collections::BTreeSet;

use clap::{Arg, Command};
use hubassoc::cli::Cli;

use super::table::{self, Known};

const PAGE: &str = "docs/reference/options.md";

/// Commands with options of their own.
const COMMANDS: [&str; 10] = [
    "import", "check", "plan", "apply", "verify", "undo", "explain", "doctor", "types", "sandbox",
];

#[test]
fn every_option_is_documented_with_its_default_and_its_variable() {
    let program = Cli::described();
    let of_all = known(&program);
    let mut tables = vec![("## Options of every command".to_owned(), of_all)];
    for name in COMMANDS {
        let command = program.find_subcommand(name).unwrap();
        tables.push((format!("## {name}"), known(command)));
    }
    let mut tables: Vec<_> = tables.iter_mut().collect();
    let tables: Vec<_> = tables
        .iter_mut()
        .map(|(heading, known)| (heading.as_str(), std::mem::take(known)))
        .collect();
    table::hold(PAGE, &tables, long_name);
}

#[test]
fn the_switches_of_a_configuration_file_are_listed() {
    let program = Cli::described();
    let of_commands = program.get_subcommands().flat_map(Command::get_arguments);
    let args = program.get_arguments().chain(of_commands);
    let is_switch = |arg: &&Arg| {
        arg.get_env().is_some() && matches!(arg.get_action(), clap::ArgAction::SetTrue)
    };
    let known: BTreeSet<_> = args.filter(is_switch).filter_map(Arg::get_long).collect();
    let page = super::page::read(PAGE);
    let (_, list) = page.split_once("for the switches ").unwrap();
    let (list, _) = list.split_once(", `true` or `false`").unwrap();
    let listed: BTreeSet<_> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, known);
}

/// A command that has options of its own and is not in the page.
#[test]
fn no_command_is_left_out() {
    let program = Cli::described();
    for command in program.get_subcommands() {
        let name = command.get_name();
        let has_some = command.get_arguments().any(|arg| arg.get_long().is_some());
        assert!(!has_some || COMMANDS.contains(&name), "{name}");
    }
}

fn known(command: &Command) -> Vec<Known> {
    let is_shown = |arg: &&Arg| !arg.is_hide_set() && arg.get_id() != "help";
    command.get_arguments().filter(is_shown).map(line).collect()
}

fn line(arg: &Arg) -> Known {
    let option = option(arg);
    Known {
        key: long_name(&option),
        cells: vec![Some(option), default(arg), Some(variable(arg))],
    }
}

/// `-o`, `--results PATH`, as code.
fn option(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let takes_value = arg.get_action().takes_values();
    let value = names.first().filter(|_| takes_value);
    let value = value
        .map(|name| name.replace('|', "\\|"))
        .unwrap_or_default();
    let Some(long) = arg.get_long() else {
        return format!("`{value}`");
    };
    let long = if value.is_empty() {
        format!("`--{long}`")
    } else {
        format!("`--{long} {value}`")
    };
    match arg.get_short() {
        Some(short) => format!("`-{short}`, {long}"),
        None => long,
    }
}

/// The default that the program tells, or none: then it is in words.
fn default(arg: &Arg) -> Option<String> {
    if !arg.get_action().takes_values() {
        return Some("off".to_owned());
    }
    let values = arg.get_default_values().iter();
    let values: Vec<_> = values
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn variable(arg: &Arg) -> String {
    match arg.get_env() {
        Some(name) => format!("`{}`", name.to_string_lossy()),
        None => "–".to_owned(),
    }
}

/// `results` of `-o`, `--results PATH`.
fn long_name(cell: &str) -> String {
    let name = cell.split("--").nth(1).unwrap_or(cell);
    let end = name.find([' ', '`', '[']).filter(|_| name != cell);
    name[..end.unwrap_or(name.len())].to_owned()
}
