//! Processor time per row, side by side with a bare reqwest loop.

use std::{
    error::Error,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use hubassoc::journal::companion_path;

use super::{cost, server::Server, spread::Spread};

/// Enough to outweigh the start of a process.
const ROWS: u64 = 200_000;

/// Each round runs both, so that what else the machine does meets both.
const ROUNDS: u32 = 9;

/// The first ids of a file; real ones have as many digits.
pub(crate) const FROM: u64 = 10_000_000_000;
pub(crate) const TO: u64 = 20_000_000_000;

/// Prints both and their ratio.
pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let input = write_input(folder.path(), ROWS)?;
    let server = Server::start()?;
    let bench = std::env::current_exe()?;
    let bench = bench.to_str().ok_or("the bench's path is no text")?;
    let (mut bare, mut whole, mut ratio) = <(Spread, Spread, Spread)>::default();
    #[expect(clippy::cast_precision_loss, reason = "a figure to be looked at")]
    let rows = ROWS as f64;
    for _ in 0..ROUNDS {
        let loop_alone = cost::of(bench, &["bare", &server.address, &ROWS.to_string()])?;
        let import = import(&input, &server)?;
        bare.push(loop_alone.cpu_micros / rows);
        whole.push(import.cpu_micros / rows);
        ratio.push(import.cpu_micros / loop_alone.cpu_micros);
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "processor time per row, {ROUNDS} rounds of {ROWS} rows, 204 from a raw server"
    )?;
    writeln!(out, "  bare reqwest loop   {bare} µs")?;
    writeln!(out, "  hubassoc import     {whole} µs")?;
    writeln!(out, "  import / bare       {ratio}  (wanted: 1.30 at most)")?;
    Ok(())
}

/// Imports a file with the real program as fast as the server answers.
pub(crate) fn import(input: &Path, server: &Server) -> Result<cost::Cost, Box<dyn Error>> {
    let results = input.with_extension("results.csv");
    let url = format!("http://{}", server.address);
    let path = |path: &Path| path.to_str().map(str::to_owned).ok_or("no text");
    let cost = cost::of(
        env!("CARGO_BIN_EXE_hubassoc"),
        &[
            "import",
            &path(input)?,
            "--results",
            &path(&results)?,
            "--base-url",
            &url,
            "--rate",
            "unlimited",
            "--quiet",
        ],
    )?;
    remove_run(&results);
    Ok(cost)
}

/// Takes a run's files away, as far as there are any.
pub(crate) fn remove_run(results: &Path) {
    for file in [results, &companion_path(results)] {
        let _ = std::fs::remove_file(file);
    }
}

/// Writes a file of so many links.
pub(crate) fn write_input(folder: &Path, rows: u64) -> io::Result<std::path::PathBuf> {
    let path = folder.join(format!("{rows}.csv"));
    let mut file = BufWriter::new(File::create(&path)?);
    writeln!(file, "from_object_id,to_object_id,definition_id")?;
    for row in 1..=rows {
        writeln!(file, "{},{},1", FROM + row, TO + row)?;
    }
    file.flush()?;
    Ok(path)
}
