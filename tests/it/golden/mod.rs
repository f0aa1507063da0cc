//! What the program did before it was rebuilt: the files that runs left, and what
//! later commands made of them. It has to do the same today, byte for byte.
//!
//! Each scene is recorded in a folder of its own: `files` are those that its run left, as
//! they were; `run.txt` is what it said and sent; and `then-*.txt` is what another
//! command made of those files. In the comparison is masked what no two runs share: times,
//! correlation ids, the port of the server, and checksums of what holds these; and left out is
//! what a session has called, which run logs say since.
//!
//! With `GOLDEN_PROGRAM` set to a program, its doings are recorded instead of compared.
//! Where it ends with `!`, also the files of those scenes that are kept because an older
//! version has written them.
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

/// Where the scenes are recorded.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden")
}

/// The program whose doings are recorded, and whether it writes what is kept, too.
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
