//! Links between the pages lead to a file and a heading that are there.

use std::{collections::BTreeSet, path::Path};

use super::page;

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for name in page::all() {
        let text = page::read(&name);
        for target in targets(&text) {
            if let Some(why) = why_broken(&name, &target) {
                broken.push(format!("{name}: ({target}) {why}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What the links of a page lead to, but for addresses.
fn targets(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let parts = prose.split("](").skip(1);
    let targets = parts.filter_map(|part| Some(part.split_once(')')?.0.to_owned()));
    targets.filter(|target| !target.contains("://")).collect()
}

/// Without blocks and spans of code, in which brackets are no links.
fn without_code(text: &str) -> String {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            let spans = line.split('`').enumerate();
            prose.extend(spans.filter(|(at, _)| at % 2 == 0).map(|(_, span)| span));
            prose.push('\n');
        }
    }
    prose
}

fn why_broken(page_name: &str, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(page_name).parent().unwrap();
    let path = if file.is_empty() {
        page::root().join(page_name)
    } else {
        page::root().join(folder).join(file)
    };
    if !path.exists() {
        return Some("there is no such file".to_owned());
    }
    if anchor.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let found = anchors(&text).contains(anchor);
    (!found).then(|| "there is no such heading".to_owned())
}

/// The anchors of a page, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let heading = line.trim_start_matches('#');
        if is_code || heading == line || !heading.starts_with(' ') {
            continue;
        }
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c => c.is_alphanumeric().then_some(c),
        });
        found.insert(kept.collect());
    }
    found
}

#[test]
fn every_source_file_that_is_named_is_there() {
    let mut gone = Vec::new();
    for name in page::all() {
        let text = page::read(&name);
        let spans = text.split('`').skip(1).step_by(2);
        let paths = spans.filter(|span| span.starts_with("src/") || span.starts_with("tests/"));
        let missing = paths.filter(|path| !page::root().join(path).exists());
        gone.extend(missing.map(|path| format!("{name}: {path}")));
    }
    assert!(gone.is_empty(), "{}", gone.join("\n"));
}

#[test]
fn anchors_are_made_as_github_makes_them() {
    let text = "# Take it back (`undo`)\n```\n# no heading\n```\n## a_b, c-d & e\n";
    let wanted = ["take-it-back-undo", "a_b-c-d--e"].map(str::to_owned);
    assert_eq!(anchors(text), BTreeSet::from(wanted));
}
