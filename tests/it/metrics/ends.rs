//! The metrics after a command has ended, in any way.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use hubassoc::sandbox::SandboxOptions;

use super::{METRICS, earlier, metrics, of_file, rows, run, time, value};
use crate::support::{
    exposition::Exposition,
    fake_hubspot::FakeHubSpot,
    links,
    sandbox::{start, start_with},
    workdir::Workdir,
};

/// Long ago.
const OLD: f64 = 1_234_567_890.125;

/// Whether the last success is the one of the earlier run.
fn keeps_old_success(metrics: &Exposition) -> bool {
    time(metrics, "last_success") == Some(OLD)
}

fn seconds_now() -> f64 {
    let since = SystemTime::UNIX_EPOCH.elapsed();
    since.unwrap().as_secs_f64()
}

#[test]
fn a_good_run_is_told_with_its_times_rows_and_calls() {
    let sandbox = start_with(SandboxOptions {
        daily: Some(1_000),
        ..SandboxOptions::default()
    });
    let workdir = Workdir::with(links([1, 2, 3]));
    let before = seconds_now();
    let options = format!("{METRICS} --api 2026-09 --summary s.json");
    workdir.import(&sandbox.base_url(), &options).exits(0);
    let (metrics, summary) = (metrics(&workdir), workdir.json("s.json"));
    for name in [
        "in_progress",
        "exit_code",
        "rows_unsettled",
        "retries",
        "throttled_calls",
    ] {
        assert_eq!(value(&metrics, name), Some(0.0), "{name}");
    }
    let statuses = ["succeeded", "already", "failed", "invalid"];
    let counts = statuses.map(|status| rows(&metrics, status));
    assert_eq!(counts, [3.0, 0.0, 0.0, 0.0].map(Some));
    let calls = summary["calls"].as_f64();
    assert_eq!(metrics.sum("hubassoc_run_calls"), calls);
    let durations = "hubassoc_run_call_duration_seconds";
    assert_eq!(metrics.sum(&format!("{durations}_count")), calls);
    assert!(metrics.sum(&format!("{durations}_sum")) > Some(0.0));
    let left = summary["daily_calls_remaining"].as_f64();
    assert!(left.is_some());
    assert_eq!(value(&metrics, "daily_calls_remaining"), left);
    let begin = time(&metrics, "start").unwrap();
    let end = time(&metrics, "end").unwrap();
    assert!(before - 0.001 <= begin && begin <= end && end <= seconds_now());
    for name in ["last_update", "last_success", "last_completion"] {
        assert_eq!(time(&metrics, name), Some(end), "{name}");
    }
    let took = value(&metrics, "duration_seconds").unwrap();
    assert!(took > 0.0 && took <= end - begin + 0.1, "{took}");
    assert_eq!(
        workdir
            .names()
            .iter()
            .filter(|name| name.contains("prom"))
            .count(),
        1
    );
}

#[test]
fn every_sample_has_the_run_and_the_command_for_labels_and_none_is_called_job() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    let odd = "we\"ird \\ näme.prom";
    let import = workdir.import(&sandbox.base_url(), "--metrics");
    import.arg(odd).exits(0);
    let metrics = of_file(&workdir, odd);
    for sample in metrics.families.iter().flat_map(|family| &family.samples) {
        assert_eq!(sample.labels["run"], "we\"ird \\ näme", "{sample:?}");
        assert_eq!(sample.labels["command"], "import", "{sample:?}");
        assert!(!sample.labels.contains_key("job"), "{sample:?}");
    }
}

#[test]
fn a_run_with_bad_rows_is_complete_and_keeps_the_last_success() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 404]) + "n/a,7,1\n");
    workdir.write("links.prom", earlier("import", OLD));
    workdir.import(&sandbox.base_url(), METRICS).exits(1);
    let metrics = metrics(&workdir);
    assert_eq!(value(&metrics, "exit_code"), Some(1.0));
    assert!(keeps_old_success(&metrics));
    let end = time(&metrics, "end");
    assert_eq!(time(&metrics, "last_completion"), end);
    let counts = ["succeeded", "failed", "invalid"].map(|status| rows(&metrics, status));
    assert_eq!(counts, [Some(1.0); 3]);
    assert_eq!(
        value(&metrics, "daily_calls_remaining"),
        None,
        "unknown is not 0"
    );
}

#[test]
fn a_run_that_stops_keeps_the_last_success_and_counts_what_is_left() {
    let is_refusing = Arc::new(AtomicBool::new(true));
    let is_refused = Arc::clone(&is_refusing);
    let fake = FakeHubSpot::with_handler(move |n, _| {
        let is_refused = n > 0 && is_refused.load(Ordering::Relaxed);
        if is_refused { 401.into() } else { 204.into() }
    });
    let workdir = Workdir::with(links([1, 2, 3]));
    workdir.write("links.prom", earlier("import", OLD));
    let options = format!("{METRICS} --concurrency 1");
    workdir.import(&fake.base_url(), &options).exits(3);
    let stopped = metrics(&workdir);
    assert_eq!(value(&stopped, "exit_code"), Some(3.0));
    assert!(keeps_old_success(&stopped));
    assert_eq!(time(&stopped, "last_completion"), Some(OLD));
    assert_eq!(rows(&stopped, "succeeded"), Some(1.0));
    assert_eq!(value(&stopped, "rows_unsettled"), Some(2.0));

    // The session that finishes the run counts the rows of both.
    is_refusing.store(false, Ordering::Relaxed);
    let options = format!("{METRICS} --resume");
    workdir.import(&fake.base_url(), &options).exits(0);
    let finished = metrics(&workdir);
    assert_eq!(rows(&finished, "succeeded"), Some(3.0));
    assert_eq!(value(&finished, "rows_unsettled"), Some(0.0));
    let created = finished.labelled("hubassoc_run_calls", "kind", "create");
    assert_eq!(created, Some(2.0));
    assert_eq!(time(&finished, "last_success"), time(&finished, "end"));
}

#[test]
fn a_command_that_is_refused_says_so_and_knows_nothing_of_rows() {
    let sandbox = start(&[]);
    let url = sandbox.base_url();
    let import = format!("import links.csv --base-url {url}");
    for (command, line) in [
        ("import", format!("import nowhere.csv --base-url {url}")),
        ("import", format!("{import} --definition nonsense")),
        ("import", format!("{import} -o there.csv")),
        ("import", format!("{import} --config nowhere.toml")),
        // A usage error: the command line itself is invalid.
        ("import", format!("{import} --rate fast")),
        ("import", "import".to_owned()),
        (
            "import",
            format!("import links.csv links.csv --base-url {url}"),
        ),
        ("verify", "verify nowhere.results.csv".to_owned()),
        ("undo", "undo there.csv --timeout never".to_owned()),
    ] {
        let workdir = Workdir::with(links([1]));
        workdir.write("there.csv", "not ours\n");
        let refused = |line: &str| {
            workdir.write("links.prom", earlier(command, OLD));
            run(&workdir, line)
        };
        let is_refused = |how: &str| {
            let metrics = metrics(&workdir);
            assert_eq!(value(&metrics, "exit_code"), Some(2.0), "{line} {how}");
            assert_eq!(value(&metrics, "in_progress"), Some(0.0), "{line} {how}");
            assert!(keeps_old_success(&metrics), "{line} {how}");
            assert!(
                metrics.family("hubassoc_run_rows").is_none(),
                "{line} {how}"
            );
            assert_eq!(metrics.sum("hubassoc_run_calls"), Some(0.0), "{line} {how}");
        };
        refused(&format!("{line} {METRICS}")).exits(2);
        is_refused("typed");
        refused(&format!("{line} --metrics=links.prom")).exits(2);
        is_refused("in one word");
        refused(&line)
            .env("HUBASSOC_METRICS", "links.prom")
            .exits(2);
        is_refused("in the environment");
    }
    assert_eq!(sandbox.request_log().requests, 0);
}

#[test]
fn the_path_may_be_in_the_configuration_file_also_if_the_rest_is_refused() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1]));
    fs::create_dir(workdir.path("conf")).unwrap();
    let url = sandbox.base_url();
    for (further, code) in [("", 0.0), ("rate = 'fast'\n", 2.0)] {
        let config = format!("base-url = '{url}'\nmetrics = 'links.prom'\n{further}");
        workdir.write("conf/nightly.toml", config);
        let ran = run(&workdir, "import links.csv --config conf/nightly.toml").finish();
        assert_eq!(ran.code.map(f64::from), Some(code), "{ran}");
        let metrics = of_file(&workdir, "conf/links.prom");
        assert_eq!(value(&metrics, "exit_code"), Some(code));
        assert!(time(&metrics, "last_success").is_some());
    }
}

#[test]
fn verify_and_undo_have_statuses_of_their_own_and_no_success_of_an_import() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.import(&sandbox.base_url(), METRICS).exits(0);
    for (line, status) in [
        ("verify", "present"),
        ("undo --yes --include-unchecked", "removed"),
    ] {
        let command = line.split(' ').next().unwrap();
        run(&workdir, &format!("{line} links.results.csv {METRICS}")).exits(0);
        let metrics = metrics(&workdir);
        assert_eq!(rows(&metrics, status), Some(2.0), "{command}");
        assert_eq!(rows(&metrics, "succeeded"), None, "{command}");
        let family = metrics.family("hubassoc_run_exit_code").unwrap();
        assert_eq!(family.samples[0].labels["command"], command);
    }
    // An import that fails now has no success that it knows of.
    workdir.import(&sandbox.base_url(), METRICS).exits(2);
    assert_eq!(time(&metrics(&workdir), "last_success"), None);
}

#[test]
fn an_apply_has_metrics_of_its_own_and_a_plan_has_none() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    let url = sandbox.base_url();
    let plan = format!("plan links.csv --base-url {url} --api 2026-09 {METRICS}");
    run(&workdir, &plan).exits(0);
    assert!(!workdir.has("links.prom"));
    let document = workdir.json("links.plan.json");
    let digest = document["digest"].as_str().unwrap();
    let apply = format!("apply links.plan.json --approve {digest} {METRICS}");
    run(&workdir, &apply).exits(0);
    let metrics = metrics(&workdir);
    assert_eq!(rows(&metrics, "succeeded"), Some(2.0));
    let family = metrics.family("hubassoc_run_exit_code").unwrap();
    assert_eq!(family.samples[0].labels["command"], "apply");
    assert_eq!(family.samples[0].value.to_string(), "0");
}

#[test]
fn several_inputs_are_one_run_with_the_totals() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links([1, 2]));
    workdir.write("more.csv", links([3, 404]));
    let line = "links.csv more.csv";
    let options = format!("{METRICS} --summary s.json");
    let import = workdir.import_file(line, &sandbox.base_url(), &options);
    import.exits(1);
    let (metrics, summary) = (metrics(&workdir), workdir.json("s.json"));
    assert_eq!(rows(&metrics, "succeeded"), Some(3.0));
    assert_eq!(rows(&metrics, "failed"), Some(1.0));
    assert_eq!(value(&metrics, "exit_code"), Some(1.0));
    assert_eq!(metrics.sum("hubassoc_run_calls"), summary["calls"].as_f64());
    let count = metrics.labelled("hubassoc_run_call_duration_seconds_count", "kind", "create");
    assert_eq!(count, Some(4.0));
}

#[test]
fn a_damaged_earlier_file_is_replaced_and_nothing_is_taken_from_it() {
    let sandbox = start(&[]);
    let line = "hubassoc_run_last_success_timestamp_seconds{run=\"links\",command=\"import\"}";
    for damaged in [
        String::new(),
        "# HELP hubassoc_run_".to_owned(),
        format!("# HELP hubassoc_run_x \n{line}"),
        format!("# HELP hubassoc_run_x \n{line} NaN\n"),
        format!("# HELP hubassoc_run_x \n{line} 12 34\n"),
        format!("# HELP hubassoc_run_x \n{line} \u{0}\n"),
        earlier("import", OLD).replace("\"links\"", "\"other\""),
    ] {
        let workdir = Workdir::with(links([404]));
        workdir.write("links.prom", &damaged);
        workdir.import(&sandbox.base_url(), METRICS).exits(1);
        assert_eq!(time(&metrics(&workdir), "last_success"), None, "{damaged}");
    }
}

#[test]
fn a_rehearsal_leaves_the_metrics_alone_and_says_so() {
    let workdir = Workdir::with(links([1]));
    workdir.write("links.prom", earlier("import", OLD));
    let rehearse = |options: &str| workdir.run(&format!("import links.csv --sandbox {options}"));
    let ran = rehearse(METRICS).exits(0);
    ran.says(&["note: --metrics links.prom is not written, because this is a rehearsal"]);
    rehearse("--metrics links.prom --rate fast").exits(2);
    assert_eq!(workdir.text("links.prom"), earlier("import", OLD));
}
