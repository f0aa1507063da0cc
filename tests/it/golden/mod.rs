//! Recordings of the program before it was restructured: the files that runs left, and the results
//! of later commands with these files. The program must still do the same, byte for byte.
//!
//! Each scene has its own folder: `files` has the files that its run left; `run.txt` is its output
//! and what it sent; and `then-*.txt` is the result of another command with those files. The
//! comparison masks what differs between any two runs: times, correlation ids, the port of the
//! server, and checksums that depend on these. It omits the call counters of sessions, which are
//! newer than the recordings.
//!
//! If `GOLDEN_PROGRAM` is set to a program, its results are recorded instead of compared. If it
//! ends with `!`, the files of scenes that an older version wrote are recorded too.
#![cfg(unix)]

pub(crate) mod mask;
mod run_log;
mod scene_run;
mod scenes;

use std::path::PathBuf;

use scene_run::SceneRun;
use scenes::{FOLLOW_UPS, GoldenScene};

macro_rules! scenes {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            check_scene(&scenes::$name());
        })+

        #[test]
        fn every_recorded_scene_is_played() {
            let recorded = std::fs::read_dir(root()).unwrap();
            let mut recorded: Vec<_> = recorded
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.path().is_dir())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            recorded.sort();
            let mut scene_run = vec![$(stringify!($name)),+];
            scene_run.sort();
            assert_eq!(recorded, scene_run);
        }
    };
}

scenes! {
    bad_rows
    bad_rows_in_batches
    batches
    former_codes
    format_1
    format_2
    interrupted
    interrupted_in_batches
    labels
    limit_of_one
    limited
    many_at_once
    merged
    odd_file
    parents
    rehearsal
    retried
    single
    skips_in_batches
    skips_what_stands
    stopped
    streamed
    undo_stopped
    undone
    v1
    verified
}

/// The folder of the recordings.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden")
}

/// The program whose results are recorded, and whether it records kept files too.
fn recorder() -> Option<(String, bool)> {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program")]
    let program = std::env::var("GOLDEN_PROGRAM").ok()?;
    match program.strip_suffix('!') {
        Some(program) => Some((program.to_owned(), true)),
        None => Some((program, false)),
    }
}

fn check_scene(scene: &GoldenScene) {
    let folder = root().join(scene.name);
    let recorder = recorder();
    let program = recorder.as_ref().map(|(program, _)| program.as_str());
    let (scene_run, _sandbox) = SceneRun::new(scene, program);
    match recorder {
        Some((_, writes_kept)) if writes_kept || !scene.is_kept => scene_run.write_files(&folder),
        Some(_) | None => {}
    }
    if !scene.is_kept {
        compare(scene, "run.txt", &scene_run.text(), program.is_some());
        if program.is_none() {
            scene_run.assert_files(&folder);
        }
    }
    for (name, line) in FOLLOW_UPS {
        let (then, sandbox) = SceneRun::new(scene, program);
        then.replace_files(&folder, &sandbox);
        let text = then.follow_up(line, &sandbox);
        compare(scene, &format!("then-{name}.txt"), &text, program.is_some());
    }
}

/// Compares a text with the recorded one, or records it.
fn compare(scene: &GoldenScene, name: &str, now: &str, records: bool) {
    let path = root().join(scene.name).join(name);
    if records {
        std::fs::write(&path, now).unwrap();
        return;
    }
    let then = std::fs::read_to_string(&path).unwrap();
    mask::assert_same(&format!("{}/{name}", scene.name), &then, now);
}
