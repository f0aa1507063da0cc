//! The program itself, as the benchmarks start it.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use hubassoc::journal::run_log_path;

use super::{
    cost::{self, Cost},
    server::Server,
};

/// The path of the program.
pub(crate) const PATH: &str = env!("CARGO_BIN_EXE_hubassoc");

/// The options for the batch endpoint.
const BY_BATCHES: [&str; 2] = ["--batch", "max"];

/// The arguments to import a file as fast as the server answers.
pub(crate) fn args(
    input: &Path,
    server: &Server,
    per_call: u64,
) -> Result<Vec<String>, Box<dyn Error>> {
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or("a path is no text");
    let url = format!("http://{}", server.address);
    let mut args = vec![
        "import".to_owned(),
        text(input)?,
        "--results".to_owned(),
        text(&results(input))?,
    ];
    let pace = ["--base-url", &url, "--rate", "unlimited", "--quiet"];
    args.extend(pace.map(str::to_owned));
    if per_call > 1 {
        args.extend(BY_BATCHES.map(str::to_owned));
    }
    Ok(args)
}

/// Imports a file and removes the files of the run.
pub(crate) fn import(input: &Path, server: &Server, per_call: u64) -> Result<Cost, Box<dyn Error>> {
    let cost = cost::measure(PATH, &args(input, server, per_call)?)?;
    remove_run(&results(input));
    Ok(cost)
}

/// The results file of an input.
pub(crate) fn results(input: &Path) -> PathBuf {
    input.with_extension("results.csv")
}

/// Removes the files of a run, if there are any.
pub(crate) fn remove_run(results: &Path) {
    for file in [results, &run_log_path(results)] {
        let _ = std::fs::remove_file(file);
    }
}
