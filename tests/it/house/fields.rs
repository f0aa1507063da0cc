//! No type has too many fields.

use std::{collections::BTreeSet, fs, path::Path};

use super::sources;
use crate::dependency_cycles::tokens::{
    Token::{self, Mark, Text, Word},
    tokens,
};

/// A type with more fields should group some of them in a type with a name.
const MOST: usize = 9;

/// Plain option structs, whose fields are independent choices.
const OPTIONS: [(&str, &str); 4] = [
    ("src/cli/args.rs", "ImportArgs"),
    ("src/cli/args.rs", "InputArgs"),
    ("src/input/options.rs", "InputOptions"),
    ("src/sandbox/options.rs", "SandboxOptions"),
];

#[test]
fn no_type_has_more_than_nine_fields_but_plain_options() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut large, mut seen) = (BTreeSet::new(), 0);
    for path in sources(&root.join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root).unwrap().to_str().unwrap();
        for (name, fields) in structs(&text) {
            seen += 1;
            if fields.len() > MOST {
                large.insert((file.replace('\\', "/"), name));
            }
        }
    }
    assert!(seen > 200, "only {seen} structs found");
    let options = OPTIONS.map(|(file, name)| (file.to_owned(), name.to_owned()));
    assert_eq!(
        large,
        BTreeSet::from(options),
        "types with more than {MOST} fields, and those of plain options"
    );
}

#[test]
fn fields_are_distinguished_from_their_surroundings() {
    let source = "
        struct None; struct Pair<F: Fn(u8) -> u8>(F, std::u8); fn f() { let a: u8 = 1; }
        /// struct Comment { a: u8 }
        pub(super) struct Some<'a, F>
        where
            F: Fn(u8) -> Vec<u8>,
        {
            #[serde(default, with = \"a::b\")]
            pub(super) a: BTreeMap<u8, (u8, u8)>,
            // b: u8,
            c: &'a std::ffi::OsStr,
            pub d: Box<dyn Fn(e: u8) -> Result<u8, u8>>, r#e: [u8; 2]
        }
        impl Some { const F: u8 = 0; }
    ";
    let fields = ["a", "c", "d", "e"].map(str::to_owned);
    assert_eq!(structs(source), [("Some".to_owned(), fields.to_vec())]);
}

/// Structs with named fields: their names and the names of their fields.
fn structs(source: &str) -> Vec<(String, Vec<String>)> {
    let all: Vec<_> = tokens(source).into_iter().map(|it| it.0).collect();
    let begins = all
        .iter()
        .enumerate()
        .filter(|(_, it)| **it == Word("struct"));
    let named = begins.filter_map(|(at, _)| {
        let Some(Word(name)) = all.get(at + 1) else {
            return None;
        };
        let open = braces(&all[at + 2..])?;
        Some(((*name).to_owned(), fields(open)))
    });
    named.collect()
}

/// The tokens from the opening brace of a struct, after generics and bounds; `None` if it has no
/// braces.
fn braces<'a, 'b>(after: &'b [Token<'a>]) -> Option<&'b [Token<'a>]> {
    let generics = if after.first() == Some(&Mark('<')) {
        after.len() - after_bracket(after).len()
    } else {
        0
    };
    let rest = &after[generics..];
    if [Some(&Mark('(')), Some(&Mark(';'))].contains(&rest.first()) {
        return None;
    }
    let open = rest.iter().position(|it| *it == Mark('{'))?;
    Some(&rest[open..])
}

/// The tokens after the bracket that begins here and its partner.
fn after_bracket<'a, 'b>(open: &'b [Token<'a>]) -> &'b [Token<'a>] {
    let end = depths(open).position(|(_, depth)| depth == 0);
    end.map_or(&[], |end| &open[end + 1..])
}

/// The names of the fields between the braces that begin here.
fn fields(open: &[Token<'_>]) -> Vec<String> {
    let inside = depths(open).take_while(|(_, depth)| *depth > 0);
    let named = inside.filter_map(|(at, depth)| match open[at..] {
        // A path has two colons.
        [Word(name), Mark(':'), next, ..] if depth == 1 && next != Mark(':') => Some(name),
        _ => None,
    });
    named.map(str::to_owned).collect()
}

/// The index of each token, and the number of open brackets after it.
fn depths(tokens: &[Token<'_>]) -> impl Iterator<Item = (usize, i32)> {
    let mut depth = 0;
    tokens.iter().enumerate().map(move |(at, token)| {
        // An arrow closes nothing.
        let is_arrow = at > 0 && tokens[at - 1] == Mark('-');
        depth += match token {
            Mark('{' | '(' | '[' | '<') => 1,
            Mark('}' | ')' | ']') => -1,
            Mark('>') if !is_arrow => -1,
            Word(_) | Text(_) | Mark(_) => 0,
        };
        (at, depth)
    })
}
