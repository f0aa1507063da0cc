//! Peak memory of a small import and a large one.

use std::{
    error::Error,
    io::{self, Write as _},
};

use super::{
    cpu::{import, write_input},
    server::Server,
};

/// Rows of the small file.
const SMALL: u64 = 10_000;

/// Prints both peaks.
pub(crate) fn measure(large: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let server = Server::start()?;
    writeln!(
        io::stdout(),
        "peak memory of an import (wanted: below 64 MiB, and within 16 MiB)"
    )?;
    for rows in [SMALL, large] {
        let input = write_input(folder.path(), rows)?;
        let cost = import(&input, &server)?;
        std::fs::remove_file(input)?;
        writeln!(io::stdout(), "  {rows:>9} rows   {:6.2} MiB", cost.peak_mib)?;
    }
    Ok(())
}
