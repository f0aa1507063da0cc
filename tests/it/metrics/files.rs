//! Where metrics may go: they replace only metrics, never show half a file, and a run is refused
//! before it sends anything if they cannot be written.

use std::fs;

use super::{METRICS, earlier, metrics, rows, run, time, value};
use crate::support::{fake_hubspot::FakeHubSpot, links, sandbox::start, workdir::Workdir};

/// The start of every other metrics file.
const FOREIGN: &str = "# HELP node_load1 1m load average.\n";

/// The metrics, and what was to become metrics.
fn files_of_metrics(workdir: &Workdir) -> Vec<String> {
    let mut names = workdir.names();
    names.retain(|name| name.contains("prom"));
    names
}

/// Options, and why they are refused.
const UNUSABLE: [(&str, &str); 10] = [
    (
        "--metrics links.txt",
        "--metrics links.txt has to be a file whose name ends in .prom",
    ),
    ("--metrics -", "has to be a file whose name ends in .prom"),
    (
        "--metrics .prom",
        "has to be a file whose name ends in .prom",
    ),
    (
        "--metrics other.prom",
        "other.prom exists and is not a metrics file of hubassoc",
    ),
    (
        "--metrics folder.prom",
        "folder.prom exists and is not a metrics file of hubassoc",
    ),
    (
        "--metrics none/m.prom",
        "--metrics none/m.prom cannot be written: No such file",
    ),
    (
        "--metrics links.csv/m.prom",
        "links.csv/m.prom cannot be written: Not a directory",
    ),
    (
        "-o m.prom --metrics m.prom",
        "--metrics m.prom is a file that this run reads or writes",
    ),
    (
        "-o m.prom --metrics ./m.prom",
        "./m.prom is a file that this run reads or writes",
    ),
    (
        "--summary m.prom --metrics m.prom",
        "m.prom is a file that this run reads or writes",
    ),
];

#[test]
fn a_path_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let sandbox = start(&[]);
    for (options, why) in UNUSABLE {
        let workdir = Workdir::with(links([1]));
        workdir.write("other.prom", FOREIGN);
        fs::create_dir(workdir.path("folder.prom")).unwrap();
        let options = format!("--account 62515 {options}");
        let ran = workdir.import(&sandbox.base_url(), &options).exits(2);
        ran.says(&[why]);
        let typo = format!("{options} --no-such-option");
        workdir.import(&sandbox.base_url(), &typo).exits(2);
        let mut left = workdir.names();
        // The summary says that the run was refused.
        left.retain(|name| name != "m.prom");
        assert_eq!(
            left,
            ["folder.prom", "links.csv", "other.prom"],
            "{options}"
        );
        assert_eq!(workdir.text("other.prom"), FOREIGN, "{options}");
        assert_eq!(workdir.text("links.csv"), links([1]), "{options}");
    }
    assert_eq!(sandbox.request_log().requests, 0);
}

#[test]
fn files_of_the_run_are_not_replaced_whatever_they_are_called() {
    let sandbox = start(&[]);
    let workdir = Workdir::new();
    // An empty file could be anybody's, and metrics are nobody's input.
    for (name, text) in [("in.prom", links([1])), ("empty.prom", String::new())] {
        workdir.write(name, &text);
        let options = format!("-o r.csv --metrics {name}");
        let ran = workdir
            .import_file(name, &sandbox.base_url(), &options)
            .exits(2);
        ran.says(&[
            name,
            "is a file that this run reads or writes; choose another file",
        ]);
        assert_eq!(workdir.text(name), text);
    }
    workdir.write("links.csv", links([1]));
    workdir.import(&sandbox.base_url(), "-o r.prom").exits(0);
    let results = workdir.text("r.prom");
    for line in [
        "verify r.prom",
        "undo r.prom --yes",
        "verify r.prom -o v.prom",
    ] {
        let name = line
            .split(' ')
            .next_back()
            .unwrap()
            .replace("--yes", "r.prom");
        run(&workdir, &format!("{line} --metrics {name}")).exits(2);
    }
    assert_eq!(workdir.text("r.prom"), results);
    assert!(!workdir.has("v.prom"));
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::support::workdir::TOKEN;

    #[test]
    fn a_device_or_a_link_to_nowhere_is_refused_and_a_link_to_metrics_stays() {
        let sandbox = start(&[]);
        let workdir = Workdir::with(links([1]));
        for target in ["/dev/full", "nowhere.prom"] {
            let link = workdir.path("links.prom");
            symlink(target, &link).unwrap();
            let ran = workdir.import(&sandbox.base_url(), METRICS).exits(2);
            ran.says(&["links.prom exists and is not a metrics file of hubassoc"]);
            assert_eq!(fs::read_link(&link).unwrap().to_str(), Some(target));
            fs::remove_file(link).unwrap();
        }
        assert_eq!(sandbox.request_log().requests, 0);
        workdir.write("target.prom", earlier("import", 1.0));
        symlink("target.prom", workdir.path("links.prom")).unwrap();
        workdir.import(&sandbox.base_url(), METRICS).exits(0);
        assert!(workdir.path("links.prom").is_symlink());
        assert_eq!(value(&metrics(&workdir), "exit_code"), Some(0.0));
    }

    #[test]
    fn everybody_may_read_metrics_whatever_the_umask_and_nothing_is_left_beside_them() {
        let sandbox = start(&[]);
        let url = sandbox.base_url();
        for umask in ["000", "022", "077"] {
            let workdir = Workdir::with(links([1, 404]));
            let own = fs::Permissions::from_mode(0o600);
            workdir.write("links.prom", earlier("import", 1.0));
            fs::set_permissions(workdir.path("links.prom"), own).unwrap();
            for line in [
                format!("import links.csv --rate fast {METRICS}"),
                format!("import links.csv --base-url {url} {METRICS}"),
                format!("verify links.results.csv {METRICS}"),
            ] {
                let ran = workdir.shell(&format!("umask {umask}; exec hubassoc {line}"));
                ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).finish();
                let there = fs::metadata(workdir.path("links.prom")).unwrap();
                let mode = there.permissions().mode() & 0o777;
                assert_eq!(mode, 0o644, "{line}, umask {umask}");
                assert_eq!(files_of_metrics(&workdir), ["links.prom"], "{line}");
            }
        }
    }

    /// As on a full disk: a file can be created, but not written to.
    #[test]
    fn a_full_disk_refuses_the_run_before_its_first_row() {
        let fake = FakeHubSpot::with_responses([204]);
        let workdir = Workdir::with(links([1]));
        let (url, before) = (fake.base_url(), earlier("import", 1.0));
        workdir.write("links.prom", &before);
        // Results and run log have room, and the metrics have not.
        let line = format!("import links.csv --base-url {url} {METRICS}");
        let ran = workdir.shell(&format!("ulimit -f 2; exec hubassoc {line}"));
        let ran = ran.env("HUBSPOT_ACCESS_TOKEN", TOKEN).exits(2);
        ran.says(&["--metrics links.prom cannot be written: File too large"]);
        assert_eq!(fake.requests().len(), 0);
        assert_eq!(workdir.text("links.prom"), before);
        assert_eq!(workdir.names(), ["links.csv", "links.prom"]);
    }
}

/// A server that answers like this, and removes the folder `out` when the first request comes.
fn removing_folder(workdir: &Workdir, status: u16) -> FakeHubSpot {
    let folder = workdir.path("out");
    fs::create_dir(&folder).unwrap();
    FakeHubSpot::with_handler(move |n, _| {
        if n == 0 {
            fs::remove_dir_all(&folder).unwrap();
        }
        status.into()
    })
}

#[test]
fn metrics_that_cannot_be_written_at_the_end_are_an_error_and_the_results_are_complete() {
    for (status, said) in [(204, "2 rows read: 2 succeeded"), (401, "HTTP 401")] {
        let workdir = Workdir::with(links([1, 2]));
        let fake = removing_folder(&workdir, status);
        let options = "--metrics out/links.prom --summary s.json";
        let ran = workdir.import(&fake.base_url(), options).exits(5);
        ran.says(&[
            said,
            "the metrics out/links.prom could not be written: No such file or directory (os error \
             2); the results are not affected; correct this before the next run",
        ]);
        if status == 204 {
            assert_eq!(workdir.endings(), ["succeeded 1", "succeeded 1"]);
            assert_eq!(workdir.json("s.json")["exit_code"], 0);
        }
    }
}

#[test]
fn a_summary_that_cannot_be_written_is_the_exit_code_of_the_metrics_too() {
    let workdir = Workdir::with(links([1]));
    let fake = removing_folder(&workdir, 204);
    let options = format!("{METRICS} --summary out/s.json");
    workdir.import(&fake.base_url(), &options).exits(5);
    let metrics = metrics(&workdir);
    assert_eq!(value(&metrics, "exit_code"), Some(5.0));
    assert_eq!(rows(&metrics, "succeeded"), Some(1.0));
    assert_eq!(time(&metrics, "last_success"), None);
}

#[test]
fn a_command_for_the_failures_leaves_the_metrics_out() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([404]));
    let ran = workdir.import(&sandbox.base_url(), METRICS).exits(1);
    let next = ran.stderr.lines().last().unwrap();
    assert!(next.contains("hubassoc import links.failures.csv"), "{ran}");
    assert!(!next.contains("prom"), "{ran}");
}
