//! Reads the command line together with the environment and the configuration file. An option
//! comes before its variable, and that before the file.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{
    credentials::has_credentials,
    environment::{is_empty_variable, option_text, path_in},
    file::{self, FileEntry},
    file_error::ConfigFileError,
    file_options,
};
use crate::{
    cli::{Cli, ConfigValues, OptionDefaults},
    os_text,
};

/// The largest file that is read. The longest useful one has a few hundred bytes.
const MAX_FILE_BYTES: u64 = 1_000_000;

/// Why a command line cannot be used.
#[derive(Debug)]
pub enum CommandLineError {
    /// clap's text, which may be the help that was asked for.
    Usage(clap::Error),
    /// The configuration file.
    File(ConfigFileError),
}

impl From<clap::Error> for CommandLineError {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}

/// Reads the command line, and the configuration file if one is named.
///
/// # Errors
/// For wrong usage, for `--help`, and if the configuration file cannot be used.
pub fn read_command_line(typed: &[OsString]) -> Result<Cli, CommandLineError> {
    let first = Cli::read_first(typed.to_vec(), is_empty_variable)?;
    let config = match &first.config_file {
        Some(path) => values(path).map_err(CommandLineError::File)?,
        None => ConfigValues::default(),
    };
    // A token in the environment comes before the file, as every variable does.
    let config = if has_credentials() {
        config.without("token-file")
    } else {
        config
    };
    let defaults = OptionDefaults {
        config: config.beside(&first.given),
        ..OptionDefaults::default()
    };
    let cli = Cli::read_with(typed.to_vec(), is_empty_variable, &defaults);
    Ok(cli?)
}

/// The text of an option that is not typed: of its variable, or else of the configuration file. As
/// far as can be said of a command line that cannot be used.
#[must_use]
pub fn untyped_text(typed: &[OsString], flag: &str) -> Option<OsString> {
    option_text(flag).or_else(|| {
        let path = named_file(typed).filter(|path| {
            // A pipe was read before, and has nothing left.
            fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
        })?;
        let entries = entries(&path).ok()?;
        file_options::text_of(&entries, flag, folder_of(&path))
    })
}

/// The configuration file that the words name, or else the environment.
fn named_file(typed: &[OsString]) -> Option<PathBuf> {
    let mut words = typed.iter().take_while(|word| *word != "--");
    let mut path = path_in("HUBASSOC_CONFIG");
    while let Some(word) = words.next() {
        if let Some(named) = os_text::strip_prefix("--config=", word) {
            path = Some(named.into());
        } else if word == "--config" {
            path = words.next().map(PathBuf::from);
        }
    }
    path
}

/// What a configuration file sets.
fn values(path: &Path) -> Result<ConfigValues, ConfigFileError> {
    let entries = entries(path)?;
    let values = file_options::options(&entries, folder_of(path));
    values.map_err(|(line, fault)| ConfigFileError::Line {
        path: path.to_owned(),
        line,
        fault,
    })
}

fn entries(path: &Path) -> Result<Vec<FileEntry>, ConfigFileError> {
    let unreadable = |error| ConfigFileError::Unreadable(path.to_owned(), error);
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Err(ConfigFileError::Folder(path.to_owned()));
    }
    let bytes = read_limited(path).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ConfigFileError::TooLong(path.to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| ConfigFileError::NotText(path.to_owned()))?;
    file::entries(&text).map_err(|syntax| ConfigFileError::Syntax(path.to_owned(), syntax))
}

/// At most one byte more than a file may have.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The folder that relative paths of a file start from.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
