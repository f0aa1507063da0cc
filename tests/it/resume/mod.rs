//! What a resumed run keeps and what it refuses. Each refusal says what to do, sends nothing, and
//! leaves the files unchanged.

mod cut_input;
mod files;
mod missing_results;
mod options;

use std::fs;

use hubassoc::sandbox::Sandbox;

use crate::support::{
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::start,
    workdir::{Transcript, Workdir, column},
};

const RESULTS: &str = "links.results.csv";
const RUN_LOG: &str = "links.results.csv.run";

/// A run over these rows that a refused token stopped after the first two.
fn stopped_run(input: impl AsRef<[u8]>, options: &str) -> (Sandbox, Workdir) {
    let workdir = Workdir::with(input);
    let sandbox = start(&[]);
    let fake = FakeHubSpot::with_handler(|n, _| if n < 2 { 204.into() } else { 401.into() });
    let line = format!("import links.csv --concurrency 1 {options}");
    workdir
        .run(&format!("{line} --base-url {}", fake.base_url()))
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .exits(3);
    // The run resumes at another server, as if it were the same one.
    for name in [RESULTS, RUN_LOG] {
        let text = workdir.text(name);
        workdir.write(name, text.replace(&fake.base_url(), &sandbox.base_url()));
    }
    assert_eq!(workdir.results().len(), 2);
    (sandbox, workdir)
}

/// Asserts that a resume is refused, sends nothing and changes nothing.
fn assert_resume_refused(sandbox: &Sandbox, workdir: &Workdir, options: &str) -> Transcript {
    let files = [RESULTS, RUN_LOG].map(|name| fs::read(workdir.path(name)).ok());
    let ran = workdir
        .run(&format!("import links.csv --resume {options}"))
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .exits(2);
    assert!(sandbox.request_log().associations.is_empty());
    let now = [RESULTS, RUN_LOG].map(|name| fs::read(workdir.path(name)).ok());
    assert_eq!(files, now);
    ran
}

fn resume(workdir: &Workdir, options: &str) -> Transcript {
    workdir
        .run(&format!("import links.csv --resume {options}"))
        .env("HUBSPOT_ACCESS_TOKEN", "t")
        .exits(0)
}
