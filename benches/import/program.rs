//! The program itself, as it is started here.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use hubassoc::journal::run_log_path;

use super::{
    cost::{self, Cost},
    server::Server,
};

/// Where the program is.
pub(crate) const PATH: &str = env!("CARGO_BIN_EXE_hubassoc");

/// What makes it send by the batch endpoint.
const BY_BATCHES: [&str; 2] = ["--batch", "max"];

/// How it is told to import a file as fast as the server answers.
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

/// Imports a file and leaves nothing of it.
pub(crate) fn import(input: &Path, server: &Server, per_call: u64) -> Result<Cost, Box<dyn Error>> {
    let cost = cost::of(PATH, &args(input, server, per_call)?)?;
    remove_run(&results(input));
    Ok(cost)
}

/// Where the results of a file go.
pub(crate) fn results(input: &Path) -> PathBuf {
    input.with_extension("results.csv")
}

/// Takes a run's files away, as far as there are any.
pub(crate) fn remove_run(results: &Path) {
    for file in [results, &run_log_path(results)] {
        let _ = std::fs::remove_file(file);
    }
}
