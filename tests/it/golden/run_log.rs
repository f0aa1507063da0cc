//! Run logs without what depends on timing: the number of syncs, and the order of snapshots of rows
//! in flight at the same time.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::Value;

/// Whether a line is an event of this name.
fn is_event(line: &str, name: &str) -> bool {
    line.starts_with(&format!("{{\"{name}\":"))
}

/// Replaces the syncs of a session by their sum, just before its end. Syncs of a killed session are
/// omitted.
pub(super) fn with_combined_syncs(log: &str) -> String {
    let (mut reached, mut blocks) = (None, BTreeMap::<_, BTreeMap<_, u64>>::new());
    let mut out = String::new();
    for line in log.split_inclusive('\n') {
        if is_event(line, "synced") {
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
        if is_event(line, "ended") {
            writeln!(out, "synced: {:?} {blocks:?}", reached.take()).unwrap();
            blocks.clear();
        }
        out += &without_rows_under_way(&without_counters(line));
    }
    out
}

/// Removes the call counters of a session, which are newer than the recordings.
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

/// Removes the list of rows under way, which is newer than the recordings. No row was.
fn without_rows_under_way(line: &str) -> String {
    line.replace(",\"under_way\":[]", "")
}

/// Collects all snapshots at the end of the log.
pub(super) fn with_combined_snapshots(log: &str) -> String {
    let (mut absent, mut before, mut ids) = (BTreeSet::new(), BTreeMap::new(), 0_u64);
    let mut others = String::new();
    for line in log.split_inclusive('\n') {
        let notes = ["absent", "before", "ids"];
        if !notes.into_iter().any(|name| is_event(line, name)) {
            others += line;
            continue;
        }
        let mut note: Value = serde_json::from_str(line).unwrap();
        for range in note["absent"].as_array().into_iter().flatten() {
            absent.extend(range[0].as_u64().unwrap()..=range[1].as_u64().unwrap());
        }
        for entry in note["before"].as_array_mut().into_iter().flatten() {
            before.insert(entry["r"].as_u64().unwrap(), entry.take().to_string());
        }
        ids = ids.wrapping_add(note["ids"].as_u64().unwrap_or(0));
    }
    format!("{others}notes: {absent:?} {before:#?} {ids}\n")
}
