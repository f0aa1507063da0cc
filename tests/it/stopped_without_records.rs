//! Runs and undos that are stopped before they record anything: empty files are removed, but
//! records of an earlier session and snapshots from before a write stay.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
    mpsc::{Receiver, Sender, channel},
};

use crate::support::{
    dated_responses,
    fake_hubspot::{FakeHubSpot, FakeResponse, ReceivedRequest},
    links,
    running::RunningProgram,
    sandbox::start,
    workdir::{ProgramRun, TOKEN, Workdir, column},
};

const RESULTS: &str = "links.results.csv";
const RUN_LOG: &str = "links.results.csv.run";

/// A server whose answers depend on the number of the run, from 1.
fn in_runs(
    answer: impl Fn(usize, &ReceivedRequest) -> FakeResponse + Send + Sync + 'static,
) -> (FakeHubSpot, Arc<AtomicUsize>) {
    let run = Arc::new(AtomicUsize::new(1));
    let now = Arc::clone(&run);
    let fake = FakeHubSpot::with_handler(move |_, request| answer(now.load(Relaxed), request));
    (fake, run)
}

fn undo(workdir: &Workdir, options: &str) -> ProgramRun {
    let line = format!("undo {RESULTS} --yes --rate unlimited {options}");
    workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

#[test]
fn a_retry_that_is_stopped_at_once_leaves_what_earlier_sessions_recorded() {
    for api in ["v1", "2026-09"] {
        let (fake, run) = in_runs(|run, request| match (run, request.method.as_str()) {
            (1, "POST") if dated_responses::is_read(request) => {
                dated_responses::read(request, false)
            }
            (1, _) => 422.into(),
            (_, _) => 401.into(),
        });
        let workdir = Workdir::with(links([1, 2]));
        let options = format!("--api {api} --summary s.json");
        workdir.import(&fake.base_url(), &options).exits(1);
        let recorded = workdir.bytes(RESULTS);
        run.store(2, Relaxed);
        let again = format!("{options} --resume --retry-failed");
        let ran = workdir.import(&fake.base_url(), &again).exits(3);
        assert_eq!(workdir.bytes(RESULTS), recorded, "{api}\n{ran}");
        assert!(workdir.has(RUN_LOG), "{api}");
        assert_eq!(workdir.json("s.json")["results"], RESULTS, "{api}");
        ran.says(&[
            "results:  links.results.csv",
            "failures: links.failures.csv (2 rows)",
            "2 failed rows are sent again",
            "later rows of the same record are sent again too where only the last one counts \
             (primary company, parent, a limit of one)",
            "continue where it stopped",
        ]);
        ran.never_says("(0 rows)");
        ran.never_says("send the failed rows once more");
    }
}

#[test]
fn snapshots_from_before_a_write_stay_if_no_row_was_recorded() {
    // Requests for the account, its limits and existing links; then the link is created, the answer
    // gets lost, and the token is refused.
    let sandbox = start(&["reset-after=#4", "401=#5-7"]);
    let workdir = Workdir::with(links([1]));
    let ran = workdir
        .import(&sandbox.base_url(), "--api 2026-09")
        .exits(3);
    assert!(!sandbox.links().is_empty(), "{ran}");
    assert_eq!(workdir.lines(RESULTS).len(), 0, "{ran}");
    ran.says(&["results:  links.results.csv", "continue where it stopped"]);
    undo(&workdir, "").exits(0);
    assert!(sandbox.links().is_empty(), "{:?}", sandbox.links());
}

#[test]
fn snapshots_of_a_killed_run_survive_a_later_stopped_run() {
    let (fake, run) = in_runs(|run, request| match run {
        1 => dated_responses::succeed(request),
        _ => 401.into(),
    });
    let workdir = Workdir::with(links([1, 2]));
    let options = "--api 2026-09";
    workdir.import(&fake.base_url(), options).exits(0);
    let header = workdir.text(RESULTS);
    let (header, _) = header.split_once('\n').unwrap();
    workdir.write(RESULTS, format!("{header}\n"));
    let log = workdir.text(RUN_LOG);
    let is_left = |line: &&str| !line.starts_with("{\"synced\"") && !line.starts_with("{\"ended\"");
    let left: Vec<_> = log.lines().filter(is_left).collect();
    workdir.write(RUN_LOG, left.join("\n") + "\n");
    run.store(2, Relaxed);
    let again = format!("{options} --resume");
    let ran = workdir.import(&fake.base_url(), &again).exits(3);
    assert!(workdir.has(RESULTS), "{ran}");
    assert!(workdir.text(RUN_LOG).contains("{\"absent\""), "{ran}");
}

#[test]
fn a_run_without_anything_to_keep_leaves_no_files() {
    for api in ["v1", "2026-09"] {
        let fake = FakeHubSpot::with_responses([401]);
        let workdir = Workdir::with(links([1, 2]));
        let options = format!("--api {api}");
        workdir.import(&fake.base_url(), &options).exits(3);
        assert_eq!(workdir.names(), ["links.csv"]);
    }
}

#[test]
fn an_undo_that_is_stopped_leaves_what_an_earlier_one_recorded() {
    let (fake, run) = in_runs(|run, _| if run == 1 { 204 } else { 401 }.into());
    let workdir = Workdir::with("from_object_id,to_object_id,definition_id\n1,7,3\n2,7,3\n");
    workdir.import(&fake.base_url(), "").exits(0);
    undo(&workdir, "").exits(0);
    let report = "links.undo.csv";
    let recorded = workdir.bytes(report);
    assert_eq!(column(&workdir.lines(report), "assoc_status"), ["kept"; 2]);
    run.store(2, Relaxed);
    let ran = undo(&workdir, "--include-unchecked --summary s.json").exits(3);
    assert_eq!(workdir.bytes(report), recorded, "{ran}");
    assert!(workdir.has("links.undo.csv.run"), "{ran}");
    assert_eq!(workdir.json("s.json")["report"], report);
}

/// A login page, which a proxy sends instead of every answer.
fn page() -> FakeResponse {
    FakeResponse::from(200).body("text/html", "<html><title>Log in</title></html>")
}

/// Every link is created, but no answer says so.
#[test]
fn files_stay_once_a_write_was_sent_whatever_the_answer() {
    for options in ["", "--batch max", "--max-attempts 1 --concurrency 1"] {
        let (fake, run) = in_runs(|run, _| match run {
            1 => page(),
            2 => 401.into(),
            _ => 204.into(),
        });
        let workdir = Workdir::with(links(1..=3));
        let ran = workdir.import(&fake.base_url(), options).exits(4);
        assert_ne!(fake.requests().len(), 0, "{ran}");
        assert_eq!(workdir.names(), ["links.csv", RESULTS, RUN_LOG], "{ran}");
        ran.says(&["results:  links.results.csv", "continue where it stopped"]);
        // A session that is refused at once does not remove them either.
        run.store(2, Relaxed);
        let ran = workdir.import(&fake.base_url(), "--resume").exits(3);
        assert_eq!(workdir.names(), ["links.csv", RESULTS, RUN_LOG], "{ran}");
        run.store(3, Relaxed);
        let ran = workdir.import(&fake.base_url(), "--resume").exits(0);
        ran.says(&["3 rows read: 3 succeeded"]);
    }
}

/// A server that tells when a request has arrived, and answers it when the test says so.
fn holding(status: u16) -> (FakeHubSpot, Receiver<()>, Sender<()>) {
    let (has_arrived, arrived) = channel();
    let (release, is_released) = channel::<()>();
    let is_released = Mutex::new(is_released);
    let fake = FakeHubSpot::with_handler(move |_, _| {
        has_arrived.send(()).unwrap();
        is_released.lock().unwrap().recv().unwrap();
        status.into()
    });
    (fake, arrived, release)
}

#[cfg(unix)]
#[test]
fn files_of_another_program_in_their_place_stay() {
    for is_moved in [true, false] {
        let (fake, arrived, release) = holding(401);
        let workdir = Workdir::with(links([1]));
        let options = "--concurrency 1 --api v1";
        let mut run = RunningProgram::start(&workdir, &fake.base_url(), options);
        arrived.recv().unwrap();
        workdir.write("other.csv", "precious\n");
        let (other, results) = (workdir.path("other.csv"), workdir.path(RESULTS));
        if is_moved {
            std::fs::rename(other, results).unwrap();
        } else {
            std::fs::write(results, "precious\n").unwrap();
        }
        // The token is asked for once more.
        release.send(()).unwrap();
        arrived.recv().unwrap();
        release.send(()).unwrap();
        run.until("another program replaced").exits(5);
        assert_eq!(workdir.text(RESULTS), "precious\n");
    }
}

#[cfg(unix)]
#[test]
fn files_stay_if_a_write_was_never_answered() {
    let (fake, arrived, release) = holding(204);
    let workdir = Workdir::with(links(1..=3));
    let options = "--timeout 10min --concurrency 1 --api v1";
    let mut run = RunningProgram::start(&workdir, &fake.base_url(), options);
    arrived.recv().unwrap();
    // It waits for the answer as long as it does for any, and then gives up.
    run.signal("-INT").until("interrupted by").exits(130);
    release.send(()).unwrap();
    let log = workdir.text(RUN_LOG);
    assert!(log.contains(r#""under_way":[[1,1]]"#), "{log}");
    assert_eq!(workdir.names(), ["links.csv", RESULTS, RUN_LOG]);
}
