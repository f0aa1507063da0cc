//! A page of the documents: where it is, its lines, and how it is written anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Set to rewrite examples and tables instead of comparing them.
const UPDATE: &str = "HUBASSOC_UPDATE_DOCUMENTS";

/// The repository.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether pages are rewritten in this run.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the program"
)]
pub(super) fn is_updated() -> bool {
    env::var(UPDATE).is_ok_and(|value| !value.is_empty())
}

/// The text of a page.
pub(super) fn read(page: &str) -> String {
    let path = root().join(page);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares a page with what it has to be, or rewrites it.
pub(super) fn hold(page: &str, wanted: &str, what: &str) {
    let text = read(page);
    if text == wanted {
        return;
    }
    if is_updated() {
        fs::write(root().join(page), wanted).unwrap();
        return;
    }
    panic!("{page}: {what}\n{}\n{HOW}", difference(&text, wanted));
}

/// How to mend a page that differs.
pub(super) const HOW: &str =
    "HUBASSOC_UPDATE_DOCUMENTS=1 cargo nextest run documents  rewrites examples and tables";

/// The lines around the first that differs.
pub(super) fn difference(written: &str, now: &str) -> String {
    const SHOWN: usize = 6;
    let pairs = written.lines().zip(now.lines());
    let same = pairs.take_while(|(left, right)| left == right).count();
    let part = |text: &str| {
        let lines: Vec<_> = text.lines().skip(same).take(SHOWN).collect();
        format!("    {}\n", lines.join("\n    "))
    };
    let (written, now) = (part(written), part(now));
    format!("  written, from line {}:\n{written}  now:\n{now}", same + 1)
}

/// All pages of the repository, as paths from its root.
pub(super) fn all() -> Vec<String> {
    let mut pages = Vec::new();
    collect(Path::new(""), &mut pages);
    pages.sort();
    pages
}

fn collect(folder: &Path, pages: &mut Vec<String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let name = PathBuf::from(entry.unwrap().file_name());
        let path = folder.join(&name);
        let hidden = name.to_string_lossy().starts_with('.');
        if root().join(&path).is_dir() {
            if !hidden && name != Path::new("target") {
                collect(&path, pages);
            }
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
}
