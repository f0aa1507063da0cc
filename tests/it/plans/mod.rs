//! `plan` and `apply`: what is planned of each row is what an import does, and an apply sends
//! exactly this.

mod files;
mod random_accounts;

use crate::support::workdir::{CsvLine, ProgramRun, TOKEN, Workdir};

/// `plan links.csv` without a rate limit.
fn plan(workdir: &Workdir, base_url: &str, options: &str) -> ProgramRun {
    let line = format!("plan links.csv --base-url {base_url} --rate unlimited {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// Action and code of each row, in the order of the file.
fn planned(lines: &[CsvLine]) -> Vec<String> {
    let planned = lines.iter().map(|line| {
        format!("{} {}", line["plan_action"], line["plan_code"])
            .trim()
            .to_owned()
    });
    planned.collect()
}
