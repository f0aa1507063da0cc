//! The names of files that stand beside the results of a run, made from theirs byte
//! by byte: they may be no UTF-8.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

/// Where the failures of a results file go, `n` counting from 1:
/// `links.results.csv` → `links.failures.csv`, `links.failures-2.csv`, …
#[must_use]
pub fn failures_path(results: &Path, n: u32) -> PathBuf {
    let stem = run_name(results).or_else(|| results.file_stem());
    sibling_path(results, stem, "failures", n)
}

/// Where else something about a run goes: `links.results.csv` → `links.<what>.csv`,
/// `links.<what>-2.csv`, …
#[must_use]
pub fn report_path(results: &Path, what: &str, n: u32) -> PathBuf {
    let stem = run_name(results).or_else(|| stem_before(results, "csv"));
    sibling_path(results, stem.or_else(|| results.file_name()), what, n)
}

/// The results of another run of the same input: `links.results.csv` →
/// `links.results-2.csv`, …
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

/// The file's name without this ending, if it has it.
fn stem_before<'a>(path: &'a Path, ending: &str) -> Option<&'a OsStr> {
    let has_it = path.extension().is_some_and(|found| found == ending);
    path.file_stem().filter(|_| has_it)
}

fn sibling_path(results: &Path, stem: Option<&OsStr>, what: &str, n: u32) -> PathBuf {
    let number = if n > 1 {
        format!("-{n}")
    } else {
        String::new()
    };
    let mut name = OsString::from(stem.unwrap_or_default());
    name.push(format!(".{what}{number}.csv"));
    results.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failures_follow_the_name_of_the_results() {
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
            assert_eq!(failures_path(Path::new(results), n), Path::new(expected));
        }
    }

    #[test]
    fn so_do_reports() {
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
