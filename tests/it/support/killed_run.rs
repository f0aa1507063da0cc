//! The files of `links.csv` as if its run had been killed.

use super::workdir::Workdir;

pub(crate) const RESULTS: &str = "links.results.csv";
pub(crate) const RUN_LOG: &str = "links.results.csv.run";

/// Cuts the files of a run as if it had been killed after it wrote to HubSpot, and before it
/// recorded more than these lines of the results. The header is one of them.
pub(crate) fn keep_result_lines(workdir: &Workdir, lines: usize) {
    let results = workdir.text(RESULTS);
    let left: String = results.split_inclusive('\n').take(lines).collect();
    workdir.write(RESULTS, left);
    let run_log = workdir.text(RUN_LOG);
    let is_left = |line: &&str| {
        let mut names = ["{\"begun\"", "{\"absent\"", "{\"before\""].iter();
        names.any(|name| line.starts_with(name))
    };
    let left: Vec<_> = run_log.lines().filter(is_left).collect();
    workdir.write(RUN_LOG, left.join("\n") + "\n");
}
