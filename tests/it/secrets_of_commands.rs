//! A secret appears nowhere: the same for the newer API, and for the commands
//! that come after an import.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use crate::{
    secrets::{TOKEN, keeps_it, repeating},
    support::{
        dated_responses::{is_read, read, succeed},
        fake_hubspot::{FakeHubSpot, FakeResponse},
        workdir::{ProgramRun, Workdir},
    },
};

/// What a server does wrong when all was well so far.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    /// Answers to questions repeat the secret.
    Reads(u16),
    /// Answers to what is done repeat it.
    Writes(u16),
}

/// Wrong from a moment on.
fn server(wrong: Wrong) -> (FakeHubSpot, Arc<AtomicBool>) {
    let begun = Arc::new(AtomicBool::new(false));
    let is_wrong = Arc::clone(&begun);
    let fake = FakeHubSpot::with_handler(move |_, request| match wrong {
        _ if !is_wrong.load(SeqCst) => succeed(request),
        Wrong::Reads(status) if is_read(request) => repeating(status, request),
        Wrong::Writes(status) if !is_read(request) => repeating(status, request),
        Wrong::Reads(_) | Wrong::Writes(_) if is_read(request) => read(request, true),
        Wrong::Reads(_) | Wrong::Writes(_) => succeed(request),
    });
    (fake, begun)
}

const HASTE: &str = "--max-attempts 1 --max-wait 1ms";

fn import(workdir: &Workdir, fake: &FakeHubSpot, options: &str) -> ProgramRun {
    let options = format!("--api 2026-09 {options}");
    let run = workdir.import(&fake.base_url(), &options);
    run.env("HUBSPOT_ACCESS_TOKEN", TOKEN)
}

/// A command after an import during which all was well.
fn after_an_import(command: &str, code: i32, wrong: Wrong) {
    let case = format!("{command}: {wrong:?}");
    keeps_it(&case, code, |workdir, options| {
        let (fake, begun) = server(wrong);
        import(workdir, &fake, "").exits(0);
        begun.store(true, SeqCst);
        let line = format!("{command} links.results.csv --rate unlimited {HASTE} {options}");
        let run = workdir.run(&line).env("HUBSPOT_ACCESS_TOKEN", TOKEN);
        run.keep_alive(fake)
    });
}

#[test]
fn an_import_by_the_newer_api_keeps_it() {
    for (wrong, code) in [
        (Wrong::Writes(400), 1),
        (Wrong::Writes(401), 3),
        (Wrong::Writes(500), 1),
        // What they say is read back, and stands.
        (Wrong::Writes(200), 0),
        (Wrong::Reads(400), 1),
        (Wrong::Reads(403), 3),
        (Wrong::Reads(200), 4),
    ] {
        keeps_it(&format!("import: {wrong:?}"), code, |workdir, options| {
            let (fake, begun) = server(wrong);
            begun.store(true, SeqCst);
            import(workdir, &fake, &format!("{HASTE} {options}")).keep_alive(fake)
        });
    }
}

#[test]
fn a_verification_keeps_it() {
    for (status, code) in [(400, 1), (401, 3), (200, 4)] {
        after_an_import("verify", code, Wrong::Reads(status));
    }
    after_an_import("verify", 0, Wrong::Writes(500));
}

#[test]
fn an_undo_keeps_it() {
    for (wrong, code) in [
        (Wrong::Reads(400), 1),
        (Wrong::Reads(401), 3),
        (Wrong::Reads(200), 4),
        (Wrong::Writes(400), 1),
        (Wrong::Writes(403), 3),
        (Wrong::Writes(500), 1),
        (Wrong::Writes(200), 4),
    ] {
        after_an_import("undo --yes", code, wrong);
    }
}

#[test]
fn a_checkup_keeps_it() {
    for (status, code) in [(400, 0), (401, 3), (403, 3), (429, 4), (200, 4)] {
        keeps_it(&format!("doctor: {status}"), code, |workdir, options| {
            let fake = FakeHubSpot::with_handler(move |_, request| repeating(status, request));
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
