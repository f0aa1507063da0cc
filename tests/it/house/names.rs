//! One name has one meaning in the whole program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::sources;

/// Names that several types still have.
const EXCEPTIONS: &[&str] = &[
    "Access", "Found", "Gone", "Held", "Id", "Key", "Kind", "Limit", "Links", "Made", "Meaning",
    "Next", "Opening", "Origin", "Panics", "Place", "Plan", "Record", "Recorded", "Records",
    "Rest", "Seen", "Source", "State", "Token", "Told", "Type", "Typed", "Wanted", "Write",
];

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
    files.retain(|name, files| files.len() > 1 && !EXCEPTIONS.contains(&&**name));
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
