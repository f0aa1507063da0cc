//! Secrets appear nowhere: the dated API, and the commands that follow an import.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use crate::{
    secrets::{TOKEN, assert_hidden, echoing_error},
    support::{
        dated_responses::{is_read, read, succeed},
        fake_hubspot::{FakeHubSpot, FakeResponse},
        workdir::{ProgramRun, Workdir},
    },
};

/// How a server starts to misbehave.
#[derive(Clone, Copy, Debug)]
enum EchoIn {
    /// Answers to reads repeat the secret.
    Reads(u16),
    /// Answers to writes repeat the secret.
    Writes(u16),
}

/// A server that misbehaves from some request on.
fn server(echo_in: EchoIn) -> (FakeHubSpot, Arc<AtomicBool>) {
    let begun = Arc::new(AtomicBool::new(false));
    let is_wrong = Arc::clone(&begun);
    let fake = FakeHubSpot::with_handler(move |_, request| match echo_in {
        _ if !is_wrong.load(SeqCst) => succeed(request),
        EchoIn::Reads(status) if is_read(request) => echoing_error(status, request),
        EchoIn::Writes(status) if !is_read(request) => echoing_error(status, request),
        EchoIn::Reads(_) | EchoIn::Writes(_) if is_read(request) => read(request, true),
        EchoIn::Reads(_) | EchoIn::Writes(_) => succeed(request),
    });
    (fake, begun)
}

const HASTE: &str = "--max-attempts 1 --max-wait 1ms";

fn import(workdir: &Workdir, fake: &FakeHubSpot, options: &str) -> ProgramRun {
    let options = format!("--api 2026-09 {options}");
    let run = workdir.import(&fake.base_url(), &options);
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// Runs a command after a successful import.
fn after_an_import(command: &str, code: i32, echo_in: EchoIn) {
    let case = format!("{command}: {echo_in:?}");
    assert_hidden(&case, code, |workdir, options| {
        let (fake, begun) = server(echo_in);
        import(workdir, &fake, "").exits(0);
        begun.store(true, SeqCst);
        let line = format!("{command} links.results.csv --rate unlimited {HASTE} {options}");
        let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        run.keep_alive(fake)
    });
}

#[test]
fn an_import_by_the_dated_api_hides_it() {
    for (echo_in, code) in [
        (EchoIn::Writes(400), 1),
        (EchoIn::Writes(401), 3),
        (EchoIn::Writes(500), 1),
        // The links are read back, and exist.
        (EchoIn::Writes(200), 0),
        (EchoIn::Reads(400), 1),
        (EchoIn::Reads(403), 3),
        (EchoIn::Reads(200), 4),
    ] {
        assert_hidden(&format!("import: {echo_in:?}"), code, |workdir, options| {
            let (fake, begun) = server(echo_in);
            begun.store(true, SeqCst);
            import(workdir, &fake, &format!("{HASTE} {options}")).keep_alive(fake)
        });
    }
}

#[test]
fn a_verification_hides_it() {
    for (status, code) in [(400, 1), (401, 3), (200, 4)] {
        after_an_import("verify", code, EchoIn::Reads(status));
    }
    after_an_import("verify", 0, EchoIn::Writes(500));
}

#[test]
fn an_undo_hides_it() {
    for (echo_in, code) in [
        (EchoIn::Reads(400), 1),
        (EchoIn::Reads(401), 3),
        (EchoIn::Reads(200), 4),
        (EchoIn::Writes(400), 1),
        (EchoIn::Writes(403), 3),
        (EchoIn::Writes(500), 1),
        (EchoIn::Writes(200), 4),
    ] {
        after_an_import("undo --yes", code, echo_in);
    }
}

#[test]
fn a_checkup_hides_it() {
    for (status, code) in [(400, 0), (401, 3), (403, 3), (429, 4), (200, 4)] {
        assert_hidden(&format!("doctor: {status}"), code, |workdir, options| {
            let fake = FakeHubSpot::with_handler(move |_, request| echoing_error(status, request));
            let body = format!(r#"{{"message":"{TOKEN}","errors":["{TOKEN}"]}}"#);
            let fake = fake.with_account_responses([
                FakeResponse::from(status).body("application/json", body)
            ]);
            let options = options.replace("--summary summary.json", "");
            let line = format!("doctor --base-url {} {options}", fake.base_url());
            let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
            run.keep_alive(fake)
        });
    }
}
