//! No files of the program depend on each other in a cycle, including a folder's `mod.rs`, and no
//! path outside a `use` line hides a dependency.

pub(super) mod tokens;
mod uses;

use std::{collections::BTreeSet, fs, path::Path};

use super::house::sources;
use uses::Crate;

/// Remaining cycles, each with all its files. Remove a cycle from the list when it is broken up.
const CIRCLES: &[&[&str]] = &[];

/// Files that still have paths outside their `use` lines.
const PATHS: &[&str] = &[];

#[test]
fn no_files_depend_on_each_other() {
    let program = program();
    let known: Vec<_> = CIRCLES.iter().map(|circle| circle.to_vec()).collect();
    assert_eq!(
        program.cycles(),
        known,
        "circles of files, and those that are known"
    );
}

#[test]
fn every_path_into_another_module_is_in_a_use_line() {
    let program = program();
    let paths = program.paths();
    let files: BTreeSet<_> = paths.keys().copied().collect();
    let known: BTreeSet<_> = PATHS.iter().copied().collect();
    assert_eq!(
        files, known,
        "files with paths outside `use` lines, and those that are known: {paths:#?}"
    );
}

#[test]
fn cycles_and_paths_are_found() {
    let files = [
        // The folder's `mod.rs` names its child in a `use` tree of several lines, after its tests.
        (
            "a/mod.rs",
            "mod b;\n#[cfg(test)]\nmod tests;\npub use b::{\n    X, c::{Y, Z},\n};",
        ),
        (
            "a/b.rs",
            "use std::io; // use crate::d;\nuse super::Other;\n\"\nuse that version\";",
        ),
        ("a/tests.rs", "use crate::d::D;"),
        (
            "d.rs",
            "//! See crate::a.\npub(super) use crate::e::E as F;\nuse crate::a::X;",
        ),
        (
            "e.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests { use crate::d; }\nuse crate::g;",
        ),
        // This file names its child without a `use` line.
        ("g/mod.rs", "mod h;\nfn f() { h::f() }"),
        ("g/h.rs", "mod i { use super::super::G; }"),
        (
            "j.rs",
            "fn f() { crate::a::b() }\n#[cfg(test)]\nmod tests {\n#[serde(with = \"super::b\")] }",
        ),
        (
            "k.rs",
            "pub(in crate::a) fn f() { say(\"super\"); } /* crate::b */ // super::c",
        ),
    ];
    let files = files.map(|(path, source)| (format!("src/{path}"), source.to_owned()));
    let program = Crate::new(files);
    assert_eq!(
        program.cycles(),
        [
            ["src/a/b.rs", "src/a/mod.rs"],
            ["src/g/h.rs", "src/g/mod.rs"]
        ]
    );
    let paths: Vec<_> = program.paths().into_iter().collect();
    assert_eq!(paths, [("src/j.rs", vec![1, 4]), ("src/k.rs", vec![1])]);
}

fn program() -> Crate {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = sources(&root.join("src"));
    assert!(files.len() > 200, "only {} files found", files.len());
    Crate::new(files.iter().map(|file| {
        let path = file.strip_prefix(root).unwrap().to_str().unwrap();
        (path.replace('\\', "/"), fs::read_to_string(file).unwrap())
    }))
}
