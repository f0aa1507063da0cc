//! The format of what a command prints on standard output.

use clap::{Args, ValueEnum};

/// `--format`, for every command whose output is data.
#[derive(Clone, Copy, Debug, Args)]
pub struct FormatArg {
    /// Format of standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    #[arg(env = "HUBASSOC_FORMAT")]
    pub format: OutputFormat,
}

/// The format of standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object, for programs
    Json,
}
