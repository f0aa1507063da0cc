//! One name has one meaning in the whole program, and a comment explains itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::sources;

#[test]
fn no_two_types_have_one_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::<String, BTreeSet<String>>::new();
    for path in sources(&root.join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root).unwrap().display().to_string();
        for name in text.lines().filter_map(declared_type) {
            files
                .entry(name.to_owned())
                .or_default()
                .insert(file.clone());
        }
    }
    assert!(files.len() > 400, "only {} types found", files.len());
    files.retain(|_, files| files.len() > 1);
    assert!(files.is_empty(), "types of one name: {files:#?}");
}

#[test]
fn types_are_distinguished_from_associated_types_and_text() {
    for (line, name) in [
        ("pub(super) struct One<'a> {", Some("One")),
        ("    enum Two {", Some("Two")),
        ("pub trait Three: Send {", Some("Three")),
        ("struct Four(u8);", Some("Four")),
        ("type Five = u8;", Some("Five")),
        ("    pub(crate) type Six<T> = Vec<T>;", Some("Six")),
        ("    type Err = u8;", None),
        ("// struct Seven;", None),
        ("    struct and so on", None),
        ("let a = \"enum Eight {\";", None),
    ] {
        assert_eq!(declared_type(line), name, "{line}");
    }
}

/// The name of the type that a line declares. A `type` in an indented line without visibility is an
/// associated one, whose name its trait decides.
fn declared_type(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let (visibility, declaration) = match code.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ")?,
        None => code
            .strip_prefix("pub ")
            .map_or(("", code), |rest| ("pub", rest)),
    };
    let (keyword, rest) = declaration.split_once(' ')?;
    let is_associated = visibility.is_empty() && code.len() < line.len();
    match keyword {
        "struct" | "enum" | "trait" => {}
        "type" if !is_associated => {}
        _ => return None,
    }
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let is_declared = after.trim_start().is_empty()
        || after
            .trim_start()
            .starts_with(['{', '(', '<', ';', ':', '=']);
    (is_declared && !name.is_empty()).then_some(name)
}

#[test]
fn no_comment_begins_with_a_reference_to_its_neighbour() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "benches"];
    let files = folders
        .iter()
        .flat_map(|folder| sources(&root.join(folder)));
    let mut found = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let mut before = "";
        for (line, number) in text.lines().zip(1..) {
            if begins_with_the_same(before, line) {
                found.push(format!("{}:{number}: {line}", path.display()));
            }
            before = line;
        }
    }
    assert!(found.is_empty(), "say what it is:\n{}", found.join("\n"));
}

#[test]
fn only_the_beginning_of_a_comment_counts() {
    for (before, line, begins) in [
        ("fn a() {}", "/// The same with other options.", true),
        ("", "//! The same for files.", true),
        ("", "let a = 1; // The same again.", true),
        (
            "/// One seed repeats a run.",
            "/// The same seed, and another.",
            false,
        ),
        ("", "/// Another one of the same kind.", false),
        ("", "let text = \"The same\";", false),
    ] {
        assert_eq!(begins_with_the_same(before, line), begins, "{line}");
    }
}

/// Whether a comment begins in this line and in this way.
fn begins_with_the_same(before: &str, line: &str) -> bool {
    let (code, comment) = line.split_once("//").unwrap_or((line, ""));
    let is_in_text = code.matches('"').count() % 2 == 1;
    let goes_on = code.trim().is_empty() && before.trim_start().starts_with("//");
    let words = comment.trim_start_matches(['/', '!', ' ']);
    !is_in_text && !goes_on && words.starts_with("The same")
}
