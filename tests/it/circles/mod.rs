//! Which files of the program use each other, read off their `use` lines: none does in a circle,
//! a folder's own `mod.rs` included, and no path outside a `use` line hides one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::house::sources;

/// Circles that are still there, each with all its files. Whoever opens one takes it off.
const CIRCLES: &[&[&str]] = &[
    &[
        "src/app/connect.rs",
        "src/app/doctor/answers.rs",
        "src/app/doctor/mod.rs",
        "src/app/doctor/words.rs",
        "src/app/mod.rs",
        "src/app/print.rs",
        "src/app/summary.rs",
        "src/app/usage.rs",
    ],
    &[
        "src/association/definition.rs",
        "src/association/limits.rs",
        "src/association/merges.rs",
        "src/association/mod.rs",
        "src/association/object_type.rs",
        "src/association/order.rs",
        "src/association/table.rs",
    ],
    &[
        "src/caller/breaker/mod.rs",
        "src/caller/breaker/state.rs",
        "src/caller/in_flight.rs",
    ],
    &[
        "src/caller/decision.rs",
        "src/caller/mod.rs",
        "src/caller/operation.rs",
        "src/caller/question.rs",
        "src/messages/calls.rs",
        "src/messages/mod.rs",
    ],
    &[
        "src/config/again.rs",
        "src/config/credentials.rs",
        "src/config/meaning.rs",
        "src/config/mod.rs",
        "src/config/paths.rs",
        "src/config/proxy.rs",
        "src/config/state.rs",
    ],
    &[
        "src/sandbox/crm.rs",
        "src/sandbox/dated/body.rs",
        "src/sandbox/dated/mod.rs",
        "src/sandbox/dated/read.rs",
        "src/sandbox/dated/route.rs",
        "src/sandbox/endpoint.rs",
        "src/sandbox/record.rs",
    ],
    &[
        "src/sandbox/forms.rs",
        "src/sandbox/options.rs",
        "src/sandbox/wrong.rs",
    ],
];

/// Files that still have paths outside their `use` lines.
const PATHS: &[&str] = &[
    "src/app/past_run.rs",
    "src/caller/decision.rs",
    "src/hubspot/oauth.rs",
    "src/messages/calls.rs",
    "src/messages/stop.rs",
    "src/sandbox/initial.rs",
    "src/sandbox/wrong.rs",
];

/// Files by their module's path, such as `journal::past`, with their text less tests and comments.
type Modules = BTreeMap<String, (String, String)>;

#[test]
fn no_file_uses_one_that_uses_it() {
    let modules = modules();
    let circles = circles(&edges(&modules));
    let circles: Vec<Vec<&str>> = circles
        .iter()
        .map(|circle| circle.iter().map(String::as_str).collect())
        .collect();
    let known: Vec<_> = CIRCLES.iter().map(|circle| circle.to_vec()).collect();
    assert_eq!(circles, known, "circles of files, and those that are known");
}

#[test]
fn every_path_into_another_module_stands_in_a_use_line() {
    let modules = modules();
    let files: BTreeSet<_> = modules
        .values()
        .filter(|(_, text)| has_path(&text_and_uses(text).0))
        .map(|(file, _)| file.as_str())
        .collect();
    let known: BTreeSet<_> = PATHS.iter().copied().collect();
    assert_eq!(
        files, known,
        "files with paths outside `use` lines, and those that are known"
    );
}

#[test]
fn circles_and_paths_are_found_where_there_are_some() {
    let module = |name: &str, text: &str| {
        let file = format!("src/{}.rs", name.replace("::", "/"));
        (name.to_owned(), (file, stripped(text)))
    };
    let modules = Modules::from([
        module("a", "mod b;\npub use b::{\n    X, c::{Y, Z},\n};"),
        module(
            "a::b",
            "use std::io; // use crate::d;\nuse super::Other;\n\"\nuse that version\";",
        ),
        module("d", "//! See crate::a.\npub(super) use crate::e::E as F;"),
        module("e", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::d; }"),
    ]);
    assert_eq!(
        circles(&edges(&modules)),
        BTreeSet::from([["src/a.rs", "src/a/b.rs"].map(str::to_owned).to_vec()])
    );
    let other = "use crate::a;\npub(in crate::a) fn f() { say(\"super\"); } // crate::b";
    assert!(!has_path(&text_and_uses(&stripped(other)).0));
    for path in ["crate::b::f()", "#[serde(with = \"super::b\")]"] {
        assert!(has_path(&text_and_uses(&stripped(path)).0), "{path}");
    }
}

/// All files of the program but tests, and but those that join its modules.
fn modules() -> Modules {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("src");
    let mut modules = Modules::new();
    for path in sources(&folder) {
        let inner = path.strip_prefix(&folder).unwrap().with_extension("");
        let mut name: Vec<_> = inner.iter().map(|part| part.to_str().unwrap()).collect();
        if name.contains(&"tests") || matches!(name[..], ["lib" | "main"]) {
            continue;
        }
        name.pop_if(|last| *last == "mod");
        let file = path.strip_prefix(root).unwrap().to_str().unwrap();
        let text = stripped(&fs::read_to_string(&path).unwrap());
        modules.insert(name.join("::"), (file.replace('\\', "/"), text));
    }
    assert!(modules.len() > 200, "only {} files found", modules.len());
    modules
}

/// The text without its tests and comments.
fn stripped(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The `use` statements of a text, and what is left of it.
fn text_and_uses(text: &str) -> (String, Vec<String>) {
    let (mut rest, mut trees) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let words = line.trim_start();
        let after_pub = match words.strip_prefix("pub") {
            Some(after) if after.starts_with('(') => after.split_once(')').map(|it| it.1),
            public => public,
        };
        let tree = after_pub.unwrap_or(words).trim_start().strip_prefix("use ");
        let Some(tree) = tree.filter(|tree| is_path(tree)) else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().expect("a `use` without its end"));
        }
        let (tree, behind) = tree.split_once(';').unwrap();
        trees.push(tree.to_owned());
        rest.push_str(behind);
    }
    (rest, trees)
}

/// Whether a path begins with this, and no sentence.
fn is_path(text: &str) -> bool {
    let after = text.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    ["::", ";", " as "]
        .iter()
        .any(|next| after.starts_with(next))
}

/// Whether a path leads into another module.
fn has_path(text: &str) -> bool {
    let text = text.replace("(in crate::", "(");
    text.contains("crate::") || text.contains("super::")
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn flat(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').unwrap().0;
    let mut depth = 0;
    let parts = inner.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    parts
        .filter(|part| !part.trim().is_empty())
        .flat_map(flat)
        .map(|path| format!("{}{path}", head.trim()))
        .collect()
}

/// Which files each file uses.
fn edges(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
    let mut edges = BTreeMap::<_, BTreeSet<_>>::new();
    for (name, (file, text)) in modules {
        let used = edges.entry(file.clone()).or_default();
        let trees = text_and_uses(text).1;
        for path in trees.iter().flat_map(|tree| flat(tree)) {
            let mut target = target(name, &path);
            while !target.is_empty() && !modules.contains_key(&target) {
                target = parent(&target).to_owned();
            }
            if let Some((other, _)) = modules.get(&target)
                && other != file
            {
                used.insert(other.clone());
            }
        }
    }
    edges
}

/// Where a path in this module leads, from the root on.
fn target(module: &str, path: &str) -> String {
    if let Some(path) = path.strip_prefix("crate::") {
        return path.to_owned();
    }
    let (mut from, mut path) = (module, path);
    while let Some(shorter) = path.strip_prefix("super::") {
        (from, path) = (parent(from), shorter);
    }
    let path = path.strip_prefix("self::").unwrap_or(path);
    format!("{from}::{path}").trim_start_matches(':').to_owned()
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

/// Sets of files that all lead to each other.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let all: BTreeMap<_, _> = edges
        .keys()
        .map(|file| (file, reached(file, edges)))
        .collect();
    let circle = |file: &String| {
        let back = all[file].iter().filter(|other| all[*other].contains(file));
        back.map(|other| (*other).clone()).collect::<Vec<_>>()
    };
    edges
        .keys()
        .map(circle)
        .filter(|it| !it.is_empty())
        .collect()
}

/// All files that this one leads to.
fn reached<'a>(
    from: &'a String,
    edges: &'a BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<&'a String> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        next.extend(edges[file].iter().filter(|used| seen.insert(*used)));
    }
    seen
}
