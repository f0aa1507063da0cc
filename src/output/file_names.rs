//! The names of files beside the results of a run. They are derived byte by byte, since names
//! may not be UTF-8.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

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
