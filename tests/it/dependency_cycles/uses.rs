//! The dependencies between the files of a crate: their `use` lines, and paths in other places.
//!
//! It reads tokens, not types, so a dependency without a name is not found.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{
    Token::{self, Mark, Text, Word},
    tokens,
};

/// The names of a module, from the root of the crate.
type Module = Vec<String>;

/// The files of a crate, by module.
pub(super) struct Crate(BTreeMap<Module, File>);

struct File {
    path: String,
    source: String,
}

impl Crate {
    /// Parses files: the path of each, like `src/journal/mod.rs`, and its text.
    pub(super) fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let file = |(path, source): (String, String)| {
            let names = path.trim_end_matches(".rs").split('/').skip(1);
            let mut module: Module = names.map(str::to_owned).collect();
            module.pop_if(|last| last == "mod");
            (module, File { path, source })
        };
        Self(files.into_iter().map(file).collect())
    }

    /// The files with paths from the crate's root or a parent module outside their `use` lines, and
    /// the numbers of these lines.
    pub(super) fn paths(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut found = BTreeMap::<_, Vec<_>>::new();
        for file in self.0.values() {
            let all = tokens(&file.source);
            let mut uses = uses(&all).map(|(at, end, _)| at..end).peekable();
            for (at, (token, line)) in all.iter().enumerate() {
                uses.next_if(|lines| lines.end <= at);
                let in_use = uses.peek().is_some_and(|lines| lines.contains(&at));
                if !in_use && is_path(*token, &all[at + 1..]) {
                    found.entry(file.path.as_str()).or_default().push(*line);
                }
            }
        }
        found
    }

    /// Files that depend on each other in a cycle, each cycle sorted by name.
    pub(super) fn cycles(&self) -> Vec<Vec<&str>> {
        let used: BTreeMap<_, _> = self
            .0
            .iter()
            .filter(|(module, _)| !self.is_root(module) && !is_of_tests(module))
            .map(|(module, file)| (module, self.used_by(module, file)))
            .collect();
        let reached: BTreeMap<_, _> = used
            .keys()
            .map(|module| (*module, reached(module, &used)))
            .collect();
        let mut cycles = BTreeSet::new();
        for (module, from_here) in &reached {
            let back =
                |other: &&&Module| reached.get(**other).is_some_and(|it| it.contains(module));
            let circle: Vec<_> = from_here.iter().filter(back).collect();
            let mut paths: Vec<_> = circle.iter().map(|it| self.0[**it].path.as_str()).collect();
            paths.sort_unstable();
            if !paths.is_empty() {
                cycles.insert(paths);
            }
        }
        cycles.into_iter().collect()
    }

    fn is_root(&self, module: &Module) -> bool {
        ["src/lib.rs", "src/main.rs"].contains(&self.0[module].path.as_str())
    }

    /// The modules with their own file that this file names, without tests.
    fn used_by(&self, module: &Module, file: &File) -> BTreeSet<&Module> {
        let all = without_tests(&tokens(&file.source));
        let paths = uses(&all).flat_map(|(at, _, paths)| {
            let inner = inner_modules(&all[..at]);
            paths.into_iter().map(move |path| (inner.clone(), path))
        });
        let named = paths.map(|(inner, path)| absolute(module, &inner, &path));
        let named = named.chain(children(module, &all));
        let files = named.filter_map(|path| self.file_of(path));
        files.filter(|used| *used != module).collect()
    }

    /// The module with a file to which a path leads.
    fn file_of(&self, mut path: Module) -> Option<&Module> {
        while !path.is_empty() {
            if let Some((module, _)) = self.0.get_key_value(&path) {
                return Some(module);
            }
            path.pop();
        }
        None
    }
}

fn is_of_tests(module: &Module) -> bool {
    module.iter().any(|name| name == "tests")
}

/// The modules that can be reached from a module, including itself only in a cycle.
fn reached<'a>(
    from: &Module,
    used: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
) -> BTreeSet<&'a Module> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for other in used.get(module).into_iter().flatten() {
            if reached.insert(*other) {
                next.push(other);
            }
        }
    }
    reached
}

/// Whether a path from the root or a parent begins here, even in a text, because an attribute may
/// contain one.
fn is_path(token: Token<'_>, next: &[(Token<'_>, usize)]) -> bool {
    let goes_on = matches!(next, [(Mark(':'), _), (Mark(':'), _), ..]);
    match token {
        Word(word) => goes_on && ["crate", "super"].contains(&word),
        Text(text) => text.contains("crate::") || text.contains("super::"),
        Mark(_) => false,
    }
}

/// The `use` lines: their positions and the paths in them.
fn uses<'a>(
    all: &'a [(Token<'a>, usize)],
) -> impl Iterator<Item = (usize, usize, Vec<Vec<&'a str>>)> {
    let begins = all.iter().enumerate().filter(|(_, it)| it.0 == Word("use"));
    begins.filter_map(|(at, _)| {
        // `impl Trait + use<'a>` is not a `use` line.
        let end = at + all[at..].iter().position(|it| it.0 == Mark(';'))?;
        let tree: Vec<_> = all[at + 1..end].iter().map(|it| it.0).collect();
        (tree.first() != Some(&Mark('<'))).then(|| (at, end, leaves(&tree)))
    })
}

/// `a::{b, c::{d, self}}` as `a::b`, `a::c::d`, `a::c::self`.
fn leaves<'a>(tree: &[Token<'a>]) -> Vec<Vec<&'a str>> {
    let (mut found, mut outer, mut path) = (Vec::new(), vec![Vec::new()], Vec::new());
    let mut is_renamed = false;
    for token in tree.iter().chain([&Mark(',')]) {
        match token {
            Word("as") => is_renamed = true,
            Word(word) if !is_renamed => path.push(*word),
            Mark('*') => path.push("*"),
            Mark('{') => outer.push(path.clone()),
            Mark(',' | '}') => {
                let here = outer.last().cloned().unwrap_or_default();
                // Between a brace and the end of its list, or a comma and a brace, there is no
                // name.
                if path != here {
                    found.push(path);
                }
                if *token == Mark('}') {
                    outer.pop();
                }
                path = outer.last().cloned().unwrap_or_default();
                is_renamed = false;
            }
            Word(_) | Text(_) | Mark(_) => {}
        }
    }
    found
}

/// The absolute path of a path in this module.
fn absolute(module: &Module, inner: &[String], path: &[&str]) -> Module {
    let mut from = [module.as_slice(), inner].concat();
    for name in path {
        match *name {
            "crate" => from.clear(),
            "super" => drop(from.pop()),
            "self" => {}
            // The name of another crate leads to no module of this crate.
            name => from.push(name.to_owned()),
        }
    }
    from
}

/// The inline modules that are open at the end of these tokens.
fn inner_modules(before: &[(Token<'_>, usize)]) -> Vec<String> {
    let (mut open, mut depth) = (Vec::new(), 0);
    for at in 0..before.len() {
        match before[at].0 {
            Mark('{') => {
                depth += 1;
                if let [.., (Word("mod"), _), (Word(name), _)] = before[..at] {
                    open.push((depth, name.to_owned()));
                }
            }
            Mark('}') => {
                open.pop_if(|(since, _)| *since == depth);
                depth -= 1;
            }
            Word(_) | Text(_) | Mark(_) => {}
        }
    }
    open.into_iter().map(|(_, name)| name).collect()
}

/// The paths into child modules that a file uses without a `use` line.
fn children(module: &Module, all: &[(Token<'_>, usize)]) -> Vec<Module> {
    let declared = all.windows(3).filter_map(|it| match it {
        [(Word("mod"), _), (Word(name), _), (Mark(';'), _)] => Some(*name),
        _ => None,
    });
    let is_named = |name: &str| {
        all.windows(3).any(
            |it| matches!(it, [(Word(word), _), (Mark(':'), _), (Mark(':'), _)] if *word == name),
        )
    };
    let named = declared.filter(|name| is_named(name));
    named
        .map(|name| [module.as_slice(), &[name.to_owned()]].concat())
        .collect()
}

/// The attribute of items that exist only in tests.
const TEST: [Token<'_>; 7] = [
    Mark('#'),
    Mark('['),
    Word("cfg"),
    Mark('('),
    Word("test"),
    Mark(')'),
    Mark(']'),
];

/// Removes items that exist only in tests.
fn without_tests<'a>(all: &[(Token<'a>, usize)]) -> Vec<(Token<'a>, usize)> {
    let (mut kept, mut rest) = (Vec::new(), all);
    while let Some((first, others)) = rest.split_first() {
        if rest.len() >= TEST.len() && TEST.iter().zip(rest).all(|(token, it)| *token == it.0) {
            rest = &rest[TEST.len()..];
            rest = &rest[item(rest)..];
        } else {
            kept.push(*first);
            rest = others;
        }
    }
    kept
}

/// The number of tokens of an item: to its `;` or to its closing brace.
fn item(rest: &[(Token<'_>, usize)]) -> usize {
    let (mut depth, mut is_use) = (0, false);
    for (at, (token, _)) in rest.iter().enumerate() {
        match token {
            Word("use") if depth == 0 => is_use = true,
            Mark('{' | '(' | '[') => depth += 1,
            Mark('}' | ')' | ']') => depth -= 1,
            Word(_) | Text(_) | Mark(_) => {}
        }
        let closes = *token == Mark('}') && !is_use;
        if depth < 0 {
            return at;
        }
        if depth == 0 && (*token == Mark(';') || closes) {
            return at + 1;
        }
    }
    rest.len()
}

#[test]
fn use_trees_of_several_lines_are_parsed() {
    let source = "use a::{\n  b, c::{self, d::*,},\n  e as f,};\npub(super) use super::g;\n\
                  fn h() -> impl I + use<'_> {}\nmod i { use super::j; }\n\
                  #[cfg(test)]\nuse a::{k};\n#[cfg(test)]\nmod l { use m; }\nuse n;";
    let all = tokens(source);
    let all = without_tests(&all);
    let found: Vec<_> = uses(&all)
        .flat_map(|it| it.2)
        .map(|it| it.join("::"))
        .collect();
    let expected = [
        "a::b",
        "a::c::self",
        "a::c::d::*",
        "a::e",
        "super::g",
        "super::j",
        "n",
    ];
    assert_eq!(found, expected);
    let inner = uses(&all).nth(2).map(|it| inner_modules(&all[..it.0]));
    assert_eq!(inner, Some(vec!["i".to_owned()]));
}
