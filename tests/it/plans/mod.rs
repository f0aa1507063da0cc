//! `plan` and `apply`: what is planned of each row is what an import does, and an apply sends
//! exactly this.

mod applied;
mod changed_accounts;
mod files;
mod random_accounts;
mod refused;

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

/// `apply links.plan.json` with this approval, without a rate limit.
fn apply(workdir: &Workdir, approve: &str, options: &str) -> ProgramRun {
    let line = format!("apply links.plan.json --approve {approve} {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// The digest of `links.plan.json`, as people see it.
fn digest(workdir: &Workdir) -> String {
    let document = workdir.json("links.plan.json");
    document["digest"].as_str().unwrap()[..12].to_owned()
}
