//! The names of files beside the results of a run. They are derived byte by byte, since names
//! may not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// What the other files of a run have in their names.
const OF_RUN: [&str; 4] = ["failures", "missing", "undo", "verify"];

/// The failures file of a results file, `n` counting from 1: `links.results.csv` →
/// `links.failures.csv`, `links.failures-2.csv`, …, or with another extension.
#[must_use]
pub fn failures_path(results: &Path, n: u32, extension: &str) -> PathBuf {
    let stem = run_name(results).or_else(|| results.file_stem());
    sibling_path(results, stem, "failures", n, extension)
}

/// The path of a report on a run: `links.results.csv` → `links.<what>.csv`,
/// `links.<what>-2.csv`, …
#[must_use]
pub fn report_path(results: &Path, what: &str, n: u32) -> PathBuf {
    let stem = run_name(results).or_else(|| stem_before(results, "csv"));
    sibling_path(
        results,
        stem.or_else(|| results.file_name()),
        what,
        n,
        "csv",
    )
}

/// The results of another run with the same input: `links.results.csv` → `links.results-2.csv`,
/// …
#[must_use]
pub fn numbered_path(results: &Path, n: u32) -> PathBuf {
    let stem = stem_before(results, "csv").or_else(|| results.file_name());
    let mut name = OsString::from(stem.unwrap_or_default());
    name.push(format!("-{n}.csv"));
    results.with_file_name(name)
}

/// The paths that the results of a run may have, by the path of one of its other files:
/// `links.verify-2.csv` → `links.results.csv`, or `links.csv`. Empty if it is named in another way.
#[must_use]
pub fn results_of(file: &Path) -> Vec<PathBuf> {
    let stem = file.file_stem().map(Path::new);
    let what = stem.and_then(Path::extension).and_then(OsStr::to_str);
    let word = what.and_then(|what| what.split('-').next());
    let is_of_run = word.is_some_and(|word| OF_RUN.contains(&word));
    let name = stem.and_then(Path::file_stem).filter(|_| is_of_run);
    let names = name.into_iter().flat_map(|name| {
        [".results.csv", ".csv"].map(|ending| {
            let mut name = name.to_owned();
            name.push(ending);
            name
        })
    });
    names.map(|name| file.with_file_name(name)).collect()
}

/// `links.results.csv` → `links`
fn run_name(results: &Path) -> Option<&OsStr> {
    stem_before(stem_before(results, "csv")?.as_ref(), "results")
}

/// The file's name without this extension, if it has it.
fn stem_before<'a>(path: &'a Path, ending: &str) -> Option<&'a OsStr> {
    let has_extension = path.extension().is_some_and(|found| found == ending);
    path.file_stem().filter(|_| has_extension)
}

fn sibling_path(
    results: &Path,
    stem: Option<&OsStr>,
    what: &str,
    n: u32,
    extension: &str,
) -> PathBuf {
    let number = if n > 1 {
        format!("-{n}")
    } else {
        String::new()
    };
    let mut name = OsString::from(stem.unwrap_or_default());
    name.push(format!(".{what}{number}.{extension}"));
    results.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failures_file_is_named_after_the_results() {
        for (results, n, expected) in [
            ("d/links.results.csv", 1, "d/links.failures.csv"),
            (
                "links.sandbox.results.csv",
                2,
                "links.sandbox.failures-2.csv",
            ),
            ("out.csv", 1, "out.failures.csv"),
            ("out", 1, "out.failures.csv"),
            ("out.txt", 1, "out.failures.csv"),
            (".out", 1, ".out.failures.csv"),
        ] {
            assert_eq!(
                failures_path(Path::new(results), n, "csv"),
                Path::new(expected)
            );
        }
    }

    #[test]
    fn the_results_of_a_file_are_known_by_its_name() {
        for (file, expected) in [
            ("d/links.verify.csv", "d/links.results.csv"),
            ("links.failures-2.xlsx", "links.results.csv"),
            ("a.b.undo.csv", "a.b.results.csv"),
        ] {
            assert_eq!(results_of(Path::new(file))[0], Path::new(expected));
        }
        assert_eq!(
            results_of(Path::new("out.undo.csv"))[1],
            Path::new("out.csv")
        );
        for other in ["links.csv", "links.results.csv", "verify.csv", ""] {
            assert!(results_of(Path::new(other)).is_empty(), "{other}");
        }
    }

    #[test]
    fn reports_are_named_after_the_results() {
        for (results, n, expected) in [
            ("d/links.results.csv", 1, "d/links.undo.csv"),
            ("links.results.csv", 3, "links.undo-3.csv"),
            ("out.csv", 1, "out.undo.csv"),
            ("out.txt", 1, "out.txt.undo.csv"),
            ("results.csv", 1, "results.undo.csv"),
        ] {
            assert_eq!(
                report_path(Path::new(results), "undo", n),
                Path::new(expected)
            );
        }
    }
}
