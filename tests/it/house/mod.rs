//! The rules of this repository that no lint checks.

mod fields;
mod literals;
mod names;
mod phrases;
mod words;

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Files stay short enough to be read in one go, including tests.
const LONGEST_FILE: usize = 500;

#[test]
fn every_source_file_is_short_and_says_what_it_owns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> = ["src", "tests", "benches"]
        .iter()
        .flat_map(|d| sources(&root.join(d)))
        .collect();
    assert!(files.len() > 50, "only {} files found", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines",
            path.display()
        );
        assert!(
            text.starts_with("//!"),
            "{} does not say what it owns",
            path.display()
        );
    }
}

/// Where an API version may be named: in its own folder, in the lists of versions, and in the local
/// HubSpot, which has all versions.
const NAMES_VERSIONS: [&str; 5] = [
    "src/hubspot/v1",
    "src/hubspot/dated",
    "src/hubspot/api_version.rs",
    "src/tables",
    "src/sandbox",
];

#[test]
fn no_neutral_module_names_a_version_of_the_api() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_neutral = |path: &PathBuf| {
        let of_tests = |part: &OsStr| part == "tests" || part == "tests.rs";
        let below = path.strip_prefix(root).unwrap();
        !below.iter().any(of_tests) && !NAMES_VERSIONS.iter().any(|own| below.starts_with(own))
    };
    let files = sources(&root.join("src")).into_iter().filter(is_neutral);
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (line, number) in code.lines().zip(1..) {
            let code = line.split("//").next().unwrap();
            let is_listed = code.starts_with("mod ");
            let named = ["v1", "2026_09", "2026-09"]
                .into_iter()
                .find(|name| code.contains(name) && !is_listed);
            assert_eq!(named, None, "{}:{number}: {line}", path.display());
        }
    }
}

pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
