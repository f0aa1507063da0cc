//! Run logs without what only chance decides: how often the results were synced on the
//! way, and which notes of rows that go at once came first.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::Value;

/// Whether a line is an event of this name.
fn is_of(line: &str, name: &str) -> bool {
    line.starts_with(&format!("{{\"{name}\":"))
}

/// All that a session synced, in the line before that of its end. What one synced that was
/// killed is left out.
pub(super) fn syncs_together(log: &str) -> String {
    let (mut reached, mut blocks) = (None, BTreeMap::<_, BTreeMap<_, u64>>::new());
    let mut out = String::new();
    for line in log.split_inclusive('\n') {
        if is_of(line, "synced") {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let synced = line["synced"].take();
            for (block, sums) in synced["blocks"].as_object().into_iter().flatten() {
                for (name, sum) in sums.as_object().unwrap() {
                    let all = blocks.entry(block.clone()).or_default();
                    let all = all.entry(name.clone()).or_default();
                    *all = all.wrapping_add(sum.as_u64().unwrap());
                }
            }
            reached = Some(synced["length"].clone());
            continue;
        }
        if is_of(line, "ended") {
            writeln!(out, "synced: {:?} {blocks:?}", reached.take()).unwrap();
            blocks.clear();
        }
        out += &without_counters(line);
    }
    out
}

/// What a session called is written down since, beside what stood there.
fn without_counters(line: &str) -> String {
    let Some((before, counters)) = line.split_once(",\"counters\":{") else {
        return line.to_owned();
    };
    let mut depth = 1;
    let end = counters.find(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        depth == 0
    });
    format!("{before}{}", &counters[end.unwrap() + 1..])
}

/// All notes of what stood in one place.
pub(super) fn notes_together(log: &str) -> String {
    let (mut absent, mut before, mut ids) = (BTreeSet::new(), BTreeMap::new(), 0_u64);
    let mut others = String::new();
    for line in log.split_inclusive('\n') {
        let notes = ["absent", "before", "ids"];
        if !notes.into_iter().any(|name| is_of(line, name)) {
            others += line;
            continue;
        }
        let mut note: Value = serde_json::from_str(line).unwrap();
        for range in note["absent"].as_array().into_iter().flatten() {
            absent.extend(range[0].as_u64().unwrap()..=range[1].as_u64().unwrap());
        }
        for stood in note["before"].as_array_mut().into_iter().flatten() {
            before.insert(stood["r"].as_u64().unwrap(), stood.take().to_string());
        }
        ids = ids.wrapping_add(note["ids"].as_u64().unwrap_or(0));
    }
    format!("{others}notes: {absent:?} {before:#?} {ids}\n")
}
