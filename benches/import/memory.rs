//! Peak memory of a small and a large import, with single calls and with batches.

use std::{
    error::Error,
    io::{self, Write as _},
};

use super::{
    links::{BATCH, write_input},
    program::import,
    server::{Answers, Server},
};

/// Rows of the small file.
const SMALL: u64 = 10_000;

/// Prints the peaks.
pub(crate) fn measure(large: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(Answers::Plain)?;
    writeln!(
        io::stdout(),
        "\npeak memory of an import (wanted: below 64 MiB, and within 16 MiB)\n{:>16}{:>16}{:>16}",
        "rows",
        "one per call",
        "--batch max"
    )?;
    for rows in [SMALL, large] {
        let input = write_input(folder.path(), rows)?;
        write!(io::stdout(), "{rows:>16}")?;
        for per_call in [1, BATCH] {
            let cost = import(&input, &server, per_call)?;
            write!(io::stdout(), "{:>12.2} MiB", cost.peak_mib)?;
        }
        std::fs::remove_file(input)?;
        writeln!(io::stdout())?;
    }
    Ok(())
}
