//! The local HubSpot as the tests use it: without a limit, and with a log of every request.

use hubassoc::{
    association::Association,
    sandbox::{CallLimit, LoggedAssociation, RecordOptions, Sandbox, SandboxOptions},
};

use super::workdir::Workdir;

/// More requests than any test sends.
const MAX_LOGGED: usize = 100_000;

/// A sandbox without a limit.
pub(crate) fn start(faults: &[&str]) -> Sandbox {
    start_with(SandboxOptions {
        faults: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..SandboxOptions::default()
    })
}

/// A sandbox with these options, but without a limit.
pub(crate) fn start_with(options: SandboxOptions) -> Sandbox {
    let started = Sandbox::start(SandboxOptions {
        limit: CallLimit::Off,
        max_logged: MAX_LOGGED,
        ..options
    });
    started.unwrap()
}

/// A sandbox with these records, which are written to a file, and a property with unique values.
pub(crate) fn start_with_records(workdir: &Workdir, records: &str, unique: &str) -> Sandbox {
    workdir.write("records.csv", records);
    start_with(SandboxOptions {
        record_options: RecordOptions {
            records: Some(workdir.path("records.csv")),
            unique_properties: vec![unique.parse().unwrap()],
            ..RecordOptions::default()
        },
        ..SandboxOptions::default()
    })
}

/// The requests that contain an association.
pub(crate) fn arrivals(sandbox: &Sandbox) -> Vec<LoggedAssociation> {
    let mut arrivals = sandbox.request_log().associations;
    arrivals.retain(|arrival| arrival.association.is_some());
    arrivals
}

/// The associations that arrived, as (from, to, definition), sorted.
pub(crate) fn sent(sandbox: &Sandbox) -> Vec<(u64, u64, u32)> {
    let mut links: Vec<_> = arrivals(sandbox).iter().map(link).collect();
    links.sort_unstable();
    links
}

/// The association of a request.
pub(crate) fn link(arrival: &LoggedAssociation) -> (u64, u64, u32) {
    let Association {
        from,
        to,
        definition,
    } = arrival.association.unwrap();
    (from.get(), to.get(), definition.get())
}
