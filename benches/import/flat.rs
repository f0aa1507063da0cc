//! Processor time per row for files of several sizes: whether a row of a large file costs as much
//! as a row of a small one.

use std::{
    error::Error,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{
    links::{BATCH, write_input},
    program::import,
    server::{Answers, Server},
    spread::Spread,
};

/// The sizes of the files. An argument can name a larger one.
const SIZES: [u64; 3] = [10_000, 100_000, LARGEST];
const LARGEST: u64 = 1_000_000;

/// Files that take this many calls are imported once, the others in each round.
const MANY_CALLS: u64 = 500_000;

/// Each round imports files of all sizes.
const ROUNDS: u32 = 3;

/// Shorter files are imported several times per round, up to this many rows.
const ROWS_A_ROUND: u64 = 50_000;

/// How often a file with a single row is imported.
const STARTS: u32 = 9;

/// A file with its figures.
struct SizedFile<'a> {
    rows: u64,
    input: &'a Path,
    micros_per_row: Spread,
    runs: u32,
}

/// Prints the costs of single calls and of batches.
pub(crate) fn measure(larger: Option<u64>) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(Answers::Plain)?;
    let mut sizes = SIZES.to_vec();
    sizes.extend(larger.filter(|rows| *rows > LARGEST));
    let inputs: Vec<PathBuf> = sizes
        .iter()
        .map(|rows| write_input(folder.path(), *rows))
        .collect::<Result<_, _>>()?;
    let one = write_input(folder.path(), 1)?;
    for (per_call, how) in [(1, "one per call"), (BATCH, "--batch max")] {
        let mut start = Spread::default();
        for _ in 0..STARTS {
            start.push(import(&one, &server, per_call)?.cpu_micros / 1000.0);
        }
        let files = sizes.iter().zip(&inputs).map(|(rows, input)| SizedFile {
            rows: *rows,
            input,
            micros_per_row: Spread::default(),
            runs: 0,
        });
        let mut files: Vec<SizedFile<'_>> = files.collect();
        for round in 0..ROUNDS {
            for file in &mut files {
                file.measure(round, &server, per_call)?;
            }
        }
        print(how, &start, &files)?;
    }
    Ok(())
}

impl SizedFile<'_> {
    /// Imports the file as often as a round requires.
    fn measure(
        &mut self,
        round: u32,
        server: &Server,
        per_call: u64,
    ) -> Result<(), Box<dyn Error>> {
        if round > 0 && self.rows / per_call >= MANY_CALLS {
            return Ok(());
        }
        for _ in 0..(ROWS_A_ROUND / self.rows).max(1) {
            let cost = import(self.input, server, per_call)?;
            #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
            let rows = self.rows as f64;
            self.micros_per_row.push(cost.cpu_micros / rows);
            self.runs += 1;
        }
        Ok(())
    }
}

fn print(how: &str, start: &Spread, files: &[SizedFile<'_>]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\nprocessor time of an import by the size of its file, {how}\n\
         \x20 a file of one row takes {start} ms, which is in all of these\n{:>16}{:>8}   µs per row",
        "rows", "runs"
    )?;
    for file in files {
        let SizedFile {
            rows,
            runs,
            micros_per_row,
            ..
        } = file;
        writeln!(out, "{rows:>16}{runs:>8}   {micros_per_row}")?;
    }
    Ok(())
}
