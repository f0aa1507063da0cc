//! Standard output, which carries data only: the completion script, the manual page, and the
//! text of other commands.

use std::io::{self, Write as _};

use serde::Serialize;

use super::error::AppError;
use crate::{cli::Cli, exit::ExitCode};

/// Prints text. A closed pipe (`| head`) is not an error.
pub(super) fn print(bytes: &[u8]) -> Result<(), AppError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(AppError::Stdout(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The version of the JSON that commands print. A field that is added does not change it.
pub(super) const JSON_VERSION: u32 = 1;

/// Prints one JSON object.
pub(super) fn print_json(document: &impl Serialize) -> Result<(), AppError> {
    let mut text = serde_json::to_vec_pretty(document)
        .map_err(|error| AppError::Stdout(io::Error::from(error)))?;
    text.push(b'\n');
    print(&text)
}

/// `completions SHELL`
pub(super) fn completions(shell: clap_complete::Shell) -> Result<ExitCode, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::described(), "hubassoc", &mut script);
    print(&script).map(|()| ExitCode::Success)
}

/// `man`
pub(super) fn man() -> Result<ExitCode, AppError> {
    let mut page = Vec::new();
    let mut command = Cli::described();
    command.build();
    render(&command, &mut page).map_err(AppError::Stdout)?;
    for subcommand in command.get_subcommands().filter(|c| c.get_name() != "help") {
        render_options(subcommand, &mut page).map_err(AppError::Stdout)?;
    }
    print(&page).map(|()| ExitCode::Success)
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)
}

/// One page for the whole program: a section for each command's options.
fn render_options(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_name().to_uppercase();
    writeln!(page, ".SH \"{name} OPTIONS\"")?;
    let mut options = Vec::new();
    clap_mangen::Man::new(command.clone()).render_options_section(&mut options)?;
    let heading_ends = options
        .iter()
        .position(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    page.write_all(&options[heading_ends..])
}
