//! One rate limit for all runs of a user on a host, and across restarts: several real programs
//! against a sandbox that counts.
#![cfg(unix)]

use std::{
    fs::{self, File},
    path::PathBuf,
    thread,
    time::Duration,
};

use hubassoc::{
    api::RateClass,
    rate_state::RateState,
    sandbox::{Sandbox, SandboxOptions},
};

use crate::support::{
    links,
    run_result::most_in,
    running::RunningProgram,
    sandbox::start,
    verdicts::ms,
    workdir::{TOKEN, Workdir},
};

/// The limit of the server in these tests.
const LIMIT: &str = "100/4s";
const CALLS: usize = 100;
const WINDOW: Duration = Duration::from_secs(4);

/// How often the arrived requests are checked.
const GLANCE: Duration = Duration::from_millis(5);

fn counting() -> Sandbox {
    let options = SandboxOptions {
        limit: LIMIT.parse().unwrap(),
        max_logged: 10_000,
        ..SandboxOptions::default()
    };
    Sandbox::start(options).unwrap()
}

fn times(sandbox: &Sandbox) -> Vec<Duration> {
    let arrivals = sandbox.request_log().associations;
    let mut times: Vec<_> = arrivals
        .iter()
        .map(|arrival| arrival.at - arrivals[0].at)
        .collect();
    times.sort();
    times
}

/// When the runs of a directory reserved their requests. These times are exact; arrival times
/// depend on how busy the machine is.
fn reservation_times(workdir: &Workdir, sandbox: &Sandbox) -> Vec<Duration> {
    let folder = workdir.state_home().join("hubassoc");
    let base_url = format!("{}/", sandbox.base_url());
    let rate_state = RateState::open_shared(&folder, &[&base_url, "t"], |_| {}).unwrap();
    let times = rate_state.with_log(RateClass::Single, |log, _| {
        let times = log.since(0).map(|slot| Duration::from_nanos(slot.at));
        times.collect::<Vec<_>>()
    });
    let times = times.unwrap();
    times.iter().map(|time| *time - times[0]).collect()
}

/// Asserts that no window exceeds the limit and that nearly all of the limit was used.
fn assert_paced(workdir: &Workdir, sandbox: &Sandbox) {
    let (times, arrived) = (reservation_times(workdir, sandbox), times(sandbox));
    assert!(arrived.len() <= times.len());
    let most = most_in(&times, WINDOW);
    assert!(most <= CALLS, "{most}");
    let windows = times.last().unwrap().as_secs_f64() / WINDOW.as_secs_f64();
    let used = times.len() as f64 / (windows * CALLS as f64);
    assert!(used >= 0.95, "{used}");
}

/// The files of shared rate-limit state that the runs of a directory left.
fn state_files(workdir: &Workdir) -> Vec<PathBuf> {
    let entries = fs::read_dir(workdir.state_home().join("hubassoc")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// A run of a few rows with a window of one second.
fn short_run(workdir: &Workdir, sandbox: &Sandbox, results: &str) -> String {
    let options = format!("--rate 20/s -o {results}");
    let mut run = RunningProgram::start(workdir, &sandbox.base_url(), &options);
    let said = run.read_to_end();
    run.exits(0);
    let most = most_in(&times(sandbox), ms(1_000));
    assert!(most <= 20, "{most}");
    said
}

#[test]
fn three_runs_with_one_token_share_one_limit_and_use_it() {
    let sandbox = counting();
    let workdir = Workdir::with(links(1..=80));
    let run = |n| RunningProgram::start(&workdir, &sandbox.base_url(), &format!("-o {n}.csv"));
    let runs: Vec<_> = (1..=3).map(run).collect();
    for mut run in runs {
        run.read_to_end();
        run.exits(0);
    }
    assert_paced(&workdir, &sandbox);
}

#[test]
fn three_runs_all_make_progress() {
    let sandbox = counting();
    let workdir = Workdir::with(links(1..=400));
    let run = |n| RunningProgram::start(&workdir, &sandbox.base_url(), &format!("-o {n}.csv"));
    let runs: Vec<_> = (1..=3).map(run).collect();
    while sandbox.request_log().requests < 240 {
        thread::sleep(GLANCE);
    }
    for mut run in runs {
        run.signal("-INT").read_to_end();
        run.exits(130);
    }
    for n in 1..=3 {
        let lines = workdir.lines(&format!("{n}.csv")).len();
        assert!(lines >= 30, "run {n} had {lines} of some 240 turns");
    }
}

#[test]
fn a_killed_and_resumed_run_keeps_the_limit_and_uses_it() {
    let sandbox = counting();
    let workdir = Workdir::with(links(1..=280));
    let start = || RunningProgram::start(&workdir, &sandbox.base_url(), "--resume");
    for calls in [60, 120, 180, 240] {
        let mut run = start();
        while sandbox.request_log().requests < calls {
            thread::sleep(GLANCE);
        }
        run.signal("-KILL");
    }
    let mut run = start();
    run.read_to_end();
    run.exits(0);
    assert_paced(&workdir, &sandbox);
}

#[test]
fn a_new_run_knows_the_limit_that_the_last_run_learned() {
    let sandbox = counting();
    let workdir = Workdir::with(links(1..=3));
    let run = |results: &str| {
        let mut run =
            RunningProgram::start(&workdir, &sandbox.base_url(), &format!("-v -o {results}"));
        run.read_to_end()
    };
    let news = "HubSpot allows 100 calls in 4 s; adjusting the rate";
    let (first, second) = (run("1.csv"), run("2.csv"));
    assert_eq!(
        (first.contains(news), second.contains(news)),
        (true, false),
        "{first}{second}"
    );
}

#[test]
fn the_state_file_hides_the_token_and_is_private_to_the_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = counting();
    let workdir = Workdir::with(links(1..=3));
    workdir
        .run(&format!(
            "import links.csv --base-url {}",
            sandbox.base_url()
        ))
        .env("HUBSPOT_ACCESS_TOKEN", TOKEN)
        .exits(0);
    let [state_file] = &state_files(&workdir)[..] else {
        panic!("{:?}", state_files(&workdir))
    };
    assert!(!state_file.to_string_lossy().contains(TOKEN));
    assert!(!String::from_utf8_lossy(&fs::read(state_file).unwrap()).contains(TOKEN));
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(state_file), 0o600);
    assert_eq!(mode(&workdir.state_home().join("hubassoc")), 0o700);
}

#[test]
fn a_damaged_state_file_costs_one_window() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=15));
    short_run(&workdir, &sandbox, "1.csv");
    let [state_file] = &state_files(&workdir)[..] else {
        panic!("{:?}", state_files(&workdir))
    };
    let whole = fs::read(state_file).unwrap();
    let mut torn = whole.clone();
    torn[9] ^= 1;
    let (garbage, cut) = (b"not a ledger".repeat(5_000), whole[..3_000].to_vec());
    for (results, damaged) in [("2.csv", torn), ("3.csv", garbage), ("4.csv", cut)] {
        fs::write(state_file, damaged).unwrap();
        let said = short_run(&workdir, &sandbox, results);
        assert!(
            said.contains(
                "the rate-limit state that runs share was damaged, or the clock was set back: it \
                 starts again, as if the limit had just been used up"
            ),
            "{said}"
        );
    }
}

#[test]
fn a_state_file_of_a_version_that_does_not_search_is_used_further() {
    /// A page for the headers, and the reservations of two classes.
    const EARLIER_LEN: usize = 4_096 + 2 * 1_024 * 16;
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=15));
    short_run(&workdir, &sandbox, "1.csv");
    let before = reservation_times(&workdir, &sandbox).len();
    let [state_file] = &state_files(&workdir)[..] else {
        panic!("{:?}", state_files(&workdir))
    };
    let whole = fs::read(state_file).unwrap();
    fs::write(state_file, &whole[..EARLIER_LEN]).unwrap();
    let said = short_run(&workdir, &sandbox, "2.csv");
    assert!(!said.contains("damaged"), "{said}");
    let after = reservation_times(&workdir, &sandbox).len();
    assert_eq!(after, 2 * before, "both runs are in one log");
}

#[test]
fn a_run_does_not_wait_for_a_lock_that_is_never_released() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=15));
    short_run(&workdir, &sandbox, "1.csv");
    let held = File::open(&state_files(&workdir)[0]).unwrap();
    held.lock().unwrap();
    let said = short_run(&workdir, &sandbox, "2.csv");
    let warning = "the rate-limit state that runs share cannot be used any more (another process keeps it locked";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
}

#[test]
fn without_a_state_file_a_run_says_so_and_keeps_its_pace() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=15));
    fs::write(workdir.state_home().join("hubassoc"), "in the way").unwrap();
    let said = short_run(&workdir, &sandbox, "1.csv");
    let warning = "this run cannot share the limit with other runs that use the same token: ";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
}

#[test]
fn a_folder_of_another_user_is_not_used() {
    use std::os::unix::fs::{chown, symlink};
    let sandbox = start(&[]);
    let foreign = |workdir: &Workdir| {
        let said = short_run(workdir, &sandbox, "1.csv");
        assert!(
            said.contains("belongs to another user, or it is not a file"),
            "{said}"
        );
    };
    let workdir = Workdir::with(links(1..=5));
    let somebody = Some(12_345);
    if chown(workdir.state_home(), somebody, None).is_err() {
        // Only root can change the owner of a folder; for all other users this folder belongs to
        // somebody else.
        fs::remove_dir(workdir.state_home()).unwrap();
        symlink("/", workdir.state_home()).unwrap();
    }
    foreign(&workdir);
}

#[test]
fn rehearsals_and_unlimited_runs_leave_no_state_file() {
    let sandbox = start(&[]);
    let workdir = Workdir::with(links(1..=3));
    workdir.import(&sandbox.base_url(), "").exits(0);
    workdir.run("import links.csv --sandbox").exits(0);
    assert!(!workdir.state_home().join("hubassoc").exists());
}
