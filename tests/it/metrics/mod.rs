//! The metrics of a command (`--metrics`): what a monitor reads at every end and in between, what
//! is never replaced, and that nobody ever reads half a file.

mod ends;
mod files;
mod in_progress;

use crate::support::{
    exposition::Exposition,
    workdir::{ProgramRun, TOKEN, Workdir},
};

/// Where the metrics go.
const METRICS: &str = "--metrics links.prom";

/// The metrics of a run named `links`.
fn metrics(workdir: &Workdir) -> Exposition {
    of_file(workdir, "links.prom")
}

/// The metrics in this file.
fn of_file(workdir: &Workdir, name: &str) -> Exposition {
    let text = workdir.text(name);
    Exposition::read(&text).unwrap_or_else(|why| panic!("{name}: {why}\n{text}"))
}

/// The value of a metric of the run.
fn value(metrics: &Exposition, name: &str) -> Option<f64> {
    metrics.value(&format!("hubassoc_run_{name}"))
}

/// The value of a time of the run.
fn time(metrics: &Exposition, name: &str) -> Option<f64> {
    value(metrics, &format!("{name}_timestamp_seconds"))
}

/// The rows with this status.
fn rows(metrics: &Exposition, status: &str) -> Option<f64> {
    metrics.labelled("hubassoc_run_rows", "status", status)
}

/// A command line with a token.
fn run(workdir: &Workdir, line: &str) -> ProgramRun {
    workdir.run(line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// What an earlier run of this name, which was a success, has left.
fn earlier(command: &str, at: f64) -> String {
    let labels = format!("{{run=\"links\",command=\"{command}\"}}");
    let times = ["last_success", "last_completion"].map(|name| {
        let name = format!("hubassoc_run_{name}_timestamp_seconds");
        format!("# HELP {name} A time.\n# TYPE {name} gauge\n{name}{labels} {at}\n")
    });
    times.concat()
}
