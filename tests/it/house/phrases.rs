//! The program's English: phrases that readers stumbled over do not come back, neither in
//! what it prints nor in its documents.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{literals::literals, words::files_except};

/// What people who are no native speakers asked about, in lower case. Beside each stands
/// what to write.
const STUMBLED_OVER: [(&str, &str); 34] = [
    ("as it stands", "unchanged"),
    ("what stands", "what exists"),
    ("link stands", "link exists"),
    ("links stand", "links exist"),
    ("stood before", "existed before"),
    ("will stay, for", "kept, because"),
    ("is no id", "is not a HubSpot ID"),
    ("are no text", "are not text"),
    ("is no file", "is not a file"),
    ("is no summary", "is not a summary"),
    ("and no file;", "not a file;"),
    ("a directory and", "a folder"),
    ("rows in a row", "consecutive rows"),
    ("in a row failed", "consecutive rows failed"),
    ("is mended", "is fixed"),
    ("looking first", "reading first"),
    ("looks first", "reads first"),
    ("look whether", "check that"),
    ("can be sent,", "is ready to import"),
    ("cells split by", "comma-separated"),
    ("hint: with", "tip: --batch max needs only"),
    ("calls would do", "needs only"),
    ("tells the limit", "reports its limit"),
    ("are left to others", "to keep free for other integrations"),
    ("nothing has got through", "HubSpot has been unavailable"),
    ("once more ends", "press Ctrl-C again to quit"),
    ("going on with the run", "resuming the run"),
    ("go on with the run", "resume the run"),
    ("does not read as it did", "has changed since the run"),
    (
        "beside it, which says",
        "is missing or incomplete; keep it in the same folder",
    ),
    ("not attempted or without", "not sent, or no answer yet"),
    ("retries are held back", "retries are limited"),
    ("cannot be put back later", "`undo` cannot restore"),
    (
        "what has to follow rows",
        "rows that must be re-sent in order",
    ),
];

#[test]
fn no_sentence_uses_a_phrase_that_readers_stumbled_over() {
    let code = files_except(&[]).flat_map(|(name, text)| {
        let said = literals(&text);
        said.into_iter().map(move |said| (name.clone(), said))
    });
    let pages = pages().into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        // A sentence may go on in the next line.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (path.display().to_string(), text)
    });
    let mut seen = 0;
    for (name, said) in code.chain(pages) {
        seen += 1;
        let said = said.to_lowercase();
        for (phrase, better) in STUMBLED_OVER {
            let phrase = phrase.to_lowercase();
            assert!(
                !said.contains(&phrase),
                "{name}: '{phrase}': write '{better}'"
            );
        }
    }
    assert!(seen > 1_000, "only {seen} texts");
}

/// The front page, the map, and the guide.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md"), root.join("ARCHITECTURE.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found
}
